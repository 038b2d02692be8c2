"""The free moment of both feet tells its sign and its gain."""

from __future__ import annotations

import numpy as np
import pytest

import synthetic_person as person
from gaitload.config.motion import Gates
from gaitload.ingest.force_gates import judge_free_moment
from gaitload.ingest.free_moment_sign import FreeMoment, measure_free_moment
from gaitload.quality import Verdict
from gaitload.trial import FootForces, Step

STANCES = [("r", 0.1, 0.7), ("l", 0.6, 1.2), ("r", 1.1, 1.7), ("l", 1.6, 2.2)]


def forces(change_nm: float, common_nm: float = 0.0) -> tuple[FootForces, list[Step]]:
    """Feet whose free moment grows within the stance, mirrored, with a part that both have in common."""
    time_s = np.arange(2300) / 1000.0
    force, moment = np.zeros((len(time_s), 2, 3)), np.zeros((len(time_s), 2, 3))
    for side, start_s, end_s in STANCES:
        inside = (time_s >= start_s) & (time_s < end_s)
        share, foot = (time_s[inside] - start_s) / (end_s - start_s), "rl".index(side)
        force[inside, foot, 1] = person.WEIGHT_N * np.sin(np.pi * share)
        moment[inside, foot, 1] = (1 - 2 * foot) * change_nm * (share > 0.5) + common_nm
    placed = {"distance_m": 0.0, "margin_m": 0.2, "outside_m": -0.01, "on_plates": 1.0, "whole": True, "reason": ""}
    steps = [Step("plate", side, start_s, end_s, person.WEIGHT_N, **placed) for side, start_s, end_s in STANCES]
    return FootForces(time_s, force, moment, force[..., 1] > 0), steps


def verdicts(found: FreeMoment, activity: str) -> dict[str, Verdict]:
    return {gate.code: gate.verdict for gate in judge_free_moment(found, activity, Gates())}


@pytest.mark.parametrize(("activity", "change_nm"), [("walk", 2.5), ("run", -2.5)])
def test_a_free_moment_of_the_wrong_sign_warns_and_one_of_the_right_sign_passes(activity, change_nm):
    right, wrong = (measure_free_moment(*forces(factor * change_nm, common_nm=5.0), 70.0) for factor in (1.0, -1.0))
    assert abs(right.change_nm_per_kg) == pytest.approx(2.5 / 70.0, rel=0.05)
    assert verdicts(right, activity) == {"FREE_MOMENT_SIGN": "passed", "FREE_MOMENT_GAIN": "passed"}
    assert verdicts(wrong, activity) == {"FREE_MOMENT_SIGN": "warned", "FREE_MOMENT_GAIN": "passed"}


def test_a_free_moment_that_is_five_times_too_large_warns():
    found = measure_free_moment(*forces(5 * 2.5), 70.0)
    assert verdicts(found, "walk")["FREE_MOMENT_GAIN"] is Verdict.WARNED


def test_one_foot_or_an_unknown_mass_tells_nothing():
    found, steps = forces(2.5)
    assert np.isnan(measure_free_moment(found, [step for step in steps if step.side == "r"], 70.0).change_nm_per_kg)
    assert verdicts(measure_free_moment(found, steps, float("nan")), "walk") == {"FREE_MOMENT_SIGN": "not_judged"}
