"""Forces belong to the markers under whose feet they lie, whatever files are called."""

from __future__ import annotations

from pathlib import Path

import pytest

import synthetic_person as person
from gaitload.discovery.files import ForceFile, find_files
from gaitload.discovery.pairing import UNDER_FOOT_MAX_M, candidates_for, likeness, pair_forces, under_foot_m
from recorded_folders import write_forces_file, write_moving

FAST = person.Gait(speed_m_per_s=1.7, cycle_s=0.9)


def _pair(folder: Path, file: str, gait: person.Gait):
    return pair_forces(folder, file, person.recording(gait, plates="none"), find_files(folder).forces, "+y")


def test_forces_are_told_apart_by_feet_where_names_say_nothing(tmp_path: Path) -> None:
    write_moving(tmp_path / "a.trc", person.WALK, forces=tmp_path / "x.mot")
    write_moving(tmp_path / "b.trc", FAST, forces=tmp_path / "y.mot")
    found = [_pair(tmp_path, file, gait) for file, gait in (("a.trc", person.WALK), ("b.trc", FAST))]
    assert [pair.file for pair in found] == ["x.mot", "y.mot"]
    assert all(pair.under_foot_m < UNDER_FOOT_MAX_M for pair in found)
    assert all(pair.rivals == () for pair in found)


def test_names_decide_between_forces_that_fit_alike(tmp_path: Path) -> None:
    recording = person.recording(person.WALK, plates="per_foot")
    write_moving(tmp_path / "walk_2.trc", person.WALK)
    for name in ("grf_walk_1.mot", "grf_walk_2.mot"):
        write_forces_file(tmp_path / name, recording)
    found = _pair(tmp_path, "walk_2.trc", person.WALK)
    assert (found.file, found.rivals) == ("grf_walk_2.mot", ())


def test_forces_that_are_called_after_another_trial_are_not_taken() -> None:
    forces = [ForceFile(name, 0.0, 1.0) for name in ("S1/walk_1_grf.mot", "S1/sync.mot")]
    files = ["S1/walk_1.trc", "S1/walk_2.trc"]
    assert candidates_for("S1/walk_1.trc", files, forces) == forces
    assert candidates_for("S1/walk_2.trc", files, forces) == forces[1:]


def test_forces_that_fit_and_are_called_alike_are_rivals(tmp_path: Path) -> None:
    recording = person.recording(person.WALK, plates="per_foot")
    write_moving(tmp_path / "t.trc", person.WALK)
    for name in ("u.mot", "v.mot"):
        write_forces_file(tmp_path / name, recording)
    assert _pair(tmp_path, "t.trc", person.WALK).rivals == ("v.mot",)


def test_points_in_millimetres_are_recognised_by_the_feet(tmp_path: Path) -> None:
    write_moving(tmp_path / "walk.trc", person.WALK, forces=tmp_path / "walk.mot", length_unit_per_m=1e3)
    found = _pair(tmp_path, "walk.trc", person.WALK)
    assert found.length_unit == "mm"
    assert found.under_foot_m < UNDER_FOOT_MAX_M


def test_forces_of_another_time_are_not_taken(tmp_path: Path) -> None:
    long = person.Gait(duration_s=12.0)
    write_moving(tmp_path / "walk.trc", person.WALK, forces=None)
    write_moving(tmp_path / "other.trc", long, forces=tmp_path / "long.mot")
    assert _pair(tmp_path, "walk.trc", person.WALK) is None


def test_forces_of_another_gait_do_not_lie_under_feet() -> None:
    walk, other = person.recording(person.WALK), person.recording(FAST)
    assert under_foot_m(walk, walk.force_time_s, walk.plates, "+y") < 0.1
    assert under_foot_m(walk, other.force_time_s, other.plates, "+y") > UNDER_FOOT_MAX_M


def test_likeness_counts_folders_and_not_words_for_kinds() -> None:
    assert likeness("S1/markers/walk_3.trc", "S1/forces/grf_walk_3.mot") == 1.0
    assert likeness("S1/walk_3.trc", "S2/walk_3.mot") == pytest.approx(3 / 5)
