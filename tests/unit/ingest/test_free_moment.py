"""A moment that the plate adds to both feet is subtracted where two laws prove it, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.ingest.free_moment import FreeMomentBias, measure_free_moment_bias, without_bias
from gaitload.signals.plates import center_of_pressure
from gaitload.trial import FootForces

RATE_HZ, STRIDE_S, STANCE_S = 300.0, 0.7, 0.25


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
