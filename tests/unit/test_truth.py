"""Labels against the truth."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.trial import Step
from gaitload.truth import ANGLES, BOUNDS, LOADS, MOMENTS, compare, compare_clocks, compare_feet

MASS_KG = 80.0
WEIGHT_N = 80.0 * 9.80665
TIME_S = np.arange(301) / 100.0
INNER = slice(30, 271)
"""Frames that are compared."""


@pytest.fixture
def truth() -> dict[str, np.ndarray]:
    """Three seconds of everything compared: moments peak at 50 N m, each foot carries half, the right in strides."""
    wave = np.sin(2 * np.pi * TIME_S)
    columns = {"time_s": TIME_S}
    for side in "rl":
        columns |= {f"{name}_{side}_rad": 0.5 * wave for name in ANGLES}
        columns |= {f"{name}_{side}_nm": 50.0 * wave for name in MOMENTS}
        for name in LOADS:
            label, _, component = name.partition("_")
            columns["_".join(part for part in (label, side, component, "bw") if part)] = 3.0 + wave
        columns |= {f"grf_{side}_{axis}_n": np.full(301, WEIGHT_N / 2 * (axis == "y")) for axis in "xyz"}
        columns |= {f"cop_{side}_{axis}_m": 0.1 + 0.01 * wave for axis in "xyz"}
        columns[f"contact_{side}"] = (TIME_S % 1.0 < 0.6) == (side == "r")
    return columns


@pytest.fixture
def labels(truth) -> dict[str, np.ndarray]:
    """The same, with a column nobody knows the truth of."""
    return {name: values.copy() for name, values in truth.items()} | {"uncertain_bw": np.zeros(301)}


KNOWN = np.zeros((301, 2), dtype=bool)
"""Mask of unknown frames and legs: none is unknown."""


def compared(labels, truth, residual_bw: float = 0.0, unknown: np.ndarray = KNOWN):
    """All comparisons."""
    return compare(labels, truth, unknown=unknown, mass_kg=MASS_KG, residual_bw=residual_bw)


def test_the_truth_itself_is_without_error(labels, truth):
    rows = compared(labels, truth)
    assert all(row.ok and row.error < 1e-12 for row in rows)
    assert {row.quantity for row in rows} == BOUNDS.keys() - {"foot_assignment", "sync"}


@pytest.mark.parametrize(
    ("column", "off", "quantity", "error"),
    [
        ("knee_angle_l_rad", np.radians(2.0), "knee_angle", 2.0),
        ("hip_flexion_moment_r_nm", 5.0, "hip_flexion_moment", 0.1),
        ("atf_r_bw", 0.5, "atf", 0.5),
        ("kcf_l_norm_bw", -0.7, "kcf_norm", 0.7),
        ("cop_l_x_m", 0.004, "centre_of_pressure", 4.0),
    ],
)
def test_an_error_on_one_side_is_found_with_its_size_and_nowhere_else(labels, truth, column, off, quantity, error):
    labels[column] += off
    found = {row.quantity: row.error for row in compared(labels, truth)}
    assert found.pop(quantity) == pytest.approx(error, rel=1e-6)
    assert max(found.values()) < 1e-9
    assert [row.quantity for row in compared(labels, truth) if not row.ok] == [quantity]


def test_weight_that_is_missing_shows_in_every_frame_and_over_strides(labels, truth):
    labels["grf_r_y_n"] -= 0.1 * WEIGHT_N
    found = {row.quantity: row.error for row in compared(labels, truth) if row.error > 1e-9}
    assert found == pytest.approx({"vertical_force": 0.1, "body_weight": 0.1})


@pytest.mark.parametrize("contact", [np.ones(301, dtype=bool), TIME_S > 1.0])
def test_a_trial_of_less_than_a_stride_is_not_held_against_body_weight(labels, truth, contact):
    truth["contact_r"] = contact
    labels["grf_r_y_n"] -= 0.01 * WEIGHT_N
    rows = compared(labels, truth)
    assert all(row.ok for row in rows)
    assert {row.quantity for row in rows} == BOUNDS.keys() - {"foot_assignment", "body_weight", "sync"}


def test_a_truth_that_nobody_carries_is_not_ok(labels, truth):
    assert [row.quantity for row in compared(labels, truth, residual_bw=0.03) if not row.ok] == ["residual_of_truth"]


def test_a_missing_frame_is_not_ok_unless_it_is_at_an_end(labels, truth):
    labels["ankle_angle_r_rad"][100] = np.nan
    labels["knee_angle_r_rad"][3] = np.nan
    assert [row.quantity for row in compared(labels, truth) if not row.ok] == ["ankle_angle"]


def of_side(labels: dict, side: str) -> list[str]:
    """Label columns of a leg, without its contact."""
    return [name for name in labels if side in name.split("_") and not name.startswith("contact")]


@pytest.mark.parametrize("side", ["r", "l"])
def test_a_leg_of_which_nothing_is_known_is_left_out_in_those_frames_and_in_no_others(labels, truth, side):
    lost = KNOWN.copy()
    lost[210:226, "rl".index(side)] = True
    for name in of_side(labels, side):
        labels[name][210:226] = np.nan
    rows = compared(labels, truth, unknown=lost)
    assert all(row.ok and row.error < 1e-12 for row in rows)
    assert {row.quantity for row in rows} == BOUNDS.keys() - {"foot_assignment", "sync"}
    assert {row.quantity for row in compared(labels, truth) if row.ok} == {"residual_of_truth", "body_weight"}
    labels[f"atf_{side}_bw"][226] = np.nan
    assert [row.quantity for row in compared(labels, truth, unknown=lost) if not row.ok] == ["atf"]


def test_a_trial_of_which_nothing_is_known_is_not_ok(labels, truth):
    rows = compared(labels, truth, unknown=~KNOWN)
    assert [row.quantity for row in rows if row.ok] == ["residual_of_truth"]


def test_a_stride_that_is_not_all_known_weighs_nobody(labels, truth):
    lost = KNOWN.copy()
    lost[150, 0] = True
    assert "body_weight" not in {row.quantity for row in compared(labels, truth, unknown=lost)}


def test_a_centre_of_pressure_in_the_air_is_not_compared(labels, truth):
    for columns in (labels, truth):
        columns["grf_l_y_n"][:150] = 0.0
    labels["cop_l_x_m"][:150] = np.nan
    assert next(row for row in compared(labels, truth) if row.quantity == "centre_of_pressure").ok


def test_every_second_that_was_not_given_to_the_foot_that_stood_there_counts(truth):
    def step(side: str | None, start_s: float, end_s: float) -> Step:
        return Step("belt", side, start_s, end_s, 700.0, -0.02, 0.2, 0.0, 1.0, True, "")

    right = [step("r", number, number + 0.6) for number in range(3)]
    left = [step("l", number + 0.6, number + 1.0) for number in range(3)]
    assert compare_feet([*right, *left], truth).error == 0.0
    # A threshold that is crossed a frame later is no other foot.
    assert compare_feet([*right, *(step("l", one.start_s + 0.01, one.end_s) for one in left)], truth).ok
    # Without two frames at either end of a contact and 0.3 s of the trial: 28 + 56 + 56 frames of the right foot,
    # 36 + 36 + 9 of the left.
    assert compare_feet(right, truth).error == pytest.approx(81 / 221)
    swapped = [step("l", one.start_s, one.end_s) for one in right]
    assert compare_feet([*swapped, *left], truth).error == pytest.approx(140 / 221)
    assert not compare_feet([*right, *left[:2], step(None, 2.6, 3.0)], truth).ok
    assert not compare_feet([], truth).ok


def test_clocks_are_compared_at_the_end_where_they_are_furthest_apart():
    truth = {"offset_s": -0.5, "skew": 3e-5}
    assert compare_clocks(truth, truth, TIME_S).error == pytest.approx(0.0, abs=1e-9)
    assert compare_clocks(truth | {"offset_s": -0.496}, truth, TIME_S).error == pytest.approx(4.0)
    # 1000 ppm over the 3.5 s that the sensors' clock shows at the end.
    off = compare_clocks(truth | {"skew": 1.03e-3}, truth, TIME_S)
    assert off.error == pytest.approx(3.5, rel=1e-3) and off.ok
    assert not compare_clocks(truth | {"offset_s": 0.2}, truth, TIME_S).ok
