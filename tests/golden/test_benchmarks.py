"""The benchmarks run on a published trial."""

from __future__ import annotations

import pytest

from benchmarks import ik
from benchmarks.trials import CASES, prepared
from gaitload.cohorts.tables import raw_dir_variable

pytestmark = pytest.mark.slow


def test_the_kernel_is_measured_beside_the_tool(shared, tmp_path, monkeypatch):
    monkeypatch.setenv(raw_dir_variable("rajagopal2016"), str(shared / "rajagopal2016"))
    job = prepared(CASES[0], tmp_path / "results", upto="kinematics", engine="compiled")
    monkeypatch.chdir(tmp_path)
    found = ik.measured(job, frames=8, repeats=1, say=lambda line: None)
    assert {"kernel", "tool at 1e-09"} <= found["times"].keys()
    # The tool itself is up to 0.007 deg from the optimum at its tightest useful accuracy.
    assert max(found["largest_angle_difference_deg"]["tool at 1e-09"].values()) < 0.01
