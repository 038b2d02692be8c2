"""What sensors show in windows: as recorded, or upright and free of heading."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from gaitload.imu.rotations import rotation_of

WIDTH = {"acc": 3, "gyr": 3, "six_d": 6, "euler": 3}
"""Numbers of a channel."""


def upright(quaternion_wxyz: np.ndarray, within: slice = slice(None)) -> np.ndarray:
    """Orientations without the mean heading of their window, or of the samples `within` it.

    The heading of an orientation is its twist about the vertical: the yaw that is left when the shortest rotation that
    explains the tilt is taken out. It differs between sensors by how they are worn and how their headings drift, and
    tells nothing about the person. The mean over a window weights each sample by the square of the cosine of half the
    tilt, so that a sensor that is upside down for a moment, whose twist is not defined, does not decide.

    Parameters
    ----------
    quaternion_wxyz : ndarray, shape (N, P, 4)
        Sensor to earth (Z up).

    Returns
    -------
    ndarray, shape (N, P, 4)
    """
    w, z = quaternion_wxyz[..., 0], quaternion_wxyz[..., 3]
    # The square of w + iz has the twist as its argument and no sign of the quaternion.
    heading_rad = np.angle(np.mean((w + 1j * z)[:, within] ** 2, axis=1, keepdims=True))
    back = np.zeros_like(quaternion_wxyz)
    back[..., 0], back[..., 3] = np.cos(heading_rad / 2), -np.sin(heading_rad / 2)
    turned = rotation_of(back.reshape(-1, 4)) * rotation_of(quaternion_wxyz.reshape(-1, 4))
    return turned.as_quat(scalar_first=True).reshape(quaternion_wxyz.shape)


def sensor_features(
    acc: np.ndarray,
    gyr: np.ndarray,
    quaternion_wxyz: np.ndarray | None,
    *,
    channels: tuple[str, ...],
    frame: str,
    within: slice = slice(None),
) -> np.ndarray:
    """Channels of one sensor in windows.

    Parameters
    ----------
    acc, gyr : ndarray, shape (N, P, 3)
        Specific force (m/s^2) and angular rate (rad/s) in the sensor's frame.
    quaternion_wxyz : ndarray, shape (N, P, 4), or None
        Sensor to earth; needed for `heading_free`, `six_d` and `euler`.
    channels
        Of `WIDTH`, in the order wanted.
    frame
        `sensor`, or `heading_free`: vectors in an earth frame with Z up that faces where the sensor faced in the mean
        of the window, see `upright`.
    within
        Samples that the mean heading is taken over: a stance without its context, whose length differs with the cut.

    Returns
    -------
    ndarray, shape (N, P, C)
        `six_d` are the first two columns of the matrix from sensor to earth (Zhou et al. 2019), without jumps; `euler`
        roll, pitch and yaw (rad) of the sequence Z, Y, X, as sensors export them.
    """
    if frame == "heading_free":
        quaternion_wxyz = upright(quaternion_wxyz, within)
        rotation = rotation_of(quaternion_wxyz.reshape(-1, 4))
        acc, gyr = (rotation.apply(vector.reshape(-1, 3)).reshape(vector.shape) for vector in (acc, gyr))
    parts = []
    for channel in channels:
        if channel in ("acc", "gyr"):
            parts.append(acc if channel == "acc" else gyr)
        else:
            parts.append(_orientation(quaternion_wxyz, channel))
    return np.concatenate(parts, axis=-1)


def _orientation(quaternion_wxyz: np.ndarray, channel: str) -> np.ndarray:
    rotation: Rotation = rotation_of(quaternion_wxyz.reshape(-1, 4))
    if channel == "euler":
        flat = rotation.as_euler("ZYX")[:, ::-1]
    else:
        flat = rotation.as_matrix()[:, :, :2].swapaxes(1, 2).reshape(-1, 6)
    return flat.reshape(*quaternion_wxyz.shape[:-1], WIDTH[channel])
