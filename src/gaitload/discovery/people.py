"""Whose recordings these are: by folders, by the beginnings of names, and where neither tells by marker sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from gaitload.discovery.findings import Question
from gaitload.discovery.sheets import same_id
from gaitload.discovery.words import id_at_start, identifier, says_no_name

_NAMED = 6
_STRAY = "unknown"


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
        return _with_strays(files, _identifiers(by_folder))
    starts = {file: id_at_start(PurePosixPath(file).stem) for file in files}
    found = set(starts.values())
    common = {tuple(_named_parts(file)[:1]) for file in files}
    folder = "".join(common.pop()) if len(common) == 1 else ""
    if None not in found and (len(found) < len(files) or len(files) == 1):
        whole = len(found) == 1 and same_id(folder).startswith(same_id(next(iter(found))))
        return (dict.fromkeys(files, identifier(folder)) if whole else _identifiers(starts)), ()
    if folder:
        return dict.fromkeys(files, identifier(folder)), ()
    sets = list(dict.fromkeys(set_of[file] for file in files))
    ids = {file: f"p{sets.index(set_of[file]) + 1}" for file in files}
    return ids, tuple(_doubts(ids, sets))


def _by_folder(files: Sequence[str]) -> dict[str, str]:
    """The first level of folders, of those that are not called after what they hold, that tells files apart.

    Files without such a folder are left out, as long as they are the fewer ones of those whose name does not begin with
    the id of a folder.
    """
    parts = {file: _named_parts(file) for file in files}
    for level in range(max(map(len, parts.values()))):
        named = {file: part[level] for file, part in parts.items() if len(part) > level}
        known = {same_id(name) for name in named.values()}
        strays = [file for file in files if file not in named and _start(file) not in known]
        if len(named) <= len(strays):
            return {}
        if len(set(named.values())) > 1:
            return named
    return {}


def _start(file: str) -> str | None:
    """The id with which the name of a file begins, as `same_id` spells it."""
    start = id_at_start(PurePosixPath(file).stem)
    return same_id(start) if start else None


def _with_strays(files: Sequence[str], ids: dict[str, str]) -> tuple[dict[str, str], tuple[Question, ...]]:
    """Files without a folder of a person go to the person whose id their name begins with, or are asked about."""
    known = {same_id(who): who for who in ids.values()}
    found = {file: known.get(_start(file)) for file in files if file not in ids}
    strays = [file for file, who in found.items() if who is None]
    taken = {file: ids.get(file) or found[file] or _STRAY for file in files}
    if not strays:
        return taken, ()
    text = (
        f"Neither a folder nor a name tells whose {_files_of(_STRAY, taken)} are: taken as one more person, {_STRAY}."
    )
    return taken, (Question("participant_id in participants.tsv and trials.tsv", text),)


def _named_parts(file: str) -> list[str]:
    return [name for part in PurePosixPath(file).parts[:-1] if (name := _name_of(part))]


def _name_of(folder: str) -> str | None:
    """Whose a folder is: an id before words for what it holds (`S07` of `S07_static`), or its whole name."""
    start = id_at_start(folder)
    rest = folder[len(start) :] if start else ""
    if start and (not rest.strip("_- .") or says_no_name(rest)):
        return start
    return None if says_no_name(folder) else folder


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
