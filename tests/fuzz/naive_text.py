"""Text tables read a second time, in the plainest way: what the cells of a damaged file literally say.

Nothing here is shared with the readers of the package. `Unreadable` means that a literal reading is not possible.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

_PLAIN = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_MISSING = re.compile(r"[-+]?(nan|inf|infinity)", re.IGNORECASE | re.ASCII)


class Unreadable(Exception):
    """Why there is no literal reading."""


def plain_number(cell: str) -> float:
    """The number a cell spells in ASCII digits; NaN for a blank one; underscores and other digits are no numbers."""
    cell = cell.strip()
    if not cell:
        return math.nan
    if not (_PLAIN.fullmatch(cell) or _MISSING.fullmatch(cell)):
        raise Unreadable(f"{cell[:20]!r} is no number")
    return float(cell)


@dataclass(frozen=True)
class Rows:
    """Names and cells of a table; a cell is read when its column is asked for, as readers pass over other columns."""

    names: list[str]
    cells: list[list[str]]

    @property
    def values(self) -> np.ndarray:
        """All numbers, shape (T, C)."""
        numbers = [[plain_number(cell) for cell in row] for row in self.cells]
        return np.array(numbers, dtype=float).reshape(len(numbers), len(self.names))

    def column(self, name: str) -> np.ndarray:
        """The first column of a name, shape (T,); `Unreadable` if there is none."""
        if name not in self.names:
            raise Unreadable(f"no column {name}")
        place = self.names.index(name)
        return np.array([plain_number(row[place]) for row in self.cells])


def text_of(content: bytes) -> str:
    """UTF-8 with or without a mark at its beginning, damaged characters replaced."""
    return content.decode("utf-8-sig", errors="replace")


def table(lines: list[str], delimiter: str | None, names: list[str]) -> Rows:
    """Lines of as many cells as there are names; one blank cell more at the end counts for nothing."""
    rows = []
    for line in lines:
        if not line.strip():
            continue
        cells = line.split(delimiter)
        while len(cells) > len(names) and not cells[-1].strip():
            cells.pop()
        if len(cells) != len(names):
            raise Unreadable(f"{len(cells)} cells under {len(names)} names")
        rows.append(cells)
    return Rows(names, rows)


def trc(content: bytes) -> tuple[list[str], float, np.ndarray, np.ndarray]:
    """Names, metres per unit, times, and positions in the file's unit, shape (T, M, 3), of a TRC file."""
    lines = text_of(content).splitlines()
    header = dict(zip(lines[1].split(), lines[2].split(), strict=False))
    names = [cell.strip() for cell in lines[3].split("\t")[2:] if cell.strip()]
    columns = ["frame", "time", *(f"{name} {axis}" for name in names for axis in "xyz")]
    values = table(lines[5:], "\t", columns).values
    if float(header["NumFrames"]) > len(values):
        raise Unreadable("frames are missing")
    metres = {"mm": 1e-3, "cm": 1e-2, "m": 1.0}[header["Units"].lower()]
    return names, metres, values[:, 1], values[:, 2:].reshape(len(values), -1, 3)


def sto(content: bytes) -> Rows:
    """A storage file of numbers."""
    lines = text_of(content).splitlines()
    end = next((place for place, line in enumerate(lines) if line.strip().lower() == "endheader"), None)
    if end is None or end + 1 >= len(lines):
        raise Unreadable("no header")
    named = lines[end + 1]
    names = [cell.strip() for cell in (named.split("\t") if "\t" in named else named.split()) if cell.strip()]
    return table([" ".join(line.split()) for line in lines[end + 2 :]], " ", names)


def cells_of(line: str, delimiter: str) -> list[str]:
    """Cells of a line of names, without quotes and blanks around them."""
    names = [cell.strip().strip('"') for cell in line.split(delimiter)]
    while names and not names[-1]:
        names.pop()
    return names
