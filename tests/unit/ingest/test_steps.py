"""Contacts on soles and plates drawn by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gaitload.ingest.feet import assign_feet
from gaitload.ingest.outline import Feet
from gaitload.ingest.steps import PlateLoad, find_steps, is_shared, is_unassigned, sole_share

TIME_S = np.arange(1000) / 1000
FRAME_S = np.arange(100) / 100
SOLE = np.array([[0.0, 0.03], [0.2, 0.05], [0.27, 0.03], [0.27, -0.03], [0.2, -0.05], [0.0, -0.03]])


def feet(right_s, left_s, *, apart_m: float = 0.4) -> Feet:
    """Right foot at the origin, left foot `apart_m` ahead; each down in the interval given."""
    outline = np.stack(
        [np.broadcast_to(SOLE + np.array([ahead, 0.0]), (100, 6, 2)) for ahead in (0.0, apart_m)], axis=1
    )
    down = np.stack([(start <= FRAME_S) & (end > FRAME_S) for start, end in (right_s, left_s)], axis=1)
    return Feet(FRAME_S, outline, down, 0.0)


def plate(name: str, x_m, *, loaded_s=(0.0, 1.0), reach_m=(-1.0, 2.0)) -> PlateLoad:
    """A plate from `reach_m[0]` to `reach_m[1]` that carries 700 N at `x_m`."""
    contact = (loaded_s[0] <= TIME_S) & (loaded_s[1] > TIME_S)
    force = np.where(contact, 700.0, 0.0)[:, None] * np.array([0.0, 1.0, 0.0])
    point = np.column_stack((np.broadcast_to(x_m, 1000), np.zeros(1000), np.zeros(1000)))
    start, end = reach_m
    corners = np.array([[end, 0.0, 1.0], [end, 0.0, -1.0], [start, 0.0, -1.0], [start, 0.0, 1.0]])
    return PlateLoad(name, force, np.cross(point, force), contact, contact, corners)


def step_and_owner(load, soles, **options):
    share = None if load.corners_m is None else sole_share(load.corners_m, soles)
    return find_steps(load, TIME_S, soles, 0.0, sole_share=share, **options)


def test_a_contact_belongs_to_the_nearer_sole_with_its_margin():
    (step,), owner = step_and_owner(plate("p", 0.5), feet((2.0, 3.0), (0.0, 1.0)))
    assert step.side == "l"
    assert (owner == 1).all()
    # At 0.5 m it is in the left sole, 0.04 m from its edge, and 0.23 m ahead of the toes of the right one.
    assert step.distance_m == pytest.approx(-0.04, abs=0.005)
    assert step.margin_m == pytest.approx(0.23 + 0.04, abs=0.005)


def test_double_support_is_widened_at_both_ends():
    moving = np.where(TIME_S < 0.45, 0.1, 0.5)
    steps, owner = step_and_owner(plate("p", moving), feet((0.0, 0.5), (0.4, 1.0)))
    assert [step.side for step in steps] == ["r", None, "l"]
    shared = TIME_S[is_shared(owner)]
    # Down together from 0.40 to 0.50 s, to a marker frame, and 40 ms on either side.
    assert shared[0] == pytest.approx(0.36, abs=0.01)
    assert shared[-1] == pytest.approx(0.54, abs=0.01)


def test_feet_on_two_plates_share_neither():
    soles = feet((0.0, 1.0), (0.0, 1.0))
    back, front = plate("back", 0.1, reach_m=(-1.0, 0.3)), plate("front", 0.5, reach_m=(0.3, 2.0))
    assignment = assign_feet([back, front], TIME_S, soles, surface_height_m=0.0, foot_of_plate={}, where="here")
    assert not assignment.shared.any()
    assert assignment.forces.contact.all()
    np.testing.assert_allclose(assignment.forces.force_ground_n[..., 1], 700.0)


def test_a_foot_that_shares_one_plate_has_no_force_from_another_either():
    soles = feet((0.0, 1.0), (0.6, 1.0))
    wide = plate("wide", np.where(TIME_S < 0.6, 0.1, 0.3))
    beside = plate("beside", 0.5, loaded_s=(0.6, 1.0), reach_m=(0.45, 2.0))
    assignment = assign_feet([wide, beside], TIME_S, soles, surface_height_m=0.0, foot_of_plate={}, where="here")
    assert assignment.shared[700:].all()
    assert not assignment.forces.force_ground_n[700:].any()
    assert not assignment.forces.contact[700:].any()
    np.testing.assert_allclose(assignment.forces.force_ground_n[:500, 0, 1], 700.0)


def test_plates_without_corners_carry_one_foot_each():
    soles = feet((0.0, 1.0), (0.0, 1.0))
    unknown = [replace(one, corners_m=None) for one in (plate("a", 0.1), plate("b", 0.5))]
    assignment = assign_feet(unknown, TIME_S, soles, surface_height_m=0.0, foot_of_plate={}, where="here")
    assert [step.side for step in assignment.steps] == ["r", "l"]
    assert not assignment.shared.any()


def test_a_contact_before_any_marker_is_seen_is_nobodys():
    blind = feet((0.0, 1.0), (2.0, 3.0))
    blind = Feet(blind.time_s, np.full_like(blind.outline_m, np.nan), np.zeros_like(blind.down), 0.0)
    (step,), owner = step_and_owner(plate("p", 0.1), blind)
    assert (step.side, step.reason) == (None, "the markers show no foot on it")
    assert (owner < 0).all()
    assert is_unassigned(owner).all()


@pytest.mark.parametrize(("ahead_m", "side"), [(0.11, "r"), (0.13, None)])
def test_a_foot_out_of_reach_of_the_centre_of_pressure_did_not_make_the_contact(ahead_m, side):
    # Ahead of the toes of the right foot, with the left one nowhere near.
    (step,), owner = step_and_owner(plate("p", 0.27 + ahead_m), feet((0.0, 1.0), (2.0, 3.0), apart_m=5.0))
    assert step.side == side
    assert is_unassigned(owner).all() == (side is None)


@pytest.mark.parametrize(("nearer", "side"), [(0.04, "r"), (0.06, "l")])
def test_a_declared_foot_is_kept_until_the_other_is_nearer_by_the_margin(nearer, side):
    # The left sole begins 0.13 m ahead of the right toes: in between both are outside, by chosen distances.
    load = plate("p", 0.27 + (0.13 + nearer) / 2)
    (step,), _ = step_and_owner(load, feet((0.0, 1.0), (2.0, 3.0)), side="r")
    assert step.side == side
    assert abs(step.margin_m) == pytest.approx(nearer, abs=0.005)


def test_a_declared_foot_out_of_reach_did_not_make_the_contact():
    (step,), owner = step_and_owner(plate("p", 0.7), feet((0.0, 1.0), (2.0, 3.0), apart_m=5.0), side="r")
    assert (step.side, step.reason) == (None, "no foot near it")
    assert is_unassigned(owner).all()


def test_a_declared_plate_is_shared_where_the_other_foot_stands_on_it_too():
    moving = np.where(TIME_S < 0.45, 0.1, 0.5)
    steps, owner = step_and_owner(plate("p", moving), feet((0.0, 0.5), (0.4, 1.0)), side="l")
    assert [step.side for step in steps] == ["r", None, "l"]
    unknown = replace(plate("p", moving), corners_m=None)
    steps, owner = step_and_owner(unknown, feet((0.0, 0.5), (0.4, 1.0)), side="l")
    assert [step.side for step in steps] == ["r", None, "l"]
    assert is_shared(owner).any()


def test_the_share_of_a_sole_over_a_plate_is_that_of_its_area():
    soles = feet((0.0, 1.0), (0.0, 1.0))
    start, end = -1.0, 0.135
    half = np.array([[end, 0.0, 1.0], [end, 0.0, -1.0], [start, 0.0, -1.0], [start, 0.0, 1.0]])
    share = sole_share(half, soles)
    assert share.shape == (100, 2)
    assert share[0] == pytest.approx([0.5, 0.0], abs=0.11)


@pytest.mark.parametrize(("start_m", "shared"), [(0.18, True), (0.24, False)])
def test_a_foot_may_load_a_plate_that_bears_a_third_of_its_sole_and_not_a_tenth(start_m, shared):
    # The right sole ends at 0.27 m; the centre of pressure lies between the feet while both are down.
    _, owner = step_and_owner(plate("p", 0.33, reach_m=(start_m, 2.0)), feet((0.0, 1.0), (0.0, 1.0)))
    assert is_shared(owner).all() == is_shared(owner).any() == shared
