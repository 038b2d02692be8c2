"""What ingest has to say about a trial: its gates and its numbers, for the window that is kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gaitload.config.motion import Activity, Gates, Ingest
from gaitload.conventions import SIDES
from gaitload.dependencies import GROUND_REACTIONS
from gaitload.errors import DataError
from gaitload.ingest import gates as judges
from gaitload.ingest.axes import GroundFrame
from gaitload.ingest.loads import FootLoads
from gaitload.ingest.markers import CleanMarkers
from gaitload.models.markersets import MarkerSet
from gaitload.quality import Gate, not_judged, not_measured
from gaitload.trial import Invalid, Markers, Recording, Step, Trial

UNMEASURED = not_measured(
    Invalid.FORCES_NOT_MEASURED.name,
    reason="the recording holds no force plates: angles are labelled, ground reaction, moments and loads are not",
    questions=GROUND_REACTIONS,
)
"""What is said of a motion that was recorded without force plates."""


def unmeasured(recording: Recording, unusable: DataError | None = None) -> Gate:
    """The gate `UNMEASURED` with the reason: plates that were left out, or forces that belong to no foot."""
    if unusable:
        told = f"{unusable.code}: expected {unusable.expected}; found {unusable.found}"
        return replace(UNMEASURED, reason=f"{told}: angles are labelled, loads are not")
    why = [note for note in recording.notes if "left out" in note]
    return replace(UNMEASURED, reason="; ".join([UNMEASURED.reason, *why]))


def marker_gates(
    cleaned: CleanMarkers,
    markers: Markers,
    marker_set: MarkerSet,
    places_m: dict[str, np.ndarray] | None,
    activity: Activity,
    settings: Ingest,
    limits: Gates,
) -> list[Gate]:
    """Gates of the markers.

    Parameters
    ----------
    cleaned : CleanMarkers
        The whole trial.
    markers : Markers
        What is kept of it.
    marker_set : MarkerSet
    places_m : dict of ndarray, shape (3,), or None
        Static places by marker.
    activity : str
    settings : Ingest
    limits : Gates
    """
    start_s, end_s = markers.time_s[[0, -1]]
    faults = [f for f in cleaned.faults if f.start_s is None or (f.start_s <= end_s and f.end_s >= start_s)]
    gates = [
        *judges.judge_labels(faults, markers, marker_set, settings.label_fault_m),
        *judges.judge_missing(markers, marker_set, limits),
    ]
    if activity == "static":
        return gates
    if places_m is None:
        gates.append(
            not_judged("LABELS_UNPROVEN", reason="no static trial: swapped and displaced markers cannot be found")
        )
    return [*gates, *judges.judge_foot_shape(markers, marker_set, places_m, limits)]


def load_gates(loads: FootLoads, trial: Trial, time_s: np.ndarray, limits: Gates) -> list[Gate]:
    """Gates of the forces; `time_s`, shape (T,), are the frames kept."""
    steps, down = _steps_within(trial, time_s), loads.feet.down[_within(loads.feet.time_s, time_s)]
    return [
        *judges.judge_baselines(loads.baselines, limits),
        *judges.judge_steps(steps, limits),
        *judges.judge_coverage(_invalid(trial, time_s), down, steps, limits),
    ]


def marker_numbers(cleaned: CleanMarkers, frame: GroundFrame, recording: Recording) -> dict:
    """Numbers of the markers, for the quality file."""
    return {
        "source": recording.source,
        "notes": list(recording.notes),
        "marker_rate_hz": recording.marker_rate_hz,
        "facing_deg": frame.facing_deg,
        "turn_deg": frame.turn_deg,
        "label_faults": [fault.as_dict() for fault in cleaned.faults],
        "joint_gaps_mm": cleaned.joint_gaps_mm,
        "ghosts_dropped": cleaned.ghosts,
        "gaps": [gap.as_dict() for gap in cleaned.gaps],
    }


def load_numbers(loads: FootLoads, settings: Ingest, trial: Trial, time_s: np.ndarray) -> dict:
    """Numbers of the forces, for the quality file."""
    return {
        "force_rate_hz": loads.forces.rate_hz,
        "force_lag_applied_s": settings.force_lag_s,
        "belt_m_per_s": loads.feet.belt_m_per_s,
        "mean_vertical_force_n": float(loads.forces.force_ground_n[..., 1].sum(axis=1).mean()),
        "baselines": [baseline.as_dict() for baseline in loads.baselines],
        "steps": [step.as_dict() for step in _steps_within(trial, time_s)],
        "invalid_share": {
            reason.name: dict(zip(SIDES, values.mean(axis=0).tolist(), strict=True))
            for reason, values in _invalid(trial, time_s).items()
        },
    }


def _invalid(trial: Trial, time_s: np.ndarray) -> dict[Invalid, np.ndarray]:
    """Reason -> frames kept and feet for which it holds, shape (T, 2)."""
    return {reason: trial.validity.invalid(reason, time_s) for reason in Invalid}


def _within(clock_s: np.ndarray, time_s: np.ndarray) -> np.ndarray:
    return (clock_s >= time_s[0]) & (clock_s <= time_s[-1])


def _steps_within(trial: Trial, time_s: np.ndarray) -> list[Step]:
    return [step for step in trial.steps if step.end_s > time_s[0] and step.start_s <= time_s[-1]]
