"""Properties of synchronisation that hold for any motion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaitload.errors import DataError
from gaitload.quality import Quality, Verdict
from gaitload.sync.quaternions import (
    GROUND_TO_EARTH_WXYZ,
    about_vertical,
    from_rotation_vector,
    multiply,
    shortest_angle,
)
from gaitload.sync.result import Search
from gaitload.sync.search import synchronise
from gaitload.sync.streams import Orientations
from sync_motion import Motion, recorded

MOCAP_S = np.arange(0, 20, 0.01)
EXACT_S = 1e-4
"""A tenth of a millisecond: what cubic splines of 4 Hz at 100 Hz leave is below a microsecond."""
few = settings(max_examples=12, deadline=None)
seeds, lags_s = st.integers(0, 10_000), st.floats(-2.0, 14.0)


def imu_clock(rate_hz: float = 60.0, duration_s: float = 6.0) -> np.ndarray:
    return np.arange(0, duration_s, 1 / rate_hz)


def found(motion: Motion, lag_s: float, *, skew: float = 0.0, rate_hz: float = 60.0, noise_rad: float = 0.0, **frames):
    imu_s = imu_clock(rate_hz)
    imu = recorded(motion, imu_s, at_s=lag_s + (1 + skew) * imu_s, **frames)
    noise = np.random.default_rng(0).normal(0, noise_rad, (*imu.orientation_wxyz.shape[:2], 3))
    imu = Orientations(imu.names, imu_s, multiply(imu.orientation_wxyz, from_rotation_vector(noise)))
    return synchronise(imu, recorded(motion, MOCAP_S))


@few
@given(seed=seeds, lag_s=lags_s, rate_hz=st.sampled_from([40.0, 60.0, 100.0, 148.0]))
def test_a_known_lag_is_found_to_a_tenth_of_a_millisecond(seed, lag_s, rate_hz):
    result = found(Motion(3, seed), lag_s, rate_hz=rate_hz)
    assert result.offset_s == pytest.approx(lag_s, abs=EXACT_S)
    assert result.trusted


@few
@given(seed=seeds, lag_s=lags_s)
def test_constant_turns_on_both_sides_change_nothing(seed, lag_s):
    rng, motion = np.random.default_rng(seed), Motion(3, seed)
    before, after = (from_rotation_vector(rng.uniform(-2, 2, (3, 3))) for _ in range(2))
    turned, plain = found(motion, lag_s, before=before, after=after), found(motion, lag_s)
    assert turned.offset_s == pytest.approx(plain.offset_s, abs=1e-7)
    assert turned.cost == pytest.approx(plain.cost, abs=1e-6)


@few
@given(seed=seeds, lag_s=st.floats(-2.0, 2.0))
def test_exchanging_the_streams_turns_the_sign(seed, lag_s):
    motion, time_s = Motion(3, seed), np.arange(0, 8, 0.01)
    first, second = recorded(motion, time_s), recorded(motion, time_s, at_s=time_s + lag_s)
    there, back = synchronise(second, first), synchronise(first, second)
    assert there.offset_s == pytest.approx(-back.offset_s, abs=EXACT_S)


def test_skew_is_found_and_maps_the_ends():
    result = found(Motion(3, 11), 5.0, skew=8e-5)
    assert result.skew == pytest.approx(8e-5, abs=1e-6)
    np.testing.assert_allclose(result.to_mocap(imu_clock()[[0, -1]]), 5 + (1 + 8e-5) * imu_clock()[[0, -1]], atol=1e-6)


def test_a_clock_that_starts_late_only_moves_the_offset():
    motion, late_s = Motion(3, 12), 5000.0
    imu_s = imu_clock()
    imu = recorded(motion, imu_s + late_s, at_s=3.0 + imu_s)
    result = synchronise(imu, recorded(motion, MOCAP_S))
    assert result.to_mocap(np.array([late_s]))[0] == pytest.approx(3.0, abs=EXACT_S)


def test_constant_frames_come_out():
    rng, motion = np.random.default_rng(13), Motion(3, 13)
    course, after = rng.uniform(-1, 1, 3), from_rotation_vector(rng.uniform(-0.5, 0.5, (3, 3)))
    before = multiply(about_vertical(course), GROUND_TO_EARTH_WXYZ)
    frames = found(motion, 4.0, before=before, after=after).frames
    # Without noise what is left is the spline's.
    np.testing.assert_allclose(frames.heading_rad, course, atol=1e-5)
    assert shortest_angle(frames.sensor_to_segment_wxyz, after).max() < 1e-5
    assert frames.residual_angle_rad.max() < 1e-5


def test_the_standard_error_is_that_of_noise():
    errors, claimed = [], []
    for seed in range(12):
        result = found(Motion(3, seed), 5.0, noise_rad=np.radians(1))
        middle = result.centre_s
        errors.append(result.to_mocap(np.array([middle]))[0] - (5.0 + middle))
        claimed.append(result.standard_error_s)
    # The noise is the same in all, the motion is not: the ratio scatters by about a fifth with 12 of them.
    assert 0.5 < np.sqrt(np.mean(np.square(errors))) / np.mean(claimed) < 2.0


def test_sensors_may_record_much_longer_than_markers():
    motion, imu_s, mocap_s = Motion(3, 24), np.arange(0, 90, 1 / 60), np.arange(0, 4, 0.01)
    imu = recorded(motion, imu_s)
    result = synchronise(imu, recorded(motion, mocap_s, at_s=mocap_s + 61.7))
    assert result.offset_s == pytest.approx(-61.7, abs=EXACT_S)
    assert result.trusted
    assert result.preference > 5


def test_lost_packets_do_not_hurt():
    motion, imu_s = Motion(3, 15), imu_clock()
    q = recorded(motion, imu_s, at_s=imu_s + 6).orientation_wxyz.copy()
    q[40:70, 0] = np.nan
    q[200:230] = np.nan
    result = synchronise(Orientations(("a", "b", "c"), imu_s, q), recorded(motion, MOCAP_S))
    assert result.offset_s == pytest.approx(6.0, abs=EXACT_S)


def test_motion_that_repeats_is_ambiguous():
    time_s = np.arange(0, 12, 0.01)
    angle = 0.5 * np.sin(2 * np.pi * time_s)[:, None, None] * np.array([[[0.3, 0.2, 1.0]]])
    rng = np.random.default_rng(16)

    def noisy(frames: int) -> np.ndarray:
        return multiply(from_rotation_vector(angle[:frames]), from_rotation_vector(rng.normal(0, 0.01, (frames, 1, 3))))

    mocap, imu = Orientations(("s",), time_s, noisy(1200)), Orientations(("s",), time_s[:400], noisy(400))
    result = synchronise(imu, mocap)
    assert "SYNC_AMBIGUOUS" in result.codes
    assert not result.trusted


def test_other_motion_is_no_match():
    result = synchronise(recorded(Motion(3, 17), imu_clock()), recorded(Motion(3, 18), MOCAP_S))
    assert not result.trusted


def test_sensors_at_rest_have_nothing_to_match():
    imu_s = imu_clock()
    still = Orientations(("s",), imu_s, np.tile([1.0, 0, 0, 0], (len(imu_s), 1, 1)))
    result = synchronise(still, recorded(Motion(1, 19), MOCAP_S))
    assert result.codes == ("SYNC_NO_MOTION",)
    assert np.isnan(result.offset_s)


def test_exchanged_sensors_are_named_and_do_not_move_the_offset():
    motion, imu_s = Motion(4, 20), imu_clock()
    imu = recorded(motion, imu_s, at_s=imu_s + 2.5).only([0, 2, 1, 3])
    result = synchronise(imu, recorded(motion, MOCAP_S))
    assert "SENSORS_SWAPPED" in result.codes
    assert dict(zip(result.sensors, result.segments, strict=True)) == {"s0": "s0", "s1": "s1", "s2": "s2", "s3": "s3"}
    assert result.offset_s == pytest.approx(2.5, abs=EXACT_S)


def test_a_sensor_on_a_clock_of_its_own_disagrees():
    motion, imu_s = Motion(4, 21), imu_clock()
    q = recorded(motion, imu_s, at_s=imu_s + 3).orientation_wxyz.copy()
    q[:, 3] = recorded(motion, imu_s, at_s=imu_s + 3.03).orientation_wxyz[:, 3]
    result = synchronise(Orientations(("a", "b", "c", "late"), imu_s, q), recorded(motion, MOCAP_S))
    assert "SYNC_SENSORS_DISAGREE" in result.codes
    assert any("late" in gate.reason for gate in result.gates if gate.code == "SYNC_SENSORS_DISAGREE")


def test_a_clock_that_jumps_is_unsteady():
    motion, imu_s = Motion(3, 22), np.arange(0, 120, 1 / 40)
    at_s = imu_s + np.where(imu_s > 70, 0.04, 0.0)
    result = synchronise(recorded(motion, imu_s, at_s=at_s), recorded(motion, np.arange(0, 125, 0.02)))
    assert "SYNC_CLOCK_UNSTEADY" in result.codes


def test_a_result_goes_into_a_quality_file():
    result = found(Motion(2, 23), 1.0)
    quality = Quality("sync", "lab/one/walk", result.gates, result.numbers())
    assert Quality.from_json(quality.to_json()).numbers["sensors"]["s1"]["segment"] == "s1"
    assert quality.verdict is Verdict.PASSED


def test_one_segment_per_sensor_is_wanted():
    with pytest.raises(DataError) as caught:
        synchronise(recorded(Motion(2, 1), imu_clock()), recorded(Motion(3, 1), MOCAP_S), Search())
    assert caught.value.code == "SENSORS_UNMATCHED"
