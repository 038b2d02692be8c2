"""Xsens MT Manager text: packets, clocks, contents, and messages that find the fault."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.errors import ConventionError, DataError
from gaitload.io.imu.reader import format_of, read_imu
from imu_files import delimited, swing

COMMENTS = "// Start Time: Unknown\n// Update Rate: {rate}Hz\n// Firmware Version: 4.0.2\n"
MOTION = swing()
NAMES = ["PacketCounter", "SampleTimeFine", *(f"{kind}_{axis}" for kind in ("Acc", "Gyr", "Mag") for axis in "XYZ")]


def export(keep=slice(None), *, first=100, rate="60.0", delimiter="\t", step=1, **replaced):
    """Text of a file with these rows of the motion; packets count from `first`."""
    counter = (first + step * np.arange(len(MOTION.acc))) % 65536
    signals = np.hstack((MOTION.acc, MOTION.gyr, MOTION.mag, MOTION.orientation_wxyz))[keep]
    names = [*NAMES, *(f"Quat_q{part}" for part in range(4))]
    text = delimited(names, [replaced.get("counter", counter[keep]), *signals.T], delimiter).split("\n")
    # The fine time is there and empty, as in most exports.
    head, *rows = (line.split(delimiter) for line in text if line)
    rows = [[row[0], "", *row[1:]] for row in rows]
    names = [head[0], *head[1:]]
    return COMMENTS.format(rate=rate) + "\n".join(delimiter.join(row) for row in (names, *rows)) + "\n"


@pytest.fixture
def read(tmp_path):
    def read(*texts, names=("MT_1_00B4AAAA.txt", "MT_1_00B4BBBB.txt", "MT_1_00B4CCCC.txt"), **options):
        paths = [tmp_path / name for name in names[: len(texts)]]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text)
        return read_imu(paths, **options)

    return read


@pytest.mark.parametrize("delimiter", ["\t", ",", ";", " "])
def test_a_file_becomes_a_recording_in_si_units(read, tmp_path, delimiter):
    (recording,) = read(export(delimiter=delimiter))
    assert format_of(tmp_path / "MT_1_00B4AAAA.txt") == "Xsens MT Manager text"
    assert recording.name == "00B4AAAA"
    assert recording.rate_hz == pytest.approx(60.0)
    for ours, theirs in (
        (recording.acc_sensor_m_per_s2, MOTION.acc),
        (recording.gyr_sensor_rad_per_s, MOTION.gyr),
        (recording.mag_sensor, MOTION.mag),
        (recording.orientation_wxyz, MOTION.orientation_wxyz),
    ):
        np.testing.assert_allclose(ours, theirs, atol=2e-9)


def test_lost_packets_are_rows_of_nan_and_time_stays_uniform(read):
    kept = np.r_[0:50, 53:200, 201:300]
    (recording,) = read(export(kept))
    lost = np.isnan(recording.acc_sensor_m_per_s2).all(axis=1) & np.isnan(recording.orientation_wxyz).all(axis=1)
    assert np.flatnonzero(lost).tolist() == [50, 51, 52, 200]
    np.testing.assert_allclose(recording.time_s, np.arange(300) / 60.0)


@pytest.mark.parametrize("first", [65500, 65535, 65300])
def test_the_counter_starts_again_after_16_bits(read, first):
    (recording,) = read(export(first=first))
    assert np.isfinite(recording.acc_sensor_m_per_s2).all()
    assert len(recording.time_s) == 300


def test_the_commonest_step_of_the_counter_is_one_sample(read):
    (recording,) = read(export(np.r_[0:9, 10:300], step=2))
    assert np.flatnonzero(np.isnan(recording.acc_sensor_m_per_s2[:, 0])).tolist() == [9]


@pytest.mark.parametrize("first", [100, 65530])
def test_sensors_of_one_trial_share_the_stations_clock(read, first):
    late, early = read(export(slice(7, None), first=first), export(slice(0, 250), first=first))
    np.testing.assert_allclose(late.time_s[0], 7 / 60.0)
    assert early.time_s[0] == 0.0
    np.testing.assert_allclose(late.time_s[-1], 299 / 60.0)


def test_recordings_of_different_trials_are_not_put_together(read):
    with pytest.raises(DataError) as caught:
        read(export(), export(first=20000))
    assert caught.value.code == "IMU_TRIAL_MIXED"
    with pytest.raises(DataError) as caught:
        read(export(), export(rate="40.0"))
    assert caught.value.code == "IMU_TRIAL_MIXED"


def test_a_rate_the_file_does_not_say_is_asked_for(read):
    text = export().replace("// Update Rate: 60.0Hz\n", "// DeviceId: 00B4DDDD\n")
    with pytest.raises(DataError, match="rate_hz") as caught:
        read(text)
    assert caught.value.code == "IMU_RATE_UNKNOWN"
    (recording,) = read(text, rate_hz=60.0)
    assert (recording.name, recording.rate_hz) == ("00B4DDDD", pytest.approx(60.0))


def test_a_rate_that_the_file_contradicts_is_refused(read):
    with pytest.raises(ConventionError) as caught:
        read(export(), rate_hz=100.0)
    assert caught.value.code == "IMU_RATE_CONTRADICTED"


def test_a_gyroscope_in_degrees_contradicts_the_format(read):
    text = export()
    gyr = np.degrees(MOTION.gyr)
    lines = text.split("\n")
    first = next(place for place, line in enumerate(lines) if line.startswith("Packet")) + 1
    for row, line in enumerate(lines[first:-1]):
        cells = line.split("\t")
        cells[5:8] = [f"{value:.6f}" for value in gyr[row]]
        lines[first + row] = "\t".join(cells)
    with pytest.raises(ConventionError, match="deg/s") as caught:
        read("\n".join(lines))
    assert caught.value.code == "IMU_UNITS_CONTRADICTED"


def test_a_file_without_its_comments_is_still_told_from_a_dot(read):
    text = export().split("\n", 3)[3]
    (recording,) = read(text, rate_hz=60.0)
    np.testing.assert_allclose(recording.gyr_sensor_rad_per_s, MOTION.gyr, atol=2e-9)


def test_an_earth_frame_with_z_down_is_refused(read):
    with pytest.raises(DataError) as caught:
        read("// Coordinate system: NED\n" + export())
    assert caught.value.code == "IMU_FRAME"


COUNTER = 100 + np.arange(300)


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        (export(counter=np.where(COUNTER == 150, 120, COUNTER)), "IMU_COUNTER_BACK", "120 after 149 in sample 50"),
        (export(counter=np.where(COUNTER == 150, 149, COUNTER)), "IMU_COUNTER_BACK", "149 after 149"),
        (export(counter=np.where(COUNTER == 150, 70000, COUNTER)), "IMU_COUNTER", "70000"),
        (export(np.r_[0:40, 290:300]), "IMU_PACKETS_LOST", "83 % of 300"),
        (export(slice(0, 1)), "IMU_ROWS", "found 1"),
        (export(slice(0, 0)), "IMU_ROWS", "found 0"),
        (export().replace("\t0.5", "\tbroken", 1), "IMU_CELLS", "'broken"),
        (export().replace("\n102\t", "\n102\t7\t", 1), "IMU_COLUMNS", "16 in line 7"),
        (export().replace("\n102\t\t", "\n102,", 1), "IMU_COLUMNS", "13 in line 7"),
        (export().replace("Acc_X\tAcc_Y", "Acc_X,Acc_Y"), "IMU_DELIMITERS", "comma as well as tab"),
        (export()[:-40], "IMU_TRUNCATED", "in line 304, with which the file ends"),
        (export()[:-40] + "\n", "IMU_COLUMNS", "in line 304"),
        (COMMENTS.format(rate=60), "IMU_FORMAT_UNKNOWN", "begins"),
        (export(delimiter="#"), "IMU_DELIMITERS", "tab, comma"),
    ],
)
def test_a_fault_is_found_and_placed(read, text, code, says):
    with pytest.raises(DataError, match=says) as caught:
        read(text)
    assert caught.value.code == code


def test_a_line_with_another_delimiter_is_named(read):
    lines = export().split("\n")
    lines[9] = lines[9].replace("\t", ";")
    with pytest.raises(DataError, match="semicolon in line 10") as caught:
        read("\n".join(lines))
    assert caught.value.code == "IMU_DELIMITERS"


def test_a_bad_cell_is_named_by_line_and_column(read):
    lines = export().split("\n")
    cells = lines[8].split("\t")
    cells[3] = "1,5"
    lines[8] = "\t".join(cells)
    with pytest.raises(DataError, match="column Acc_Y; found '1,5' in line 9") as caught:
        read("\n".join(lines))
    assert caught.value.code == "IMU_CELLS"


def test_quaternions_that_are_not_unit_are_refused(read):
    names = export().replace("Quat_q3", "Unused").replace("Mag_X", "Quat_q3", 1)
    with pytest.raises(DataError) as caught:
        read(names)
    assert caught.value.code == "IMU_QUATERNIONS_NOT_UNIT"


def test_acceleration_alone_is_no_orientation(read):
    text = export().replace("Quat_q", "Unused_").replace("Gyr_", "Other_")
    with pytest.raises(DataError, match="found acceleration and magnetic field") as caught:
        read(text)
    assert caught.value.code == "IMU_CHANNELS_MISSING"


def test_the_same_sensor_twice_is_refused(read):
    with pytest.raises(DataError, match="00B4AAAA more than once") as caught:
        read(export(), export(), names=("a_00B4AAAA.txt", "b_00B4AAAA.txt"))
    assert caught.value.code == "IMU_SENSOR_TWICE"


def test_files_of_two_formats_are_not_read_together(read):
    dot = delimited(["PacketCounter", "SampleTimeFine"], [np.arange(3), np.arange(3) * 16667])
    with pytest.raises(DataError, match="Movella") as caught:
        read(export(), dot)
    assert caught.value.code == "IMU_FORMATS_MIXED"
