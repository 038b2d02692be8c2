"""Orientations on a clock, and how far they turn over a short span."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import binary_erosion

from gaitload.conventions import sampling_rate_hz
from gaitload.errors import DataError
from gaitload.sync.quaternions import conjugate, multiply, rotation_vector

_NORM_TOLERANCE = 0.05
_CLOCK_TOLERANCE = 0.1
"""Share of an interval by which a sample may miss the uniform clock."""
_FRAMES_MIN = 16
_RINGING_FRAMES = 2
_SLOPE_S = 0.02


@dataclass(frozen=True)
class Orientations:
    """Orientations of S sensors, or of the S segments they are on, on one uniform clock.

    Attributes
    ----------
    names : tuple of str
        Length S.
    time_s : ndarray, shape (T,)
        Uniform.
    orientation_wxyz : ndarray, shape (T, S, 4)
        Unit quaternions from the sensor (segment) frame to the earth frame (Z up) or the ground frame (Y up); NaN where
        missing, for example lost packets.

    Raises
    ------
    DataError
        ORIENTATIONS_SHAPE, ORIENTATIONS_CLOCK, ORIENTATIONS_NOT_UNIT.
    """

    names: tuple[str, ...]
    time_s: np.ndarray
    orientation_wxyz: np.ndarray

    def __post_init__(self) -> None:
        shape = (len(self.time_s), len(self.names), 4)
        if self.orientation_wxyz.shape != shape or len(self.time_s) < _FRAMES_MIN:
            raise DataError(
                expected=f"orientations of shape {shape}, at least {_FRAMES_MIN} frames",
                found=f"shape {self.orientation_wxyz.shape}",
                where=", ".join(self.names),
                do="Give one clock and one column of quaternions per name.",
                code="ORIENTATIONS_SHAPE",
            )
        grid = np.linspace(self.time_s[0], self.time_s[-1], len(self.time_s))
        off = np.abs(self.time_s - grid).max() * self.rate_hz
        if not off < _CLOCK_TOLERANCE:
            raise DataError(
                expected="a uniform clock",
                found=f"samples off it by up to {off:.2f} intervals",
                where=", ".join(self.names),
                do="Put lost samples back as rows of NaN, or resample.",
                code="ORIENTATIONS_CLOCK",
            )
        norm = np.linalg.norm(self.orientation_wxyz, axis=-1)
        if (np.abs(norm - 1) > _NORM_TOLERANCE).any():
            frame, column = np.argwhere(np.abs(norm - 1) > _NORM_TOLERANCE)[0]
            raise DataError(
                expected="unit quaternions",
                found=f"a norm of {norm[frame, column]:.3g}",
                where=f"{self.names[column]} at {self.time_s[frame]:.3f} s",
                do="Write NaN where there is no orientation.",
                code="ORIENTATIONS_NOT_UNIT",
            )

    @property
    def rate_hz(self) -> float:
        """Sampling rate (Hz), from the mean interval."""
        return sampling_rate_hz(self.time_s)

    @property
    def duration_s(self) -> float:
        """From the first to the last sample."""
        return float(self.time_s[-1] - self.time_s[0])

    def only(self, columns: list[int]) -> Orientations:
        """Some of the columns, in the order given."""
        return Orientations(
            tuple(self.names[column] for column in columns), self.time_s, self.orientation_wxyz[:, columns]
        )


class UniformSpline:
    """Cubic spline of columns with gaps on a uniform clock; tells where it may be trusted.

    Gaps are bridged by straight lines before the fit, so that one spline serves all columns; `valid` is false there and
    for `_RINGING_FRAMES` around, where the spline swings from the kink (each frame by a quarter of the one before).
    """

    def __init__(self, time_s: np.ndarray, values: np.ndarray) -> None:
        flat = np.asarray(values, dtype=float).reshape(len(time_s), -1)
        self._shape = values.shape[1:]
        self._finite = binary_erosion(
            np.isfinite(values).all(axis=-1), np.ones((2 * _RINGING_FRAMES + 1, 1)), border_value=1
        )
        self._start, self._rate_hz = time_s[0], sampling_rate_hz(time_s)
        self._spline, self._ends_s = CubicSpline(time_s, _bridged(time_s, flat), axis=0), (time_s[0], time_s[-1])

    def __call__(self, time_s: np.ndarray) -> np.ndarray:
        """Values, shape (N, ...); meaningless where not `valid`."""
        return self._spline(np.clip(time_s, *self._ends_s)).reshape(len(time_s), *self._shape)

    def slope(self, time_s: np.ndarray) -> np.ndarray:
        """Difference quotient over whole frames either way, shape (N, ...).

        Not the spline's derivative: noise is less between samples than at them, so its derivative goes along with
        the noise, and a fit by it is drawn to the middle between samples (2 ms in slow gait with 0.1 degrees of noise).
        Whole frames away the noise is alike, and the difference is free of it on average.
        """
        step_s = max(1, round(_SLOPE_S * self._rate_hz)) / self._rate_hz
        return (self(time_s + step_s) - self(time_s - step_s)) / (2 * step_s)

    def valid(self, time_s: np.ndarray) -> np.ndarray:
        """True where both neighbours of a time were recorded; shape (N, S)."""
        place = (time_s - self._start) * self._rate_hz
        near = np.round(place)
        place = np.where(np.abs(place - near) < 1e-6, near, place)
        inside = (place >= 0) & (place <= len(self._finite) - 1)
        place = np.clip(place, 0, len(self._finite) - 1)
        below, above = np.floor(place).astype(int), np.ceil(place).astype(int)
        return self._finite[below] & self._finite[above] & inside[:, None]


def continuous(orientation_wxyz: np.ndarray) -> np.ndarray:
    """The same orientations, shape (T, S, 4), with signs that run on across gaps, and of unit norm."""
    signed = orientation_wxyz / np.linalg.norm(orientation_wxyz, axis=-1, keepdims=True)
    for column in range(signed.shape[1]):
        seen = np.flatnonzero(np.isfinite(signed[:, column]).all(axis=-1))
        dots = np.einsum("tk,tk->t", signed[seen[1:], column], signed[seen[:-1], column])
        signs = np.cumprod(np.concatenate([[1.0], np.where(dots < 0, -1.0, 1.0)]))
        signed[seen, column] *= signs[: len(seen), None]
    return signed


def orientation_spline(orientations: Orientations) -> UniformSpline:
    """Spline of the quaternions; what it gives has to be brought to unit norm."""
    return UniformSpline(orientations.time_s, continuous(orientations.orientation_wxyz))


def normalised(q: np.ndarray) -> np.ndarray:
    """Quaternions of unit norm."""
    return q / np.linalg.norm(q, axis=-1, keepdims=True)


def own_turns(orientations: Orientations, span_frames: int) -> np.ndarray:
    """Rotation vectors q(t)^-1 q(t + span) between the stream's own samples, shape (T - span, S, 3) in rad.

    They belong to the middle of the span, and are NaN where either end is missing.
    """
    q = normalised(orientations.orientation_wxyz)
    return rotation_vector(multiply(conjugate(q[:-span_frames]), q[span_frames:]))


def splined_turns(spline: UniformSpline, time_s: np.ndarray, span_s: float) -> UniformSpline:
    """The same rotation vectors over any span, as a spline over the time of the middle of the span.

    Parameters
    ----------
    spline : UniformSpline
        Of the orientations.
    time_s : ndarray, shape (T,)
        Their clock.
    span_s : float
    """
    before, after = time_s - span_s / 2, time_s + span_s / 2
    q = [np.where(spline.valid(at)[..., None], normalised(spline(at)), np.nan) for at in (before, after)]
    return UniformSpline(time_s, rotation_vector(multiply(conjugate(q[0]), q[1])))


def _bridged(time_s: np.ndarray, flat: np.ndarray) -> np.ndarray:
    filled = flat.copy()
    for column in range(flat.shape[1]):
        seen = np.isfinite(flat[:, column])
        if seen.all():
            continue
        filled[:, column] = np.interp(time_s, time_s[seen], flat[seen, column]) if seen.any() else 0.0
    return filled
