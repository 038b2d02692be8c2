"""Sync stage: the clock of a trial's inertial sensors against that of its markers, and how the sensors are worn."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gaitload.io.files import write_text_aside
from gaitload.io.imu.oriented import read_sensors
from gaitload.io.imu.quaternion_sto import read_quaternion_sto
from gaitload.opensim.process import run_isolated
from gaitload.opensim.segments import write_cluster_orientations, write_segment_orientations
from gaitload.quality import Quality
from gaitload.stages.job import Job
from gaitload.stages.products import json_text
from gaitload.sync.result import Search, Synchronisation, with_nan, without_nan
from gaitload.sync.search import synchronise
from gaitload.sync.streams import Orientations
from gaitload.trial import ImuRecording

NAME = "sync"
TIMEOUT_S = 600.0


def inputs(job: Job) -> list[Path]:
    """Scaled model, joint angles or markers, and the sensors."""
    return [job.product("scale", ".osim"), _motion(job), job.product("sensors", ".parquet")]


def settings(job: Job) -> dict:
    """How to search."""
    return {"sync": job.config.sync.model_dump(mode="json", exclude={"magnetometer"})}


def run(job: Job, out: Path) -> Quality:
    """Write `<trial>.json` (clock, frames, cost over lag) and `<trial>.segments.sto`."""
    segments = out / f"{job.stem}.segments.sto"
    by_clusters = job.config.sync.segments == "clusters"
    run_isolated(
        write_cluster_orientations if by_clusters else write_segment_orientations,
        {
            "model": str(job.product("scale", ".osim")),
            "markers_trc" if by_clusters else "coordinates_mot": str(_motion(job)),
            "bodies": list(job.cohort.spec.imu_files),
            "orientations_sto": str(segments),
            "where": job.where,
        },
        log=job.tool_log(NAME),
        where=job.where,
        timeout_s=TIMEOUT_S,
        leaks=False,
    )
    chosen = job.config.sync.model_dump(exclude={"magnetometer", "segments"})
    sensors = read_sensors(job.product("sensors", ".parquet"))
    found = synchronise(orientations(sensors), orientations(read_quaternion_sto(segments)), Search(**chosen))
    write_text_aside(out / f"{job.stem}.json", document_text(found))
    return Quality(NAME, job.where, found.gates, found.numbers())


def _motion(job: Job) -> Path:
    """What tells how the segments turned."""
    clusters = job.config.sync.segments == "clusters"
    return job.product("ingest", ".trc") if clusters else job.product("kinematics", ".mot")


def orientations(recordings: tuple[ImuRecording, ...]) -> Orientations:
    """Orientations of sensors that share a clock."""
    return Orientations(
        tuple(recording.name for recording in recordings),
        recordings[0].time_s,
        np.stack([recording.orientation_wxyz for recording in recordings], axis=1),
    )


def document_text(found: Synchronisation) -> str:
    """JSON of what was found, described in docs/sync.md; the long curves come last, for those who read it by eye."""
    return json_text(without_nan(found.numbers()) | _curves(found), sort_keys=False)


def found_by(job: Job) -> dict:
    """What the stage found of a job's trial, `document_text` read back, NaN where nothing was found.

    Raises
    ------
    DataError
        Those of `Job.document`.
    """
    return with_nan(job.document(NAME, ".json"))


def _curves(found: Synchronisation) -> dict:
    """What a figure shows; NaN, which JSON does not have, left out."""
    known = np.isfinite(found.lag_cost)
    return {
        "lag_s": found.lag_s[known].tolist(),
        "lag_cost": found.lag_cost[known].tolist(),
        "window_centre_s": found.window_centre_s.tolist(),
        "window_offset_s": found.window_offset_s.tolist(),
    }
