"""IMU kinematics stage: what joint angles the inertial sensors alone would have given (the OpenSense baseline)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from gaitload.baselines.standing import in_ground
from gaitload.cohorts.tables import TrialRow
from gaitload.errors import DataError
from gaitload.imu.orientation import resample_orientation
from gaitload.io.imu.oriented import read_sensors
from gaitload.io.imu.quaternion_sto import write_quaternion_sto
from gaitload.io.sto import read_sto
from gaitload.opensim.imu_kinematics import solve_imu_kinematics
from gaitload.opensim.process import run_isolated
from gaitload.quality import Gate, Quality, Verdict
from gaitload.stages.job import Job
from gaitload.stages.sensor_frames import (
    calibration_of,
    own_frames,
    solved_clock_s,
    standing_of,
    synchronised_frames,
)
from gaitload.trial import ImuRecording

NAME = "imu_kinematics"
VARIANTS = {"imu_ik": "", "imu_ik_equal": ".equal"}
"""Name of a baseline -> what stands before the suffix of its products."""


def inputs(job: Job) -> list[Path]:
    """Scaled model, the sensors, calibration included, and with markers the clock of the angles and what
    synchronisation found.

    Raises
    ------
    DataError
        IMU_CALIBRATION_REFUSED: the sensors of the static trial could not be used.
    """
    static = calibration_of(job)
    by_markers = [job.product("kinematics", ".mot"), job.product("sync", ".json")] if job.has_markers else []
    return [
        job.product("scale", ".osim"),
        *by_markers,
        job.product("sensors", ".parquet"),
        *(_calibration_files(job, static) if static else ()),
        job.model_source.family_path,
    ]


def settings(job: Job) -> dict:
    """Placement, heading and weights."""
    return {
        "by_tool": job.config.engine == "tools",
        "alone": None if job.has_markers else _alone(job),
        "imu_kinematics": job.config.imu_kinematics.model_dump(mode="json", exclude={"timeout_s"}),
    }


def run(job: Job, out: Path) -> Quality:
    """Write joint angles and what is left between sensors and model.

    `<trial>.mot` and `<trial>.errors.sto` (rad) have the weights configured, `<trial>.equal.*` equal ones;
    `<trial>.sensors.sto` holds the sensors in the ground frame.
    """
    chosen = job.config.imu_kinematics
    bodies = list(job.cohort.spec.imu_files)
    recordings = read_sensors(job.product("sensors", ".parquet"))
    names = [recording.name for recording in recordings]
    frames = synchronised_frames(job, names) if job.has_markers else own_frames(job, recordings)
    sensors = np.stack([recording.orientation_wxyz for recording in recordings], axis=1)
    time_s = recordings[0].time_s
    turned = in_ground(sensors, time_s, **frames.headings(chosen.heading, creeping=True))
    mot_s = solved_clock_s(job, recordings)
    placement, standing, pose = standing_of(job, frames, turned, time_s, mot_s)
    table = out / f"{job.stem}.sensors.sto"
    write_quaternion_sto(table, _on_clock(bodies, turned, frames.to_trial(time_s), mot_s, job.where))
    paths = {
        name: {kind: str(out / f"{job.stem}{infix}.{kind}") for kind in ("mot", "errors.sto")}
        for name, infix in VARIANTS.items()
    }
    solved = run_isolated(
        solve_imu_kinematics,
        {
            "engine": job.config.engine,
            "model": str(job.product("scale", ".osim")),
            "orientations_sto": str(table),
            "standing": {} if standing is None else dict(zip(bodies, standing.tolist(), strict=True)),
            "pose": pose,
            "mountings": dict(zip(bodies, frames.mounting_wxyz.tolist(), strict=True)) if standing is None else {},
            "weights": {"imu_ik": _weights(job, bodies), "imu_ik_equal": dict.fromkeys(bodies, 1.0)},
            "coordinates_mot": {name: kinds["mot"] for name, kinds in paths.items()},
            "errors_sto": {name: kinds["errors.sto"] for name, kinds in paths.items()},
            "where": job.where,
        },
        log=job.tool_log(NAME),
        where=job.where,
        timeout_s=chosen.timeout_s,
        leaks=job.config.engine == "tools",
    )
    numbers = {"placement": placement, "mountings_wxyz": solved["mountings"]}
    errors = read_sto(Path(paths["imu_ik"]["errors.sto"]))
    numbers["orientation_errors_rad"] = {
        name: float(np.sqrt(np.nanmean(errors.column(name) ** 2))) for name in errors.names
    }
    return Quality(NAME, job.where, tuple(_gates(placement)), numbers)


def _calibration_files(job: Job, static: TrialRow) -> list[Path]:
    """What of a static trial says how the sensors are worn: its sensors, and its markers where it and the trial have
    some."""
    quality = job.quality_of("sensors", static.trial_id)
    if quality.verdict is Verdict.REFUSED:
        raise DataError(
            expected=f"sensors of the static trial {static.trial_id} that can be used",
            found=f"they were refused: {quality.gates[0].code}, {quality.gates[0].reason}",
            where=job.where,
            do=f"Mend their files, take imu_dir of {static.trial_id} out of trials.tsv, or choose "
            "imu_kinematics.placement: standing or markers.",
            code="IMU_CALIBRATION_REFUSED",
        )
    files = [job.product("sensors", ".parquet", static.trial_id)]
    if not (job.has_markers and job.cohort.has_markers(static)):
        return files
    turns = [job.product("ingest", ".quality.json", trial) for trial in (None, static.trial_id)]
    return [*files, job.product("ingest", ".trc", static.trial_id), *turns, *job.marker_set_files]


def _on_clock(
    bodies: list[str], turned: np.ndarray, there_s: np.ndarray, mot_s: np.ndarray, where: str
) -> list[ImuRecording]:
    """Sensors by their bodies on the clock of the joint angles, cut to the time in which all of them recorded."""
    resampled = np.stack(
        [resample_orientation(turned[:, index], there_s, mot_s) for index in range(len(bodies))], axis=1
    )
    whole = np.flatnonzero(np.isfinite(resampled).all(axis=(1, 2)))
    if len(whole) < 2:
        raise DataError(
            expected="sensors that recorded while the cameras did",
            found="no time that all share",
            where=where,
            do="Look at the sync stage of this trial, and at which sensors were on.",
            code="IMU_NO_OVERLAP",
        )
    kept = slice(whole[0], whole[-1] + 1)
    blank = np.full((len(mot_s[kept]), 3), np.nan)
    empty = ImuRecording("", mot_s[kept], blank, blank)
    return [replace(empty, name=body, orientation_wxyz=resampled[kept, index]) for index, body in enumerate(bodies)]


def _alone(job: Job) -> dict:
    """What decides the angles of sensors without markers, beside their files."""
    window = {"window": job.config.window.model_dump(mode="json"), "part": [job.trial.start_s, job.trial.end_s]}
    return window | {"imu_forward": job.cohort.spec.imu_forward}


def _weights(job: Job, bodies: list[str]) -> dict[str, float]:
    distal = job.model_source.family.distal_bodies()
    return {body: job.config.imu_kinematics.distal_weight if body in distal else 1.0 for body in bodies}


def _gates(placement: str):
    if placement == "static_moving":
        yield Gate(
            "IMU_CALIBRATION_MOVED",
            Verdict.WARNED,
            None,
            None,
            "",
            "nobody stood still in the static trial: sensors are placed by the mean of all of it",
        )
    if placement == "markers":
        yield Gate(
            "IMU_PLACED_BY_MARKERS",
            Verdict.WARNED,
            None,
            None,
            "",
            "nobody stood still with the sensors on: markers say how they are worn, which flatters the baseline",
        )
