"""Filtering of foot forces."""

from __future__ import annotations

import numpy as np

from gaitload.signals.foot_forces import filtered_foot_forces, with_shifted_pressure
from gaitload.signals.plates import center_of_pressure
from gaitload.signals.runs import true_runs
from gaitload.trial import FootForces

RATE_HZ = 1000.0


def test_contact_after_the_filter_begins_and_ends_above_the_threshold() -> None:
    time_s = np.arange(0, 1, 1 / RATE_HZ)
    stance = np.where((time_s > 0.3) & (time_s < 0.6), 800 * np.sin(np.pi * (time_s - 0.3) / 0.3), 0.0)
    force = np.zeros((len(time_s), 2, 3))
    force[:, 0, 1] = stance
    forces = FootForces(time_s, force, np.zeros_like(force), force[..., 1] > 0)
    filtered = filtered_foot_forces(forces, cutoff_hz=15, time_s=time_s[::10], contact_threshold_n=50)
    (run,) = true_runs(filtered.contact[:, 0])
    vertical = filtered.force_ground_n[:, 0, 1]
    assert vertical[run].min() > 50
    assert 25 < run.stop - run.start < 35
    assert not filtered.contact[:, 1].any()
    np.testing.assert_array_equal(filtered.force_ground_n[~filtered.contact], 0.0)


def test_shifted_pressure_moves_the_centre_and_leaves_force_and_free_moment() -> None:
    generator = np.random.default_rng(0)
    force, moment = generator.normal(0, 100, (4, 2, 3)), generator.normal(0, 50, (4, 2, 3))
    force[..., 1] = 700.0
    force[3], moment[3] = 0.0, 0.0
    forces = FootForces(np.arange(4) / 100, force, moment, force[..., 1] > 0, surface_height_m=0.02)
    offset = np.array([0.01, 0.0, -0.004])
    shifted = with_shifted_pressure(forces, offset)
    assert shifted.force_ground_n is force
    assert (shifted.moment_ground_nm[3] == 0).all()
    before, after = (center_of_pressure(force[:3, 0], one.moment_ground_nm[:3, 0], 0.02) for one in (forces, shifted))
    # Moments of 100 N m over 700 N: centres of pressure to 1e-15 m, free moments to 1e-13 N m.
    np.testing.assert_allclose(after[0] - before[0], np.tile(offset, (3, 1)), atol=1e-12)
    np.testing.assert_allclose(after[1], before[1], atol=1e-10)
