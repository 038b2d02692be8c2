"""External stage: columns that others measured or computed, checked, in SI units, on the clock of the trial."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from gaitload.cohorts.tables import TrialRow
from gaitload.conventions import sampling_rate_hz
from gaitload.errors import ConfigError, DataError
from gaitload.external.declaration import ExternalSource, with_ids
from gaitload.external.emg import envelope, judge_channels, references
from gaitload.external.gates import judge_signal, require_unit
from gaitload.external.signals import Signal, beyond_cycle, common_clock, on_clock, signals_of, times_of
from gaitload.io.c3d_analog import read_cycle_events
from gaitload.io.columns import read_columns
from gaitload.io.tables import read_table, write_table
from gaitload.quality import Gate, Quality, Verdict, gravest, reasons
from gaitload.signals.resample import resample
from gaitload.stages.job import Job

NAME = "external"
Columns = dict[str, tuple[np.ndarray, dict]]


def inputs(job: Job) -> list[Path]:
    """Files of the sources, the recording whose events cycles take, and the electromyograms of reference."""
    files = [job.cohort.external_file(job.trial, source) for source in job.cohort.external_of(job.trial).values()]
    cycles = any(source.clock == "cycle" for source in job.cohort.external_of(job.trial).values())
    events = (
        [job.cohort.raw_dir / job.trial.file] if cycles and job.trial.cycle_start_s is None and job.trial.file else []
    )
    others = [job.cohort.external_file(row, source) for row, source in _references(job)]
    return list(dict.fromkeys([*files, *events, *others]))


def settings(job: Job) -> dict:
    """Declarations of external columns in the cohort's tables, and the settings of their processing."""
    rows = [job.trial, *(row for row, _ in _references(job))]
    cells = {"external", "external_key", "external_offset_s", "external_flipped", "cycle_start_s", "cycle_end_s"}
    return {
        "sources": job.cohort.spec.model_dump(mode="json", include={"external"})["external"],
        "trials": {row.trial_id: row.model_dump(mode="json", include=cells) for row in rows},
        "mass_kg": job.participant.mass_kg,
        "external": job.config.external.model_dump(mode="json", exclude={"overlap_min"}),
        "emg": job.config.emg.model_dump(mode="json", exclude={"informed", "uncertainty"}),
    }


def run(job: Job, out: Path) -> Quality:
    """Write `<trial>.parquet`: all external columns on one clock, each with its verdict."""
    settings_of = job.config.external
    sources = job.cohort.external_of(job.trial)
    signals = [each for key in sources for each in _read(job, job.trial, key)]
    gates: list[tuple[tuple[str, ...], Gate]] = []
    for each in signals:
        require_unit(each, f"{job.where}, external.{each.source}")
        flipped = each.name in job.trial.flipped
        found = judge_signal(
            each, gap_max_s=settings_of.gap_max_s, missing_max=settings_of.missing_max, flipped=flipped
        )
        gates += [((each.name,), gate) for gate in found]
    raw = [each for each in signals if each.is_emg]
    gates += judge_channels(raw, where=job.where, **_limits(job))
    processed, gain = _processed(job, raw)
    signals = [processed.get(each.name, each) for each in signals]
    clock_s = common_clock(signals, settings_of.rate_hz)
    columns: Columns = {"time_s": (clock_s, {"unit": "s", "definition": "time on the clock of the trial"})}
    for each in signals:
        own = [gate for names, gate in gates if each.name in names]
        values = on_clock(each.time_s, each.values, clock_s, settings_of.gap_max_s)
        columns[each.name] = (values, _meaning(each, sources[each.source].clock, own))
    write_table(out / f"{job.stem}.parquet", columns, {"cohort": job.cohort.name, "trial": job.stem})
    numbers = {"rate_hz": {each.name: each.rate_hz for each in signals}, "references": gain}
    return Quality(NAME, job.where, tuple(gate for _, gate in gates), numbers)


def columns_at(job: Job, time_s: np.ndarray, taken: Iterable[str]) -> Columns:
    """External columns of a job's trial at times, shape (T,), with their meaning; NaN where they do not cover it.

    Parameters
    ----------
    taken
        Names that the table has already.

    Raises
    ------
    ConfigError
        EXTERNAL_NAME_TAKEN: a column is called like one of these.
    DataError
        EXTERNAL_CLOCK: no column covers any time of the trial.
    """
    values, meanings, _ = read_table(job.product(NAME, ".parquet"))
    names = [name for name in values if name != "time_s"]
    both = sorted(set(names) & set(taken))
    if both:
        raise ConfigError(
            expected="external columns with names of their own",
            found=f"{', '.join(both)}, which labels have too",
            where=f"external in cohort.yaml of {job.cohort.name}",
            do="Call it after its source, implant_kcf_l_norm_bw, and say in `measures` which label it is of.",
            code="EXTERNAL_NAME_TAKEN",
        )
    found = {name: resample(values[name], values["time_s"], time_s) for name in names}
    covered = {name: float(np.isfinite(column).mean()) for name, column in found.items()}
    if not any(covered.values()):
        raise DataError(
            expected=f"external columns at {time_s[0]:.2f} to {time_s[-1]:.2f} s, the time of the trial",
            found=f"columns from {values['time_s'][0]:.2f} to {values['time_s'][-1]:.2f} s",
            where=job.where,
            do="They are on another clock: say clock: own and fill external_offset_s in trials.tsv, or from_start: "
            "true where both recordings began together.",
            code="EXTERNAL_CLOCK",
        )
    return {name: (found[name], _covered(meanings[name], covered[name], job)) for name in names}


