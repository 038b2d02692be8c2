"""Contacts on soles and plates drawn by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.ingest.feet import assign_feet
from gaitload.ingest.outline import Feet
from gaitload.ingest.steps import PlateLoad, find_steps, is_shared

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
    return PlateLoad(name, force, np.cross(point, force), contact, corners)


def step_and_owner(load, soles, **options):
    return find_steps(load, TIME_S, soles, 0.0, **options)


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
    unknown = [PlateLoad(p.name, p.force_n, p.moment_nm, p.contact, None) for p in (plate("a", 0.1), plate("b", 0.5))]
    assignment = assign_feet(unknown, TIME_S, soles, surface_height_m=0.0, foot_of_plate={}, where="here")
    assert [step.side for step in assignment.steps] == ["r", "l"]
    assert not assignment.shared.any()


def test_a_contact_before_any_marker_is_seen_is_nobodys():
    blind = feet((0.0, 1.0), (2.0, 3.0))
    blind = Feet(blind.time_s, np.full_like(blind.outline_m, np.nan), np.zeros_like(blind.down), 0.0)
    (step,), owner = step_and_owner(plate("p", 0.1), blind)
    assert (step.side, step.reason) == (None, "the markers show neither foot")
    assert (owner < 0).all()
