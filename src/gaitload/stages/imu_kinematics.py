"""IMU kinematics stage: what joint angles the inertial sensors alone would have given (the OpenSense baseline)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from gaitload.baselines.standing import facing_rad, in_ground, longest_standing, mean_orientations
from gaitload.cohorts.tables import TrialRow
from gaitload.conventions import sampling_rate_hz
from gaitload.errors import DataError
from gaitload.imu.orientation import resample_orientation
from gaitload.io.imu.oriented import read_sensors
from gaitload.io.imu.quaternion_sto import write_quaternion_sto
from gaitload.io.sto import read_sto
from gaitload.opensim.imu_kinematics import solve_imu_kinematics
from gaitload.opensim.process import run_isolated
from gaitload.quality import Gate, Quality, Verdict
from gaitload.stages.job import Job
from gaitload.stages.sync import found_by
from gaitload.sync.quaternions import matrix
from gaitload.trial import ImuRecording

NAME = "imu_kinematics"
VARIANTS = {"imu_ik": "", "imu_ik_equal": ".equal"}
"""Name of a baseline -> what stands before the suffix of its products."""


def inputs(job: Job) -> list[Path]:
    """Scaled model, clock of the angles, what synchronisation found, and the sensors, calibration included.

    Raises
    ------
    DataError
        IMU_CALIBRATION_REFUSED: the sensors of the static trial could not be used.
    """
    static = _calibration(job)
    return [
        job.product("scale", ".osim"),
        job.product("kinematics", ".mot"),
        job.product("sync", ".json"),
        job.product("sensors", ".parquet"),
        *(_calibration_files(job, static) if static else ()),
        job.model_source.family_path,
    ]


def settings(job: Job) -> dict:
    """Placement, heading and weights."""
    return {
        "by_tool": job.config.engine == "tools",
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
    frames = _Frames(job, [recording.name for recording in recordings])
    sensors = np.stack([recording.orientation_wxyz for recording in recordings], axis=1)
    time_s = recordings[0].time_s
    turned = in_ground(sensors, time_s, **frames.headings(chosen.heading, creeping=True))
    mot_s = read_sto(job.product("kinematics", ".mot")).time_s
    placement, standing, pose = _standing(job, frames, turned, time_s, mot_s)
    table = out / f"{job.stem}.sensors.sto"
    write_quaternion_sto(table, _on_clock(bodies, turned, frames.to_mocap(time_s), mot_s, job.where))
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
            "mountings": dict(zip(bodies, frames.mounting.tolist(), strict=True)) if standing is None else {},
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


class _Frames:
    """What synchronisation found out about the sensors of a trial, in their order."""

    def __init__(self, job: Job, names: list[str]) -> None:
        found = found_by(job)
        if np.isnan(found["offset_s"]):
            raise DataError(
                expected="sensors that were synchronised with the markers",
                found="no offset",
                where=job.where,
                do="See the sync stage of this trial.",
                code="IMU_NOT_SYNCHRONISED",
            )
        rows = [found["sensors"][name] for name in names]
        self._clock = found["offset_s"], found["skew"], found["centre_s"]
        self._heading = np.array([row["heading_rad"] for row in rows], dtype=float)
        self._rate = np.array([row["heading_rate_rad_per_s"] for row in rows], dtype=float)
        self.mounting = np.array([row["sensor_to_segment_wxyz"] for row in rows], dtype=float)

    def to_mocap(self, imu_s: np.ndarray) -> np.ndarray:
        """Times of the sensors on the clock of the markers."""
        offset_s, skew, _ = self._clock
        return offset_s + (1 + skew) * imu_s

    def headings(self, kind: str, *, creeping: bool) -> dict:
        """Arguments of `in_ground`."""
        heading, rate = self._heading, self._rate if creeping else np.zeros_like(self._rate)
        if kind == "common":
            mean = np.angle(np.exp(1j * heading).mean())
            heading, rate = np.full_like(heading, mean), np.zeros_like(rate)
        return {"heading_rad": heading, "heading_rate_rad_per_s": rate, "centre_s": self._clock[2]}

    def neutral_pose(self, standing: np.ndarray, job: Job) -> dict:
        """The model's default pose, facing where the sensor of the pelvis says, or the first there is."""
        family, bodies = job.model_source.family, list(job.cohort.spec.imu_files)
        index = bodies.index(family.pelvis_body) if family.pelvis_body in bodies else 0
        facing = facing_rad(matrix(standing[index]) @ matrix(self.mounting[index]).T)
        return {"rotation": family.heading_coordinate, "facing_rad": facing}


