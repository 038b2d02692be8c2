"""What is written as Xsens exports it is read back as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gaitload.imu.noise import PacketLoss, without_lost
from gaitload.io.imu.formats.xsens import COUNTER_WRAPS_AT
from gaitload.io.imu.reader import format_of, read_imu
from gaitload.io.imu.xsens_write import COUNTER_FIRST, write_xsens
from gaitload.trial import ImuRecording
from imu_files import swing

HALF_DECIMAL = 0.5e-6 * (1.0 + 1e-6)
"""Six decimals are written."""
QUATERNION_ROUNDING = 2e-6
"""Of a component: its own half decimal, and as much again when the reader makes the norm one."""


def recorded(samples: int = 300, rate_hz: float = 100.0, *, first: int = 0, name: str = "tibia_r", **left_out):
    """A sensor whose first sample is the `first` of its clock."""
    motion = swing(samples=samples, rate_hz=rate_hz)
    return ImuRecording(
        name=name,
        time_s=(first + np.arange(samples)) / rate_hz,
        acc_sensor_m_per_s2=motion.acc,
        gyr_sensor_rad_per_s=motion.gyr,
        mag_sensor=left_out.get("mag", motion.mag),
        orientation_wxyz=left_out.get("orientation", motion.orientation_wxyz),
    )


def assert_same(found: ImuRecording, written: ImuRecording) -> None:
    """Equal within what rounding to six decimals leaves; time begins at the first sample."""
    assert found.name == written.name
    np.testing.assert_allclose(found.time_s, written.time_s - written.time_s[0], atol=1e-9)
    for channel in ("acc_sensor_m_per_s2", "gyr_sensor_rad_per_s", "mag_sensor"):
        ours, theirs = getattr(found, channel), getattr(written, channel)
        np.testing.assert_allclose(ours, theirs, rtol=0.0, atol=HALF_DECIMAL, err_msg=channel)
    ours, theirs = found.orientation_wxyz, written.orientation_wxyz
    seen = np.isfinite(theirs).all(axis=1)
    np.testing.assert_array_equal(np.isfinite(ours).all(axis=1), seen)
    same_sign = np.sign(np.sum(ours[seen] * theirs[seen], axis=1, keepdims=True))
    np.testing.assert_allclose(same_sign * ours[seen], theirs[seen], rtol=0.0, atol=QUATERNION_ROUNDING)


@pytest.mark.parametrize("first", [0, 1, 37])
def test_a_recording_is_read_back_with_its_lost_packets(tmp_path: Path, first: int):
    written = without_lost(recorded(first=first), PacketLoss(0.05, 3.0), np.random.default_rng(2))
    assert np.isnan(written.acc_sensor_m_per_s2).any()
    write_xsens(tmp_path / "tibia_r.txt", written)
    assert format_of(tmp_path / "tibia_r.txt") == "Xsens MT Manager text"
    (found,) = read_imu(tmp_path / "tibia_r.txt")
    assert_same(found, written)


def test_a_recording_is_read_back_beyond_the_end_of_the_counter(tmp_path: Path):
    first = COUNTER_WRAPS_AT - COUNTER_FIRST - 100
    write_xsens(tmp_path / "tibia_r.txt", recorded(first=first))
    counters = [line.partition("\t")[0] for line in (tmp_path / "tibia_r.txt").read_text().splitlines()]
    assert counters.index("00000") == counters.index("65535") + 1
    (found,) = read_imu(tmp_path / "tibia_r.txt")
    assert_same(found, recorded(first=first))


def test_sensors_that_begin_one_after_the_other_keep_their_distance(tmp_path: Path):
    late, early = recorded(first=12, name="late"), recorded(first=5, name="early")
    for recording in (late, early):
        write_xsens(tmp_path / f"{recording.name}.txt", recording)
    found = read_imu([tmp_path / "late.txt", tmp_path / "early.txt"])
    assert found[0].time_s[0] == pytest.approx(0.07)
    assert found[1].time_s[0] == 0.0


@pytest.mark.parametrize("rate_hz", [60.0, 100.0, 400.0 / 3.0, 59.94])
def test_the_clock_is_read_back_at_any_rate(tmp_path: Path, rate_hz: float):
    write_xsens(tmp_path / "tibia_r.txt", recorded(rate_hz=rate_hz))
    (found,) = read_imu(tmp_path / "tibia_r.txt")
    # Six decimals; a rate of one decimal would be a clock that is 600 ppm off.
    assert found.rate_hz == pytest.approx(rate_hz, rel=1e-8)


def test_channels_that_were_not_recorded_have_no_column(tmp_path: Path):
    write_xsens(tmp_path / "tibia_r.txt", recorded(mag=None, orientation=None))
    (found,) = read_imu(tmp_path / "tibia_r.txt")
    assert found.mag_sensor is None and found.orientation_wxyz is None


def test_equal_recordings_give_equal_bytes(tmp_path: Path):
    for name in ("a", "b"):
        write_xsens(tmp_path / name, recorded())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
