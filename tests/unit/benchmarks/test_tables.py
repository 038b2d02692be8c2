"""Tables as they are shown."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks import tables


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.12345, "0.123"), (123.4, "123"), (2345.6, "2346"), (4.2e-5, "4.2e-05"), (-0.5, "-0.5")],
)
def test_numbers_have_three_figures(value, text):
    assert tables.figures(value) == text


def test_a_table_has_a_cell_for_everything():
    text = tables.table(["who", "ms"], [["api", 1.5], ["tools", None]])
    assert text == "| who | ms |\n| --- | --- |\n| api | 1.5 |\n| tools |  |\n"


def test_differences_are_over_everything():
    found = tables.differences(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 2.0], [3.0, 6.0]]))
    assert found == {"max": 2.0, "rms": 1.0}


def test_the_machine_is_told_without_its_name_or_its_folders():
    here = tables.machine()
    assert {"cores", "opensim", "numpy", "numba"} <= here.keys()
    assert "/" not in "".join(here.values())


def test_both_files_are_written(tmp_path):
    text = tables.document("Title", {"cores": "2"}, [("A sentence.", "| a |\n")])
    tables.write("speed", {"b": 1, "a": 2.5}, text, tmp_path)
    assert list(json.loads((tmp_path / "speed.json").read_text()).items()) == [("b", 1), ("a", 2.5)]
    assert (tmp_path / "speed.md").read_text() == "# Title\n\nMeasured on: cores 2.\n\nA sentence.\n\n| a |\n"
