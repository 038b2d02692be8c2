"""Labels against the truth."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.truth import ANGLES, MOMENTS, compare, compare_feet

MASS_KG = 80.0
TIME_S = np.arange(101) / 100.0
FEET = {"plate_1": "r", "plate_2": "l"}


@pytest.fixture
def truth() -> dict[str, np.ndarray]:
    """A second of everything that is compared; moments peak at 50 N m, each foot carries half the weight."""
    wave = np.sin(2 * np.pi * TIME_S)
    columns = {"time_s": TIME_S}
    for side in "rl":
        columns |= {f"{name}_{side}_rad": 0.5 * wave for name in ANGLES}
        columns |= {f"{name}_{side}_nm": 50.0 * wave for name in MOMENTS}
        columns |= {f"grf_{side}_{axis}_n": np.full(101, 400.0 * (axis == "y")) for axis in "xyz"}
        columns |= {f"cop_{side}_{axis}_m": 0.1 + 0.01 * wave for axis in "xyz"}
    return columns


@pytest.fixture
def labels(truth) -> dict[str, np.ndarray]:
    """The same in the middle of it, with a column nobody knows the truth of."""
    inner = slice(20, 80)
    return {name: values[inner].copy() for name, values in truth.items()} | {"atf_r_bw": np.zeros(60)}


def errors(labels, truth) -> dict[str, float]:
    """Error by quantity."""
    return {row.quantity: row.error for row in compare(labels, truth, mass_kg=MASS_KG)}


def test_the_truth_itself_is_without_error(labels, truth):
    rows = compare(labels, truth, mass_kg=MASS_KG)
    assert all(row.ok and row.error < 1e-12 for row in rows)
    assert len(rows) == 8


@pytest.mark.parametrize(
    ("column", "off", "quantity", "error"),
    [
        ("knee_angle_l_rad", np.radians(2.0), "knee_angle", 2.0),
        ("hip_flexion_moment_r_nm", 5.0, "hip_flexion_moment", 0.1),
        ("grf_r_y_n", 8.0 * 9.80665, "vertical_force", 0.1),
        ("cop_l_x_m", 0.004, "centre_of_pressure", 4.0),
    ],
)
def test_an_error_on_one_side_is_found_with_its_size_and_nowhere_else(labels, truth, column, off, quantity, error):
    labels[column] += off
    found = errors(labels, truth)
    assert found.pop(quantity) == pytest.approx(error, rel=1e-6)
    assert max(found.values()) < 1e-9
    assert [row.quantity for row in compare(labels, truth, mass_kg=MASS_KG) if not row.ok] == [quantity]


def test_a_missing_frame_is_not_ok(labels, truth):
    labels["ankle_angle_r_rad"][3] = np.nan
    assert [row.quantity for row in compare(labels, truth, mass_kg=MASS_KG) if not row.ok] == ["ankle_angle"]


def test_every_second_on_the_wrong_foot_counts():
    def step(plate: str, side: str | None, start_s: float, end_s: float) -> dict:
        return {"plate": plate, "side": side, "start_s": start_s, "end_s": end_s}

    right, left = step("plate_1", "r", 0.0, 2.0), step("plate_2", "l", 0.0, 1.0)
    assert compare_feet([right, left], FEET).ok
    assert compare_feet([right, left, step("plate_2", None, 1.0, 2.0)], FEET).error == pytest.approx(0.25)
    assert compare_feet([right, step("plate_2", "r", 0.0, 2.0)], FEET).error == pytest.approx(0.5)
    assert not compare_feet([right], FEET).ok
    assert not compare_feet([], FEET).ok
