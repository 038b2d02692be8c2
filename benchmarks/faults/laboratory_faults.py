"""Faults of a laboratory's axes, units, clocks and calibration, which concern markers and forces together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.faults.situation import DEVELOPMENT, HELD_OUT, Fault, Situation


def rate_times(situation: Situation, factor: float, *, forces: bool) -> Situation:
    """The rate of the markers declared wrong, of the forces with it or not: their clock runs by another rate."""
    motion, start_s = situation.motion, situation.motion.marker_time_s[0]
    marker_time_s = start_s + (motion.marker_time_s - start_s) / factor
    force_time_s = motion.force_time_s
    if forces:
        force_time_s = start_s + (force_time_s - start_s) / factor
    window_s = tuple(start_s + (edge - start_s) / factor for edge in situation.window_s)
    changed = replace(motion, marker_time_s=marker_time_s, force_time_s=force_time_s)
    return replace(situation, motion=changed, window_s=window_s, row={**situation.row, **_window(window_s)})


def declared(situation: Situation, forward: str, up: str) -> Situation:
    """Axes of the laboratory declared wrong; `same` and `across` name those of the truth."""
    true_forward, true_up = situation.lab_axes
    across = next(axis for axis in "xyz" if axis not in (true_forward[1], true_up[1]))
    known = {"across": f"+{across}", "back": _negated(true_forward), "forward": true_forward, "up": true_up}
    known |= {"down": _negated(true_up)}
    return replace(situation, row={**situation.row, "lab_forward": known[forward], "lab_up": known[up]})


def mirrored(situation: Situation, *, markers: bool = True, forces: bool = True) -> Situation:
    """A left-handed laboratory: the axis across is mirrored, of markers, of plates or of both."""
    mirror = np.eye(3) - 2 * np.outer(situation.rotation[2], situation.rotation[2])
    changed = situation
    if markers:
        statics = {
            trial: replace(recording, marker_lab_m=recording.marker_lab_m @ mirror)
            for trial, recording in situation.statics.items()
        }
        changed = replace(changed.with_markers(situation.motion.marker_lab_m @ mirror), statics=statics)
    if forces:
        changed = changed.with_plates(
            lambda plate: replace(
                plate,
                force_lab_n=plate.force_lab_n @ mirror,
                # A moment is an axial vector: mirrored, it turns the other way.
                moment_lab_nm=-plate.moment_lab_nm @ mirror,
                corners_lab_m=None if plate.corners_lab_m is None else plate.corners_lab_m @ mirror,
                point_lab_m=None if plate.point_lab_m is None else plate.point_lab_m @ mirror,
            )
        )
    return changed


def dropped_frames(situation: Situation, frames: float) -> Situation:
    """Frames lost in the middle of the labelled part: what follows is too early, the forces are not."""
    motion = situation.motion
    first = int(np.searchsorted(motion.marker_time_s, sum(situation.window_s) / 2))
    kept = np.delete(np.arange(len(motion.marker_time_s)), np.arange(first, first + int(frames)))
    time_s = motion.marker_time_s[: len(kept)]
    return replace(situation, motion=replace(motion, marker_time_s=time_s, marker_lab_m=motion.marker_lab_m[kept]))


def units_times(situation: Situation, factor: float) -> Situation:
    """Lengths of the markers in another unit than declared, in the static trials too."""
    statics = {
        trial: replace(recording, marker_lab_m=factor * recording.marker_lab_m)
        for trial, recording in situation.statics.items()
    }
    return replace(situation.with_markers(factor * situation.motion.marker_lab_m), statics=statics)


def camera_origin(situation: Situation, offset_m: tuple[float, float, float]) -> Situation:
    """The cameras' origin off that of the plates (ground axes, m)."""
    return situation.with_markers(situation.motion.marker_lab_m + np.array(offset_m) @ situation.rotation)


