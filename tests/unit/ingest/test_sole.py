"""A sole has the breadth of a foot, however few of its landmarks are known."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from gaitload.conventions import LATERAL_SIGN, SIDES
from gaitload.ingest.rigid import fit_upright, place, spans_plane
from gaitload.ingest.sole import sole_of

FOOT = {
    "heel": (0.0, 0.02, 0.0),
    "mt1": (0.19, 0.03, -0.05),
    "mt2": (0.19, 0.05, -0.01),
    "mt5": (0.17, 0.02, 0.055),
    "toe": (0.26, 0.02, 0.0),
    "hallux": (0.26, 0.02, -0.03),
}
"""A right foot of 26 cm."""
FORE = [name for name in FOOT if name != "heel"]
SUBSETS = [subset for count in (1, 2, 3) for subset in combinations(FORE, count)]


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("known", SUBSETS, ids="+".join)
def test_a_sole_never_collapses_and_covers_the_foot(side: str, known: tuple[str, ...]) -> None:
    mirror = np.array([1.0, 1.0, LATERAL_SIGN[side]])
    found = {name: np.array(FOOT[name]) * mirror for name in ("heel", *known)}
    corners, ahead_m = sole_of(side, found, 0.0)
    breadth = np.linalg.norm(corners[1] - corners[2])
    assert 0.06 < breadth < 0.15
    assert LATERAL_SIGN[side] * (corners[1] - corners[2])[2] > 0, "the outer side is outside"
    ball = corners[1:3].mean(axis=0)
    assert abs(ball[2]) < 0.03, "the ball lies ahead of the heel"
    assert 0.2 < corners[1:3, 0].mean() + ahead_m.mean() < 0.33


def test_markers_of_a_foot_on_one_line_do_not_make_it_a_line() -> None:
    found = {"heel": np.zeros(3), "mt1": np.array([0.18, 0.0, 0.001]), "mt5": np.array([0.17, 0.0, 0.0])}
    corners, _ = sole_of("r", found, 0.0)
    assert np.linalg.norm(corners[1] - corners[2]) > 0.06


def test_a_foot_without_heel_or_forefoot_has_no_sole() -> None:
    assert sole_of("r", {"mt5": np.ones(3)}, 0.0) is None
    assert sole_of("r", {"heel": np.ones(3)}, 0.0) is None


def test_two_markers_and_the_vertical_place_a_foot() -> None:
    shape = np.array([FOOT["heel"], FOOT["mt5"]])
    assert not spans_plane(shape)
    turn, pitch = np.radians(30), np.radians(20)
    yaw = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    tilt = np.array([[np.cos(pitch), -np.sin(pitch), 0], [np.sin(pitch), np.cos(pitch), 0], [0, 0, 1]])
    # The foot pitches about the axis perpendicular to its line of markers.
    along = np.arctan2(0.055, 0.17)
    line = np.array([[np.cos(along), 0, np.sin(along)], [0, 1, 0], [-np.sin(along), 0, np.cos(along)]])
    rotation = yaw @ line.T @ tilt @ line
    moved = place(shape, rotation[None], np.array([[1.0, 0.1, 2.0]]))
    found, origin = fit_upright(shape, moved)
    toe = np.array([FOOT["toe"]])
    assert place(toe, found, origin) == pytest.approx(place(toe, rotation[None], np.array([[1.0, 0.1, 2.0]])), abs=0.01)
