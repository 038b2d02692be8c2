"""Rows of trials.tsv: who stands, who walks, who runs, with which forces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import PurePosixPath

from gaitload.cohorts.tables import TrialRow
from gaitload.discovery.files import counted
from gaitload.discovery.findings import Question
from gaitload.discovery.looks import Look, Study
from gaitload.discovery.pairing import UNDER_FOOT_MAX_M
from gaitload.discovery.words import id_at_start, identifier, kind_of, meaningful
from gaitload.ingest.marker_gates import STILL_MAX_M

_MOVED_MAX_M = 0.3
"""A trial that is called static and moves more than this is none."""
SAME_PERSON_MAX_M = 0.03
"""Widths of the pelvis and lengths of shanks agree within 1 to 2 cm between recordings of one person."""


def trials_of_person(
    who: str, looks: Mapping[str, Look], studies: Mapping[str, Study]
) -> tuple[list[TrialRow], list[Question]]:
    """Static trials first, those with the most markers before others; then motions, by their names."""
    questions: list[Question] = []
    kinds: dict[str, str] = {}
    for file, one in studies.items():
        kind, doubts = _kind(who, file, looks[file], one)
        kinds[file] = kind
        questions += doubts
    bare = [file for file, kind in kinds.items() if kind != "static" and not studies[file].loaded]
    if bare:
        questions.append(_without_forces(who, bare, studies))
    statics = sorted(
        (file for file in kinds if kinds[file] == "static"), key=lambda file: (-len(looks[file].names), file)
    )
    motions = [file for file in kinds if kinds[file] != "static"]
    names = _trial_ids([*statics, *motions])
    if len(statics) > 1:
        told = ", ".join(names[file] for file in statics)
        text = f"{who} stands in {told}: the first decides proportions, the last shows markers as motions wear them."
        sessions = {PurePosixPath(file).parent for file in statics} & {PurePosixPath(file).parent for file in motions}
        if len(sessions) > 1:
            folders = ", ".join(sorted(folder.as_posix() for folder in sessions))
            text += (
                f" Where markers were stuck on anew between {folders}, give each of them a participant of its own "
                f"({who}_2, ...), else all motions are held against the markers of the last."
            )
        questions.append(Question(f"trials.tsv, order of the static trials of {who}", text))
    questions += _other_people(who, statics, motions, studies)
    rows = [_row(who, names[file], kinds[file], file, studies[file], questions) for file in (*statics, *motions)]
    return rows, questions


def _kind(who: str, file: str, look: Look, one: Study) -> tuple[str, list[Question]]:
    said, where = kind_of(PurePosixPath(file).stem) or _kind_of_folders(file), f"trials.tsv, activity of {file}"
    if look.spread_m < STILL_MAX_M or (said == "static" and look.spread_m < _MOVED_MAX_M):
        if said in (None, "static") and look.spread_m < STILL_MAX_M:
            return "static", []
        text = f"Markers move by {100 * look.spread_m:.0f} cm and the name says {said}; taken as static."
        return "static", [Question(where, text)]
    if said == "other":
        return "other", []
    if said not in (None, one.activity):
        return one.activity, [Question(where, f"The name says {said}, but {one.reason}: taken as {one.activity}.")]
    if one.activity == "other":
        text = f"Taken as other, because {one.reason}. It decides filters and thresholds."
        return "other", [Question(where, text)]
    return one.activity, []


def _kind_of_folders(file: str) -> str | None:
    return next((kind for part in reversed(PurePosixPath(file).parts[:-1]) if (kind := kind_of(part))), None)


def _without_forces(who: str, files: list[str], studies: Mapping[str, Study]) -> Question:
    """Motions without a force on a plate: their angles are labelled, and their loads are not measured."""
    plates = [file for file in files if studies[file].forces]
    told = [f"{counted(files)}: no force on a plate, so angles are labelled and loads are not measured."]
    if plates:
        told.append(f"Nobody steps on a plate in {counted(plates)}.")
    told.append("Were forces recorded? Export the plates with it, or put its file (.mot) beside it under a like name.")
    return Question(f"trials.tsv, forces of {who}", " ".join(told))


def _trial_ids(files: list[str]) -> dict[str, str]:
    """Names of files without the person's id; of like ones, the folders count too."""
    parts = {file: PurePosixPath(file).with_suffix("").parts for file in files}
    ids = {file: identifier(_telling_name(own)) for file, own in parts.items()}
    for length in (2, max(map(len, parts.values()), default=0)):
        counts = Counter(ids.values())
        ids = {
            file: name if counts[name] == 1 else identifier("_".join(parts[file][-length:]))
            for file, name in ids.items()
        }
    return ids


def _telling_name(parts: tuple[str, ...]) -> str:
    """The last part of a path that does not only say what the file holds (`markers`), without a person's id."""
    own = next((part for part in reversed(parts) if meaningful(part)), parts[-1])
    return _without_person(own)


def _without_person(stem: str) -> str:
    person = id_at_start(stem)
    rest = stem[len(person) :].strip("_- .") if person else ""
    return rest or stem


def _row(who: str, trial_id: str, kind: str, file: str, one: Study, questions: list[Question]) -> TrialRow:
    moves = kind != "static"
    pair = one.forces if moves else None
    speed = round(one.progress.speed_m_per_s, 2)
    if moves and one.under_foot_m > UNDER_FOOT_MAX_M:
        text = (
            f"{file}: the centre of pressure is {100 * one.under_foot_m:.0f} cm from the nearest marker of a foot. "
            "Other axes or units of the plates, or the forces of another trial?"
        )
        questions.append(Question(f"trials.tsv, forces of {who}/{trial_id}", text))
    if pair and pair.rivals:
        text = f"{file}: forces of {pair.file} were taken; {', '.join(pair.rivals)} fit as well."
        questions.append(Question(f"trials.tsv, forces_file of {who}/{trial_id}", text))
    return TrialRow(
        participant_id=who,
        trial_id=trial_id,
        role="motion" if moves else "static",
        activity=kind,
        file=file,
        forces_file=pair.file if pair else None,
        forces_length_unit=pair.length_unit if pair else "m",
        speed_m_per_s=speed if moves and speed > 0 else None,
    )


def _other_people(who: str, statics: list[str], motions: list[str], studies: Mapping[str, Study]) -> list[Question]:
    """Motions whose pelvis or shanks are not those of the static trial."""
    if not statics:
        return []
    reference = studies[statics[0]].lengths_m
    found = []
    for file in (*statics[1:], *motions):
        own = studies[file].lengths_m
        off = {name: own[name] - reference[name] for name in own if name in reference}
        worst = max(off, key=lambda name: abs(off[name]), default=None)
        if worst and abs(off[worst]) > SAME_PERSON_MAX_M:
            text = f"{file}: {worst} differs by {100 * off[worst]:+.1f} cm from the static trial. Is it {who}?"
            found.append(Question(f"trials.tsv, participant_id of {file}", text))
    return found
