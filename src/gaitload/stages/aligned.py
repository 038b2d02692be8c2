"""Aligned stage: labels, measured inertial sensors, baselines and external columns of a trial on one clock.

`gaitload.stages.aligned_virtual` is its sibling for virtual sensors; each keeps tables of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.ndimage import binary_erosion

from gaitload.conventions import SIDES, column_stem, sampling_rate_hz
from gaitload.errors import DataError
from gaitload.imu.columns import sensor_columns
from gaitload.io.imu.oriented import read_sensors
from gaitload.io.sto import Table, read_sto
from gaitload.io.tables import read_table, write_table
from gaitload.quality import Quality, gravest, reasons
from gaitload.stages import imu_kinematics
from gaitload.stages.chain import in_radians, on_clock
from gaitload.stages.emg_loads import informed_at
from gaitload.stages.external import columns_at
from gaitload.stages.job import Job
from gaitload.stages.solution import filtering_of
from gaitload.stages.sync import found_by
from gaitload.sync.transfer import on_trial_clock

NAME = "aligned"
Columns = dict[str, tuple[np.ndarray, dict]]


def inputs(job: Job) -> list[Path]:
    """Products of the earlier stages that the trial goes through: labels, sensors, baselines, external columns."""
    files = {
        "labels": [job.product("labels", ".parquet")],
        "external": [job.product("external", ".parquet")],
        "emg_loads": [job.product("emg_loads", ".parquet")],
        "sensors": [job.product("sensors", ".parquet"), job.product("sensors", ".quality.json")],
        "sync": [job.product("sync", ".json"), job.product("sync", ".quality.json")],
        "imu_kinematics": [
            job.product("imu_kinematics", f"{infix}{suffix}")
            for infix in imu_kinematics.VARIANTS.values()
            for suffix in (".mot", ".errors.sto")
            if job.has_markers
        ],
        "imu_loads": [job.product("imu_loads", ".parquet")],
    }
    return [*(path for stage in files if stage in job.stages for path in files[stage]), job.model_source.family_path]


def settings(job: Job) -> dict:
    """Cut-off of the labels' angles, least overlap of external columns, participant, and metadata without labels."""
    return {
        "cutoff_hz": job.config.loads.cutoff_hz.of(job.trial.activity),
        "overlap_min": job.config.external.overlap_min,
        "participant": job.participant.participant_id,
        "document": {} if job.has_markers else _document(job),
    }


def run(job: Job, out: Path) -> Quality:
    """Write `<trial>.parquet`: labels where there are markers, then sensors, baselines and external columns."""
    columns, document = _labels(job) if job.has_markers else (_own_clock(job), _document(job))
    time_s, gates = columns["time_s"][0], []
    if "sensors" in job.stages:
        columns |= _of_sensors(job, {name: values for name, (values, _) in columns.items()})
    if "external" in job.stages:
        external, gates = columns_at(job, time_s, taken=list(columns))
        columns |= external
    if "emg_loads" in job.stages:
        columns |= informed_at(job, time_s)
    write_table(out / f"{job.stem}.parquet", columns, document)
    return Quality(NAME, job.where, tuple(gates))


def _labels(job: Job) -> tuple[Columns, dict]:
    values, meanings, document = read_table(job.product("labels", ".parquet"))
    return {name: (values[name], meanings[name]) for name in values}, document


def _own_clock(job: Job) -> Columns:
    """Times of a trial without markers, between start_s and end_s of trials.tsv: those of the sensors, or else of the
    external columns."""
    stage = "sensors" if "sensors" in job.stages else "external"
    time_s = read_table(job.product(stage, ".parquet"))[0]["time_s"]
    first_s, last_s = job.trial.start_s, job.trial.end_s
    inside = (time_s >= (-np.inf if first_s is None else first_s)) & (time_s < (np.inf if last_s is None else last_s))
    if inside.sum() < 2:
        raise DataError(
            expected=f"samples from {first_s} to {last_s} s, as start_s and end_s say",
            found=f"a trial from {time_s[0]:.2f} to {time_s[-1]:.2f} s",
            where=job.where,
            do="Correct start_s and end_s in trials.tsv.",
            code="WINDOW_OUTSIDE",
        )
    return {"time_s": (time_s[inside], {"unit": "s", "definition": f"time on the clock of the {stage}"})}


