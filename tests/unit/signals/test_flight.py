"""Stances of a runner made of arcs."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.signals.flight import stances_by_flight
from synthetic_runner import STANCE_S, STARTS_S, STEP_S, TIME_S, pelvis_of_runner


@pytest.mark.parametrize("heading_rad", [0.0, 2.0, -2.5])
@pytest.mark.parametrize(("first", "leans"), [("r", 0.0), ("l", 0.0), ("r", 0.6), ("l", -0.6)])
def test_every_stance_is_found_on_its_foot(heading_rad, first, leans):
    found = stances_by_flight(*pelvis_of_runner(heading_rad, first=first, leans=leans), TIME_S)

    assert [stance.side for stance in found] == [("rl" if first == "r" else "lr")[k % 2] for k in range(len(STARTS_S))]
    np.testing.assert_allclose([stance.start_s for stance in found], STARTS_S, atol=0.015)
    np.testing.assert_allclose([stance.end_s for stance in found], STARTS_S + STANCE_S, atol=0.015)


@pytest.mark.parametrize("hidden", [(5,), (5, 6)])
def test_a_gap_hides_its_stances_and_turns_no_side_round(hidden):
    acc, gyr = pelvis_of_runner(1.0)
    gap = (STARTS_S[hidden[0]] + 0.1 < TIME_S) & (STARTS_S[hidden[-1]] + 0.15 > TIME_S)
    acc[gap] = gyr[gap] = np.nan

    found = stances_by_flight(acc, gyr, TIME_S)

    number = np.rint((np.array([stance.start_s for stance in found]) - STARTS_S[0]) / STEP_S).astype(int)
    assert number.tolist() == [k for k in range(len(STARTS_S)) if k not in hidden]
    assert [stance.side for stance in found] == ["rl"[k % 2] for k in number]


def test_stances_that_the_ends_cut_are_none():
    acc, gyr = pelvis_of_runner(0.0)
    inside = (STARTS_S[2] + 0.1 < TIME_S) & (STARTS_S[8] + 0.1 > TIME_S)

    found = stances_by_flight(acc[inside], gyr[inside], TIME_S[inside])

    assert len(found) == 5
    assert found[0].start_s > STARTS_S[3] - 0.02


@pytest.mark.parametrize("up_m_per_s2", [9.81 + 3.0 * np.sin(2 * np.pi * 2.0 * TIME_S), np.full(len(TIME_S), np.nan)])
def test_walking_and_silence_give_none(up_m_per_s2):
    acc = up_m_per_s2[:, None] * [0.0, 0.0, 1.0]

    assert stances_by_flight(acc, np.zeros_like(acc), TIME_S) == []


def test_wobble_in_flight_is_no_stance():
    acc, gyr = pelvis_of_runner(0.0)
    acc[np.abs(TIME_S - STARTS_S[3] - (STANCE_S + STEP_S) / 2) < 0.016, 2] += 10.0

    found = stances_by_flight(acc, gyr, TIME_S)

    assert [stance.side for stance in found] == ["rl"[k % 2] for k in range(len(STARTS_S))]


def test_a_blow_moves_no_other_stance():
    acc, gyr = pelvis_of_runner(0.0)
    expected = stances_by_flight(acc, gyr, TIME_S)
    acc[np.abs(TIME_S - STARTS_S[8] - STANCE_S / 2) < 0.02, 2] += 100.0

    found = stances_by_flight(acc, gyr, TIME_S)

    for number, (ours, theirs) in enumerate(zip(found, expected, strict=True)):
        if number not in (7, 8, 9):
            assert ours.side == theirs.side
            np.testing.assert_allclose([ours.start_s, ours.end_s], [theirs.start_s, theirs.end_s], atol=0.003)
