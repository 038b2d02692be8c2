"""Colours that can be told apart."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from gaitload.plots.palette import SERIES, STYLES, series_role

# Machado et al. 2009, IEEE Trans. Vis. Comput. Graph. 15:1291: no red and no green cones, linear RGB.
BLINDNESS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}


def seen(colour: str, by: str) -> np.ndarray:
    """Linear RGB of a colour as somebody sees it."""
    parts = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return np.clip(np.array(BLINDNESS[by]) @ linear, 0.0, 1.0)


@pytest.mark.parametrize("by", BLINDNESS)
def test_sides_and_series_differ_without_red_or_green_cones(by: str) -> None:
    for first, second in [("right", "left"), *combinations(SERIES, 2)]:
        apart = np.linalg.norm(seen(STYLES[first][0], by) - seen(STYLES[second][0], by))
        assert apart > 0.08 or STYLES[first][1] != STYLES[second][1], (first, second)


def test_sides_differ_on_grey_paper() -> None:
    assert STYLES["right"][1] != STYLES["left"][1]


def test_series_repeat_after_the_last() -> None:
    assert series_role(len(SERIES)) == series_role(0)
