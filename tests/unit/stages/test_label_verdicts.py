"""Verdicts on label columns, and a label added as docs/extend.md says."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from gaitload.config import Config
from gaitload.config.motion import Gates
from gaitload.dependencies import EVERYTHING, ground_reaction, muscle, pose
from gaitload.ingest.laboratory import TrialLag, laboratory_lag
from gaitload.quality import Gate, Quality, Verdict, judge, not_judged, not_measured
from gaitload.stages import catalogue
from gaitload.stages.force_lag import json_of, lag_file
from gaitload.stages.labels import gates_of_ingest, judge_columns, with_known_errors

REPOSITORY = Path(__file__).resolve().parents[3]


def gate(code: str, *questions: str, phase: str = "") -> Gate:
    return judge(code, 1.0, unit="", reason="r", fail_above=0.5, questions=questions, phase=phase)


SOUND = judge("SOUND", 0.0, unit="", reason="r", fail_above=0.5)
"""A gate about everything, which passes."""


@pytest.fixture
def judged(loads, anatomy):
    """Column -> what its meaning says, and the groups, under some gates."""

    def of(*gates: Gate):
        columns = list(catalogue.label_columns(loads))
        groups = judge_columns(columns, (*gates, SOUND), anatomy)
        return {column.name: column.meaning for column in columns}, groups

    return of


def test_a_fault_of_one_foot_leaves_the_other_leg_and_the_angles_alone(judged):
    meanings, groups = judged(gate("COP_IN_FOOT_R", ground_reaction("r")))
    failed = {name for name, meaning in meanings.items() if meaning["verdict"] is Verdict.FAILED}
    assert {"atf_r_bw", "grf_r_y_n", "knee_moment_r_nm", "hcf_r_norm_bw", "kcf_med_r_bw"} <= failed
    assert not any("_l_" in name or name.endswith("_l") or name.endswith("rad") for name in failed)
    assert groups["joint angles"].verdict is Verdict.PASSED
    assert groups["Achilles tendon force"].failed == groups["Achilles tendon force"].passed == 2


def test_every_load_says_how_far_it_is_from_measurements(loads):
    told = {
        column.name: column.meaning for column in with_known_errors(catalogue.label_columns(loads), Config(), "walk")
    }
    assert told["kcf_r_norm_bw"]["known_rmse_bw"] == pytest.approx(0.31, abs=0.01)
    assert "BW root mean square error" in told["kcf_med_l_n"]["known_error"]
    for column in ("hcf_r_norm_bw", "atf_l_n", "kcf_r_y_n"):
        assert told[column]["known_error"] == "not validated in vivo" and "known_rmse_bw" not in told[column]
    assert not any("known_error" in told[column] for column in ("grf_r_y_n", "knee_angle_r_rad", "knee_moment_r_nm"))
    running = with_known_errors(catalogue.label_columns(loads), Config(), "run")
    loads_of = [column for column in running if column.name.startswith(("atf", "ptf", "acf", "kcf", "hcf"))]
    assert {column.meaning["known_error"] for column in loads_of} == {"not validated in vivo"}


def test_names_that_begin_alike_are_no_relatives(judged):
    meanings, _ = judged(gate("KNEE", "compartments:r"))
    failed = {name for name, meaning in meanings.items() if meaning["verdict"] is Verdict.FAILED}
    assert failed == {f"kcf_{part}_r_{unit}" for part in ("med", "lat") for unit in ("n", "bw")}


def test_a_reserve_does_not_fail_the_moment_it_stands_in_for(judged):
    meanings, groups = judged(gate("RESERVE_ANKLE_ANGLE_R", muscle("soleus_r"), muscle("gasmed_r")))
    assert meanings["atf_r_bw"]["verdict"] is Verdict.FAILED
    assert meanings["kcf_r_norm_bw"]["reasons"] == ["RESERVE_ANKLE_ANGLE_R"]
    for column in ("ankle_moment_r_nm", "knee_angle_r_rad", "grf_r_y_n", "cop_r_x_m", "ptf_r_bw"):
        assert meanings[column]["verdict"] is Verdict.PASSED, column
    assert groups["joint moments"].failed == 0


def test_a_gate_of_swing_leaves_the_verdict_on_stances_alone(judged):
    meanings, _ = judged(gate("RESERVE_SWING_KNEE_ANGLE_R", muscle("vaslat_r"), phase="swing"))
    knee = meanings["kcf_r_norm_bw"]
    assert (knee["verdict"], knee["verdict_stance"]) == (Verdict.FAILED, Verdict.PASSED)


def test_what_divides_by_body_mass_depends_on_it(judged):
    meanings, _ = judged(gate("MASS", "body_mass"))
    assert meanings["grf_r_y_bw"]["verdict"] is Verdict.FAILED
    assert meanings["grf_r_y_n"]["verdict"] is Verdict.PASSED
    assert meanings["knee_angle_r_rad"]["verdict"] is Verdict.PASSED


def test_a_pelvis_marker_concerns_hips_and_not_ankles(judged):
    meanings, _ = judged(gate("LABELS_SWAPPED", pose("pelvis")))
    assert meanings["hip_flexion_l_rad"]["verdict"] is Verdict.FAILED
    assert meanings["ankle_angle_l_rad"]["verdict"] is Verdict.PASSED


def test_a_gate_that_questions_nothing_known_concerns_every_column(judged):
    for question in (EVERYTHING, "muscle:sloeus_r"):
        meanings, groups = judged(gate("NEW", question))
        assert {meaning["verdict"] for meaning in meanings.values()} == {Verdict.FAILED}
        assert {group.verdict for group in groups.values()} == {Verdict.FAILED}


@pytest.fixture
def soleus(monkeypatch) -> ModuleType:
    """The label of docs/extend.md, as if it stood in the folder."""
    guide = (REPOSITORY / "docs" / "extend.md").read_text()
    module = ModuleType("gaitload.labels.soleus")
    exec(re.search(r"```python label\n(.*?)```", guide, re.DOTALL).group(1), module.__dict__)
    every = catalogue.modules_of("gaitload.labels", required=("LABEL", "compute")) | {"soleus": module}
    monkeypatch.setattr(catalogue, "modules_of", lambda *_, **__: every)
    return module


@pytest.mark.parametrize(
    ("questions", "phase"),
    [
        ((muscle("soleus_r"),), ""),
        ((muscle("soleus_r"), muscle("gasmed_r")), "swing"),
        ((ground_reaction("r"),), ""),
        ((pose("calcn_r"),), ""),
        (("body_mass",), ""),
        ((EVERYTHING,), ""),
    ],
)
def test_the_label_of_the_guide_inherits_what_concerns_the_soleus_column_by_column(soleus, judged, questions, phase):
    meanings, _ = judged(gate("DOUBT", *questions, phase=phase))
    for unit in ("n", "bw"):
        for key in ("verdict", "reasons", "verdict_stance"):
            assert meanings[f"soleus_r_{unit}"][key] == meanings[f"atf_r_{unit}"][key]
    assert meanings["soleus_l_n"]["verdict"] == meanings["atf_l_n"]["verdict"]


def test_a_doubt_about_another_muscle_is_none_about_the_soleus(soleus, judged):
    meanings, _ = judged(gate("DOUBT", muscle("vaslat_r"), muscle("gaslat_r")))
    assert meanings["atf_r_n"]["verdict"] is Verdict.FAILED
    assert meanings["soleus_r_n"]["verdict"] is Verdict.PASSED


def test_a_label_that_does_not_say_what_it_depends_on_inherits_every_doubt(soleus, judged):
    del soleus.depends
    meanings, _ = judged(gate("DOUBT", pose("tibia_l")))
    assert meanings["soleus_r_n"]["verdict"] is Verdict.FAILED


def test_the_muscles_of_a_column_are_those_of_its_side(judged):
    meanings, _ = judged()
    assert meanings["atf_l_bw"]["muscles"] == ("gasmed_l", "gaslat_l", "soleus_l")


def test_a_column_that_no_gate_could_judge_or_that_has_no_value_is_not_judged(loads, anatomy):
    unable = not_judged("COP_IN_FOOT_R", reason="no whole stance", questions=(ground_reaction("r"),))
    columns = list(catalogue.label_columns(loads))
    groups = judge_columns(columns, (unable,), anatomy)
    assert {column.meaning["verdict"] for column in columns} == {Verdict.NOT_JUDGED}
    quality = Quality("labels", "w", (unable,), groups=groups)
    assert quality.verdict is Verdict.NOT_JUDGED
    assert quality.summary.startswith(f"0 of {len(columns)} label columns usable; not judged: Achilles tendon force")
    missing = [one._replace(values=np.full(4, np.nan)) if one.name == "ptf_r_n" else one for one in columns]
    groups = judge_columns(missing, (SOUND,), anatomy)
    told = {column.name: column.meaning["verdict"] for column in missing}
    assert (told["ptf_r_n"], told["ptf_r_bw"]) == (Verdict.NOT_JUDGED, Verdict.PASSED)
    assert groups["patellar tendon force"].not_judged == 1


def test_what_depends_on_forces_that_no_plate_measured_is_not_measured(loads, anatomy):
    unmeasured = not_measured("FORCES_NOT_MEASURED", reason="no plates", questions=map(ground_reaction, "rl"))
    columns = [
        one if one.unit == "rad" else one._replace(values=np.full(4, np.nan)) for one in catalogue.label_columns(loads)
    ]
    groups = judge_columns(columns, (unmeasured, SOUND, gate("MASS", "body_mass")), anatomy)
    for column in columns:
        if column.unit == "rad":
            assert (column.meaning["verdict"], column.meaning["reasons"]) == (Verdict.PASSED, [])
        else:
            assert column.meaning["verdict"] is column.meaning["verdict_stance"] is Verdict.NOT_MEASURED, column.name
            assert column.meaning["reasons"] == ["FORCES_NOT_MEASURED"]
    quality = Quality("labels", "w", (unmeasured, SOUND), groups=groups)
    assert quality.verdict is Verdict.PASSED
    assert "10 of" in quality.summary and "; not measured: Achilles tendon force" in quality.summary
    assert Quality.from_json(quality.to_json()) == quality


def _job_with_lag(results, force_lag, gates):
    """A run on a belt of 3 m/s whose forces lead by 30 ms, as those of its laboratory."""
    lag = laboratory_lag(TrialLag(f"p{k}", "run", 0.030 + k * 1e-4, 1e-4, 0.029 + k * 1e-4) for k in range(4))
    path = lag_file(results, "lab")
    path.parent.mkdir()
    path.write_text(json_of(lag))
    numbers = {"forces": {"lag_s": 0.030, "lag_se_s": 1e-4, "belt_lag_s": 0.029}, "belt_m_per_s": 3.0}
    ingested = Quality("ingest", "lab/p0/run", gates, numbers)
    return SimpleNamespace(
        config=Config(ingest={"force_lag": force_lag}),
        cohort=SimpleNamespace(name="lab"),
        participant=SimpleNamespace(participant_id="p0"),
        trial=SimpleNamespace(trial_id="run", activity="run"),
        results=results,
        quality_of=lambda stage: ingested,
    )


@pytest.mark.parametrize(("off_heads_m", "ignored"), [(0.08, False), (0.1, True)], ids=["explained", "displaced"])
def test_labels_ignore_the_belt_where_the_lag_does_not_explain_the_pressure(tmp_path, off_heads_m, ignored):
    """30 ms at 3 m/s displace the centre of pressure by 90 mm."""
    heads = Gate("COP_HEADS", Verdict.WARNED, off_heads_m, 0.0, "m", "")
    job = _job_with_lag(tmp_path, "auto", (gate("FORCE_LAG"), heads))
    (lag,) = [one for one in gates_of_ingest(job, Gates()) if one.code == "FORCE_LAG"]
    assert ("which is ignored" in lag.reason) is ignored


@pytest.mark.parametrize(("force_lag", "verdict"), [(0.0, Verdict.FAILED), ("auto", Verdict.PASSED)])
def test_a_lag_that_auto_corrected_no_longer_fails_labels(tmp_path, force_lag, verdict):
    job = _job_with_lag(tmp_path, force_lag, (gate("FORCE_LAG"), gate("OTHER")))
    found = {one.code: one.verdict for one in gates_of_ingest(job, Gates())}
    assert found["FORCE_LAG"] is verdict and found["OTHER"] is Verdict.FAILED
    # Without auto nothing keeps the file of the cohort up to date.
    assert found["FORCE_LAG_COHORT"] is (Verdict.NOT_JUDGED if force_lag == 0.0 else Verdict.PASSED)
