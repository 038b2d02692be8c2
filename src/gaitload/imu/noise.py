"""What sensors add to what they measure, and what the radio loses of it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.errors import ConfigError
from gaitload.trial import ImuRecording


def _require_within(value: float, below: float, where: str, code: str) -> None:
    if not 0 <= value < below:
        raise ConfigError(
            expected=f"a number in [0, {below:g})", found=f"{value}", where=where, do="Correct the value.", code=code
        )


@dataclass(frozen=True)
class ImuNoise:
    """Errors of one sensor; every axis draws its own.

    Densities are one-sided, as data sheets have them: white noise of a density d, sampled at a rate f, has the standard
    deviation d sqrt(f / 2). A bias that walks by w has moved by w sqrt(t) after a time t.

    Attributes
    ----------
    gyr_density_rad_per_s_per_root_hz, acc_density_m_per_s2_per_root_hz, mag_density_per_root_hz : float
        White noise; the magnetometer's in the unit of its field.
    gyr_bias_rad_per_s, acc_bias_m_per_s2 : float
        Standard deviation of the bias from one use of a sensor to another.
    gyr_walk_rad_per_s_per_root_s, acc_walk_m_per_s2_per_root_s : float
        Random walk of the bias.

    Raises
    ------
    ConfigError
        NOISE_INVALID: a negative number.
    """

    gyr_density_rad_per_s_per_root_hz: float
    acc_density_m_per_s2_per_root_hz: float
    mag_density_per_root_hz: float
    gyr_bias_rad_per_s: float
    acc_bias_m_per_s2: float
    gyr_walk_rad_per_s_per_root_s: float
    acc_walk_m_per_s2_per_root_s: float

    def __post_init__(self) -> None:
        for field in fields(self):
            _require_within(getattr(self, field.name), np.inf, f"{field.name} of a sensor's noise", "NOISE_INVALID")

    def times(self, factor: float) -> ImuNoise:
        """The same kind of sensor with errors so many times as large."""
        return ImuNoise(**{field.name: factor * getattr(self, field.name) for field in fields(self)})


_STABLE_S = 100.0
"""Time after which a walking bias is off by the stability of the data sheet: about where the Allan deviation of such
sensors is least. A shorter one makes biases walk faster."""

# ASSUME: biases of virtual sensors walk by their in-run stability within 100 s, and never come back.
MTI_1 = ImuNoise(
    gyr_density_rad_per_s_per_root_hz=np.radians(0.007),
    acc_density_m_per_s2_per_root_hz=120e-6 * STANDARD_GRAVITY_M_PER_S2,
    mag_density_per_root_hz=2e-4,
    gyr_bias_rad_per_s=np.radians(0.5),
    acc_bias_m_per_s2=5e-3 * STANDARD_GRAVITY_M_PER_S2,
    gyr_walk_rad_per_s_per_root_s=np.radians(10.0) / 3600.0 / np.sqrt(_STABLE_S),
    acc_walk_m_per_s2_per_root_s=30e-6 * STANDARD_GRAVITY_M_PER_S2 / np.sqrt(_STABLE_S),
)
"""The class of sensors in wearable systems. Noise densities and in-run stabilities (10 deg/h, 0.03 mg) of an Xsens
MTi-1 by its data sheet, as printed in Transactions on Aerospace Research 2023, doi 10.2478/tar-2023-0022. Gyroscope
bias: Xsens gives a repeatability of 0.5 deg/s within a year (knowledge base, article 203307252), and MTw standing still
show as much (docs/virtual_imu.md). Accelerometer bias (5 mg) and magnetometer noise (2e-4 of the earth's field) are
chosen."""


@dataclass(frozen=True)
class PacketLoss:
    """Samples lost on the radio, in bursts of random length.

    Attributes
    ----------
    share : float
        Of all samples, in `[0, 1)`.
    burst_samples : float
        Mean length of a burst, 1 at least.

    Raises
    ------
    ConfigError
        LOSS_INVALID.
    """

    share: float = 0.0
    burst_samples: float = 1.0

    def __post_init__(self) -> None:
        _require_within(self.share, 1.0, "share of a sensor's lost packets", "LOSS_INVALID")
        # From bursts so short, so many can only be lost if a burst could start within another.
        if not 1.0 <= self.burst_samples < np.inf or self.share > self.burst_samples / (1.0 + self.burst_samples):
            raise ConfigError(
                expected=f"bursts of at least one sample, long enough to lose a share of {self.share:g}",
                found=f"{self.burst_samples:g} samples",
                where="burst_samples of a sensor's lost packets",
                do="Lower the share or lengthen the bursts.",
                code="LOSS_INVALID",
            )


def noisy(recording: ImuRecording, noise: ImuNoise, random: np.random.Generator) -> ImuRecording:
    """A recording with a sensor's errors; without an orientation, which has to be estimated from it."""
    rate_hz, shape = recording.rate_hz, recording.acc_sensor_m_per_s2.shape
    gyr_error = _error(
        shape,
        rate_hz,
        density=noise.gyr_density_rad_per_s_per_root_hz,
        bias=noise.gyr_bias_rad_per_s,
        walk=noise.gyr_walk_rad_per_s_per_root_s,
        random=random,
    )
    acc_error = _error(
        shape,
        rate_hz,
        density=noise.acc_density_m_per_s2_per_root_hz,
        bias=noise.acc_bias_m_per_s2,
        walk=noise.acc_walk_m_per_s2_per_root_s,
        random=random,
    )
    magnetic = recording.mag_sensor
    if magnetic is not None:
        magnetic = magnetic + noise.mag_density_per_root_hz * np.sqrt(rate_hz / 2) * random.standard_normal(shape)
    return replace(
        recording,
        gyr_sensor_rad_per_s=recording.gyr_sensor_rad_per_s + gyr_error,
        acc_sensor_m_per_s2=recording.acc_sensor_m_per_s2 + acc_error,
        mag_sensor=magnetic,
        orientation_wxyz=None,
    )


def without_lost(recording: ImuRecording, loss: PacketLoss, random: np.random.Generator) -> ImuRecording:
    """A recording with NaN in every channel of the packets lost; the first and the last sample arrive."""
    kept = ~_lost(len(recording.time_s), loss, random)[:, None]
    channels = {
        field.name: np.where(kept, getattr(recording, field.name), np.nan)
        for field in fields(recording)
        if field.name not in ("name", "time_s") and getattr(recording, field.name) is not None
    }
    return replace(recording, **channels)


def _error(
    shape: tuple[int, int], rate_hz: float, *, density: float, bias: float, walk: float, random: np.random.Generator
) -> np.ndarray:
    white = density * np.sqrt(rate_hz / 2.0) * random.standard_normal(shape)
    constant = bias * random.standard_normal(shape[1])
    steps = walk / np.sqrt(rate_hz) * random.standard_normal(shape)
    return white + constant + np.cumsum(steps, axis=0) - steps[0]


def _lost(samples: int, loss: PacketLoss, random: np.random.Generator) -> np.ndarray:
    """A chain of two states (Gilbert 1960): lost samples go on being lost with a probability of their own."""
    draws = random.random(samples)
    goes_on = 1.0 - 1.0 / loss.burst_samples
    begins = loss.share * (1.0 - goes_on) / (1.0 - loss.share)
    lost = np.zeros(samples, dtype=bool)
    for sample in range(1, samples - 1):
        lost[sample] = draws[sample] < (goes_on if lost[sample - 1] else begins)
    return lost
