"""Rows that contradict their recordings are remarked upon, and right ones are not."""

from __future__ import annotations

from pathlib import Path

import pytest

import synthetic_person as person
from gaitload.cohorts.spec import CohortSpec
from gaitload.cohorts.tables import Cohort, Participant, TrialRow
from gaitload.discovery.doubts import Witness, doubts_about, other_person
from recorded_folders import write_moving, write_standing

MASS_KG = 110.0
"""The synthetic person pushes with this mass on average over a stride."""


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    write_standing(tmp_path / "s.trc")
    write_moving(tmp_path / "a.trc", person.WALK, forces=tmp_path / "a.mot")
    spec = CohortSpec(
        name="lab", title="", source="", licence="", raw_dir=".", lab_forward="+x", lab_up="+y", marker_set="synthetic"
    )
    return Cohort(spec, tmp_path, (Participant(participant_id="p1", mass_kg=MASS_KG),), ())


def _doubts(cohort: Cohort, **changes) -> str:
    fields = {"participant_id": "p1", "trial_id": "t", "role": "motion", "activity": "walk", "file": "a.trc"}
    row = TrialRow(**{**fields, "forces_file": "a.mot", **changes})
    return " ".join(doubts_about(cohort, row, {"synthetic": person.marker_set()})[1])


def test_right_rows_leave_no_doubt(cohort: Cohort) -> None:
    assert _doubts(cohort) == ""
    assert _doubts(cohort, role="static", activity="static", file="s.trc", forces_file=None) == ""


def test_a_row_with_axes_of_its_own_is_held_against_them(cohort: Cohort) -> None:
    lying = Cohort(cohort.spec.model_copy(update={"lab_up": "+x"}), cohort.raw_dir, cohort.participants, ())
    assert _doubts(lying, lab_forward="+x", lab_up="+y") == ""
    assert _doubts(lying) != ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"activity": "run"}, "feet are on plates for more than half of a stride: walk"),
        ({"treadmill": True}, "feet on the floor stand still"),
        ({"file": "s.trc"}, "nobody moves"),
        ({"file": "s.trc"}, "centre of pressure lies"),
        ({"forces_length_unit": "mm"}, "centre of pressure lies"),
    ],
)
def test_a_wrong_row_is_doubted(cohort: Cohort, changes: dict, words: str) -> None:
    assert words in _doubts(cohort, **changes)


def test_a_mass_that_forces_contradict_is_doubted(cohort: Cohort) -> None:
    lighter = Cohort(cohort.spec, cohort.raw_dir, (Participant(participant_id="p1", mass_kg=70),), ())
    assert "mass 70 kg is 0.64 times the mass measured" in _doubts(lighter)


def test_a_pelvis_of_another_width_is_another_person() -> None:
    static = Witness("p1/s", True, {"asis": 0.24, "shank": 0.40})
    same, other = Witness("p1/a", False, {"asis": 0.245}), Witness("p1/b", False, {"asis": 0.28, "shank": 0.41})
    assert other_person([static, same]) == []
    assert other_person([static, same, other]) == [
        "p1/b: asis differs by +4.0 cm from p1/s: is it another participant's static trial? "
        "Correct the file in trials.tsv"
    ]
    assert other_person([same, other]) == []
