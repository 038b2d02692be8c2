"""A laboratory's axes are what most of its recordings say, and those that say otherwise are named."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.cohorts.tables import TrialRow
from gaitload.discovery.axes import forward_axis, up_axis, with_own_axes
from gaitload.discovery.looks import Look, Study
from gaitload.discovery.progress import Progress


def _look(file: str, *, markers: str | None = "+z", forces: str | None = None, extent: str = "+z") -> Look:
    return Look(file, (), 3.0, 100.0, 1.0, "any", markers, forces, extent, (), None)


def _study(direction: tuple[float, float, float], facing: tuple[float, float, float] | None = None) -> Study:
    going = np.array(direction)
    length = np.linalg.norm(going)
    progress = Progress(1.3 if length else 0.0, going / length if length else going, False)
    return Study(
        progress, None, True, "walk", "", 0.0, None, {}, None, None if facing is None else np.array(facing), {}
    )


def test_pelvis_above_feet_outvotes_forces_and_extents() -> None:
    looks = {name: _look(name, markers="+z", forces="+y", extent="+x") for name in ("a", "b")}
    axis, questions, note = up_axis(looks)
    assert axis == "+z"
    assert "pelvis above feet in 2 of 2" in note
    assert "Forces do not push upwards" in questions[0].text


def test_a_recording_with_axes_of_its_own_pushes_along_its_own_vertical() -> None:
    looks = {"a": _look("a", forces="+z"), "b": _look("b", forces="+z"), "c": _look("c", markers="+y", forces="+y")}
    assert not any("Forces do not push" in question.text for question in up_axis(looks)[1])


def test_forces_tell_where_markers_do_not() -> None:
    looks = {name: _look(name, markers=None, forces="-y", extent="+x") for name in ("a", "b")}
    assert up_axis(looks)[0] == "-y"
    assert up_axis(looks)[1] == []


def test_the_longest_extent_is_a_guess_that_is_asked_about() -> None:
    axis, questions, _ = up_axis({"a": _look("a", markers=None, extent="+y")})
    assert axis == "+y"
    assert questions[0].where == "cohort.yaml, lab_up"


def test_a_recording_with_other_axes_is_named() -> None:
    looks = {name: _look(name, markers="+y" if name == "c" else "+z") for name in ("a", "b", "c")}
    axis, questions, _ = up_axis(looks)
    assert axis == "+z"
    assert "not in c" in questions[0].text


def test_walks_there_and_back_are_along_one_axis_and_no_question() -> None:
    studies = {"a": _study((1, 0, 0)), "b": _study((-1, 0.1, 0)), "c": _study((1, 0, 0.5))}
    axis, questions, note = forward_axis(studies, "+z")
    assert (axis, questions) == ("+x", [])
    assert "2 of 3" in note


@pytest.mark.parametrize(
    ("studies", "words"),
    [
        ({"a": _study((1, 0, 0)), "b": _study((1, 0, 0)), "c": _study((0, 1, 0))}, "across it in c"),
        ({"a": _study((1, 1, 0))}, "between two axes in a"),
        ({"a": _study((1, 0, 0), facing=(-1, 0, 0))}, "face against the way they go"),
        ({"a": _study((0, 0, 0), facing=(0, 1, 0))}, "Nobody goes anywhere; +y"),
    ],
)
def test_what_does_not_fit_one_forward_axis_is_asked_about(studies: dict[str, Study], words: str) -> None:
    assert words in " ".join(question.text for question in forward_axis(studies, "+z")[1])


def test_nobody_who_goes_or_faces_anywhere_leaves_the_axis_to_be_said() -> None:
    axis, (question,), _ = forward_axis({"a": _study((0, 0, 0))}, "+z")
    assert axis is None
    assert question.needed


def _row(file: str, role: str = "motion") -> TrialRow:
    return TrialRow(
        participant_id="p1", trial_id=file, role=role, activity="walk" if role == "motion" else "static", file=file
    )


def test_recordings_with_other_axes_say_so_in_their_rows() -> None:
    looks = {"usual": _look("usual"), "stands": _look("stands", markers="+y"), "across": _look("across")}
    studies = {
        "usual": _study((1, 0, 0)),
        "stands": _study((0, 0, 0), facing=(0, 0, -1)),
        "across": _study((0.1, -1, 0)),
    }
    rows = with_own_axes([_row("usual"), _row("stands", "static"), _row("across")], looks, studies, ("+x", "+z"))
    assert [(row.lab_forward, row.lab_up) for row in rows] == [(None, None), ("-z", "+y"), ("-y", "+z")]


def test_a_static_trial_that_faces_across_keeps_the_axes_of_the_laboratory() -> None:
    (row,) = with_own_axes([_row("s", "static")], {"s": _look("s")}, {"s": _study((0, 0, 0), (0, 1, 0))}, ("+x", "+z"))
    assert (row.lab_forward, row.lab_up) == (None, None)


def test_other_axes_that_nothing_tells_are_any_level_one() -> None:
    (row,) = with_own_axes(
        [_row("s", "static")], {"s": _look("s", markers="+y")}, {"s": _study((0, 0, 0))}, ("+x", "+z")
    )
    assert (row.lab_forward, row.lab_up) == ("+x", "+y")
