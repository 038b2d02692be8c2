"""External stage: columns that others measured or computed, checked, in SI units, on the clock of the trial."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from gaitload.errors import ConfigError
from gaitload.external.emg import judge_channels
from gaitload.external.gates import judge_cover, judge_signal, no_time_in_common, require_unit
from gaitload.external.signals import Signal, common_clock, on_clock
from gaitload.io.tables import read_table, write_table
from gaitload.quality import Gate, Quality, Verdict, gravest, reasons
from gaitload.signals.resample import resample
from gaitload.stages.external_sources import files_read, processed, read_source, reference_rows
from gaitload.stages.job import Job

NAME = "external"
Columns = dict[str, tuple[np.ndarray, dict]]


def inputs(job: Job) -> list[Path]:
    """Files of the sources, the recording whose events cycles take, and the electromyograms of reference."""
    return list(dict.fromkeys(files_read(job)))


def settings(job: Job) -> dict:
    """Declarations of external columns in the cohort's tables, and the settings of their processing."""
    rows = [job.trial, *reference_rows(job)]
    cells = {"external", "external_key", "external_offset_s", "external_flipped", "cycle_start_s", "cycle_end_s"}
    return {
        "sources": job.cohort.spec.model_dump(mode="json", include={"external"})["external"],
        "trials": {row.trial_id: row.model_dump(mode="json", include=cells | {"emg_reference"}) for row in rows},
        "mass_kg": job.participant.mass_kg,
        "external": job.config.external.model_dump(mode="json", exclude={"overlap_min"}),
        "emg": job.config.emg.model_dump(mode="json", exclude={"informed", "uncertainty"}),
    }


def run(job: Job, out: Path) -> Quality:
    """Write `<trial>.parquet`: all external columns on one clock, each with its verdict."""
    sources, gap_max_s = job.cohort.external_of(job.trial), job.config.external.gap_max_s
    signals = [each for key in sources for each in read_source(job, job.trial, key)]
    for each in signals:
        require_unit(each, f"{job.where}, external.{each.source}")
    gates = judge_signals(job, signals)
    envelopes = processed(job, [each for each in signals if each.is_emg])
    gates += envelopes.gates
    signals = [envelopes.signals.get(each.name, each) for each in signals]
    clock_s = common_clock(signals, job.config.external.rate_hz)
    columns: Columns = {"time_s": (clock_s, {"unit": "s", "definition": "time on the clock of the trial"})}
    for each in signals:
        own = [gate for names, gate in gates if each.name in names]
        values = on_clock(each.time_s, each.values, clock_s, gap_max_s)
        columns[each.name] = (values, _meaning(each, sources[each.source].clock, own))
    write_table(out / f"{job.stem}.parquet", columns, {"cohort": job.cohort.name, "trial": job.stem})
    numbers = {"rate_hz": {each.name: each.rate_hz for each in signals}, "references": envelopes.references}
    return Quality(NAME, job.where, tuple(gate for _, gate in gates), numbers)


def judge_signals(job: Job, signals: Sequence[Signal]) -> list[tuple[tuple[str, ...], Gate]]:
    """Gates of the signals of a trial as recorded, each with the names of the columns that it concerns.

    Raises
    ------
    DataError
        EMG_RATE.
    """
    limits, emg = job.config.external, job.config.emg
    gates: list[tuple[tuple[str, ...], Gate]] = []
    for each in signals:
        flipped = each.name in job.trial.flipped
        found = judge_signal(each, gap_max_s=limits.gap_max_s, missing_max=limits.missing_max, flipped=flipped)
        gates += [((each.name,), gate) for gate in found]
    names = ("band_hz", "envelope_hz", "mains_max", "clipped_max", "modulation_min", "crosstalk_max")
    channels = [each for each in signals if each.is_emg]
    gates += judge_channels(channels, where=job.where, **{name: getattr(emg, name) for name in names})
    return gates


def columns_at(job: Job, time_s: np.ndarray, taken: Iterable[str]) -> tuple[Columns, list[Gate]]:
    """External columns of a job's trial at times, shape (T,), with their meaning; NaN where they do not cover it.

    Parameters
    ----------
    taken
        Names that the table has already.

    Returns
    -------
    columns : dict
    gates : list of Gate
        Whether each covers the trial.

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
    known = [name for name in names if np.isfinite(values[name]).any()]
    spans_s = {name: values["time_s"][np.isfinite(values[name])][[0, -1]] for name in known}
    gates = {
        name: judge_cover(name, span_s, time_s, job.config.external.overlap_min) for name, span_s in spans_s.items()
    }
    if known and not any(gate.value for gate in gates.values()):
        raise no_time_in_common(meanings[known[0]]["clock"], spans_s[known[0]], time_s, job.where)
    columns = {}
    for name in names:
        # A cycle covers its own time of the trial and no more.
        if meanings[name]["clock"] == "cycle":
            gates.pop(name, None)
        columns[name] = (resample(values[name], values["time_s"], time_s), _covered(meanings[name], gates.get(name)))
    return columns, list(gates.values())


def _covered(meaning: dict, gate: Gate | None) -> dict:
    """Meaning of a column with the doubt that it covers too little of the trial."""
    doubt = [] if gate is None or gate.verdict is Verdict.PASSED else [gate]
    own = Gate("", Verdict(meaning["verdict"]), None, None, "", "")
    codes = [*meaning["reasons"], *(each.code for each in doubt)]
    return meaning | {"verdict": gravest([own, *doubt]), "reasons": codes}


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
