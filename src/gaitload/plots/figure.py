"""What a figure shows, apart from who draws it: panels of marks, each mark its numbers and a role.

A role is a key of `gaitload.plots.palette.STYLES`. Values are in the units that the panel's labels say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Line:
    """Values over x, shape (T,), NaN where there is none; `low` and `high` bound a band around them."""

    name: str
    x: np.ndarray
    y: np.ndarray
    role: str
    low: np.ndarray | None = None
    high: np.ndarray | None = None


@dataclass(frozen=True)
class Points:
    """Single values; `texts` says of each what it is. `x` holds numbers or names."""

    name: str
    x: np.ndarray
    y: np.ndarray
    role: str
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bars:
    """A horizontal bar for each name."""

    name: str
    names: tuple[str, ...]
    values: np.ndarray
    role: str


@dataclass(frozen=True)
class Strips:
    """Spans of x on named rows: (row, start, end, role, what it is)."""

    rows: tuple[str, ...]
    spans: tuple[tuple[str, float, float, str, str], ...]


@dataclass(frozen=True)
class Boxes:
    """Distributions: the value of each sample, shape (N,), and the name of the group it belongs to."""

    name: str
    groups: tuple[str, ...]
    values: np.ndarray
    role: str


@dataclass(frozen=True)
class Heat:
    """A matrix of numbers, shape (rows, columns), NaN where there is none; colours run from `low` to `high`."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: np.ndarray
    unit: str
    low: float
    high: float


Mark = Line | Points | Bars | Strips | Boxes | Heat


@dataclass(frozen=True)
class Panel:
    """Marks on common axes.

    Attributes
    ----------
    title, x_label, y_label : str
        Labels name the unit.
    marks : tuple of Mark
    limits : tuple of (float, str)
        Horizontal lines, each with what it limits; vertical ones where the marks are bars.
    bands : tuple of (float, float, str)
        Horizontal bands, each with what it says.
    shades : tuple of (float, float, str)
        Spans of x behind the marks, each with a role.
    window_s : tuple of float, optional
        Where x is the time of the trial: what of it is shown; a cursor then stands at the frame shown.
    """

    title: str
    x_label: str
    y_label: str
    marks: tuple[Mark, ...]
    limits: tuple[tuple[float, str], ...] = ()
    bands: tuple[tuple[float, float, str], ...] = ()
    shades: tuple[tuple[float, float, str], ...] = ()
    window_s: tuple[float, float] | None = None


@dataclass(frozen=True)
class Figure:
    """Panels that answer one question.

    Attributes
    ----------
    key : str
        Name of its files.
    title, caption : str
    panels : tuple of Panel
    """

    key: str
    title: str
    caption: str
    panels: tuple[Panel, ...]


def roles_of(panels: Sequence[Panel]) -> dict[str, str]:
    """Name -> role of the marks that a legend tells, in the order of their first appearance."""
    named = [
        (mark.name, mark.role)
        for panel in panels
        for mark in panel.marks
        if isinstance(mark, Line | Points | Boxes | Bars)
    ]
    return dict(reversed([(name, role) for name, role in reversed(named) if name]))
