"""Figures of a whole cohort: the peaks of every trial, and how surely its sensors were synchronised."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gaitload.conventions import SIDES, column_stem
from gaitload.plots.figure import Figure, Panel, Points
from gaitload.plots.palette import SIDE_ROLES
from gaitload.plots.trial import LOADS

_SIDE_NAMES = {"r": "right", "l": "left"}


def peaks_figure(table: pd.DataFrame, cohort: str) -> Figure | None:
    """Peaks of the loads of every labelled trial; None where no trial has any.

    Parameters
    ----------
    table
        `results/quality/<cohort>.tsv`.
    """
    panels = []
    for label, component, title in LOADS:
        marks = [
            _points(table, f"labels_peak_{column_stem(label, side, component)}_bw", side)
            for side in SIDES
            if f"labels_peak_{column_stem(label, side, component)}_bw" in table
        ]
        if marks:
            panels.append(Panel(title, "", "peak (BW)", tuple(marks)))
    if not panels:
        return None
    caption = (
        "Largest value of each trial over its whole length; what failed is shown like the rest. Hover names the trial."
    )
    return Figure(f"peaks_{cohort}", f"Peak loads of {cohort}", caption, tuple(panels))


def clocks_figure(table: pd.DataFrame, cohort: str, *, preference_min: float) -> Figure | None:
    """How surely the sensors of every trial were synchronised; None where no trial has any."""
    if "sync_preference" not in table or not table["sync_preference"].notna().any():
        return None
    known = table[table["sync_preference"].notna()]
    groups, texts = known["activity"].to_numpy(), _names(known)
    columns = (
        (
            "Margin over the runner-up",
            "standard errors",
            known["sync_preference"],
            ((preference_min, f"fails below {preference_min:g}"),),
        ),
        ("Disagreement of sensors", "standard deviation (ms)", 1e3 * known["sync_spread_s"], ()),
        ("Motion left unexplained", "share", known["sync_cost"], ()),
        ("Standard error of the offset", "ms", 1e3 * known["sync_standard_error_s"], ()),
    )
    panels = tuple(
        Panel(title, "", unit, (Points("", groups, values.to_numpy(), "one", texts),), limits=limits)
        for title, unit, values, limits in columns
    )
    return Figure(f"clocks_{cohort}", f"Synchronisation of {cohort}", "A point is a trial; hover names it.", panels)


def _points(table: pd.DataFrame, column: str, side: str) -> Points:
    known = table[table[column].notna()]
    groups = known["trial"] if known["trial"].nunique() <= 8 else known["activity"]
    return Points(
        _SIDE_NAMES[side], groups.to_numpy(), known[column].to_numpy(np.float64), SIDE_ROLES[side], _names(known)
    )


def _names(table: pd.DataFrame) -> tuple[str, ...]:
    return tuple(f"{row.participant}/{row.trial}, {row.verdict}" for row in table.itertuples())
