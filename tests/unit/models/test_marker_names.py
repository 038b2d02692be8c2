"""Markers are recognised however a laboratory spells them, and nothing else is."""

from __future__ import annotations

import pytest

from gaitload.models.marker_names import key_of, matched, without_subject

ASIS = ("RASI", "rasi", "R_ASI", "R.ASI", "r asi", "ASI_R", "right asi", "RightASI", "P1:RASI", "Asi Right", "rASI")


@pytest.mark.parametrize("name", ASIS)
def test_side_case_and_separators_do_not_matter(name: str) -> None:
    assert key_of(name) == ("r", "asi")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("C7", ("", "c7")),
        ("SACR", ("", "sacr")),
        ("r.ASIS_study", ("r", "asis")),
        ("RankleMedial", ("r", "anklemedial")),
        ("R.Thigh.Top.Lateral", ("r", "thightoplateral")),
        ("L5", ("", "l5")),
        ("*113", ("", "113")),
    ],
)
def test_the_key_of_a_name(name: str, key: tuple[str, str]) -> None:
    assert key_of(name) == key


def test_the_subject_that_most_names_begin_with_is_no_part_of_them() -> None:
    names = ["Anna_RASI", "Anna_LASI", "Anna_C7", "Anna_RKNE", "*113"]
    assert list(without_subject(names).values()) == ["RASI", "LASI", "C7", "RKNE", "*113"]
    sided = ["R_ASI", "R_KNE", "R_ANK"]
    assert list(without_subject(sided).values()) == sided


def test_equal_spelling_comes_before_equal_keys_and_doubtful_names_stay_open() -> None:
    known = {"RTOE": (), "RKNE": ("RKNEE",), "C7": ()}
    assert matched(["RTOE", "r_toe"], known) == {"RTOE": "RTOE"}
    assert matched(["r_toe", "Toe R"], known) == {}, "two names fit one marker"
    assert matched(["Right Knee", "X"], known) == {"Right Knee": "RKNE"}
