"""From the laboratory's axes to the ground frame."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gaitload.conventions import AXES
from gaitload.errors import ConfigError, ConventionError
from gaitload.ingest.checks import check_gravity, check_push, check_units, facing_deg
from gaitload.models.markersets import MarkerSet
from gaitload.signals.clock import frames_within
from gaitload.trial import PlateWrench, Recording

_TURNS_DEG = {"static": (0, 90, 180, 270), "walk": (0, 180), "run": (0, 180), "other": (0, 180)}


@dataclass(frozen=True)
class GroundFrame:
    """How a recording came into the ground frame.

    Attributes
    ----------
    rotation : ndarray, shape (3, 3)
        Lab to ground, the turn included.
    facing_deg : float
        Where the person faces before the turn, from +X towards -Z (to the left), seen from above; NaN when unknown.
    turn_deg : int
        Turn about up that was applied, so that the person faces +X.
    """

    rotation: np.ndarray
    facing_deg: float
    turn_deg: int


def ground_rotation(forward: str, up: str) -> np.ndarray:
    """Rotation from the lab frame to the ground frame (X forward, Y up, Z right).

    Parameters
    ----------
    forward, up : str
        Lab axes that point forward and up: `"+x"`, `"-y"`, ...

    Returns
    -------
    ndarray, shape (3, 3)

    Raises
    ------
    ConfigError
        AXES_INVALID: not an axis, or both the same one.
    """
    ahead, above = _axis(forward), _axis(up)
    if ahead is None or above is None or forward[1] == up[1]:
        raise ConfigError(
            expected="two different lab axes, each of +x -x +y -y +z -z",
            found=f"forward {forward!r}, up {up!r}",
            where="lab_forward and lab_up of cohort.yaml",
            do="Write down which lab axis points forward and which one up.",
            code="AXES_INVALID",
        )
    return np.array([ahead, above, np.cross(ahead, above)])


def turn_about_up(degrees: float) -> np.ndarray:
    """Rotation about ground Y, shape (3, 3); positive turns +X towards -Z, to the left."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.round(np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]]), 15)


def to_ground(recording: Recording, rotation: np.ndarray) -> Recording:
    """The recording with every vector rotated; what its fields call lab is then the ground frame.

    Parameters
    ----------
    recording : Recording
    rotation : ndarray, shape (3, 3)
    """
    plates = tuple(
        PlateWrench(
            name=plate.name,
            force_lab_n=plate.force_lab_n @ rotation.T,
            moment_lab_nm=plate.moment_lab_nm @ rotation.T,
            corners_lab_m=None if plate.corners_lab_m is None else plate.corners_lab_m @ rotation.T,
            point_lab_m=None if plate.point_lab_m is None else plate.point_lab_m @ rotation.T,
        )
        for plate in recording.plates
    )
    return replace(recording, marker_lab_m=recording.marker_lab_m @ rotation.T, plates=plates)


def ground_frame(
    recording: Recording,
    marker_set: MarkerSet,
    lab_axes: tuple[str, str],
    activity: str,
    *,
    where: str,
    window: tuple[float, float] | None = None,
) -> GroundFrame:
    """Rotation into the ground frame, checked against units, gravity and the way the person faces.

    OpenSim wants X forward. Somebody who walks against the declared direction (there and back) is turned by half a
    turn about up; in a static trial, where people stand as they like, quarter turns are allowed too. The turn is part
    of the rotation, so markers and forces take it together.

    Parameters
    ----------
    recording : Recording
        In the lab frame.
    marker_set : MarkerSet
    lab_axes : tuple of str
        `(forward, up)`.
    activity : str
        One of `config.Activity`.
    where : str
    window : tuple of float, optional
        `(start_s, end_s)`, the part in which it matters where the person faces, as somebody who walks there and back
        faces both ways; by default all of the recording.

    Raises
    ------
    ConfigError
        AXES_INVALID.
    ConventionError
        UNITS_IMPLAUSIBLE, GRAVITY_CONTRADICTED, or DIRECTION_CONTRADICTED: the person faces sideways.
    """
    known = [column for column, name in enumerate(recording.marker_names) if name in marker_set.by_name]
    check_units(recording.marker_lab_m[:, known], where=where)
    rotation = ground_rotation(*lab_axes)
    grounded = to_ground(recording, rotation)
    check_gravity(grounded.marker_lab_m, recording.marker_names, marker_set, rotation, where=where)
    if activity != "static":
        check_push(grounded.plates, where=where)
    inside = frames_within(recording.marker_time_s, window or (-np.inf, np.inf))
    facing = facing_deg(grounded.marker_lab_m[inside], recording.marker_names, marker_set) if inside.any() else np.nan
    turn = -min(_TURNS_DEG[activity], key=lambda turn: _apart_deg(facing, turn)) % 360 if facing == facing else 0
    if _apart_deg(facing, -turn) > 45.0:
        raise ConventionError(
            expected=f"the person to face along lab axis {lab_axes[0]}, or against it",
            found=f"toes and pelvis facing {facing:.0f} deg to the left of it",
            where=where,
            do="Correct lab_forward in cohort.yaml.",
            code="DIRECTION_CONTRADICTED",
        )
    return GroundFrame(turn_about_up(turn) @ rotation, facing, turn)


def _axis(declared: str) -> np.ndarray | None:
    if len(declared) != 2 or declared[0] not in "+-" or declared[1] not in AXES:
        return None
    return np.eye(3)[AXES.index(declared[1])] * (1.0 if declared[0] == "+" else -1.0)


def _apart_deg(a: float, b: float) -> float:
    return abs((a - b + 180.0) % 360.0 - 180.0)
