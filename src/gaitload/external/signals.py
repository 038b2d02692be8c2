"""External columns as signals: their numbers in SI units at times on the clock of the trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from gaitload.conventions import body_weight_n
from gaitload.errors import ConventionError, DataError
from gaitload.external.declaration import ExternalColumn, ExternalSource
from gaitload.external.units import MUSCLE_UNIT, PER_WEIGHT, factor_of, needs_mass, unit_of_name
from gaitload.signals.filters import lowpass
from gaitload.signals.resample import resample
from gaitload.signals.runs import true_runs

_TIME_UNITS_S = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
RATE_OFF_MAX = 0.02
"""Share by which the rate of the times may differ from the one declared. Clocks differ by 1e-4; a rate that was
mistaken for another by a quarter at least."""
SHARE_MAX = 2.0
"""Largest number of a column of per cent that would be a share of the cycle instead."""
RATES_HZ = (10.0, 3.0e4)
"""Rates that are plausible where none is declared; units of time are a factor 1000 apart."""
CYCLE_MARGIN = 0.05
"""Share of a gait cycle by which it is continued at either end; contact by force is found up to 0.02 beside events."""
ANTI_ALIAS_SHARE = 0.4
"""Cut-off of the low-pass before a slower clock, as a share of its rate: below half of it, with room for the slope."""


@dataclass(frozen=True)
class Signal:
    """One external column of a trial.

    Attributes
    ----------
    name : str
        Name of the column in the aligned tables.
    source : str
        Key of `external` in cohort.yaml.
    declared : ExternalColumn
    time_s : ndarray, shape (T,)
        Rising, on the clock of the trial.
    values : ndarray, shape (T,)
        In the unit of the name; a raw electromyogram in volts or whatever its file has. NaN where missing.
    clipped_share : float
        Share of samples at the largest number that the device can record; NaN where this is not declared.
    """

    name: str
    source: str
    declared: ExternalColumn
    time_s: np.ndarray
    values: np.ndarray
    clipped_share: float = float("nan")

    @property
    def unit(self) -> str:
        """Unit of the values, as in the name."""
        return unit_of_name(self.name)

    @property
    def rate_hz(self) -> float:
        """Sampling rate, see `rate_of`."""
        return rate_of(self.time_s)

    @property
    def is_emg(self) -> bool:
        """Whether it is an electromyogram, which is processed before it is used."""
        return self.unit == MUSCLE_UNIT


def signals_of(
    key: str,
    source: ExternalSource,
    table: Mapping[str, np.ndarray],
    time_s: np.ndarray,
    *,
    names: Mapping[str, str],
    mass_kg: float | None,
    flipped: tuple[str, ...],
    where: str,
) -> list[Signal]:
    """Columns of a source in SI units.

    Parameters
    ----------
    key : str
        Key of the source in cohort.yaml.
    table
        Columns of the file by their names there, shape (T,).
    time_s : ndarray, shape (T,)
        See `times_of`; rows without a time are left out.
    names
        Declared name -> name in the file.
    mass_kg : float or None
    flipped : tuple of str
        Columns whose sign this trial turned.
    where : str

    Raises
    ------
    DataError
        MASS_MISSING: a unit of the body's weight, and no mass.
    """
    rows, found = np.isfinite(time_s), []
    for name, column in source.columns.items():
        wanted = unit_of_name(name)
        factor = factor_of(column.unit, wanted) * column.sign * (-1 if name in flipped else 1)
        if needs_mass(column.unit, wanted):
            factor /= _weight(name, wanted, mass_kg, where)
        raw = table[names[name]][rows]
        clipped = np.mean(np.abs(raw) >= column.clips_at) if column.clips_at else np.nan
        found.append(Signal(name, key, column, time_s[rows], factor * raw, float(clipped)))
    return found


def times_of(
    source: ExternalSource,
    ticks: np.ndarray | None,
    rows: int,
    *,
    offset_s: float | None,
    cycle_s: tuple[float, float] | None,
    where: str,
) -> np.ndarray:
    """Times of the rows of a source on the clock of the trial, shape (T,); NaN where a row has none.

    Parameters
    ----------
    ticks : ndarray, shape (T,), or None
        Column of the times, in its unit.
    rows : int
        Number of rows of the table.
    offset_s : float or None
        `external_offset_s` of the trial, for a clock of its own.
    cycle_s : (float, float) or None
        Start and end of the gait cycle, for per cent of one.

    Raises
    ------
    DataError
        EXTERNAL_OFFSET: a clock of its own, and no offset; EXTERNAL_TIME: times that do not rise, or shares of a cycle
        in the place of per cent.
    ConventionError
        EXTERNAL_RATE: times at another rate than declared, or at one that no device has.
    """
    if ticks is None:
        time_s = np.arange(rows) / source.rate_hz
    elif source.clock == "cycle":
        _require_per_cent(ticks, source, where)
        time_s = cycle_s[0] + ticks / 100.0 * (cycle_s[1] - cycle_s[0])
    else:
        first = ticks[np.isfinite(ticks)][:1].sum() if source.from_start else 0.0
        time_s = (ticks - first) * _TIME_UNITS_S[source.time_unit]
    _require_rising(time_s, source, where)
    if source.clock != "cycle":
        _require_rate(rate_of(time_s[np.isfinite(time_s)]), source, where)
    if source.clock != "own":
        return time_s
    if offset_s is None:
        raise DataError(
            expected="external_offset_s in trials.tsv: what is added to times of another clock",
            found="none",
            where=where,
            do="Fill it in, or say clock: trial where the file shares the clock of the trial.",
            code="EXTERNAL_OFFSET",
        )
    return time_s + offset_s


def rate_of(time_s: np.ndarray) -> float:
    """Rate of rising times, shape (T,): by the mean of the steps without those where rows are missing.

    The median step would be off by the rounding of times: 1259 Hz in tenths of a millisecond are 1250 Hz by it.
    """
    steps_s = np.diff(time_s)
    return 1.0 / float(steps_s[steps_s < 1.5 * np.median(steps_s)].mean())


def beyond_cycle(signal: Signal, cycle_s: tuple[float, float]) -> Signal:
    """A signal in per cent of a gait cycle, continued by `CYCLE_MARGIN` of it at either end by its other end.

    Walking repeats itself, and thresholds of forces find contact some frames beside the events of a recording.
    """
    length_s = cycle_s[1] - cycle_s[0]
    into = (signal.time_s - cycle_s[0]) / length_s
    late, early = (into > 1.0 - CYCLE_MARGIN - 1e-9) & (into < 1.0), (into > 0.0) & (into < CYCLE_MARGIN + 1e-9)
    time_s = [signal.time_s[late] - length_s, signal.time_s, signal.time_s[early] + length_s]
    values = [signal.values[late], signal.values, signal.values[early]]
    return replace(signal, time_s=np.concatenate(time_s), values=np.concatenate(values))


def common_clock(signals: list[Signal], rate_hz: float) -> np.ndarray:
    """Uniform clock from the first time of any signal to the last of any, on multiples of its interval."""
    start, stop = min(each.time_s[0] for each in signals), max(each.time_s[-1] for each in signals)
    first, last = int(np.ceil(start * rate_hz - 1e-6)), int(np.floor(stop * rate_hz + 1e-6))
    return np.arange(first, max(last, first + 1) + 1) / rate_hz


def on_clock(time_s: np.ndarray, values: np.ndarray, clock_s: np.ndarray, gap_max_s: float) -> np.ndarray:
    """A signal on a uniform clock, shape (N,): low-passed where that is slower, and NaN within gaps.

    Parameters
    ----------
    time_s, values : ndarray, shape (T,)
        Gaps up to `gap_max_s`, of missing rows or missing cells, are bridged by straight lines.
    clock_s : ndarray, shape (N,)
    """
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < 2:
        return np.full(len(clock_s), np.nan)
    step_s, rate_hz = float(np.median(np.diff(time_s))), 1.0 / float(np.median(np.diff(clock_s)))
    even_s = time_s[known[0]] + step_s * np.arange(round((time_s[known[-1]] - time_s[known[0]]) / step_s) + 1)
    even = np.interp(even_s, time_s[known], values[known])
    if 1.0 / step_s > rate_hz * (1.0 + RATE_OFF_MAX):
        even = lowpass(even, rate_hz=1.0 / step_s, cutoff_hz=ANTI_ALIAS_SHARE * rate_hz, order=8)
    found = resample(even, even_s, clock_s)
    for gap in np.flatnonzero(np.diff(time_s[known]) > max(gap_max_s, 1.5 * step_s)):
        inside = (clock_s > time_s[known[gap]]) & (clock_s < time_s[known[gap + 1]])
        found[inside] = np.nan
    return found


def missing_share(signal: Signal, gap_max_s: float) -> float:
    """Share of the time between a signal's first and last row that is in gaps longer than are bridged."""
    known = signal.time_s[np.isfinite(signal.values)]
    whole_s = float(signal.time_s[-1] - signal.time_s[0])
    if len(known) < 2:
        return 1.0
    gaps_s = np.diff(np.concatenate(([signal.time_s[0]], known, [signal.time_s[-1]])))
    return float(gaps_s[gaps_s > max(gap_max_s, 1.5 / signal.rate_hz)].sum()) / whole_s


