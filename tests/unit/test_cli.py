"""The command line says what is wrong before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gaitload.cli import app
from gaitload.cohorts.tables import raw_dir_variable

TRC = """PathFileType\t4\t(X/Y/Z)\tt.trc
DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames
100\t100\t2\t1\tmm\t100\t1\t2
Frame#\tTime\tHEEL\t\t
\t\tX1\tY1\tZ1

1\t0.00\t1\t2\t3
2\t0.01\t1\t2\t3
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one cohort: a readable trial, an empty one, and one in a format nobody knows."""
    folder = tmp_path / "workflow/cohorts/lab"
    folder.mkdir(parents=True)
    (folder / "cohort.yaml").write_text(
        "name: lab\ntitle: A lab\nsource: here\nlicence: CC0\nraw_dir: raw\n"
        "lab_forward: +x\nlab_up: +y\nmarker_set: plain\n"
    )
    (folder / "participants.tsv").write_text("participant_id\tmass_kg\np1\t60\n")
    rows = "".join(f"p1\t{name}\tmotion\twalk\t{name}.{end}\n" for name, end in _FILES)
    (folder / "trials.tsv").write_text(f"participant_id\ttrial_id\trole\tactivity\tfile\n{rows}")
    (tmp_path / "raw").mkdir()
    for name, end in _FILES:
        (tmp_path / "raw" / f"{name}.{end}").write_text(TRC if name == "good" else "")
    return tmp_path


_FILES = (("good", "trc"), ("empty", "trc"), ("odd", "xyz"))


def test_check_reads_every_trial_and_names_those_it_cannot_read(root: Path) -> None:
    result = CliRunner().invoke(app, ["check", "lab", "--root", str(root)])
    assert result.exit_code == 1
    assert "p1/good: 1 markers, 2 frames at 100 Hz, forces of nothing" in result.output
    assert "p1/empty: [FILE_EMPTY]" in result.output
    assert "p1/odd: [RECORDING_FORMAT]" in result.output
    assert "p1: no static trial" in result.output
    assert "2 of 3 trials would be refused" in result.output


def test_check_stops_at_a_cohort_that_is_not_there(root: Path) -> None:
    result = CliRunner().invoke(app, ["check", "lap", "--root", str(root)])
    assert result.exit_code == 1
    assert "[COHORT_UNKNOWN]" in result.output


def test_check_says_what_makes_recordings_that_are_not_there_yet(repository: Path, tmp_path: Path) -> None:
    nowhere = ["--root", str(repository), "--results", str(tmp_path / "nothing")]
    result = CliRunner().invoke(app, ["check", "embedded", *nowhere])
    assert result.exit_code == 1
    assert "run `snakemake --cores 2 record_cohort` first" in result.output


def test_check_finds_nothing_wrong_with_a_shipped_cohort(
    repository: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(raw_dir_variable("rajagopal2016"), str(shared / "rajagopal2016"))
    result = CliRunner().invoke(app, ["check", "rajagopal2016", "--root", str(repository)])
    assert result.exit_code == 0
    assert "runner/run: 42 markers, 510 frames at 100 Hz" in result.output


def test_schemas_are_written_where_the_workflow_keeps_them(tmp_path: Path, repository: Path) -> None:
    assert CliRunner().invoke(app, ["schemas", "--root", str(tmp_path)]).exit_code == 0
    written = {path.name: path.read_text() for path in (tmp_path / "workflow/schemas").iterdir()}
    assert written == {path.name: path.read_text() for path in (repository / "workflow/schemas").iterdir()}
