"""Files of the inertial sensors of a trial, read: a sensor for each body that carries one, oriented, on one clock."""

from __future__ import annotations

from pathlib import Path

from gaitload.cohorts.tables import Cohort, TrialRow
from gaitload.errors import DataError
from gaitload.imu.clock import on_common_clock
from gaitload.imu.orientation import with_orientation, without_orientation
from gaitload.io.imu.reader import read_imu
from gaitload.trial import ImuRecording


def read_sensor_files(cohort: Cohort, trial: TrialRow, *, magnetometer: bool) -> tuple[ImuRecording, ...]:
    """Sensors of a trial in the order of `imu_files`, each with an orientation, on one clock.

    Parameters
    ----------
    cohort : Cohort
    trial : TrialRow
        With sensors, see `Cohort.has_sensors`.
    magnetometer : bool
        Use it where an orientation has to be estimated, see `with_orientation`.

    Raises
    ------
    DataError
        IMU_SENSORS_MANY: a file with more than one sensor; IMU_SENSOR_UNKNOWN: a name that no file holds; those of
        `Cohort.imu_files_of`, of the readers, of `with_orientation` and of `on_common_clock`.
    """
    files, names = cohort.imu_files_of(trial), cohort.imu_names
    where = f"{cohort.name}/{trial.participant_id}/{trial.trial_id}, imu_files in cohort.yaml"
    recordings = _recordings(cohort, files)
    if names:
        recordings = _by_name(recordings, list(names.values()), _held(files, recordings), where)
    elif len(recordings) != len(files):
        raise DataError(
            expected=f"one sensor in each of {len(files)} files",
            found=_held(files, recordings),
            where=where,
            do="Pick each by #name behind its file.",
            code="IMU_SENSORS_MANY",
        )
    return on_common_clock([_oriented(cohort, recording, magnetometer) for recording in recordings])


def _oriented(cohort: Cohort, recording: ImuRecording, magnetometer: bool) -> ImuRecording:
    declared = cohort.spec.imu_columns.get(recording.name)
    if declared and not declared.gravity and declared.quaternion is None:
        return without_orientation(recording)  # An orientation by VQF takes the acceleration at rest for the vertical.
    return with_orientation(recording, magnetometer=magnetometer)


def _recordings(cohort: Cohort, files: dict[str, Path]) -> tuple[ImuRecording, ...]:
    spec, names = cohort.spec, cohort.imu_names
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


def _by_name(recordings: tuple[ImuRecording, ...], names: list[str], held: str, where: str) -> tuple[ImuRecording, ...]:
    known = {recording.name: recording for recording in recordings}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise DataError(
            expected=f"names of {held}",
            found=", ".join(f"#{name}" for name in unknown),
            where=where,
            do="Correct the names behind #.",
            code="IMU_SENSOR_UNKNOWN",
        )
    return tuple(known[name] for name in names)


def _held(files: dict[str, Path], recordings: tuple[ImuRecording, ...]) -> str:
    """What files hold, in words: the names of their sensors."""
    sensors = ", ".join(recording.name for recording in recordings)
    return f"{len(recordings)} sensors in {', '.join(dict.fromkeys(path.name for path in files.values()))}: {sensors}"
