"""Movella DOT CSV: degrees, microseconds of 32 bits, names above or without a preamble."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.errors import DataError
from gaitload.io.imu.reader import format_of, read_imu
from imu_files import delimited, swing

MOTION = swing()
PREAMBLE = """sep=,
DeviceTag:,{tag}
FirmwareVersion:,3.0.0
AppVersion:,2023.6.0
SyncStatus:,{sync}
OutputRate:,60Hz
FilterProfile:,General
Measurement Mode:,Sensor fusion Mode - Custom Mode
StartTime: ,2025-07-11_20:06:00_086 WEST
© Movella Technologies B. V. 2005-2025

"""
SIGNALS = {"Acc": MOTION.acc, "Gyr": np.degrees(MOTION.gyr), "Mag": MOTION.mag}


def export(*, tag="1", sync="Synced", first=0, keep=slice(None), preamble=PREAMBLE, rotation="Quat"):
    ticks = (first + np.arange(300) * 16667) % (1 << 32)
    names = ["PacketCounter", "SampleTimeFine"]
    columns = [np.arange(1, 301), ticks]
    if rotation == "Quat":
        names += [f"Quat_{part}" for part in "WXYZ"]
        columns += list(MOTION.orientation_wxyz.T)
    else:
        names += [f"Euler_{axis}" for axis in "XYZ"]
        columns += list(MOTION.rotation.as_euler("ZYX", degrees=True)[:, ::-1].T)
    for kind, values in SIGNALS.items():
        names += [f"{kind}_{axis}" for axis in "XYZ"]
        columns += list(values.T)
    return preamble.format(tag=tag, sync=sync) + delimited(names, [column[keep] for column in columns])


@pytest.fixture
def read(tmp_path):
    def read(*texts):
        paths = [tmp_path / f"{place}_20250711_200600.csv" for place in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text, encoding="utf-8")
        assert {format_of(path) for path in paths} == {"Movella DOT CSV"}
        return read_imu(paths)

    return read


@pytest.mark.parametrize("rotation", ["Quat", "Euler"])
def test_a_file_becomes_a_recording_in_si_units(read, rotation):
    (recording,) = read(export(rotation=rotation))
    assert recording.name == "1"
    assert recording.rate_hz == pytest.approx(1e6 / 16667)
    np.testing.assert_allclose(recording.acc_sensor_m_per_s2, MOTION.acc, atol=1e-9)
    np.testing.assert_allclose(recording.gyr_sensor_rad_per_s, MOTION.gyr, atol=1e-9)
    np.testing.assert_allclose(recording.orientation_wxyz, MOTION.orientation_wxyz, atol=2e-9)


def test_a_file_without_a_preamble_is_named_by_its_file(read):
    (recording,) = read(export(preamble=""))
    assert recording.name == "0_20250711_200600"


def test_the_clock_starts_again_after_32_bits(read):
    (recording,) = read(export(first=(1 << 32) - 100 * 16667))
    np.testing.assert_allclose(recording.time_s, np.arange(300) * 0.016667, atol=1e-9)


def test_lost_packets_are_rows_of_nan(read):
    (recording,) = read(export(keep=np.r_[0:20, 23:300]))
    assert np.flatnonzero(np.isnan(recording.orientation_wxyz[:, 0])).tolist() == [20, 21, 22]


@pytest.mark.parametrize("first", [5000, (1 << 32) - 2000])
def test_synchronised_sensors_share_their_clock_even_over_its_end(read, first):
    early, late = read(export(first=first), export(tag="2", first=(first + 4000) % (1 << 32)))
    assert early.time_s[0] == 0.0
    assert late.time_s[0] == pytest.approx(0.004)


def test_sensors_that_were_not_synchronised_have_clocks_of_their_own(read):
    recordings = read(export(sync="Unsynced"), export(tag="2", sync="Unsynced", first=777777))
    assert [recording.time_s[0] for recording in recordings] == [0.0, 0.0]


def test_a_clock_that_jumps_back_is_refused(read):
    with pytest.raises(DataError, match="after sample 99") as caught:
        read(export(keep=np.r_[0:100, 90:300]))
    assert caught.value.code == "IMU_TIME"


def test_a_file_that_ends_with_a_whole_number_and_no_line_end_is_read(read):
    """The app writes no line end behind its last row, whose last cell is a status."""
    lines = export().rstrip("\n").split("\n")
    place = next(number for number, line in enumerate(lines) if line.startswith("PacketCounter"))
    text = "\n".join([*lines[:place], lines[place] + ",Status", *(f"{line},0" for line in lines[place + 1 :])])
    (recording,) = read(text)
    np.testing.assert_allclose(recording.mag_sensor, MOTION.mag, atol=1e-9)


def test_half_of_a_stream_is_read_by_its_packet_counter(read):
    kept = np.sort(np.random.default_rng(1).permutation(300)[:160])
    kept[[0, -1]] = 0, 299
    (recording,) = read(export(keep=kept))
    assert recording.rate_hz == pytest.approx(1e6 / 16667)
    assert np.flatnonzero(np.isfinite(recording.acc_sensor_m_per_s2[:, 0])).tolist() == kept.tolist()
