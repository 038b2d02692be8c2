"""What a static trial answers for is what its motions are warned of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gaitload.cohorts.tables import Cohort
from gaitload.config import Config
from gaitload.gates.kinematics import judge_static_pose
from gaitload.quality import GroupVerdict, Quality, Verdict, judge
from gaitload.stages.job import Job
from gaitload.stages.judged import quality_in, stages_of, trial_verdict

ERRORS_M = {"RASI": 0.004, "RCAL": 0.03}


@pytest.fixture
def judged(cohort: Cohort, tmp_path):
    """A job of a trial of somebody who stood twice, and was scaled with these errors."""
    again = cohort.trials[0].model_copy(update={"trial_id": "again"})
    cohort = replace(cohort, trials=(*cohort.trials, again))

    def job(trial: str, errors_m: dict | None = ERRORS_M) -> Job:
        row = next(row for row in cohort.trials if row.trial_id == trial)
        made = Job(Config(), cohort, cohort.participants[0], row, tmp_path / "results")
        path = made.product("scale", ".quality.json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(Quality("scale", made.where, numbers={"marker_errors_m": errors_m}).to_json())
        return made

    return job


def test_the_first_static_trial_bears_what_its_motions_are_warned_of(judged) -> None:
    found = quality_in(judged("stand"), "scale")
    assert found.verdict is Verdict.WARNED
    assert found.gates == tuple(judge_static_pose(ERRORS_M, Config().gates))
    assert [gate.code for gate in found.gates] == ["STATIC_MARKERS_RMS", "STATIC_MARKERS_MAX"]


@pytest.mark.parametrize("trial", ["again", "walk1"])
def test_no_other_trial_bears_it(judged, trial) -> None:
    assert quality_in(judged(trial), "scale").gates == ()


def test_a_static_trial_that_was_not_used_for_scaling_passes_its_pose(judged) -> None:
    assert quality_in(judged("stand", None), "scale").gates == ()
    assert quality_in(judged("stand", dict.fromkeys(ERRORS_M, 0.001)), "scale").verdict is Verdict.PASSED


def test_a_static_trial_is_judged_by_the_stages_it_goes_through(judged) -> None:
    assert stages_of(judged("stand")) == ("ingest", "scale")
    assert stages_of(judged("walk1")) == judged("walk1").stages


def test_a_trial_is_judged_by_its_labels_and_not_by_the_gravest_gate() -> None:
    failing = judge("RESERVE_HIP_ROTATION_R", 0.3, unit="", reason="large", fail_above=0.1)
    groups = {
        "hip contact force": GroupVerdict(Verdict.FAILED, 0, 0, 16, 0, (failing.code,)),
        "joint angles": GroupVerdict(Verdict.PASSED, 10, 0, 0, 0, ()),
    }
    labels = Quality("labels", "w", (failing,), groups=groups)
    assert trial_verdict({"ingest": Quality("ingest", "w", (failing,)), "labels": labels}) is Verdict.WARNED


def test_sensors_that_cannot_be_used_warn_a_trial_whose_labels_pass() -> None:
    good = Quality("labels", "w", groups={"joint angles": GroupVerdict(Verdict.PASSED, 10, 0, 0, 0, ())})
    assert trial_verdict({"labels": good}) is Verdict.PASSED
    lost = Quality("sync", "w", (judge("SYNC_AMBIGUOUS", 2.0, unit="", reason="slips", fail_above=1.0),))
    assert trial_verdict({"labels": good, "sync": lost}) is Verdict.WARNED


def test_a_trial_without_labels_has_the_gravest_verdict_of_its_stages() -> None:
    doubted = Quality("scale", "w", (judge("X", 2.0, unit="", reason="", warn_above=1.0),))
    assert trial_verdict({"ingest": Quality("ingest", "w"), "scale": doubted}) is Verdict.WARNED
    assert trial_verdict({}) is Verdict.NOT_JUDGED
