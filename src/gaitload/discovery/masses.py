"""Rows of participants.tsv: what tables and recordings say of people, and what forces suggest where they do not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from statistics import median

from gaitload.cohorts.tables import Participant, TrialRow
from gaitload.discovery.findings import Question
from gaitload.discovery.looks import Study
from gaitload.discovery.sheets import Stated, same_id
from gaitload.discovery.weighing import weighed_kg
from gaitload.discovery.words import id_at_start

_AGREE_SHARE = 0.08
"""Masses by tables and by forces differ by shoes, calibration and plates that drift: 4 to 6 % is common."""
_NUMBERED = re.compile(r"[a-z]*(\d+)[a-z]*")


def people_rows(
    rows: Sequence[TrialRow],
    studies: Mapping[str, Study],
    stated: Mapping[str, Stated],
    recorded: Mapping[str, Stated],
    sets: Mapping[str, str],
) -> tuple[list[Participant], list[Question], list[tuple[str, str]]]:
    """Rows of people, questions about them, and the cells that are suggestions.

    Parameters
    ----------
    rows : sequence of TrialRow
    studies : mapping of str to Study
        By file.
    stated : mapping of str to Stated
        What tables say, by participant: that of `stated_of`.
    recorded : mapping of str to Stated
        What files of the capture software say, by participant.
    sets : mapping of str to str
        Marker sets by participant, of those whose set is known.
    """
    people, questions, suggested = [], [], []
    short: dict[bool, list[str]] = {False: [], True: []}
    for who in dict.fromkeys(row.participant_id for row in rows):
        own = [row for row in rows if row.participant_id == who]
        known = _together(stated.get(who), recorded.get(who))
        found = _by_forces([studies[row.file] for row in own], [one.unloaded_n for one in studies.values()])
        mass = known.mass_kg if known else None
        if mass is None and found:
            mass = round(found[0], 1)
            suggested.append((who, "mass_kg"))
        loaded = any(studies[row.file].loaded for row in own if row.role == "motion")
        questions += _about_mass(who, loaded, known, found)
        if not (known and known.height_m):
            short[any(row.role == "static" for row in own)].append(who)
        people.append(
            Participant(
                participant_id=who,
                sex=known.sex if known else None,
                mass_kg=mass,
                height_m=known.height_m if known else None,
                marker_set=sets.get(who),
                **(known.lengths_m if known else {}),
            )
        )
    questions += [_about_height(ids, stands) for stands, ids in short.items() if ids]
    return people, questions, suggested


def stated_of(rows: Sequence[TrialRow], stated: Mapping[str, Stated]) -> dict[str, Stated]:
    """What tables say of each participant, by the id or by how the files of that person begin.

    An id that is only a number is the participant whose id has no other number (`7` is `Proband_07`), where there is
    one such participant.

    Parameters
    ----------
    rows : sequence of TrialRow
    stated : mapping of str to Stated
        What tables say, by id as `same_id` writes it.
    """
    names: dict[str, dict[str, None]] = {}
    for row in rows:
        starts = (row.participant_id, id_at_start(PurePosixPath(row.file).stem))
        names.setdefault(row.participant_id, {}).update(dict.fromkeys(same_id(name) for name in starts if name))
    numbers = {who: match[1] for who in names if (match := _NUMBERED.fullmatch(same_id(who)))}
    counts = Counter(numbers.values())
    for who, number in numbers.items():
        if counts[number] == 1:
            names[who][number] = None
    found = {who: next((stated[name] for name in own if name in stated), None) for who, own in names.items()}
    return {who: one for who, one in found.items() if one}


def _together(table: Stated | None, recorded: Stated | None) -> Stated | None:
    """A table outranks recordings, cell by cell."""
    if table is None or recorded is None:
        return table or recorded
    return replace(
        table,
        mass_kg=table.mass_kg or recorded.mass_kg,
        height_m=table.height_m or recorded.height_m,
        mass_source=table.table if table.mass_kg else recorded.table,
        lengths_m=recorded.lengths_m,
    )


def _by_forces(studies: Sequence[Study], readings: Sequence[Mapping[str, float]]) -> tuple[float, str] | None:
    standing = [found for one in studies if one.standing_n and (found := weighed_kg(one.standing_n, readings))]
    if standing:
        known = all(offsets for _, offsets in standing)
        less = (
            " (less what the plates read unloaded)" if known else " (with offsets of the plates, which nothing tells)"
        )
        return median(mass for mass, _ in standing), f"the force of standing{less}"
    striding = [one.mass_striding_kg for one in studies if one.mass_striding_kg]
    return (median(striding), "the mean force over whole strides") if striding else None


def _about_mass(who: str, loaded: bool, known: Stated | None, found: tuple[float, str] | None) -> list[Question]:
    where = f"participants.tsv, mass_kg of {who}"
    said_kg = known.mass_kg if known else None
    if said_kg is None and found:
        text = f"What is the body mass? {found[0]:.1f} kg, by {found[1]}, is a suggestion (good to about 5 %)."
        return [Question(where, text)]
    if said_kg is None and loaded:
        return [
            Question(where, "What is the body mass? No file and no force tells; nothing runs without.", needed=True)
        ]
    if said_kg and found and abs(found[0] / said_kg - 1.0) > _AGREE_SHARE:
        source = known.mass_source or known.table
        return [Question(where, f"{source}: {said_kg:g} kg; {found[1]}: {found[0]:.1f} kg. Which is right?")]
    if known and known.masses_kg:
        low, high = known.masses_kg
        return [Question(where, f"{known.table} say {low:g} to {high:g} kg; {said_kg:g} kg was taken. Which is right?")]
    return []


def _about_height(ids: Sequence[str], stands: bool) -> Question:
    """People without a height: who stands in a static trial is measured by markers, who does not cannot be scaled."""
    why = (
        "Without it muscles keep the strength of the generic model (STRENGTH_UNSCALED warns)."
        if stands
        else "Without a static trial the model is scaled by it; the person is refused otherwise."
    )
    return Question(f"participants.tsv, height_m of {', '.join(ids)}", f"How tall? {why}", needed=not stands)
