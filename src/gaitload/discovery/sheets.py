"""What tables that lie beside the recordings say about people: mass, height and sex."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

_ID = ("participant_id", "subject_id", "participant", "subject", "sub", "id", "name", "code", "filename", "filealias")
_MASS = ("mass_kg", "mass", "weight_kg", "weight", "body_mass", "bodymass", "body_mass_kg", "bodyweight")
_HEIGHT = ("height_m", "height", "height_cm", "stature", "stature_m", "stature_cm", "body_height")
_SEX = ("sex", "gender")
_LARGEST = 1_000_000


@dataclass(frozen=True)
class Stated:
    """What a table says about somebody, and which table."""

    table: str
    mass_kg: float | None
    height_m: float | None
    sex: str | None


def people_in(folder: Path, tables: tuple[str, ...]) -> dict[str, Stated]:
    """People by `same_id` of their id, of every table that has columns for ids and masses or heights."""
    found: dict[str, Stated] = {}
    for name in tables:
        for row in table_rows(folder / name):
            who = _first(row, _ID)
            stated = Stated(name, _mass(_first(row, _MASS)), _height(_first(row, _HEIGHT)), _sex(_first(row, _SEX)))
            if who and (stated.mass_kg or stated.height_m):
                found.setdefault(same_id(who), stated)
    return found


def same_id(text: str) -> str:
    """An id as others may write it: lower case, no signs, no `sub-`, numbers without leading zeros."""
    plain = re.sub(r"[^a-z0-9]", "", text.lower().removeprefix("sub-"))
    return re.sub(r"(\D|^)0+(?=\d)", r"\1", plain)


def table_rows(path: Path) -> list[dict[str, str]]:
    """Rows by names of columns, lower case with `_` for signs; none of what is no table, or larger than a megabyte."""
    try:
        if path.stat().st_size > _LARGEST:
            return []
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
        if len(lines) < 2:
            return []
        header, *rows = csv.reader(lines, delimiter=max("\t;,", key=lines[0].count))
    except (OSError, csv.Error):
        return []
    names = [re.sub(r"[^a-z0-9]+", "_", cell.strip().lower()).strip("_") for cell in header]
    return [dict(zip(names, row, strict=False)) for row in rows]


def _first(row: dict[str, str], names: tuple[str, ...]) -> str:
    return next((row[name].strip() for name in names if row.get(name, "").strip()), "")


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _mass(text: str) -> float | None:
    mass = _number(text)
    return mass if mass is not None and 5 < mass < 400 else None


def _height(text: str) -> float | None:
    height = _number(text)
    if height is None:
        return None
    metres = height if height < 3 else height / 100 if height < 300 else height / 1000
    return round(metres, 4) if 0.5 < metres < 2.6 else None


def _sex(text: str) -> str | None:
    return {"f": "F", "w": "F", "m": "M"}.get(text[:1].lower())