def tilted(situation: Situation, degrees: float) -> Situation:
    """The cameras' floor tilted about the axis across, in the static trials too."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = situation.rotation.T @ np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]) @ situation.rotation
    statics = {
        trial: replace(recording, marker_lab_m=recording.marker_lab_m @ turn.T)
        for trial, recording in situation.statics.items()
    }
    return replace(situation.with_markers(situation.motion.marker_lab_m @ turn.T), statics=statics)


def scaled_space(situation: Situation, share: float) -> Situation:
    """A wand of the wrong length: all distances of the motion, not of the static trial, off by a share."""
    points = situation.motion.marker_lab_m
    middle = np.nanmean(points, axis=(0, 1))
    floor = middle - (situation.rotation[1] @ middle) * situation.rotation[1]
    return situation.with_markers(floor + (1 + share) * (points - floor))


def _negated(axis: str) -> str:
    return f"{'-' if axis[0] == '+' else '+'}{axis[1]}"


def _window(window_s: tuple[float, float]) -> dict[str, float]:
    return {"start_s": window_s[0], "end_s": window_s[1]}


_AXES = (r"lab_up|lab_forward|axis|axes|axis declared",)
_RATE = (r"rate|clock|frames|gravity",)
FAULTS = (
    Fault(
        "60 Hz declared as 100 Hz",
        "laboratory",
        DEVELOPMENT,
        (1.2, 1.6667),
        "times",
        lambda s, k: rate_times(s, k, forces=True),
        _RATE,
    ),
    Fault(
        "rate of the markers alone declared wrong",
        "laboratory",
        HELD_OUT,
        (1.01, 1.2, 1.6667),
        "times",
        lambda s, k: rate_times(s, k, forces=False),
        (*_RATE, r"lag"),
    ),
    Fault(
        "up declared as an axis that is not",
        "laboratory",
        DEVELOPMENT,
        (1.0,),
        "",
        lambda s, _: declared(s, "forward", "across"),
        _AXES,
    ),
    Fault(
        "up declared as down", "laboratory", HELD_OUT, (1.0,), "", lambda s, _: declared(s, "forward", "down"), _AXES
    ),
    Fault(
        "forward declared as sideways",
        "laboratory",
        HELD_OUT,
        (1.0,),
        "",
        lambda s, _: declared(s, "across", "up"),
        _AXES,
    ),
    Fault(
        "left-handed laboratory",
        "laboratory",
        DEVELOPMENT,
        (1.0,),
        "",
        lambda s, _: mirrored(s),
        (r"left-handed|mirror",),
    ),
    Fault(
        "markers mirrored, forces not",
        "laboratory",
        HELD_OUT,
        (1.0,),
        "",
        lambda s, _: mirrored(s, forces=False),
        (r"left-handed|mirror",),
    ),
    Fault(
        "forces mirrored, markers not",
        "laboratory",
        DEVELOPMENT,
        (1.0,),
        "",
        lambda s, _: mirrored(s, markers=False),
        (r"left-handed|mirror|sign|plate",),
    ),
    Fault(
        "frames of the markers dropped",
        "laboratory",
        DEVELOPMENT,
        (1.0, 3.0, 20.0),
        "frames",
        dropped_frames,
        (r"drop|lost frames|jump|missing frames|clock",),
    ),
    Fault(
        "millimetres taken for metres",
        "laboratory",
        HELD_OUT,
        (1000.0, 0.001, 0.0254),
        "times",
        units_times,
        (r"unit|millimetre|metre",),
    ),
    Fault(
        "origin of the cameras off that of the plates",
        "laboratory",
        HELD_OUT,
        (0.02, 0.04, 0.1),
        "m",
        lambda s, d: camera_origin(s, (d, 0.0, 0.0)),
        (r"plate|origin|corner|centre of pressure",),
    ),
    Fault(
        "floor of the cameras too high",
        "laboratory",
        DEVELOPMENT,
        (0.02, 0.05),
        "m",
        lambda s, d: camera_origin(s, (0.0, d, 0.0)),
        (r"floor|height|plate|origin",),
    ),
    Fault(
        "floor of the cameras tilted",
        "laboratory",
        DEVELOPMENT,
        (2.0, 5.0, 10.0),
        "deg",
        tilted,
        (r"tilt|floor|level|calibrat|vertical",),
    ),
    Fault(
        "wand of the wrong length",
        "laboratory",
        HELD_OUT,
        (0.02, 0.05, 0.1),
        "share",
        scaled_space,
        (r"scale|wand|calibrat|another|distances",),
    ),
)
