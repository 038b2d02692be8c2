"""Labels stage: one self-describing table of loads per trial, and the verdict on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path

import numpy as np

from gaitload import gates
from gaitload.config.motion import Gates
from gaitload.conventions import SIDES, column_stem, sampling_rate_hz
from gaitload.gates import Solution
from gaitload.io.tables import read_table, write_table
from gaitload.labels import TrialLoads, in_every_unit
from gaitload.labels.knee_compartments import split
from gaitload.provenance import content_hash
from gaitload.quality import Gate, Quality
from gaitload.registry import modules_of
from gaitload.stages.job import Job
from gaitload.stages.solution import near, read_solution

NAME = "labels"
FLAGS = {
    1: "IK_MARKERS_MAX",
    2: "OPTIMIZATION_UNSOLVED",
    4: "RESERVES",
    8: "MUSCLES_SATURATED",
    16: "KNEE_COMPARTMENT_CLAMPED",
    32: "CONTACT_UNMEASURED",
    64: "PLATE_SHARED",
}
"""Bit of the column `frame_flags` -> reason code."""
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
        job.product("ingest", ".quality.json"),
        *(job.product("ingest", ".quality.json", static.trial_id) for static in job.statics),
        job.product("scale", ".osim"),
        job.product("scale", ".scaling.json"),
        job.product("kinematics", ".marker_errors.sto"),
        job.product("kinematics", ".quality.json"),
        job.product("loads", ""),
        job.product("loads", ".quality.json"),
        *([job.product("uncertainty", ".parquet")] if job.config.uncertainty.samples else []),
        source.family_path,
        job.marker_set_path,
    ]


def settings(job: Job) -> dict:
    """The mode, the gates, and what the metadata say about the trial."""
    return {
        "label_mode": job.config.label_mode,
        "uncertainty": job.config.uncertainty.model_dump(mode="json", exclude={"timeout_s"}),
        "gates": job.config.gates.model_dump(mode="json"),
        "metadata": _document(job),
    }


def run(job: Job, out: Path) -> Quality:
    """Write `<trial>.parquet`."""
    record = job.document("scale", ".scaling.json")
    solution = read_solution(job, record)
    columns = label_columns(solution, frame_flags(solution, job.config.gates, _bad_contacts_s(job)))
    quality = Quality(NAME, job.where, tuple(_gates(job, solution, record)), _peaks(columns) | _lag(job))
    for name, (_, meaning) in columns.items():
        if "label" in meaning:
            meaning |= {"verdict": quality.verdict_on(name), "reasons": quality.reasons_on(name)}
    if job.config.uncertainty.samples:
        columns = with_deviations(columns, *read_table(job.product("uncertainty", ".parquet"))[:2])
    hashes = {_told(path, job): content_hash(path) for path in inputs(job)}
    write_table(
        out / f"{job.stem}.parquet", columns, _document(job) | {"verdict": quality.verdict, "inputs_sha256": hashes}
    )
    return quality


def label_columns(solution: Solution, flags: np.ndarray) -> dict[str, tuple[np.ndarray, dict]]:
    """All columns of a label table, each with its meaning: time, contact, flags, then every label in every unit."""
    loads = solution.loads
    columns = {"time_s": (loads.time_s, {"unit": "s", "definition": "time on the clock of the recording"})}
    for number, side in enumerate(SIDES):
        columns[f"contact_{side}"] = (solution.contact[:, number], {"definition": "the foot is loaded"})
    columns["frame_flags"] = (
        flags,
        {"definition": "sum of the bits of the reasons to distrust a frame", "bits": FLAGS},
    )
    return columns | load_columns(loads)


def load_columns(loads: TrialLoads) -> dict[str, tuple[np.ndarray, dict]]:
    """Every label in every unit, each with its meaning."""
    columns = {}
    for module in modules_of("gaitload.labels", required=("LABEL", "compute")).values():
        label = module.LABEL
        meaning = {key: getattr(label, key) for key in ("definition", "frame", "positive", "source")}
        if label.muscle_group:
            meaning["muscles"] = loads.family.muscle_groups[label.muscle_group]
        for name, (values, unit) in in_every_unit(label, module.compute(loads), loads.mass_kg).items():
            columns[name] = (values, {"label": label.name, "unit": unit} | meaning)
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


def frame_flags(
    solution: Solution, limits: Gates, bad_contacts_s: Mapping[str, Sequence[tuple[float, float]]]
) -> np.ndarray:
    """Bits of `FLAGS` per frame, shape (T,), uint8.

    Parameters
    ----------
    bad_contacts_s
        Reason code -> `[start, end)` of the times in which ingest found the contact of a foot not usable.
    """
    loads = solution.loads
    half_frame_s = 0.5 / sampling_rate_hz(loads.time_s)
    unsolved = np.zeros(len(loads.time_s), dtype=bool)
    for time_s in solution.unsolved_s:
        unsolved |= np.abs(loads.time_s - time_s) < half_frame_s
    reasons = {
        "IK_MARKERS_MAX": gates.ik_outliers(solution, limits),
        "OPTIMIZATION_UNSOLVED": unsolved,
        "RESERVES": gates.excessive_reserves(solution, limits),
        "MUSCLES_SATURATED": np.any(list(gates.saturation(solution, limits).values()), axis=0),
        **{code: near(loads.time_s, spans, 0.0) for code, spans in bad_contacts_s.items()},
        "KNEE_COMPARTMENT_CLAMPED": np.any([clamped for _, _, clamped in split(loads).values()], axis=0),
    }
    return np.sum([np.uint8(bit) * reasons[code] for bit, code in FLAGS.items()], axis=0).astype(np.uint8)


def _bad_contacts_s(job: Job) -> dict[str, list[tuple[float, float]]]:
    """Times in which a foot stood on the floor and on no plate, and in which both stood on one."""
    numbers = job.quality_of("ingest").numbers
    unmeasured = [span for spans in numbers["unmeasured_s"].values() for span in spans]
    return {"CONTACT_UNMEASURED": unmeasured, "PLATE_SHARED": numbers["shared_s"]}


def _told(path: Path, job: Job) -> str:
    """Name of an input that does not depend on the machine."""
    return path.relative_to(job.results).as_posix() if path.is_relative_to(job.results) else path.name


def _gates(job: Job, solution: Solution, record: dict) -> Iterator[Gate]:
    limits = job.config.gates
    yield from job.quality_of("ingest").gates
    for static in job.statics:
        yield from gates.judge_static(job.quality_of("ingest", static.trial_id))
    yield from gates.judge_scaling(record, limits)
    yield from gates.judge_mass(solution, limits)
    yield from gates.judge_kinematics(solution, limits)
    yield from gates.judge_residuals(solution, limits, untracked=tuple(record["locked_coordinates"]))
    yield from gates.judge_reserves(solution, limits)
    yield from gates.judge_muscles(solution, limits)
    yield from gates.judge_plausibility(solution, limits, activity=job.trial.activity)
    yield from gates.judge_free_moment(solution, limits)


def _peaks(columns: dict[str, tuple[np.ndarray, dict]]) -> dict[str, float]:
    """Peaks (BW) of the labels people ask for first."""
    names = [f"{column_stem(label, side, component)}_bw" for label, component in PEAKS for side in SIDES]
    return {f"peak_{name}": float(np.nanmax(columns[name][0])) for name in names}


def _lag(job: Job) -> dict[str, float]:
    """Lag between forces and markers with its standard error (s)."""
    numbers = job.quality_of("kinematics").numbers
    return {key: numbers[key] for key in ("force_lag_s", "force_lag_se_s")}


def _document(job: Job) -> dict:
    """Metadata of the file."""
    return {
        "cohort": job.cohort.name,
        "participant": job.participant.model_dump(mode="json"),
        "trial": job.trial.model_dump(mode="json"),
        "label_mode": job.config.label_mode,
        "muscles": job.config.physics.model_dump(mode="json"),
        "engine": job.config.engine,
        "model": job.config.model,
        "source": job.cohort.spec.source,
        "licence": job.cohort.spec.licence,
        "cutoff_hz": job.config.loads.cutoff_hz.of(job.trial.activity),
        "versions": {name: metadata.version(name) for name in ("gaitload", "opensim", "numpy", "scipy")},
    }
