"""Filtering of foot forces."""

from __future__ import annotations

import numpy as np

from gaitload.signals.foot_forces import filtered_foot_forces
from gaitload.signals.runs import true_runs
from gaitload.trial import FootForces

RATE_HZ = 1000.0


def test_what_wavers_about_the_threshold_after_the_filter_is_one_stance() -> None:
    time_s = np.arange(0, 1, 1 / RATE_HZ)
    vertical = np.where((time_s > 0.3) & (time_s < 0.6), 60 + 30 * np.sin(2 * np.pi * 5 * (time_s - 0.3)), 0.0)
    force = np.zeros((len(time_s), 2, 3))
    force[:, 0, 1] = vertical
    forces = FootForces(time_s, force, np.zeros_like(force), force[..., 1] > 0)
    filtered = filtered_foot_forces(forces, cutoff_hz=15, time_s=time_s[::10], contact_threshold_n=50)
    assert len(true_runs(filtered.force_ground_n[:, 0, 1] > 50)) > 1
    assert len(true_runs(filtered.contact[:, 0])) == 1
    assert not filtered.contact[:, 1].any()
    np.testing.assert_array_equal(filtered.force_ground_n[~filtered.contact], 0.0)
