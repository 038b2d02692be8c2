"""The numbers of a figure as a table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gaitload.plots.figure import Bars, Figure, Heat, Line, Panel, Strips
from gaitload.plots.tables import figure_table, write_table_of

TIME = np.arange(4) / 100


def figure(*marks) -> Figure:
    return Figure("f", "F", "", (Panel("Force", "time (s)", "BW", marks),))


def test_lines_that_share_their_time_stand_side_by_side() -> None:
    band = Line("right", TIME, TIME * 2, "right", TIME, TIME * 3)
    table = figure_table(figure(band, Line("left", TIME, TIME * 4, "left")))
    assert list(table) == [
        "time (s)",
        "Force (BW)|right",
        "Force (BW)|right|low",
        "Force (BW)|right|high",
        "Force (BW)|left",
    ]
    np.testing.assert_array_equal(table["Force (BW)|left"], TIME * 4)


def test_strips_say_in_which_frames_they_hold() -> None:
    strips = Strips(("stance", "swing"), (("stance", 0.01, 0.02, "right", "plate 1"),))
    table = figure_table(figure(Line("right", TIME, TIME, "right"), strips))
    assert table["Force (BW)|stance"].tolist() == [0, 1, 1, 0]
    assert table["Force (BW)|swing"].tolist() == [0, 0, 0, 0]


def test_marks_without_a_common_time_stand_one_below_another() -> None:
    heat = Heat(("pelvis",), ("atf", "kcf"), np.array([[0.4, np.nan]]), "R²", 0.0, 1.0)
    table = figure_table(figure(Bars("error", ("LASI",), np.array([4.0]), "one"), heat))
    assert table[["series", "x"]].to_numpy().tolist() == [["error", "LASI"], ["pelvis", "atf"], ["pelvis", "kcf"]]
    assert table["y"].tolist()[:2] == [4.0, 0.4]


def test_a_table_is_read_back(tmp_path) -> None:
    write_table_of(figure(Line("right", TIME, TIME / 3, "right")), tmp_path / "f.csv")
    np.testing.assert_allclose(pd.read_csv(tmp_path / "f.csv")["Force (BW)|right"], TIME / 3, rtol=1e-5)
