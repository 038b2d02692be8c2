"""Mode physical on the published run: what OpenSim's static optimization leaves to reserves, muscles can do."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.config.motion import METHOD_VERSION, Muscles
from gaitload.io.tables import read_table
from gaitload.quality import Verdict
from gaitload.registry import modules_of
from gaitload.stages.job import STAGES

STANCE_S = (0.86, 1.11)
"""The first whole stance of the right foot (0.867 to 1.105 s)."""
ENGINES = sorted(modules_of("gaitload.opensim.engines", required=("solve",)).keys() - {"tools"})

RIGID = {"tendons": "rigid", "fibre_velocity_max": None, "activation_min": None, "sharing": "activation"}
"""Method version 1, which both engines know; measured with the model of 2015."""
MODEL = "rajagopal2015"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def label_file(stages_of, tmp_path_factory):
    """`label_file(**settings)` labels the stance; returns values, metadata and quality."""
    results = tmp_path_factory.mktemp("modes")

    def labelled(**settings) -> tuple:
        stage = stages_of("runner", STANCE_S, results, **settings)
        stage("ingest", ["static"])
        for name in STAGES:
            job, _ = stage(name, ["run"])
        values, _, document = read_table(job.product("labels", ".parquet"))
        return values, document, job.quality_of("labels")

    return labelled


@pytest.fixture(scope="module", params=ENGINES)
def physical(request, label_file):
    """Labels of every engine, tendons rigid."""
    return label_file(engine=request.param, model=MODEL, muscles=RIGID)


def test_ankle_reserves_vanish_without_force_velocity_of_a_rigid_tendon(physical):
    gates = {gate.code: gate for gate in physical[2].gates}
    gate = gates["RESERVE_ANKLE_ANGLE_R"]
    # Measured 0.0 % over two seconds of the run; mode opensim: 45 %.
    assert gate.value < 0.05
    assert gate.verdict is Verdict.PASSED


def test_peaks_move_by_less_than_their_uncertainty(physical, label_file):
    stock = label_file(label_mode="opensim", model=MODEL)[0]
    peaks = [
        {name: np.nanmax(values[f"{name}_bw"]) for name in ("atf_r", "acf_r_norm")} for values in (physical[0], stock)
    ]
    # Measured +3 % and -2 % over two seconds: the triceps surae carry what reserves did; scaling alone moves Achilles
    # peaks by 10 %.
    for name, peak in peaks[0].items():
        assert peak == pytest.approx(peaks[1][name], rel=0.1), name


def test_metadata_say_what_was_taken_into_account(physical):
    document = physical[1]
    assert document["label_mode"] == "physical"
    assert document["method_version"] == METHOD_VERSION
    assert document["muscles"] == Muscles(**RIGID).model_dump(mode="json")


def test_every_switch_changes_the_forces_it_is_about(physical, label_file):
    def peak(values: dict, name: str) -> float:
        return float(np.nanmax(values[f"{name}_bw"]))

    without_passive = label_file(model=MODEL, muscles=RIGID | {"passive_force": False})[0]
    assert peak(without_passive, "kcf_r_norm") > peak(physical[0], "kcf_r_norm") + 0.2  # measured 0.9
    moving = RIGID | {"force_velocity_rigid_tendon": True}
    with_velocity = label_file(model=MODEL, muscles=moving)[2]
    reserve = next(gate.value for gate in with_velocity.gates if gate.code == "RESERVE_ANKLE_ANGLE_R")
    assert reserve > 0.3  # measured 0.41


def test_elastic_tendons_leave_nothing_to_ankle_reserves_and_relieve_the_swing_leg(physical, label_file):
    """With the fibres' own velocity, which a rigid tendon would make too fast."""
    values, _, quality = label_file()
    reserve = next(gate.value for gate in quality.gates if gate.code == "RESERVE_ANKLE_ANGLE_R")
    assert reserve < 0.05
    # The left leg swings. Passive force behind rigid tendons stretches it.
    assert np.nanmax(values["kcf_l_norm_bw"]) < np.nanmax(physical[0]["kcf_l_norm_bw"]) - 1.0
    assert np.nanmax(values["atf_r_bw"]) == pytest.approx(np.nanmax(physical[0]["atf_r_bw"]), rel=0.1)
