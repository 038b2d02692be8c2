"""Gait templates: symmetric, periodic, in the model's ranges, and pushed by the ground as bodies are."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.cohorts.embedded.templates import (
    ANTISYMMETRIC,
    SYMMETRIC,
    GaitTemplate,
    gait_template,
    gait_templates,
)
from gaitload.conventions import SIDES
from gaitload.errors import ConfigError
from gaitload.mechanics.kinematics import motion
from gaitload.models.registry import find_model
from gaitload.opensim.export import export_mechanism

NAMES = ("walk", "run_2.5", "run_3.5", "run_4.5")
PHASE = np.linspace(0.0, 1.0, 200, endpoint=False)
LEG_M = 0.8614
"""Of the generic model."""
MIRROR = np.array([1.0, 1.0, -1.0])


@pytest.fixture(params=NAMES)
def template(request) -> GaitTemplate:
    return gait_template(request.param)


@pytest.fixture(scope="module")
def mechanism():
    return export_mechanism(find_model("rajagopal2015").path)


def _q(template: GaitTemplate, mechanism, phase: np.ndarray) -> np.ndarray:
    found = template.coordinates(phase, leg_length_m=LEG_M)
    names = mechanism.coordinate_names
    sources = [names[leader] for leader in mechanism.coordinates.leader]
    return np.column_stack([found.get(name, np.zeros(len(phase))) for name in sources])


def _placed(template: GaitTemplate, mechanism, phase: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    q = _q(template, mechanism, phase)
    rotation, position, _ = motion(mechanism.tree, q, np.zeros_like(q), np.zeros_like(q), simbody_bias=False)
    return rotation, position


def test_all_templates_are_there():
    assert tuple(gait_templates()) == NAMES
    assert [gait_template(name).speed_m_per_s for name in NAMES[1:]] == [2.5, 3.5, 4.5]
    assert [gait_template(name).people for name in NAMES] == [1, 12, 12, 12]


def test_an_unknown_template_is_refused():
    with pytest.raises(ConfigError, match="GAIT_TEMPLATE_UNKNOWN"):
        gait_template("hop")


def test_every_free_coordinate_of_the_model_is_named(template, mechanism):
    free = {
        name
        for index, name in enumerate(mechanism.coordinate_names)
        if mechanism.coordinates.leader[index] == index and not mechanism.coordinates.locked[index]
    }
    assert template.coordinates(PHASE, leg_length_m=1.0).keys() == free


def test_angles_stay_inside_the_ranges_of_the_generic_model(template, mechanism):
    q = _q(template, mechanism, PHASE)
    assert (q >= mechanism.coordinates.lower).all()
    assert (q <= mechanism.coordinates.upper).all()


def test_a_stride_later_everything_is_where_it_was(template):
    now, later = (template.coordinates(phase, leg_length_m=1.0) for phase in (PHASE, PHASE + 1.0))
    for name, values in now.items():
        np.testing.assert_allclose(later[name], values, atol=1e-12)


def test_half_a_stride_later_left_does_what_right_did(template):
    now, later = (template.coordinates(phase, leg_length_m=1.0) for phase in (PHASE, PHASE + 0.5))
    for name, values in now.items():
        stem, _, side = name.rpartition("_")
        other = {"r": f"{stem}_l", "l": f"{stem}_r"}.get(side, name)
        sign = -1.0 if name in ANTISYMMETRIC else 1.0
        np.testing.assert_allclose(later[other], sign * values, atol=1e-12)
    assert set(SYMMETRIC) | set(ANTISYMMETRIC) < now.keys()


def test_half_a_stride_later_the_model_is_its_mirror_image(template, mechanism):
    """Signs of the sides as the model has them. It is symmetric to 2 mm itself: hips, shoulders and arms."""
    _, now = _placed(template, mechanism, PHASE[::10])
    _, later = _placed(template, mechanism, PHASE[::10] + 0.5)
    for index, body in enumerate(mechanism.bodies):
        stem, _, side = body.rpartition("_")
        other = {"r": f"{stem}_l", "l": f"{stem}_r"}.get(side, body)
        mirrored = later[:, mechanism.bodies.index(other)] * MIRROR
        np.testing.assert_allclose(mirrored, now[:, index], atol=2e-3, err_msg=body)


def test_the_ground_carries_the_body(template):
    """Over a stride the mean vertical force of both feet is body weight, and nothing brakes or pushes aside.

    0.7 %: stance time and force are averaged one by one, and force below the threshold of contact is left out.
    """
    forces = sum(template.ground_force(template.stance_share(PHASE, side), side) for side in SIDES)
    mean = forces.mean(axis=0)
    assert mean[1] == pytest.approx(1.0, abs=0.01)
    np.testing.assert_allclose(mean[[0, 2]], 0.0, atol=0.005)


def test_feet_push_only_in_stance_and_only_downwards(template):
    for side in SIDES:
        share = template.stance_share(PHASE, side)
        force = template.ground_force(share, side)
        assert (force[np.isnan(share)] == 0.0).all()
        # A series of sines may swing a little below zero where the force begins and ends.
        assert force[:, 1].min() > -0.02
        assert template.ground_force(np.array([0.0, 1.0]), side) == pytest.approx(np.zeros((2, 3)), abs=1e-9)


def test_left_force_is_the_mirrored_right_force(template):
    share = np.linspace(0.0, 1.0, 11)
    right, left = (template.ground_force(share, side) for side in SIDES)
    np.testing.assert_array_equal(left, right * MIRROR)
    np.testing.assert_array_equal(template.free_moment(share, "l"), -template.free_moment(share, "r"))


def test_the_centre_of_pressure_lies_under_the_foot_and_on_the_floor(template, mechanism):
    """20 mm: shoes of the recorded people (soles 10 mm higher or lower), legs and feet of the generic proportions."""
    share = template.stance_share(PHASE, "r")
    pressed = (share > 0.05) & (share < 0.95)
    rotation, position = _placed(template, mechanism, PHASE[pressed])
    heel, toes = (mechanism.bodies.index(name) for name in ("calcn_r", "toes_r"))
    in_heel = template.centre_of_pressure(share[pressed], "r")
    ground = np.einsum("tij,tj->ti", rotation[:, heel], in_heel) + position[:, heel]
    assert np.abs(ground[:, 1]).max() < 0.02
    length_m = np.linalg.norm(position[0, toes] - position[0, heel])
    assert in_heel[:, 0].min() > 0.0
    assert in_heel[:, 0].max() < length_m + 0.07
    assert np.abs(in_heel[:, 2]).max() < 0.03


def test_the_foot_stands_on_the_belt(template, mechanism):
    """In mid-stance the heel goes back with the belt: as fast as somebody of this leg length walks or runs (5 %)."""
    share = template.stance_share(PHASE, "r")
    flat = (share > 0.3) & (share < 0.5)
    _, position = _placed(template, mechanism, PHASE[flat])
    ahead_m = position[:, mechanism.bodies.index("calcn_r"), 0]
    speed = np.polyfit(PHASE[flat] * template.stride_time_of(LEG_M), ahead_m, 1)[0]
    assert -speed == pytest.approx(template.speed_of(LEG_M), rel=0.05)


def test_walking_has_double_support_and_running_flight():
    duties = [gait_template(name).duty_factor for name in NAMES]
    assert duties[0] > 0.5 > duties[1]
    assert duties == sorted(duties, reverse=True)


def test_scaling_by_leg_length_keeps_the_dimensionless_speed(template):
    leg_m = 0.8
    own, theirs = template.speed_of(leg_m) / np.sqrt(leg_m), template.speed_m_per_s / np.sqrt(template.leg_length_m)
    assert own == pytest.approx(theirs)
    ratio = template.speed_of(leg_m) * template.stride_time_of(leg_m) / leg_m
    assert ratio == pytest.approx(template.speed_m_per_s * template.stride_time_s / template.leg_length_m)


def test_runs_say_how_people_and_strides_vary():
    varies = gait_template("run_3.5").variation
    assert 0.0 < varies["stride_time"].strides < varies["stride_time"].people_mean < 0.1
    assert 0.0 < varies["knee_angle"].strides < varies["knee_angle"].people_shape < np.radians(10.0)
    assert np.isnan(gait_template("walk").variation["knee_angle"].people_mean)