def _document(job: Job) -> dict:
    """Metadata of the table of a trial without labels."""
    return {
        "cohort": job.cohort.name,
        "participant": job.participant.deciding_labels(),
        "trial": job.trial.model_dump(mode="json"),
        "source": job.cohort.spec.source,
        "licence": job.cohort.spec.licence,
    }


def _of_sensors(job: Job, labels: Mapping[str, np.ndarray]) -> Columns:
    """Sensors and baselines by them; their verdict is that of the sensors and their clock."""
    found = job.quality_of("sensors").gates
    made = _measured(job, labels["time_s"])
    if job.has_markers:
        found = (*found, *job.quality_of("sync").gates)
        made |= _angles(job, labels) | _loads(job, labels["time_s"])
    trust = {"verdict": gravest(found), "reasons": list(reasons(found))}
    return {name: (column, meaning | trust) for name, (column, meaning) in made.items()}


def _measured(job: Job, time_s: np.ndarray) -> Columns:
    recordings = read_sensors(job.product("sensors", ".parquet"))
    there_s = recordings[0].time_s
    if job.has_markers:
        clock = found_by(job)
        there_s = clock["offset_s"] + (1 + clock["skew"]) * there_s
    columns: Columns = {}
    for body, recording in zip(job.cohort.spec.imu_files, recordings, strict=True):
        columns |= sensor_columns(body, on_trial_clock(recording, there_s, time_s), {"source": "measured"})
    return columns


def _angles(job: Job, labels: Mapping[str, np.ndarray]) -> Columns:
    """Joint angles by the sensors, through the filter of the labels; NaN where a sensor was missing."""
    family, columns = job.model_source.family, {}
    for baseline, infix in imu_kinematics.VARIANTS.items():
        motion = read_sto(job.product("imu_kinematics", f"{infix}.mot"))
        table = replace(motion, values=filtering_of(job).motion(motion.time_s, motion.values))
        angles = in_radians(on_clock(table, labels["time_s"]), table.in_degrees, family)
        missing = sensor_missing(job, infix, labels["time_s"])
        for coordinate in family.side_coordinates:
            for side in SIDES:
                of = f"{column_stem(coordinate, side)}_rad"
                found = np.where(missing, np.nan, angles[f"{coordinate}_{side}"])
                columns[f"{baseline}_{of}"] = (found, {"baseline": baseline, "of": of, "unit": "rad"})
    return columns


def _loads(job: Job, time_s: np.ndarray) -> Columns:
    values, meanings, _ = read_table(job.product("imu_loads", ".parquet"))
    names = tuple(name for name in values if name != "time_s")
    if not names:  # A motion without force plates has no loads by sensors either.
        return {}
    table = Table(names, values["time_s"], np.stack([values[name] for name in names], axis=1), in_degrees=False)
    missing = sensor_missing(job, imu_kinematics.VARIANTS["imu_ik"], time_s)
    known = {name: np.where(missing, np.nan, column) for name, column in on_clock(table, time_s).items()}
    return {name: (column, meanings[name]) for name, column in known.items()}


def sensor_missing(job: Job, infix: str, time_s: np.ndarray) -> np.ndarray:
    """True while a sensor was missing, whose joint was held still, and as far around as the filter smears that.

    Parameters
    ----------
    infix : str
        Of the solution, see `imu_kinematics.VARIANTS`.
    time_s : ndarray, shape (T,)
        Of the labels; times at which there is no solution are missing too.

    Returns
    -------
    ndarray of bool, shape (T,)
    """
    errors = read_sto(job.product("imu_kinematics", f"{infix}.errors.sto"))
    known = np.isfinite(np.stack(list(on_clock(errors, time_s).values()))).all(axis=0)
    reach = math.ceil(filtering_of(job).reach_s * sampling_rate_hz(time_s) - 1e-6)
    return ~binary_erosion(known, np.ones(2 * reach + 1), border_value=1)
