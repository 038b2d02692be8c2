"""What tables that lie beside the recordings say about people: mass, height and sex."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.discovery.words import plain_letters
from gaitload.io.delimited import decoded_text
from gaitload.io.spreadsheet import read_sheet
from gaitload.io.subject_files import Body, plausible_height_m, plausible_mass_kg


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TABLE_SUFFIXES = (".tsv", ".csv", ".txt", ".xlsx")
FORM_SUFFIXES = (".yaml", ".yml")
_IDS = _words(
    "participant subject sub subj subid subjid id ids name code patient proband person volunteer runner vp athlete "
    "probandennummer probandennr probandenid probandin teilnehmer patientennummer versuchsperson kennung "
    "sujeto paciente codigo sujet soggetto forsoksperson deltagare"
)
_FILES = _words("filename filealias file")
_MASS = _words(
    "mass weight bodymass bodyweight gewicht masse korpergewicht koerpergewicht korpermasse koerpermasse "
    "poids peso masa massa vikt kroppsvikt lichaamsgewicht"
)
_HEIGHT = _words(
    "height stature bodyheight grosse groesse korpergrosse koerpergroesse korperhohe "
    "taille altura talla estatura altezza statur statura langd kroppslangd lichaamslengte"
)
_SEX = _words("sex gender geschlecht sexe sexo sesso kon geslacht")
_FEMALE = _words("f female femenino feminin femminile femme w weiblich weibl woman frau mujer donna kvinna vrouw")
_MALE = _words("m male masculino masculin maschile mannlich maennlich mannl man mann hombre homme uomo varon")
_NOT_OF_THE_BODY = _words(
    "shoe shoes foot segment thigh shank leg trunk bag load added knee ankle hip seat box heel step jump class type "
    "schuh fuss bein sprung zapato pierna"
)
_OF_A_PERSON = _words("body subject person participant patient in of the s kg g n m cm mm lb lbs korper gewicht")
"""Words beside `mass` or `height` that leave its meaning as it is, in a form about one person."""
_METRIC = _words("kg kilogram kilograms kilo kilos m cm mm metre metres meter meters")
_POUND_KG, _INCH_M, _FOOT_M = 0.45359237, 0.0254, 0.3048
_NAMED = 4
_HEADER_ROWS = 10
"""Rows that may stand above the names of columns: titles, dates, units."""
_LARGEST = 1_000_000
_FORM_LINE = re.compile(r"""^[ \t"'$]*([^\W\d][^:=;,\t\n"']{2,40})["']?[ ]*[:=;,\t][ \t"']*(\d[^\n]*)$""", re.MULTILINE)


@dataclass(frozen=True)
class Stated:
    """What a file says about somebody.

    Attributes
    ----------
    table : str
        Name of the file.
    mass_kg, height_m : float or None
    sex : str or None
    masses_kg : tuple of float, or None
        Smallest and largest mass, where several files disagree.
    mass_source : str
        File that says the mass, where it is not `table`.
    lengths_m : mapping of str to float
        Widths of joints and the like, by column of participants.tsv.
    """

    table: str
    mass_kg: float | None
    height_m: float | None
    sex: str | None
    masses_kg: tuple[float, float] | None = None
    mass_source: str = ""
    lengths_m: Mapping[str, float] = field(default_factory=dict)


_NOTHING_SAID = Body(None, None)


@dataclass(frozen=True)
class Sheet:
    """One table: people by `same_id` of their id; why it says nothing of people, and what it says of one as a form."""

    name: str
    people: dict[str, Stated]
    why_not: str = ""
    form: Body = _NOTHING_SAID


def sheets_in(folder: Path, tables: Iterable[str]) -> list[Sheet]:
    """What each table says of people."""
    return [_sheet(folder / name, name) for name in tables]


def people_in(sheets: Sequence[Sheet]) -> dict[str, Stated]:
    """People of all tables; of somebody who stands in several, the first one counts."""
    found: dict[str, Stated] = {}
    for sheet in sheets:
        for who, stated in sheet.people.items():
            found.setdefault(who, stated)
    return found


