"""Checks of sensors on published recordings: sound ones raise no alarm, faults are named."""

from __future__ import annotations

import re

import pytest

from benchmarks.faults.sensor_catalogue import FAULTS
from benchmarks.faults.sensor_scores import NEURA, camargo
from benchmarks.faults.sensor_signals import FILES, reports, signals_of
from benchmarks.faults.situation import UNSEEN
from gaitload.errors import ConventionError
from gaitload.imu.consistency import agreement
from gaitload.imu.judgement import judge_sensors
from gaitload.imu.orientation import with_orientation
from gaitload.io.imu.reader import read_imu
from gaitload.io.imu.table import ImuColumns
from gaitload.quality import Verdict

DECLARED = ImuColumns(
    "time", acc=("ax", "ay", "az"), gyr=("gx", "gy", "gz"), quaternion=("qw", "qx", "qy", "qz"), gyr_unit="rad/s"
)
IN_FILES = [fault for fault in FAULTS if fault.seen_by == FILES and fault.part != UNSEEN]


@pytest.fixture(scope="module")
def neura(shared):
    folder = shared / "neura_sparse01/rawimu"
    return {body: read_imu(sorted(folder.glob(f"*{end}.txt")))[0] for body, end in NEURA.items()}


def alarms(sensors):
    oriented = {each.name: with_orientation(each) for each in sensors}
    gates = judge_sensors(oriented)
    return {gate.code for gate in gates if gate.verdict in (Verdict.WARNED, Verdict.FAILED)}


def test_sound_sensors_of_three_makers_raise_no_alarm(shared, neura):
    assert alarms(neura.values()) == set()
    assert alarms(read_imu(sorted((shared / "opensense_example/IMUData").glob("*.txt")))) == set()
    assert alarms(read_imu(shared / "imu_cases/APDM/imuData01.csv")) == set()
    for path in (shared / "imu_cases/Xsens").glob("MT_012005D6*.txt"):
        assert alarms(read_imu(path)) == set()
    recorded = read_imu(sorted((shared / "cases/01-dot-realtime-lost").glob("*.csv")))
    assert alarms([each for each in recorded if each.name != "LFemur"]) == set()
    assert alarms(recorded) == {"IMU_SAMPLES_MISSING"}


def test_sound_sensors_without_orientations_raise_no_alarm(shared):
    paths = sorted((shared / "camargo2021_ab06/imu").glob("*.mat"))
    assert len(paths) == 15
    assert [reports(camargo(path)) for path in paths] == [[]] * 15


def test_gyroscopes_and_quaternions_of_real_sensors_agree(neura):
    seen = [agreement(each.orientation_wxyz, each.gyr_sensor_rad_per_s, each.rate_hz) for each in neura.values()]
    assert max(one.residual for one in seen) < 0.12
    assert all(one.ratio == pytest.approx(1.0, abs=0.02) for one in seen)


@pytest.mark.parametrize(("factor", "likely"), [(1.2, "100 Hz"), (0.6, "100 Hz")])
def test_a_wrong_declared_rate_is_refused_with_the_likely_one(shared, tmp_path, factor, likely):
    """An Xsens file whose `Update Rate` was taken out, with a wrong rate in cohort.yaml."""
    (path,) = (shared / "neura_sparse01/rawimu").glob("*C35.txt")
    text = re.sub(r"// Update Rate:.*\n", "", path.read_text())
    (tmp_path / "walk_00B40C35.txt").write_text(text)
    with pytest.raises(ConventionError, match=f"probably {likely}") as caught:
        read_imu(tmp_path / "walk_00B40C35.txt", rate_hz=100.0 * factor)
    assert caught.value.code == "IMU_RATE_CONTRADICTED"


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("38-imu-quaternion-order/x02.csv", "IMU_QUATERNIONS_INVERSE"),
        ("38-imu-quaternion-order/x03.csv", "IMU_QUATERNIONS_SCALAR_LAST"),
        ("39-gyro-sign/x04.csv", "IMU_GYROSCOPE_INVERTED"),
    ],
)
def test_conventions_of_a_sensor_that_lies_flat_are_named(shared, file, code):
    with pytest.raises(ConventionError) as caught:
        read_imu(shared / "cases" / file, columns={"sensor": DECLARED})
    assert caught.value.code == code


@pytest.mark.parametrize("fault", IN_FILES, ids=lambda fault: fault.name)
def test_faults_of_real_sensors_are_reported_with_their_cause(neura, fault):
    sensors = {body: signals_of(recording) for body, recording in neura.items()}
    found = reports(fault.inject(sensors, fault.sizes[-1]))
    assert found and found[0][0] in fault.codes
    assert any(re.search(cause, found[0][1], re.IGNORECASE) for cause in fault.cause)
