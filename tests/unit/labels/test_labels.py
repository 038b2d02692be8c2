"""Labels against numbers that can be done in the head."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from gaitload.conventions import SIDES
from gaitload.labels import (
    achilles_tendon,
    ankle_contact,
    ground_reaction,
    in_every_unit,
    joint_moments,
    knee_compartments,
    patellar_tendon,
)


@pytest.mark.parametrize(("label", "muscles"), [(achilles_tendon, 3), (patellar_tendon, 4)])
def test_tendon_force_is_the_sum_of_its_muscles(loads, label, muscles):
    for side in SIDES:
        assert label.compute(loads)[f"{label.LABEL.name}_{side}"] == pytest.approx(100.0 * muscles)


def test_a_muscle_of_one_side_changes_that_side_only(loads):
    forces = dict(loads.tendon_forces_n) | {"soleus_l": np.full(4, 500.0)}
    columns = achilles_tendon.compute(dataclasses.replace(loads, tendon_forces_n=forces))
    assert columns["atf_l"] == pytest.approx(700.0)
    assert columns["atf_r"] == pytest.approx(300.0)


def test_contact_force_keeps_components_and_has_their_norm(loads):
    force = np.tile([300.0, -400.0, 1200.0], (4, 1))
    reactions = dict(loads.reactions) | {("ankle", "r"): (force, np.zeros((4, 3)))}
    columns = ankle_contact.compute(dataclasses.replace(loads, reactions=reactions))
    assert columns["acf_r_y"] == pytest.approx(-400.0)
    assert columns["acf_r_norm"] == pytest.approx(1300.0)
    assert columns["acf_l_norm"] == pytest.approx(1000.0)


def test_without_frontal_moment_the_compartments_share_the_load_equally(loads):
    columns = knee_compartments.compute(loads)
    assert columns["kcf_med_r"] == pytest.approx(500.0)
    assert columns["kcf_lat_r"] == pytest.approx(500.0)


def test_a_moment_loads_opposite_compartments_of_the_two_knees(with_knee_moment):
    # 10 N m over 50 mm are 200 N on the right, over 40 mm 250 N on the left, where lateral is at negative z.
    columns = knee_compartments.compute(with_knee_moment(10.0))
    assert columns["kcf_lat_r"] == pytest.approx(700.0)
    assert columns["kcf_med_r"] == pytest.approx(300.0)
    assert columns["kcf_lat_l"] == pytest.approx(250.0)
    assert columns["kcf_med_l"] == pytest.approx(750.0)


def test_compartments_are_what_two_point_forces_would_make(with_knee_moment):
    loads = with_knee_moment(12.0)
    columns = knee_compartments.compute(loads)
    half = loads.condylar_spacing_m["r"] / 2
    points = {"kcf_lat_r": [0, 0, half], "kcf_med_r": [0, 0, -half]}
    moment = sum(np.cross(at, [0, -columns[name][0], 0]) for name, at in points.items())
    assert moment[0] == pytest.approx(12.0)


@pytest.mark.parametrize("frontal_nm", [-200.0, -24.9, 0.0, 13.0, 500.0])
def test_compartments_never_pull_and_always_add_up(with_knee_moment, frontal_nm):
    for medial, lateral, _ in knee_compartments.split(with_knee_moment(frontal_nm)).values():
        assert min(medial.min(), lateral.min()) >= 0
        assert medial + lateral == pytest.approx(1000.0)


def test_a_pulling_compartment_is_set_to_zero_and_counted(with_knee_moment):
    medial, lateral, clamped = knee_compartments.split(with_knee_moment(40.0))["r"]
    assert medial == pytest.approx(0.0)
    assert lateral == pytest.approx(1000.0)
    assert clamped.all()


@pytest.mark.parametrize(("side", "towards_lateral"), [("r", 1), ("l", -1)])
def test_a_knee_that_stands_aside_loads_the_compartment_on_the_other_side_of_the_force(loads, side, towards_lateral):
    """600 N of the 1000 are not muscles'. 10 mm towards lateral, they pass 10 mm medial of the centre: 6 N m."""
    force = np.tile([0.0, -600.0, 0.0], (len(loads.time_s), 1))
    aside = dataclasses.replace(
        loads,
        knee_centre_aside_m={side: 0.01 * towards_lateral},
        knee_resultant_n={side: force},
    )
    medial, lateral, _ = knee_compartments.split(aside)[side]
    spacing = loads.condylar_spacing_m[side]
    np.testing.assert_allclose(medial, 500 + 6 / spacing)
    np.testing.assert_allclose(lateral, 500 - 6 / spacing)


def test_knee_moment_is_named_without_angle(loads):
    assert "knee_moment_r" in joint_moments.compute(loads)
    assert "ankle_moment_l" in joint_moments.compute(loads)


def test_force_labels_come_in_newton_and_body_weight(loads):
    columns = in_every_unit(ground_reaction.LABEL, ground_reaction.compute(loads), loads.mass_kg)
    newton, body_weight = columns["grf_r_y_n"][0], columns["grf_r_y_bw"][0]
    assert body_weight == pytest.approx(newton / (70.0 * 9.80665))


def test_moment_labels_come_in_newton_metre_and_per_kilogram(loads):
    columns = in_every_unit(joint_moments.LABEL, joint_moments.compute(loads), loads.mass_kg)
    assert columns["knee_moment_r_nm_per_kg"][0] == pytest.approx(50.0 / 70.0)
    assert columns["knee_moment_r_nm"][1] == "nm"
