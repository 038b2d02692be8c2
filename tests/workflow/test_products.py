"""Products by their path: made when they are not there, and made again, with what depends on them, when deleted."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.kill import products

LABEL = "results/labels/toy/anna/walk1.txt"
ANGLES = "results/kinematics/toy/anna/walk1.txt"
AFTER_ANGLES = {"solve_kinematics": 1, "solve_loads": 1, "make_labels": 1, "picture_participant": 1}
ONCE = {"tabulate_cohort": 1, "build_report": 1, "all": 1}


def test_a_deleted_label_is_made_again_by_its_path_and_nothing_else(project) -> None:
    before, label = products(project.root / "results"), project.root / LABEL
    written = {path: path.stat().st_mtime_ns for path in (project.root / "results/labels").rglob("*.txt")}
    label.unlink()
    assert project.planned(LABEL) == {"make_labels": 1, "product": 1}
    project.snakemake(LABEL)
    after = products(project.root / "results")
    assert after.pop("manifests/losses.json")
    assert after == before
    made = {path for path, then in written.items() if path.stat().st_mtime_ns != then}
    assert made == {label}
    assert project.planned(LABEL) == {}


def test_what_depends_on_a_deleted_product_is_made_again_with_it_and_nothing_else(project) -> None:
    (project.root / ANGLES).unlink()
    assert project.planned(ANGLES) == {"solve_kinematics": 1, "product": 1}
    assert project.planned() == AFTER_ANGLES | ONCE
    assert project.planned(LABEL) == {"solve_kinematics": 1, "solve_loads": 1, "make_labels": 1, "product": 1}
    untouched = (project.root / "results/kinematics/toy/anna/walk2.txt").stat().st_mtime_ns
    project.snakemake()
    assert (project.root / ANGLES).is_file()
    assert (project.root / "results/kinematics/toy/anna/walk2.txt").stat().st_mtime_ns == untouched
    assert project.planned() == {}


def test_a_label_is_made_from_nothing_by_its_path(project) -> None:
    said = project.snakemake(LABEL, results_dir="new", check=False)
    assert "MissingRuleException" in said, "the path is that of another folder of results"
    project.snakemake(LABEL.replace("results", "new"), results_dir="new")
    assert (project.root / LABEL.replace("results", "new")).read_bytes() == (project.root / LABEL).read_bytes()
    assert not (project.root / "new/labels/toy/ben").exists()


def test_a_label_of_a_refused_trial_cannot_be_had_and_it_is_said_why(project) -> None:
    project.edit("recordings/anna/walk1.txt", "anna walk1", "refuse me")
    said = project.snakemake(LABEL, check=False)
    assert "PRODUCT_NOT_MADE" in said
    assert "expected labels/toy/anna/walk1.txt; found the trial was refused: TOY_BAD, expected a good file" in said


def test_a_product_that_no_stage_makes_is_answered_with_those_there_are(project) -> None:
    said = project.snakemake("results/labels/toy/anna/walk1.csv", check=False)
    assert "found walk1.provenance.json, walk1.quality.json, walk1.txt" in said
    said = project.snakemake("results/labels/toy/anna/walk9.txt", check=False)
    assert "trials.tsv of toy has no trial walk9 of anna" in said and "Traceback" not in said


def test_a_deleted_page_is_built_again_alone(project) -> None:
    page = "results/report/index.html"
    (project.root / page).unlink()
    assert project.planned() == {"build_report": 1, "all": 1}
    assert project.planned(page) == {"build_report": 1}
    project.snakemake(page)
    assert (project.root / page).is_file()
    assert project.planned(page) == {}


@pytest.mark.parametrize(
    ("path", "last"),
    [
        ("results/recordings/embedded/p1/walk.c3d", "record_participant"),
        ("results/sync/embedded/p1/walk.json", "synchronise"),
        ("results/aligned/embedded/p1/walk.parquet", "align_sensors"),
        ("results/predictions/embedded/pelvis+tibia/ridge/embedded-p1.parquet", "train_estimator"),
        ("results/models/embedded/pelvis+tibia/cnn/embedded-p1.seed0.safetensors", "train_estimator"),
    ],
)
def test_every_kind_of_product_can_be_asked_for(finished, path: str, last: str) -> None:
    planned = finished.planned(path, cohorts="embedded", embedded="{people: 3}")
    assert planned[last] == 1
    assert planned.get("record_participant") == (3 if last == "train_estimator" else 1)
    assert "picture_participant" not in planned


def test_the_target_of_a_stage_writes_the_verdicts_up_to_it(project) -> None:
    project.snakemake("kinematics")
    table = pd.read_csv(project.root / "results/quality/toy.kinematics.tsv", sep="\t", keep_default_na=False)
    assert dict(zip(table["trial"], table["verdict"], strict=True))["run1"] == "passed"
    stages = [name.removeprefix("verdict_") for name in table.columns if name.startswith("verdict_")]
    assert stages == ["ingest", "scale", "kinematics"]
    assert project.planned("kinematics") == {}
