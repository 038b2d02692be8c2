"""What may be wrong with sensors whose windows look unlike all that an estimator learnt from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from gaitload.bundles.likeness import Likeness
from gaitload.bundles.recording import trial_of
from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.errors import GaitloadError
from gaitload.imu.rotations import canonical, rotation_of
from gaitload.study import Study
from gaitload.trial import ImuRecording
from gaitload.windows.slicing import slice_trials

Sensors = Mapping[str, ImuRecording]
_TURNS = {
    f"turned by {degrees} deg about its {axis} axis": Rotation.from_rotvec(np.radians(degrees) * np.eye(3)[number])
    for number, axis in enumerate("xyz")
    for degrees in (180, 90, -90)
}


def likely_cause(sensors: Sensors, likeness: Likeness, study: Study, wanted: tuple[str, ...], **known) -> str:
    """The one change to the sensors, of those known, that makes their windows most like training; empty without any.

    Parameters
    ----------
    sensors
        By body, oriented.
    likeness
    study
        Settings of the bundle.
    wanted
        Its sensors.
    known
        Of the recording, see `recording.trial_of`.
    """
    scores = {}
    for cause, changed in _changes(sensors):
        try:
            windows, _ = slice_trials([trial_of(changed, **known)], study, wanted, labelled=False)
        except GaitloadError:
            continue
        scores[cause] = likeness.score(windows.inputs)
    best = min(scores, key=scores.__getitem__, default="")
    return best if best and scores[best] <= likeness.doubt else ""


def _changes(sensors: Sensors) -> Iterator[tuple[str, Sensors]]:
    """What may have gone wrong, in words, and the sensors as if it had not."""
    for one, other in _pairs(list(sensors)):
        yield (
            f"the sensors of {one} and {other} are exchanged",
            {
                **sensors,
                one: sensors[other],
                other: sensors[one],
            },
        )
    for body, recording in sensors.items():
        for words, turn in _TURNS.items():
            yield f"the sensor on {body} is {words}", {**sensors, body: _turned(recording, turn)}
        inverted = replace(recording, gyr_sensor_rad_per_s=-recording.gyr_sensor_rad_per_s)
        yield f"the angular rate of the sensor on {body} has the other sign", {**sensors, body: inverted}
    g, degree = STANDARD_GRAVITY_M_PER_S2, np.pi / 180.0
    for words, acc, gyr in (
        ("acceleration is in g, not in m/s2", g, 1.0),
        ("angular rate is in deg/s, not in rad/s", 1.0, degree),
        ("acceleration is in g and angular rate in deg/s", g, degree),
    ):
        yield words, {body: _scaled(recording, acc, gyr) for body, recording in sensors.items()}


def _pairs(bodies: list[str]) -> list[tuple[str, str]]:
    return [(one, other) for place, one in enumerate(bodies) for other in bodies[place + 1 :]]


def _turned(recording: ImuRecording, turn: Rotation) -> ImuRecording:
    """A recording as if its sensor had been worn turned back."""
    known = np.isfinite(recording.orientation_wxyz).all(axis=1)
    orientation = np.full_like(recording.orientation_wxyz, np.nan)
    back = rotation_of(recording.orientation_wxyz[known]) * turn.inv()
    orientation[known] = canonical(back.as_quat(scalar_first=True))
    return replace(
        recording,
        acc_sensor_m_per_s2=recording.acc_sensor_m_per_s2 @ turn.as_matrix().T,
        gyr_sensor_rad_per_s=recording.gyr_sensor_rad_per_s @ turn.as_matrix().T,
        orientation_wxyz=orientation,
    )


def _scaled(recording: ImuRecording, acc: float, gyr: float) -> ImuRecording:
    return replace(
        recording,
        acc_sensor_m_per_s2=recording.acc_sensor_m_per_s2 * acc,
        gyr_sensor_rad_per_s=recording.gyr_sensor_rad_per_s * gyr,
    )
