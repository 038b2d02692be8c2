"""Sensors on one time axis."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.errors import DataError
from gaitload.imu.clock import on_common_clock
from gaitload.trial import ImuRecording


def sensor(name, start_s, samples, rate_hz=100.0):
    signal = np.arange(3.0 * samples).reshape(samples, 3)
    return ImuRecording(name, start_s + np.arange(samples) / rate_hz, signal, signal, None, None)


def test_each_sensor_keeps_its_place_and_misses_what_it_did_not_record():
    first, second = on_common_clock([sensor("a", 0.02, 5), sensor("b", 0.0, 4)])
    np.testing.assert_allclose(first.time_s, np.arange(7) / 100.0)
    np.testing.assert_array_equal(first.time_s, second.time_s)
    assert np.isnan(first.acc_sensor_m_per_s2[:, 0]).tolist() == [True, True] + 5 * [False]
    assert np.isnan(second.gyr_sensor_rad_per_s[:, 0]).tolist() == 4 * [False] + 3 * [True]
    assert first.mag_sensor is None
    np.testing.assert_array_equal(first.acc_sensor_m_per_s2[2:], sensor("a", 0.0, 5).acc_sensor_m_per_s2)


@pytest.mark.parametrize(
    "other", [sensor("b", 0.004, 500), sensor("b", 0.0, 500, rate_hz=100.1), sensor("b", 0.0, 50, 60.0)]
)
def test_samples_beside_each_other_are_refused(other):
    with pytest.raises(DataError, match="b at") as caught:
        on_common_clock([sensor("a", 0.0, 500), other])
    assert caught.value.code == "IMU_CLOCKS_DIFFER"
