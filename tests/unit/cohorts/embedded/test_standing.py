"""Quiet standing."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.cohorts.embedded.laboratory import PERSON_GROUND_M
from gaitload.cohorts.embedded.standing import carried, leg_length_m, soles_z_m, standing
from gaitload.conventions import SIDES, body_weight_n
from gaitload.errors import SolverError
from gaitload.mechanics.kinematics import body_poses
from gaitload.mechanics.whole_body import whole_body

FOOT = {"r": "calcn_r", "l": "calcn_l"}


@pytest.fixture(scope="module")
def posture(mover) -> np.ndarray:
    """All coordinates."""
    return standing(mover.mechanism, FOOT, np.ones(3), "cohort/p1")


@pytest.fixture(scope="module")
def demanded(mover, posture):
    """Force and moment of standing still."""
    still = np.zeros((1, len(posture)))
    body = whole_body(mover.mechanism.tree, np.empty(0), posture[None], still, still)
    return body.force_n[0], body.moment_nm[0]


def test_left_is_the_mirror_image_of_right(mover, posture):
    poses = body_poses(mover.mechanism, posture[None])
    mirror = np.array([1.0, 1.0, -1.0])
    for body in ("femur", "tibia", "calcn", "humerus"):
        right, left = (poses[f"{body}_{side}"][1][0] - PERSON_GROUND_M for side in SIDES)
        np.testing.assert_allclose(left * mirror, right, atol=1e-9)


def test_feet_are_flat_and_point_ahead(mover, posture):
    forward = body_poses(mover.mechanism, posture[None])["calcn_r"][0][0][:, 0]
    np.testing.assert_allclose(forward, [1.0, 0.0, 0.0], atol=1e-7)


def test_feet_carry_the_weight_and_nothing_else(mover, posture, demanded):
    force, moment = carried(*demanded, soles_z_m(mover.mechanism, posture, FOOT, np.ones(3)))
    np.testing.assert_allclose(force.sum(axis=0), [0.0, body_weight_n(mover.mass_kg), 0.0], atol=1e-6)
    np.testing.assert_allclose(moment.sum(axis=0), demanded[1], atol=1e-4)


def test_nobody_stands_on_feet_that_are_metres_long(mover):
    with pytest.raises(SolverError) as caught:
        standing(mover.mechanism, FOOT, np.full(3, 30.0), "cohort/p1")
    assert caught.value.code == "POSTURE_UNSOLVED" and "cohort/p1" in str(caught.value)


def test_the_leg_length_of_the_generic_model(mover):
    # Its hip's centre is 0.8614 m above the middle of its sole, as the gait templates have it.
    assert leg_length_m(mover.mechanism, "femur_r", "calcn_r", np.ones(3)) == pytest.approx(0.8614, abs=1e-4)
