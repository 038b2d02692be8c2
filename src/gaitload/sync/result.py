"""What synchronisation has to say: the clocks, the frames, and how far to trust them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gaitload.quality import Gate, Verdict
from gaitload.sync.alignment import Frames


@dataclass(frozen=True)
class Search:
    """How to search.

    Attributes
    ----------
    span_s : float
        Span over which a stream's own rotation is taken. Longer: less noise in it, coarser in time. Default 50 ms.
    overlap_min_s, overlap_share : float
        Least overlap of both streams, in seconds and as a share of the shorter one (and of its motion). Smaller finds
        recordings that hardly met, and lets chance matches in.
    skew_prior : float
        Standard deviation of clocks that a laboratory buys; 1e-4 is 100 ppm, the worst crystals.
    candidates : int
        Lags that are looked at closely.
    window_s : float
        Length of the windows whose offsets show a drifting clock.
    block_s : float
        Errors further apart are taken to be independent.
    check_assignment : bool
        Try every sensor on every segment. Costs most of the time of long searches with many sensors.
    preference_min : float
        Below, in standard errors, the best lag is not surely better than the runner-up. Chosen on simulated truth, see
        docs/benchmarks/sync.md.
    unexplained_max : float
        Above, as root mean square share, the streams are not of one motion.
    swap_gain_min : float
        By how much the mean logarithm of the share has to fall, per sensor that changes place, for a swap to be told.
    rate_min_rad_per_s : float
        Below (root mean square), nobody moved. Default 0.1: quiet standing stays below 0.05.
    sensor_tolerance_s : float
        A sensor whose own offset is off the common one by more, and by more than four standard errors, disagrees.
    """

    span_s: float = 0.05
    overlap_min_s: float = 1.0
    overlap_share: float = 0.5
    skew_prior: float = 1e-4
    candidates: int = 8
    window_s: float = 20.0
    block_s: float = 0.25
    check_assignment: bool = True
    preference_min: float = 2.5
    unexplained_max: float = 0.7
    swap_gain_min: float = 0.3
    rate_min_rad_per_s: float = 0.1
    sensor_tolerance_s: float = 0.010


def without_nan(numbers: Mapping) -> dict:
    """`Synchronisation.numbers` as JSON can hold them: null for NaN, at any depth."""
    return _each(numbers, lambda value: None if isinstance(value, float) and math.isnan(value) else value)


def with_nan(document: Mapping) -> dict:
    """Inverse of `without_nan`."""
    return _each(document, lambda value: math.nan if value is None else value)


def _each(value, change):
    if isinstance(value, Mapping):
        return {name: _each(item, change) for name, item in value.items()}
    return [_each(item, change) for item in value] if isinstance(value, list) else change(value)


@dataclass(frozen=True)
class Synchronisation:
    """Clocks and frames of sensors and markers; S sensors. `t_mocap = offset_s + (1 + skew) * t_imu`.

    Attributes
    ----------
    sensors, segments : tuple of str
        Sensor by sensor, and the segment that it fits best (the one it was said to be on, unless `SENSORS_SWAPPED`).
    offset_s, skew : float
        NaN where nothing could be found.
    centre_s : float
        Middle of the overlap on the IMU clock.
    standard_error_s : float
        Of the mapped time at the middle of the overlap, where it does not depend on the skew's.
    skew_standard_error : float
    overlap_s : float
    sensor_offset_s, sensor_standard_error_s : ndarray, shape (S,)
        `offset_s` by every sensor alone, at the common skew.
    spread_s : float
        Standard deviation of the former between sensors.
    cost, runner_up_cost : float
        Share of the motion unexplained (root mean square, geometric mean over sensors, 0 to 1) at the best lag and at
        the best one outside its trough; NaN where there is none.
    runner_up_offset_s : float
        `t_mocap - t_imu` of the latter at the middle of the overlap, less that of the best: a stride, where it slips.
    preference : float
        Standard errors by which the best lag is better than any other.
    rotation_error_rad : ndarray, shape (S,)
        Root mean square angle between the rotations of sensor and segment over a span.
    frames : Frames
    lag_s, lag_cost : ndarray, shape (L,)
        The coarse search, for a figure: `t_mocap - t_imu` and cost; NaN where the overlap is too short.
    window_centre_s, window_offset_s : ndarray, shape (W,)
        Offsets (`t_mocap - t_imu`) in windows of the IMU clock; empty in short recordings.
    gates : tuple of Gate
    """

    sensors: tuple[str, ...]
    segments: tuple[str, ...]
    offset_s: float
    skew: float
    centre_s: float
    standard_error_s: float
    skew_standard_error: float
    overlap_s: float
    sensor_offset_s: np.ndarray
    sensor_standard_error_s: np.ndarray
    spread_s: float
    cost: float
    runner_up_cost: float
    runner_up_offset_s: float
    preference: float
    rotation_error_rad: np.ndarray
    frames: Frames
    lag_s: np.ndarray
    lag_cost: np.ndarray
    window_centre_s: np.ndarray
    window_offset_s: np.ndarray
    gates: tuple[Gate, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Reason codes of the gates that doubt the result."""
        return tuple(gate.code for gate in self.gates if gate.verdict in (Verdict.WARNED, Verdict.FAILED))

    @property
    def trusted(self) -> bool:
        """No gate failed."""
        return all(gate.verdict is not Verdict.FAILED for gate in self.gates)

    def to_mocap(self, imu_time_s: np.ndarray) -> np.ndarray:
        """Times of the IMU clock on the mocap clock."""
        return self.offset_s + (1 + self.skew) * np.asarray(imu_time_s)

    def numbers(self) -> dict:
        """Everything but the curves as plain numbers, for a quality file; per sensor under `sensors`."""
        whole = ("offset_s", "skew", "centre_s", "standard_error_s", "skew_standard_error", "overlap_s", "spread_s")
        whole += ("cost", "runner_up_cost", "runner_up_offset_s", "preference")
        sensors = {
            name: {
                "segment": segment,
                "offset_s": float(self.sensor_offset_s[place]),
                "standard_error_s": float(self.sensor_standard_error_s[place]),
                "rotation_error_rad": float(self.rotation_error_rad[place]),
                "heading_rad": float(self.frames.heading_rad[place]),
                "heading_rate_rad_per_s": float(self.frames.heading_rate_rad_per_s[place]),
                "sensor_to_segment_wxyz": [float(part) for part in self.frames.sensor_to_segment_wxyz[place]],
                "residual_angle_rad": float(self.frames.residual_angle_rad[place]),
            }
            for place, (name, segment) in enumerate(zip(self.sensors, self.segments, strict=True))
        }
        return {name: float(getattr(self, name)) for name in whole} | {"sensors": sensors}
