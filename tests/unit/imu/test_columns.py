"""Columns of a sensor: every channel once, under a name with its unit and a meaning that tells its frame."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.imu.columns import sensor_columns
from gaitload.trial import ImuRecording

ACC, GYR, QUAT = np.arange(6.0).reshape(2, 3), np.arange(6.0, 12.0).reshape(2, 3), np.tile([1.0, 0, 0, 0], (2, 1))


@pytest.fixture
def columns():
    """Those of a recording whose own name is another one."""
    recording = ImuRecording("00B42279", np.arange(2) / 100, ACC, GYR, orientation_wxyz=QUAT)
    return sensor_columns("tibia_r", recording, {"source": "measured", "verdict": "passed"})


def test_each_component_has_one_column_with_its_values(columns):
    expected = {f"tibia_r_acc_{axis}_m_per_s2": ACC[:, index] for index, axis in enumerate("xyz")}
    expected |= {f"tibia_r_gyr_{axis}_rad_per_s": GYR[:, index] for index, axis in enumerate("xyz")}
    expected |= {f"tibia_r_quat_{part}": QUAT[:, index] for index, part in enumerate("wxyz")}
    assert list(columns) == list(expected)
    for name, values in expected.items():
        assert np.array_equal(columns[name][0], values), name


def test_the_meaning_tells_sensor_channel_unit_and_frame_and_keeps_what_is_added(columns):
    _, meaning = columns["tibia_r_gyr_y_rad_per_s"]
    assert meaning == {
        "sensor": "tibia_r",
        "channel": "gyr",
        "axis": "y",
        "unit": "rad_per_s",
        "frame": "sensor",
        "source": "measured",
        "verdict": "passed",
    }
    assert columns["tibia_r_quat_w"][1]["unit"] == ""
    assert "earth" in columns["tibia_r_quat_w"][1]["frame"]
