"""Sources of external columns as signals, and the electromyograms among them as envelopes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gaitload.cohorts.tables import TrialRow
from gaitload.errors import DataError, GaitloadError
from gaitload.external.declaration import ExternalSource, with_ids
from gaitload.external.emg import envelope, is_dead, judge_scale, no_reference, references
from gaitload.external.signals import Signal, beyond_cycle, signals_of, times_of
from gaitload.io.c3d_analog import read_cycle_events
from gaitload.io.columns import read_columns
from gaitload.quality import Gate
from gaitload.stages.job import Job


@dataclass(frozen=True)
class Envelopes:
    """Electromyograms of a trial, processed.

    Attributes
    ----------
    signals : dict of str to Signal
        Envelopes by name, as shares of the reference, later by the electromechanical delay; NaN without a reference.
    references : dict of str to float
        Sizes that the envelopes were divided by, in the unit of the file.
    gates : list of (tuple of str, Gate)
        Each gate, after the names of the channels that it concerns.
    """

    signals: dict[str, Signal]
    references: dict[str, float]
    gates: list[tuple[tuple[str, ...], Gate]]


def files_read(job: Job) -> list[Path]:
    """Files of the trial's sources, the recording whose events cycles take, and the electromyograms of reference."""
    sources = job.cohort.external_of(job.trial).values()
    cycles = any(source.clock == "cycle" for source in sources) and job.trial.cycle_start_s is None
    return [
        *(job.cohort.external_file(job.trial, source) for source in sources),
        *([job.cohort.raw_dir / job.trial.file] if cycles and job.trial.file else []),
        *(job.cohort.external_file(row, job.cohort.external_of(row)[key]) for row, key in _reference_sources(job)),
    ]


def reference_rows(job: Job) -> list[TrialRow]:
    """Motions whose largest envelopes the trial's electromyograms are divided by.

    Those marked by `emg_reference` in trials.tsv, which are the same for every trial. Without any, up to
    `emg.reference_trials` motions of the participant, but never the trial itself.
    """
    rows = [row for row in job.cohort.motions_of(job.participant.participant_id) if _has_emg(job, row)]
    marked = [row for row in rows if row.emg_reference]
    return marked or [row for row in rows if row != job.trial][: job.config.emg.reference_trials]


def read_source(job: Job, trial: TrialRow, key: str) -> list[Signal]:
    """Signals of one source of a trial of the job's participant.

    Raises
    ------
    GaitloadError
        Errors of `read_columns`, `times_of`, `signals_of` and `read_cycle_events`; EXTERNAL_EVENTS.
    """
    source, where = job.cohort.external_of(trial)[key], f"{job.where}, external.{key}"
    path, names = job.cohort.external_file(trial, source), source.names(trial.ids)
    time = [with_ids(source.time, trial.ids)] if source.time else []
    rows = {column: with_ids(text, trial.ids) for column, text in source.rows.items()}
    wanted = [*time, *names.values()]
    table = read_columns(path, wanted, rows, counted=not time, decimal=source.decimal)
    cycle_s = _cycle_s(job, trial, source)
    time_s = times_of(
        source,
        table[time[0]] if time else None,
        len(table[wanted[0]]),
        offset_s=trial.external_offset_s,
        cycle_s=cycle_s,
        where=f"{where}, {path.name}",
    )
    signals = signals_of(
        key, source, table, time_s, names=names, mass_kg=job.participant.mass_kg, flipped=trial.flipped, where=where
    )
    return [beyond_cycle(signal, cycle_s) for signal in signals] if cycle_s else signals


def processed(job: Job, raw: Sequence[Signal]) -> Envelopes:
    """Electromyograms of a trial as shares of the largest envelope in the motions of reference.

    Channels that are dead in a motion of reference have no part in it, nor have sources that are refused there.
    """
    if not raw:
        return Envelopes({}, {}, [])
    others: dict[str, list[np.ndarray]] = {each.name: [] for each in raw}
    for row, key in _reference_sources(job):
        for each in _readable(job, row, key):
            found = _envelope(job, each) if each.name in others else None
            if found is not None and not is_dead(found, job.config.emg.modulation_min):
                others[each.name].append(found)
    known = {name: size for name, size in references(others).items() if size > 0.0}
    own = {each.name: _envelope(job, each) for each in raw}
    alive = [name for name, found in own.items() if not is_dead(found, job.config.emg.modulation_min)]
    signals = {}
    for each in raw:
        values, time_s = own[each.name] / known.get(each.name, np.nan), each.time_s + job.config.emg.delay_s
        signals[each.name] = replace(each, values=values, time_s=time_s)
    return Envelopes(signals, known, list(_judge(job, [signals[name] for name in alive], known)))


def _judge(job: Job, signals: Sequence[Signal], known: Mapping[str, float]) -> Iterator[tuple[tuple[str, ...], Gate]]:
    """Gates of the scale of each electromyogram that is not dead."""
    rows = reference_rows(job)
    for signal in signals:
        if signal.name in known:
            marked = any(row.emg_reference for row in rows)
            yield (signal.name,), judge_scale(signal, marked=marked, own=job.trial in rows)
        else:
            yield (signal.name,), no_reference(signal.name, [row.trial_id for row in rows])


def _has_emg(job: Job, row: TrialRow) -> bool:
    """Whether a motion has electromyograms in a file that is there."""
    return any(
        column.muscles
        for source in job.cohort.external_of(row).values()
        if job.cohort.external_file(row, source).is_file()
        for column in source.columns.values()
    )


def _reference_sources(job: Job) -> list[tuple[TrialRow, str]]:
    """Motions of reference and their sources of electromyograms, as far as their files are there."""
    own = job.cohort.external_of(job.trial)
    return [
        (row, key)
        for row in reference_rows(job)
        for key, source in job.cohort.external_of(row).items()
        if key in own
        and any(column.muscles for column in source.columns.values())
        and job.cohort.external_file(row, source).is_file()
    ]


def _readable(job: Job, row: TrialRow, key: str) -> list[Signal]:
    """Signals of a motion of reference, on any clock; none where that motion itself refuses them."""
    try:
        return read_source(job, row.model_copy(update={"external_offset_s": 0.0}), key)
    except GaitloadError:
        return []


def _envelope(job: Job, signal: Signal) -> np.ndarray:
    emg = job.config.emg
    where = f"{job.where}, {signal.name}"
    return envelope(signal.values, signal.rate_hz, band_hz=emg.band_hz, envelope_hz=emg.envelope_hz, where=where)


def _cycle_s(job: Job, trial: TrialRow, source: ExternalSource) -> tuple[float, float] | None:
    if source.clock != "cycle":
        return None
    if trial.cycle_start_s is not None:
        return trial.cycle_start_s, trial.cycle_end_s
    if not (trial.file or "").lower().endswith(".c3d"):
        raise DataError(
            expected="events of a C3D file, or cycle_start_s and cycle_end_s in trials.tsv",
            found="neither",
            where=job.where,
            do="Say when the gait cycle began and ended, on the clock of the trial.",
            code="EXTERNAL_EVENTS",
        )
    start_s, _, end_s = read_cycle_events(job.cohort.raw_dir / trial.file, source.side)
    return start_s, end_s
