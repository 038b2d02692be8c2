"""Inertial sensors synchronised with markers from orientations alone: all lags first, then the best few closely."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gaitload.errors import DataError
from gaitload.quality import Gate, Verdict
from gaitload.sync import judgement
from gaitload.sync.alignment import Frames, solve_frames
from gaitload.sync.assignment import best_assignment
from gaitload.sync.lags import Lags, troughs, unexplained_at_all_lags
from gaitload.sync.refine import Clock, Fit, preference, refined, sensor_offsets, standard_errors
from gaitload.sync.result import Search, Synchronisation
from gaitload.sync.skew import WINDOWS_MIN, line_through, windowed_offsets
from gaitload.sync.streams import (
    Orientations,
    UniformSpline,
    normalised,
    orientation_spline,
    own_turns,
    splined_turns,
)

COARSE_INTERVAL_S = 0.02
"""About this far apart lags are searched; turns of a gait last some tenths of a second."""
TROUGH_S = 0.1
"""Lags closer than this to the best belong to its trough: steps of a run are at least 0.3 s apart."""
_SAMPLES_CLOSE = 3000
_SAMPLES_FINAL = 12000
_STEPS_CLOSE = 6


@dataclass(frozen=True)
class _Streams:
    """Rotations over a span: of the sensors at their own samples, of the segments at any time."""

    time_s: np.ndarray
    turns: np.ndarray
    segments: UniformSpline
    poses: UniformSpline
    mocap: Orientations
    span_s: float

    @property
    def sensors_longer(self) -> bool:
        return self.time_s[-1] - self.time_s[0] > self.mocap.duration_s

    def thinned(self, most: int) -> _Streams:
        every = max(1, len(self.time_s) // most)
        return replace(self, time_s=self.time_s[::every], turns=self.turns[::every])

    def overlapping(self, clock: Clock, *, margin_s: float = 0.0) -> _Streams:
        there = clock(self.time_s)
        inside = (there >= self.mocap.time_s[0] - margin_s) & (there <= self.mocap.time_s[-1] + margin_s)
        return replace(self, time_s=self.time_s[inside], turns=self.turns[inside])


def synchronise(imu: Orientations, mocap: Orientations, search: Search | None = None) -> Synchronisation:
    """Offset and skew of the sensors' clock, and the constant frames, from orientations.

    Parameters
    ----------
    imu : Orientations
        Sensors, in any earth frame with Z up.
    mocap : Orientations
        Segments in the ground frame (Y up); column i is the segment that sensor i is said to be on.
    search : Search, optional

    Returns
    -------
    Synchronisation
        A poor match is no error: see its `gates`.

    Raises
    ------
    DataError
        SENSORS_UNMATCHED: not one segment per sensor.
    """
    search = search or Search()
    if len(imu.names) != len(mocap.names):
        raise DataError(
            expected="one segment per sensor",
            found=f"{len(imu.names)} sensors and {len(mocap.names)} segments",
            where=", ".join(imu.names),
            do="Leave out sensors on segments without markers.",
            code="SENSORS_UNMATCHED",
        )
    streams = _streams(imu, mocap, search)
    motion = judgement.no_motion(_liveliest_rad_per_s(streams), search)
    lags, first_s, interval_s = _all_lags(streams, imu, search)
    lag_s = first_s + lags.frames * interval_s
    if motion.verdict is Verdict.FAILED:
        return _nothing(imu, mocap, lag_s, lags, (motion,))
    curve = lags.matched
    fits = _closely(streams, lag_s, troughs(curve, search.candidates), search)
    if not fits:
        return _nothing(imu, mocap, lag_s, lags, (motion, judgement.no_overlap(search)))
    said, (segments, gain) = mocap.names, _assigned(streams, lags, lag_s, fits[0], search)
    if segments is not None:
        streams, mocap = _streams(imu, mocap.only(segments), search), mocap.only(segments)
        curve = lags.log_unexplained[np.arange(len(segments)), segments].mean(axis=0)
        fits = _closely(streams, lag_s, troughs(curve, search.candidates), search)
    gates = (motion, judgement.swapped(imu.names, said, mocap.names, gain, search))
    return _finished(imu, mocap, streams, fits, lag_s, curve, gates, search)


def _streams(imu: Orientations, mocap: Orientations, search: Search) -> _Streams:
    frames = max(1, round(search.span_s * imu.rate_hz))
    span_s = frames / imu.rate_hz
    middles = imu.time_s[:-frames] + span_s / 2
    poses = orientation_spline(mocap)
    turns = splined_turns(poses, mocap.time_s, span_s)
    return _Streams(middles, own_turns(imu, frames), turns, poses, mocap, span_s)


def _liveliest_rad_per_s(streams: _Streams) -> float:
    with np.errstate(invalid="ignore"):
        squares = (streams.turns**2).sum(axis=2)
    seen = np.isfinite(squares)
    rates = np.where(seen, squares, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    return float(np.sqrt(rates.max()) / streams.span_s)


def _all_lags(streams: _Streams, imu: Orientations, search: Search) -> tuple[Lags, float, float]:
    """Lags on a coarse grid, `t_mocap - t_imu` of lag 0, and the grid's interval (s)."""
    every = max(1, round(COARSE_INTERVAL_S * imu.rate_hz))
    interval_s, start_s = every / imu.rate_hz, streams.mocap.time_s[0]
    time_s = np.arange(start_s, streams.mocap.time_s[-1] + 1e-9, interval_s)
    segments = np.where(streams.segments.valid(time_s)[..., None], streams.segments(time_s), np.nan)
    sensors = streams.turns[::every]
    shorter = min(len(sensors), len(segments))
    least = max(search.overlap_min_s / interval_s, search.overlap_share * shorter)
    lags = unexplained_at_all_lags(
        sensors,
        segments,
        overlap_min=round(min(least, shorter)),
        overlap_share=search.overlap_share,
        pairs=search.check_assignment and len(imu.names) > 1,
    )
    return lags, float(start_s - streams.time_s[0]), interval_s


