"""Recordings of real sensors: as OpenSim's own readers give them, and as an independent filter sees them move."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import opensim
import pytest

from gaitload.imu.clock import on_common_clock
from gaitload.imu.orientation import with_orientation
from gaitload.imu.rotations import inclination_difference_rad, rotation_of
from gaitload.imu.units import angular_velocity_unit
from gaitload.io.imu.quaternion_sto import write_quaternion_sto
from gaitload.io.imu.reader import read_imu

ROUNDING = 1e-6
"""Quaternions agree to the last bit. Of matrices with six decimals both make the nearest rotation in their own way,
which leaves up to 5e-7."""
NEURA = ("B91", "C45", "C3C", "BA5", "C35", "C44", "C47", "C55", "C48")
UNSTATED_RATE_HZ = 40.0
"""What OpenSim's reader takes where a file does not say its rate."""


@pytest.fixture(scope="module")
def cases(shared):
    return shared / "imu_cases"


def by_xsens_reader(folder, prefix, sensors):
    """What OpenSim's reader finds: kind of channel -> values, shape (T, sensors, size)."""
    settings = opensim.XsensDataReaderSettings()
    settings.set_trial_prefix(prefix)
    for sensor in sensors:
        settings.append_ExperimentalSensors(opensim.ExperimentalSensor(sensor, sensor))
    reader = opensim.XsensDataReader(settings)
    tables = reader.read(f"{folder}/")
    return values_of(reader, tables)


def by_apdm_reader(path, sensors):
    """As above."""
    settings = opensim.APDMDataReaderSettings()
    for sensor in sensors:
        settings.append_ExperimentalSensors(opensim.ExperimentalSensor(sensor, sensor))
    reader = opensim.APDMDataReader(settings)
    tables = reader.read(str(path))
    return values_of(reader, tables)


def values_of(reader, tables):
    """Values copied while the tables live: what is taken out of them does not keep them alive."""
    return {
        "orientation": table_values(reader.getOrientationsTable(tables), 4),
        "acc": table_values(reader.getLinearAccelerationsTable(tables), 3),
        "gyr": table_values(reader.getAngularVelocityTable(tables), 3),
        "mag": table_values(reader.getMagneticHeadingTable(tables), 3),
    }


def table_values(table, size):
    """Values of a table, shape (T, columns, size)."""
    values = np.empty((table.getNumRows(), table.getNumColumns(), size))
    for row in range(len(values)):
        cells = table.getRowAtIndex(row)
        for column in range(values.shape[1]):
            cell = cells.getElt(0, column)
            values[row, column] = [cell.get(part) for part in range(size)]
    return values


def assert_same(recording, theirs, column):
    """A recording holds what OpenSim's tables hold; quaternions up to their sign."""
    seen = np.isfinite(recording.orientation_wxyz).all(axis=1)
    cosine = np.einsum("ij,ij->i", recording.orientation_wxyz[seen], theirs["orientation"][:, column])
    signed = np.sign(cosine)[:, np.newaxis] * theirs["orientation"][:, column]
    np.testing.assert_allclose(recording.orientation_wxyz[seen], signed, atol=ROUNDING)
    ours = {"acc": recording.acc_sensor_m_per_s2, "gyr": recording.gyr_sensor_rad_per_s, "mag": recording.mag_sensor}
    for kind, values in ours.items():
        if len(theirs[kind]):
            np.testing.assert_array_equal(values[seen], theirs[kind][:, column])


@pytest.mark.parametrize(
    ("prefix", "sensor"),
    [
        ("MT2022_ACC_GYRO_ROT_ALL_TAB_NAN_", "00B42D4B"),
        ("MT2022_ACC_GYRO_ROT_MAT_COMMA_", "00B42D4B"),
        ("MT_01200312-002-000_", "00B474BA"),
        ("MT_01200454_000-000_", "00B40DE4"),
        ("MT_012005D6_031-000_", "00B421AF"),
        ("MT_012005D6_031-000_", "00B4227B"),
        ("MT46_01-000_", "00B42D4D"),
        ("MT46_01-000_", "00B42D4E"),
        ("test1_", "00B421E6"),
    ],
)
def test_xsens_exports_hold_what_opensims_reader_finds(cases, prefix, sensor):
    (recording,) = read_imu(cases / "Xsens" / f"{prefix}{sensor}.txt", rate_hz=_rate(cases, prefix, sensor))
    assert recording.name == sensor
    assert_same(recording, by_xsens_reader(cases / "Xsens", prefix, [sensor]), 0)


