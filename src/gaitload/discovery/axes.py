"""The axes of a laboratory, by what all its recordings say together, and those of recordings with other ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from gaitload.cohorts.tables import TrialRow
from gaitload.discovery.findings import Question
from gaitload.discovery.gait import axis_of
from gaitload.discovery.looks import Look, Study

_ALONG_MIN = 0.85
"""Cosine of the angle between a direction and the nearest axis: 32 deg; people who walk across are between two."""


def up_axis(looks: Mapping[str, Look]) -> tuple[str, list[Question], str]:
    """`(axis, questions, note)`: by pelvis and feet, else by forces, else by the largest extent of people."""
    for source, votes in (
        ("pelvis above feet", [look.up_markers for look in looks.values()]),
        ("forces push upwards", [look.up_forces for look in looks.values()]),
    ):
        known = Counter(vote for vote in votes if vote)
        if known:
            axis, count = known.most_common(1)[0]
            questions = [*_dissent(looks, axis, source), *_downward(looks, axis)]
            return axis, questions, f"lab_up {axis}: {source} in {count} of {sum(known.values())} recordings"
    axis = Counter(look.up_extent for look in looks.values()).most_common(1)[0][0]
    text = f"Nothing but the longest extent of people says which way is up: {axis} was taken."
    return axis, [Question("cohort.yaml, lab_up", text)], f"lab_up {axis}: the longest extent of people"


def up_of(look: Look, up: str) -> str:
    """The axis that points up in one recording: where its pelvis is above its feet, else that of the laboratory."""
    return look.up_markers or up


def with_own_axes(
    rows: Sequence[TrialRow], looks: Mapping[str, Look], studies: Mapping[str, Study], axes: tuple[str | None, str]
) -> list[TrialRow]:
    """Rows that say `lab_forward` and `lab_up` of their own where a recording has other axes than the laboratory.

    Parameters
    ----------
    rows : sequence of TrialRow
    looks, studies : mapping of str to Look, Study
        By file; studies were made with the axis of `up_of`.
    axes : tuple
        `(forward, up)` of the laboratory.
    """
    forward, up = axes
    if forward is None:
        return list(rows)
    kept = []
    for row in rows:
        own_up = up_of(looks[row.file], up)
        own_forward = _own_forward(studies[row.file], own_up, row.role == "motion")
        other = own_up != up or (row.role == "motion" and own_forward and own_forward[1] != forward[1])
        update = {"lab_forward": own_forward or _any_level(own_up), "lab_up": own_up} if other else {}
        kept.append(row.model_copy(update=update))
    return kept


def _own_forward(one: Study, up: str, moves: bool) -> str | None:
    """The level axis that somebody goes along, or else faces, in one recording; None between two axes."""
    going = one.progress.direction_lab
    vector = going if moves and going.any() else one.facing
    if vector is None:
        return None
    axis, along = axis_of(_level(vector, up))
    return axis if along >= _ALONG_MIN else None


def _any_level(up: str) -> str:
    return "+y" if up[1] == "x" else "+x"


def forward_axis(studies: Mapping[str, Study], up: str) -> tuple[str | None, list[Question], str]:
    """`(axis, questions, note)`: the way people go over the floor or against the belt, else the way they face."""
    going = {file: one.progress.direction_lab for file, one in studies.items() if one.progress.direction_lab.any()}
    facing = {file: one.facing for file, one in studies.items() if one.facing is not None}
    source, directions = ("people go", going) if going else ("people face", facing)
    votes, oblique = Counter(), []
    for file, vector in directions.items():
        axis, along = axis_of(_level(vector, up))
        votes[axis] += 1
        if along < _ALONG_MIN:
            oblique.append(file)
    if not votes:
        return None, [Question("cohort.yaml, lab_forward", "Along which lab axis do people move?", needed=True)], ""
    lines: Counter[str] = Counter()
    for axis, count in votes.items():
        lines[axis[1]] += count
    line = lines.most_common(1)[0][0]
    axis = max((f"+{line}", f"-{line}"), key=lambda one: votes[one])
    questions = []
    if oblique:
        text = f"People go between two axes in {_some(oblique)}; ingest refuses who faces more than 45 deg off."
        questions.append(Question("cohort.yaml, lab_forward", f"{text} {axis} was taken."))
    across = [file for file, vector in directions.items() if axis_of(_level(vector, up))[0][1] != line]
    if across:
        text = f"Most go along {axis}, but across it in {_some(across)}, whose rows say lab_forward. Is that so?"
        questions.append(Question("cohort.yaml, lab_forward", text))
    backwards = [
        file for file, vector in going.items() if file in facing and float(_level(facing[file], up) @ vector) < 0
    ]
    if going and backwards:
        text = f"In {_some(backwards)} people face against the way they go (backwards, or left and right exchanged)?"
        questions.append(Question("cohort.yaml, lab_forward", text))
    if not going:
        text = f"Nobody goes anywhere; {axis} is the way most people face."
        questions.append(Question("cohort.yaml, lab_forward", text))
    return axis, questions, f"lab_forward {axis}: {source} so in {votes[axis]} of {votes.total()} recordings"


def _dissent(looks: Mapping[str, Look], axis: str, source: str) -> list[Question]:
    others = [look.file for look in looks.values() if look.up_markers and look.up_markers != axis]
    if not others:
        return []
    text = (
        f"{axis} is up in most recordings ({source}), not in {_some(others)}, whose rows say lab_forward and lab_up: "
        "exported with other axes, or lying?"
    )
    return [Question("cohort.yaml, lab_up", text)]


def _downward(looks: Mapping[str, Look], axis: str) -> list[Question]:
    others = [look.file for look in looks.values() if look.up_forces and look.up_forces != up_of(look, axis)]
    if not others:
        return []
    text = (
        f"Forces do not push upwards, where pelvises are above feet, in {_some(others)}: plates must give the "
        "force on the person in the frame of the markers."
    )
    return [Question("the plates in the recordings", text)]


def _level(vector: np.ndarray, up: str) -> np.ndarray:
    level = np.array(vector, dtype=float)
    level["xyz".index(up[1])] = 0.0
    return level


def _some(files: list[str]) -> str:
    more = f" and {len(files) - 3} more" if len(files) > 3 else ""
    return f"{', '.join(files[:3])}{more}"
