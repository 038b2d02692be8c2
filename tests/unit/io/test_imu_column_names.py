"""Names of columns of many makers and laboratories are understood, and those of other quantities are not."""

from __future__ import annotations

import pytest

from gaitload.io.imu.column_names import Column, column_of, sensors_of

AXES = "xyz"


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("Pelvis Accel Sensor X (mG)", Column("pelvis", "acc", "x", "mg")),
        ("Shank Accel Sensor Z RT (mG)", Column("shank rt", "acc", "z", "mg")),
        ("Noraxon MyoMotion-Segments-Shank RT-Gyroscope-z (deg/s)", Column("shank rt", "gyr", "z", "deg/s")),
        ("Ultium EMG.Internal Accel 1 Ax (mG)", Column("1", "acc", "x", "mg")),
        ("Trigno IM sensor 3: GYRO.Y 3[deg/s]", Column("3", "gyr", "y", "deg/s")),
        ("RDelt_ACC X (G)", Column("r delt", "acc", "x", "g")),
        ("Shimmer_8665_Accel_WR_X_CAL", Column("shimmer 8665 wr", "acc", "x", None)),
        ("ax_m/s/s", Column("", "acc", "x", "m/s2")),
        ("gz_deg/s", Column("", "gyr", "z", "deg/s")),
        ("pelvis_gyr_x_deg_s", Column("pelvis", "gyr", "x", "deg/s")),
        ("tibia_r_gyr_y_rad_per_s", Column("tibia r", "gyr", "y", "rad/s")),
        ("pelvis_acc_x_m_s2", Column("pelvis", "acc", "x", "m/s2")),
        ("pelvis_gyr_x_mdps_s", Column("pelvis mdps", "gyr", "x", None)),
        ("Gyroscope X (deg/s)", Column("", "gyr", "x", "deg/s")),
        ("foot_Accel_X", Column("foot", "acc", "x", None)),
        ("thigh_r_gyrZ", Column("thigh r", "gyr", "z", None)),
        ("qw", Column("", "quaternion", "w", None)),
        ("Quat_W", Column("", "quaternion", "w", None)),
        ("q0", Column("", "quaternion", "w", None)),
        ("Angular Velocity Y (rad/s)", Column("", "gyr", "y", "rad/s")),
        ("Timestamp (us)", Column("", "time", "", "us")),
        ("time_s", Column("", "time", "", "s")),
        ("X[s]", Column("", "time", "", "s")),
        ("Packet number", Column("", "counter", "", None)),
        ("FreeAcc_X", None),
        ("Linear Acceleration X (g)", None),
        ("Euler_X", None),
        ("Ultium EMG.EMG 1 (uV)", None),
        ("ground_force1_vx", None),
        ("knee_angle_r", None),
    ],
)
def test_a_name_says_whose_column_it_is_and_of_what(name, column):
    assert column_of(name) == column


def test_units_below_the_names_count():
    assert column_of("S_Accel_WR_X_CAL", "m/(s^2)").unit == "m/s2"


def test_of_two_accelerometers_of_a_sensor_the_one_of_wide_range_is_taken():
    names = ["t", *(f"S1_{kind}_{axis}_CAL" for kind in ("Accel_LN", "Accel_WR", "Gyro") for axis in "XYZ")]
    (sensor,) = sensors_of(names)
    assert sensor.name == "s 1" and sensor.channels["acc"] == (4, 5, 6) and sensor.channels["gyr"] == (7, 8, 9)


def test_each_channel_has_the_clock_on_its_left():
    names = [
        cell
        for number in (1, 2)
        for kind in ("ACC", "GYRO")
        for axis in "XYZ"
        for cell in ("X[s]", f"{number} {kind}.{axis}")
    ]
    first, second = sensors_of(names)
    assert (first.time, second.time) == (0, 12)


def test_a_sensor_lacks_no_axis():
    assert sensors_of(["t", "ax", "ay", "az", "gx", "gy"]) == []
    assert sensors_of(["t", "ax", "ay", "az"]) == []
    assert len(sensors_of(["t", "qw", "qx", "qy", "qz"])) == 1


def test_sensors_of_one_table_are_told_apart():
    names = [
        "time",
        *(f"{body}_{kind}_{axis}" for body in ("pelvis", "thigh_r") for kind in ("acc", "gyr") for axis in AXES),
    ]
    assert [sensor.name for sensor in sensors_of(names)] == ["pelvis", "thigh r"]
