"""How the sensors of a trial stand to the ground, to the clock of the trial and to their segments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitload.baselines.standing import facing_rad, heading_of_axis_rad, in_ground, longest_standing, mean_orientations
from gaitload.cohorts.tables import TrialRow
from gaitload.conventions import sampling_rate_hz
from gaitload.errors import DataError
from gaitload.io.imu.oriented import read_sensors
from gaitload.io.sto import read_sto
from gaitload.stages.job import Job
from gaitload.stages.sync import found_by
from gaitload.sync.quaternions import from_rotation_vector, matrix, multiply
from gaitload.trial import ImuRecording


@dataclass(frozen=True)
class SensorFrames:
    """Clock, headings and mountings of the sensors of a trial, in their order.

    Attributes
    ----------
    offset_s, skew : float
        Time of the trial = offset + (1 + skew) * time of the sensors.
    centre_s : float
        Time of the sensors at which `heading_rad` holds.
    heading_rad, heading_rate_rad_per_s : ndarray, shape (S,)
        Of the earth frame of each sensor relative to the ground frame, and how fast it creeps.
    mounting_wxyz : ndarray, shape (S, 4), or None
        Turn of each sensor's frame into that of its body; None where markers do not tell it.
    """

    offset_s: float
    skew: float
    centre_s: float
    heading_rad: np.ndarray
    heading_rate_rad_per_s: np.ndarray
    mounting_wxyz: np.ndarray | None

    def to_trial(self, imu_s: np.ndarray) -> np.ndarray:
        """Times of the sensors on the clock of the trial."""
        return self.offset_s + (1 + self.skew) * imu_s

    def headings(self, kind: str, *, creeping: bool) -> dict:
        """Arguments of `in_ground`."""
        heading, rate = self.heading_rad, self.heading_rate_rad_per_s
        if kind == "common":
            mean = np.angle(np.exp(1j * heading).mean())
            heading, rate = np.full_like(heading, mean), np.zeros_like(rate)
        rate = rate if creeping else np.zeros_like(rate)
        return {"heading_rad": heading, "heading_rate_rad_per_s": rate, "centre_s": self.centre_s}

    def neutral_pose(self, standing: np.ndarray, job: Job) -> dict:
        """The model's default pose, facing where the sensor of the pelvis says, or the first there is.

        Without markers the headings are those of somebody who faces forward while standing.
        """
        family, bodies = job.model_source.family, list(job.cohort.spec.imu_files)
        if self.mounting_wxyz is None:
            return {"rotation": family.heading_coordinate, "facing_rad": 0.0}
        index = bodies.index(family.pelvis_body) if family.pelvis_body in bodies else 0
        facing = facing_rad(matrix(standing[index]) @ matrix(self.mounting_wxyz[index]).T)
        return {"rotation": family.heading_coordinate, "facing_rad": facing}


def synchronised_frames(job: Job, names: list[str]) -> SensorFrames:
    """What synchronisation with the markers found; raises `DataError` (IMU_NOT_SYNCHRONISED)."""
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
    return SensorFrames(
        found["offset_s"],
        found["skew"],
        found["centre_s"],
        np.array([row["heading_rad"] for row in rows], dtype=float),
        np.array([row["heading_rate_rad_per_s"] for row in rows], dtype=float),
        np.array([row["sensor_to_segment_wxyz"] for row in rows], dtype=float),
    )


def own_frames(job: Job, recordings: tuple[ImuRecording, ...]) -> SensorFrames:
    """Frames of sensors without markers: their own clock, and one heading for all.

    The heading is that at which the axis of `imu_forward` in cohort.yaml points forward while the person stands, as
    OpenSim's IMUPlacer has it.

    Raises
    ------
    DataError
        IMU_CALIBRATION_MISSING: nobody stood; IMU_FORWARD_UPRIGHT: that axis does not point ahead; those of
        `mean_orientations`.
    """
    # ASSUME: without markers the earth frames of all sensors share one heading, and it does not creep.
    (body, axis), *_ = job.cohort.spec.imu_forward.items()
    static = calibration_of(job)
    if static is not None:
        recordings = read_sensors(job.product("sensors", ".parquet", static.trial_id))
    none = np.zeros(len(recordings))
    level = in_ground(_stacked(recordings), recordings[0].time_s, **_headings(none))
    still = longest_standing(level, recordings[0].rate_hz)
    if static is None and still is None:
        raise _nobody_stood(job)
    standing = mean_orientations(level if still is None else level[still], job.where)
    index = list(job.cohort.spec.imu_files).index(body)
    heading = heading_of_axis_rad(matrix(standing[index]), axis)
    if np.isnan(heading):
        raise DataError(
            expected=f"axis {axis} of the sensor on {body} to point ahead while the person stands (imu_forward)",
            found="an axis within 30 deg of the vertical",
            where=job.where,
            do="Correct imu_forward in cohort.yaml: the axis as it is drawn on the sensor that points forward.",
            code="IMU_FORWARD_UPRIGHT",
        )
    return SensorFrames(0.0, 0.0, 0.0, np.full(len(recordings), heading), none, None)


def calibration_of(job: Job) -> TrialRow | None:
    """The static trial whose sensors say how they are worn; None where there is none or it is not wanted."""
    if job.config.imu_kinematics.placement not in ("auto", "static"):
        return None
    return next((static for static in job.statics if job.cohort.has_sensors(static)), None)


def standing_of(
    job: Job, frames: SensorFrames, turned: np.ndarray, time_s: np.ndarray, clock_s: np.ndarray
) -> tuple[str, np.ndarray | None, dict]:
    """How the sensors are placed, how they were turned in the ground frame while the person stood, and the pose.

    Parameters
    ----------
    job : Job
    frames : SensorFrames
    turned : ndarray, shape (T, S, 4)
        Sensors in the ground frame of the trial.
    time_s : ndarray, shape (T,)
        Clock of the sensors.
    clock_s : ndarray, shape (N,)
        Times of the trial that are solved.

    Raises
    ------
    DataError
        IMU_CALIBRATION_MISSING; those of `mean_orientations`.
    """
    chosen, static, marked = job.config.imu_kinematics, calibration_of(job), job.has_markers
    if static is not None:
        standing, stood = static_orientations(job, frames, static)
        placement = "static" if stood else "static_moving"
        if chosen.pose == "markers" and marked and job.cohort.has_markers(static):
            return placement, _seen_from(job, static, standing), _pose_of_static(job, static)
        return placement, standing, frames.neutral_pose(standing, job)
    there_s, by_markers = frames.to_trial(time_s), chosen.pose == "markers" and marked
    # Sensors often run before the cameras do, and of a pose then markers say nothing.
    within = (there_s >= clock_s[0]) & (there_s <= clock_s[-1]) if by_markers else None
    wanted = chosen.placement in ("auto", "standing")
    still = longest_standing(turned, sampling_rate_hz(time_s), within=within) if wanted else None
    if still is not None:
        standing = mean_orientations(turned[still], job.where)
        span_s = there_s[still][[0, -1]].tolist()
        pose = {"coordinates_mot": str(job.product("kinematics", ".mot")), "span_s": span_s} if by_markers else {}
        return "standing", standing, pose or frames.neutral_pose(standing, job)
    if chosen.placement in ("auto", "markers") and marked:
        return "markers", None, {}
    raise _nobody_stood(job)


def static_orientations(job: Job, frames: SensorFrames, static: TrialRow) -> tuple[np.ndarray, bool]:
    """Mean orientations in the ground frame while the person stood; over the whole trial, and False, if nobody did."""
    recordings = read_sensors(job.product("sensors", ".parquet", static.trial_id))
    # ASSUME: between the calibration pose and the trial no sensor's heading crept: nothing tells how far it did.
    headings = frames.headings(job.config.imu_kinematics.heading, creeping=False)
    level = in_ground(_stacked(recordings), recordings[0].time_s, **headings)
    still = longest_standing(level, recordings[0].rate_hz)
    where = f"{job.where}, {static.trial_id}"
    return mean_orientations(level if still is None else level[still], where), still is not None


def _seen_from(job: Job, static: TrialRow, standing_wxyz: np.ndarray) -> np.ndarray:
    """Orientations, shape (S, 4), in the ground frame of the static trial, which was turned about up on its own so that
    the person faces forward there."""
    own, other = (job.quality_of("ingest", trial).numbers["turn_deg"] for trial in (None, static.trial_id))
    turn = from_rotation_vector(np.radians(other - own) * np.array([0.0, 1.0, 0.0]))
    return multiply(turn, standing_wxyz)


def _pose_of_static(job: Job, static: TrialRow) -> dict:
    return {
        "markers_trc": str(job.product("ingest", ".trc", static.trial_id)),
        "weights": {marker.name: marker.ik_weight for marker in job.marker_set.markers},
    }


def solved_clock_s(job: Job, recordings: tuple[ImuRecording, ...]) -> np.ndarray:
    """Times that are solved: those of the joint angles by markers, or the labelled part on the clock of the sensors."""
    if job.has_markers:
        return read_sto(job.product("kinematics", ".mot")).time_s
    time_s, window, trial = recordings[0].time_s, job.config.window, job.trial
    start_s = trial.start_s if trial.start_s is not None else max(window.start_s or 0.0, float(time_s[0]))
    end_s = trial.end_s if trial.end_s is not None else np.inf
    if trial.end_s is None and window.duration_s is not None:
        end_s = start_s + window.duration_s
    kept = time_s[(time_s >= start_s - 1e-9) & (time_s < end_s - 1e-9)]
    if len(kept) < 2:
        raise DataError(
            expected=f"sensors that recorded from {start_s:g} to {end_s:g} s",
            found=f"a recording from {time_s[0]:g} to {time_s[-1]:g} s",
            where=job.where,
            do="Correct start_s and end_s in trials.tsv, or window in the configuration.",
            code="WINDOW_OUTSIDE",
        )
    return kept


def _stacked(recordings: tuple[ImuRecording, ...]) -> np.ndarray:
    return np.stack([recording.orientation_wxyz for recording in recordings], axis=1)


def _headings(heading_rad: np.ndarray) -> dict:
    return {"heading_rad": heading_rad, "heading_rate_rad_per_s": np.zeros_like(heading_rad), "centre_s": 0.0}


def _nobody_stood(job: Job) -> DataError:
    static = job.config.imu_kinematics.placement == "static"
    advice = ", or choose imu_kinematics.placement: auto, which falls back on the markers" if job.has_markers else ""
    return DataError(
        expected="a static trial with sensors" if static else "a time in which the person stands still",
        found="none",
        where=job.where,
        do=f"Name the folder of the calibration pose in imu_dir of a static trial{advice}.",
        code="IMU_CALIBRATION_MISSING",
    )
