"""Faults of markers: names, drift, frozen and lost samples, ghosts and fill values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.faults.participant_faults import pairs_of
from benchmarks.faults.situation import DEVELOPMENT, HELD_OUT, Fault, Situation

SEED = 7


def exchanged(situation: Situation, first: str, second: str, duration_s: float | None = None) -> Situation:
    """The trajectories of two landmarks exchanged, throughout or for a while from the middle of the labelled part."""
    columns = [situation.column_of(landmark) for landmark in (first, second)]
    return _permuted(situation, [(columns[0], columns[1])], duration_s)


def legs_exchanged(situation: Situation, _: float) -> Situation:
    """All markers of one leg named as those of the other; the pelvis is right."""
    pelvis = set(situation.marker_set.segments.get("pelvis", ()))
    names = situation.motion.marker_names
    pairs = [pair for pair in pairs_of(situation, names) if names[pair[0]] not in pelvis]
    return _permuted(situation, [pair for pair in pairs if _of_leg(situation, names[pair[0]])], None)


def sides_exchanged(situation: Situation, duration_s: float) -> Situation:
    """Left and right exchanged on the whole body, throughout (0) or for a while."""
    return _permuted(situation, pairs_of(situation, situation.motion.marker_names), duration_s or None)


def shank_exchanged(situation: Situation, _: float) -> Situation:
    """The lateral markers of knee and ankle of one leg exchanged."""
    return exchanged(situation, "knee_lateral_r", "ankle_lateral_r")


def drifting(situation: Situation, landmark: str, distance_m: float) -> Situation:
    """A marker slides downwards by some distance over the recording, evenly."""
    column = situation.column_of(landmark)
    position = situation.motion.marker_lab_m.copy()
    slide = np.linspace(0.0, distance_m, len(position))
    position[:, column] -= slide[:, None] * situation.rotation[1]
    return situation.with_markers(position)


def slipped(situation: Situation, distance_m: float) -> Situation:
    """A marker of the shank jumps by some distance in the middle of the labelled part and stays there."""
    column = situation.column_of("ankle_lateral_r")
    position = situation.motion.marker_lab_m.copy()
    later = situation.motion.marker_time_s > sum(situation.window_s) / 2
    position[later, column] += distance_m * situation.rotation[0]
    return situation.with_markers(position)


def frozen(situation: Situation, duration_s: float) -> Situation:
    """A marker of the foot keeps its last place for a while."""
    column = situation.column_of("heel_r")
    position = situation.motion.marker_lab_m.copy()
    frames = np.flatnonzero(_while(situation, duration_s))
    position[frames, column] = position[frames[0], column]
    return situation.with_markers(position)


def frozen_body(situation: Situation, duration_s: float) -> Situation:
    """Every marker keeps its place for a while: the recorder repeats its last frame."""
    position = situation.motion.marker_lab_m.copy()
    frames = np.flatnonzero(_while(situation, duration_s))
    position[frames] = position[frames[0]]
    return situation.with_markers(position)


def flickering(situation: Situation, share: float) -> Situation:
    """A marker of the knee is lost in a share of the frames, at random."""
    column = situation.column_of("knee_lateral_r")
    position = situation.motion.marker_lab_m.copy()
    position[np.random.default_rng(SEED).random(len(position)) < share, column] = np.nan
    return situation.with_markers(position)


def ghosts(situation: Situation, distance_m: float) -> Situation:
    """Five frames in each half second in which a marker of the shank lies elsewhere."""
    column = situation.column_of("ankle_lateral_r")
    position, rate_hz = situation.motion.marker_lab_m.copy(), situation.motion.marker_rate_hz
    stray = np.arange(len(position)) % round(0.5 * rate_hz) < 5
    position[stray, column] += distance_m * situation.rotation[2]
    return situation.with_markers(position)


def gap(situation: Situation, landmarks: tuple[str, ...], duration_s: float) -> Situation:
    """Markers are hidden for a while."""
    position = situation.motion.marker_lab_m.copy()
    frames = _while(situation, duration_s)
    for landmark in landmarks:
        if situation.name_of(landmark):
            position[frames, situation.column_of(landmark)] = np.nan
    return situation.with_markers(position)


def filled(situation: Situation, value: float) -> Situation:
    """A marker of the ankle is hidden for 0.15 s in every second, and the export writes a number for it (mm)."""
    column = situation.column_of("ankle_lateral_r")
    position = situation.motion.marker_lab_m.copy()
    rate_hz = situation.motion.marker_rate_hz
    position[np.arange(len(position)) % round(rate_hz) < 0.15 * rate_hz, column] = value / 1000.0
    return situation.with_markers(position)


def noisy(situation: Situation, sd_m: float) -> Situation:
    """Markers tremble: white noise on all of them."""
    position = situation.motion.marker_lab_m
    return situation.with_markers(position + sd_m * np.random.default_rng(SEED).normal(size=position.shape))


def without(situation: Situation, landmark: str) -> Situation:
    """A marker is missing from the motion altogether."""
    column = situation.column_of(landmark)
    kept = [k for k in range(len(situation.motion.marker_names)) if k != column]
    names = tuple(situation.motion.marker_names[k] for k in kept)
    recording = replace(situation.motion, marker_names=names, marker_lab_m=situation.motion.marker_lab_m[:, kept])
    return replace(situation, motion=recording)


def _permuted(situation: Situation, pairs: list[tuple[int, int]], duration_s: float | None) -> Situation:
    if not pairs:
        raise KeyError("markers on either side")
    position = situation.motion.marker_lab_m.copy()
    frames = np.ones(len(position), dtype=bool) if duration_s is None else _while(situation, duration_s)
    rows = np.flatnonzero(frames)[:, None]
    order = [column for pair in pairs for column in pair]
    other = [column for first, second in pairs for column in (second, first)]
    position[rows, order] = situation.motion.marker_lab_m[rows, other]
    return situation.with_markers(position)


def _of_leg(situation: Situation, name: str) -> bool:
    body = situation.marker_set.by_name[name].body if name in situation.marker_set.by_name else ""
    return body.rpartition("_")[0] in ("femur", "tibia", "calcn", "toes", "talus")


def _while(situation: Situation, duration_s: float) -> np.ndarray:
    middle = sum(situation.window_s) / 2
    time_s = situation.motion.marker_time_s
    return (time_s >= middle) & (time_s < middle + duration_s)


_NAMES = (r"swap|exchang|misnam|\bis [A-Za-z]|name",)
_DRIFT = (r"drift|slid|moved|slip|displac|came loose|stuck",)
FAULTS = (
    Fault(
        "markers of a foot exchanged",
        "markers",
        DEVELOPMENT,
        (1.0,),
        "",
        lambda s, _: exchanged(s, "heel_r", "mt5_r"),
        _NAMES,
    ),
    Fault(
        "markers of a foot exchanged for a while",
        "markers",
        HELD_OUT,
        (0.1, 0.3, 0.8),
        "s",
        lambda s, d: exchanged(s, "heel_r", "mt5_r", d),
        _NAMES,
    ),
    Fault("knee and ankle markers exchanged", "markers", HELD_OUT, (1.0,), "", shank_exchanged, _NAMES),
    Fault(
        "front and back of the pelvis exchanged",
        "markers",
        DEVELOPMENT,
        (1.0,),
        "",
        lambda s, _: exchanged(s, "asis_r", "psis_r"),
        (*_NAMES, r"facing"),
    ),
    Fault(
        "right and left of the pelvis exchanged for a while",
        "markers",
        HELD_OUT,
        (0.1, 0.3, 0.8),
        "s",
        lambda s, d: exchanged(s, "asis_r", "asis_l", d),
        _NAMES,
    ),
    Fault("legs exchanged", "markers", DEVELOPMENT, (1.0,), "", legs_exchanged, (r"left|right|leg|swap|exchang",)),
    Fault(
        "left and right exchanged on the whole body",
        "markers",
        DEVELOPMENT,
        (0.0,),
        "",
        sides_exchanged,
        (r"left|right|swap|exchang|mirror",),
    ),
    Fault(
        "left and right exchanged for a while",
        "markers",
        HELD_OUT,
        (0.1, 0.3, 0.8),
        "s",
        sides_exchanged,
        (r"left|right|swap|exchang",),
    ),
    Fault(
        "pelvis marker drifts",
        "markers",
        DEVELOPMENT,
        (0.015, 0.03, 0.06),
        "m",
        lambda s, d: drifting(s, "asis_r", d),
        _DRIFT,
    ),
    Fault(
        "heel marker drifts",
        "markers",
        HELD_OUT,
        (0.015, 0.03, 0.06),
        "m",
        lambda s, d: drifting(s, "heel_r", d),
        _DRIFT,
    ),
    Fault("ankle marker slips", "markers", DEVELOPMENT, (0.01, 0.02, 0.05), "m", slipped, _DRIFT),
    Fault(
        "heel marker freezes",
        "markers",
        DEVELOPMENT,
        (0.05, 0.2, 0.8),
        "s",
        frozen,
        (r"froz|freez|repeat|still|constant",),
    ),
    Fault(
        "all markers freeze",
        "markers",
        HELD_OUT,
        (0.05, 0.2, 0.8),
        "s",
        frozen_body,
        (r"froz|freez|repeat|still|constant",),
    ),
    Fault(
        "knee marker flickers",
        "markers",
        DEVELOPMENT,
        (0.1, 0.4, 0.8),
        "of frames",
        flickering,
        (r"missing|lack|lost|gap|flicker",),
    ),
    Fault(
        "ghosts of the ankle marker",
        "markers",
        HELD_OUT,
        (0.03, 0.1, 0.4),
        "m",
        ghosts,
        (r"ghost|jump|stray|off its|elsewhere",),
    ),
    Fault(
        "ankle marker hidden",
        "markers",
        DEVELOPMENT,
        (0.1, 0.3, 0.8),
        "s",
        lambda s, d: gap(s, ("ankle_lateral_r",), d),
        (r"missing|lack|lost|gap|fewer",),
    ),
    Fault(
        "foot hidden",
        "markers",
        HELD_OUT,
        (0.1, 0.3, 0.8),
        "s",
        lambda s, d: gap(s, ("heel_r", "toe_r", "mt1_r", "mt5_r"), d),
        (r"missing|lack|lost|gap|fewer",),
    ),
    Fault(
        "hidden marker written as a number",
        "markers",
        DEVELOPMENT,
        (9999999.0, -9999.0, 9999.0),
        "mm",
        filled,
        (r"fill|9999|missing",),
    ),
    Fault(
        "markers tremble", "markers", HELD_OUT, (0.002, 0.005, 0.015), "m", noisy, (r"noise|trembl|jump|shak|calibrat",)
    ),
    Fault(
        "pelvis marker missing",
        "markers",
        DEVELOPMENT,
        (1.0,),
        "",
        lambda s, _: without(s, "asis_r"),
        (r"missing|lack|not in|expected",),
    ),
)
