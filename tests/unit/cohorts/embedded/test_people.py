"""Two people who are not the generic model, and always the same two."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.cohorts.embedded.people import PLACEMENT_SD_M, misplaced, random_of, segment_factors

BODIES = ("pelvis", "femur_r", "femur_l", "patella_l", "torso", "hand_r")


@pytest.mark.parametrize("sex", ["F", "M", None])
def test_left_and_right_have_the_same_proportions(sex):
    factors = segment_factors(BODIES, height_m=1.8, sex=sex, generic_height_m=1.7)
    assert factors["femur_r"].tolist() == factors["femur_l"].tolist()
    assert factors["hand_r"] == pytest.approx(1.8 / 1.7)


def test_she_and_he_differ_in_more_than_size():
    her, him = (segment_factors(BODIES, height_m=1.7, sex=sex, generic_height_m=1.7) for sex in "FM")
    assert her["pelvis"][2] > 1.05 * him["pelvis"][2]
    assert him["femur_r"][1] > her["femur_r"][1]


def test_everybody_has_random_numbers_of_their_own_that_never_change():
    def draw(*names: str) -> list[float]:
        return random_of(*names).standard_normal(3).tolist()

    assert draw("woman") == draw("woman")
    assert draw("woman") != draw("man")
    assert draw("woman", "squat") != draw("woman")


def test_hands_find_landmarks_and_miss_the_rest():
    names = [f"marker_{number}" for number in range(200)]
    places = {name: np.zeros(3) for name in ("KNEE", *names)}
    moved = misplaced(places, {"KNEE": "knee_lateral_r"} | dict.fromkeys(names), random_of("woman"))
    assert moved["KNEE"].tolist() == [0.0, 0.0, 0.0]
    # The standard deviation of 600 draws is known to 3 %.
    assert np.std([moved[name] for name in names]) == pytest.approx(PLACEMENT_SD_M, rel=0.1)
