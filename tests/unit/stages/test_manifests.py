"""Manifests name their files, and what is missing is noted once, until the job has been done again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gaitload.stages.manifests import incomplete_manifests, losses_noted, note_losses, write_manifest

NAME = "labels/lab/p1/1.json"


@pytest.fixture
def make(tmp_path: Path) -> Callable[[], Path]:
    """Does the job: a file, a folder with another, and then their manifest; returns the folder of the products."""
    times = iter(range(1, 10))

    def job() -> Path:
        folder = tmp_path / "labels/lab/p1"
        (folder / "walk").mkdir(parents=True, exist_ok=True)
        (folder / "walk.parquet").write_text("loads")
        (folder / "walk/angles.mot").write_text("angles")
        manifest = tmp_path / "manifests" / NAME
        made = [folder / "walk.parquet", folder / "walk"]
        write_manifest(manifest, {"stage": "labels"}, results=tmp_path, made=made)
        os.utime(manifest, ns=(next(times) * 10**9,) * 2)
        return folder

    return job


def test_a_manifest_names_files_and_what_is_in_folders(make, tmp_path: Path) -> None:
    make()
    manifest = json.loads((tmp_path / "manifests" / NAME).read_text())
    assert manifest == {"stage": "labels", "files": ["labels/lab/p1/walk.parquet", "labels/lab/p1/walk/angles.mot"]}
    assert list(incomplete_manifests(tmp_path)) == []
    assert note_losses(tmp_path, write=True) == losses_noted(tmp_path) == {}
    assert not (tmp_path / "manifests/losses.json").exists()


@pytest.mark.parametrize("lost", ["walk.parquet", "walk/angles.mot"])
def test_a_loss_is_noted_once_and_another_after_the_job_was_done_again(make, tmp_path: Path, lost: str) -> None:
    (make() / lost).unlink()
    first = note_losses(tmp_path, write=True)
    assert first == {NAME: f"1: no labels/lab/p1/{lost}"}
    assert note_losses(tmp_path, write=True) == losses_noted(tmp_path) == first
    make()
    assert note_losses(tmp_path, write=True) == first, "what the job was done with"
    (make() / lost).unlink()
    assert note_losses(tmp_path, write=True) == {NAME: f"2: no labels/lab/p1/{lost}"}


def test_a_loss_stays_noted_where_the_job_was_killed_and_left_no_manifest(make, tmp_path: Path) -> None:
    (make() / "walk.parquet").unlink()
    noted = note_losses(tmp_path, write=True)
    (tmp_path / "manifests" / NAME).unlink()
    assert note_losses(tmp_path, write=True) == noted


def test_a_dry_run_says_what_it_would_note_and_writes_nothing(make, tmp_path: Path) -> None:
    (make() / "walk.parquet").unlink()
    assert note_losses(tmp_path, write=False) == {NAME: "1: no labels/lab/p1/walk.parquet"}
    assert losses_noted(tmp_path) == {}


@pytest.mark.parametrize("text", ["", "[]", '{"stage": "labels"}', '{"files": 3}'])
def test_a_manifest_that_names_no_files_counts_as_lost_itself(make, tmp_path: Path, text: str) -> None:
    make()
    (tmp_path / "manifests" / NAME).write_text(text)
    assert note_losses(tmp_path, write=True) == {NAME: f"1: no manifests/{NAME}"}


@pytest.mark.parametrize("text", ["", "[]", '{"labels/lab/p1/1.json": 3}'])
def test_a_damaged_note_is_begun_anew(make, tmp_path: Path, text: str) -> None:
    (make() / "walk.parquet").unlink()
    (tmp_path / "manifests/losses.json").write_text(text)
    assert note_losses(tmp_path, write=True) == {NAME: "1: no labels/lab/p1/walk.parquet"}
