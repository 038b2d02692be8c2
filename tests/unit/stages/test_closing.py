"""The last lines of a run say what is there, and fail no run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gaitload.config import Config
from gaitload.quality import GroupVerdict, Quality, Verdict
from gaitload.stages.closing import closing_lines, describe_groups
from gaitload.stages.job import Job


def _write_labels(cohort, results: Path, groups: dict[str, dict[str, GroupVerdict]]) -> None:
    """Quality files of the labels of every motion, by trial; others are as good as can be."""
    for person in cohort.movers:
        for trial in cohort.motions_of(person.participant_id):
            job = Job(Config(), cohort, person, trial, results)
            path = job.product("labels", ".quality.json")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(Quality("labels", job.where, groups=groups[trial.trial_id]).to_json())


def test_groups_that_can_be_used_in_equally_many_motions_stand_together(cohort, tmp_path: Path) -> None:
    good = GroupVerdict(Verdict.PASSED, 4, 0, 0, 0, ())
    bad = GroupVerdict(Verdict.FAILED, 3, 0, 1, 0, ("RESERVE_HIP",))
    trials = [trial.trial_id for person in cohort.movers for trial in cohort.motions_of(person.participant_id)]
    groups = {name: {"angles": good, "moments": good, "hip contact": good} for name in trials}
    groups[trials[0]] = groups[trials[0]] | {"hip contact": bad}
    _write_labels(cohort, tmp_path, groups)
    count = len(trials)
    assert describe_groups(Config(), cohort, tmp_path) == [
        f"lab: motions with usable labels: angles, moments {count} of {count}; hip contact {count - 1} of {count}"
    ]


def test_a_cohort_without_markers_has_no_line_of_labels(cohort, tmp_path: Path) -> None:
    trials = tuple(trial.model_copy(update={"file": None}) for trial in cohort.trials)
    assert describe_groups(Config(), replace(cohort, trials=trials), tmp_path) == []


def test_a_run_to_a_file_has_nothing_to_add(cohort, tmp_path: Path) -> None:
    assert closing_lines(Config(), {"lab": cohort}, tmp_path, ["results/labels/lab/p1/walk1.parquet"]) == []
