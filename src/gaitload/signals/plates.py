"""Force plates: from channels to a wrench on the person, and from a wrench to a centre of pressure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

CHANNELS_OF_KIND = {1: 6, 2: 6, 3: 8, 4: 6}
"""Number of analog channels per plate type of the C3D manual, for the types understood here."""


def plate_wrench(
    kind: int,
    channels: np.ndarray,
    corners_lab_m: np.ndarray,
    origin_plate_m: np.ndarray,
    cal_matrix: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Wrench of one plate about the origin of the lab frame.

    Plate axes follow the C3D manual's numbering of the corners: x = c1 - c2, y = c1 - c4, z = x cross y, which points
    into the floor. In these axes the recorded channels are the action of the plate on the person.

    Parameters
    ----------
    kind : int
        Plate type of the C3D manual: 1 (force, centre of pressure, free moment), 2 (force and moment), 3 (eight
        piezoelectric channels Fx12 Fx34 Fy14 Fy23 Fz1 Fz2 Fz3 Fz4), 4 (type 2 before its calibration matrix).
    channels : ndarray, shape (N, 6) or (N, 8)
        In N, N m and, for the centre of pressure of type 1, m; for type 4 whatever `cal_matrix` turns into N and N m.
    corners_lab_m : ndarray, shape (4, 3)
    origin_plate_m : ndarray, shape (3,)
        Type 2 and 4: from the plate's own origin to the centre of its surface. Type 3: half the sensor distances along
        x and y, then the height of the surface. Type 1: not used.
    cal_matrix : ndarray, shape (6, 6), or None
        Type 4 only: maps the channels to force and moment.

    Returns
    -------
    force_lab_n, moment_lab_nm : ndarray, shape (N, 3)

    Notes
    -----
    The surface lies above the plate's origin, so the third component of `origin_plate_m` is negative; some systems
    store the opposite vector, which shows in a positive one and is turned round (type 3: only its height).
    """
    axes = _plate_axes(corners_lab_m)
    force_plate, moment_surface_plate = surface_wrench(kind, channels, origin_plate_m, cal_matrix)
    force_lab = force_plate @ axes.T
    return force_lab, moment_surface_plate @ axes.T + np.cross(corners_lab_m.mean(axis=0), force_lab)


def surface_wrench(
    kind: int, channels: np.ndarray, origin_plate_m: np.ndarray, cal_matrix: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Force on the person, and moment about the middle of the surface, in the plate's axes; shapes (N, 3).

    Parameters are those of `plate_wrench`.
    """
    return _SURFACE_WRENCH[kind](channels, origin_plate_m, cal_matrix)


def center_of_pressure(
    force_n: np.ndarray, moment_origin_nm: np.ndarray, surface_height_m: float, up: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Where in a horizontal plane a wrench reduces to a force and a moment about the vertical.

    Parameters
    ----------
    force_n, moment_origin_nm : ndarray, shape (N, 3)
        Force, and moment about the origin of the frame they are given in.
    surface_height_m : float
        Height of the plane above that origin.
    up : int
        Index of the vertical axis; 1 for the ground frame.

    Returns
    -------
    cop_m : ndarray, shape (N, 3)
        NaN where the vertical force is zero.
    free_moment_nm : ndarray, shape (N,)
        Moment about the vertical through the centre of pressure; NaN where the vertical force is zero.
    """
    first, second = (up + 1) % 3, (up + 2) % 3
    vertical = np.where(force_n[:, up] == 0.0, np.nan, force_n[:, up])
    cop = np.empty_like(force_n, dtype=float)
    cop[:, first] = (surface_height_m * force_n[:, first] - moment_origin_nm[:, second]) / vertical
    cop[:, second] = (surface_height_m * force_n[:, second] + moment_origin_nm[:, first]) / vertical
    cop[:, up] = np.where(np.isnan(vertical), np.nan, surface_height_m)
    return cop, (moment_origin_nm - np.cross(cop, force_n))[:, up]


def _plate_axes(corners_lab_m: np.ndarray) -> np.ndarray:
    # Columns are the plate's unit axes in the lab frame; y is made perpendicular, as surveyed corners rarely are.
    x = corners_lab_m[0] - corners_lab_m[1]
    z = np.cross(x, corners_lab_m[0] - corners_lab_m[3])
    axes = np.column_stack((x, np.cross(z, x), z))
    return axes / np.linalg.norm(axes, axis=0)


def _from_centre_of_pressure(channels, origin_plate_m, cal_matrix):
    force = channels[:, :3]
    lever = np.column_stack((channels[:, 3:5], np.zeros(len(channels))))
    free_moment = np.column_stack((np.zeros((len(channels), 2)), channels[:, 5]))
    return force, np.cross(lever, force) + free_moment


def _from_force_and_moment(channels, origin_plate_m, cal_matrix):
    force, moment = channels[:, :3], channels[:, 3:]
    to_surface = -origin_plate_m if origin_plate_m[2] > 0.0 else origin_plate_m
    return force, moment + np.cross(force, to_surface)


def _from_four_sensors(channels, origin_plate_m, cal_matrix):
    fx12, fx34, fy14, fy23, fz1, fz2, fz3, fz4 = channels.T
    half_x, half_y, height = origin_plate_m
    force = np.column_stack((fx12 + fx34, fy14 + fy23, fz1 + fz2 + fz3 + fz4))
    moment = np.column_stack(
        (
            half_y * (fz1 + fz2 - fz3 - fz4),
            half_x * (fz2 + fz3 - fz1 - fz4),
            half_y * (fx34 - fx12) + half_x * (fy14 - fy23),
        )
    )
    return force, moment + np.cross(force, np.array([0.0, 0.0, -abs(height)]))


def _from_calibrated(channels, origin_plate_m, cal_matrix):
    return _from_force_and_moment(channels @ cal_matrix.T, origin_plate_m, None)


_SURFACE_WRENCH: dict[int, Callable] = {
    1: _from_centre_of_pressure,
    2: _from_force_and_moment,
    3: _from_four_sensors,
    4: _from_calibrated,
}
