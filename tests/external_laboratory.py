"""A laboratory without markers: an encoder and two electromyograms of three motions, in CSV files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from gaitload.cohorts.reader import load_cohort
from gaitload.cohorts.tables import Cohort

TIME_S = np.arange(3000) / 1000.0
ANGLE_DEG = 20.0 * np.sin(2.0 * np.pi * TIME_S)
EMG = ("soleus", "tibant")
TRIALS = ("one", "two", "three")
"""The second motion is twice as loud as the first, the third three times."""


def external_laboratory(
    folder: Path,
    *,
    encoder: dict | None = None,
    emg: dict | None = None,
    source: dict | None = None,
    spoil: Callable[[dict], dict] | None = None,
    cells: dict[str, str] | None = None,
) -> Cohort:
    """Write the files and the tables of the cohort `lab`, and read it.

    Parameters
    ----------
    folder : Path
        Root of a repository.
    encoder, source, emg : dict, optional
        Settings of the encoder's column, of its source, and of the source of the electromyograms, that differ.
    spoil : callable, optional
        Takes the columns of the first motion and returns others.
    cells : dict, optional
        Columns of trials.tsv for the first motion.
    """
    tables, raw = folder / "workflow/cohorts/lab", folder / "raw"
    tables.mkdir(parents=True)
    raw.mkdir()
    for seed, trial in enumerate(TRIALS):
        columns = {"time_s": TIME_S, "angle": ANGLE_DEG}
        columns |= {name: _emg(10 * place + seed, 1.0 + seed) for place, name in enumerate(EMG)}
        if spoil and trial == TRIALS[0]:
            columns = spoil(columns)
        pd.DataFrame(columns).to_csv(raw / f"{trial}.csv", index=False)
    external = _spec(encoder or {}, emg or {}, source or {})
    spec = {"name": "lab", "title": "t", "source": "s", "licence": "l", "raw_dir": "raw", "external": external}
    (tables / "cohort.yaml").write_text(json.dumps(spec))
    (tables / "participants.tsv").write_text("participant_id\np1\n")
    more = {trial: list((cells or {}).values()) if trial == TRIALS[0] else [""] * len(cells or {}) for trial in TRIALS}
    lines = [["participant_id", "trial_id", "role", "activity", *(cells or {})]]
    lines += [["p1", trial, "motion", "walk", *more[trial]] for trial in TRIALS]
    (tables / "trials.tsv").write_text("".join("\t".join(line) + "\n" for line in lines))
    return load_cohort(tables, root=folder)


def _emg(seed: int, loudness: float) -> np.ndarray:
    burst = np.clip(np.sin(2.0 * np.pi * TIME_S + seed), 0.02, None)
    return loudness * burst * np.random.default_rng(seed).normal(size=len(TIME_S))


def _spec(encoder: dict, emg: dict, source: dict) -> dict:
    angle = {"column": "angle", "unit": "deg", "side": "r", "range": [-1.0, 1.0], "meaning": "an encoder"}
    channels = {
        f"emg_{name}_r_share": {"column": name, "unit": "V", "side": "r", "muscles": [name], "meaning": "electrode"}
        for name in EMG
    }
    file = {"file": "{trial}.csv", "time": "time_s"}
    return {
        "encoder": file | {"rate_hz": 1000, "columns": {"angle_r_rad": angle | encoder}} | source,
        "emg": file | {"columns": channels} | emg,
    }
