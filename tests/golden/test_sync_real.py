"""Seven Xsens sensors and Vicon segments of one walk, started by one trigger (neura_sparse01).

The trigger was meant to make the offset zero. It did not: the sensors lag the markers by 15 to 20 ms, which the
accelerometers, which share nothing with the orientations of the search but the clock, say as well.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.interpolate import CubicSpline
from scipy.io import loadmat

from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.signals.filters import lowpass
from gaitload.sync.quaternions import GROUND_TO_EARTH_WXYZ, conjugate, multiply, rotate
from gaitload.sync.search import synchronise
from gaitload.sync.streams import Orientations

SENSOR_OF = {"qRPV": "B91", "qLTH": "C45", "qRTH": "C3C", "qLSK": "BA5", "qRSK": "C35", "qLFT": "C55", "qRFT": "C48"}
RATE_HZ, FIRST_ROW = 100, 1119
FRAME_S = 1 / RATE_HZ


@pytest.fixture(scope="module")
def folder(shared):
    place = shared / "neura_sparse01"
    if not place.is_dir():
        pytest.skip(f"recording not found at {place}")
    return place


@pytest.fixture(scope="module")
def tables(folder):
    """Sensor tables by segment."""
    return {
        segment: pd.read_csv(next((folder / "rawimu").glob(f"*_00B40{sensor}.txt")), comment="/")
        for segment, sensor in SENSOR_OF.items()
    }


@pytest.fixture(scope="module")
def imu(tables):
    q = np.stack([table[[f"Quat_q{part}" for part in range(4)]].to_numpy() for table in tables.values()], axis=1)
    return Orientations(tuple(SENSOR_OF.values()), np.arange(len(q)) / RATE_HZ, q)


@pytest.fixture(scope="module")
def mocap(folder):
    table = pd.read_csv(folder / "vicon_S02-Trial-Walk-1.csv", comment="/")
    q = np.stack([table[[f"{name}_{part}" for part in range(1, 5)]].to_numpy() for name in SENSOR_OF], axis=1)
    time_s = (FIRST_ROW + np.arange(len(q))) / RATE_HZ
    return Orientations(tuple(SENSOR_OF), time_s, multiply(conjugate(GROUND_TO_EARTH_WXYZ), q))


@pytest.fixture(scope="module")
def found(imu, mocap):
    return synchronise(imu, mocap)


def lead_of_markers_s(folder, table: pd.DataFrame, markers: tuple[str, ...]) -> float:
    """By how much vertical acceleration of markers leads that of a sensor, from the best correlation below 6 Hz."""
    recorded = loadmat(folder / "rawvicon_S02-Trial-Walk-1.mat")
    place = np.mean([recorded[name].astype(float) for name in markers], axis=0)
    place = lowpass(place / (1000 if np.abs(place).max() > 50 else 1), rate_hz=RATE_HZ, cutoff_hz=6.0)
    wanted = np.gradient(np.gradient(place[:, 2], FRAME_S), FRAME_S) + STANDARD_GRAVITY_M_PER_S2
    force = lowpass(table[["Acc_X", "Acc_Y", "Acc_Z"]].to_numpy(), rate_hz=RATE_HZ, cutoff_hz=6.0)
    measured = rotate(table[[f"Quat_q{part}" for part in range(4)]].to_numpy(), force)[:, 2]
    frames, lags = np.arange(600, 2300), np.arange(-10, 10, 0.05)
    spline = CubicSpline(np.arange(len(measured)), measured)
    alike = [np.corrcoef(spline(frames + lag), wanted[frames])[0, 1] for lag in lags]
    return float(lags[np.argmax(alike)]) / RATE_HZ


def test_the_offset_is_that_of_the_accelerometers_within_a_frame(found, folder, tables):
    places = {
        "qRPV": ("LASI", "RASI", "LPSI", "RPSI"),
        "qLFT": ("LTOE", "LANK"),
        "qRFT": ("RTOE", "RANK"),
        "qLSK": ("LANK", "LKNE", "LTIB"),
        "qRSK": ("RANK", "RKNE", "RTIB"),
    }
    leads = [lead_of_markers_s(folder, tables[segment], markers) for segment, markers in places.items()]
    middle = found.to_mocap(np.array([found.centre_s]))[0] - found.centre_s
    assert np.median(leads) == pytest.approx(-middle, abs=FRAME_S)
    # The trigger: two frames at most.
    assert abs(middle) < 2 * FRAME_S


def test_nothing_is_doubted_and_sensors_agree_within_a_frame(found, mocap):
    assert found.codes == ()
    assert found.segments == mocap.names
    assert found.spread_s < FRAME_S


def test_every_sensor_alone_says_the_same(found, imu, mocap):
    middle = found.to_mocap(np.array([found.centre_s]))[0]
    for column in range(len(SENSOR_OF)):
        alone = synchronise(imu.only([column]), mocap.only([column]))
        assert alone.to_mocap(np.array([found.centre_s]))[0] == pytest.approx(middle, abs=FRAME_S), imu.names[column]


@pytest.mark.parametrize("order", [(0, 2, 1, 3, 4, 5, 6), (0, 1, 2, 4, 3, 5, 6), (0, 2, 1, 4, 3, 6, 5)])
def test_sensors_on_the_other_leg_are_found(order, found, imu, mocap):
    swapped = synchronise(imu.only(list(order)), mocap)
    assert "SENSORS_SWAPPED" in swapped.codes
    assert {sensor: segment for segment, sensor in SENSOR_OF.items()} == dict(
        zip(swapped.sensors, swapped.segments, strict=True)
    )
    assert swapped.offset_s == pytest.approx(found.offset_s, abs=1e-6)


def test_what_is_left_is_what_skin_and_fusion_leave(found):
    # Measured 4 (pelvis) to 10 (left thigh) degrees: no reference says what it should be, more would be a wrong frame.
    assert np.degrees(found.frames.residual_angle_rad).max() < 15
    assert np.degrees(np.median(found.frames.residual_angle_rad)) < 8


@pytest.mark.parametrize("columns", [tuple(range(7)), (0,), (4,)], ids=["all", "pelvis", "shank"])
def test_no_short_window_slips_unseen(columns, found, imu, mocap):
    """2.5 s of walking, standing or both: the answer is right, or it is flagged."""
    right = 0
    for first in range(600, 2201, 100):
        window = slice(first, first + 250)
        piece = Orientations(imu.names, imu.time_s[window], imu.orientation_wxyz[window]).only(list(columns))
        result = synchronise(piece, mocap.only(list(columns)))
        middle = imu.time_s[first + 125]
        # A sensor alone, with skin moving under it, is a frame and a half off at worst; a stride is 100 frames.
        is_right = abs(result.to_mocap(middle) - found.to_mocap(middle)) < 2 * FRAME_S
        assert is_right or not result.trusted, f"window from {first / RATE_HZ:g} s"
        right += bool(is_right)
    assert right >= 4
