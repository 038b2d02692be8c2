"""Aligned stage of virtual sensors: what sensors would have measured, beside the labels of a trial, in one table."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gaitload.conventions import sampling_rate_hz
from gaitload.io.tables import read_table, write_table
from gaitload.opensim.process import run_isolated
from gaitload.opensim.virtual_imu import write_virtual_imus
from gaitload.quality import Quality
from gaitload.stages.emg_loads import informed_at
from gaitload.stages.external import columns_at
from gaitload.stages.job import Job

NAME = "aligned_virtual"
TIMEOUT_S = 600.0


def inputs(job: Job) -> list[Path]:
    """Labels, and the motion and the model that carry the sensors."""
    return [
        job.product("labels", ".parquet"),
        job.product("loads", ""),
        job.product("scale", ".osim"),
        job.product("scale", ".scaling.json"),
        job.model_source.sensors_path,
        *([job.product("external", ".parquet")] if "external" in job.stages else []),
        *([job.product("emg_loads", ".parquet")] if "emg_loads" in job.stages else []),
    ]


def settings(job: Job) -> dict:
    """Errors of the sensors, and the name of the participant, which they are drawn by."""
    return {
        "virtual": job.config.aligned.virtual.model_dump(mode="json"),
        "overlap_min": job.config.external.overlap_min,
        "participant": job.participant.participant_id,
    }


def run(job: Job, out: Path) -> Quality:
    """Write `<trial>.parquet`: the columns of the label file, then sensors, then external columns."""
    values, meanings, document = read_table(job.product("labels", ".parquet"))
    columns = {name: (values[name], meanings[name]) for name in values}
    columns |= _sensors(job, values["time_s"], out / f"{job.stem}.sensors.parquet")
    if "external" in job.stages:
        columns |= columns_at(job, values["time_s"], taken=list(columns))
    if "emg_loads" in job.stages:
        columns |= informed_at(job, values["time_s"])
    write_table(out / f"{job.stem}.parquet", columns, document)
    return Quality(NAME, job.where)


def _sensors(job: Job, time_s: np.ndarray, table: Path) -> dict[str, tuple[np.ndarray, dict]]:
    errors = job.config.aligned.virtual
    run_isolated(
        write_virtual_imus,
        {
            "model": str(job.product("scale", ".osim")),
            "coordinates_mot": str(job.product("loads", "") / "coordinates.mot"),
            "sensors": str(job.model_source.sensors_path),
            "factors": job.document("scale", ".scaling.json")["scale_factors"],
            "at": errors.at,
            "errors": errors.model_dump(mode="json", exclude={"seed", "at"}),
            "seed": errors.seed,
            "person": f"{job.cohort.name}/{job.participant.participant_id}",
            "trial": job.stem,
            "table": str(table),
            "where": job.where,
        },
        log=job.tool_log(NAME),
        where=job.where,
        timeout_s=TIMEOUT_S,
        leaks=False,
    )
    signals, meanings, _ = read_table(table)
    table.unlink()
    rows = np.searchsorted(signals["time_s"], time_s - 0.5 / sampling_rate_hz(time_s))
    return {name: (signals[name][rows], meanings[name]) for name in signals if name != "time_s"}