def longest_constant_s(signal: Signal) -> float:
    """Longest time for which a signal does not change."""
    still = true_runs(np.diff(signal.values) == 0.0)
    return max((float(signal.time_s[run.stop] - signal.time_s[run.start]) for run in still), default=0.0)


def _weight(name: str, wanted: str, mass_kg: float | None, where: str) -> float:
    if mass_kg is None:
        raise DataError(
            expected=f"mass_kg in participants.tsv, which {name} is divided by",
            found="none",
            where=where,
            do="Fill it in, or let the name of the column end in _n or _nm.",
            code="MASS_MISSING",
        )
    return body_weight_n(mass_kg) if wanted == PER_WEIGHT else mass_kg


def _require_per_cent(ticks: np.ndarray, source: ExternalSource, where: str) -> None:
    low, high = np.nanmin(ticks, initial=np.inf), np.nanmax(ticks, initial=-np.inf)
    if high > SHARE_MAX and low >= -100.0 and high <= 200.0:
        return
    raise DataError(
        expected=f"per cent of a gait cycle, 0 to 100, in column {source.time}",
        found=f"{low:g} to {high:g}",
        where=where,
        do="Multiply shares of the cycle by 100, or name the column of the per cent in `time`.",
        code="EXTERNAL_TIME",
    )


