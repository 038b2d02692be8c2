"""The first sheet of an Excel workbook (.xlsx) as texts."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from lxml import etree

from gaitload.errors import DataError
from gaitload.io.xml import parse_xml_from

_LARGEST = 20_000_000
_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_PLACE = re.compile(r"([A-Z]{1,3})(\d+)")


def read_sheet(path: Path) -> list[list[str]]:
    """Cells by rows; empty ones are empty texts.

    Raises
    ------
    ValueError
        It is no workbook, or one that takes more than 20 megabytes unpacked.
    """
    try:
        with zipfile.ZipFile(path) as book:
            names = sorted(name for name in book.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name))
            if not names or sum(info.file_size for info in book.infolist()) > _LARGEST:
                raise ValueError(f"{path.name} is no workbook of a usual size")
            strings = _strings(book, path)
            sheet = _parsed(book, min(names, key=len), path)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, OSError, DataError) as error:
        raise ValueError(f"{path.name} cannot be unpacked: {error}") from error
    return [_row(row, strings) for row in sheet.iter(f"{_NS}row")]


def _strings(book: zipfile.ZipFile, path: Path) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    strings = _parsed(book, "xl/sharedStrings.xml", path)
    return ["".join(one.itertext(f"{_NS}t")) for one in strings.iter(f"{_NS}si")]


def _row(row: etree._Element, strings: list[str]) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(f"{_NS}c"):
        match = _PLACE.fullmatch(cell.get("r", ""))
        column = _column(match[1]) if match else len(cells)
        if column >= 1000:
            break
        cells += [""] * (column + 1 - len(cells))
        cells[column] = _text(cell, strings)
    return cells


def _text(cell: etree._Element, strings: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(cell.itertext(f"{_NS}t"))
    value = cell.findtext(f"{_NS}v") or ""
    if cell.get("t") == "s":
        return strings[int(value)] if value.isdigit() and int(value) < len(strings) else ""
    return value


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def _parsed(book: zipfile.ZipFile, name: str, path: Path) -> etree._Element:
    with book.open(name) as part:
        return parse_xml_from(part, path).getroot()
