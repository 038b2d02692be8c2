"""People who are not the generic model, and always the same ones."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.cohorts.embedded.people import PLACEMENT_SD_M, misplaced, random_of, segment_factors

BODIES = ("pelvis", "femur_r", "femur_l", "patella_l", "torso", "hand_r", "talus_l", "calcn_l")


def drawn(sex: str | None, number: int, height_m: float = 1.7) -> dict[str, np.ndarray]:
    """Factors of one person."""
    random = np.random.default_rng(number)
    return segment_factors(BODIES, height_m=height_m, sex=sex, generic_height_m=1.7, random=random)


@pytest.mark.parametrize("sex", ["F", "M", None])
def test_left_and_right_and_bones_of_a_segment_have_the_same_proportions(sex):
    factors = drawn(sex, 1)
    assert factors["femur_r"].tolist() == factors["femur_l"].tolist() == factors["patella_l"].tolist()
    assert factors["talus_l"].tolist() == factors["calcn_l"].tolist()
    assert factors["pelvis"].tolist() == factors["hand_r"].tolist() != factors["femur_r"].tolist()


def test_everything_grows_with_height():
    short, tall = drawn("F", 1), drawn("F", 1, height_m=1.87)
    for body in BODIES:
        assert tall[body] == pytest.approx(1.1 * short[body])


def test_lengths_of_many_people_spread_as_those_of_the_survey():
    thighs = np.log([drawn("M", number)["femur_r"][1] for number in range(400)])
    # sqrt(0.002732), from proportions.tsv; the standard deviation of 400 draws is known to 3.5 %.
    assert thighs.std() == pytest.approx(0.0523, rel=0.15)
    assert thighs.mean() == pytest.approx(0.0, abs=0.01)


def test_everybody_has_random_numbers_of_their_own_that_never_change():
    def draw(seed: int, *names: str) -> list[float]:
        return random_of(seed, *names).standard_normal(3).tolist()

    assert draw(1, "p1") == draw(1, "p1")
    assert draw(1, "p1") != draw(1, "p2")
    assert draw(1, "p1") != draw(2, "p1")
    assert draw(1, "p1", "walk") != draw(1, "p1")


def test_hands_find_landmarks_and_miss_the_rest():
    names = [f"marker_{number}" for number in range(200)]
    places = {name: np.zeros(3) for name in ("KNEE", *names)}
    moved = misplaced(places, {"KNEE": "knee_lateral_r"} | dict.fromkeys(names), random_of(1, "p1"))
    assert moved["KNEE"].tolist() == [0.0, 0.0, 0.0]
    # The standard deviation of 600 draws is known to 3 %.
    assert np.std([moved[name] for name in names]) == pytest.approx(PLACEMENT_SD_M, rel=0.1)
