"""Saturated channels against peaks that are flat because they are rounded, and jumps against steep landings."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.ingest.channels import Channels, inspect_channels
from gaitload.trial import PlateWrench

TIME_S = np.arange(3000) / 1000


def inspected(vertical_n: np.ndarray, time_s: np.ndarray = TIME_S) -> Channels:
    force = np.column_stack((0.1 * vertical_n, vertical_n, 0.05 * vertical_n))
    moment = np.column_stack((np.sin(time_s), np.cos(time_s), np.sin(2 * time_s)))
    return inspect_channels(PlateWrench("plate_1", force, moment, None), time_s)


def flat_samples(vertical_n: np.ndarray) -> int:
    return inspected(vertical_n).flat


def stances(peak_n: float = 800.0) -> np.ndarray:
    """Half waves of 0.7 s."""
    return peak_n * np.maximum(np.sin(np.pi * TIME_S / 0.7), 0.0)


@pytest.mark.parametrize("unit_n", [0.1, 1.0, 2.4])
def test_a_peak_in_whole_units_is_no_saturated_one(unit_n):
    assert flat_samples(unit_n * np.round(stances() / unit_n)) == 0


@pytest.mark.parametrize("unit_n", [1e-6, 1.0])
def test_an_amplifier_at_its_end_is_saturated_also_in_whole_newtons(unit_n):
    assert flat_samples(unit_n * np.round(np.minimum(stances(), 600.0) / unit_n)) > 100


def test_samples_set_to_zero_until_mid_stance_show_as_a_jump():
    lost = np.where((TIME_S > 1.3) & (TIME_S < 1.75), 0.0, stances())
    found = inspected(lost)
    assert found.jump_at_s == pytest.approx(1.75, abs=0.002)
    assert found.jump_n == pytest.approx(800.0 * np.sin(np.pi * 0.35 / 0.7), rel=0.01)


@pytest.mark.parametrize(("share", "jumps"), [(0.3, False), (0.7, True)])
def test_a_step_is_a_jump_where_no_landing_is_so_steep(share, jumps):
    """A child who meets the edge of a plate changes its force by a quarter of the greatest one in a sample."""
    landing = np.where(stances() > 0, np.maximum(stances(), share * 800.0), 0.0)
    assert (inspected(landing).jump_n > 0) == jumps


def test_slow_samples_tell_no_jump():
    at_100_hz = np.where(stances()[::10] > 0, 800.0, 0.0)
    assert inspected(at_100_hz, TIME_S[::10]).jump_n == 0