def form_of(path: Path) -> Body:
    """Mass and height in a form about one person: lines such as `Body mass: 72.5 kg`, or a table of one row, no ids.

    A form with two masses or two heights is about several people, and gives nothing.
    """
    cells = _cells(path) if path.suffix.lower() in TABLE_SUFFIXES else []
    said: dict[str, set[float]] = {"mass": set(), "height": set()}
    named = len(cells) == 2 and not any(cell.strip()[:1].isdigit() for cell in cells[0])
    if named and "id" not in (kinds := _columns(cells[0])):
        pairs = [(cells[0][column], cells[1][column]) for column in kinds.values() if column < len(cells[1])]
    elif path.suffix.lower() == ".xlsx":
        pairs = [(row[0], row[1]) for row in cells if len(row) > 1]
    else:
        pairs = _FORM_LINE.findall(_small_text(path))
    for label, value in pairs:
        words = set(_plain(label).split("_"))
        for kind, names, plausible in (("mass", _MASS, plausible_mass_kg), ("height", _HEIGHT, plausible_height_m)):
            number = _in_unit(value, label) if words & names and words <= names | _OF_A_PERSON else None
            if number is not None and (found := plausible(number)) is not None:
                said[kind].add(found)
    if max(map(len, said.values())) > 1:
        return _NOTHING_SAID
    return Body(*(next(iter(values), None) for values in said.values()))


def describe_sheets(sheets: Sequence[Sheet], used: Mapping[str, Stated]) -> list[str]:
    """What of each table was used, or why nothing was; a line for all of which the same is true.

    Parameters
    ----------
    sheets : sequence of Sheet
    used : mapping of str to Stated
        What was taken of tables, by participant.
    """
    lines = []
    strange: dict[str, list[str]] = {}
    for sheet in sheets:
        taken = [who for who, stated in used.items() if stated.table == sheet.name]
        if sheet.form.mass_kg or sheet.form.height_m:
            lines.append(f"{sheet.name}: mass or height of one person")
        elif sheet.why_not:
            strange.setdefault(sheet.why_not, []).append(sheet.name)
        elif taken:
            lines.append(f"{sheet.name}: mass and height of {len(taken)} of its {len(sheet.people)} people are used")
        else:
            some = ", ".join(list(sheet.people)[:3])
            found = f"none of its {len(sheet.people)} people ({some}, ...) is a participant"
            lines.append(f"{sheet.name}: {found}; not used")
    for why, names in strange.items():
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        lines.append(f"{', '.join(names[:_NAMED])}{more}: no table of participants ({why})")
    return lines


def same_id(text: str) -> str:
    """An id as others may write it: lower case, no accents or signs, no `sub-`, numbers without leading zeros."""
    plain = re.sub(r"[^a-z0-9]", "", plain_letters(text).lower().removeprefix("sub-"))
    return re.sub(r"(\D|^)0+(?=\d)", r"\1", plain)


def table_rows(path: Path) -> list[dict[str, str]]:
    """Rows by names of columns, lower case with `_` for signs; none of what is no table, or larger than a megabyte."""
    cells = _cells(path)
    if len(cells) < 2:
        return []
    header, *rows = cells
    names = [_plain(cell) for cell in header]
    return [dict(zip(names, row, strict=False)) for row in rows]


def _sheet(path: Path, name: str) -> Sheet:
    cells = _cells(path)
    kinds: dict[str, int] = {}
    for number, header in enumerate(cells[:_HEADER_ROWS]):
        kinds = _columns(header)
        if "id" in kinds and kinds.keys() & {"mass", "height"}:
            return _people(name, header, cells[number + 1 :], kinds)
    columns = [_columns(header) for header in cells[:_HEADER_ROWS]]
    with_ids = any("id" in found for found in columns)
    lacking = "mass or height" if with_ids else "ids, such as participant_id"
    return Sheet(name, {}, f"no column for {lacking}", form_of(path))


