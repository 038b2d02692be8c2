"""What the instruments make of a motion."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.cohorts.embedded import laboratory
from gaitload.cohorts.embedded.people import random_of
from gaitload.conventions import SIDES
from gaitload.ingest.axes import ground_rotation
from gaitload.signals.plates import center_of_pressure, plate_wrench

AXES = [("+x", "+y"), ("+y", "+z"), ("-y", "+z"), ("+x", "-z")]


@pytest.mark.parametrize("axes", AXES)
def test_ingest_turns_the_lab_back(axes):
    assert ground_rotation(*axes) @ laboratory.lab_from_ground(*axes) == pytest.approx(np.eye(3))


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("side", SIDES)
def test_channels_of_a_plate_are_the_wrench_on_the_foot(side, axes):
    rotation = laboratory.lab_from_ground(*axes)
    random = np.random.default_rng(1)
    force, moment = random.normal(size=(2, 5, 3)) * 500.0
    plate = laboratory.plate_under(side, force, moment, rotation)
    wrench = plate_wrench(2, plate.channels, plate.corners_lab_m, plate.origin_plate_m)
    assert wrench[0] == pytest.approx(force @ rotation.T)
    assert wrench[1] == pytest.approx(moment @ rotation.T)


def test_plates_lie_side_by_side_under_the_person():
    rotation = np.eye(3)
    right, left = (laboratory.plate_under(side, np.zeros((1, 3)), np.zeros((1, 3)), rotation) for side in SIDES)
    middle = (right.corners_lab_m.mean(axis=0) + left.corners_lab_m.mean(axis=0)) / 2
    assert middle == pytest.approx(laboratory.PERSON_GROUND_M)
    assert right.corners_lab_m[:, 2].min() > left.corners_lab_m[:, 2].max()


def test_a_plate_in_the_floor_sees_the_centre_of_pressure_where_the_foot_is():
    point = laboratory.PERSON_GROUND_M + np.array([0.1, 0.0, 0.2])
    force = np.array([[10.0, 500.0, -5.0]])
    rotation = laboratory.lab_from_ground("+y", "+z")
    plate = laboratory.plate_under("r", force, np.cross(point, force), rotation)
    wrench = plate_wrench(2, plate.channels, plate.corners_lab_m, plate.origin_plate_m)
    seen, free_moment = center_of_pressure(*wrench, 0.0, up=2)
    assert seen[0] == pytest.approx(rotation @ point)
    assert free_moment[0] == pytest.approx(0.0, abs=1e-9)


def test_one_marker_is_hidden_for_a_moment_and_all_are_noisy():
    time_s = np.arange(400) / 100.0
    names = ("RTB1", laboratory.HIDDEN_MARKER)
    observed = laboratory.seen(np.zeros((400, 2, 3)), time_s, names, random_of("woman"))
    assert np.isnan(observed[:, 1]).all(axis=1).sum() == 8
    assert not np.isnan(observed[:, 0]).any()
    # The standard deviation of 1200 draws is known to 2 %.
    assert observed[:, 0].std() == pytest.approx(laboratory.MARKER_NOISE_SD_M, rel=0.08)


def test_medial_markers_and_joint_centres_come_off_after_the_static_trial():
    landmarks = ("knee_lateral_r", "knee_medial_r", "hip_centre_l", None)
    assert laboratory.worn(landmarks, static=True).tolist() == [True, True, True, True]
    assert laboratory.worn(landmarks, static=False).tolist() == [True, False, False, True]