def _require_rising(time_s: np.ndarray, source: ExternalSource, where: str) -> None:
    known = np.flatnonzero(np.isfinite(time_s))
    falls = np.flatnonzero(np.diff(time_s[known]) <= 0.0)
    if len(known) < 2:
        found = f"{len(known)} rows with a time"
    elif len(falls):
        row, equal = known[falls[0] + 1] + 1, int((np.diff(time_s[known]) == 0.0).sum())
        found = f"{len(falls)} that do not, {equal} of them equal to the one before; the first in row {row}"
    else:
        return
    raise DataError(
        expected=f"times that rise in column {source.time}",
        found=found,
        where=where,
        do="Equal times were rounded too far: leave `time` out and give rate_hz. Else correct `time` in cohort.yaml, "
        "or mend the file: rows in the wrong order, or a clock that was set.",
        code="EXTERNAL_TIME",
    )


def _require_rate(rate_hz: float, source: ExternalSource, where: str) -> None:
    """Make sure that times are at the rate declared, or without one at a rate that a device has."""
    declared = source.rate_hz
    if declared is not None and abs(rate_hz / declared - 1.0) <= RATE_OFF_MAX:
        return
    if declared is None and RATES_HZ[0] <= rate_hz <= RATES_HZ[1]:
        return
    low, high = RATES_HZ if declared is None else (declared * (1.0 - RATE_OFF_MAX), declared * (1.0 + RATE_OFF_MAX))
    own = _TIME_UNITS_S.get(source.time_unit, 1.0)
    fits = [unit for unit, size in _TIME_UNITS_S.items() if low <= rate_hz * own / size <= high]
    wanted = f"{declared:g} Hz, as rate_hz declares" if declared else f"{low:g} to {high:g} Hz, as devices have"
    raise ConventionError(
        expected=f"rows at {wanted}",
        found=f"times at {rate_hz:.4g} Hz" + (f"; in {' or '.join(fits)} they would fit" if fits else ""),
        where=where,
        do="Correct time_unit or rate_hz in cohort.yaml; or the file was resampled, or is that of another device.",
        code="EXTERNAL_RATE",
    )
