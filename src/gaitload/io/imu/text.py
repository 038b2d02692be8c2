"""Delimited text as inertial sensors export it: names, cells, numbers, and where a fault is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gaitload.errors import DataError
from gaitload.io.cells import end_of_column, plain_number
from gaitload.io.files import require_content

DELIMITERS = ("\t", ",", ";", "|", " ")
LARGEST = 1e30
"""No clock and no sensor says more; a number beyond it is a damaged one, and its square may be infinite."""
_HEAD_BYTES = 512
_SPELLED = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar", " ": "space"}


@dataclass(frozen=True)
class TextTable:
    """Cells of a text.

    Attributes
    ----------
    names : tuple of str
        Of the columns; those without a name are empty.
    rows : tuple of list of str
        As many cells each as there are names, or more.
    line_numbers : tuple of int
        Line of the file each row stands in, from 1.
    where : str
        For messages.
    """

    names: tuple[str, ...]
    rows: tuple[list[str], ...]
    line_numbers: tuple[int, ...]
    where: str

    def has(self, *names: str) -> bool:
        """Whether every one of these columns is there."""
        return set(names) <= set(self.names)

    def numbers(self, names: Sequence[str]) -> np.ndarray:
        """Columns by name, shape (T, C); an empty cell is NaN. Raises `DataError` (`IMU_CELLS`)."""
        return self.columns([self.names.index(name) for name in names])

    def columns(self, places: Sequence[int]) -> np.ndarray:
        """Columns by place, shape (T, C); an empty cell is NaN. Raises `DataError` (`IMU_CELLS`)."""
        numbers = np.empty((len(self.rows), len(places)))
        for column, place in enumerate(places):
            try:
                numbers[:, column] = [number(row[place]) for row in self.rows]
            except ValueError as error:
                raise self._cell_error(place) from error
        return numbers

    def _cell_error(self, place: int) -> DataError:
        rows = zip((row[place] for row in self.rows), self.line_numbers, strict=True)
        cell, line = next((cell, line) for cell, line in rows if not is_number(cell))
        expected = f"a finite number, NaN or nothing in column {self.names[place] or place + 1}"
        return text_error("IMU_CELLS", expected, f"{cell[:40]!r} in line {line}", self.where)


def read_lines(path: Path) -> list[str]:
    """Lines of a text file, without their ends.

    Raises
    ------
    DataError
        `FILE_MISSING`, `FILE_EMPTY`, `IMU_FORMAT_UNKNOWN` (bytes that no text holds).
    """
    text = require_content(path).read_bytes().decode("utf-8-sig", errors="replace")
    if "\0" in text:
        raise text_error("IMU_FORMAT_UNKNOWN", "a text file", "bytes of another kind", str(path))
    # `splitlines` would also break lines at characters that a damaged cell may hold.
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def start_of(path: Path) -> list[str]:
    """Lines of a text file; of a binary one its first bytes as one line, a character for each byte.

    Raises
    ------
    DataError
        `FILE_MISSING`, `FILE_EMPTY`.
    """
    with require_content(path).open("rb") as handle:
        head = handle.read(_HEAD_BYTES)
    return [head.decode("latin-1")] if b"\0" in head else read_lines(path)


def delimiter_of(header: str, known: Sequence[str], where: str) -> str:
    """The delimiter that makes known names of a line of names.

    Raises
    ------
    DataError
        `IMU_DELIMITERS`, when none does, or when known names are left inside of the cells it makes.
    """
    cells = {delimiter: names_of(header, delimiter) for delimiter in DELIMITERS}
    count = {delimiter: sum(cell in known for cell in cells[delimiter]) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=count.__getitem__)
    if count[best] < 2:
        raise text_error(
            "IMU_DELIMITERS", "names parted by tab, comma, semicolon, bar or space", repr(header[:60]), where
        )
    for other in DELIMITERS:
        mixed = next((cell for cell in cells[best] if sum(part in known for part in cell.split(other)) > 1), None)
        if mixed is not None:
            found = f"{_SPELLED[other]} as well as {_SPELLED[best]}: {mixed[:60]!r}"
            raise text_error("IMU_DELIMITERS", "one delimiter in the line of names", found, where)
    return best


def names_of(header: str, delimiter: str) -> list[str]:
    """Names in a line of names, without blanks and quotes around them; empty ones at the end are left out."""
    names = [cell.strip().strip('"') for cell in header.split(delimiter)]
    while names and not names[-1]:
        names.pop()
    return names


def split_rows(
    lines: Sequence[str], names: Sequence[str], delimiter: str, *, first_line: int, where: str, spare: int = 0
) -> TextTable:
    """Cells of the lines below the names.

    A file may end without a line end. Where digits of its last number may then lack unseen, that cell is missing.

    Parameters
    ----------
    lines : sequence of str
        Blank ones are passed over. The last one is empty where the file ends with a line end.
    names : sequence of str
        Of the columns.
    delimiter : str
    first_line : int
        Line of the file that `lines` begins with, from 1.
    where : str
        For messages.
    spare : int
        Columns without a name that rows may have at their end.

    Raises
    ------
    DataError
        `IMU_DELIMITERS`, `IMU_COLUMNS`, `IMU_ROWS`, `IMU_TRUNCATED`.
    """
    rows, numbers = [], []
    is_open = bool(lines) and bool(lines[-1].strip())
    for line_number, line in enumerate(lines, start=first_line):
        if not line or line.isspace():
            continue
        cells = line.split(delimiter)
        while len(cells) > len(names) and not cells[-1].strip():
            cells.pop()
        if not len(names) <= len(cells) <= len(names) + spare:
            if is_open and len(cells) < len(names) and line_number == first_line + len(lines) - 1 and rows:
                found = f"{len(cells)} in line {line_number}, with which the file ends"
                raise _truncated(f"{len(names)} cells in each line", found, where)
            raise _uneven(line, len(cells), len(names), delimiter, line_number, where)
        rows.append(cells)
        numbers.append(line_number)
    if len(rows) < 2:
        raise text_error("IMU_ROWS", "two samples or more", f"{len(rows)}", where)
    if is_open:
        _settle_end(rows, where)
    return TextTable(tuple(names), tuple(rows), tuple(numbers), where)


def _settle_end(rows: Sequence[list[str]], where: str) -> None:
    """Refuse a last number that is cut, and take one that may be for missing."""
    place = len(rows[-1]) - 1
    column = [row[place] if place < len(row) else "" for row in rows]
    end = end_of_column(column)
    if end == "cut":
        expected = f"a last number with as many decimals as the one above it, {column[-2][:40]!r}"
        raise _truncated(expected, f"{column[-1][:40]!r}, with which the file ends", where)
    if end == "unknown":
        rows[-1][place] = ""


def _truncated(expected: str, found: str, where: str) -> DataError:
    do = "The file was cut off, by a full disk or a broken transfer: copy it again, or export the recording again."
    return DataError(expected=expected, found=found, where=where, do=do, code="IMU_TRUNCATED")


def number(cell: str) -> float:
    """A cell's number, NaN when it is empty; `ValueError` for anything else, `inf`, `1e300` and `1_000` among it."""
    if not cell or cell.isspace():
        return math.nan
    value = plain_number(cell)
    if abs(value) > LARGEST:
        raise ValueError(cell)
    return value


def is_number(cell: str) -> bool:
    """Whether `number` takes a cell."""
    try:
        number(cell)
    except ValueError:
        return False
    return True


def text_error(code: str, expected: str, found: str, where: str) -> DataError:
    """A fault of a text file, with what to do about all of them."""
    do = "Open the file in a text editor at that place, or export the recording again; do not edit it in a spreadsheet."
    return DataError(expected=expected, found=found, where=where, do=do, code=code)


def _uneven(line: str, found: int, expected: int, delimiter: str, line_number: int, where: str) -> DataError:
    other = next((each for each in DELIMITERS if each != delimiter and len(line.split(each)) == expected), None)
    if other is not None:
        what = f"{_SPELLED[other]} in line {line_number}"
        return text_error("IMU_DELIMITERS", f"cells parted by {_SPELLED[delimiter]}, as above", what, where)
    return text_error("IMU_COLUMNS", f"{expected} cells in each line", f"{found} in line {line_number}", where)
