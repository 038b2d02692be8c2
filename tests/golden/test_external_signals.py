"""Published recordings with external columns: from their files to aligned tables, each defect under its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gaitload.cohorts.reader import load_cohort
from gaitload.cohorts.tables import TrialRow, raw_dir_variable
from gaitload.config import parse_config
from gaitload.io.tables import read_table
from gaitload.quality import Quality, Verdict, read_quality
from gaitload.stages.job import jobs_of
from gaitload.stages.shard import run_shard, stage_module


@pytest.fixture(scope="module")
def stages_of(shared, repository, tmp_path_factory) -> Callable:
    """Runs stages of some trials of a shipped cohort; gives the folder of the results."""

    def run(name: str, participant: str, stages: tuple[str, ...], trials: tuple[str, ...], **settings) -> Path:
        if not (shared / name).is_dir():
            pytest.skip(f"{shared / name} is not here")
        results = tmp_path_factory.mktemp(f"{name}_{participant}")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(raw_dir_variable(name), str(shared / name))
            cohort = load_cohort(repository / "workflow" / "cohorts" / name, root=repository, results=results)
        config = parse_config({"cohorts": name, "results_dir": str(results), **settings})
        statics = [row.trial_id for row in cohort.statics_of(participant)]
        for stage in stages:
            for ids in (statics, trials) if stage == "ingest" else (trials,):
                given = {"config": config, "cohort": cohort, "participant_id": participant, "results": results}
                manifest, log = results / f"{stage}.json", results / f"{stage}.log"
                run_shard(stage_module(stage), jobs_of(stage, ids, **given), manifest=manifest, log=log)
        return results

    return run


def _codes(quality: Quality) -> set[str]:
    return {gate.code for gate in quality.gates if gate.verdict in (Verdict.WARNED, Verdict.FAILED)}


def test_angles_of_others_agree_with_sensors_of_the_same_clock(stages_of) -> None:
    """Knee rate of the authors beside thigh and shank gyroscopes: R2 0.94 and more in most of these recordings."""
    results = stages_of("camargo2021_ab06", "AB06", ("external", "sensors", "aligned"), ("cw_normal_01",))
    values, meanings, _ = read_table(results / "aligned/camargo2021_ab06/AB06/cw_normal_01.parquet")
    time_s = values["time_s"]
    rate = np.gradient(values["knee_angle_r_rad"], time_s)
    gyr = {
        body: np.stack([values[f"{body}_gyr_{axis}_rad_per_s"] for axis in "xyz"], axis=1)
        for body in ("femur_r", "tibia_r")
    }
    design = np.column_stack([*gyr.values(), np.ones(len(time_s))])
    known = np.isfinite(design).all(axis=1) & np.isfinite(rate)
    left = rate[known] - design[known] @ np.linalg.lstsq(design[known], rate[known], rcond=None)[0]
    assert 1.0 - left.var() / rate[known].var() > 0.9
    assert 0.8 < np.nanmax(values["knee_angle_r_rad"]) < 1.4
    assert meanings["plates_vertical_n"]["verdict"] == "passed"
    assert 600.0 < np.nanmax(values["plates_vertical_n"]) < 1500.0
    assert "contact_r" not in values


@pytest.mark.parametrize(("trial", "codes"), [("cw_slow_01", set()), ("cw_slow_03", {"EXTERNAL_JUMP"})])
def test_angles_that_jump_have_their_name(trial: str, codes: set, stages_of) -> None:
    """The hip of cw_slow_03 moves by 7 degrees in its last 5 ms."""
    results = stages_of("camargo2021_ab06", "AB06", ("external",), (trial,))
    assert _codes(read_quality(results / f"external/camargo2021_ab06/AB06/{trial}.quality.json")) == codes


def test_an_encoder_turns_as_two_sensors_without_gravity_do(stages_of) -> None:
    results = stages_of("zare_ankle", "LOG13", ("external", "sensors", "aligned"), ("walk",))
    values, _, _ = read_table(results / "aligned/zare_ankle/LOG13/walk.parquet")
    rate = np.gradient(values["ankle_angle_r_rad"], values["time_s"])
    turned = values["tibia_r_gyr_z_rad_per_s"] - values["calcn_r_gyr_z_rad_per_s"]
    known = np.isfinite(rate) & np.isfinite(turned)
    alike = {lag: np.corrcoef(np.roll(rate[known], lag), turned[known])[0, 1] for lag in range(-5, 6)}
    # 0.92 in the file itself, whose encoder turns by steps of a quarter of a degree; both are of one clock.
    assert max(alike, key=alike.__getitem__) == 0
    assert alike[0] > 0.9
    # Nothing tells an orientation where gravity was taken off, and nobody made one up.
    assert np.isnan(values["tibia_r_quat_w"]).all()
    still = np.hypot(values["tibia_r_acc_x_m_per_s2"], values["tibia_r_acc_y_m_per_s2"])
    assert np.nanmedian(still) < 5.0


@pytest.mark.parametrize(
    ("participant", "trial", "codes"),
    [("F69", "run01", {"EXTERNAL_CLIPPED"}), ("F69", "walk03", set()), ("M60", "walk17", {"EXTERNAL_FLIPPED"})],
)
def test_clipped_and_flipped_axes_have_their_names(participant: str, trial: str, codes: set, stages_of) -> None:
    results = stages_of("daffertshofer_walkrun", participant, ("external", "aligned"), (trial,))
    place = results / "external/daffertshofer_walkrun" / participant
    assert _codes(read_quality(place / f"{trial}.quality.json")) == codes
    values, _, _ = read_table(place / f"{trial}.parquet")
    # The axis along the shank carries gravity, and half of the body weight stands on one of two feet.
    assert -12.0 < np.nanmean(values["shank_acc_x_m_per_s2"]) < -6.0
    assert 0.45 < np.nanmean(values["plate_vertical_bw"]) < 0.6


def test_a_flipped_axis_that_nobody_declared_fails(stages_of, monkeypatch) -> None:
    monkeypatch.setattr(TrialRow, "flipped", ())
    results = stages_of("daffertshofer_walkrun", "M60", ("external",), ("walk18",))
    quality = read_quality(results / "external/daffertshofer_walkrun/M60/walk18.quality.json")
    (gate,) = [gate for gate in quality.gates if gate.verdict is Verdict.FAILED]
    assert gate.code == "EXTERNAL_SIGN"
    assert "external_flipped" in gate.reason


def test_electromyograms_and_implant_of_a_patient_stand_beside_the_labels(stages_of) -> None:
    before = ("ingest", "scale", "kinematics", "loads", "labels", "external", "emg_loads", "aligned")
    results = stages_of("grandchallenge5_ps", "PS", before, ("ss1", "ss8"), emg={"informed": True})
    place = "grandchallenge5_ps/PS"
    quality = read_quality(results / "external" / place / "ss1.quality.json")
    dead = {gate.reason.split(":")[0] for gate in quality.gates if gate.code == "EMG_DEAD" and gate.verdict == "failed"}
    assert {"emg_gmed_l_share", "emg_gracilis_l_share"} <= dead
    values, meanings, _ = read_table(results / "aligned" / place / "ss1.parquet")
    known = values["contact_l"].astype(bool) & np.isfinite(values["implant_kcf_l_bw"])
    assert known.sum() == values["contact_l"].sum()
    implant = values["implant_kcf_l_bw"][known]
    for name in ("kcf_l_norm_bw", "emg_informed_kcf_l_norm_bw"):
        # docs/external.md: 0.16 and 0.19 BW.
        assert np.sqrt(np.mean((values[name][known] - implant) ** 2)) < 0.25
    assert meanings["emg_informed_kcf_l_norm_bw"]["of"] == "kcf_l_norm_bw"
    # Electrodes sit on the left leg: the right one is what it was.
    right = values["emg_informed_atf_r_bw"] - values["atf_r_bw"]
    assert np.nanmax(np.abs(right)) < 1e-3
    assert np.nanmax(np.abs(values["emg_informed_atf_l_bw"] - values["atf_l_bw"])) > 0.02
