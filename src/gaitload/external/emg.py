"""Electromyograms: envelopes, and the gates of a channel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
from scipy.signal import butter, correlate, correlation_lags, periodogram, sosfiltfilt

from gaitload.errors import DataError
from gaitload.external.signals import Signal
from gaitload.quality import Gate, Verdict, judge

MAINS_HZ = (50.0, 60.0)
MAINS_WIDTH_HZ = 1.0
"""Half the width of the line of the mains and of its multiples: narrower than what a muscle does within a second."""
CROSSTALK_LAG_S = 0.01
"""Largest lag at which one source reaches two electrodes."""


def envelope(
    raw: np.ndarray, rate_hz: float, *, band_hz: tuple[float, float], envelope_hz: float, where: str = ""
) -> np.ndarray:
    """Envelope of an electromyogram: band-pass, rectified, and smoothed, all with zero lag; never below zero.

    Parameters
    ----------
    raw : ndarray, shape (T,)
        Samples as recorded, in any unit; the envelope has the same. Gaps count as silence and are gaps again.
    rate_hz : float
        Sampling rate.
    band_hz, envelope_hz
        See `gaitload.config.external.Emg`. A band that ends above 0.45 of the rate ends there.

    Raises
    ------
    DataError
        EMG_RATE: a rate that is too low for the band.
    """
    filtered = _in_band(raw, rate_hz, band_hz, where)
    smooth = butter(2, envelope_hz, fs=rate_hz, output="sos")
    found = np.maximum(sosfiltfilt(smooth, np.abs(filtered)), 0.0)
    return np.where(np.isfinite(raw), found, np.nan)


def references(envelopes: Mapping[str, Sequence[np.ndarray]]) -> dict[str, float]:
    """Largest value of each channel's envelopes, by name; NaN without any."""
    return {
        name: max((float(np.nanmax(each)) for each in found if np.isfinite(each).any()), default=float("nan"))
        for name, found in envelopes.items()
    }


def is_dead(found: np.ndarray, least: float) -> bool:
    """Whether an envelope, shape (T,), rests, as that of noise does: its modulation is less than `least`."""
    return _modulation(found) < least


def judge_scale(signal: Signal, *, marked: bool, own: bool) -> Gate:
    """Judge whether a processed electromyogram is on the scale of the participant's other trials.

    Parameters
    ----------
    signal : Signal
        Shares of the reference.
    marked : bool
        Whether trials.tsv says which motions are the reference, so that it is one and the same for every trial.
    own : bool
        Whether this trial is one of those.
    """
    known = signal.values[np.isfinite(signal.values)]
    peak = float(known.max()) if len(known) else float("nan")
    if own:
        reason = f"{signal.name}: this trial is itself a reference (emg_reference), so its own peak is in its scale"
        return Gate("EMG_SCALE", Verdict.WARNED, peak, None, "", reason)
    if marked:
        return Gate("EMG_SCALE", Verdict.PASSED, peak, None, "", f"{signal.name}: scale of the reference trials")
    reason = (
        f"{signal.name}: its peak over the largest of the other motions; above 1 this motion is the loudest: the "
        "others are divided by it and it is not. For one scale, mark trials as emg_reference in trials.tsv"
    )
    return judge("EMG_SCALE", peak, unit="", reason=reason, warn_above=1.0)


def no_reference(name: str, trials: Sequence[str]) -> Gate:
    """A channel that is missing or dead in every motion of reference."""
    there = (
        f"missing, refused or dead in {', '.join(trials)}" if trials else "the participant has no other motion with it"
    )
    reason = f"{name}: no reference: {there}. Add a trial of the same electrodes, or mark one (emg_reference)"
    return Gate("EMG_NO_REFERENCE", Verdict.FAILED, None, None, "", reason)


def judge_channels(
    channels: Sequence[Signal],
    *,
    band_hz: tuple[float, float],
    envelope_hz: float,
    mains_max: float,
    clipped_max: float,
    modulation_min: float,
    crosstalk_max: float,
    where: str = "",
) -> Iterator[tuple[tuple[str, ...], Gate]]:
    """Judge the raw channels of a trial.

    Parameters
    ----------
    channels : sequence of Signal
        Electromyograms as recorded.
    band_hz, envelope_hz, mains_max, clipped_max, modulation_min, crosstalk_max
        See `gaitload.config.external.Emg`.

    Yields
    ------
    tuple of str, Gate
        Names of the channels concerned first.
    """
    alive = []
    for each in channels:
        found = envelope(each.values, each.rate_hz, band_hz=band_hz, envelope_hz=envelope_hz, where=where)
        dead = _dead(each, found, modulation_min)
        yield (each.name,), dead
        if dead.verdict is not Verdict.FAILED:
            alive.append(each)
            yield (each.name,), _mains(each, mains_max, band_hz)
            yield (each.name,), _clipped(each, clipped_max)
    filtered = {each.name: _in_band(each.values, each.rate_hz, band_hz, where) for each in alive}
    for one, other in combinations(alive, 2):
        if one.source == other.source and one.declared.side == other.declared.side:
            share, lag_s = _alike(filtered[one.name], filtered[other.name], one.rate_hz)
            reason = (
                f"{one.name} and {other.name}: correlation of their raw signals, at a lag of {1000 * lag_s:.0f} ms; "
                "neighbouring electrodes see one muscle"
            )
            yield (
                (one.name, other.name),
                judge("EMG_CROSSTALK", share, unit="", reason=reason, warn_above=crosstalk_max),
            )


