"""Drift of a plate within a trial, on forces made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.ingest.drift import Drift, measure_drift

TIME_S = np.arange(8000) / 1000.0


def drift_of(
    x_m: float, *, rise_n: float = 0.0, rise_nm: float = 0.0, twist_nm: float = 0.0, load_n: float = 800.0
) -> Drift:
    """Steps of 0.6 s each second at (x, 0) from the origin, while force and moments about that place rise."""
    share = TIME_S / TIME_S[-1]
    vertical = load_n * (TIME_S % 1.0 < 0.6) + rise_n * share
    force = np.column_stack([np.zeros_like(vertical), vertical, np.zeros_like(vertical)])
    moment = np.column_stack([np.zeros_like(vertical), twist_nm * share, x_m * vertical + rise_nm * share])
    return measure_drift(force, moment, TIME_S, 20.0, beside=np.zeros(len(TIME_S), dtype=bool))


@pytest.mark.parametrize("x_m", [0.0, 2.0, 4.0])
def test_a_drift_counts_the_same_wherever_the_plate_is(x_m: float) -> None:
    small, large = drift_of(x_m, rise_n=8.0), drift_of(x_m, rise_nm=20.0)
    assert not small.matters
    assert small.range_nm == pytest.approx(0.0, abs=0.2)
    assert large.matters
    assert large.range_nm == pytest.approx(drift_of(0.0, rise_nm=20.0).range_nm, abs=0.2)


def test_a_moment_about_the_vertical_moves_no_pressure() -> None:
    assert not drift_of(1.0, twist_nm=40.0).matters


def test_the_limit_follows_the_load() -> None:
    assert drift_of(0.0, rise_nm=10.0, load_n=400.0).matters
    assert not drift_of(0.0, rise_nm=10.0, load_n=1600.0).matters