def _closely(streams: _Streams, lag_s: np.ndarray, places: np.ndarray, search: Search) -> list[Fit]:
    """Candidates after refinement: the one that no other beats sample by sample first, then by rising cost.

    Costs alone compare different stretches of the markers' recording; the direct comparison on the samples that both
    candidates use slips several times less often where noise is strong.
    """
    fits = [_refined(streams, float(lag_s[place]), search) for place in places]
    fits = sorted((fit for fit in fits if np.isfinite(fit.cost)), key=lambda fit: fit.cost)
    best = next(iter(fits), None)
    for other in fits[1:]:
        if _apart(best, other) and _preference(streams, best, other, search) < 0:
            best = other
    return [*(fit for fit in fits if fit is best), *(fit for fit in fits if fit is not best)]


def _preference(streams: _Streams, best: Fit, other: Fit, search: Search) -> float:
    return preference(best, other, search.block_s, by_mocap=streams.sensors_longer)


def _apart(first: Fit, second: Fit) -> bool:
    at_s = first.clock.centre_s
    return abs(float(first.clock(at_s) - second.clock(at_s))) > TROUGH_S


def _refined(streams: _Streams, offset_s: float, search: Search) -> Fit:
    """A candidate on the samples that overlap there, with those that an offset a little off would add."""
    near = streams.overlapping(Clock(offset_s, 0.0, 0.0), margin_s=TROUGH_S).thinned(_SAMPLES_CLOSE)
    clock = Clock(offset_s, 0.0, float(near.time_s[[0, -1]].mean()))
    return refined(near.time_s, near.turns, near.segments, clock, skew_prior=search.skew_prior, steps=_STEPS_CLOSE)


def _assigned(
    streams: _Streams, lags: Lags, lag_s: np.ndarray, said: Fit, search: Search
) -> tuple[list[int] | None, float]:
    """Columns of the segments that the sensors fit clearly better than those they were said to be on, and the gain."""
    if not search.check_assignment or lags.log_unexplained.shape[0] < 2:
        return None, 0.0
    columns, place = best_assignment(lags.log_unexplained)
    changed = int((columns != np.arange(len(columns))).sum())
    if not changed:
        return None, 0.0
    dealt_cost = lags.log_unexplained[np.arange(len(columns)), columns, place].mean()
    gain = float(np.nanmin(lags.matched) - dealt_cost) * len(columns) / changed
    # Two sensors on one segment change places by chance: not worth another look.
    if gain < search.swap_gain_min / 2:
        return None, max(gain, 0.0)
    segments = [int(column) for column in columns]
    poses = orientation_spline(streams.mocap.only(segments))
    dealt = replace(streams, segments=splined_turns(poses, streams.mocap.time_s, streams.span_s))
    other = _refined(dealt, float(lag_s[place]), search)
    gain = (said.cost - other.cost) * len(columns) / changed
    if not gain > search.swap_gain_min:
        return None, max(float(gain), 0.0)
    return segments, float(gain)


