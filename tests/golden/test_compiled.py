"""Compiled kernels on the published walk and run, in label mode physical: the loads of engine api."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.conventions import body_weight_n
from gaitload.io.sto import read_sto

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("sharing", ["activation", "mean_stress"])
@pytest.mark.parametrize("who", ["walker", "runner"])
def test_engines_agree_in_label_mode_physical(who, sharing, stance_of):
    tables, weight_n = {}, 0.0
    # Engine api knows rigid tendons alone.
    settings = {"label_mode": "physical", "muscles": {"tendons": "rigid", "sharing": sharing}}
    stance_of(who, "rajagopal2015", **settings)("scale", "ingest", "kinematics")
    for engine in ("api", "compiled"):
        job = stance_of(who, "rajagopal2015", **settings, engine=engine)("loads")
        weight_n = body_weight_n(job.participant.mass_kg)
        tables[engine] = {path.stem: read_sto(path) for path in job.product("loads", "").glob("*.sto")}
    assert tables["api"].keys() == tables["compiled"].keys()
    for name, theirs in tables["api"].items():
        ours = tables["compiled"][name]
        assert ours.names == theirs.names and ours.values.shape == theirs.values.shape
        if name in ("muscle_forces", "passive_forces", "joint_reactions", "joint_resultants"):
            # Both take the same muscle curves; geometry and dynamics differ by rounding (4e-13).
            assert np.abs(ours.values - theirs.values).max() < 1e-6 * weight_n, name
