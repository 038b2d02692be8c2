"""External columns of a trial before anything runs: what there is, what looks wrong, and what would be refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from gaitload.cohorts.recordings import read_recording
from gaitload.cohorts.tables import Cohort
from gaitload.discovery.sensor_check import Seen, told
from gaitload.errors import GaitloadError
from gaitload.external.gates import judge_cover, no_time_in_common, require_unit
from gaitload.external.signals import Signal
from gaitload.provenance import content_hash
from gaitload.quality import Gate, ranked
from gaitload.stages.external import judge_signals
from gaitload.stages.external_sources import processed, read_source
from gaitload.stages.job import Job

Span = tuple[float, float]


def external_of_trial(job: Job, sensors_s: float) -> Seen:
    """Read the external columns of a trial as the stages do, and go on after each source that cannot be used.

    Parameters
    ----------
    job : Job
    sensors_s : float
        For how long the sensors of the trial recorded; NaN without any.
    """
    signals: list[Signal] = []
    problems: list[str] = []
    for key in job.cohort.external_of(job.trial):
        try:
            own = read_source(job, job.trial, key)
            for each in own:
                require_unit(each, f"{job.where}, external.{key}")
        except (GaitloadError, OSError) as error:
            problems.append(told(error))
            continue
        signals += own
    try:
        gates = [gate for _, gate in judge_signals(job, signals)]
        gates += [gate for _, gate in processed(job, [each for each in signals if each.is_emg]).gates]
        gates += _covers(job, signals, sensors_s)
    except (GaitloadError, OSError) as error:
        return Seen(problems=[*problems, told(error)])
    return Seen("" if problems else "; ".join(_described(signals)), list(_remarks(gates)), problems)


def copied_files(cohort: Cohort) -> Iterator[str]:
    """Files of external columns of two motions that hold the same bytes: one is of another trial."""
    first: dict[tuple[str, str], tuple[str, Path]] = {}
    for row in (row for row in cohort.trials if row.role == "motion"):
        where = f"{row.participant_id}/{row.trial_id}"
        for key, source in cohort.external_of(row).items():
            path = cohort.external_file(row, source)
            if not source.file or not path.is_file():
                continue
            other, there = first.setdefault((key, content_hash(path)), (where, path))
            if there != path:
                yield f"{where}: external.{key}: {path.name} is that of {other}, {there.name}; one is wrong"


def _remarks(gates: Sequence[Gate]) -> Iterator[str]:
    """Doubts, those that differ in the name of the column and in the number alone in one line."""
    alike: dict[tuple[str, str], list[str]] = {}
    for gate in ranked(gates):
        name, _, reason = gate.reason.partition(": ")
        number = "" if gate.value is None else f" ({gate.value:.3g})"
        alike.setdefault((gate.code, reason), []).append(f"{name}{number}")
    yield from (f"{code}: {', '.join(names)}: {reason}" for (code, reason), names in alike.items())


def _covers(job: Job, signals: Sequence[Signal], sensors_s: float) -> list[Gate]:
    """Gates on the time that columns share with the markers or sensors of the trial."""
    clocks = {key: source.clock for key, source in job.cohort.external_of(job.trial).items()}
    span_s = _span_of(job, sensors_s)
    if span_s is None or not signals:
        return []
    time_s = np.linspace(*span_s, 1001)
    overlap_min = job.config.external.overlap_min
    gates = [judge_cover(each.name, each.time_s[[0, -1]], time_s, overlap_min) for each in signals]
    if not any(gate.value for gate in gates):
        raise no_time_in_common(clocks[signals[0].source], signals[0].time_s[[0, -1]], time_s, job.where)
    return [gate for each, gate in zip(signals, gates, strict=True) if clocks[each.source] != "cycle"]


def _span_of(job: Job, sensors_s: float) -> Span | None:
    """First and last time of the markers, or else of the sensors; None where neither can be read."""
    if job.trial.file is None:
        return None if np.isnan(sensors_s) else (0.0, sensors_s)
    try:
        time_s = read_recording(job.cohort, job.trial).marker_time_s
    except (GaitloadError, OSError):
        return None
    return (float(time_s[0]), float(time_s[-1])) if len(time_s) else None


def _described(signals: Sequence[Signal]) -> Iterator[str]:
    for source in dict.fromkeys(each.source for each in signals):
        own = [each for each in signals if each.source == source]
        count = f"{len(own)} columns" if len(own) > 1 else "1 column"
        first_s, last_s = own[0].time_s[[0, -1]]
        yield f"external {source}: {count} at {own[0].rate_hz:.4g} Hz from {first_s:.2f} to {last_s:.2f} s"
