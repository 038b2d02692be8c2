"""Strides and stances cut from contacts, and the series that stand for them."""

from __future__ import annotations

import numpy as np
import pytest

from derivations.strides import (
    PHASES,
    SHARES,
    Stride,
    cosine_series,
    fourier,
    over_phases,
    sine_series,
    stances_of,
    strides_of,
    without_drift,
)
from gaitload.trial import FootForces


def _forces(right: list[tuple[float, float]], left: list[tuple[float, float]], duration_s: float) -> FootForces:
    time_s = np.arange(round(duration_s * 1000)) / 1000.0
    contact = np.zeros((len(time_s), 2), dtype=bool)
    for index, spans in enumerate((right, left)):
        for start_s, end_s in spans:
            contact[(time_s >= start_s - 1e-9) & (time_s < end_s - 1e-9), index] = True
    force = np.zeros((len(time_s), 2, 3))
    return FootForces(time_s, force, force, contact)


def test_stances_cut_off_by_the_recording_are_left_out():
    stances = stances_of(_forces([(0.0, 0.2), (0.7, 0.9)], [(0.35, 0.55), (1.0, 1.1)], 1.1))
    assert [(stance.side, stance.start_s, stance.end_s) for stance in stances] == [("l", 0.35, 0.55), ("r", 0.7, 0.9)]


def test_a_stride_runs_from_contact_to_contact_of_the_same_foot():
    stances = stances_of(_forces([(0.1, 0.3), (0.8, 1.0), (1.5, 1.7)], [(0.45, 0.65), (1.15, 1.35)], 2.0))
    strides = strides_of(stances, 2.0)
    assert [(stride.side, round(stride.duration_s, 6)) for stride in strides] == [("r", 0.7), ("r", 0.7), ("l", 0.7)]


def test_a_foot_that_met_one_plate_takes_the_other_foots_stride_time():
    stances = stances_of(_forces([(0.1, 0.8), (1.2, 1.9)], [(0.7, 1.3)], 2.4))
    (left,) = (stride for stride in strides_of(stances, 2.4) if stride.side == "l")
    assert (left.start_s, left.end_s) == pytest.approx((0.7, 1.8))
    assert all(stride.side == "r" for stride in strides_of(stances, 1.7))


def test_a_missed_contact_makes_no_stride():
    starts = [0.1, 0.8, 1.5, 2.9, 3.6]
    stances = stances_of(_forces([(start, start + 0.2) for start in starts], [], 4.0))
    assert len(strides_of(stances, 4.0)) == 3


def test_the_drift_of_a_position_is_no_part_of_the_stride():
    time_s = np.linspace(0.0, 2.0, 401)
    swing = 0.02 * np.sin(2 * np.pi * time_s / 0.8)
    found = without_drift(time_s, swing + 0.3 + 0.1 * time_s, Stride("r", 0.5, 1.3))
    truth = over_phases(time_s, swing, Stride("r", 0.5, 1.3))
    np.testing.assert_allclose(found, truth - truth.mean(), atol=1e-6)


def test_fourier_coefficients_give_back_the_series():
    values = 0.3 + 0.5 * np.cos(2 * np.pi * PHASES) - 0.2 * np.sin(2 * np.pi * 3 * PHASES)
    mean, cosine, sine = fourier(values, np.array([1, 2, 3]))
    np.testing.assert_allclose([mean, *cosine, *sine], [0.3, 0.5, 0, 0, 0, 0, -0.2], atol=1e-12)


def test_stance_series_give_back_what_they_were_made_of():
    np.testing.assert_allclose(
        sine_series(2 * np.sin(np.pi * SHARES) - 0.5 * np.sin(3 * np.pi * SHARES), 4), [2, 0, -0.5, 0], atol=1e-12
    )
    weights = np.where((SHARES > 0.05) & (SHARES < 0.95), 1.0, 0.0)
    values = np.where(weights > 0, 0.1 - 0.05 * np.cos(np.pi * SHARES), 1e3)
    np.testing.assert_allclose(cosine_series(values, weights, 3), [0.1, -0.05, 0], atol=1e-12)