def _rate(cases, prefix, sensor):
    stated = "Update Rate" in (cases / "Xsens" / f"{prefix}{sensor}.txt").read_text()
    return None if stated else UNSTATED_RATE_HZ


@pytest.mark.parametrize("delimiter", ["SEMICOLON", "SPACE"])
def test_every_delimiter_gives_the_same_recording(cases, delimiter):
    comma, other = (
        read_imu(cases / "Xsens" / f"MT2022_ACC_GYRO_ROT_MAT_{name}_00B42D4B.txt", rate_hz=UNSTATED_RATE_HZ)[0]
        for name in ("COMMA", delimiter)
    )
    np.testing.assert_array_equal(other.acc_sensor_m_per_s2, comma.acc_sensor_m_per_s2)
    np.testing.assert_array_equal(other.gyr_sensor_rad_per_s, comma.gyr_sensor_rad_per_s)
    np.testing.assert_array_equal(other.orientation_wxyz, comma.orientation_wxyz)


def test_euler_angles_are_the_rotation_of_the_quaternions_beside_them(cases, tmp_path):
    """OpenSim's reader takes these degrees for radians and turns about X first, so that the file itself must tell."""
    whole = cases / "Xsens" / "MT2022_ACC_GYRO_ROT_ALL_TAB_NAN_00B42D4B.txt"
    (by_quaternion,) = read_imu(whole, rate_hz=UNSTATED_RATE_HZ)
    alone = tmp_path / "euler_00B42D4B.txt"
    alone.write_text(whole.read_text().replace("Quat_q", "Unused_").replace("Mat[", "Unused["))
    (by_euler,) = read_imu(alone, rate_hz=UNSTATED_RATE_HZ)
    # Quaternions are written to 1e-6, angles to 1e-6 deg.
    np.testing.assert_allclose(by_euler.orientation_wxyz, by_quaternion.orientation_wxyz, atol=2e-6)


def test_lost_packets_are_rows_of_nan_and_the_rest_is_opensims(cases):
    prefix, sensor = "MT_012005D6-000_sit_to_stand-000_", "00B421ED"
    (recording,) = read_imu(cases / "Xsens" / f"{prefix}{sensor}.txt")
    lost = np.isnan(recording.orientation_wxyz).all(axis=1)
    # By hand: packets 35166 to 36692 are 1527, the file holds 1459.
    assert (len(recording.time_s), int(lost.sum())) == (1527, 68)
    assert recording.time_s[-1] == pytest.approx(1526 / 40.0)
    assert_same(recording, by_xsens_reader(cases / "Xsens", prefix, [sensor]), 0)


def test_sensors_of_a_walk_are_read_together(shared):
    folder, prefix = shared / "neura_sparse01" / "rawimu", "S02-Trial-Walk-1-000_"
    sensors = [f"00B40{end}" for end in NEURA]
    recordings = read_imu([folder / f"{prefix}{sensor}.txt" for sensor in sensors])
    tables = by_xsens_reader(folder, prefix, sensors)
    for column, recording in enumerate(recordings):
        assert recording.name == sensors[column]
        assert_same(recording, tables, column)


def test_files_of_unequal_length_share_a_clock(shared):
    """OpenSim's reader refuses these eight, which it ships as an example."""
    folder = shared / "opensense_example" / "IMUData"
    recordings = on_common_clock(read_imu(sorted(folder.glob("*.txt"))))
    assert {len(recording.time_s) for recording in recordings} == {2505}
    ends = [int(np.flatnonzero(np.isfinite(each.orientation_wxyz[:, 0]))[-1]) for each in recordings]
    assert ends == [2431, 2480, 2451, 2468, 2495, 2492, 2473, 2504]


@pytest.mark.parametrize(
    ("name", "sensors"),
    [
        ("imuData01.csv", ["Static", "Upper", "Middle", "Lower"]),
        ("apdm_format7.csv", ["Lumbar", "Right Ankle", "Left Ankle", "Left Foot", "Chest", "Right Foot"]),
    ],
)
def test_apdm_exports_hold_what_opensims_reader_finds(cases, name, sensors):
    recordings = read_imu(cases / "APDM" / name)
    assert [recording.name for recording in recordings] == sensors
    tables = by_apdm_reader(cases / "APDM" / name, sensors)
    for column, recording in enumerate(recordings):
        assert recording.rate_hz == pytest.approx(128.0, rel=1e-4)
        assert_same(recording, tables, column)


