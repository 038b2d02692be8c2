"""Body mass and height as capture software stores them: parameters of a C3D file, and Vicon's text files beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from gaitload.errors import GaitloadError
from gaitload.io.c3d_parameters import numbers, open_c3d, texts

SUFFIXES = (".mp", ".vsk", ".enf")
_HEADER_BYTES = 1_000_000
_GROUPS = ("PROCESSING", "SUBJECTS", "SUBJECT", "PATIENT", "ANTHROPOMETRY")
_MASS = ("bodymass", "mass", "bodyweight", "weight", "subjectmass", "subjectweight")
_HEIGHT = ("height", "bodyheight", "stature", "subjectheight")
_PAIR = re.compile(r"""\$?(\w+)(?:"\s+VALUE)?\s*=\s*"?\s*([0-9]+(?:[.,][0-9]+)?)""", re.IGNORECASE)
_MASS_KG = (5.0, 400.0)
_HEIGHT_M = (0.5, 2.6)


@dataclass(frozen=True)
class Body:
    """What one file says of somebody's body: mass (kg), height (m), and the subjects it names."""

    mass_kg: float | None
    height_m: float | None
    names: tuple[str, ...] = ()


def body_of_c3d(path: Path) -> Body:
    """What the parameters of a C3D file say, such as PROCESSING:Bodymass and PROCESSING:Height of Vicon.

    Nothing where the parameters cannot be read (whoever reads the recording is told why), or where the file has several
    subjects: the values may be those of either.
    """
    try:
        with path.open("rb") as handle:
            reader = open_c3d(handle.read(_HEADER_BYTES))
        names = tuple(filter(None, texts(reader, "SUBJECTS:NAMES")))
        if len(names) > 1:
            return Body(None, None, names)
        found = {
            name.lower(): float(values[0])
            for group in _GROUPS
            if reader.get(group) is not None
            for name in reader.get(group).param_keys()
            if name.lower() in (*_MASS, *_HEIGHT) and len(values := numbers(reader, f"{group}:{name}")) == 1
        }
    except Exception:  # The c3d package raises whatever damaged parameters make it stumble over.
        return Body(None, None)
    return Body(_first(found, _MASS, plausible_mass_kg), _first(found, _HEIGHT, plausible_height_m), names)


def body_of_text(path: Path) -> Body:
    """What a `.mp`, `.vsk` or `.enf` file says: lines such as `$Bodymass = 51.5` or `HEIGHT=1605`."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except (OSError, GaitloadError):
        return Body(None, None)
    found = {name.lower(): float(value.replace(",", ".")) for name, value in _PAIR.findall(text)}
    return Body(_first(found, _MASS, plausible_mass_kg), _first(found, _HEIGHT, plausible_height_m))


def plausible_mass_kg(mass: float) -> float | None:
    """The mass of a person (kg), or None for anything else, such as the 0 of a form that nobody filled in."""
    return round(mass, 2) if _MASS_KG[0] < mass < _MASS_KG[1] else None


def plausible_height_m(height: float) -> float | None:
    """The height of a person that is given in m, cm or mm; None for anything else."""
    metres = height if height < 3 else height / 100 if height < 300 else height / 1000
    return round(metres, 4) if _HEIGHT_M[0] < metres < _HEIGHT_M[1] else None


def _first(found: dict[str, float], names: tuple[str, ...], plausible) -> float | None:
    values = (plausible(found[name]) for name in names if name in found)
    return next((value for value in values if value is not None), None)
