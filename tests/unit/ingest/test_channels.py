"""Saturated channels against peaks that are flat because they are rounded."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.ingest.channels import inspect_channels
from gaitload.trial import PlateWrench

TIME_S = np.arange(3000) / 1000


def flat_samples(vertical_n: np.ndarray) -> int:
    force = np.column_stack((0.1 * vertical_n, vertical_n, 0.05 * vertical_n))
    moment = np.column_stack((np.sin(TIME_S), np.cos(TIME_S), np.sin(2 * TIME_S)))
    return inspect_channels(PlateWrench("plate_1", force, moment, None), TIME_S).flat


def stances(peak_n: float = 800.0) -> np.ndarray:
    """Half waves of 0.7 s."""
    return peak_n * np.maximum(np.sin(np.pi * TIME_S / 0.7), 0.0)


@pytest.mark.parametrize("unit_n", [0.1, 1.0, 2.4])
def test_a_peak_in_whole_units_is_no_saturated_one(unit_n):
    assert flat_samples(unit_n * np.round(stances() / unit_n)) == 0


@pytest.mark.parametrize("unit_n", [1e-6, 1.0])
def test_an_amplifier_at_its_end_is_saturated_also_in_whole_newtons(unit_n):
    assert flat_samples(unit_n * np.round(np.minimum(stances(), 600.0) / unit_n)) > 100
