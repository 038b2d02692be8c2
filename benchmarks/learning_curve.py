"""Learning curve: what an estimator explains beyond the mean curve, over the number of people it has learnt from.

`python -m benchmarks.learning_curve --results results --configfile workflow/studies/running.yaml` takes the
aligned tables of that study's cohorts, and writes docs/benchmarks/learning_curve.json and learning_curve.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import yaml

from benchmarks import tables
from gaitload.protocols import folds_of
from gaitload.study import Study
from gaitload.training.fold import estimator_of, fit_fold
from gaitload.training.loop import use_threads
from gaitload.windows.slicing import Windows, slice_trials
from gaitload.windows.tables import read_trial


def beyond_mean(wanted: np.ndarray, estimated: np.ndarray, mean: np.ndarray) -> list[float]:
    """Share of the squares about the mean curve of other people that is explained, for each target, shape (K,)."""
    left, all_ = (((wanted - other) ** 2).sum(axis=(0, 1), dtype=float) for other in (estimated, mean))
    return (1.0 - left / all_).tolist()


def measured(
    windows: Windows,
    study: Study,
    estimators: Sequence[str],
    people: Sequence[int],
    seeds: Sequence[int],
    say: Callable[[str], None],
) -> list[dict]:
    """One row for each estimator and number of people: the mean over draws of what each draw explains."""
    mean, rows = _estimates(windows, study, "phase_mean", seeds[0]), []
    for name in estimators:
        for count in people:
            begun = time.monotonic()
            fewer = study.model_copy(update={"split": study.split.model_copy(update={"training_subjects": count})})
            draws = [
                beyond_mean(windows.targets, _estimates(windows, fewer, name, seed), mean)
                for seed in (seeds if count < len(set(windows.subjects)) - 1 else seeds[:1])
            ]
            explained = dict(zip(windows.target_names, np.mean(draws, axis=0).tolist(), strict=True))
            rows.append({"estimator": name, "people": count, "explained": explained, "draws": draws})
            say(f"{name}, {count} people: {explained} ({time.monotonic() - begun:.0f} s)")
    return rows


def _estimates(windows: Windows, study: Study, name: str, seed: int) -> np.ndarray:
    """Of all windows, each by the fold that leaves its person out."""
    found, estimator = np.empty_like(windows.targets), estimator_of(name)
    for fold in folds_of(windows, study, seed):
        found[fold.test] = fit_fold(windows, fold, estimator, study, seed=seed).estimates
    return found


def report(rows: list[dict], sensors: str) -> str:
    """The table as Markdown."""
    names = list(rows[0]["explained"])
    body = tables.table(
        ["estimator", "people", *names],
        [[row["estimator"], row["people"], *(round(row["explained"][name], 2) for name in names)] for row in rows],
    )
    sentence = f"R2 beyond the mean curve of all other people, on people left out; sensors: {sensors}; mean over draws."
    return tables.document("Learning curve", tables.machine(), [(sentence, body)])


def main() -> int:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--configfile", type=Path, required=True)
    parser.add_argument("--sensor-set", default="pelvis+tibia")
    parser.add_argument("--estimators", nargs="+", default=["ridge"])
    parser.add_argument("--people", nargs="+", type=int, default=[3, 5, 7, 9, 11])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1])
    asked = parser.parse_args()
    use_threads(1)
    settings = yaml.safe_load(asked.configfile.read_text())
    study = Study(**settings["study"])
    study = study.model_copy(update={"split": study.split.model_copy(update={"validation_subjects": 1})})
    paths = [
        path for name in settings["cohorts"] for path in sorted((asked.results / "aligned" / name).glob("*/*.parquet"))
    ]
    trials = [trial for trial in map(read_trial, paths) if trial.document["trial"]["activity"] in study.activities]
    windows, _ = slice_trials(trials, study, study.sensor_sets[asked.sensor_set])
    rows = measured(
        windows, study, asked.estimators, asked.people, asked.seeds, lambda line: print(line, file=sys.stderr)
    )
    tables.write("learning_curve", {"rows": rows}, report(rows, asked.sensor_set))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
