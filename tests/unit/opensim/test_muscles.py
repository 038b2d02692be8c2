"""What static optimization says in its log alone."""

from __future__ import annotations

import pytest

from gaitload.opensim.tools.muscles import _unsolved

LOG = """\
[2026-11-21 02:23:11.504] [warning] SimTK Exception thrown at InteriorPointOptimizer.cpp:265:
[2026-11-21 02:23:11.504] [warning] OPTIMIZATION FAILED...
[2026-11-21 02:23:11.504] [warning] StaticOptimization.record: The optimizer could not find a solution at time = 0.46.
[2026-11-21 02:23:12.910] [warning] StaticOptimization.record: The optimizer could not find a solution at time = 2.
[2026-11-21 02:23:12.911] [warning] StaticOptimization.record: The optimizer could not find a solution at time = 5e-05.
[2026-11-21 02:23:13.001] [info] Bounds for 'soleus_r': 0 to 1.
"""
"""As OpenSim 4.6 writes it."""


def test_times_without_a_solution_are_read_from_the_log(tmp_path):
    log = tmp_path / "opensim.log"
    log.write_text(LOG)
    assert _unsolved(log) == pytest.approx([0.46, 2.0, 5e-05])
