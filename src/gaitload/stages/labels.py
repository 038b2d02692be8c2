"""Labels stage: one self-describing table of loads per trial, and the verdict on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

import numpy as np

from gaitload.config import Config
from gaitload.config.motion import METHOD_VERSION, Gates
from gaitload.conventions import SIDES, column_stem
from gaitload.dependencies import BODY_MASS, EVERYTHING, concerned
from gaitload.gates import dynamics, kinematics, muscles, plausibility
from gaitload.gates.laboratory import judge_laboratory_lag
from gaitload.gates.solution import Solution
from gaitload.ingest.force_gates import beside_pressure, judge_lag
from gaitload.ingest.lag import Lag
from gaitload.io.tables import read_table, write_table
from gaitload.io.trials import SUFFIX
from gaitload.known_errors import UNKNOWN, known_error, known_errors
from gaitload.labels.knee_compartments import split
from gaitload.models.anatomy import Anatomy
from gaitload.provenance import content_hash
from gaitload.quality import Gate, GroupVerdict, Quality, Verdict, gravest, reasons
from gaitload.stages.catalogue import LabelColumn, label_columns
from gaitload.stages.force_lag import applied_s, correction_s, laboratory_of, lag_inputs, lag_of
from gaitload.stages.job import Job
from gaitload.stages.judgeable import read_solution
from gaitload.stages.solution import filtering_of, trial_of
from gaitload.trial import Invalid, Validity

NAME = "labels"
FLAGS = {
    1: "IK_MARKERS_MAX",
    2: "OPTIMIZATION_UNSOLVED",
    4: "RESERVES",
    8: "MUSCLES_SATURATED",
    16: "KNEE_COMPARTMENT_CLAMPED",
    32: "CONTACT_UNMEASURED",
    64: "PLATE_SHARED",
    128: "CONTACT_OUTSIDE_PLATES",
    256: "CONTACT_UNASSIGNED",
    512: "SEGMENT_LOST",
    1024: "FORCES_NOT_MEASURED",
}
"""Bit of the columns `frame_flags_<side>` -> reason code."""
PER_MASS = ("bw", "nm_per_kg")
"""Units that divide by body mass."""
PEAKS = (
    ("atf", None),
    ("ptf", None),
    ("acf", "norm"),
    ("kcf", "norm"),
    ("kcf_med", None),
    ("kcf_lat", None),
    ("hcf", "norm"),
)
"""Labels whose peaks stand in the quality file."""


def inputs(job: Job) -> list[Path]:
    """Everything the earlier stages made of the trial, and the tables that name its parts."""
    source = job.model_source
    return [
        job.product("ingest", SUFFIX),
        job.product("ingest", ".quality.json"),
        *(job.product("ingest", ".quality.json", static.trial_id) for static in job.marked_statics),
        job.product("scale", ".osim"),
        job.product("scale", ".scaling.json"),
        job.product("kinematics", ".marker_errors.sto"),
        job.product("kinematics", ".com.sto"),
        job.product("loads", ""),
        *([job.product("uncertainty", ".parquet")] if job.config.uncertainty.samples else []),
        source.family_path,
        *job.marker_set_files,
        *lag_inputs(job),
    ]


def settings(job: Job) -> dict:
    """The mode, the gates, and what the metadata say about the trial."""
    return {
        "label_mode": job.config.label_mode,
        "uncertainty": job.config.uncertainty.model_dump(mode="json", exclude={"timeout_s"}),
        "gates": job.config.gates.model_dump(mode="json"),
        "known_errors": [asdict(error) for error in known_errors()],
        "metadata": _document(job),
    }


def run(job: Job, out: Path) -> Quality:
    """Write `<trial>.parquet`."""
    record, trial = job.document("scale", ".scaling.json"), trial_of(job)
    solution = read_solution(job, trial, record)
    columns = _frame_columns(
        solution, frame_flags(solution, trial.validity, job.config.gates, filtering_of(job).reach_s)
    )
    labels = with_known_errors(label_columns(solution.loads), job.config, job.trial.activity)
    found = tuple(_gates(job, solution, record))
    groups = judge_columns(labels, found, solution.anatomy)
    quality = Quality(NAME, job.where, found, _peaks(labels), groups)
    columns |= {one.name: (one.values, one.meaning) for one in labels}
    if job.config.uncertainty.samples:
        columns = with_deviations(columns, *read_table(job.product("uncertainty", ".parquet"))[:2])
    bias = job.quality_of("ingest").numbers.get("free_moment_bias", {})
    applied = {"force_lag_applied_s": applied_s(job), "free_moment_lever_subtracted_m": bias.get("subtracted_m", 0.0)}
    hashes = {_told(path, job): content_hash(path) for path in inputs(job)}
    verdict = {"verdict": quality.verdict, "summary": quality.summary}
    write_table(out / f"{job.stem}.parquet", columns, _document(job) | verdict | applied | {"inputs_sha256": hashes})
    return quality


def with_known_errors(columns: Iterable[LabelColumn], config: Config, activity: str) -> list[LabelColumn]:
    """Columns; those of loads that nobody measured say in `known_error` how far they are from what was measured in
    others, and in `known_rmse_bw` how much that is, where it is known."""
    told = []
    for column in columns:
        if column.module.LABEL.modelled_load:
            name = "_".join(part for part in column.stem.split("_") if part not in SIDES)
            error = known_error(name, config, activity)
            column.meaning["known_error"] = error.words if error else UNKNOWN
            if error:
                column.meaning["known_rmse_bw"] = error.rmse_bw
        told.append(column)
    return told


def judge_columns(columns: Iterable[LabelColumn], found: tuple[Gate, ...], anatomy: Anatomy) -> dict[str, GroupVerdict]:
    """Put the verdict of the gates that concern it on every label column, and gather the verdicts by label group.

    A column without a value is not judged, and not measured where a gate says so. The meaning of a column gets
    `verdict` and `reasons`, and `verdict_stance`, which leaves out the gates of swing alone.
    """
    members: dict[str, list[tuple[Gate, ...]]] = {}
    for column in columns:
        depends = depends_on(column, anatomy)
        own = tuple(gate for gate in found if concerned(depends, gate.questions, anatomy.known))
        if not np.isfinite(column.values).any():
            own = tuple(gate for gate in own if gate.verdict is Verdict.NOT_MEASURED)
        column.meaning["verdict"], column.meaning["reasons"] = _verdict(own), list(_why(own))
        column.meaning["verdict_stance"] = _verdict(gate for gate in own if gate.phase != "swing")
        label = column.module.LABEL
        members.setdefault(label.group or label.name, []).append(own)
    groups = {}
    for group, judged in members.items():
        verdicts = Counter(map(_verdict, judged))
        counts = {one.value: verdicts[one] for one in Verdict if one is not Verdict.REFUSED}
        every = [gate for own in judged for gate in own]
        groups[group] = GroupVerdict(_verdict(every), **counts, reasons=_why(every))
    return groups


def _verdict(own: Iterable[Gate]) -> Verdict:
    """The gravest of the gates that concern a column; where none of them could judge, not measured or not judged."""
    own = tuple(own)
    unmeasured = any(gate.verdict is Verdict.NOT_MEASURED for gate in own)
    return gravest(own, default=Verdict.NOT_MEASURED if unmeasured else Verdict.NOT_JUDGED)


def _why(own: tuple[Gate, ...]) -> tuple[str, ...]:
    """Codes of the gates that doubt a column, or else of those that say that it was not measured."""
    unmeasured = (gate.code for gate in own if gate.verdict is Verdict.NOT_MEASURED)
    return reasons(own) or tuple(dict.fromkeys(unmeasured))


def depends_on(column: LabelColumn, anatomy: Anatomy) -> frozenset[str]:
    """Terms of `gaitload.dependencies` that a label column depends on; everything where its module does not say."""
    if not hasattr(column.module, "depends"):
        return frozenset([EVERYTHING])
    terms = column.module.depends(column.stem, anatomy)
    return terms | {BODY_MASS} if column.unit in PER_MASS else terms


def _frame_columns(solution: Solution, flags: Mapping[str, np.ndarray]) -> dict[str, tuple[np.ndarray, dict]]:
    """Time, contact and flags, each with its meaning."""
    columns = {"time_s": (solution.loads.time_s, {"unit": "s", "definition": "time on the clock of the recording"})}
    contact = (
        {"definition": "the foot is loaded", "source": "force plates"}
        if solution.forces_measured
        else {"definition": "the foot is on the floor: a marker of it is low and still", "source": "markers"}
    )
    for number, side in enumerate(SIDES):
        columns[f"contact_{side}"] = (solution.contact[:, number], contact)
    for side in SIDES:
        meaning = {"definition": "sum of the bits of the reasons to distrust a frame of this leg", "bits": FLAGS}
        columns[f"frame_flags_{side}"] = (flags[side], meaning)
    return columns


def with_deviations(
    columns: dict[str, tuple[np.ndarray, dict]], deviations: Mapping[str, np.ndarray], meanings: Mapping[str, dict]
) -> dict[str, tuple[np.ndarray, dict]]:
    """Columns of a label table with the standard deviation of each behind it; NaN where the label is missing.

    Parameters
    ----------
    deviations, meanings
        `<label column>_sd` -> values on the clock of the labels, shape (T,), and what they mean.
    """
    joined: dict[str, tuple[np.ndarray, dict]] = {}
    for name, (values, meaning) in columns.items():
        joined[name] = (values, meaning)
        own = f"{name}_sd"
        if own in deviations:
            spread = np.where(np.isnan(values), np.nan, deviations[own])
            joined[own] = (
                spread,
                {key: meaning[key] for key in ("label", "unit", "frame", "verdict", "reasons")} | meanings[own],
            )
    return joined


def frame_flags(solution: Solution, validity: Validity, limits: Gates, reach_s: float) -> dict[str, np.ndarray]:
    """Side -> bits of `FLAGS` per frame, shape (T,), uint16; those of the mask as wide as the filter smears it."""
    time_s, flags = solution.loads.time_s, {}
    outliers = kinematics.ik_outliers(solution, limits)
    for number, side in enumerate(SIDES):
        found = {
            "IK_MARKERS_MAX": outliers,
            **{reason.name: validity.invalid(reason, time_s, reach_s=reach_s)[:, number] for reason in Invalid},
            **(_flags_of_loads(solution, limits, side) if solution.forces_measured else {}),
        }
        bits = [np.uint16(bit) * found[code] for bit, code in FLAGS.items() if code in found]
        flags[side] = np.sum(bits, axis=0).astype(np.uint16)
    return flags


def _flags_of_loads(solution: Solution, limits: Gates, side: str) -> dict[str, np.ndarray]:
    """Reasons to distrust the loads of a leg -> frames, shape (T,)."""
    saturated = muscles.saturation(solution, limits)
    own = [frames for name, frames in saturated.items() if side in name.split("_")]
    return {
        "OPTIMIZATION_UNSOLVED": solution.unsolved,
        "RESERVES": muscles.excessive_reserves(solution, limits, side),
        "MUSCLES_SATURATED": np.any(own or [np.zeros(len(solution.loads.time_s), dtype=bool)], axis=0),
        "KNEE_COMPARTMENT_CLAMPED": split(solution.loads)[side][2],
    }


def _told(path: Path, job: Job) -> str:
    """Name of an input that does not depend on the machine."""
    return path.relative_to(job.results).as_posix() if path.is_relative_to(job.results) else path.name


def _gates(job: Job, solution: Solution, record: dict) -> Iterator[Gate]:
    limits = job.config.gates
    yield from gates_of_ingest(job, limits)
    for static in job.marked_statics:
        yield from kinematics.judge_static(job.quality_of("ingest", static.trial_id))
    yield from kinematics.judge_scaling(record, solution.anatomy, limits)
    if solution.forces_measured:
        yield from kinematics.judge_strength(record, solution.anatomy)
        yield from kinematics.judge_subtalar(record, solution.anatomy)
        yield from dynamics.judge_mass(solution, limits, carried_kg=_carried_kg(job))
    yield from kinematics.judge_kinematics(solution, limits)
    yield from kinematics.judge_ranges(solution, limits)
    if not solution.forces_measured:
        return
    yield from dynamics.judge_residuals(solution, limits, untracked=tuple(record["locked_coordinates"]))
    yield from muscles.judge_reserves(solution, limits)
    yield from muscles.judge_muscles(solution, limits)
    yield from muscles.judge_passive_forces(solution, limits)
    yield from plausibility.judge_plausibility(solution, limits, activity=job.trial.activity)
    yield from dynamics.judge_free_moment(solution, limits)


def _carried_kg(job: Job) -> float:
    """Mass that the vertical forces of a trial carry; NaN where ingest could not tell it."""
    carried = (job.quality_of("ingest").numbers.get("forces") or {}).get("measured_kg")
    return float("nan") if carried is None else float(carried)


def gates_of_ingest(job: Job, limits: Gates) -> Iterator[Gate]:
    """Those of the recording, the lag less what `ingest.force_lag: auto` corrected, and those of its laboratory."""
    ingested, corrected_s = job.quality_of("ingest"), 0.0
    own = lag_of(ingested, job.participant.participant_id, job.trial.trial_id)
    if ingested.numbers.get("forces"):
        corrected_s = correction_s(job)
    again = bool(corrected_s) and np.isfinite(own.vertical_s)
    yield from (gate for gate in ingested.gates if not (again and gate.code == "FORCE_LAG"))
    if again:
        recorded = Lag(own.vertical_s, own.vertical_se_s, own.belt_s)
        recorded = beside_pressure(recorded, ingested.gates, ingested.numbers["belt_m_per_s"])
        yield from judge_lag(recorded.less(corrected_s), job.trial.activity, limits, delayed_s=corrected_s)
    if ingested.numbers.get("forces"):
        yield from judge_laboratory_lag(laboratory_of(job), own, limits, corrected_s=corrected_s)


def _peaks(columns: Iterable[LabelColumn]) -> dict[str, float]:
    """Peaks (BW) of the labels people ask for first."""
    values = {column.name: column.values for column in columns}
    names = [f"{column_stem(label, side, component)}_bw" for label, component in PEAKS for side in SIDES]
    return {f"peak_{name}": float(np.nanmax(values[name])) for name in names if np.isfinite(values[name]).any()}


def _document(job: Job) -> dict:
    """Metadata of the file."""
    return {
        "cohort": job.cohort.name,
        "participant": job.participant.deciding_labels(),
        "trial": job.trial.model_dump(mode="json"),
        "label_mode": job.config.label_mode,
        "method_version": METHOD_VERSION,
        "muscles": job.config.physics.model_dump(mode="json"),
        "engine": job.config.engine,
        "model": job.config.model,
        "source": job.cohort.spec.source,
        "licence": job.cohort.spec.licence,
        "cutoff_hz": job.config.loads.cutoff_hz.of(job.trial.activity),
        "force_lag": job.config.ingest.force_lag,
        "versions": {name: metadata.version(name) for name in ("gaitload", "opensim", "numpy", "scipy")},
    }
