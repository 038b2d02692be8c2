"""What a static trial answers for is what its motions are warned of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gaitload.cohorts.tables import Cohort
from gaitload.config import Config
from gaitload.gates import judge_scaling
from gaitload.quality import Quality, Verdict
from gaitload.stages.job import Job
from gaitload.stages.judged import quality_in, stages_of

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
    assert found.gates == tuple(judge_scaling({"marker_errors_m": ERRORS_M}, Config().gates))
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
