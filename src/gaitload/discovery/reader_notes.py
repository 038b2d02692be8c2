"""What readers left out of recordings or decided about them, told once for all files that share it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gaitload.discovery.findings import Fault, Question
from gaitload.discovery.looks import Look

_LEFT_OUT, _DECIDED, _NO_MARKERS = "left out: [", "forces are in N", "not markers: "
_UNITS = "the file does not say"
_NAMED = 3


def describe_reader_notes(looks: Mapping[str, Look]) -> tuple[list[Fault], list[Question], list[str]]:
    """Plates that were left out, units that were decided by the data, and points that are no markers.

    Returns
    -------
    faults : list of Fault
    questions : list of Question
    notes : list of str
    """
    files: dict[str, list[str]] = {}
    for file, look in looks.items():
        for note in look.notes:
            files.setdefault(note, []).append(file)
    do = (
        "Correct the plate in the capture software and export again; until then feet on it count as not measured, and "
        "the other plates are used"
    )
    faults = [Fault(_some(where), note, f"{do}.") for note, where in files.items() if _LEFT_OUT in note]
    questions = [
        Question(f"units of the plates in {_some(where)}", f"{note}. Is that so?")
        for note, where in files.items()
        if _DECIDED in note or _UNITS in note
    ]
    cleaned = [file for file, look in looks.items() if any(_NO_MARKERS in note for note in look.notes)]
    told = f"unlabelled points and results of models are left out in {len(cleaned)} of {len(looks)} files"
    return faults, questions, [told] if cleaned else []


def _some(files: Sequence[str]) -> str:
    more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
    return f"{', '.join(files[:_NAMED])}{more}"
