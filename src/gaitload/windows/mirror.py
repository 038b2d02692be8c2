"""The left leg seen as if it were the right one.

Reflection in the sagittal plane takes a vector v to M v, and what turns (an angular velocity) w to -M w. The frames of
sensors are mirror images of each other (opensim_models/rajagopal/sensors.yaml): x and z of the left sensor are M x and
M z of the right one, and y = z cross x is then -M y. So in the sensors' own components the mirrored motion has

- specific force (x, -y, z): (M a)(M x) = a x, (M a)(-M y) = -a y, (M a)(M z) = a z;
- angular rate (-x, y, -z): likewise with -M w;
- orientation (w, -x, y, -z): the matrix R becomes D R D, where D = diag(1, -1, 1) mirrors earth and sensor alike.

Sensors of the midline (pelvis, torso) have x and z in the sagittal plane and y across it, -M y = y, so the same signs
hold for them. They are exact for sensors that are worn as they are placed. None is: one that is turned by t in its own
frame comes out as one turned by (-tx, ty, -tz), right about the person, and as likely a way of wearing it as its mirror
image. So what a pelvis sensor shows of right and left stances differs by twice its turn; `study.frame: heading_free`
takes inclination and heading of the turn out of it, and `study.training.mounting_rad` makes networks bear it. Earth
frames may differ by a heading, which mirrors to its negative and is taken out by `features.upright`.
"""

from __future__ import annotations

import re

import numpy as np

SENSOR_SIGNS = {
    "acc": np.array([1.0, -1.0, 1.0]),
    "gyr": np.array([-1.0, 1.0, -1.0]),
    "quat": np.array([1.0, -1.0, 1.0, -1.0]),
}
"""Factors of the components of a channel when it is mirrored."""


def channel_signs(channel: str, side: str) -> np.ndarray:
    """Factors of the components of a channel (`acc`, `gyr`, `quat`), seen from a side; ones but for the left."""
    signs = SENSOR_SIGNS[channel]
    return signs if side == "l" else np.ones_like(signs)


def column_sign(column: str, side: str) -> float:
    """Factor of a column, seen from a side.

    Coordinates of both legs count alike (flexion, adduction, internal rotation). Components along z point to the right
    on either side, and a free moment turns counter-clockwise for either foot: both change sign for the left.
    Channels of sensors change as `SENSOR_SIGNS` say.
    """
    channel = re.search(r"_(acc|gyr|quat)_([wxyz])(_|$)", column)
    if channel is not None:
        signs = channel_signs(channel[1], side)
        return float(signs["wxyz"[-len(signs) :].index(channel[2])])
    across = re.search(r"_[rl]_z_[a-z]", column) is not None or column.startswith("free_moment")
    return -1.0 if side == "l" and across else 1.0
