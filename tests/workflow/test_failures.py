"""A trial that fails never stops the others."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest


def _table(root: Path) -> pd.DataFrame:
    table = pd.read_csv(root / "results/quality/toy.tsv", sep="\t", keep_default_na=False)
    return table.set_index(["participant", "trial"])


def test_every_trial_has_labels_a_verdict_and_a_row(finished) -> None:
    table = _table(finished.root)
    assert list(table.index) == [
        ("anna", "stand"),
        ("anna", "walk1"),
        ("anna", "walk2"),
        ("anna", "run1"),
        ("ben", "walk1"),
    ]
    assert set(table["verdict"]) == {"passed"}
    labels = sorted(path.name for path in (finished.root / "results/labels/toy/anna").glob("*.txt"))
    assert labels == ["run1.txt", "walk1.txt", "walk2.txt"]


def test_somebody_without_a_static_trial_has_an_empty_manifest_and_a_model(finished) -> None:
    manifest = finished.root / "results/manifests/ingest/toy/ben/static.json"
    assert json.loads(manifest.read_text()) == {"stage": "ingest", "results": {}, "files": []}
    assert (finished.root / "results/scale/toy/ben/model.txt").is_file()


def test_a_refused_trial_is_named_and_the_rest_is_labelled(project) -> None:
    project.edit("recordings/anna/walk1.txt", "anna walk1", "refuse me")
    said = project.snakemake()
    assert "anna/walk1 ingest refused TOY_BAD" in (project.root / "results/logs/ingest/toy/anna/1.log").read_text()
    assert "toy: 5 trials, 4 passed, 1 refused" in said
    table = _table(project.root)
    assert table.loc[("anna", "walk1"), "reasons"] == "ingest:TOY_BAD"
    assert "expected a good file; found a bad one. Try again." in table.loc[("anna", "walk1"), "refusal"]
    assert table.loc[("anna", "walk2"), "verdict"] == "passed"
    for stage in ("ingest", "kinematics", "loads", "labels"):
        left = sorted(path.name for path in (project.root / "results" / stage / "toy/anna").glob("walk1*"))
        assert left == ["walk1.quality.json"]
    assert project.planned() == {}


def test_a_recording_that_vanishes_fails_its_job_and_keeps_what_was_made(project) -> None:
    label = project.root / "results/labels/toy/anna/run1.txt"
    made = label.read_bytes()
    (project.root / "recordings/anna/run1.txt").unlink()
    said = project.snakemake(check=False)
    assert "SHARD_INCOMPLETE" in said
    assert "FILE_MISSING" in said
    assert label.read_bytes() == made


def test_a_damaged_product_fails_the_job_that_needs_it_until_it_is_deleted(project) -> None:
    results = project.root / "results"
    damaged, label = results / "kinematics/toy/anna/walk1.txt", results / "labels/toy/anna/walk1.txt"
    good, made = damaged.read_bytes(), label.read_bytes()
    damaged.write_bytes(good[:-3])
    said = project.snakemake(check=False, loads="{cutoff_hz: {walk: 8}}")
    assert "PRODUCT_DAMAGED" in said and "Delete the file and run the same command again" in said
    assert label.read_bytes() == made
    damaged.unlink()
    project.snakemake(loads="{cutoff_hz: {walk: 8}}")
    assert damaged.read_bytes() == good and label.read_bytes() != made
    log = (results / "logs/kinematics/toy/anna/1.log").read_text()
    assert "walk1 kinematics passed 0" in log and "walk2 kinematics passed (unchanged)" in log


def test_a_crash_fails_its_job_and_only_that(project) -> None:
    for trial in ("anna/walk1", "ben/walk1"):
        project.edit(f"recordings/{trial}.txt", trial.replace("/", " "), f"new {trial}")
    project.edit("recordings/anna/walk1.txt", "new anna/walk1", "crash me")
    said = project.snakemake(check=False)
    assert "SHARD_INCOMPLETE" in said
    assert "ZeroDivisionError: toy crash" in (project.root / "results/logs/ingest/toy/anna/1.log").read_text()
    assert "new ben/walk1" in (project.root / "results/labels/toy/ben/walk1.txt").read_text()
    project.edit("recordings/anna/walk1.txt", "crash me", "anna walk1")
    project.snakemake()
    log = (project.root / "results/logs/ingest/toy/anna/1.log").read_text()
    assert log.count("(unchanged)") == 2


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"cohorts": "toyz"}, "[COHORT_UNKNOWN]"),
        ({"kinematic": "1"}, "kinematic: no such name; did you mean kinematics"),
        ({"window": "{duration_s:0.3}"}, "a blank is missing after the colon; write duration_s: 0.3"),
        ({"model": "rajagopal2051"}, "[MODEL_UNKNOWN]"),
        ({"cohorts": "moved"}, "set GAITLOAD_MOVED_DIR, or raw_dir in cohort.yaml, to their folder"),
    ],
)
def test_what_concerns_all_stops_before_anything_runs(project, config: dict, words: str) -> None:
    moved = project.root / "workflow/cohorts/moved"
    (project.root / "workflow/cohorts/toy").rename(moved)
    project.edit("workflow/cohorts/moved/cohort.yaml", "name: toy", "name: moved")
    project.edit("workflow/cohorts/moved/cohort.yaml", "raw_dir: recordings", "raw_dir: elsewhere")
    said = project.snakemake("--dry-run", check=False, **{"cohorts": "moved", **config})
    assert words in said
    assert "Job stats" not in said
    assert "common.smk" not in said, "the sentence alone, not where the workflow raised it"


def test_a_marker_set_that_is_not_there_stops_before_anything_runs(project) -> None:
    project.edit("workflow/cohorts/toy/cohort.yaml", "marker_set: toy", "marker_set: toyz")
    said = project.snakemake("--dry-run", check=False)
    assert "[MARKER_SET_UNKNOWN] marker_set of toy (anna, ben)" in said
    assert "Job stats" not in said
