"""Every engine gives the loads of OpenSim's own tools, on the published walk and run."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from gaitload.conventions import body_weight_n
from gaitload.io.sto import read_sto
from gaitload.mechanics.moment_arms import muscle_geometry
from gaitload.opensim.engines.compiled import coordinates_of
from gaitload.opensim.export import export_mechanism
from gaitload.registry import modules_of
from gaitload.signals.clock import frames_within
from mechanics_oracle import Oracle

WHO = ("walker", "runner")
MODELS = ("rajagopal2015", "Rajagopal2016", "RajagopalLaiUhlrich2023")
ENGINES = sorted(modules_of("gaitload.opensim.engines", required=("solve",)).keys() - {"tools"})
SETTINGS = {"loads": {"convergence": 1e-6}}
"""Tools at their default are within 0.008 BW of this; a hundred times tighter they give up on frames."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=product(WHO, MODELS), ids="-".join)
def by_engine(request, stance_of):
    """Tables of the loads stage by engine, the body weight (N), and the job of the last engine."""
    tables = {}
    # All engines get the same angles.
    stance_of(*request.param, **SETTINGS)("scale", "ingest", "kinematics")
    for engine in ("tools", *ENGINES):
        job = stance_of(*request.param, engine=engine, **SETTINGS)("loads")
        assert job.quality_of("loads").numbers["unsolved_s"] == []
        tables[engine] = {path.stem: read_sto(path) for path in job.product("loads", "").glob("*.sto")}
    return tables, body_weight_n(job.participant.mass_kg), job


def largest_difference(by_engine, engine: str, table: str, ending: str = "") -> float:
    """Over all columns with an ending and all frames."""
    tables, *_ = by_engine
    theirs, ours = tables["tools"][table], tables[engine][table]
    names = [name for name in ours.names if name.endswith(ending)]
    assert names and len(ours.time_s) == len(theirs.time_s) > 5
    return max(np.abs(ours.column(name) - theirs.column(name)).max() for name in names)


@pytest.mark.parametrize("engine", ENGINES)
def test_muscle_forces_are_those_of_static_optimization(by_engine, engine):
    assert largest_difference(by_engine, engine, "muscle_forces") <= 2e-3 * by_engine[1]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("axis", ["fx", "fy", "fz"])
def test_contact_forces_are_those_of_joint_reaction_analysis(by_engine, engine, axis):
    assert largest_difference(by_engine, engine, "joint_reactions", axis) <= 2e-3 * by_engine[1]


@pytest.mark.parametrize("engine", ENGINES)
def test_moments_are_those_of_inverse_dynamics(by_engine, engine):
    # Measured 1e-7 N and N m: splines solved by another library.
    assert largest_difference(by_engine, engine, "inverse_dynamics") <= 1e-5


@pytest.mark.parametrize("engine", ENGINES)
def test_reserves_are_those_of_static_optimization(by_engine, engine):
    # Measured 1.4e-3 N m: what is left is the tools' convergence.
    assert largest_difference(by_engine, engine, "reserves") <= 5e-3


def test_moment_arms_are_those_of_opensim(by_engine):
    *_, job = by_engine
    folder = job.product("loads", "")
    model = folder / "actuated.osim"
    mechanism, oracle = export_mechanism(model), Oracle(model)
    time_s, q = coordinates_of(folder / "coordinates.mot", mechanism, job.where)
    q = q[frames_within(time_s, job.quality_of("ingest").numbers["window_s"])]
    _, _, ours = muscle_geometry(mechanism, q, np.zeros_like(q), balanced=False)
    for frame, pose in enumerate(q):
        oracle.move_to(pose, np.zeros_like(pose))
        theirs = np.stack([oracle.unit_pull(muscle) for muscle in oracle.muscles])
        # Rounding. Generalized forces of unit tensions: m, and for sliding coordinates a share.
        assert ours[frame] == pytest.approx(theirs, abs=1e-9)
