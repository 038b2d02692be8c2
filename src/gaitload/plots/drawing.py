"""Figures on paper: SVG and PNG by matplotlib, without a display."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Sheet
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from gaitload.io.files import write_aside
from gaitload.plots.figure import Bars, Boxes, Figure, Heat, Line, Panel, Points, Strips, roles_of
from gaitload.plots.palette import STYLES

COLUMNS = 3
PANEL_INCHES = (3.6, 2.3)
MARGIN_INCHES = 0.8
GAP_INCHES = (0.75, 0.8)
PNG_DPI = 100
TICKS = 4
"""Of an axis of numbers at most; each costs a millisecond."""
DASHES = {"solid": "-", "dash": (0, (5, 2)), "dot": (0, (1, 1.5))}
_SETTINGS = {
    "font.size": 8,
    "svg.fonttype": "none",
    "svg.hashsalt": "gaitload",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 9,
    "lines.linewidth": 1.2,
    "path.simplify_threshold": 0.5,
    # Names of markers may hold dollar signs, and are no formulas.
    "text.parse_math": False,
}


def draw(figure: Figure, folder: Path) -> None:
    """Write `<key>.svg` and `<key>.png` into a folder; equal figures are equal bytes."""
    with mpl.rc_context(_SETTINGS):
        sheet = _sheet(figure)
        with write_aside(folder / f"{figure.key}.svg") as aside:
            sheet.savefig(aside, metadata={"Date": None, "Creator": None})
        with write_aside(folder / f"{figure.key}.png") as aside:
            sheet.savefig(aside, dpi=PNG_DPI, metadata={"Software": None}, pil_kwargs={"compress_level": 3})


def _sheet(figure: Figure) -> Sheet:
    columns = min(COLUMNS, len(figure.panels))
    rows = -(-len(figure.panels) // columns)
    # Places are worked out by hand: the layout engine of matplotlib takes longer than everything else here.
    width = columns * PANEL_INCHES[0] + (columns - 1) * GAP_INCHES[0] + 1.6 * MARGIN_INCHES
    height = rows * PANEL_INCHES[1] + (rows - 1) * GAP_INCHES[1] + 2.1 * MARGIN_INCHES
    sheet = Sheet(figsize=(width, height))
    FigureCanvasAgg(sheet)
    for place, panel in enumerate(figure.panels):
        row, column = divmod(place, columns)
        left = 0.95 * MARGIN_INCHES + column * (PANEL_INCHES[0] + GAP_INCHES[0])
        top = 1.2 * MARGIN_INCHES + row * (PANEL_INCHES[1] + GAP_INCHES[1])
        box = (left / width, 1 - (top + PANEL_INCHES[1]) / height, PANEL_INCHES[0] / width, PANEL_INCHES[1] / height)
        _draw_panel(sheet.add_axes(box), panel)
    sheet.text(0.2 * MARGIN_INCHES / width, 1 - 0.3 * MARGIN_INCHES / height, figure.title, fontsize=11, weight="bold")
    _legend(sheet, figure)
    return sheet


def _legend(sheet: Sheet, figure: Figure) -> None:
    told = roles_of(figure.panels)
    if len(told) < 2:
        return
    handles = [Line2D([], [], color=STYLES[role][0], linestyle=DASHES[STYLES[role][1]]) for role in told.values()]
    sheet.legend(handles, list(told), loc="upper right", ncols=min(8, len(told)), frameon=False)


def _draw_panel(axes: Axes, panel: Panel) -> None:
    # A place of its own: matplotlib would measure every label to find one.
    axes.set_title(panel.title, y=1.02)
    axes.set_xlabel(panel.x_label)
    axes.set_ylabel(panel.y_label)
    bars = any(isinstance(mark, Bars) for mark in panel.marks)
    for role in sorted({role for _, _, role in panel.shades}):
        spans = [(start, end - start) for start, end, each in panel.shades if each == role]
        across = axes.get_xaxis_transform()
        axes.broken_barh(spans, (0.0, 1.0), transform=across, color=STYLES[role][0], alpha=0.08, linewidth=0)
    for low, high, text in panel.bands:
        axes.axhspan(low, high, color=STYLES["passed"][0], alpha=0.10, linewidth=0)
        axes.text(0.0, high, text, transform=axes.get_yaxis_transform(), va="top", fontsize=6, color="#5F6B76")
    for value, text in panel.limits:
        (axes.axvline if bars else axes.axhline)(value, color=STYLES["reference"][0], linestyle=":", linewidth=1)
        place = (value, 1.0, "left") if bars else (1.0, value, "right")
        across = axes.get_xaxis_transform() if bars else axes.get_yaxis_transform()
        axes.text(
            *place[:2], text, transform=across, ha=place[2], va="bottom", fontsize=6, color=STYLES["reference"][0]
        )
    for mark in panel.marks:
        _DRAWN[type(mark)](axes, mark)
    if panel.window_s:
        axes.set_xlim(panel.window_s)
        axes.xaxis.set_major_locator(MaxNLocator(TICKS))
    if panel.marks and isinstance(panel.marks[0], Line):
        axes.yaxis.set_major_locator(MaxNLocator(TICKS))


def _line(axes: Axes, mark: Line) -> None:
    colour, dash = STYLES[mark.role]
    if mark.low is not None:
        axes.fill_between(mark.x, mark.low, mark.high, color=colour, alpha=0.2, linewidth=0)
    axes.plot(mark.x, mark.y, color=colour, linestyle=DASHES[dash])


def _points(axes: Axes, mark: Points) -> None:
    axes.plot(mark.x, mark.y, "o", color=STYLES[mark.role][0], markersize=3.5, alpha=0.8)


def _bars(axes: Axes, mark: Bars) -> None:
    places = np.arange(len(mark.names))
    axes.barh(places, mark.values, color=STYLES[mark.role][0], height=0.8, alpha=0.9)
    axes.set_yticks(places, mark.names, fontsize=max(3, min(7, 150 / max(1, len(mark.names)))))
    axes.invert_yaxis()


def _strips(axes: Axes, mark: Strips) -> None:
    for row, start, end, role, _ in mark.spans:
        axes.barh(mark.rows.index(row), end - start, left=start, color=STYLES[role][0], height=0.6, alpha=0.7)
    for place, row in enumerate(mark.rows):
        # Inside, where the names take no room from the axis of time.
        axes.text(0.01, place - 0.32, row, transform=axes.get_yaxis_transform(), fontsize=6, va="bottom")
    axes.set_yticks([])
    axes.set_ylim(len(mark.rows) - 0.5, -0.7)


def _boxes(axes: Axes, mark: Boxes) -> None:
    names = list(dict.fromkeys(mark.groups))
    groups = np.array(mark.groups)
    samples = [mark.values[(groups == name) & np.isfinite(mark.values)] for name in names]
    colour = STYLES[mark.role][0]
    lines = {part: {"color": colour} for part in ("boxprops", "whiskerprops", "capprops", "medianprops")}
    axes.boxplot(samples, tick_labels=names, flierprops={"markersize": 2, "markeredgecolor": colour}, **lines)
    axes.tick_params(axis="x", labelrotation=60, labelsize=6)


def _heat(axes: Axes, mark: Heat) -> None:
    image = axes.imshow(mark.values, aspect="auto", cmap="cividis", vmin=mark.low, vmax=mark.high)
    axes.set_xticks(range(len(mark.columns)), mark.columns, rotation=40, ha="right", fontsize=6)
    axes.set_yticks(range(len(mark.rows)), mark.rows, fontsize=6)
    axes.figure.colorbar(image, ax=axes, label=mark.unit)


_DRAWN = {Line: _line, Points: _points, Bars: _bars, Strips: _strips, Boxes: _boxes, Heat: _heat}
