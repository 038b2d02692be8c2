"""Joint centres and scale factors from geometry that is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaitload.models.anthropometry import (
    BESIDE_LATERAL,
    BY_WIDTH,
    HIP_DISAGREEMENT_MAX_M,
    centres_beside_lateral,
    handsfield_strength_factor,
    harrington_hip_centres,
    joint_centres,
    scale_factors,
    with_asis_apart,
)
from gaitload.models.family import Measurement

WIDTH_M, DEPTH_M = 0.24, 0.16


@pytest.fixture
def pelvis() -> dict[str, np.ndarray]:
    """A level pelvis that faces +x."""
    return {
        "asis_r": np.array([0.0, 1.0, WIDTH_M / 2]),
        "asis_l": np.array([0.0, 1.0, -WIDTH_M / 2]),
        "psis_r": np.array([-DEPTH_M, 1.0, 0.04]),
        "psis_l": np.array([-DEPTH_M, 1.0, -0.04]),
    }


def test_hip_centres_follow_the_published_equations(pelvis):
    # Harrington 2007 in mm: behind 0.24 x 160 + 9.9, below 0.30 x 240 + 10.9, beside 0.33 x 240 + 7.3.
    centres = harrington_hip_centres(pelvis)
    assert centres["hip_centre_r"] == pytest.approx([-0.0483, 1.0 - 0.0829, 0.0865])
    assert centres["hip_centre_l"] == pytest.approx([-0.0483, 1.0 - 0.0829, -0.0865])


@given(st.floats(-np.pi, np.pi), st.floats(-1, 1))
def test_hip_centres_turn_with_the_pelvis(angle, forward):
    points = {
        "asis_r": np.array([0.0, 1.0, 0.12]),
        "asis_l": np.array([0.0, 1.0, -0.12]),
        "sacrum": np.array([-0.16, 1.02, 0.0]),
    }
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    move = np.array([forward, 0.1, -0.2])
    turned = harrington_hip_centres({name: turn @ point + move for name, point in points.items()})
    for name, centre in harrington_hip_centres(points).items():
        assert turned[name] == pytest.approx(turn @ centre + move)


def test_a_measured_hip_centre_is_preferred_to_the_regression(pelvis):
    measured = harrington_hip_centres(pelvis)["hip_centre_r"] + [0.01, 0.0, 0.0]
    centres, sources = joint_centres(pelvis | {"hip_centre_r": measured})
    assert centres["hip_centre_r"] == pytest.approx(measured)
    assert (sources["hip_centre_r"], sources["hip_centre_l"]) == ("measured", "regression")


def test_an_implausible_measured_hip_centre_is_replaced_and_reported(pelvis):
    regression = harrington_hip_centres(pelvis)["hip_centre_r"]
    measured = regression + np.array([0.0, 0.0, HIP_DISAGREEMENT_MAX_M + 0.01])
    centres, sources = joint_centres(pelvis | {"hip_centre_r": measured})
    assert centres["hip_centre_r"] == pytest.approx(regression)
    assert sources["hip_centre_r"] == "regression, measured one is off by 40 mm"


def test_knee_centre_is_between_its_markers():
    points = {"knee_lateral_r": np.array([0.0, 0.5, 0.15]), "knee_medial_r": np.array([0.02, 0.5, 0.05])}
    centres, sources = joint_centres(points)
    assert centres["knee_centre_r"] == pytest.approx([0.01, 0.5, 0.10])
    assert sources == {"knee_centre_r": "midpoint"}


def test_scale_factors_are_ratios_of_distances_along_the_axes_asked_for():
    generic = {"a": np.zeros(3), "b": np.array([0.0, 0.4, 0.0]), "c": np.array([0.1, 0.0, 0.0])}
    subject = {"a": np.zeros(3), "b": np.array([0.0, 0.0, 0.5]), "c": np.array([0.09, 0.0, 0.0])}
    measurements = [
        Measurement(bodies=("femur_r",), axes="xyz", pairs=(("a", "b"),)),
        Measurement(bodies=("pelvis",), axes="x", pairs=(("a", "c"), ("a", "unseen"))),
    ]
    factors = scale_factors(subject, generic, measurements)
    assert factors["femur_r"] == pytest.approx([1.25, 1.25, 1.25])
    assert factors["pelvis"][0] == pytest.approx(0.9)
    assert np.isnan(factors["pelvis"][1:]).all()


def test_strength_of_the_generic_person_is_not_changed():
    assert handsfield_strength_factor(mass_kg=75, height_m=1.7, generic_mass_kg=75, generic_height_m=1.7) == 1.0


def test_strength_grows_with_mass_as_published():
    # 47.05 x 90 x 1.9 + 1289.6 = 9335.2 cm3 over 47.05 x 75 x 1.7 + 1289.6 = 7288.5 cm3.
    factor = handsfield_strength_factor(mass_kg=90, height_m=1.9, generic_mass_kg=75, generic_height_m=1.7)
    assert factor == pytest.approx(9335.15 / 7288.475, rel=1e-6)


def test_the_asis_are_brought_to_the_distance_measured_on_the_body(pelvis):
    nearer = with_asis_apart(pelvis, 0.2)
    assert nearer["asis_r"] == pytest.approx([0.0, 1.0, 0.1])
    assert nearer["asis_l"] == pytest.approx([0.0, 1.0, -0.1])
    assert nearer["psis_r"] is pelvis["psis_r"]
    assert with_asis_apart(pelvis, None) == pelvis
    assert harrington_hip_centres(nearer)["hip_centre_r"][2] == pytest.approx(0.33 * 0.2 + 0.0073)


def test_a_measured_width_puts_the_centre_half_of_it_and_of_the_marker_inside(pelvis):
    legs = {
        f"{joint}_lateral_{side}": np.array([0.0, height, sign * 0.1])
        for joint, height in (("knee", 0.5), ("ankle", 0.1))
        for side, sign in (("r", 1), ("l", -1))
    }
    centres = {
        f"{joint}_centre_{side}": np.array([0.01, height, sign * 0.06])
        for joint, height in (("knee", 0.5), ("ankle", 0.1))
        for side, sign in (("r", 1), ("l", -1))
    }
    generic = pelvis | legs | centres
    lengths = {"knee_width_r_m": 0.09, "knee_width_l_m": 0.1, "marker_diameter_m": 0.01}
    found, sources = centres_beside_lateral(pelvis | legs, generic, lengths)
    assert found["knee_centre_r"] == pytest.approx([0.01, 0.5, 0.05])
    assert found["knee_centre_l"] == pytest.approx([0.01, 0.5, -0.045])
    assert found["ankle_centre_r"] == pytest.approx([0.01, 0.1, 0.06])
    assert (sources["knee_centre_l"], sources["ankle_centre_l"]) == (BY_WIDTH, BESIDE_LATERAL)
