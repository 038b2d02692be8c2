"""One stance of a published run, from the recording to the labels."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.io.tables import read_table
from gaitload.quality import Verdict
from gaitload.stages.job import STAGES

STANCE_S = (0.86, 1.11)
"""The first whole stance of the right foot (0.867 to 1.105 s)."""
LABELS = (
    "atf_{side}_bw",
    "ptf_{side}_n",
    "acf_{side}_x_bw",
    "kcf_{side}_y_bw",
    "kcf_{side}_norm_n",
    "kcf_med_{side}_bw",
    "kcf_lat_{side}_bw",
    "hcf_{side}_norm_bw",
    "knee_angle_{side}_rad",
    "ankle_moment_{side}_nm_per_kg",
    "grf_{side}_y_bw",
    "cop_{side}_x_m",
    "free_moment_{side}_nm",
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(stages_of, tmp_path_factory):
    """Run all stages of the runner; returns the job of the run, and a function that runs a stage again."""
    stage = stages_of("runner", STANCE_S, tmp_path_factory.mktemp("results"), label_mode="opensim")
    stage("ingest", ["static"])
    for name in STAGES:
        job, _ = stage(name, ["run"])
    return job, stage


@pytest.fixture(scope="module")
def labels(run):
    """Values, meanings and metadata of the label table."""
    return read_table(run[0].product("labels", ".parquet"))


def test_every_label_is_there_for_both_sides_and_says_what_it_is(labels):
    values, meanings, document = labels
    for pattern in LABELS:
        for side in "rl":
            name = pattern.format(side=side)
            assert np.isfinite(values[name]).any() or name.startswith("cop_l"), name
            assert {"definition", "frame", "positive", "source", "unit", "verdict"} <= meanings[name].keys(), name
    assert document["label_mode"] == "opensim"
    assert meanings["atf_r_bw"]["muscles"] == ["gasmed_r", "gaslat_r", "soleus_r"]


def test_peaks_are_those_of_running_at_four_metres_a_second(labels):
    # Published scaling gives 8.4-8.8, 7-9, 12-12.6 and 12.2-12.9 BW over more steps; joint-centre scaling, used here,
    # lowers Achilles and ankle forces by up to a tenth. The bounds are 15 % around those bands.
    values = labels[0]
    peaks = {name: float(np.nanmax(values[f"{name}_bw"])) for name in ("atf_r", "ptf_r", "acf_r_norm", "kcf_r_norm")}
    assert 7.1 < peaks["atf_r"] < 9.2
    assert 6.0 < peaks["ptf_r"] < 9.2
    assert 9.9 < peaks["acf_r_norm"] < 13.2
    assert 10.4 < peaks["kcf_r_norm"] < 14.2


def test_knee_compartments_add_up_to_the_axial_force(labels):
    values = labels[0]
    total = values["kcf_med_r_n"] + values["kcf_lat_r_n"]
    assert total == pytest.approx(np.maximum(-values["kcf_r_y_n"], 0.0), abs=1e-6)


def test_the_large_ankle_reserve_fails_with_its_number(run, labels):
    quality = run[0].quality_of("labels")
    gate = next(gate for gate in quality.gates if gate.code == "RESERVE_ANKLE_ANGLE_R")
    assert gate.verdict is Verdict.FAILED
    assert 0.3 < gate.value < 0.5  # measured 0.43; the published set-up leaves 0.36
    assert "muscles are too weak" in gate.reason
    assert quality.groups["Achilles tendon force"].verdict is Verdict.FAILED
    assert labels[1]["atf_r_bw"]["verdict"] == labels[1]["acf_r_norm_bw"]["verdict"] == Verdict.FAILED
    assert labels[1]["ankle_angle_r_rad"]["verdict"] != Verdict.FAILED


def test_frames_are_those_of_the_window(labels):
    time_s = labels[0]["time_s"]
    assert time_s[0] == pytest.approx(STANCE_S[0])
    assert time_s[-1] == pytest.approx(STANCE_S[1] - 0.01)
    assert np.diff(time_s) == pytest.approx(0.01)


def test_forces_are_filtered_alike_and_vanish_together(labels):
    values = labels[0]
    loaded = values["contact_r"]
    assert loaded.any() and not loaded.all()
    assert (values["grf_r_y_n"][~loaded] == 0).all()
    assert np.isnan(values["cop_r_x_m"][~loaded]).all()
    assert values["grf_r_y_n"][loaded].min() > 50


def test_a_second_run_solves_nothing_again(run):
    job, stage = run
    before = job.product("labels", ".parquet").read_bytes()
    for name in job.stages:
        _, log = stage(name, ["run"])
        assert "(unchanged)" in log
    assert job.product("labels", ".parquet").read_bytes() == before
