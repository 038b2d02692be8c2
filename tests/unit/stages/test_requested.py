"""What was asked for by its path is there, or it is said why it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from gaitload.errors import DataError
from gaitload.quality import Gate, Quality, Verdict
from gaitload.stages.manifests import write_manifest
from gaitload.stages.requested import require_requested


def _asked(results: Path, name: str, *made: str) -> str:
    """What the log says of a job that made some files of which one was asked for."""
    folder, log = results / "labels/lab/p1", results / "log"
    folder.mkdir(parents=True, exist_ok=True)
    for each in made:
        if not (folder / each).exists():
            (folder / each).touch()
    manifest = results / "manifests/labels/lab/p1/1.json"
    write_manifest(manifest, {}, results=results, made=[folder / each for each in made])
    try:
        require_requested(folder / name, manifest, results, log=log)
    finally:
        said = log.read_text()
    return said


def test_what_is_there_is_said_to_be(tmp_path: Path) -> None:
    assert _asked(tmp_path, "walk.parquet", "walk.parquet").endswith("walk.parquet is there\n")


@pytest.mark.parametrize(
    ("made", "found"),
    [
        (("walk.parquet", "run.parquet"), "found walk.parquet"),
        (("run.parquet",), "found run.parquet"),
        ((), "found no files"),
        ([f"run{number}.parquet" for number in range(7)], "run4.parquet and others"),
    ],
    ids=["of the trial", "of others", "none", "many"],
)
def test_a_file_that_is_not_made_is_answered_with_those_that_are(made, found: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="PRODUCT_NOT_MADE") as caught:
        _asked(tmp_path, "walk.csv", *made)
    assert found in str(caught.value)
    assert (tmp_path / "log").read_text() == f"{caught.value}\n"


def test_a_refused_trial_says_why(tmp_path: Path) -> None:
    gate = Gate("C3D_TRUNCATED", Verdict.REFUSED, None, None, "", "half a file")
    path = tmp_path / "labels/lab/p1/walk.quality.json"
    path.parent.mkdir(parents=True)
    path.write_text(Quality("labels", "lab/p1/walk", (gate,)).to_json())
    with pytest.raises(DataError, match="the trial was refused: C3D_TRUNCATED, half a file"):
        _asked(tmp_path, "walk.parquet", "walk.quality.json")