def test_opensim_reads_the_orientations_we_write(shared, tmp_path):
    folder = shared / "opensense_example" / "IMUData"
    recordings = read_imu(sorted(folder.glob("*.txt")))[:3]
    path = tmp_path / "orientations.sto"
    write_quaternion_sto(path, recordings)
    table = opensim.TimeSeriesTableQuaternion(str(path))
    assert list(table.getColumnLabels()) == [recording.name for recording in recordings]
    together = on_common_clock(recordings)
    np.testing.assert_array_equal(table.getIndependentColumn(), together[0].time_s)
    ours = np.stack([recording.orientation_wxyz for recording in together], axis=1)
    # OpenSim normalises what it reads.
    np.testing.assert_allclose(table_values(table, 4), ours, atol=1e-15)


def test_we_read_the_orientations_opensim_writes(cases, tmp_path):
    recordings = read_imu(sorted((cases / "Xsens").glob("MT46_01-000_*.txt")))
    table = opensim.TimeSeriesTableQuaternion()
    table.setColumnLabels([recording.name for recording in recordings])
    for row, time_s in enumerate(recordings[0].time_s):
        cells = opensim.RowVectorQuaternion(len(recordings))
        for column, recording in enumerate(recordings):
            for part, value in enumerate(recording.orientation_wxyz[row].tolist()):
                cells.updElt(0, column).set(part, value)
        table.appendRow(time_s, cells)
    path = tmp_path / "theirs.sto"
    opensim.STOFileAdapterQuaternion.write(table, str(path))
    for ours, theirs in zip(recordings, read_imu(path), strict=True):
        assert theirs.name == ours.name
        assert theirs.rate_hz == pytest.approx(100.0)
        np.testing.assert_allclose(theirs.orientation_wxyz, ours.orientation_wxyz, atol=1e-15)


@pytest.fixture(scope="module")
def walk(shared):
    """Eleven sensors of a walk, with the orientations their own filter made."""
    return read_imu(sorted((shared / "neura_sparse01" / "rawimu").glob("*.txt")))


def test_estimated_orientation_agrees_with_the_sensors_own(walk):
    """Measured: inclination 0.6 to 1.2 deg RMS, at most 2.5; rotation over a second 0.3 to 0.5 deg RMS, at most 1.4.

    Two filters that weigh the same accelerations differently; a wrong axis, sign or frame would be tens of degrees.
    """
    for recording in walk:
        estimated = with_orientation(replace(recording, orientation_wxyz=None)).orientation_wxyz
        inclination = np.degrees(inclination_difference_rad(estimated, recording.orientation_wxyz))
        ours, theirs = rotation_of(estimated), rotation_of(recording.orientation_wxyz)
        turns = [rotation[:-100].inv() * rotation[100:] for rotation in (ours, theirs)]
        turn = np.degrees((turns[0].inv() * turns[1]).magnitude())
        assert np.sqrt(np.mean(inclination**2)) < 1.5, recording.name
        assert inclination.max() < 3.0, recording.name
        assert np.sqrt(np.mean(turn**2)) < 0.75, recording.name
        assert turn.max() < 2.0, recording.name


@pytest.mark.parametrize(("unit", "per_rad"), [("rad/s", 1.0), ("deg/s", 180.0 / np.pi)])
def test_the_unit_of_a_walking_sensors_gyroscope_shows(walk, unit, per_rad):
    for recording in walk:
        gyr, acc = recording.gyr_sensor_rad_per_s * per_rad, recording.acc_sensor_m_per_s2
        assert angular_velocity_unit(gyr, 100.0, acc_m_per_s2=acc) == unit
        assert angular_velocity_unit(gyr, 100.0, orientation_wxyz=recording.orientation_wxyz) == unit
        # Three seconds suffice, or say nothing; they never say the other unit.
        for start in range(0, len(gyr) - 300, 300):
            piece = slice(start, start + 300)
            assert angular_velocity_unit(gyr[piece], 100.0, acc_m_per_s2=acc[piece]) in (unit, None)


def test_real_dot_streams_are_read_by_their_packet_counters(shared):
    """Five files as the app wrote them, without a last line end. Of one, 195 of 352 packets arrived."""
    recordings = {each.name: each for each in read_imu(sorted((shared / "cases/01-dot-realtime-lost").glob("*.csv")))}
    arrived = {name: int(np.isfinite(each.orientation_wxyz[:, 0]).sum()) for name, each in recordings.items()}
    assert arrived == {"LFemur": 195, "LTibia": 381, "Pelvis": 382, "RFemur": 381, "RTibia": 382}
    assert len(recordings["LFemur"].time_s) == 352
    assert all(each.rate_hz == pytest.approx(60.0, rel=1e-4) for each in recordings.values())
    assert {each.name for each in on_common_clock(list(recordings.values()))} == set(recordings)
