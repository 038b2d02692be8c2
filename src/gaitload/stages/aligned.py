"""Aligned stage: measured inertial sensors, baselines and labels of a trial on one clock, in one table.

`gaitload.stages.aligned_virtual` is its sibling for sensors that nobody wore; each keeps tables of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.ndimage import binary_erosion

from gaitload.conventions import SIDES, column_stem, sampling_rate_hz
from gaitload.imu.columns import sensor_columns
from gaitload.io.imu.oriented import read_sensors
from gaitload.io.sto import Table, read_sto
from gaitload.io.tables import read_table, write_table
from gaitload.quality import Quality, gravest, reasons
from gaitload.stages import imu_kinematics
from gaitload.stages.chain import in_radians, on_clock
from gaitload.stages.job import Job
from gaitload.stages.solution import filtering_of
from gaitload.stages.sync import found_by
from gaitload.sync.transfer import on_trial_clock

NAME = "aligned"
Columns = dict[str, tuple[np.ndarray, dict]]


def inputs(job: Job) -> list[Path]:
    """Labels, sensors, and what was made of them."""
    return [
        job.product("labels", ".parquet"),
        job.product("sensors", ".parquet"),
        job.product("sensors", ".quality.json"),
        job.product("sync", ".json"),
        job.product("sync", ".quality.json"),
        *(
            job.product("imu_kinematics", f"{infix}{suffix}")
            for infix in imu_kinematics.VARIANTS.values()
            for suffix in (".mot", ".errors.sto")
        ),
        job.product("imu_loads", ".parquet"),
        job.model_source.family_path,
    ]


def settings(job: Job) -> dict:
    """Which sensors, and the cut-off that the labels' angles went through."""
    return {
        "cutoff_hz": job.config.loads.cutoff_hz.of(job.trial.activity),
        "participant": job.participant.participant_id,
    }


def run(job: Job, out: Path) -> Quality:
    """Write `<trial>.parquet`: the columns of the label file, then sensors, then baselines."""
    values, meanings, document = read_table(job.product("labels", ".parquet"))
    columns = {name: (values[name], meanings[name]) for name in values}
    # Baselines are as much in doubt as the sensors that they are made of, and as their clock.
    found = (*job.quality_of("sensors").gates, *job.quality_of("sync").gates)
    trust = {"verdict": gravest(found), "reasons": list(reasons(found))}
    made = _measured(job, values["time_s"]) | _angles(job, values) | _loads(job, values["time_s"])
    columns |= {name: (column, meaning | trust) for name, (column, meaning) in made.items()}
    write_table(out / f"{job.stem}.parquet", columns, document)
    return Quality(NAME, job.where)


def _measured(job: Job, time_s: np.ndarray) -> Columns:
    recordings, clock = read_sensors(job.product("sensors", ".parquet")), found_by(job)
    there_s = clock["offset_s"] + (1 + clock["skew"]) * recordings[0].time_s
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
