"""Recordings are somebody's: by folders, by names, by marker sets."""

from __future__ import annotations

import pytest

from gaitload.discovery.people import people_of
from gaitload.discovery.sheets import people_in, same_id, sheets_in


def _ids(files: list[str], sets: dict[str, str] | None = None) -> list[str]:
    ids, _ = people_of(files, sets or dict.fromkeys(files, "any"))
    return [ids[file] for file in files]


@pytest.mark.parametrize(
    ("files", "ids"),
    [
        (["anna/day1/t1.c3d", "anna/day1/t2.c3d", "bert/t1.c3d"], ["anna", "anna", "bert"]),
        (["study/S1/static/a.trc", "study/S2/walk/a.trc"], ["S1", "S2"]),
        (["walk/S1_a.trc", "walk/S2_a.trc", "static/S1.trc", "static/S2.trc"], ["S1", "S2", "S1", "S2"]),
        (["S1_static.trc", "S1_walk.trc", "S2_walk.trc"], ["S1", "S1", "S2"]),
        (["subject04/trials/run200/markers.trc", "subject04/trials/run300/markers.trc"], ["subject04"] * 2),
        (["S07/walk.c3d", "S07_static/a.c3d", "S08static/a.c3d", "S08/walk.c3d"], ["S07", "S07", "S08", "S08"]),
        (["S1/w.c3d", "S2/w.c3d", "S3/w.c3d", "static/S01_cal.c3d", "statics/s2.c3d"], ["S1", "S2", "S3", "S1", "S2"]),
        (["Messungen/VP01/a.c3d", "Messungen/VP02/a.c3d", "Kalib/VP01 Kal.c3d", "Kalib/vp2.c3d"], ["VP01", "VP02"] * 2),
        (
            ["InputData/S1/day1/w.c3d", "ElaboratedData/S1/dynamicElaborations/w/w.trc", "InputData/S2/w.c3d"],
            ["S1", "S1", "S2"],
        ),
        (["HC038A/Static/HC038A01.c3d", "HC038A/Straight/HC038A11.c3d"], ["HC038A"] * 2),
        (["mystudy/S1_a.c3d", "mystudy/S1_b.c3d"], ["S1", "S1"]),
        (["Probanden/Müller/w.c3d", "Probanden/Sørensen/w.c3d"], ["Muller", "Sorensen"]),
        (["2024-01-31/S1/w.c3d", "2024-02-01/S1/w.c3d", "2024-02-01/S2/w.c3d"], ["S1", "S1", "S2"]),
        (["S1/20240131/w.c3d", "S2/31.1.2024/Sitzung 1/w.c3d"], ["S1", "S2"]),
        (["a b/x.trc", "a-b/x.trc", "a,b/x.trc"], ["a_b", "a-b", "a_b_2"]),
    ],
)
def test_folders_and_beginnings_of_names_tell_people_apart(files: list[str], ids: list[str]) -> None:
    assert _ids(files) == ids
    assert people_of(files, dict.fromkeys(files, "any"))[1] == ()


def test_files_that_are_nobodys_do_not_make_one_person_of_all_others() -> None:
    files = [*(f"AB{number:02d}/walk.c3d" for number in range(15)), "static/trial.c3d", "old static/x.c3d"]
    ids, (question,) = people_of(files, dict.fromkeys(files, "any"))
    assert len(set(ids.values())) == 16
    assert [ids[file] for file in files[-2:]] == ["unknown", "unknown"]
    assert "static/trial.c3d, old static/x.c3d" in question.text


def test_names_that_are_all_different_are_no_ids() -> None:
    ids, questions = people_of(["t1.trc", "t2.trc", "t3.trc"], dict.fromkeys(["t1.trc", "t2.trc", "t3.trc"], "any"))
    assert set(ids.values()) == {"p1"}
    assert len(questions) == 1


def test_marker_sets_tell_people_apart_where_nothing_else_does_and_the_guess_is_asked_about() -> None:
    sets = {"static_walk.trc": "x", "walk.trc": "x", "static_run.trc": "y", "run.trc": "y"}
    ids, questions = people_of(list(sets), sets)
    assert [ids[file] for file in sets] == ["p1", "p1", "p2", "p2"]
    assert "p2 wears y: static_run.trc, run.trc" in questions[0].text


def test_tables_of_any_spelling_say_who_is_how_heavy_and_tall(tmp_path) -> None:
    (tmp_path / "people.csv").write_text("Subject;Mass;Height (cm);Gender\nRBDS003;65,4;177;Male\nRBDS04;x;;f\n")
    (tmp_path / "settings.tsv").write_text("name\tvalue\nrate\t100\n")
    (tmp_path / "broken.csv").write_bytes(b'id,mass\n"S1,\x00,70\n' + b"x" * 200_000)
    sheets = sheets_in(tmp_path, ("people.csv", "settings.tsv", "broken.csv", "gone.csv"))
    assert [bool(sheet.why_not) for sheet in sheets] == [False, True, True, True]
    found = people_in(sheets)
    assert found.keys() == {same_id("RBDS03")}
    assert (found["rbds3"].mass_kg, found["rbds3"].height_m, found["rbds3"].sex) == (65.4, 1.77, "M")


def test_two_folders_that_contain_static_do_not_merge_fifteen_people() -> None:
    files = [f"S{number:02d}/walk_{trial}.c3d" for number in range(1, 16) for trial in (1, 2)]
    files += ["S03_static/cal.c3d", "S11_static/cal.c3d"]
    ids, questions = people_of(files, dict.fromkeys(files, "any"))
    assert {ids[f"S{number:02d}/walk_1.c3d"] for number in range(1, 16)} == {f"S{n:02d}" for n in range(1, 16)}
    assert (ids["S03_static/cal.c3d"], ids["S11_static/cal.c3d"]) == ("S03", "S11")
    assert questions == ()
