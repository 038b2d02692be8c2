"""Estimates of every kind, cut like the labels they are held against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gaitload.baselines import LABELS
from gaitload.conventions import sampling_rate_hz
from gaitload.errors import DataError
from gaitload.evaluation.labelled import Choice, Labelled
from gaitload.evaluation.pairs import Reference
from gaitload.signals.events import time_normalised

FINAL = -1
"""Seed of what an estimator says in the end."""
MEAN_CURVE = "mean_curve"
_OFF_CLOCK_SHARE = 0.1
"""Of a frame that the time of a prediction may be off a frame of the trial."""


@dataclass(frozen=True, order=True)
class Method:
    """What makes estimates.

    Attributes
    ----------
    estimator, kind, sensor_set, protocol : str
        `kind` is `estimator`, `floor` or `baseline`.
    seed : int
        `FINAL`, or that of one training run.
    variant : str
        Name of the study's variant; empty where it has one alone, and for what no variant changes.
    """

    estimator: str
    kind: str
    sensor_set: str
    protocol: str = ""
    seed: int = FINAL
    variant: str = ""


@dataclass(frozen=True)
class Estimated:
    """What a method says in the segments of a label column of a trial.

    Attributes
    ----------
    labelled : Labelled
    curves : ndarray, shape (N, P)
        NaN where it says nothing, or others do not.
    fold : str
    n_covered : int
        Segments in which it says something throughout, whether they are looked at or not; -1: as the curves show.
    """

    labelled: Labelled
    curves: np.ndarray
    fold: str = ""
    n_covered: int = -1

    @property
    def covers(self) -> np.ndarray:
        """Segments without a gap, shape (N,)."""
        return np.isfinite(self.curves).all(axis=1)


def mean_curves(labelled: Sequence[Labelled], references: Mapping[str, Reference]) -> list[Estimated]:
    """The mean curve of everybody else as an estimate: the floor that needs no sensor, given the true events.

    Parameters
    ----------
    references
        By label.
    """
    return [
        Estimated(item, np.tile(references[item.label].curve[(item.person, *item.stratum)], (len(item.curves), 1)), "")
        for item in labelled
    ]


def baselines_of(
    values: Mapping[str, np.ndarray], meanings: Mapping[str, Mapping], labelled: Sequence[Labelled], choice: Choice
) -> Iterator[tuple[str, Method, Estimated]]:
    """Estimates that stand in an aligned table: columns whose meaning names a `baseline` and what it is `of`.

    An external column that `measures` what a label says has that label and its baselines as estimates. An estimate
    whose verdict, that of its sensors and their synchronisation, is left out is missing: NaN throughout.

    Parameters
    ----------
    values, meanings
        Of the aligned table of one trial.
    labelled
        Labels of that trial.
    choice : Choice

    Yields
    ------
    str, Method, Estimated
        Name of the column first.
    """
    asked = [(item, item.column) for item in labelled]
    asked += [(item, meanings[item.column]["measures"]) for item in labelled if "measures" in meanings[item.column]]
    for name, meaning in meanings.items():
        method, of = (meaning["baseline"], meaning.get("of")) if "baseline" in meaning else (LABELS, name)
        for item, column in asked:
            # A label is an estimate of what measures it, and of nothing else.
            if of == column and name != item.column:
                is_missing = meaning["verdict"] in choice.leave_out
                estimate = np.full_like(values[name], np.nan) if is_missing else values[name]
                curves = time_normalised(estimate, list(item.spans), choice.points)
                yield name, Method(method, "baseline", "all"), Estimated(item, curves)


def predictions_of(
    values: Mapping[str, np.ndarray],
    document: Mapping,
    labelled: Mapping[str, Sequence[Labelled]],
    clocks: Mapping[str, np.ndarray],
    *,
    where: str,
    kind: str,
    points: int,
) -> Iterator[tuple[Method, Estimated]]:
    """Estimates of the people of one fold, from a table of predictions.

    Parameters
    ----------
    values
        `trial_index` into `document["trials"]`, `time_s`, and columns named like label columns (`<column>__seed<k>` for
        single training runs), each of shape (N,).
    document
        `trials` (each with `cohort`, `participant`, `trial`), `estimator`, `sensor_set`, `protocol`, `fold`.
    labelled, clocks
        `cohort/participant/trial` -> labels of the trial, and its clock, shape (T,).
    where : str
        Path of the table, for messages.
    kind : str
        `estimator` or `floor`.

    Raises
    ------
    DataError
        PREDICTIONS_EMPTY: no column, or one without a number. PREDICTIONS_UNKNOWN_TRIAL, PREDICTIONS_OFF_CLOCK and
        PREDICTIONS_TWICE: rows that belong to no frame of a trial, or two to one.
    """
    columns = [name for name in values if name not in ("trial_index", "time_s")]
    _require_numbers(values, columns, where)
    for index, trial in enumerate(document["trials"]):
        place = f"{trial['cohort']}/{trial['participant']}/{trial['trial']}"
        rows = np.flatnonzero(values["trial_index"] == index)
        if place not in clocks:
            raise DataError(
                expected="predictions for trials that have an aligned table",
                found=f"{len(rows)} for {place}, which has none",
                where=where,
                do="Run the estimators again: the cohort's tables or labels have changed since.",
                code="PREDICTIONS_UNKNOWN_TRIAL",
            )
        frames = frames_of(values["time_s"][rows], clocks[place], f"{where}, {place}")
        by_column = {item.column: item for item in labelled.get(place, ())}
        for name in columns:
            column, _, seed = name.partition("__seed")
            if column not in by_column:
                continue
            whole = np.full(len(clocks[place]), np.nan)
            whole[frames] = values[name][rows]
            method = Method(
                document["estimator"],
                kind,
                document["sensor_set"],
                document["protocol"],
                int(seed) if seed else FINAL,
                document.get("variant", ""),
            )
            item = by_column[column]
            yield method, Estimated(item, time_normalised(whole, list(item.spans), points), str(document["fold"]))


def frames_of(time_s: np.ndarray, clock_s: np.ndarray, where: str) -> np.ndarray:
    """Frames of a uniform clock, shape (T,), that some times, shape (N,), fall on; raises `DataError`."""
    rate_hz = sampling_rate_hz(clock_s)
    places = (time_s - clock_s[0]) * rate_hz
    frames = np.rint(places).astype(int)
    beside = (np.abs(places - frames) > _OFF_CLOCK_SHARE) | (frames < 0) | (frames >= len(clock_s))
    if beside.any():
        raise DataError(
            expected=f"times on the clock of the trial, {clock_s[0]:.3f} to {clock_s[-1]:.3f} s at {rate_hz:g} Hz",
            found=f"{int(beside.sum())} of {len(time_s)} beside it, the first at {time_s[beside][0]:.4f} s",
            where=where,
            do="Run the estimators again on the aligned tables that lie there now.",
            code="PREDICTIONS_OFF_CLOCK",
        )
    if len(np.unique(frames)) < len(frames):
        raise DataError(
            expected="one prediction for a frame",
            found=f"{len(frames) - len(np.unique(frames))} frames with several",
            where=where,
            do="Merge windows that overlap before predictions are written.",
            code="PREDICTIONS_TWICE",
        )
    return frames


def _require_numbers(values: Mapping[str, np.ndarray], columns: Sequence[str], where: str) -> None:
    empty = [name for name in columns if not np.isfinite(values[name]).any()]
    if empty or not columns:
        raise DataError(
            expected="predictions",
            found=f"nothing but NaN in {', '.join(empty)}" if empty else "no column of a label",
            where=where,
            do="Look at the log of the training of this fold; a network that diverged says NaN.",
            code="PREDICTIONS_EMPTY",
        )
