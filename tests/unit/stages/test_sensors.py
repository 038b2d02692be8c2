"""Sensors of a trial by the bodies that carry them, however many a file holds; read once, for all stages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gaitload.cohorts.sensor_recordings import read_sensor_files
from gaitload.errors import DataError
from gaitload.io.imu.oriented import read_sensors
from gaitload.io.imu.table import ImuColumns
from gaitload.quality import Verdict
from gaitload.stages import imu_kinematics, sensors
from gaitload.stages.products import record_of
from gaitload.stages.shard import run_shard
from imu_files import swing

MOTION = swing(400, 100.0)
ACC, GYR = (
    values + noise
    for values, noise in zip(
        (MOTION.acc, MOTION.gyr), np.random.default_rng(2).normal(0.0, 0.01, (2, 400, 3)), strict=True
    )
)
TURNED = np.array([-1.0, -1.0, 1.0])
"""The right sensor is worn turned by 180 deg about its z axis."""


@pytest.fixture
def sensed(jobs):
    """A walk with two sensors in one table, `both.csv`, and one each in `left_7.csv` and `right_7.csv`."""
    (job,) = jobs("sync", "walk1")
    folder = job.cohort.raw_dir / "walk1_imu"
    folder.mkdir()
    columns = {"t": np.arange(400) / 100.0}
    for side, mounted in (("l", 1.0), ("r", TURNED)):
        columns |= {f"{side}a{axis}": values for axis, values in zip("xyz", (mounted * ACC).T, strict=True)}
        columns |= {f"{side}g{axis}": values for axis, values in zip("xyz", (mounted * GYR).T, strict=True)}
    table = pd.DataFrame(columns)
    table.to_csv(folder / "both.csv", index=False)
    for side, name in (("l", "left_7"), ("r", "right_7")):
        table[["t", *(column for column in table if column.startswith(side))]].to_csv(
            folder / f"{name}.csv", index=False
        )
    trial = job.trial.model_copy(update={"imu_dir": "walk1_imu"})

    def make(left: str, right: str):
        declared = {
            name: ImuColumns(
                "t",
                acc=tuple(f"{name[0]}a{axis}" for axis in "xyz"),
                gyr=tuple(f"{name[0]}g{axis}" for axis in "xyz"),
                acc_unit="m/s2",
                gyr_unit="rad/s",
            )
            for name in ("left", "right")
        }
        update = {"imu_files": {"tibia_l": left, "tibia_r": right}, "imu_columns": declared}
        spec = type(job.cohort.spec).model_validate(job.cohort.spec.model_dump() | update)
        return replace(job, cohort=replace(job.cohort, spec=spec), trial=trial)

    return make


@pytest.mark.parametrize("files", [("both.csv#left", "both.csv#right"), ("left_*.csv#left", "right_*.csv#right")])
def test_each_body_gets_its_own_sensor(sensed, files):
    job = sensed(*files)
    left, right = read_sensor_files(job.cohort, job.trial, magnetometer=False)
    assert np.allclose(left.gyr_sensor_rad_per_s, GYR)
    assert np.allclose(right.gyr_sensor_rad_per_s, TURNED * GYR)
    assert sensors.settings(job)["imu_columns"]["left"]["acc"] == ["lax", "lay", "laz"]


def test_declared_columns_and_picked_sensors_must_be_the_same(sensed):
    with pytest.raises(ValueError, match="declares left, right, imu_files picks left, middle"):
        sensed("both.csv#left", "both.csv#middle")


def test_a_pattern_that_fits_two_files_refuses_the_sensors_and_not_the_labels(sensed):
    job = sensed("*_7.csv#left", "right_7.csv#right")
    with pytest.raises(DataError, match=r"IMU_FILES_MANY.*left_7\.csv, right_7\.csv"):
        record_of(sensors, job, "")
    assert "sensors" not in [stage for stage, _ in job.before("labels")]
    assert all("sensors" in [earlier for earlier, _ in job.before(stage)] for stage in ("sync", "imu_loads", "aligned"))


@pytest.mark.parametrize("role", ["motion", "static"])
def test_what_was_read_once_is_what_other_stages_read(sensed, files, role):
    job = sensed("left_7.csv#left", "right_7.csv#right")
    job = replace(job, trial=job.trial.model_copy(update={"role": role}))
    run_shard(sensors, [job], files.manifest, files.log)
    recordings = read_sensor_files(job.cohort, job.trial, magnetometer=False)
    for made, read in zip(recordings, read_sensors(job.product("sensors", ".parquet")), strict=True):
        assert made.name == read.name
        for channel in ("time_s", "acc_sensor_m_per_s2", "gyr_sensor_rad_per_s", "orientation_wxyz"):
            assert np.array_equal(getattr(made, channel), getattr(read, channel), equal_nan=True)
    quality = job.quality_of("sensors")
    assert quality.verdict is Verdict.PASSED
    assert quality.numbers["rate_hz"] == pytest.approx(100.0)
    assert quality.numbers["missing_shares"] == {"tibia_l": 0.0, "tibia_r": 0.0}


def test_two_runs_write_equal_bytes(sensed, files):
    job = sensed("left_7.csv#left", "right_7.csv#right")
    run_shard(sensors, [job], files.manifest, files.log)
    path = job.product("sensors", ".parquet")
    first = path.read_bytes()
    path.unlink()
    run_shard(sensors, [job], files.manifest, files.log)
    assert path.read_bytes() == first


def test_a_recording_that_serves_two_bodies_fails(sensed, files):
    job = sensed("left_7.csv#left", "right_7.csv#right")
    folder = job.cohort.raw_dir / "walk1_imu"
    table = pd.read_csv(folder / "left_7.csv")
    table.columns = [column.replace("l", "r", 1) if column != "t" else "t" for column in table.columns]
    table.to_csv(folder / "right_7.csv", index=False)
    run_shard(sensors, [job], files.manifest, files.log)
    (gate,) = [gate for gate in job.quality_of("sensors").gates if gate.verdict is Verdict.FAILED]
    assert (gate.code, gate.verdict, gate.value) == ("IMU_RECORDING_TWICE", Verdict.FAILED, 1.0)
    assert "tibia_l and tibia_r" in gate.reason


def test_sensors_that_cannot_be_read_are_refused_and_take_no_other_trial_with_them(sensed, files):
    job = sensed("left_7.csv#left", "right_7.csv#right")
    gone = replace(job, trial=job.trial.model_copy(update={"trial_id": "walk2", "imu_dir": "elsewhere"}))
    run_shard(sensors, [job, gone], files.manifest, files.log)
    assert job.quality_of("sensors").verdict is Verdict.PASSED
    assert [gate.code for gate in gone.quality_of("sensors").gates] == ["FILE_MISSING"]
    assert not gone.product("sensors", ".parquet").exists()


def test_a_calibration_whose_sensors_were_refused_is_named(sensed, files):
    job = sensed("left_7.csv#left", "right_7.csv#right")
    rows = [
        row.model_copy(update={"imu_dir": "elsewhere"}) if row.role == "static" else row for row in job.cohort.trials
    ]
    job = replace(job, cohort=replace(job.cohort, trials=tuple(rows)))
    with pytest.raises(DataError, match="STAGE_NOT_RUN"):
        imu_kinematics.inputs(job)
    run_shard(sensors, [replace(job, trial=job.statics[0])], files.manifest, files.log)
    with pytest.raises(DataError, match=r"IMU_CALIBRATION_REFUSED.*static trial stand.*FILE_MISSING"):
        imu_kinematics.inputs(job)
