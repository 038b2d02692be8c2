"""Whose recordings these are: by folders, by the beginnings of names, and where neither tells by marker sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from gaitload.discovery.findings import Question
from gaitload.discovery.words import id_at_start, identifier, says_no_name

_NAMED = 6


def people_of(files: Sequence[str], set_of: Mapping[str, str]) -> tuple[dict[str, str], tuple[Question, ...]]:
    """Participant ids by file.

    Parameters
    ----------
    files : sequence of str
        Seen from the folder of the cohort, with `/`.
    set_of : mapping of str to str
        The marker set that fits each file best.

    Returns
    -------
    ids : dict of str to str
    questions : tuple of Question
        Where neither folders nor names told.
    """
    by_folder = _by_folder(files)
    if by_folder:
        return _identifiers(by_folder), ()
    starts = {file: id_at_start(PurePosixPath(file).stem) for file in files}
    found = set(starts.values())
    if None not in found and (len(found) < len(files) or len(files) == 1):
        return _identifiers(starts), ()
    common = _named_parts(files[0])
    if common and all(_named_parts(file)[:1] == common[:1] for file in files):
        return dict.fromkeys(files, identifier(common[0])), ()
    sets = list(dict.fromkeys(set_of[file] for file in files))
    ids = {file: f"p{sets.index(set_of[file]) + 1}" for file in files}
    return ids, tuple(_doubts(ids, sets))


def _by_folder(files: Sequence[str]) -> dict[str, str]:
    """The first level of folders, of those that are not called after what they hold, that tells files apart."""
    parts = {file: _named_parts(file) for file in files}
    for level in range(max(map(len, parts.values()))):
        names = [part[level] if len(part) > level else None for part in parts.values()]
        if None in names:
            return {}
        if len(set(names)) > 1:
            return dict(zip(files, names, strict=True))
    return {}


def _named_parts(file: str) -> list[str]:
    return [part for part in PurePosixPath(file).parts[:-1] if not says_no_name(part)]


def _identifiers(names: Mapping[str, str]) -> dict[str, str]:
    """Names as ids; two names that would become one id stay apart by a number."""
    taken: dict[str, str] = {}
    for name in dict.fromkeys(names.values()):
        plain, number = identifier(name), 2
        while plain in taken.values():
            plain, number = f"{identifier(name)}_{number}", number + 1
        taken[name] = plain
    return {file: taken[name] for file, name in names.items()}


def _files_of(who: str, ids: Mapping[str, str]) -> str:
    files = [file for file, person in ids.items() if person == who]
    more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
    return f"{', '.join(files[:_NAMED])}{more}"


def _doubts(ids: Mapping[str, str], sets: Sequence[str]) -> list[Question]:
    where = "participant_id in participants.tsv and trials.tsv"
    if len(sets) == 1:
        return [Question(where, "Neither folders nor names tell people apart: everything is taken as one person, p1.")]
    told = "; ".join(
        f"p{number} wears {name or 'a set that is not known'}: {_files_of(f'p{number}', ids)}"
        for number, name in enumerate(sets, start=1)
    )
    text = f"Neither folders nor names tell people apart: one person per marker set is assumed. {told}. Is that so?"
    return [Question(where, text)]
