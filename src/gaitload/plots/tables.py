"""The numbers of a figure as a table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from gaitload.io.files import write_aside
from gaitload.plots.figure import Bars, Boxes, Figure, Heat, Line, Mark, Panel, Points, Strips


def figure_table(figure: Figure) -> pd.DataFrame:
    """All numbers of a figure.

    Returns
    -------
    DataFrame
        Where all marks are strips and lines over the same x: a row an instant, a column `<panel>|<series>` a line (with
        `|low` and `|high` for its band) or a row of strips (1 within a span). Otherwise a row a value:
        `panel, series, x, y, low, high`.
    """
    marks = [(panel, mark) for panel in figure.panels for mark in panel.marks]
    lines = [(panel, mark) for panel, mark in marks if isinstance(mark, Line)]
    whole = all(isinstance(mark, Line | Strips) for _, mark in marks)
    if lines and whole and all(np.array_equal(mark.x, lines[0][1].x) for _, mark in lines):
        return _wide(marks, lines[0][0].x_label, lines[0][1].x)
    frames = [
        frame.assign(panel=f"{panel.title} ({panel.y_label})")
        for panel in figure.panels
        for mark in panel.marks
        for frame in _frames(mark)
    ]
    columns = ["panel", "series", "x", "y", "low", "high"]
    return pd.concat(frames).reindex(columns=columns) if frames else pd.DataFrame(columns=columns)


def _wide(marks: list[tuple[Panel, Line | Strips]], x_label: str, x: np.ndarray) -> pd.DataFrame:
    columns = {x_label: x}
    for panel, mark in marks:
        stem = f"{panel.title} ({panel.y_label})" if panel.y_label else panel.title
        if isinstance(mark, Strips):
            columns |= {f"{stem}|{row}": _within(mark, row, x) for row in mark.rows}
            continue
        bounds = (
            {} if mark.low is None else {f"{stem}|{mark.name}|low": mark.low, f"{stem}|{mark.name}|high": mark.high}
        )
        columns |= {f"{stem}|{mark.name}".rstrip("|"): mark.y} | bounds
    return pd.DataFrame(columns)


def _within(mark: Strips, row: str, x: np.ndarray) -> np.ndarray:
    spans = [(x >= start) & (x <= end) for name, start, end, _, _ in mark.spans if name == row]
    return np.any(spans, axis=0).astype(int) if spans else np.zeros(len(x), dtype=int)


def write_table_of(figure: Figure, path: Path) -> None:
    """Write the numbers of a figure as comma-separated text; equal figures are equal bytes."""
    with write_aside(path) as aside:
        figure_table(figure).to_csv(aside, index=False, float_format="%.6g", lineterminator="\n")


def _frames(mark: Mark) -> Iterator[pd.DataFrame]:
    match mark:
        case Line():
            yield pd.DataFrame({"series": mark.name, "x": mark.x, "y": mark.y, "low": mark.low, "high": mark.high})
        case Points():
            yield pd.DataFrame({"series": mark.name, "x": mark.x, "y": mark.y})
        case Bars():
            yield pd.DataFrame({"series": mark.name, "x": mark.names, "y": mark.values})
        case Boxes():
            yield pd.DataFrame({"series": mark.name, "x": mark.groups, "y": mark.values})
        case Strips():
            rows = [(row, text, start, end) for row, start, end, _, text in mark.spans]
            yield pd.DataFrame(rows, columns=["series", "x", "low", "high"])
        case Heat():
            for row, values in zip(mark.rows, mark.values, strict=True):
                yield pd.DataFrame({"series": row, "x": mark.columns, "y": values})
