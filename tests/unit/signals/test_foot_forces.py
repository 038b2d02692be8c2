"""Filtering of foot forces."""

from __future__ import annotations

import numpy as np

from gaitload.signals.foot_forces import filtered_foot_forces
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
