"""Masses, heights and widths of joints that files of the capture software hold, by participant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from statistics import median

from gaitload.discovery.sheets import FORM_SUFFIXES, Stated, form_of, same_id
from gaitload.io.subject_files import SUFFIXES, Body, body_of_c3d, body_of_text


def bodies_said(
    folder: Path, ids: Mapping[str, str], others: Sequence[str], forms: Mapping[str, Body]
) -> dict[str, Stated]:
    """Masses, heights and lengths in C3D files and beside them: in files of capture software, and in forms.

    Parameters
    ----------
    folder : Path
    ids : mapping of str to str
        Participants by file of markers.
    others : sequence of str
        Other files of the folder.
    forms : mapping of str to Body
        What tables say that are forms about one person, by file.

    Returns
    -------
    dict of str to Stated
        By participant; of several files the median counts, and their names are told.
    """
    found: dict[str, list[tuple[str, Body]]] = {}
    for file, who in ids.items():
        if file.lower().endswith(".c3d"):
            found.setdefault(who, []).append((file, body_of_c3d(folder / file)))
    beside = {file: body_of_text(folder / file) for file in others if file.lower().endswith(SUFFIXES)}
    beside |= {file: form_of(folder / file) for file in others if file.lower().endswith(FORM_SUFFIXES)}
    for file, body in (beside | forms).items():
        if who := _whose(file, ids, found):
            found.setdefault(who, []).append((file, body))
    said = {}
    for who, bodies in found.items():
        telling = [(file, body) for file, body in bodies if body.mass_kg or body.height_m or body.lengths_m]
        if telling:
            masses = [body.mass_kg for _, body in telling if body.mass_kg]
            heights = [body.height_m for _, body in telling if body.height_m]
            more = f" and {len(telling) - 1} more" if len(telling) > 1 else ""
            said[who] = Stated(
                f"{telling[0][0]}{more}",
                _middle(masses),
                _middle(heights),
                None,
                _span(masses),
                lengths_m=_lengths([body.lengths_m for _, body in telling]),
            )
    return said


def describe_bodies(said: Mapping[str, Stated]) -> list[str]:
    """A line that names the participants whose mass or height was found, and one for widths of joints."""
    weighed = [who for who, one in said.items() if one.mass_kg or one.height_m]
    measured = [who for who, one in said.items() if one.lengths_m]
    lines = {
        "mass and height in the recordings, or beside them": weighed,
        "widths of joints, or the distance of the ASIS, which scaling uses (participants.tsv)": measured,
    }
    return [f"{what}: {', '.join(who)}" for what, who in lines.items() if who]


def _whose(file: str, ids: Mapping[str, str], found: Mapping[str, Sequence[tuple[str, Body]]]) -> str | None:
    """By the name of the file, by the subjects that C3D files name, or by the only person with recordings beside it."""
    path = PurePosixPath(file)
    stem = same_id(path.name.partition(".")[0])
    for who in dict.fromkeys(ids.values()):
        names = {name for _, body in found.get(who, ()) for name in body.names}
        stems = {PurePosixPath(one).stem for one, person in ids.items() if person == who}
        if stem in {same_id(name) for name in (who, *names, *stems)}:
            return who
    beside = {who for one, who in ids.items() if path.parent in PurePosixPath(one).parents}
    return beside.pop() if len(beside) == 1 else None


def _lengths(said: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = dict.fromkeys(name for one in said for name in one)
    return {name: _middle([one[name] for one in said if name in one]) for name in names}


def _middle(values: Sequence[float]) -> float | None:
    return round(median(values), 4) if values else None


def _span(values: Sequence[float]) -> tuple[float, float] | None:
    return (min(values), max(values)) if len(set(values)) > 1 else None
