"""Folders as people bring them become tables and questions; wrong ones, a list of what is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import synthetic_person as person
from gaitload.discovery.draft import draft_cohort
from gaitload.discovery.findings import Draft
from gaitload.discovery.writing import write_cohort
from gaitload.errors import ConfigError
from gaitload.io.imu.xsens_write import write_xsens
from gaitload.io.trc import write_trc
from gaitload.models.markersets import MarkerSet, ModelMarker
from gaitload.trial import ImuRecording, Markers
from imu_files import swing
from recorded_folders import OTHER_NAMES, write_forces_file, write_markers, write_moving, write_standing

SET = person.marker_set()
OTHER = MarkerSet(
    "other",
    tuple(
        ModelMarker(OTHER_NAMES[one.name], one.body, one.landmark, one.position_m, one.static_weight, one.ik_weight)
        for one in SET.markers
    ),
)


def _draft(folder: Path) -> Draft:
    return draft_cohort(folder, "lab", [SET, OTHER])


def _write_person(folder: Path, stem: str = "") -> None:
    write_standing(folder / f"{stem}s.trc")
    write_moving(folder / f"{stem}a.trc", person.WALK, forces=folder / f"{stem}a.mot")
    write_moving(folder / f"{stem}b.trc", person.TREADMILL_RUN, forces=folder / f"{stem}b.mot")


def _rows(draft: Draft) -> list[tuple]:
    return [(row.participant_id, row.trial_id, row.activity, row.file, row.forces_file) for row in draft.trials]


def _asked(draft: Draft, *, needed: bool) -> str:
    return " ".join(f"{one.where}: {one.text}" for one in draft.questions if one.needed == needed)


def test_a_folder_a_person_gives_complete_tables(tmp_path: Path) -> None:
    for name in ("anna", "bert"):
        _write_person(tmp_path / name)
    (tmp_path / "people.tsv").write_text("id\tmass\theight\tsex\nanna\t107\t1.7\tF\nBERT\t110\t180\tM\n")
    draft = _draft(tmp_path)
    assert _rows(draft)[:3] == [
        ("anna", "s", "static", "anna/s.trc", None),
        ("anna", "a", "walk", "anna/a.trc", "anna/a.mot"),
        ("anna", "b", "run", "anna/b.trc", "anna/b.mot"),
    ]
    assert (draft.spec["lab_forward"], draft.spec["lab_up"]) == ("+x", "+y")
    assert [(one.sex, one.mass_kg, one.height_m, one.marker_set) for one in draft.people] == [
        ("F", 107.0, 1.7, "synthetic"),
        ("M", 110.0, 1.8, "synthetic"),
    ]
    assert [row.speed_m_per_s for row in draft.trials[1:3]] == [pytest.approx(1.3, abs=0.1), pytest.approx(3, abs=0.2)]
    assert [row.treadmill for row in draft.trials[1:3]] in ([None, True], [False, None])
    assert draft.faults == ()
    assert _asked(draft, needed=True) == ""
    assert draft.suggested == frozenset()


def test_masses_that_nobody_tells_are_suggested_by_force_and_heights_asked(tmp_path: Path) -> None:
    _write_person(tmp_path)
    draft = _draft(tmp_path)
    assert draft.suggested == {("p1", "mass_kg")}
    assert draft.people[0].mass_kg == pytest.approx(700 * 1.525 / 9.80665, rel=0.03)
    assert "participants.tsv, height_m of p1" in _asked(draft, needed=False)
    assert "is a suggestion" in _asked(draft, needed=False)


def test_an_empty_folder_and_one_that_is_not_there_say_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"RECORDINGS_NONE.*an empty folder"):
        _draft(tmp_path)
    with pytest.raises(ConfigError, match="FOLDER_MISSING"):
        _draft(tmp_path / "nowhere")
    (tmp_path / "notes.docx").write_text("x")
    (tmp_path / "walk.tsv").write_text("NO_OF_FRAMES\t2\n")
    with pytest.raises(ConfigError, match=r"RECORDINGS_NONE.*1 \.docx, 1 \.tsv"):
        _draft(tmp_path)


def test_a_folder_of_unreadable_files_says_what_is_wrong_with_each(tmp_path: Path) -> None:
    (tmp_path / "a.c3d").write_bytes(b"")
    (tmp_path / "b.trc").write_text("PathFileType\n")
    with pytest.raises(ConfigError, match=r"RECORDINGS_UNREADABLE.*a\.c3d: \[FILE_EMPTY\].*b\.trc: \[TRC_HEADER\]"):
        _draft(tmp_path)


def test_an_unreadable_file_among_good_ones_is_named_and_left_out(tmp_path: Path) -> None:
    _write_person(tmp_path)
    (tmp_path / "c.c3d").write_bytes(b"")
    draft = _draft(tmp_path)
    assert [fault.where for fault in draft.faults] == ["c.c3d"]
    assert len(draft.trials) == 3


def test_a_mapping_that_placed_sensors_is_told_and_not_left_aside(tmp_path: Path) -> None:
    _write_person(tmp_path)
    motion = swing()
    recording = ImuRecording("s", np.arange(300) / 60.0, motion.acc, motion.gyr)
    write_xsens(tmp_path / "a_imu/MT_00B42268.txt", recording)
    named = '<ExperimentalSensor name="_00B42268"><name_in_model>tibia_l_imu</name_in_model></ExperimentalSensor>'
    (tmp_path / "a_imu/mapping.xml").write_text(f"<OpenSimDocument>{named}</OpenSimDocument>")
    (tmp_path / "setup.xml").write_text("<OpenSimDocument/>")
    draft = _draft(tmp_path)
    assert draft.spec["imu_files"] == {"tibia_l": "MT_00B42268.txt"}
    assert "bodies that carry the sensors are from: a_imu/mapping.xml" in draft.notes
    assert "files left aside: 1 .xml" in draft.notes
    (tmp_path / "setup.xml").unlink()
    assert not [note for note in _draft(tmp_path).notes if "left aside" in note]


@pytest.mark.parametrize("name", ["a\t1.trc", "a.trc ", "a\udcff.trc"])
def test_a_name_that_tables_cannot_hold_is_to_be_changed(tmp_path: Path, name: str) -> None:
    _write_person(tmp_path / "S1")
    (tmp_path / "S1/a.trc").rename(tmp_path / "S1" / name)
    draft = _draft(tmp_path)
    (fault,) = draft.faults
    assert (fault.where, fault.do) == (ascii(f"S1/{name}"), "Rename it.")
    write_cohort(draft, tmp_path / "tables")


def test_a_name_that_a_shell_would_read_is_a_name_like_others(tmp_path: Path) -> None:
    _write_person(tmp_path / "S1")
    name = 'S1/anna\'s "$1" `walk` <{*}>.trc'
    (tmp_path / "S1/a.trc").rename(tmp_path / name)
    draft = _draft(tmp_path)
    assert draft.faults == ()
    assert name in [row.file for row in draft.trials]


def test_how_far_the_reading_is_is_told(tmp_path: Path) -> None:
    write_standing(tmp_path / "S1/s.trc")
    for number in range(26):
        (tmp_path / f"S1/{number}.trc").write_text("")
    said: list[str] = []
    draft_cohort(tmp_path, "lab", [SET], say=said.append)
    assert said == [
        "27 files with markers, 0 of forces, 0 of sensors",
        "read: 25 of 27",
        "force plates in 0 of 1 files with markers",
    ]


def test_a_file_that_the_machine_does_not_let_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write_person(tmp_path / "S1")
    denied = tmp_path / "S1/a.trc"
    read_text = Path.read_text

    def refuse(self: Path, *arguments, **options) -> str:
        if self == denied:
            raise PermissionError(13, "Permission denied")
        return read_text(self, *arguments, **options)

    monkeypatch.setattr(Path, "read_text", refuse)
    (fault,) = _draft(tmp_path).faults
    assert (fault.where, fault.what) == ("S1/a.trc", "cannot be read: Permission denied")


def test_without_a_static_trial_the_height_is_needed(tmp_path: Path) -> None:
    write_moving(tmp_path / "S1/run.trc", person.TREADMILL_RUN, forces=tmp_path / "S1/run.mot")
    draft = _draft(tmp_path)
    assert [row.role for row in draft.trials] == ["motion"]
    assert "height_m of S1" in _asked(draft, needed=True)
    assert "S1 has no static trial" in _asked(draft, needed=False)


def test_a_file_of_another_marker_set_in_the_folder_of_a_person_is_left_out_and_says_what_to_do(tmp_path: Path) -> None:
    _write_person(tmp_path / "S1")
    _write_person(tmp_path / "S2")
    write_moving(tmp_path / "S1/c.trc", person.WALK, forces=tmp_path / "S1/c.mot", new_names=OTHER_NAMES)
    draft = _draft(tmp_path)
    (fault,) = draft.faults
    assert fault.where == "S1/c.trc"
    assert "wears marker set other, while most recordings of S1 wear synthetic" in fault.what
    assert "S1_2 with marker_set other" in fault.do


def test_two_marker_sets_without_names_are_two_people_and_the_guess_is_asked_about(tmp_path: Path) -> None:
    _write_person(tmp_path)
    write_standing(tmp_path / "t.trc", OTHER_NAMES)
    write_moving(tmp_path / "d.trc", person.TREADMILL_WALK, forces=tmp_path / "d.mot", new_names=OTHER_NAMES)
    draft = _draft(tmp_path)
    assert {one.participant_id: one.marker_set for one in draft.people} == {"p1": "synthetic", "p2": "other"}
    assert "one person per marker set is assumed" in _asked(draft, needed=False)


def test_a_set_in_another_spelling_is_recognised(tmp_path: Path) -> None:
    spelt = {name: f"Subject_{name[0].lower()}.{name[1:]}" for name in person.static_markers().names}
    write_standing(tmp_path / "s.trc", spelt)
    write_moving(tmp_path / "a.trc", person.WALK, forces=tmp_path / "a.mot", new_names=spelt)
    draft = _draft(tmp_path)
    assert draft.people[0].marker_set == "synthetic"
    assert not [one for one in draft.questions if "marker" in one.text]


def test_a_segment_whose_names_are_unknown_is_asked_about(tmp_path: Path) -> None:
    spelt = {
        name: f"Q{number}" if name in ("RHEE", "RHTP", "RMT1", "RMT5") else name
        for number, name in enumerate(person.static_markers().names)
    }
    write_standing(tmp_path / "s.trc", spelt)
    write_moving(tmp_path / "a.trc", person.WALK, forces=tmp_path / "a.mot", new_names=spelt)
    draft = _draft(tmp_path)
    assert draft.people[0].marker_set == "synthetic"
    assert "cannot place foot_r (0 of 2)" in _asked(draft, needed=True)


def test_an_unknown_marker_set_says_what_is_lacking_and_which_names_are_alike(tmp_path: Path) -> None:
    names = person.static_markers().names
    spelt = {name: name if name in ("RASI", "LASI", "RHEE") else f"{name}{name[-1]}" for name in names}
    write_standing(tmp_path / "s.trc", spelt)
    write_moving(tmp_path / "a.trc", person.WALK, forces=tmp_path / "a.mot", new_names=spelt)
    draft = _draft(tmp_path)
    asked = _asked(draft, needed=True)
    assert "No marker set fits p1" in asked
    assert " may be " in asked
    assert draft.people[0].marker_set is None
    assert "RASI\t\tasis_r\tpelvis" in draft.set_drafts["p1"]
    assert len(draft.trials) == 2


def test_a_motion_without_forces_is_kept_for_its_angles_and_asked_about(tmp_path: Path) -> None:
    write_standing(tmp_path / "S1/s.trc")
    write_moving(tmp_path / "S1/walk.trc", person.WALK)
    draft = _draft(tmp_path)
    assert draft.faults == ()
    assert [(row.trial_id, row.forces_file) for row in draft.trials] == [("s", None), ("walk", None)]
    assert "1 .trc: no force on a plate, so angles are labelled and loads are not measured" in _asked(
        draft, needed=False
    )
    # Nothing needs a mass without forces.
    assert "mass_kg" not in _asked(draft, needed=True)


def test_sessions_with_static_trials_of_their_own_are_asked_about(tmp_path: Path) -> None:
    for session, gait in (("pre", person.WALK), ("post", person.Gait(speed_m_per_s=1.7, cycle_s=0.9))):
        write_moving(tmp_path / f"S1/{session}/walk.trc", gait, forces=tmp_path / f"S1/{session}/walk.mot")
    write_standing(tmp_path / "S1/pre/stand.trc")
    standing = person.static_recording()
    other = person.with_position(standing, lambda position, names: position[:, names.index("RASI")].__iadd__(0.02))
    write_markers(tmp_path / "S1/post/stand.trc", other)
    asked = _asked(_draft(tmp_path), needed=False)
    assert "stuck on anew between S1/post, S1/pre" in asked


def test_names_that_contradict_what_is_seen_are_asked_about(tmp_path: Path) -> None:
    write_standing(tmp_path / "S1/walk_stand.trc")
    write_standing(tmp_path / "S2/jump.trc")
    write_moving(tmp_path / "S1/run_1.trc", person.WALK, forces=tmp_path / "S1/run_1.mot")
    draft = _draft(tmp_path)
    assert {row.trial_id: row.activity for row in draft.trials} == {
        "walk_stand": "static",
        "jump": "static",
        "run_1": "walk",
    }
    asked = _asked(draft, needed=False)
    assert "activity of S2/jump.trc: Markers move by" in asked
    assert "The name says run, but feet are on plates for more than half of a stride: taken as walk" in asked


def test_another_body_than_in_the_static_trial_is_asked_about(tmp_path: Path) -> None:
    write_standing(tmp_path / "S1/s.trc")
    recording = person.recording(person.WALK, plates="per_foot")
    wider = person.with_position(recording, lambda position, names: position[:, names.index("RASI")].__iadd__(0.04))
    write_markers(tmp_path / "S1/a.trc", wider)
    write_forces_file(tmp_path / "S1/a.mot", wider)
    assert "asis_r to asis_l differs by" in _asked(_draft(tmp_path), needed=False)


def test_of_several_subjects_the_one_that_wears_a_marker_set_is_taken_and_asked_about(tmp_path: Path) -> None:
    names = {name: f"Ann:{name}" for name in person.static_markers().names}
    write_standing(tmp_path / "S1/s.trc", names)
    standing = person.static_recording()
    box = tuple(f"Box:c{number}" for number in range(4))
    both = Markers(
        (*box, *(names[name] for name in standing.marker_names)),
        standing.marker_time_s,
        np.concatenate((standing.marker_lab_m[:, :4] + 5.0, standing.marker_lab_m), axis=1),
    )
    write_trc(tmp_path / "S2/t.trc", both)
    draft = _draft(tmp_path)
    assert {row.file: row.subject for row in draft.trials} == {"S1/s.trc": None, "S2/t.trc": "Ann"}
    assert "Markers of Box (4), Ann" in _asked(draft, needed=False)
    assert draft.faults == ()
