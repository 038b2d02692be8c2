"""What runs again after a change: all that depends on it, and nothing else."""

from __future__ import annotations

import pytest

from tests.toy_workflow import add_toy_stage

ONCE = {"tabulate_cohort": 1, "build_report": 1, "all": 1}
FROM_LOADS = {"solve_loads": 3, "make_labels": 3, "picture_participant": 2, **ONCE}
ONE_SHARD = {
    "ingest_motion": 1,
    "solve_kinematics": 1,
    "solve_loads": 1,
    "make_labels": 1,
    "picture_participant": 1,
    **ONCE,
}
AFTER_LOADS = {"make_labels": 3, "picture_participant": 2, **ONCE}
NUMBERS = "src/gaitload/toys/numbers_loads.py"


def test_after_a_finished_run_there_is_nothing_to_do(finished) -> None:
    assert finished.planned() == {}


def test_words_in_the_package_run_nothing_again(project) -> None:
    project.edit(NUMBERS, "A number.", "Another docstring.")
    project.edit(NUMBERS, "FACTOR = 1", "FACTOR = 1  # measured")
    project.edit("src/gaitload/stages/shard.py", '"""Runs one stage', '"""Here runs one stage')
    assert project.planned() == {}


def test_a_number_deep_in_the_package_runs_its_users_again(project) -> None:
    project.edit(NUMBERS, "FACTOR = 1", "FACTOR = 2")
    assert project.planned() == FROM_LOADS
    project.snakemake()
    assert (project.root / "results/loads/toy/anna/walk1.txt").read_text().startswith("2 ")
    assert project.planned() == {}


def test_a_filter_cut_off_runs_only_what_depends_on_it_again(project) -> None:
    assert project.planned(loads="{cutoff_hz: {walk: 8}}") == FROM_LOADS


def test_uncertainty_has_jobs_only_where_samples_are_wanted(project) -> None:
    wanted = {"uncertainty": "{samples: 3}"}
    assert project.planned(**wanted) == AFTER_LOADS | {"estimate_uncertainty": 3}
    project.snakemake(**wanted)
    assert project.planned(**wanted) == {}
    assert project.planned(uncertainty="{samples: 3, seed: 1}")["estimate_uncertainty"] == 3


def test_a_cell_of_the_trial_sheet_runs_its_shard_again(project) -> None:
    row = "anna\trun1\tmotion\trun\tanna/run1.txt"
    project.edit("workflow/cohorts/toy/trials.tsv", row, row.replace("run\t", "other\t"))
    assert project.planned() == ONE_SHARD


def test_a_recording_runs_its_shard_again_and_in_it_only_its_trial(project) -> None:
    project.edit("recordings/anna/walk2.txt", "anna walk2", "recorded again")
    assert project.planned() == ONE_SHARD
    untouched = (project.root / "results/labels/toy/anna/walk1.txt").stat().st_mtime_ns
    project.snakemake()
    log = (project.root / "results/logs/labels/toy/anna/1.log").read_text()
    assert "1/2 anna/walk1 labels passed (unchanged)" in log
    assert "2/2 anna/walk2 labels passed " in log
    assert (project.root / "results/labels/toy/anna/walk1.txt").stat().st_mtime_ns == untouched
    assert "recorded again" in (project.root / "results/labels/toy/anna/walk2.txt").read_text()


def test_a_marker_table_runs_its_users_again(project) -> None:
    project.edit("opensim_models/model.txt", "a model", "another model")
    assert project.planned()["ingest_static"] == 2


def test_the_title_of_a_cohort_runs_the_page_again_alone(project) -> None:
    project.edit("workflow/cohorts/toy/cohort.yaml", "title: Toys", "title: Toys of all kinds")
    assert project.planned() == {"build_report": 1, "all": 1}
    project.snakemake()
    assert "Toys of all kinds" in (project.root / "results/report/index.html").read_text()


def test_the_style_of_the_page_runs_the_page_again_alone(project) -> None:
    project.edit("src/gaitload/report/page/style.css", "margin: 0; color: var(--ink)", "margin: 1px; color: var(--ink)")
    assert project.planned() == {"build_report": 1, "all": 1}


WRITES = """
from pathlib import Path

for path in snakemake.output:  # noqa: F821
    Path(path).write_text('{"files": []}')
"""
STUDY = {
    "aligned": "{sensors: virtual}",
    "study": "{protocol: user_generalised, covariates: [sex, knee_alignment_deg], estimators: [ridge]}",
}
STUDY_ALONE = {"train_estimator": 1, "evaluate_study": 1, "evaluation": 1}


@pytest.fixture
def studied(project):
    """A finished study on virtual sensors, in which nothing is learnt."""
    for name in ("train_estimator", "evaluate_study"):
        (project.root / f"workflow/scripts/{name}.py").write_text(WRITES)
    add_toy_stage(project.root, "aligned_virtual", "aligned")
    project.snakemake("evaluation", **STUDY)
    return project


def test_a_covariate_plans_the_jobs_of_studies_that_ask_for_it_alone(studied) -> None:
    assert studied.planned("evaluation", **STUDY) == {}
    table = "workflow/cohorts/toy/participants.tsv"
    studied.edit(table, "participant_id\tmass_kg\nanna\t60\n", "participant_id\tmass_kg\tsex\nanna\t60\tF\n")
    assert studied.planned("results/manifests/labels/toy/anna/1.json", **STUDY) == {}
    assert studied.planned("evaluation", **STUDY) == STUDY_ALONE
    studied.edit(table, "anna\t60\tF", "anna\t61\tF")
    assert studied.planned("evaluation", **STUDY)["scale_model"] == 1, "the mass is no mere covariate"


def test_an_added_estimator_is_trained_alone(studied) -> None:
    more = STUDY | {"study": STUDY["study"].replace("[ridge]", "[ridge, knn]")}
    assert studied.planned("evaluation", **more) == STUDY_ALONE


def test_a_study_with_measured_sensors_leaves_the_tables_with_virtual_ones(studied) -> None:
    """Nobody wears sensors here, so that with measured ones there is nothing to align."""
    table = studied.root / "results/aligned_virtual/toy/anna/walk1.txt"
    before = table.read_bytes()
    studied.snakemake("results/quality/toy.tsv")
    assert table.read_bytes() == before
    assert studied.planned("evaluation", **STUDY) == {}


def test_a_limit_of_labels_reads_no_recording_again(project) -> None:
    assert project.planned("labels", gates="{reserve_warn_share: 0.06}")["make_labels"] == 3
    assert "ingest_motion" not in project.planned("labels", gates="{reserve_warn_share: 0.06}")
    assert project.planned("labels", gates="{baseline_n: 40}")["ingest_motion"] == 3