def _finished(
    imu: Orientations,
    mocap: Orientations,
    streams: _Streams,
    fits: list[Fit],
    lag_s: np.ndarray,
    curve: np.ndarray,
    gates: tuple[Gate, ...],
    search: Search,
) -> Synchronisation:
    others = [fit for fit in fits[1:] if _apart(fits[0], fit)]
    surely = min((_preference(streams, fits[0], other, search) for other in others), default=np.nan)
    final = streams.overlapping(fits[0].clock).thinned(_SAMPLES_FINAL)
    windows = _windows(final, fits[0].clock, search)
    clock = line_through(windows[0], windows[1], fits[0].clock)
    fit = refined(final.time_s, final.turns, final.segments, clock, skew_prior=search.skew_prior)
    clock = fit.clock
    errors = standard_errors(fit, skew_prior=search.skew_prior, block_s=search.block_s)
    alone, alone_error = sensor_offsets(fit, search.block_s)
    overlap_s = float(final.time_s[-1] - final.time_s[0]) + streams.span_s
    off_line = windows[1] - (clock(windows[0]) - windows[0])
    cost, runner_up = np.exp(fit.cost / 2), np.exp(others[0].cost / 2) if others else np.nan
    to_runner_up = float(others[0].clock(clock.centre_s) - clock(clock.centre_s)) if others else np.nan
    gates += (
        judgement.overlap_gate(overlap_s),
        judgement.ambiguous(surely, to_runner_up, search),
        judgement.poor_match(float(cost), search),
        judgement.disagreeing(imu.names, alone - clock.offset_s, alone_error, search),
        judgement.unsteady(off_line, windows[2]),
    )
    at_zero = clock.offset_s - clock.skew * clock.centre_s
    return Synchronisation(
        sensors=imu.names,
        segments=mocap.names,
        offset_s=at_zero,
        skew=clock.skew,
        centre_s=clock.centre_s,
        standard_error_s=float(errors[0]),
        skew_standard_error=float(errors[1]),
        overlap_s=overlap_s,
        sensor_offset_s=alone - clock.skew * clock.centre_s,
        sensor_standard_error_s=alone_error,
        spread_s=float(np.nanstd(alone, ddof=1)) if len(alone) > 1 else 0.0,
        cost=float(cost),
        runner_up_cost=float(runner_up),
        runner_up_offset_s=to_runner_up,
        preference=float(surely),
        rotation_error_rad=np.sqrt(3 * fit.variance),
        frames=_frames(imu, streams, fit),
        lag_s=lag_s,
        lag_cost=np.exp(curve / 2),
        window_centre_s=windows[0],
        window_offset_s=windows[1],
        gates=gates,
    )


def _windows(streams: _Streams, clock: Clock, search: Search) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if streams.time_s[-1] - streams.time_s[0] < WINDOWS_MIN * search.window_s:
        return (np.empty(0),) * 3
    return windowed_offsets(streams.time_s, streams.turns, streams.segments, clock, search.window_s)


def _frames(imu: Orientations, streams: _Streams, fit: Fit) -> Frames:
    every = max(1, len(imu.time_s) // _SAMPLES_CLOSE)
    time_s, q = imu.time_s[::every], normalised(imu.orientation_wxyz[::every])
    there = fit.clock(time_s)
    inside = (there >= streams.mocap.time_s[0]) & (there <= streams.mocap.time_s[-1])
    there = there[inside]
    segments = np.where(streams.poses.valid(there)[..., None], normalised(streams.poses(there)), np.nan)
    return solve_frames(time_s[inside], q[inside], segments, fit.mount)


def _nothing(
    imu: Orientations, mocap: Orientations, lag_s: np.ndarray, lags: Lags, gates: tuple[Gate, ...]
) -> Synchronisation:
    unknown, none = np.full(len(imu.names), np.nan), np.empty(0)
    frames = Frames(unknown, unknown, np.full((len(imu.names), 4), np.nan), unknown)
    return Synchronisation(
        imu.names,
        mocap.names,
        *(np.nan,) * 6,
        unknown,
        unknown,
        *(np.nan,) * 5,
        unknown,
        frames,
        lag_s,
        np.exp(lags.matched / 2),
        none,
        none,
        gates,
    )
