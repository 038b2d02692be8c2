"""Drafted tables are written for people to correct, read back as they were meant, and never write over others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import synthetic_person as person
from gaitload.cohorts.reader import load_cohort
from gaitload.discovery.check import _about_estimates
from gaitload.discovery.make import make_cohort
from gaitload.discovery.writing import FILES, estimates_in, questions_text, write_cohort
from gaitload.errors import ConfigError
from recorded_folders import write_moving, write_standing


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_standing(tmp_path / "raw/S1/s.trc")
    write_moving(tmp_path / "raw/S1/a.trc", person.WALK, forces=tmp_path / "raw/S1/a.mot", length_unit_per_m=1e3)
    write_moving(tmp_path / "raw/S1/b.trc", person.TREADMILL_RUN, forces=tmp_path / "raw/S1/b.mot")
    return tmp_path


def _made(root: Path, **options):
    return make_cohort(root / "raw", "lab", [person.marker_set()], root=root, **options)


def test_the_tables_are_read_back_as_they_were_drafted(root: Path) -> None:
    made = _made(root)
    cohort = load_cohort(root / "workflow/cohorts/lab", root=root)
    assert cohort.participants == tuple(replace_marker_set(one) for one in made.draft.people)
    assert cohort.trials == made.draft.trials
    assert cohort.spec.marker_set == "synthetic"
    assert cohort.raw_dir == root / "raw"
    assert all(path.is_file() for row in cohort.trials for path in cohort.files_of(row))
    assert cohort.trials[1].forces_length_unit == "mm"


def replace_marker_set(one):
    """What is common to everybody stands in cohort.yaml alone."""
    return one.model_copy(update={"marker_set": None})


def test_a_suggestion_is_marked_beside_the_row(root: Path) -> None:
    _made(root)
    text = (root / "workflow/cohorts/lab/participants.tsv").read_text()
    assert text.startswith("# S1, mass_kg: an estimate from forces")


def test_what_is_there_is_written_over_only_by_force(root: Path) -> None:
    _made(root)
    trials = root / "workflow/cohorts/lab/trials.tsv"
    trials.write_text("mine")
    with pytest.raises(ConfigError, match="COHORT_EXISTS"):
        _made(root)
    assert trials.read_text() == "mine"
    _made(root, force=True)
    assert trials.read_text() != "mine"


def test_a_part_of_a_cohort_that_is_there_is_enough_to_stop(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "half"
    folder.mkdir()
    (folder / "participants.tsv").write_text("mine")
    with pytest.raises(ConfigError, match=r"participants\.tsv there already"):
        write_cohort(_made(root).draft, folder)
    assert [path.name for path in folder.iterdir()] == ["participants.tsv"]


def test_questions_say_where_the_answer_goes_the_needed_ones_first(root: Path) -> None:
    (root / "raw/S1/broken.c3d").write_bytes(b"")
    (root / "raw/S1/s.trc").unlink()
    made = _made(root)
    text = questions_text(made.draft)
    parts = ["Needed before it runs", "height_m of S1", "Taken for granted", "Wrong, and left out", "Recognised"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "**S1/broken.c3d**: [FILE_EMPTY]" in text
    assert made.files[-1].read_text() == text
    assert [path.name for path in made.files] == list(FILES)


def test_a_question_more_changes_no_table(root: Path) -> None:
    made = _made(root)
    write_cohort(replace(made.draft, questions=()), root / "other")
    for name in FILES[:3]:
        assert (root / "other" / name).read_text() == (root / "workflow/cohorts/lab" / name).read_text()


def test_an_estimate_stays_marked_until_its_line_is_deleted(root: Path) -> None:
    _made(root)
    folder = root / "workflow/cohorts/lab"
    assert estimates_in(folder) == [("S1", "mass_kg")]
    table = folder / "participants.tsv"
    confirmed = [line for line in table.read_text().splitlines() if not line.startswith("#")]
    table.write_text("\n".join(confirmed) + "\n")
    assert estimates_in(folder) == []


def test_check_says_which_masses_nobody_has_confirmed(root: Path) -> None:
    _made(root)
    cohort = load_cohort(root / "workflow/cohorts/lab", root=root)
    (said,) = _about_estimates(cohort, root / "workflow/cohorts/lab")
    assert said.startswith("S1: mass_kg ")
    assert "is an estimate" in said
