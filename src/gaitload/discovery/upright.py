"""The part of a walk that may stand in for a static trial: where both legs are straightest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from gaitload.cohorts.tables import TrialRow
from gaitload.conventions import SIDES
from gaitload.discovery.findings import Question
from gaitload.ingest.names import named_as_in
from gaitload.ingest.preflight import FRAMES_MIN
from gaitload.models.anthropometry import harrington_hip_centres
from gaitload.models.markersets import MarkerSet
from gaitload.trial import Recording

STRAIGHT_MIN = 0.97
"""Distance from hip to ankle, as a share of its largest one in the trial; a knee bent by 30 deg takes 3 % off."""
_PELVIS = ("asis_r", "asis_l", "psis_r", "psis_l", "sacrum")


def with_stand_ins(
    rows: Sequence[TrialRow], worn: Mapping[str, MarkerSet], read: Callable[[str], Recording]
) -> tuple[list[TrialRow], list[Question]]:
    """Rows with a part of a walk as the static trial of those who have none, and a question about each of them.

    Parameters
    ----------
    rows : sequence of TrialRow
    worn : mapping of str to MarkerSet
        Marker sets by participant, of those whose set is known.
    read : callable
        Gives the recording of a file.
    """
    kept: list[TrialRow] = []
    questions = []
    for who in dict.fromkeys(row.participant_id for row in rows):
        own = [row for row in rows if row.participant_id == who]
        if not any(row.role == "static" for row in own):
            found = _stand_in(own, worn[who], read) if who in worn else None
            questions.append(Question(f"trials.tsv, a static trial of {who}", _said(who, found)))
            kept += [found] if found else []
        kept += own
    return kept, questions


def _stand_in(rows: Sequence[TrialRow], marker_set: MarkerSet, read: Callable[[str], Recording]) -> TrialRow | None:
    for row in rows:
        window_s = straightest_s(read(row.file), marker_set) if row.activity == "walk" else None
        if window_s:
            cells = {"participant_id": row.participant_id, "file": row.file, "subject": row.subject}
            axes = {"lab_forward": row.lab_forward, "lab_up": row.lab_up}
            taken = {one.trial_id for one in rows}
            name = next(name for name in ("upright", *(f"upright_{n}" for n in range(2, 99))) if name not in taken)
            window = {"start_s": window_s[0], "end_s": window_s[1]}
            return TrialRow(trial_id=name, role="static", activity="static", **cells, **axes, **window)
    return None


def _said(who: str, found: TrialRow | None) -> str:
    start = f"{who} has no static trial. Is there one under another name or place? "
    if found is None:
        return (
            f"{start}Without, the model is scaled by height alone (then needed), marker labels cannot be repaired, and "
            "markers sit at generic places."
        )
    return (
        f"{start}Without, {found.file} from {found.start_s:g} to {found.end_s:g} s, where both legs are straightest, "
        "takes its place: angles are less certain (mostly by up to 3 deg, ankles by 4), and marker labels are not "
        "checked against anything."
    )


def straightest_s(recording: Recording, marker_set: MarkerSet) -> tuple[float, float] | None:
    """The few frames around the one in which the less straight leg is straightest, each against its own longest.

    The result is None where the legs are never straightest together. A participant who never straightens
    a knee is not recognised.

    Where there are frames in which all recorded markers of the set are seen, only those count.
    """
    recording = named_as_in(recording, marker_set)
    names, frames = recording.marker_names, len(recording.marker_time_s)
    places = {
        landmark: recording.marker_lab_m[:, names.index(name)]
        for landmark in (*_PELVIS, *(f"ankle_lateral_{side}" for side in SIDES))
        if (name := marker_set.landmark(landmark)) in names
    }
    each = ({name: place[frame] for name, place in places.items()} for frame in range(frames))
    legs_m = np.array([_leg_lengths_m(points) for points in each])
    if frames < 2 * FRAMES_MIN or not np.isfinite(legs_m).all(axis=1).any():
        return None
    share = (legs_m / np.nanmax(legs_m, axis=0)).min(axis=1)
    half = FRAMES_MIN // 2 + 1
    share[:half] = share[-half:] = np.nan
    own = [names.index(name) for name in names if name in marker_set.by_name]
    whole = np.isfinite(recording.marker_lab_m[:, own]).all(axis=(1, 2))
    share = np.where(whole, share, np.nan) if np.isfinite(share[whole]).any() else share
    if not np.nanmax(share, initial=0.0) >= STRAIGHT_MIN:
        return None
    best = int(np.nanargmax(share))
    time_s = recording.marker_time_s
    return round(float(time_s[best - half]), 3), round(float(time_s[best + half]), 3)


def _leg_lengths_m(points: Mapping[str, np.ndarray]) -> list[float]:
    """Distances from the hip centres to the lateral ankles in one frame; NaN where a marker is missing."""
    hips = harrington_hip_centres(points)
    pairs = [(hips.get(f"hip_centre_{side}"), points.get(f"ankle_lateral_{side}")) for side in SIDES]
    return [np.nan if hip is None or ankle is None else float(np.linalg.norm(hip - ankle)) for hip, ankle in pairs]
