"""What an evaluation left, for the page: a table, figures, and what could not be tested."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from gaitload.baselines import GIVEN
from gaitload.io.tables import read_table
from gaitload.plots import estimators as plots
from gaitload.plots.figure import Figure
from gaitload.plots.palette import UNITS

LEARNING_CURVES_AT_MOST = 24
COLUMNS = (
    ("pooled_r2_phase", "R² beyond the mean curve"),
    ("pooled_r2", "R²"),
    ("rmse_mean", "RMSE"),
    ("rmse_sd", "SD over people"),
    ("peak_error_mean", "error of the peak"),
    ("pooled_peak_r2", "R² of peaks"),
    ("coverage", "coverage"),
)
"""Columns of the summary that the page shows, where they are."""


def studies_in(results: Path) -> list[str]:
    """Names of the studies that have been evaluated."""
    return sorted(path.name.removesuffix(".summary.tsv") for path in (results / "evaluation").glob("*.summary.tsv"))


def study_view(results: Path, study: str) -> dict:
    """Table, figures and remarks of a study.

    Returns
    -------
    dict
        `name`; `columns` of the table; `tables`, label in words -> rows of the summary, each with what its method is
        `given` beside sensors, loads first; `figures`; `conclusions`, a sentence a label; `comparisons`, `alpha` and
        `left_out` of the statistics;
        `missing`, sentences about what is not there.
    """
    folder = results / "evaluation"
    summary = pd.read_csv(folder / f"{study}.summary.tsv", sep="\t").astype({"variant": object}).fillna({"variant": ""})
    columns = [(key, name) for key, name in COLUMNS if key in summary]
    tables = {}
    for label in plots.by_importance(summary["label"]):
        rows = [
            row | {"given": GIVEN.get(row["estimator"], "")}
            for row in summary[summary["label"] == label].to_dict("records")
        ]
        tables[f"{plots.label_title(label)} ({UNITS.get(rows[0]['unit'], rows[0]['unit'])})"] = rows
    statistics = _json(folder / f"{study}.statistics.json")
    figures, missing = _figures(results, study, summary)
    return {
        "name": study,
        "columns": columns,
        "tables": tables,
        "figures": figures,
        "conclusions": conclusions(statistics, summary),
        "comparisons": [
            told | {"title": plots.label_title(told["label"])} for told in statistics.get("comparisons", [])
        ],
        "alpha": statistics.get("alpha"),
        "left_out": statistics.get("left_out", []),
        "missing": missing,
    }


def conclusions(statistics: dict, summary: pd.DataFrame) -> list[str]:
    """Which networks differ from the reference by root mean square error, a sentence a label."""
    networks, alpha = set(summary.loc[summary["kind"] == "estimator", "estimator"]), statistics.get("alpha")
    sentences = []
    for label in plots.by_importance(summary["label"]):
        tests = [
            test
            for test in statistics.get("comparisons", [])
            if (test["label"], test["metric"], test["against"]) == (label, "rmse", statistics.get("reference"))
            and test["estimator"] in networks
            and test.get("p_holm") is not None
        ]
        if not tests:
            continue
        proven = [test for test in tests if test["p_holm"] < alpha]
        lower = [_described(test) for test in proven if test["difference"] < 0]
        higher = [_described(test) for test in proven if test["difference"] > 0]
        better = f"lower error than {statistics['reference']}: {', '.join(lower) or 'no network significantly'}"
        worse = f"; higher error: {', '.join(higher)}" if higher else ""
        people = max(test["n"] for test in tests)
        sentences.append(f"{plots.label_title(label)}: {better}{worse} (paired tests over {people} participants).")
    return sentences


def _described(test: dict) -> str:
    """A network with its sensor set, its variant and the p value."""
    where = ", ".join(filter(None, [test["sensor_set"], test.get("variant", "")]))
    return f"{test['estimator']} ({where}, p = {test['p_holm']:.2g})"


def histories(results: Path, study: str) -> dict[str, dict[str, list[float]]]:
    """Loss by epoch of every network that was trained, see `gaitload.plots.estimators.training_figure`."""
    found = {}
    folders = [results / "predictions" / study, *sorted((results / "predictions").glob(f"{study}.*"))]
    for path in (path for folder in folders for path in sorted(folder.glob("*/*/*.training.json"))):
        sensor_set, estimator = path.parent.parent.name, path.parent.name
        variant = path.parent.parent.parent.name.partition(".")[2]
        fold = path.name.removesuffix(".training.json")
        for name, history in _epochs(json.loads(path.read_text())).items():
            found[", ".join(part for part in (variant, sensor_set, estimator, fold, name) if part)] = history
    return found


def _epochs(document: dict) -> dict[str, dict[str, list[float]]]:
    """Errors by epoch of every seed of one file; none where nothing was trained by epochs."""
    return {
        f"seed {seed}": {
            "training": [epoch["train"] for epoch in run["history"]],
            "validation": [epoch["validation"] for epoch in run["history"] if "validation" in epoch],
        }
        for seed, run in document.get("seeds", {}).items()
        if run.get("history")
    }


def _figures(results: Path, study: str, summary: pd.DataFrame) -> tuple[list[Figure], list[str]]:
    folder = results / "evaluation"
    figures, missing = [plots.sensor_sets_figure(study, summary)], []
    for name, make in (("curves", plots.curves_figure), ("subjects", _by_person)):
        path = folder / f"{study}.{name}.parquet"
        if path.is_file():
            made = make(study, summary, pd.DataFrame(read_table(path)[0]))
            figures += made if isinstance(made, list) else [made]
        else:
            missing.append(f"{path.name} is not there, so its figures are missing.")
    trained = histories(results, study)
    if trained:
        figures.append(plots.training_figure(study, dict(list(trained.items())[:LEARNING_CURVES_AT_MOST])))
    else:
        missing.append("Learning curves: no network was trained in this study.")
    return [figure for figure in figures if figure.panels], missing


def _by_person(study: str, summary: pd.DataFrame, subjects: pd.DataFrame) -> list[Figure]:
    return [plots.agreement_figure(study, summary, subjects), plots.subjects_figure(study, summary, subjects)]


def _json(path: Path) -> dict:
    return json.loads(path.read_text()) if path.is_file() else {}
