"""What cameras and plates make of a motion."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.cohorts.embedded import laboratory
from gaitload.cohorts.embedded.people import random_of
from gaitload.ingest.axes import ground_rotation
from gaitload.signals.plates import center_of_pressure, plate_wrench

AXES = [("+x", "+y"), ("+y", "+z"), ("-y", "+z"), ("+x", "-z")]


@pytest.mark.parametrize("axes", AXES)
def test_ingest_turns_the_lab_back(axes):
    assert ground_rotation(*axes) @ laboratory.lab_from_ground(*axes) == pytest.approx(np.eye(3))


@pytest.mark.parametrize("axes", AXES)
def test_channels_of_belts_are_the_wrenches_on_the_feet_and_one_belt_feels_both(axes):
    rotation = laboratory.lab_from_ground(*axes)
    force, moment = np.random.default_rng(1).normal(size=(2, 5, 2, 3)) * 500.0
    plates = laboratory.belts(force, moment, rotation)
    found = [plate_wrench(2, plate.channels, plate.corners_lab_m, plate.origin_plate_m) for plate in plates]
    for side, (on_foot, about) in enumerate(found):
        assert on_foot == pytest.approx(force[:, side] @ rotation.T)
        assert about == pytest.approx(moment[:, side] @ rotation.T)
    (one,) = laboratory.wide_belt(force, moment, rotation)
    both = plate_wrench(2, one.channels, one.corners_lab_m, one.origin_plate_m)
    assert both[0] == pytest.approx(force.sum(axis=1) @ rotation.T)
    assert both[1] == pytest.approx(moment.sum(axis=1) @ rotation.T)


def test_belts_lie_side_by_side_under_the_person():
    nothing = np.zeros((1, 2, 3))
    right, left = laboratory.belts(nothing, nothing, np.eye(3))
    middle = (right.corners_lab_m.mean(axis=0) + left.corners_lab_m.mean(axis=0)) / 2
    assert middle == pytest.approx(laboratory.PERSON_GROUND_M)
    assert right.corners_lab_m[:, 2].min() > left.corners_lab_m[:, 2].max()


def test_a_belt_in_the_floor_sees_the_centre_of_pressure_where_the_foot_is():
    point = laboratory.PERSON_GROUND_M + np.array([0.1, 0.0, 0.2])
    force = np.array([[10.0, 500.0, -5.0]])
    rotation = laboratory.lab_from_ground("+y", "+z")
    plate = laboratory.plate(laboratory.PERSON_GROUND_M, (1.0, 1.0), force, np.cross(point, force), rotation)
    wrench = plate_wrench(2, plate.channels, plate.corners_lab_m, plate.origin_plate_m)
    seen, free_moment = center_of_pressure(*wrench, 0.0, up=2)
    assert seen[0] == pytest.approx(rotation @ point)
    assert free_moment[0] == pytest.approx(0.0, abs=1e-9)


def test_as_many_markers_are_hidden_as_asked_for_and_all_are_noisy():
    may_hide = np.array([True, False, True, True])
    observed = laboratory.seen(np.zeros((400, 4, 3)), may_hide, noise_m=2e-4, gaps=2, random=random_of(1, "p1"))
    hidden = np.isnan(observed).all(axis=2)
    shortest, longest = (round(100 * seconds) for seconds in laboratory.HIDDEN_S)
    lengths = hidden.sum(axis=0)
    assert (lengths > 0).sum() == 2 and lengths[1] == 0
    assert all(shortest <= length <= longest for length in lengths[lengths > 0])
    # The standard deviation of 1200 draws is known to 2 %.
    assert observed[:, 1].std() == pytest.approx(2e-4, rel=0.08)


def test_perfect_cameras_change_nothing():
    places = np.random.default_rng(1).normal(size=(50, 3, 3))
    observed = laboratory.seen(places, np.ones(3, dtype=bool), noise_m=0.0, gaps=0, random=random_of(1, "p1"))
    np.testing.assert_array_equal(observed, places)


def test_skin_moves_most_over_the_thigh_not_on_the_foot_and_the_same_in_every_stride():
    bodies = [*["femur_r"] * 40, *["tibia_l"] * 40, "calcn_r"]
    phase = np.arange(200) / 50.0
    moved = laboratory.skin_motion_m(phase, bodies, 0.004, random_of(1, "p1"))
    np.testing.assert_allclose(moved[:50], moved[50:100], atol=1e-12)
    far = np.sqrt((moved**2).sum(axis=2).mean(axis=0))
    # Root mean squares over 40 markers of 12 terms each are known to 4 %.
    assert np.sqrt((far[:40] ** 2).mean()) == pytest.approx(0.004, rel=0.15)
    assert np.sqrt((far[40:80] ** 2).mean()) == pytest.approx(0.0024, rel=0.15)
    assert far[80] == 0.0


def test_medial_markers_and_joint_centres_come_off_after_the_static_trial():
    landmarks = ("knee_lateral_r", "knee_medial_r", "hip_centre_l", None)
    assert laboratory.worn(landmarks, static=True).tolist() == [True, True, True, True]
    assert laboratory.worn(landmarks, static=False).tolist() == [True, False, False, True]
