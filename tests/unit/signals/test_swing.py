"""Stances of a shank that swings as a runner's does."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import CubicSpline
from scipy.spatial.transform import Rotation

from gaitload.signals.swing import stances_by_swing

RATE_HZ, STRIDE_S = 100.0, 0.66
RATES = (
    -2.8,
    -8.8,
    -7.0,
    -3.6,
    -1.4,
    0.1,
    0.3,
    -2.2,
    -5.8,
    -7.9,
    -7.9,
    -6.1,
    -2.3,
    2.7,
    6.7,
    9.0,
    10.3,
    11.4,
    10.6,
    5.3,
)
"""Mean swing of the right shank (rad/s) of RBDS010 at 3.5 m/s (fukuchi2017), from contact to contact, in twentieths."""
STANCE_S = 0.303 * STRIDE_S
STARTS_S = 0.4 + STRIDE_S * np.arange(13)
TIME_S = np.arange(0, 9.0, 1 / RATE_HZ)


def shank(turn: Rotation, rates=RATES, stride_s: float = STRIDE_S) -> np.ndarray:
    """Angular rate of a sensor that is turned somehow on a shank, shape (T, 3)."""
    phases = np.linspace(0, 1, len(rates) + 1)
    swing = CubicSpline(phases, [*rates, rates[0]], bc_type="periodic")((TIME_S - STARTS_S[0]) / stride_s % 1)
    return turn.apply(swing[:, None] * [0.0, 0.0, 1.0])


@pytest.mark.parametrize("seed", range(5))
def test_every_stance_is_found_however_the_sensor_is_turned(seed):
    found = stances_by_swing(shank(Rotation.random(rng=np.random.default_rng(seed))), TIME_S)

    assert len(found) == len(STARTS_S)
    np.testing.assert_allclose(found[:, 0], STARTS_S, atol=0.02)
    np.testing.assert_allclose(found[:, 1], STARTS_S + STANCE_S, atol=0.03)


def test_a_gap_hides_its_stance_alone():
    rate = shank(Rotation.identity())
    rate[np.abs(TIME_S - STARTS_S[4] - 0.1) < 0.05] = np.nan

    found = stances_by_swing(rate, TIME_S)

    assert len(found) == len(STARTS_S) - 1 and np.abs(found[:, 0] - STARTS_S[4]).min() > 0.5


def test_walking_rest_and_silence_give_none():
    walking = (
        -0.5,
        -1.5,
        -1.2,
        -1.0,
        -0.9,
        -0.9,
        -1.0,
        -1.2,
        -1.6,
        -2.2,
        -3.0,
        -3.4,
        -2.4,
        0.5,
        2.8,
        4.0,
        4.3,
        3.6,
        2.0,
        0.4,
    )
    for rate in (
        shank(Rotation.identity(), walking, 1.1),
        0.1 * np.random.default_rng(0).standard_normal((len(TIME_S), 3)),
        np.full((len(TIME_S), 3), np.nan),
        np.zeros((len(TIME_S), 3)),
    ):
        assert stances_by_swing(rate, TIME_S).shape == (0, 2)
