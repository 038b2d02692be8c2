"""Sensors stage: the inertial sensors of a trial, read, checked and oriented once, for all stages that use them."""

from __future__ import annotations

from pathlib import Path

from gaitload.cohorts.sensor_recordings import read_sensor_files
from gaitload.imu.judgement import clipped_share, judge_sensors, missing_shares
from gaitload.io.imu.oriented import write_sensors
from gaitload.quality import Quality
from gaitload.stages.job import Job
from gaitload.trial import ImuRecording

NAME = "sensors"


def inputs(job: Job) -> list[Path]:
    """The sensors' files."""
    return list(dict.fromkeys(job.cohort.imu_files_of(job.trial).values()))


def settings(job: Job) -> dict:
    """What cohort.yaml says of the sensors, the folder of the trial, and whether headings follow the magnetometer."""
    return {
        **job.cohort.spec.model_dump(mode="json", include={"imu_files", "imu_rate_hz", "imu_columns"}),
        "imu_dir": job.trial.imu_dir,
        "magnetometer": job.config.sync.magnetometer,
    }


def run(job: Job, out: Path) -> Quality:
    """Write `<trial>.parquet`: specific force, angular velocity and orientation by body, on the sensors' clock."""
    magnetometer = job.config.sync.magnetometer
    recordings = read_sensor_files(job.cohort, job.trial, magnetometer=magnetometer)
    sensors = dict(zip(job.cohort.spec.imu_files, recordings, strict=True))
    document = {
        "cohort": job.cohort.name,
        "participant": job.participant.participant_id,
        "trial": job.stem,
        "magnetometer": magnetometer,
    }
    write_sensors(out / f"{job.stem}.parquet", list(sensors), recordings, document)
    return Quality(NAME, job.where, tuple(judge_sensors(sensors)), _numbers(sensors))


def _numbers(sensors: dict[str, ImuRecording]) -> dict:
    """Rate and duration of all sensors, and the shares of samples that each lacks or clipped."""
    recordings = tuple(sensors.values())
    time_s = recordings[0].time_s
    return {
        "rate_hz": recordings[0].rate_hz,
        "duration_s": float(time_s[-1] - time_s[0]),
        "missing_shares": dict(zip(sensors, missing_shares(recordings), strict=True)),
        "clipped_shares": {body: clipped_share(recording) for body, recording in sensors.items()},
    }
