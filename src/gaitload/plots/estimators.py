"""Figures of an evaluation: curves, agreement of peaks, spread over people, sensor sets, training.

Tables are those of docs/evaluation.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from gaitload.conventions import AXES
from gaitload.external.units import unit_of_name
from gaitload.plots.figure import Boxes, Figure, Heat, Line, Panel, Points
from gaitload.plots.palette import UNITS, series_role
from gaitload.plots.trial import ANGLES, COMPARTMENTS, LOADS, MOMENTS

KINDS = ("estimator", "floor", "baseline")
BOXES_AT_MOST = 14
LOADS_FIRST = ("atf", "ptf", "acf", "kcf", "hcf")
COLOURS = (-0.5, 1.0)
"""Ends of the colours of `METRIC`: below, an estimator is of no use however much it is below."""
_DEGREES = 180.0 / np.pi
_TITLES = {stem: title for stem, _, title in LOADS} | dict(ANGLES) | dict(MOMENTS)
_TITLES |= {stem: f"Knee contact force, {word}" for stem, word in COMPARTMENTS}
METRIC = "pooled_r2_phase"
"""Explained variance beyond the mean curve: what the table is ordered by, and where a mean curve has zero."""


def by_importance(labels: Sequence[str]) -> list[str]:
    """Loads before angles and moments."""
    stems = {stem: place for place, stem in enumerate(LOADS_FIRST)}
    return sorted(dict.fromkeys(labels), key=lambda label: (stems.get(label.split("_")[0], len(stems)), label))


def best_of_each_kind(summary: pd.DataFrame, label: str) -> pd.DataFrame:
    """Rows of a label: the best of the estimators, of the floors and of the baselines, as far as there are any."""
    rows = summary[summary["label"] == label].sort_values(METRIC, ascending=False, na_position="last", kind="stable")
    return rows.drop_duplicates("kind").sort_values("kind", key=lambda kinds: kinds.map(KINDS.index))


def curves_figure(study: str, summary: pd.DataFrame, curves: pd.DataFrame) -> Figure:
    """Mean curves over people of label and estimates, the label with its standard deviation over people."""
    panels = []
    for label in by_importance(curves["label"]):
        factor, unit = _told(summary, label)
        marks: list[Line] = []
        for place, row in enumerate(best_of_each_kind(summary, label).itertuples()):
            own = curves[
                (curves["label"] == label)
                & (curves["estimator"] == row.estimator)
                & (curves["sensor_set"] == row.sensor_set)
                & (curves["variant"] == row.variant)
            ]
            if own.empty:
                continue
            if not marks:
                marks.append(_curve(own, "label_mean", "label", "seven", factor))
            marks.append(_curve(own, "estimate_mean", row.kind, series_role(place), factor))
        if marks:
            panels.append(Panel(label_title(label), "phase (%)", unit, tuple(marks)))
    return Figure(
        f"curves_{study}",
        "Curves",
        "Mean over people of the label and of its best estimator, floor and baseline; the band is one standard "
        "deviation of the label over people.",
        tuple(panels),
    )


def agreement_figure(study: str, summary: pd.DataFrame, subjects: pd.DataFrame) -> Figure:
    """Bland-Altman: peaks of the best estimator of each label, by person and condition."""
    panels = []
    for label in by_importance(summary["label"]):
        factor, unit = _told(summary, label)
        best = best_of_each_kind(summary, label).iloc[0]
        own = _rows_of(subjects, best, label)
        # Each trial once: an activity, a single word, holds the trials of all its speeds.
        own = own[own["condition"].str.contains(" ")]
        if own.empty or not own["peak_label"].notna().any():
            continue
        means, differences = 0.5 * (own["peak_label"] + own["peak_estimate"]), own["peak_estimate"] - own["peak_label"]
        texts = tuple(f"{row.participant}, {row.condition}" for row in own.itertuples())
        marks = (
            Points("person in a condition", factor * means.to_numpy(), factor * differences.to_numpy(), "one", texts),
        )
        # The table is in degrees already.
        bounds = (("peak_loa_low", "95 % low"), ("peak_loa_high", "95 % high"))
        limits = tuple(
            (float(best[column]), f"{word} {best[column]:.2f}")
            for column, word in bounds
            if column in best and np.isfinite(best[column])
        )
        title = f"{label_title(label)}: {best['estimator']}, {best['sensor_set']}"
        panels.append(
            Panel(
                title,
                f"mean of both peaks ({unit})",
                f"estimate less label ({unit})",
                marks,
                limits=((0.0, ""), *limits),
            )
        )
    return Figure(
        f"agreement_{study}",
        "Agreement of peaks (Bland-Altman)",
        "Best estimator of each label. A point is a person in a condition; dotted lines are zero and the 95 % limits "
        "of agreement.",
        tuple(panels),
    )


def subjects_figure(study: str, summary: pd.DataFrame, subjects: pd.DataFrame) -> Figure:
    """Root mean square error by person: a box for each estimator at its best sensor set."""
    panels = []
    for label in by_importance(summary["label"]):
        factor, unit = _told(summary, label)
        rows = summary[summary["label"] == label].sort_values(
            METRIC, ascending=False, na_position="last", kind="stable"
        )
        rows = rows.drop_duplicates("estimator").head(BOXES_AT_MOST)
        marks = []
        for place, kind in enumerate(KINDS):
            found = [(row, _rows_of(subjects, row, label)) for _, row in rows[rows["kind"] == kind].iterrows()]
            pairs = [
                (row["estimator"], value) for row, own in found for value in own.loc[own["condition"] == "all", "rmse"]
            ]
            if pairs:
                names, values = zip(*pairs, strict=True)
                marks.append(Boxes(kind, names, factor * np.array(values, dtype=np.float64), series_role(place)))
        if marks:
            panels.append(Panel(label_title(label), "", f"RMSE ({unit})", tuple(marks)))
    return Figure(
        f"subjects_{study}",
        "Error by person",
        "A sample of a box is a person; each estimator with its best sensor set.",
        tuple(panels),
    )


def sensor_sets_figure(study: str, summary: pd.DataFrame) -> Figure:
    """Explained variance beyond the mean curve by sensor set and label, for each estimator with several sets."""
    panels = []
    trained = summary[summary["kind"] != "baseline"]
    for (estimator, variant), rows in trained.groupby(["estimator", "variant"], sort=False):
        if rows["sensor_set"].nunique() < 2:
            continue
        labels = by_importance(rows["label"])
        matrix = rows.pivot_table(index="sensor_set", columns="label", values=METRIC, sort=False).reindex(
            columns=labels
        )
        columns = tuple(label_title(label) for label in labels)
        heat = Heat(
            tuple(matrix.index), columns, matrix.to_numpy(dtype=np.float64), "R² beyond the mean curve", *COLOURS
        )
        panels.append(Panel(", ".join(filter(None, [str(estimator), variant])), "", "", (heat,)))
    return Figure(
        f"sensor_sets_{study}",
        "Sensor sets",
        "R² beyond the mean curve: brighter is better, 0 is what the mean curve alone says.",
        tuple(panels),
    )


def training_figure(study: str, histories: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """Error by epoch on training and validation people.

    Parameters
    ----------
    histories
        `<sensor set>, <estimator>, <fold>` -> `training` and `validation`, a number an epoch.
    """
    panels = []
    for name, history in histories.items():
        marks = tuple(
            Line(which, np.arange(1, len(values) + 1, dtype=np.float64), np.array(values, dtype=np.float64), role)
            for which, role, values in (
                ("training", "one", history["training"]),
                ("validation", "two", history["validation"]),
            )
            if len(values)
        )
        panels.append(Panel(name, "epoch", "error", marks))
    return Figure(
        f"training_{study}",
        "Learning curves",
        "Training stops where the validation people no longer gain.",
        tuple(panels),
    )


def _rows_of(table: pd.DataFrame, row, label: str) -> pd.DataFrame:
    own = table[
        (table["label"] == label)
        & (table["estimator"] == row["estimator"])
        & (table["sensor_set"] == row["sensor_set"])
        & (table["variant"] == row["variant"])
    ]
    return own[own["seed"] == -1] if "seed" in own else own


def _curve(own: pd.DataFrame, column: str, name: str, role: str, factor: float) -> Line:
    people = own.groupby(["phase_percent", "participant"])[column].mean().unstack()
    mean, spread = factor * people.mean(axis=1), factor * people.std(axis=1)
    x, low, high = people.index.to_numpy(np.float64), (mean - spread).to_numpy(), (mean + spread).to_numpy()
    banded = column == "label_mean" and people.shape[1] > 1
    return Line(name, x, mean.to_numpy(), role, *((low, high) if banded else (None, None)))


def _told(summary: pd.DataFrame, label: str) -> tuple[float, str]:
    """Factor from the unit of the Parquet tables to that which people read, and its name."""
    unit = str(summary.loc[summary["label"] == label, "unit"].iloc[0])
    return (_DEGREES if unit in ("deg", "rad") else 1.0), UNITS.get(unit, unit)


def label_title(label: str) -> str:
    """A label column without its side (`acf_norm_bw`) in words."""
    stem = max((stem for stem in _TITLES if label.startswith(f"{stem}_")), key=len, default="")
    rest = label.removeprefix(f"{stem}_").split("_") if stem else label.split("_")
    part = rest[0] if rest[0] in AXES else ""
    plain = label.removesuffix(f"_{unit_of_name(label)}").replace("_", " ")
    return " ".join(word for word in (_TITLES.get(stem, plain), part) if word)
