"""Figures on paper."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
from matplotlib.image import imread

from gaitload.plots.drawing import draw
from gaitload.plots.figure import Bars, Boxes, Figure, Heat, Line, Panel, Points, Strips

X = np.linspace(0.0, 1.0, 50)
MARKS = {
    "line": Line("right", X, np.where(X < 0.5, X, np.nan), "right", X - 0.1, X + 0.1),
    "points": Points("trial", np.array(["walk", "run"]), np.array([1.0, 2.0]), "one", ("a", "b")),
    "bars": Bars("error", ("LASI", "RASI"), np.array([1.0, 2.0]), "two"),
    "strips": Strips(("right", "left"), (("right", 0.2, 0.4, "right", "plate 1"),)),
    "boxes": Boxes("estimator", ("lstm", "lstm", "gru"), np.array([1.0, 2.0, np.nan]), "three"),
    "heat": Heat(("pelvis",), ("atf", "kcf"), np.array([[0.4, np.nan]]), "R²", 0.0, 1.0),
}


def figure_of(kind: str) -> Figure:
    panel = Panel("Title", "x", "y", (MARKS[kind],), limits=((0.5, "limit"),), bands=((0.1, 0.2, "band"),))
    return Figure(kind, "Figure", "", (replace(panel, shades=((0.1, 0.3, "right"),)),))


@pytest.mark.parametrize("kind", MARKS)
def test_every_mark_is_drawn(kind: str, tmp_path) -> None:
    draw(figure_of(kind), tmp_path)
    assert len(np.unique(imread(tmp_path / f"{kind}.png").reshape(-1, 4), axis=0)) > 20
    assert (tmp_path / f"{kind}.svg").read_text().rstrip().endswith("</svg>")


def test_names_from_files_are_drawn_as_they_stand(tmp_path) -> None:
    name = r"$\nothing$ <b>&"
    bars = Bars(name, (name, "RASI"), np.array([1.0, 2.0]), "two")
    draw(Figure("named", name, name, (Panel(name, name, name, (bars,)),)), tmp_path)
    texts = re.findall("<text[^>]*>([^<]*)</text>", (tmp_path / "named.svg").read_text())
    assert list(map(unescape, texts)).count(name) == 5, "title, panel, both axes and bar"


def test_equal_figures_are_equal_bytes(tmp_path) -> None:
    for place in ("a", "b"):
        draw(figure_of("line"), tmp_path / place)
    for suffix in (".png", ".svg"):
        first, second = ((tmp_path / place / f"line{suffix}").read_bytes() for place in ("a", "b"))
        assert first == second


def test_what_is_shown_is_the_window(tmp_path) -> None:
    whole = figure_of("line")
    cut = replace(whole, panels=(replace(whole.panels[0], window_s=(0.0, 0.2)),))
    draw(whole, tmp_path / "whole")
    draw(cut, tmp_path / "cut")
    pictures = [imread(tmp_path / place / "line.png") for place in ("whole", "cut")]
    assert pictures[0].shape == pictures[1].shape
    assert not np.array_equal(*pictures)
