"""Free moments tell their sign and gain; what the plate adds to both is subtracted where two laws prove it alone."""

from __future__ import annotations

import numpy as np
import pytest

import synthetic_person as person
from gaitload.config.motion import Gates
from gaitload.ingest.force_gates import judge_free_moment
from gaitload.ingest.free_moment import (
    FreeMoment,
    FreeMomentBias,
    measure_free_moment,
    measure_free_moment_bias,
    without_bias,
)
from gaitload.quality import Verdict
from gaitload.signals.plates import center_of_pressure
from gaitload.trial import FootForces, Step

RATE_HZ, STRIDE_S, STANCE_S = 300.0, 0.7, 0.25
STANCES = [("r", 0.1, 0.7), ("l", 0.6, 1.2), ("r", 1.1, 1.7), ("l", 1.6, 2.2)]


def measured(forces: FootForces, com_m, time_s, *, plates: int = 1, known: np.ndarray | None = None) -> FreeMomentBias:
    """The bias of a treadmill whose forces are all known, unless said otherwise."""
    known = np.ones(len(forces.time_s), dtype=bool) if known is None else known
    return measure_free_moment_bias(forces, known, com_m, time_s, plates=plates)


def running(lever_m: float = 0.0, *, own_nm: float = 4.0, asymmetry_nm: float = 0.0, seconds: float = 5.0):
    """Foot forces of a runner on the spot, the plate adding `lever_m` times the vertical force; and the body's place.

    Each foot has a free moment of its own (one sine a stance, mirrored); the right foot has `asymmetry_nm` more, which
    a lateral force with the foot ahead of the body balances, as it must in somebody who does not spin.
    """
    time_s = np.arange(0.0, seconds, 1 / RATE_HZ)
    force, moment = np.zeros((len(time_s), 2, 3)), np.zeros((len(time_s), 2, 3))
    contact = np.zeros((len(time_s), 2), dtype=bool)
    for side, sign in enumerate((1.0, -1.0)):
        phase = np.mod(time_s - 0.1 - side * STRIDE_S / 2, STRIDE_S) / STANCE_S
        on = (phase < 1.0) & (time_s >= 0.1)
        hump, contact[:, side] = np.where(on, np.sin(np.pi * np.minimum(phase, 1.0)), 0.0), on
        force[:, side, 1] = 1500.0 * hump
        free = sign * own_nm * np.where(on, np.sin(2 * np.pi * np.minimum(phase, 1.0)), 0.0)
        extra = asymmetry_nm * hump * (side == 0)
        aside, ahead_m = sign * 0.05, 0.1
        force[:, side, 2] = extra / ahead_m
        place = np.stack([np.full(len(time_s), ahead_m), np.zeros(len(time_s)), np.full(len(time_s), aside)], axis=1)
        moment[:, side] = np.cross(place, force[:, side])
        moment[:, side, 1] += free + extra + lever_m * force[:, side, 1]
    return FootForces(time_s, force, moment, contact), np.tile([0.0, 1.0, 0.0], (len(time_s), 1)), time_s


@pytest.mark.parametrize("lever_m", [0.006, -0.004])
def test_a_bias_is_measured_with_its_sign_and_proven(lever_m: float) -> None:
    bias = measured(*running(lever_m))
    assert bias.lever_m == pytest.approx(lever_m, rel=0.02)
    assert bias.balance_m == pytest.approx(lever_m, rel=0.05)
    assert bias.proven


def test_symmetric_gait_on_a_true_plate_keeps_its_free_moments() -> None:
    bias = measured(*running(0.0))
    assert bias.lever_m == pytest.approx(0.0, abs=1e-4)
    assert not bias.proven


def test_asymmetric_people_keep_their_free_moments() -> None:
    """What one foot has more of follows the vertical force here, and only the balance tells it from cross-talk."""
    bias = measured(*running(0.0, asymmetry_nm=12.0))
    assert bias.explained > 0.9
    assert bias.lever_m > 0.003
    assert bias.balance_m == pytest.approx(0.0, abs=5e-4)
    assert not bias.proven


def test_two_stances_of_a_foot_prove_nothing() -> None:
    assert not measured(*running(0.006, seconds=1.6)).proven


def test_a_body_that_is_not_seen_proves_nothing() -> None:
    forces, _, time_s = running(0.006)
    assert not measured(forces, None, time_s).proven


def test_subtracting_it_moves_no_pressure_and_leaves_what_feet_exert() -> None:
    forces, com_m, time_s = running(0.006)
    cleaned, true = without_bias(forces, 0.006), running(0.0)[0]
    np.testing.assert_allclose(cleaned.moment_ground_nm, true.moment_ground_nm, atol=1e-12)
    for side in ("r", "l"):
        before, after = (center_of_pressure(*one.side(side)[:2], 0.0)[0] for one in (forces, cleaned))
        np.testing.assert_array_equal(before, after)
    assert not measured(cleaned, com_m, time_s).proven


def test_two_plates_prove_nothing_as_nobody_knows_whose_bias_it_is() -> None:
    assert measured(*running(0.006)).proven
    assert not measured(*running(0.006), plates=2).proven


def test_a_stretch_without_known_forces_proves_nothing() -> None:
    forces, com_m, time_s = running(0.006)
    known = np.ones(len(time_s), dtype=bool)
    known[len(time_s) // 2] = False
    bias = measured(forces, com_m, time_s, known=known)
    assert np.isnan(bias.balance_m) and not bias.proven


def growing(change_nm: float, common_nm: float = 0.0) -> tuple[FootForces, list[Step]]:
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
    right, wrong = (measure_free_moment(*growing(factor * change_nm, common_nm=5.0), 70.0) for factor in (1.0, -1.0))
    assert abs(right.change_nm_per_kg) == pytest.approx(2.5 / 70.0, rel=0.05)
    assert verdicts(right, activity) == {"FREE_MOMENT_SIGN": "passed", "FREE_MOMENT_GAIN": "passed"}
    assert verdicts(wrong, activity) == {"FREE_MOMENT_SIGN": "warned", "FREE_MOMENT_GAIN": "passed"}


def test_a_free_moment_that_is_five_times_too_large_warns():
    found = measure_free_moment(*growing(5 * 2.5), 70.0)
    assert verdicts(found, "walk")["FREE_MOMENT_GAIN"] is Verdict.WARNED


def test_one_foot_or_an_unknown_mass_tells_nothing():
    found, steps = growing(2.5)
    assert np.isnan(measure_free_moment(found, [step for step in steps if step.side == "r"], 70.0).change_nm_per_kg)
    assert verdicts(measure_free_moment(found, steps, float("nan")), "walk") == {"FREE_MOMENT_SIGN": "not_judged"}