def _calibration(job: Job) -> TrialRow | None:
    """The static trial whose sensors say how they are worn; None where there is none or it is not wanted."""
    if job.config.imu_kinematics.placement not in ("auto", "static"):
        return None
    return next((static for static in job.statics if job.cohort.has_sensors(static)), None)


def _calibration_files(job: Job, static: TrialRow) -> list[Path]:
    """What of a static trial says how the sensors are worn: its markers, the marker set, and its sensors."""
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
    of_static = (("ingest", ".trc"), ("sensors", ".parquet"))
    return [*(job.product(stage, suffix, static.trial_id) for stage, suffix in of_static), *job.marker_set_files]


def _standing(
    job: Job, frames: _Frames, turned: np.ndarray, time_s: np.ndarray, mot_s: np.ndarray
) -> tuple[str, np.ndarray | None, dict]:
    """How the sensors are placed, how they were turned in the ground frame while the person stood, and the pose."""
    chosen, static = job.config.imu_kinematics, _calibration(job)
    if static is not None:
        standing, stood = _static_orientations(job, frames, static)
        pose = {
            "markers_trc": str(job.product("ingest", ".trc", static.trial_id)),
            "weights": {marker.name: marker.ik_weight for marker in job.marker_set.markers},
        }
        placement = "static" if stood else "static_moving"
        return placement, standing, pose if chosen.pose == "markers" else frames.neutral_pose(standing, job)
    there_s = frames.to_mocap(time_s)
    # Sensors often run before the cameras do, and of a pose then markers say nothing.
    within = (there_s >= mot_s[0]) & (there_s <= mot_s[-1]) if chosen.pose == "markers" else None
    wanted = chosen.placement in ("auto", "standing")
    still = longest_standing(turned, sampling_rate_hz(time_s), within=within) if wanted else None
    if still is not None:
        standing = mean_orientations(turned[still], job.where)
        span_s = there_s[still][[0, -1]].tolist()
        pose = {"coordinates_mot": str(job.product("kinematics", ".mot")), "span_s": span_s}
        return "standing", standing, pose if chosen.pose == "markers" else frames.neutral_pose(standing, job)
    if chosen.placement in ("auto", "markers"):
        return "markers", None, {}
    raise DataError(
        expected="a static trial with sensors"
        if chosen.placement == "static"
        else "a time in which the person stands still",
        found="none",
        where=job.where,
        do="Name the folder of the calibration pose in imu_dir of a static trial, or choose imu_kinematics.placement: "
        "auto, which falls back on the markers.",
        code="IMU_CALIBRATION_MISSING",
    )


def _static_orientations(job: Job, frames: _Frames, static: TrialRow) -> tuple[np.ndarray, bool]:
    """Mean orientations in the ground frame while the person stood; over the whole trial, and False, if nobody did."""
    recordings = read_sensors(job.product("sensors", ".parquet", static.trial_id))
    sensors = np.stack([recording.orientation_wxyz for recording in recordings], axis=1)
    # ASSUME: between the calibration pose and the trial no sensor's heading crept: nothing tells how far it did.
    headings = frames.headings(job.config.imu_kinematics.heading, creeping=False)
    level = in_ground(sensors, recordings[0].time_s, **headings)
    still = longest_standing(level, recordings[0].rate_hz)
    where = f"{job.where}, {static.trial_id}"
    return mean_orientations(level if still is None else level[still], where), still is not None


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
