"""What the signals of sensors say against them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gaitload.imu.judgement import (
    CLIP_MIN_ACC_M_PER_S2,
    CLIPPED_SAMPLES,
    clipped_share,
    copies,
    judge_sensors,
    missing_shares,
)
from gaitload.io.imu.reader import read_imu
from gaitload.quality import Verdict
from gaitload.trial import ImuRecording
from imu_files import swing

SAMPLES = 300
MOTION = swing(SAMPLES, 100.0)
NOISE = np.random.default_rng(3).normal(0.0, 0.01, (2, SAMPLES, 3))
SWAY = 30.0 * np.sin(4.0 * np.pi * np.arange(SAMPLES) / 100.0)[:, np.newaxis] * [0.0, 0.0, 1.0]
ACC = MOTION.acc + SWAY + NOISE[0]
"""Without noise every stride has the same peak."""
SENSOR = ImuRecording("a", np.arange(SAMPLES) / 100.0, ACC, MOTION.gyr + NOISE[1], None, MOTION.orientation_wxyz)
OTHER = replace(SENSOR, name="b", acc_sensor_m_per_s2=SENSOR.acc_sensor_m_per_s2 + 0.01)


def _clipped(times: int) -> ImuRecording:
    """The sensor with so many samples at a range below what it reaches."""
    acc = SENSOR.acc_sensor_m_per_s2.copy()
    limit = np.sort(acc[:, 2])[-times]
    assert limit > CLIP_MIN_ACC_M_PER_S2
    acc[:, 2] = np.minimum(acc[:, 2], limit)
    return replace(SENSOR, acc_sensor_m_per_s2=acc)


def _verdicts(**sensors: ImuRecording) -> dict[str, Verdict]:
    return {gate.code: gate.verdict for gate in judge_sensors(sensors)}


def test_good_sensors_pass_everything():
    verdicts = _verdicts(pelvis=SENSOR, torso=OTHER)
    # A few seconds hold too few slow turns to hold gravity against the gyroscope.
    assert verdicts.pop("IMU_GYROSCOPE_AGAINST_GRAVITY") is Verdict.NOT_JUDGED
    assert set(verdicts.values()) == {Verdict.PASSED}


@pytest.mark.parametrize(("times", "found"), [(CLIPPED_SAMPLES - 1, 0), (CLIPPED_SAMPLES, CLIPPED_SAMPLES), (40, 40)])
def test_peaks_that_share_the_end_of_a_range_are_clipped(times, found):
    assert clipped_share(_clipped(times)) * SAMPLES == pytest.approx(found)
    assert _verdicts(pelvis=_clipped(times))["IMU_CLIPPED"] is (Verdict.WARNED if found else Verdict.PASSED)


def test_a_sensor_at_rest_whose_samples_repeat_is_not_clipped():
    still = replace(SENSOR, acc_sensor_m_per_s2=np.tile([0.0, 0.0, 9.81], (SAMPLES, 1)))
    assert clipped_share(replace(still, gyr_sensor_rad_per_s=np.zeros((SAMPLES, 3)))) == 0.0


def test_a_sensor_that_measured_no_acceleration_is_not_clipped():
    nothing = np.full((SAMPLES, 3), np.nan)
    assert clipped_share(replace(SENSOR, acc_sensor_m_per_s2=nothing, gyr_sensor_rad_per_s=nothing)) == 0.0


def test_flat_tops_below_every_range_are_clipped_and_rounded_peaks_are_not():
    acc = SENSOR.acc_sensor_m_per_s2.copy()
    acc[:, 0] = np.clip(4.0 * np.sin(0.1 * np.arange(SAMPLES)) + NOISE[0, :, 0], -3.9, 3.5)
    assert clipped_share(replace(SENSOR, acc_sensor_m_per_s2=acc)) > 0.05
    rounded = np.where([True, True, False], np.round(SENSOR.acc_sensor_m_per_s2, 1), SENSOR.acc_sensor_m_per_s2)
    assert clipped_share(replace(SENSOR, acc_sensor_m_per_s2=rounded)) == 0.0


def test_sensors_without_a_gyroscope_are_not_judged_by_one():
    nothing = replace(SENSOR, gyr_sensor_rad_per_s=np.full((SAMPLES, 3), np.nan))
    verdicts = _verdicts(pelvis=nothing)
    assert verdicts["IMU_TURN_UNEXPLAINED"] is verdicts["IMU_GYROSCOPE_OFFSET"] is Verdict.NOT_JUDGED
    assert verdicts["IMU_GRAVITY_OFF"] is Verdict.PASSED


def test_a_rate_a_little_off_is_doubted():
    slow = replace(SENSOR, gyr_sensor_rad_per_s=0.93 * SENSOR.gyr_sensor_rad_per_s)
    assert _verdicts(pelvis=slow)["IMU_RATE_DOUBTFUL"] is Verdict.WARNED


def test_copies_are_named_and_what_differs_in_one_sample_is_none():
    acc = SENSOR.acc_sensor_m_per_s2.copy()
    acc[7] = np.nan
    holed = replace(SENSOR, acc_sensor_m_per_s2=acc)
    assert copies([SENSOR, OTHER, SENSOR, holed, holed]) == [(0, 2), (3, 4)]
    (gate,) = [
        gate for gate in judge_sensors({"tibia_r": SENSOR, "calcn_r": SENSOR}) if gate.code == "IMU_RECORDING_TWICE"
    ]
    assert gate.verdict is Verdict.FAILED and ": tibia_r and calcn_r. " in gate.reason


@pytest.mark.parametrize(("lost", "verdict"), [(60, Verdict.PASSED), (61, Verdict.WARNED)])
def test_a_sensor_may_lack_a_fifth_of_its_samples(lost, verdict):
    turned = SENSOR.orientation_wxyz.copy()
    turned[:lost] = np.nan
    cut = replace(SENSOR, orientation_wxyz=turned)
    assert missing_shares([SENSOR, cut]) == [0.0, lost / SAMPLES]
    assert _verdicts(pelvis=OTHER, torso=cut)["IMU_SAMPLES_MISSING"] is verdict


def test_a_published_recording_has_two_sensors_twice(shared: Path):
    paths = sorted((shared / "neura_sparse01").rglob("S02-Trial-Walk-1-000_*.txt"))
    sensors = read_imu(paths)
    pairs = {frozenset(sensors[place].name[-3:] for place in pair) for pair in copies(sensors)}
    assert pairs == {frozenset({"C44", "C49"}), frozenset({"C47", "C4A"})}
    assert max(map(clipped_share, sensors)) == 0.0
