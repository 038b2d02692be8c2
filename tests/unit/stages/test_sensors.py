"""Sensors of a trial by the bodies that carry them, however many a file holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gaitload.errors import DataError
from gaitload.io.imu.table import ImuColumns
from gaitload.stages.products import record_of
from gaitload.stages.sensors import read_sensors, sensors_told
from gaitload.stages.shard import stage_module
from imu_files import swing

MOTION = swing(400, 100.0)


@pytest.fixture
def sensed(jobs):
    """A walk with two sensors in one table, `both.csv`, and one each in `left_7.csv` and `right_7.csv`."""
    (job,) = jobs("sync", "walk1")
    folder = job.cohort.raw_dir / "walk1_imu"
    folder.mkdir()
    columns = {"t": np.arange(400) / 100.0}
    for side, sign in (("l", 1.0), ("r", -1.0)):
        columns |= {f"{side}a{axis}": MOTION.acc[:, index] for index, axis in enumerate("xyz")}
        columns |= {f"{side}g{axis}": sign * MOTION.gyr[:, index] for index, axis in enumerate("xyz")}
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
    left, right = read_sensors(job, job.trial)
    assert np.allclose(left.gyr_sensor_rad_per_s, MOTION.gyr)
    assert np.allclose(right.gyr_sensor_rad_per_s, -MOTION.gyr)
    assert sensors_told(job)["imu_columns"]["left"]["acc"] == ["lax", "lay", "laz"]


def test_declared_columns_and_picked_sensors_must_be_the_same(sensed):
    with pytest.raises(ValueError, match="declares left, right, imu_files picks left, middle"):
        sensed("both.csv#left", "both.csv#middle")


def test_a_pattern_that_fits_two_files_refuses_the_sensors_and_not_the_labels(sensed):
    job = sensed("*_7.csv#left", "right_7.csv#right")
    for stage in ("sync", "aligned"):
        with pytest.raises(DataError, match=r"IMU_FILES_MANY.*left_7\.csv, right_7\.csv"):
            record_of(stage_module(stage), job, "")
    assert "sync" not in [stage for stage, _ in job.before("labels")]
