"""Tests between variants of a study, between sensor sets, and between labels; and the best sensor sets."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from gaitload.evaluation.estimates import MEAN_CURVE
from gaitload.evaluation.findings import Plan, by_label_and_metric, everything_of, margin_of, with_adjusted
from gaitload.evaluation.pairs import DIMENSIONLESS
from gaitload.evaluation.statistics import compare_paired

_SETS = ["variant", "estimator", "label"]
"""Columns by whose values a table of best sensor sets has one row each."""
BEST_SETS = (
    *_SETS,
    *("metric", "unit", "sets", "n_subjects"),
    *("best", "best_mean", "worst", "worst_mean", "tests", "not_worse", "fewest_sensors"),
)
"""Columns of that table."""


def between_variants(people: pd.DataFrame, plan: Plan) -> list[dict]:
    """Paired tests of every two variants of a study with the same estimator, sensor set and label.

    All tests of a label and a metric are one family.

    Parameters
    ----------
    people : DataFrame
        Rows of `Rows.people`.
    """
    rows = []
    for (label, metric), table in by_label_and_metric(_learned(people), plan):
        margin, family = margin_of(table, metric, plan), []
        for (estimator, sensor_set), own in table.groupby(["estimator", "sensor_set"]):
            for first, second in combinations(sorted(own["variant"].unique()), 2):
                made = compare_paired(own, "variant", first, second, metric, margin=margin, alpha=plan.alpha)
                who = {"label": label, "metric": metric, "estimator": estimator, "sensor_set": sensor_set}
                family.append({**who, "variant": first, "against": second, **made})
        rows += with_adjusted(family)
    return rows


def between_sets(people: pd.DataFrame, plan: Plan) -> list[dict]:
    """Paired tests of the best sensor set against every other, by the first metric that is tested.

    The best has the least mean error over people (the greatest mean of a share). It is chosen by the same numbers that
    are tested, which makes others look worse than they are; all tests of an estimator, variant and label are one
    family.
    """
    rows, metric = [], plan.metrics[0]
    for (variant, estimator, label), table in _learned(people).groupby(_SETS):
        means = _ordered(table, metric)
        family = []
        for other in means.index[1:]:
            margin = margin_of(table, metric, plan)
            made = compare_paired(table, "sensor_set", other, means.index[0], metric, margin=margin, alpha=plan.alpha)
            who = {"variant": variant, "estimator": estimator, "label": label, "metric": metric}
            family.append({**who, "sensor_set": other, "against": means.index[0], **made})
        rows += with_adjusted(family)
    return rows


def between_labels(people: pd.DataFrame, plan: Plan) -> list[dict]:
    """Paired tests of every two labels of one unit, for each method, by root mean squared error.

    They answer, for example, whether the error grows from the ankle to the hip. All tests of a method are one family.
    """
    rows = []
    for (estimator, sensor_set, variant), own in everything_of(people).groupby(["estimator", "sensor_set", "variant"]):
        family = []
        for _, table in own.groupby("unit"):
            for first, second in combinations(sorted(table["label"].unique()), 2):
                made = compare_paired(table, "label", first, second, "rmse", alpha=plan.alpha)
                who = {"estimator": estimator, "sensor_set": sensor_set, "variant": variant, "metric": "rmse"}
                family.append({**who, "label": first, "against": second, **made})
        rows += with_adjusted(family)
    return rows


def best_sets(people: pd.DataFrame, tests: list[dict], plan: Plan) -> pd.DataFrame:
    """One row for each variant, estimator and label: the best sensor set, and the sets that are not worse.

    A set is not worse where its difference from the best is not significant after Holm's adjustment, or equivalent by
    two one-sided tests; where no test can be made (fewer than three people), none is listed. Angles are in degrees.
    """
    metric, rows = plan.metrics[0], []
    for key, table in _learned(people).groupby(_SETS):
        means = _ordered(table, metric)
        own = [row for row in tests if tuple(row[name] for name in _SETS) == key]
        alike = [row["sensor_set"] for row in own if _is_not_worse(row, plan.alpha)]
        tested = [row for row in own if "p" in row]
        unit = table["unit"].iloc[0]
        turned = unit == "rad" and metric not in DIMENSIONLESS
        best, worst = (float(np.degrees(mean) if turned else mean) for mean in means.iloc[[0, -1]])
        fewest = min([means.index[0], *alike], key=lambda name: name.count("+"))
        shown = (metric, "deg" if turned else unit, len(means), int(table["person"].nunique()))
        compared = (means.index[0], best, means.index[-1], worst, len(tested), " ".join(alike), fewest)
        rows.append((*key, *shown, *compared))
    return pd.DataFrame(rows, columns=BEST_SETS)


def _is_not_worse(row: dict, alpha: float) -> bool:
    return "p" in row and (row["p_holm"] >= alpha or row["tost"]["equivalent"])


def _ordered(table: pd.DataFrame, metric: str) -> pd.Series:
    """Mean over people of each sensor set, the best first; equal ones by their name."""
    means = table.groupby("sensor_set")[metric].mean().dropna().sort_index()
    return means.sort_values(ascending=not metric.startswith("r2") and metric != "r", kind="stable")


def _learned(people: pd.DataFrame) -> pd.DataFrame:
    table = everything_of(people)
    return table[(table["kind"] != "baseline") & (table["estimator"] != MEAN_CURVE)]
