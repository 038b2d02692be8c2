"""Sync stage: the clock of a trial's inertial sensors against that of its markers, and how the sensors are worn."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gaitload.cohorts.tables import TrialRow
from gaitload.errors import DataError
from gaitload.imu.clock import on_common_clock
from gaitload.imu.orientation import with_orientation
from gaitload.io.files import write_text_aside
from gaitload.io.imu.quaternion_sto import read_quaternion_sto
from gaitload.io.imu.reader import read_imu
from gaitload.opensim.process import run_isolated
from gaitload.opensim.segments import write_cluster_orientations, write_segment_orientations
from gaitload.quality import Quality
from gaitload.stages.job import Job
from gaitload.stages.products import json_text
from gaitload.sync.result import Search, Synchronisation
from gaitload.sync.search import synchronise
from gaitload.sync.streams import Orientations
from gaitload.trial import ImuRecording

NAME = "sync"
TIMEOUT_S = 600.0


def inputs(job: Job) -> list[Path]:
    """Scaled model, joint angles or markers, and the sensors' files."""
    return [
        job.product("scale", ".osim"),
        _motion(job),
        *dict.fromkeys(job.cohort.imu_files_of(job.trial).values()),
    ]


def settings(job: Job) -> dict:
    """How to search, and which body carries which sensor."""
    return {
        "sync": job.config.sync.model_dump(mode="json"),
        **sensors_told(job),
        "imu_dir": job.trial.imu_dir,
    }


def sensors_told(job: Job) -> dict:
    """What cohort.yaml says about the sensors, plain."""
    return job.cohort.spec.model_dump(mode="json", include={"imu_files", "imu_rate_hz", "imu_columns"})


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
    sensors = read_sensors(job, job.trial)
    found = synchronise(orientations(sensors), orientations(read_quaternion_sto(segments)), Search(**chosen))
    write_text_aside(out / f"{job.stem}.json", json_text(found.numbers() | _curves(found)))
    return Quality(NAME, job.where, found.gates, found.numbers())


def _motion(job: Job) -> Path:
    """What tells how the segments turned."""
    clusters = job.config.sync.segments == "clusters"
    return job.product("ingest", ".trc") if clusters else job.product("kinematics", ".mot")


def read_sensors(job: Job, trial: TrialRow) -> tuple[ImuRecording, ...]:
    """Sensors of a trial in the order of the bodies that carry them, each with an orientation, on one clock.

    Raises
    ------
    DataError
        IMU_SENSORS_MANY: a file with more than one sensor; IMU_SENSOR_UNKNOWN: a name that no file holds; those of the
        readers and of `with_orientation`.
    """
    files, names = job.cohort.imu_files_of(trial), job.cohort.imu_names
    where = f"{job.cohort.name}/{job.participant.participant_id}/{trial.trial_id}"
    recordings = _recordings(job, files)
    if names:
        recordings = _by_name(recordings, list(names.values()), where)
    elif len(recordings) != len(files):
        raise DataError(
            expected=f"one sensor in each of {len(files)} files",
            found=f"{len(recordings)} sensors",
            where=where,
            do="Pick each by #name behind its file in imu_files of cohort.yaml.",
            code="IMU_SENSORS_MANY",
        )
    magnetometer = job.config.sync.magnetometer
    return on_common_clock([with_orientation(recording, magnetometer=magnetometer) for recording in recordings])


def _recordings(job: Job, files: dict[str, Path]) -> tuple[ImuRecording, ...]:
    spec, names = job.cohort.spec, job.cohort.imu_names
    paths = list(dict.fromkeys(files.values()))
    if not spec.imu_columns:
        return read_imu(paths, rate_hz=spec.imu_rate_hz)
    return tuple(
        recording
        for path in paths
        for recording in read_imu(
            path, columns={names[body]: spec.imu_columns[names[body]] for body in files if files[body] == path}
        )
    )


def _by_name(recordings: tuple[ImuRecording, ...], names: list[str], where: str) -> tuple[ImuRecording, ...]:
    known = {recording.name: recording for recording in recordings}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise DataError(
            expected=f"sensors named {', '.join(known)}",
            found=", ".join(unknown),
            where=f"{where}, imu_files in cohort.yaml",
            do="Correct the names behind #.",
            code="IMU_SENSOR_UNKNOWN",
        )
    return tuple(known[name] for name in names)


def orientations(recordings: tuple[ImuRecording, ...]) -> Orientations:
    """Orientations of sensors that share a clock."""
    return Orientations(
        tuple(recording.name for recording in recordings),
        recordings[0].time_s,
        np.stack([recording.orientation_wxyz for recording in recordings], axis=1),
    )


def _curves(found: Synchronisation) -> dict:
    """What a figure shows; NaN, which JSON does not have, left out."""
    known = np.isfinite(found.lag_cost)
    return {
        "lag_s": found.lag_s[known].tolist(),
        "lag_cost": found.lag_cost[known].tolist(),
        "window_centre_s": found.window_centre_s.tolist(),
        "window_offset_s": found.window_offset_s.tolist(),
    }
