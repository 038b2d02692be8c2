"""Errors of sensors: as large as told, and the same from the same seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import welch
from scipy.spatial.transform import Rotation

from gaitload.errors import ConfigError
from gaitload.imu.measured import measured_imu
from gaitload.imu.noise import MTI_1, ImuNoise, PacketLoss, noisy, without_lost
from gaitload.imu.placement import Mounting
from gaitload.imu.virtual import ideal_imu
from gaitload.trial import ImuRecording

SILENT = ImuNoise(*[0.0] * 7)


def still(samples: int = 20000, rate_hz: float = 100.0) -> ImuRecording:
    level = np.tile([0.0, 0.0, 9.80665], (samples, 1))
    return ImuRecording("box", np.arange(samples) / rate_hz, level, np.zeros((samples, 3)), mag_sensor=level / 9.80665)


def errors(noise: ImuNoise, recording: ImuRecording, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    found = noisy(recording, noise, np.random.default_rng(seed))
    assert found.orientation_wxyz is None
    return (
        found.gyr_sensor_rad_per_s - recording.gyr_sensor_rad_per_s,
        found.acc_sensor_m_per_s2 - recording.acc_sensor_m_per_s2,
        found.mag_sensor - recording.mag_sensor,
    )


@pytest.mark.parametrize("rate_hz", [50.0, 400.0])
def test_white_noise_has_its_density_at_any_rate(rate_hz):
    noise = replace(
        SILENT,
        gyr_density_rad_per_s_per_root_hz=0.02,
        acc_density_m_per_s2_per_root_hz=0.003,
        mag_density_per_root_hz=0.5,
    )
    for values, density in zip(errors(noise, still(rate_hz=rate_hz)), (0.02, 0.003, 0.5), strict=True):
        # 60,000 normal numbers tell a standard deviation to 0.3 %.
        assert values.std() == pytest.approx(density * np.sqrt(rate_hz / 2), rel=0.015)
        frequency_hz, power = welch(values, fs=rate_hz, nperseg=256, axis=0)
        inside = (frequency_hz > 0.05 * rate_hz) & (frequency_hz < 0.45 * rate_hz)
        assert np.sqrt(power[inside].mean()) == pytest.approx(density, rel=0.03)


def test_biases_have_their_spread_and_stay():
    noise = replace(SILENT, gyr_bias_rad_per_s=0.01, acc_bias_m_per_s2=0.2)
    drawn = [errors(noise, still(10), seed) for seed in range(700)]
    for channel, spread in ((0, 0.01), (1, 0.2)):
        values = np.array([one[channel] for one in drawn])
        assert np.ptp(values, axis=1).max() < 1e-12
        # 2100 normal numbers tell a standard deviation to 1.5 %.
        assert values[:, 0].std() == pytest.approx(spread, rel=0.06)


@pytest.mark.parametrize("rate_hz", [25.0, 100.0])
def test_walking_biases_are_off_by_the_root_of_the_time(rate_hz):
    noise = replace(SILENT, gyr_walk_rad_per_s_per_root_s=0.003, acc_walk_m_per_s2_per_root_s=0.05)
    samples = round(16 * rate_hz) + 1
    drawn = [errors(noise, still(samples, rate_hz), seed) for seed in range(400)]
    for channel, walk in ((0, 0.003), (1, 0.05)):
        values = np.array([one[channel] for one in drawn])
        assert np.abs(values[:, 0]).max() == 0
        # Sixteen seconds; 1200 normal numbers tell a standard deviation to 2 %.
        assert values[:, -1].std() == pytest.approx(4 * walk, rel=0.08)


def test_lost_packets_are_the_share_asked_for_in_bursts_as_long():
    recording = replace(still(60000), orientation_wxyz=np.tile([1.0, 0.0, 0.0, 0.0], (60000, 1)))
    found = without_lost(recording, PacketLoss(share=0.05, burst_samples=4.0), np.random.default_rng(3))
    lost = np.isnan(found.gyr_sensor_rad_per_s[:, 0])
    for channel in (found.acc_sensor_m_per_s2, found.mag_sensor, found.orientation_wxyz, found.gyr_sensor_rad_per_s):
        assert (np.isnan(channel) == lost[:, None]).all()
    assert found.time_s is recording.time_s and not lost[[0, -1]].any()
    bursts = np.sum(np.diff(lost.astype(int)) == 1)
    # Some 750 bursts of random length: 5 % on their mean.
    assert lost.mean() == pytest.approx(0.05, rel=0.2)
    assert lost.sum() / bursts == pytest.approx(4.0, rel=0.2)
    kept = recording.acc_sensor_m_per_s2[~lost]
    assert (found.acc_sensor_m_per_s2[~lost] == kept).all()


def test_nothing_is_lost_by_default():
    recording = still(100)
    found = without_lost(recording, PacketLoss(), np.random.default_rng(3))
    assert (found.gyr_sensor_rad_per_s == recording.gyr_sensor_rad_per_s).all() and found.orientation_wxyz is None


def _measured(flight, time_s, placed, seed=5, **options):
    rotation, origin = flight.rotation(time_s), flight.origin(time_s)
    random = np.random.default_rng(seed)
    given = {"noise": MTI_1, "random": random, "placement": placed()} | options
    return measured_imu(time_s, rotation, origin, **given)


def test_equal_seeds_give_equal_bytes(flight, time_s, placed):
    options = {"loss": PacketLoss(0.02, 3.0), "field_earth": np.array([0.4, 0.0, -0.9])}
    first, second, other = (_measured(flight, time_s, placed, seed, **options) for seed in (5, 5, 6))
    for channel in ("acc_sensor_m_per_s2", "gyr_sensor_rad_per_s", "mag_sensor", "orientation_wxyz"):
        assert getattr(first, channel).tobytes() == getattr(second, channel).tobytes()
        assert getattr(first, channel).tobytes() != getattr(other, channel).tobytes()


def test_without_errors_the_filter_finds_the_true_orientation(flight, time_s, placed):
    long_s = np.arange(3001) / 100
    heading = Mounting(np.zeros(3), np.zeros(3), heading_rad=0.8)
    found = _measured(flight, long_s, placed, noise=SILENT, mounting=heading)
    truth = ideal_imu(long_s, flight.rotation(long_s), flight.origin(long_s), placement=placed(), integrating=True)
    turned = Rotation.from_rotvec([0.0, 0.0, 0.8]) * Rotation.from_quat(truth.orientation_wxyz, scalar_first=True)
    apart = np.degrees((turned.inv() * Rotation.from_quat(found.orientation_wxyz, scalar_first=True)).magnitude())
    # What the filter leaves: its vertical is the mean force over seconds, which is worse at either end. Measured: 0.43
    # on average; 1.85 from rates at the samples instead of means over the periods before.
    assert apart.mean() < 0.8
    assert (found.acc_sensor_m_per_s2 == truth.acc_sensor_m_per_s2).all()


@pytest.mark.parametrize("field", [(0.4, 0.0, -0.9), (0.3, -0.2, -0.9), (-0.1, 0.4, 0.8)])
def test_a_magnetometer_holds_the_heading_to_the_field(flight, placed, field):
    time_s = np.arange(6001) / 100
    found = _measured(flight, time_s, placed, noise=SILENT, field_earth=np.array(field))
    truth = ideal_imu(time_s, flight.rotation(time_s), flight.origin(time_s), placement=placed(), integrating=True)
    both = [Rotation.from_quat(one.orientation_wxyz, scalar_first=True) for one in (found, truth)]
    # Measured in the last ten of sixty seconds: 0.2 deg.
    assert np.degrees((both[0] * both[1].inv()).magnitude())[-1000:].mean() < 1.0


def test_negative_noise_is_refused():
    with pytest.raises(ConfigError, match="acc_bias_m_per_s2"):
        replace(MTI_1, acc_bias_m_per_s2=-0.1)
    with pytest.raises(ConfigError, match="NOISE_INVALID"):
        replace(MTI_1, gyr_bias_rad_per_s=np.nan)


@pytest.mark.parametrize("wrong", [{"share": 1.0}, {"share": -0.1}, {"burst_samples": 0.5}, {"share": 0.6}])
def test_losses_that_cannot_be_are_refused(wrong):
    with pytest.raises(ConfigError, match="LOSS_INVALID"):
        PacketLoss(**wrong)