def _people(name: str, header: Sequence[str], rows: Sequence[Sequence[str]], kinds: Mapping[str, int]) -> Sheet:
    found: dict[str, Stated] = {}
    for row in rows:
        cell = {kind: row[column].strip() for kind, column in kinds.items() if column < len(row)}
        mass = _in_unit(cell.get("mass", ""), header[kinds["mass"]]) if "mass" in kinds else None
        height = _in_unit(cell.get("height", ""), header[kinds["height"]]) if "height" in kinds else None
        stated = Stated(
            name,
            None if mass is None else plausible_mass_kg(mass),
            None if height is None else plausible_height_m(height),
            _sex(cell["sex"], header[kinds["sex"]]) if "sex" in cell else None,
        )
        if cell.get("id") and (stated.mass_kg or stated.height_m):
            found.setdefault(same_id(cell["id"]), stated)
    return Sheet(name, found, "" if found else "no row with an id and a plausible mass or height")


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Columns by what they hold; the first one of a kind, ids before names of files."""
    kinds: dict[str, int] = {}
    for known in ((("id", _IDS), ("mass", _MASS), ("height", _HEIGHT), ("sex", _SEX)), (("id", _FILES),)):
        for column, cell in enumerate(header):
            words = set(_plain(cell).split("_"))
            for kind, names in known:
                if words & names and not words & _NOT_OF_THE_BODY:
                    kinds.setdefault(kind, column)
    return kinds


def _in_unit(text: str, column: str) -> float | None:
    """A number in kg, or in m, cm or mm; pounds, newtons, inches and feet are turned into kg and m."""
    words = set(_plain(column).split("_"))
    feet = re.fullmatch(r"(\d)\s*(?:'|ft)\s*(\d{1,2}(?:\.\d+)?)?\s*(?:\"|''|in)?", text.strip())
    if feet:
        return int(feet[1]) * _FOOT_M + float(feet[2] or 0.0) * _INCH_M
    match = re.match(r"\s*([0-9]+(?:[.,][0-9]+)?)\s*([a-zA-Z]*)", text)
    if match is None:
        return None
    number, unit = float(match[1].replace(",", ".")), match[2].lower()
    said = {unit, *words}
    if said & {"lb", "lbs", "pound", "pounds"}:
        return number * _POUND_KG
    if said & {"n", "newton", "newtons"}:
        return number / STANDARD_GRAVITY_M_PER_S2
    # `Height in cm`: beside another unit, `in` is a word.
    inches = said & {"inch", "inches"} or ("in" in said and not said & _METRIC)
    return number * _INCH_M if inches else number


def _cells(path: Path) -> list[list[str]]:
    try:
        if path.suffix.lower() == ".xlsx":
            small = path.stat().st_size <= _LARGEST
            return [row for row in read_sheet(path) if any(cell.strip() for cell in row)] if small else []
        lines = [line for line in _small_text(path).splitlines() if line.strip() and not line.startswith("#")]
        if not lines:
            return []
        delimiter = max("\t;,", key=lambda sign: sum(line.count(sign) for line in lines[:_HEADER_ROWS]))
        return list(csv.reader(lines, delimiter=delimiter))
    except (OSError, ValueError, csv.Error):
        return []


def _small_text(path: Path) -> str:
    """Text of a file; empty where it cannot be read, or is larger than tables of people are."""
    try:
        return decoded_text(path.read_bytes()) if path.stat().st_size <= _LARGEST else ""
    except OSError:
        return ""


def _plain(cell: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", plain_letters(cell).lower()).strip("_")


def _sex(text: str, column: str) -> str | None:
    """F or M; None where a single `m` may be that of a Spanish `mujer`, beside `h` for `hombre`."""
    word = _plain(text)
    if word == "m" and "sexo" in _plain(column).split("_"):
        return None
    return "F" if word in _FEMALE else "M" if word in _MALE else None
