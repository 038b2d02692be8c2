"""Standard deviations of labels on the published run: what they are made of, and how large they are."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.io.tables import read_table
from gaitload.mechanics.perturbation import SOURCES, perturb
from gaitload.stages.job import STAGES
from gaitload.stages.sampling import label_deviations, read_trial, sampled_labels
from gaitload.stages.uncertainty import what_was_measured

STANCE_S = (0.86, 1.11)
"""The first whole stance of the right foot (0.867 to 1.105 s)."""
SAMPLES = 8
NOTHING = dict.fromkeys(SOURCES, 0.0)
LOADS = ("atf_r_bw", "ptf_r_bw", "acf_r_norm_bw", "kcf_r_norm_bw", "hcf_r_norm_bw")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(stages_of, tmp_path_factory):
    """Job of the run with samples, and a function that runs a stage again."""
    settings = {"engine": "compiled", "uncertainty": {"samples": SAMPLES, "seed": 4}}
    stage = stages_of("runner", STANCE_S, tmp_path_factory.mktemp("results"), **settings)
    stage("ingest", ["static"])
    for name in STAGES:
        job, _ = stage(name, ["run"])
    return job, stage


@pytest.fixture(scope="module")
def labels(run):
    """Values and meanings of the label table."""
    return read_table(run[0].product("labels", ".parquet"))[:2]


@pytest.fixture(scope="module")
def measured(run):
    """The model as it is scaled, and what was measured."""
    return read_trial(**what_was_measured(run[0]))


def at_peak(values: np.ndarray, deviations: np.ndarray) -> float:
    """Standard deviation in the frame of the largest value."""
    return float(deviations[np.nanargmax(values)])


def test_every_label_has_its_deviation_where_it_has_a_value(labels):
    values, meanings = labels
    columns = [name for name, meaning in meanings.items() if "label" in meaning and not name.endswith("_sd")]
    for name in columns:
        deviation, told = values[f"{name}_sd"], meanings[f"{name}_sd"]
        # The centre of pressure has too few samples at the ends of contact.
        assert name.startswith("cop") or (np.isfinite(deviation) == np.isfinite(values[name])).all(), name
        assert (told["samples"], told["seed"], told["unit"]) == (SAMPLES, 4, meanings[name]["unit"])
        assert told["perturbed"].keys() == set(SOURCES)
    assert len(columns) > 80


def test_loads_of_the_standing_leg_deviate_by_shares_of_body_weight(labels):
    values, _ = labels
    for name in LOADS:
        loaded = values["contact_r"] & (values[name] > 1)
        assert (values[f"{name}_sd"][loaded] > 0.01).all(), name
    # Measured 0.50 BW with 100 samples; eight have a standard error of 27 %.
    assert 0.1 < at_peak(values["atf_r_bw"], values["atf_r_bw_sd"]) < 1.5


def test_the_same_seed_makes_the_same_bytes(run):
    job, stage = run
    path = job.product("uncertainty", ".parquet")
    before = path.read_bytes()
    path.unlink()
    stage("uncertainty", ["run"])
    assert path.read_bytes() == before


def test_without_a_spread_samples_are_the_labels_and_deviate_by_nothing(labels, measured):
    mechanism, trial = measured
    time_s, deviations, unsolved = label_deviations(mechanism, trial, NOTHING | {"samples": 2, "seed": 0})
    assert unsolved == 0
    drawn = perturb(mechanism, NOTHING, np.random.SeedSequence(0), balanced_paths=trial.physics.balanced_paths)
    sample, _ = sampled_labels(drawn, trial, time_s)
    for name, deviation in deviations.items():
        assert (deviation[np.isfinite(deviation)] == 0).all(), name
        # Files hold the angles to 1e-8 deg; measured 2e-11 BW and 1e-10 in any unit.
        np.testing.assert_allclose(sample[name], labels[0][name], rtol=1e-6, atol=1e-6, err_msg=name)


def test_pressure_ten_millimetres_off_moves_the_achilles_peak_by_half_a_body_weight(labels, measured):
    values, found = labels[0]["atf_r_bw"], {}
    for offset_m in (0.005, 0.01):
        spread = NOTHING | {"cop_m": offset_m, "samples": 30, "seed": 0}
        found[offset_m] = at_peak(values, label_deviations(*measured, spread)[1]["atf_r_bw"])
    # 0.6 BW over six runners on a treadmill; 30 samples have a standard error of 13 %. A lever is linear.
    assert found[0.01] == pytest.approx(0.6, abs=0.2)
    assert found[0.01] == pytest.approx(2 * found[0.005], rel=0.05)
