"""Every engine gives the loads of OpenSim's own tools, on the published walk and run."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.conventions import body_weight_n
from gaitload.io.sto import read_sto
from gaitload.registry import modules_of
from gaitload.stages.job import STAGES

WINDOWS_S = {"walker": (0.70, 0.80), "runner": (0.92, 1.02)}
"""Late stance of the right foot, the left one in swing."""
CASES = (
    ("walker", "rajagopal2015"),
    ("runner", "rajagopal2015"),
    ("runner", "Rajagopal2016"),
    ("walker", "RajagopalLaiUhlrich2023"),
)
TRIALS = {"walker": ("walk", ["static", "static_2"]), "runner": ("run", ["static"])}
ENGINES = sorted(modules_of("gaitload.opensim.engines", required=("solve",)).keys() - {"tools"})
SETTINGS = {"label_mode": "opensim", "loads": {"convergence": 1e-6}}
"""Tools at their default are within 0.008 BW of this; a hundred times tighter they give up on frames."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def by_engine(request, stages_of, tmp_path_factory, shared):
    """Tables of the loads stage by engine, and the body weight (N)."""
    who, model = request.param
    if model != "rajagopal2015":
        model = str(found_model(shared, model))
    trial, statics = TRIALS[who]
    results, tables = tmp_path_factory.mktemp(who), {}
    stage = stages_of(who, WINDOWS_S[who], results, model=model, **SETTINGS)
    stage("ingest", statics)
    for name in STAGES[: STAGES.index("loads")]:
        stage(name, [trial])
    # All engines get the same angles.
    for engine in ("tools", *ENGINES):
        job, _ = stages_of(who, WINDOWS_S[who], results, engine=engine, model=model, **SETTINGS)("loads", [trial])
        assert job.quality_of("loads").numbers["unsolved_s"] == []
        tables[engine] = {path.stem: read_sto(path) for path in job.product("loads", "").glob("*.sto")}
    return tables, body_weight_n(job.participant.mass_kg)


def found_model(shared, name: str):
    """Path of a model beside the recordings, or a skip with its reason."""
    places = [folder / "models" / f"{name}.osim" for folder in (shared, shared.parent)]
    found = next((place for place in places if place.is_file()), None)
    return found or pytest.skip(f"{name}.osim not found beside the recordings")


def largest_difference(by_engine, engine: str, table: str, ending: str = "") -> float:
    """Over all columns with an ending and all frames."""
    tables, _ = by_engine
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