def _in_band(raw: np.ndarray, rate_hz: float, band_hz: tuple[float, float], where: str) -> np.ndarray:
    low, high = band_hz[0], min(band_hz[1], 0.45 * rate_hz)
    if high <= 2.0 * low:
        raise DataError(
            expected=f"electromyograms at {4.5 * band_hz[0]:g} Hz or more, for a band from {band_hz[0]:g} Hz on",
            found=f"{rate_hz:.4g} Hz",
            where=where,
            do="Declare the raw signal, at 1000 Hz or more. An envelope that somebody computed can be an external "
            "column in another unit.",
            code="EMG_RATE",
        )
    band = butter(2, (low, high), "bandpass", fs=rate_hz, output="sos")
    known = np.isfinite(raw)
    return sosfiltfilt(band, np.where(known, raw - (raw[known].mean() if known.any() else 0.0), 0.0))


def _dead(signal: Signal, found: np.ndarray, least: float) -> Gate:
    """Whether a channel shows no burst: its envelope rests, as that of noise does."""
    ratio = _modulation(found)
    reason = f"{signal.name}: 95th over 5th percentile of its envelope"
    if ratio < least:
        reason += "; noise alone: the electrode came off, its lead broke, or the channel was not connected"
    return Gate("EMG_DEAD", Verdict.FAILED if ratio < least else Verdict.PASSED, ratio, least, "", reason)


def _modulation(found: np.ndarray) -> float:
    """95th over 5th percentile of an envelope; 0 for one that is zero or missing."""
    known = found[np.isfinite(found)]
    low, high = np.percentile(known, (5.0, 95.0)) if len(known) else (0.0, 0.0)
    return float(high / low) if low > 0.0 else 0.0


def _mains(signal: Signal, limit: float, band_hz: tuple[float, float]) -> Gate:
    known = signal.values[np.isfinite(signal.values)]
    frequency, power = periodogram(known, fs=signal.rate_hz, window="hann")
    # Lines outside of the band-pass do no harm.
    inside = (frequency >= band_hz[0]) & (frequency <= band_hz[1])
    total = power[inside].sum()
    shares = {mains: float(power[inside & _line(frequency, mains)].sum() / total) for mains in MAINS_HZ}
    mains = max(shares, key=shares.__getitem__)
    reason = (
        f"{signal.name}: share of its power at {mains:g} Hz and multiples; a lead near a power supply, or a reference "
        "electrode that came off"
    )
    return judge("EMG_MAINS", shares[mains], unit="", reason=reason, warn_above=limit)


def _line(frequency_hz: np.ndarray, mains_hz: float) -> np.ndarray:
    """Which frequencies lie within the lines of the mains; shape as `frequency_hz`, bool."""
    nearest = np.maximum(np.rint(frequency_hz / mains_hz), 1.0) * mains_hz
    return np.abs(frequency_hz - nearest) <= MAINS_WIDTH_HZ


def _clipped(signal: Signal, limit: float) -> Gate:
    known = signal.values[np.isfinite(signal.values)]
    share = float(np.mean((known == known.max()) | (known == known.min())))
    # The largest and the smallest sample are at the ends of any recording.
    share = max(share - 2.0 / len(known), 0.0)
    reason = f"{signal.name}: share of samples at the ends of its range; lower the gain of the amplifier"
    return judge("EMG_CLIPPED", share, unit="", reason=reason, warn_above=limit)


def _alike(one: np.ndarray, other: np.ndarray, rate_hz: float) -> tuple[float, float]:
    """Largest correlation of two filtered channels at small lags, whatever its sign, and that lag (s)."""
    size = min(len(one), len(other))
    one, other = one[:size], other[:size]
    norm = float(np.sqrt((one**2).sum() * (other**2).sum()))
    lags = correlation_lags(size, size)
    near = np.abs(lags) <= CROSSTALK_LAG_S * rate_hz
    found = np.abs(correlate(one, other)[near]) / norm
    return float(found.max()), float(lags[near][found.argmax()] / rate_hz)
