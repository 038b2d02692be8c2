"""Which figures a trial gets, and from what."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from gaitload.conventions import AXES, sampling_rate_hz
from gaitload.io.imu.quaternion_sto import read_quaternion_sto
from gaitload.known_errors import UNKNOWN
from gaitload.plots import doubts
from gaitload.plots import sync as sync_plots
from gaitload.plots import trial as plots
from gaitload.plots.figure import Figure
from gaitload.report.evidence import Evidence
from gaitload.trial import Invalid


def figures_of(evidence: Evidence) -> tuple[list[Figure], list[str]]:
    """Figures of a trial, and for each that is not there a sentence that says why."""
    external = [plots.external_figure(*evidence.external)] if evidence.external else []
    if evidence.is_sensed:
        angles = plots.angles_figure(evidence.values, by="inverse kinematics of the sensors alone")
        why_not = "Loads, marker errors and synchronisation: the trial has inertial sensors and no markers."
        return [angles, *external], [why_not]
    if external and not evidence.job.has_markers:
        return external, ["Labels and a moving skeleton: the trial has no markers."]
    if not evidence.is_labelled:
        return external, [_why_no_figures(evidence)]
    figures, missing = _labels(evidence)
    if evidence.solution is None:
        missing.append("Marker errors, residuals and reserves: the files of the earlier stages are not there.")
    else:
        figures += [_markers(evidence), *([_balance(evidence)] if evidence.forces_measured else [])]
    found, why_not = _sensors(evidence)
    return figures + external + found, missing + why_not


def _labels(evidence: Evidence) -> tuple[list[Figure], list[str]]:
    """Figures of the labels, and what is not there of them."""
    if not evidence.forces_measured:
        flags = {bit: code for bit, code in _flags(evidence).items() if code != Invalid.FORCES_NOT_MEASURED.name}
        why_not = "Loads, ground reaction and moments: the recording holds no force plates. Stance is by the markers."
        return [plots.angles_figure(evidence.values, flags)], [why_not]
    angles, moments = plots.angles_figure(evidence.values), plots.moments_figure(evidence.values)
    return [_loads(evidence), _ground(evidence), angles, moments], []


def _why_no_figures(evidence: Evidence) -> str:
    if evidence.job.trial.role == "static" and not evidence.job.has_markers:
        return "A static trial of the sensors: it says how they are worn."
    if evidence.job.trial.role == "static":
        return "A static trial: it scales the model and places the markers, and has no loads of its own."
    if evidence.refusal:
        return "The trial was refused, so there is nothing to draw."
    return "There is no label table, so there is nothing to draw."


def _loads(evidence: Evidence) -> Figure:
    bands = evidence.job.config.gates.plausible_bw(evidence.table[2]["trial"]["activity"])
    known = {
        stem: _known_error(evidence.table[1][f"{column}_bw"])
        for stem, column in plots.load_columns("r").items()
        if f"{column}_bw" in evidence.values
    }
    return plots.loads_figure(evidence.values, plausible_bw=bands, flags=_flags(evidence), known_errors=known)


def _known_error(meaning: Mapping) -> str:
    """How far such a label is from measurements, in a few words, from the meaning of its column."""
    rmse_bw = meaning.get("known_rmse_bw")
    return UNKNOWN if rmse_bw is None else f"known error {rmse_bw:.2f} BW RMSE"


def _ground(evidence: Evidence) -> Figure:
    flags = {bit: code for bit, code in _flags(evidence).items() if code in {reason.name for reason in Invalid}}
    return plots.ground_figure(evidence.values, evidence.steps, flags)


def _flags(evidence: Evidence) -> dict[int, str]:
    """Bit of the flags of frames -> reason code."""
    return {int(bit): code for bit, code in evidence.table[1]["frame_flags_r"]["bits"].items()}


def _markers(evidence: Evidence) -> Figure:
    job, limits = evidence.job, evidence.job.config.gates
    bodies = {marker.name: marker.body for marker in job.marker_set.markers}
    family, errors = job.model_source.family, evidence.marker_errors_m
    legs = frozenset(name for name in errors if family.is_leg(bodies[name]))
    return doubts.markers_figure(evidence.values, errors, legs=legs, limits_m=(limits.ik_rms_m, limits.ik_max_m))


def _balance(evidence: Evidence) -> Figure:
    limits = evidence.job.config.gates
    return doubts.balance_figure(
        evidence.values,
        evidence.residuals,
        evidence.reserve_shares,
        limits=(limits.reserve_warn_share, limits.reserve_fail_share),
    )


def _sensors(evidence: Evidence) -> tuple[list[Figure], list[str]]:
    """Figures of the inertial sensors: their clock, their signals beside the markers', and the baselines."""
    figures, missing = [], []
    if not evidence.job.cohort.has_sensors(evidence.job.trial):
        missing.append("Synchronisation: the cohort names no inertial sensors for this trial.")
    elif (found := evidence.clock) is None or not np.isfinite(found["offset_s"]):
        missing.append("Synchronisation: no clock was found; the gates above say why.")
    else:
        figures.append(sync_plots.lag_figure(found))
    if evidence.aligned is None:
        return figures, [*missing, "Aligned signals and baselines: there is no aligned table of this trial."]
    segments = evidence.job.product("sync", ".segments.sto")
    if segments.is_file():
        figures.append(_aligned(evidence, segments))
    baselines = plots.baselines_figure(evidence.aligned)
    return [*figures, *([baselines] if baselines.panels else [])], missing


def _aligned(evidence: Evidence, segments: Path) -> Figure:
    """Rates of turning of sensors and segments on the clock of the labels."""
    aligned, sensed, seen = evidence.aligned, {}, {}
    for segment in read_quaternion_sto(segments):
        axes = [aligned.get(f"{segment.name}_gyr_{axis}_rad_per_s") for axis in AXES]
        if any(values is None for values in axes):
            continue
        sensed[segment.name] = np.linalg.norm(axes, axis=0)
        middle_s, turning = _turning(segment.time_s, segment.orientation_wxyz)
        seen[segment.name] = np.interp(aligned["time_s"], middle_s, turning, left=np.nan, right=np.nan)
    return sync_plots.aligned_figure(aligned["time_s"], sensed, seen)


def _turning(time_s: np.ndarray, orientation_wxyz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rate of turning (rad/s) between samples, and the times in their middles; both of shape (T - 1,)."""
    known = np.isfinite(orientation_wxyz).all(axis=1)
    safe = np.where(known[:, None], orientation_wxyz, [1.0, 0.0, 0.0, 0.0])
    turns = Rotation.from_quat(safe, scalar_first=True)
    rate = (turns[:-1].inv() * turns[1:]).magnitude() * sampling_rate_hz(time_s)
    return 0.5 * (time_s[:-1] + time_s[1:]), np.where(known[:-1] & known[1:], rate, np.nan)
