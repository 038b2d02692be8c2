"""Mass, height and widths of a body as software stores them.

Parameters of a C3D file, text files of Vicon beside it, the subject of AddBiomechanics (`_subject.json`), the setup
of OpenSim's ScaleTool and MOtoNMS's description of an acquisition (.xml).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from gaitload.io.c3d_parameters import numbers, open_c3d, texts

SUFFIXES = (".mp", ".vsk", ".enf", ".json", ".xml")
_HEADER_BYTES = 1_000_000
_GROUPS = ("PROCESSING", "SUBJECTS", "SUBJECT", "PATIENT", "ANTHROPOMETRY")
_MASS = ("bodymass", "mass", "masskg", "bodyweight", "weight", "subjectmass", "subjectweight")
_HEIGHT = ("height", "heightm", "bodyheight", "stature", "subjectheight")
LENGTH_SPANS_M = {
    "inter_asis_m": (0.08, 0.45),
    "knee_width_r_m": (0.02, 0.25),
    "knee_width_l_m": (0.02, 0.25),
    "ankle_width_r_m": (0.02, 0.25),
    "ankle_width_l_m": (0.02, 0.25),
    "marker_diameter_m": (0.002, 0.06),
}
"""Lengths of a body that scaling uses, as Plug-in Gait does, by column of participants.tsv, and the range of each."""
_LENGTHS = {
    "inter_asis_m": ("interasisdistance",),
    **{
        f"{joint}_width_{side}_m": (f"{side}{joint}width", f"{word}{joint}width")
        for joint in ("knee", "ankle")
        for side, word in (("r", "right"), ("l", "left"))
    },
    "marker_diameter_m": ("markerdiameter",),
}
"""Their names in files."""
_NAMES = frozenset((*_MASS, *_HEIGHT, *(name for names in _LENGTHS.values() for name in names)))
_SAID = r"""\$?(\w+)(?:"\s+VALUE)?\s*=\s*"?\s*([0-9]+(?:[.,][0-9]+)?)"""
_IN_JSON = r""""(\w+)"\s*:\s*"?([0-9]+(?:\.[0-9]+)?)"""
_IN_XML = r"""<(mass|height|weight)>\s*([0-9]+(?:\.[0-9]+)?)\s*</"""
_PAIRS = {".json": re.compile(_IN_JSON), ".xml": re.compile(_IN_XML, re.IGNORECASE)}
_PAIR = re.compile(_SAID, re.IGNORECASE)
_LARGEST_BYTES = 1_000_000
"""Larger files of text are models or recordings."""
_MASS_KG = (5.0, 400.0)
_HEIGHT_M = (0.5, 2.6)


@dataclass(frozen=True)
class Body:
    """What one file says of somebody's body.

    Attributes
    ----------
    mass_kg, height_m : float or None
    names : tuple of str
        Subjects that the file names.
    lengths_m : mapping of str to float
        Widths of joints, distance of the ASIS and diameter of markers, by column of participants.tsv.
    """

    mass_kg: float | None
    height_m: float | None
    names: tuple[str, ...] = ()
    lengths_m: Mapping[str, float] = field(default_factory=dict)


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
            if name.lower() in _NAMES and len(values := numbers(reader, f"{group}:{name}")) == 1
        }
    except Exception:  # The c3d package raises whatever damaged parameters make it stumble over.
        return Body(None, None)
    return _body(found, names)


def body_of_text(path: Path) -> Body:
    """What a text file says: `$Bodymass = 51.5`, `HEIGHT=1605`, `"massKg": 80.5`, `<mass>72.8</mass>`."""
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            return Body(None, None)
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return Body(None, None)
    suffix = path.suffix.lower()
    if suffix == ".xml" and not any(root in text for root in ("<ScaleTool", "<acquisition")):
        return Body(None, None)
    pairs = _PAIRS.get(suffix, _PAIR).findall(text)
    return _body({name.lower().replace("_", ""): float(value.replace(",", ".")) for name, value in pairs}, ())


def _body(found: Mapping[str, float], names: tuple[str, ...]) -> Body:
    lengths = {
        column: metres
        for column, names_in_files in _LENGTHS.items()
        if (metres := _first(found, names_in_files, partial(_plausible_length_m, span_m=LENGTH_SPANS_M[column])))
    }
    return Body(_first(found, _MASS, plausible_mass_kg), _first(found, _HEIGHT, plausible_height_m), names, lengths)


def _plausible_length_m(length: float, span_m: tuple[float, float]) -> float | None:
    """A length that is given in mm or in m; None for anything else, such as the 0 of what was not measured."""
    metres = length if length < 1.0 else length / 1000
    return round(metres, 5) if span_m[0] < metres < span_m[1] else None


def plausible_mass_kg(mass: float) -> float | None:
    """The mass of a person (kg), or None for anything else, such as the 0 of a form that nobody filled in."""
    return round(mass, 2) if _MASS_KG[0] < mass < _MASS_KG[1] else None


def plausible_height_m(height: float) -> float | None:
    """The height of a person that is given in m, cm or mm; None for anything else."""
    metres = height if height < 3 else height / 100 if height < 300 else height / 1000
    return round(metres, 4) if _HEIGHT_M[0] < metres < _HEIGHT_M[1] else None


def _first(found: Mapping[str, float], names: tuple[str, ...], plausible) -> float | None:
    values = (plausible(found[name]) for name in names if name in found)
    return next((value for value in values if value is not None), None)
