"""What readers left out or decided is told once, with the files that share it."""

from __future__ import annotations

from gaitload.discovery.looks import Look
from gaitload.discovery.reader_notes import describe_reader_notes


def _look(file: str, *notes: str) -> Look:
    return Look(file, (), 3.0, 100.0, 1.0, "any", "+z", None, "+z", (), None, notes=notes)


def test_left_out_plates_units_and_points_are_grouped_by_what_they_share() -> None:
    plate = "plate_2 left out: [C3D_PLATE_TYPE] expected a force plate of type 1, 2, 3, 4; found type 6"
    units = "plate_1: moments are in N m, by the centre of pressure; the file does not say"
    looks = {name: _look(name, plate, units, "not markers: 1 unlabelled (*113)") for name in "abcd"}
    looks["e"] = _look("e")
    faults, questions, notes = describe_reader_notes(looks)
    assert [(fault.where, fault.what) for fault in faults] == [("a, b, c and 1 more", plate)]
    assert [question.where for question in questions] == ["units of the plates in a, b, c and 1 more"]
    assert questions[0].text.startswith("plate_1: moments are in N m")
    assert notes == ["unlabelled points and results of models are left out in 4 of 5 files"]


def test_recordings_without_anything_to_tell_say_nothing() -> None:
    assert describe_reader_notes({"a": _look("a")}) == ([], [], [])