def _covered(meaning: dict, share: float, job: Job) -> dict:
    """Meaning of a column that covers a share of the trial; one of a cycle covers no more than that."""
    if share >= job.config.external.overlap_min or meaning["clock"] == "cycle":
        return meaning
    doubt = Verdict.FAILED if share == 0.0 else Verdict.WARNED
    verdict = gravest([Gate("", each, None, None, "", "") for each in (Verdict(meaning["verdict"]), doubt)])
    return meaning | {"verdict": verdict, "reasons": [*meaning["reasons"], "EXTERNAL_CLOCK"]}


def _meaning(signal: Signal, clock: str, gates: list[Gate]) -> dict:
    declared = signal.declared
    about = {
        "label": signal.name,
        "unit": signal.unit,
        "definition": declared.meaning,
        "source": f"external: {signal.source}",
        "clock": clock,
        "verdict": gravest(gates),
        "reasons": list(reasons(gates)),
    }
    optional = {"measures": declared.measures, "side": declared.side, "muscles": list(declared.muscles)}
    return about | {key: value for key, value in optional.items() if value}


def _read(job: Job, trial: TrialRow, key: str) -> list[Signal]:
    """Signals of one source of a trial of the job's participant."""
    source, where = job.cohort.external_of(trial)[key], f"{job.where}, external.{key}"
    path, names = job.cohort.external_file(trial, source), source.names(trial.ids)
    time = [with_ids(source.time, trial.ids)] if source.time else []
    rows = {column: with_ids(text, trial.ids) for column, text in source.rows.items()}
    table = read_columns(path, [*time, *names.values()], rows, counted=not time)
    cycle_s = _cycle_s(job, trial, source)
    time_s = times_of(
        source,
        table[time[0]] if time else None,
        len(next(iter(table.values()))),
        offset_s=trial.external_offset_s,
        cycle_s=cycle_s,
        where=f"{where}, {path.name}",
    )
    signals = signals_of(
        key, source, table, time_s, names=names, mass_kg=job.participant.mass_kg, flipped=trial.flipped, where=where
    )
    return [beyond_cycle(signal, cycle_s) for signal in signals] if cycle_s else signals


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


def _references(job: Job) -> list[tuple[TrialRow, ExternalSource]]:
    """Other motions of the participant with electromyograms, and these sources; never the trial itself."""
    others = [row for row in job.cohort.motions_of(job.participant.participant_id) if row != job.trial]
    found = [
        (row, source)
        for row in others
        for key, source in job.cohort.external_of(row).items()
        if any(column.muscles for column in source.columns.values())
        and key in job.cohort.external_of(job.trial)
        and job.cohort.external_file(row, source).is_file()
    ]
    rows = list(dict.fromkeys(row.trial_id for row, _ in found))[: job.config.emg.reference_trials]
    return [(row, source) for row, source in found if row.trial_id in rows]


def _processed(job: Job, raw: list[Signal]) -> tuple[dict[str, Signal], dict[str, float]]:
    """Envelopes as shares of the largest in the other motions, later by the delay; and what they were divided by.

    Raises
    ------
    DataError
        EMG_NO_REFERENCE.
    """
    if not raw:
        return {}, {}
    keys = list(dict.fromkeys(each.source for each in raw))
    others = list({row.trial_id: row for row, _ in _references(job)}.values())
    there = [
        each for row in others for key in keys if key in job.cohort.external_of(row) for each in _read(job, row, key)
    ]
    found: dict[str, list[np.ndarray]] = {each.name: [] for each in raw}
    for each in there:
        if each.is_emg:
            found[each.name].append(_envelope(job, each))
    gain = references(found)
    lost = [name for name, value in gain.items() if not value > 0.0]
    if lost:
        raise DataError(
            expected="another motion of the participant, whose largest envelope is the reference",
            found=f"none for {', '.join(lost)}",
            where=job.where,
            do="Add a trial of the same electrodes to trials.tsv; a trial is no reference of its own.",
            code="EMG_NO_REFERENCE",
        )
    delay_s = job.config.emg.delay_s
    return {
        each.name: replace(each, values=_envelope(job, each) / gain[each.name], time_s=each.time_s + delay_s)
        for each in raw
    }, gain


def _envelope(job: Job, signal: Signal) -> np.ndarray:
    emg = job.config.emg
    return envelope(
        signal.values,
        sampling_rate_hz(signal.time_s),
        band_hz=emg.band_hz,
        envelope_hz=emg.envelope_hz,
        where=f"{job.where}, {signal.name}",
    )


def _limits(job: Job) -> Mapping:
    names = ("band_hz", "envelope_hz", "mains_max", "clipped_max", "modulation_min", "crosstalk_max")
    return {name: getattr(job.config.emg, name) for name in names}
