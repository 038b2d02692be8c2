"""Activations beside the electromyograms that were published with the Rajagopal model: a walk and a run."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import tables
from benchmarks.trials import ROOT, Case, prepared
from benchmarks.truth_patient import EMG, emg_agreement
from gaitload.cohorts.reader import load_cohort
from gaitload.external.emg import envelope
from gaitload.io.columns import read_columns
from gaitload.io.sto import Table, read_sto

RAW_FILE = "emg_raw.mat"
DELAY_S = 0.05
"""Electromechanical delay of the second comparison."""
SENTENCE = (
    "Electromyograms of the {activity} of `rajagopal2016` ({side} leg, {start:g} to {end:g} s): correlation of "
    "activations with the envelope (in brackets with an electromechanical delay of 50 ms), and share of the time in "
    "which both are on or off. {note}"
)


@dataclass(frozen=True)
class Recording:
    """Electromyograms recorded with a trial.

    Attributes
    ----------
    case : Case
        The trial, and the part of it that is compared.
    variable : str
        Name of the data set in the file of raw signals.
    side : str
        Leg that wore the electrodes: `r` or `l`.
    muscles : mapping
        Channel of the recording -> muscle of the model, without its side.
    note : str
        What the report says about the side and the clock.
    time : str
        Column of the times.
    """

    case: Case
    variable: str
    side: str
    muscles: Mapping[str, str]
    note: str
    time: str = "time"


_WALK = {
    "SOL": "soleus",
    "GAS": "gasmed",
    "TA": "tibant",
    "MH": "semimem",
    "BF": "bflh",
    "VL": "vaslat",
    "VM": "vasmed",
    "RF": "recfem",
    "GMAX": "glmax2",
    "GMED": "glmed1",
}
_RUN = {
    "soleusr": "soleus",
    "gasmedr": "gasmed",
    "gaslatr": "gaslat",
    "tibantr": "tibant",
    "semimemr": "semimem",
    "bflhr": "bflh",
    "vaslatr": "vaslat",
    "vasmedr": "vasmed",
    "recfemr": "recfem",
    "glmax2r": "glmax2",
    "glmed1r": "glmed1",
}
RECORDINGS = {
    "walk": Recording(
        Case("rajagopal2016", "walker", "walk", 0.45, 1.90),
        "walk_emg_raw",
        "r",
        _WALK,
        "The files do not tell the side; the last row takes the left leg.",
        time="TIME",
    ),
    "run": Recording(
        Case("rajagopal2016", "runner", "run", 0.60, 2.60),
        "run_emg_raw",
        "r",
        _RUN,
        "Channels are named after muscles of the right leg. The clock is that of the raw file, 1000 Hz.",
    ),
}


@dataclass(frozen=True)
class Signals:
    """Raw electromyograms, in the unit of the file: channel -> samples, shape (T,), from 0 s on."""

    rate_hz: float
    channels: Mapping[str, np.ndarray]


def read_raw(path: Path, recording: Recording) -> Signals:
    """Channels of one data set of a MATLAB file, and `time`; rows that are missing at its end are left out."""
    names = {channel: f"{recording.variable}.{channel}" for channel in recording.muscles}
    time = f"{recording.variable}.{recording.time}"
    columns = read_columns(path, [time, *names.values()])
    known = np.isfinite(np.stack(list(columns.values()))).all(axis=0)
    time_s = columns[time][known]
    rate_hz = float((len(time_s) - 1) / (time_s[-1] - time_s[0]))
    return Signals(rate_hz, {channel: columns[name][known] for channel, name in names.items()})


def beside(activations: Table, signals: Signals, recording: Recording, side: str, delay_s: float = 0.0) -> dict:
    """Agreement of the activations of one leg with the envelopes: muscle -> `r` and `on_off`."""
    found = {}
    for channel, muscle in recording.muscles.items():
        raw = signals.channels[channel]
        at_s = np.arange(len(raw)) / signals.rate_hz + delay_s
        there = np.interp(
            activations.time_s, at_s, envelope(raw, signals.rate_hz, band_hz=EMG.band_hz, envelope_hz=EMG.envelope_hz)
        )
        found[muscle] = emg_agreement(activations.column(f"{muscle}_{side}"), there)
    return found


def measured(methods: Mapping[str, Mapping], results: Path) -> dict[str, dict]:
    """Agreement by recording and method, of either leg, and of the given leg with a delay."""
    raw_dir = load_cohort(ROOT / "workflow" / "cohorts" / "rajagopal2016", root=ROOT, results=results).raw_dir
    found: dict[str, dict] = {}
    for name, recording in RECORDINGS.items():
        signals, found[name] = read_raw(raw_dir / RAW_FILE, recording), {}
        for method, settings in methods.items():
            chosen = {"label_mode": "physical", "engine": "compiled", **settings}
            folder = results / f"emg_{chosen['model']}_{chosen['label_mode']}"
            job = prepared(recording.case, folder, **chosen)
            activations = read_sto(job.product("loads", "") / "activations.sto")
            found[name][method] = {
                "r": beside(activations, signals, recording, "r"),
                "l": beside(activations, signals, recording, "l"),
                "delayed": beside(activations, signals, recording, recording.side, DELAY_S),
            }
            print(f"electromyograms of the {name}, {method}", file=sys.stderr, flush=True)
    return found


def _cell(one: Mapping, side: str, muscle: str) -> str:
    here = one[side][muscle]
    return f"{here['r']:.2f} ({one['delayed'][muscle]['r']:.2f}) / {here['on_off']:.2f}"


def _with_mean(one: Mapping) -> dict:
    """Add the mean over the muscles of each leg as one more row."""
    return {
        leg: rows | {"mean": {what: float(np.mean([row[what] for row in rows.values()])) for what in ("r", "on_off")}}
        for leg, rows in one.items()
    }


def sections(found: Mapping[str, Mapping]) -> list[tuple[str, str]]:
    """Sentences and tables of the report."""
    out, sides = [], {"r": "right", "l": "left"}
    for name, by_method in found.items():
        recording, methods = RECORDINGS[name], {method: _with_mean(one) for method, one in by_method.items()}
        case, side = recording.case, recording.side
        other = "l" if side == "r" else "r"
        muscles = [*recording.muscles.values(), "mean"]
        rows = [[muscle, *(_cell(one, side, muscle) for one in methods.values())] for muscle in muscles]
        rows.append([f"mean, {sides[other]} leg", *(f"{one[other]['mean']['r']:.2f}" for one in methods.values())])
        sentence = SENTENCE.format(
            activity=name, side=sides[side], start=case.start_s, end=case.end_s, note=recording.note
        )
        out.append((sentence, tables.table(["muscle", *methods], rows)))
    return out
