"""OpenSim's tables: storage (.sto) and motion (.mot) files, of any age."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gaitload.errors import DataError
from gaitload.io.cells import end_of_column, with_points
from gaitload.io.files import require_content, write_aside

_HEADER_LINES_MAX = 1000


@dataclass(frozen=True)
class Table:
    """A table over time.

    Attributes
    ----------
    names : tuple of str
        Length C, without the time column.
    time_s : ndarray, shape (T,)
    values : ndarray, shape (T, C)
        In the units of the file.
    in_degrees : bool
        Whether rotational coordinates are in degrees; a file that does not say is in radians.
    notes : tuple of str
        What was left aside of the file.
    """

    names: tuple[str, ...]
    time_s: np.ndarray
    values: np.ndarray
    in_degrees: bool = False
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> np.ndarray:
        """One column, shape (T,)."""
        return self.values[:, self.names.index(name)]


@dataclass(frozen=True)
class StoText:
    """A table's cells as text.

    Attributes
    ----------
    header : tuple of str
        Lines above `endheader`, in lower case.
    names : tuple of str
        Of all columns, `time` first.
    rows : tuple of str
        Lines below the names, blank ones among them.
    first_line : int
        Line of the file in which `rows` begin, from 1.
    notes : tuple of str
        What was left aside of the file.
    """

    header: tuple[str, ...]
    names: tuple[str, ...]
    rows: tuple[str, ...]
    first_line: int
    notes: tuple[str, ...] = ()


def read_sto(path: Path) -> Table:
    """Read a table with a header of any version, up to the SIMM motion files of old, with decimal points or commas.

    The number of rows in a header is not believed: cut files that keep the old one are common. The number of columns
    follows from the line of names.

    Raises
    ------
    DataError
        `FILE_MISSING`, `FILE_EMPTY`, `STO_HEADER`, `STO_NAMES`, `STO_CELLS`, `STO_TRUNCATED`.
    """
    text = read_sto_text(path)
    rows = with_points([line for line in text.rows if line and not line.isspace()])
    names = text.names
    try:
        cells = np.loadtxt(rows, ndmin=2, comments=None) if rows else np.empty((0, len(names)))
    except ValueError as error:
        raise _error("STO_CELLS", path, f"rows of {len(names)} numbers", _fault(text)) from error
    if cells.shape[1] != len(names):
        raise _error("STO_CELLS", path, f"rows of {len(names)} numbers", _fault(text))
    in_degrees = any(entry.replace(" ", "") == "indegrees=yes" for entry in text.header)
    return Table(names[1:], cells[:, 0], cells[:, 1:], in_degrees, text.notes)


def read_sto_text(path: Path) -> StoText:
    """Read a table of any data type, its cells as they are spelled.

    A missing last line end does not mean a cut file. A last row with fewer cells, or whose last number is shorter than
    all others of its column, does; where numbers of that column are of unlike lengths, nobody can tell, and the row is
    left out.

    Raises
    ------
    DataError
        `FILE_MISSING`, `FILE_EMPTY`, `STO_HEADER`, `STO_NAMES`, `STO_TRUNCATED`.
    """
    path = require_content(path)
    content = path.read_text(encoding="utf-8-sig", errors="replace")
    lines = content.splitlines()
    header = [line.strip().lower() for line in lines[:_HEADER_LINES_MAX]]
    if "endheader" not in header:
        raise _error("STO_HEADER", path, "a header that ends in the line `endheader`", "no such line")
    end = header.index("endheader")
    names = _names(lines[end + 1] if end + 1 < len(lines) else "", path)
    rows, notes = lines[end + 2 :], ()
    if rows and not content.endswith(("\n", "\r")) and not _last_row_is_whole(rows, len(names), path):
        notes = (f"{path.name}: the last row ends the file without a line end and may lack digits; left out",)
        rows = rows[:-1]
    return StoText(tuple(header[:end]), names, tuple(rows), end + 3, notes)


def write_sto(path: Path, table: Table, *, name: str, in_degrees: bool) -> None:
    """Write a table so that OpenSim reads it and `read_sto` gives back every bit.

    Parameters
    ----------
    name : str
        First line of the file, as the OpenSim GUI shows it.
    in_degrees : bool
        Whether rotational coordinates of `table` are in degrees.
    """
    rows, columns = table.values.shape
    header = [name, "version=1", f"nRows={rows}", f"nColumns={columns + 1}"]
    header += [f"inDegrees={'yes' if in_degrees else 'no'}", "endheader"]
    header.append("\t".join(("time", *table.names)))
    cells = np.column_stack((table.time_s, table.values)).tolist()
    with write_aside(path) as aside, aside.open("w", encoding="utf-8", newline="\n") as handle:
        handle.writelines(f"{line}\n" for line in header)
        # The shortest text that reads back to the same bits is what Python writes for a float.
        handle.writelines("\t".join(map(repr, row)) + "\n" for row in cells)


def _last_row_is_whole(rows: list[str], width: int, path: Path) -> bool:
    if len(rows[-1].split()) != width or rows[-1].count(",") != rows[-2:][0].count(","):
        return True  # Whoever reads the cells refuses the row.
    # Cells of vectors and quaternions are numbers parted by commas.
    column = [re.split(r"[\s,]", row if row is rows[-1] else row.rstrip())[-1] for row in rows]
    end = end_of_column(column)
    if end == "cut":
        expected = f"a last number with as many decimals as the one above it, {column[-2]!r}, or the end of its line"
        raise _error("STO_TRUNCATED", path, expected, f"{column[-1]!r}, with which the file ends")
    return end == "whole"


def _names(line: str, path: Path) -> tuple[str, ...]:
    cells = [cell.strip() for cell in (line.split("\t") if "\t" in line else line.split())]
    names = tuple(cell for cell in cells if cell)
    twice = sorted({name for name in names if names.count(name) > 1})
    if not names or names[0].lower() != "time" or twice:
        found = f"{', '.join(twice)} more than once" if twice else f"{', '.join(names[:3]) or 'nothing'}"
        raise _error("STO_NAMES", path, "a line of column names that starts with `time`, each name once", found)
    return names


def _fault(text: StoText) -> str:
    # The first row that is no row of numbers; numpy counts rows from 0 or from 1, as it pleases.
    for number, line in enumerate(text.rows, start=text.first_line):
        cells = line.split()
        if cells and len(cells) != len(text.names):
            return f"{len(cells)} in line {number}"
        cell = next((cell for cell in cells if not _is_number(cell)), None)
        if cell is not None:
            return f"{cell!r} in line {number}"
    return "a number in a spelling of its own"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _error(code: str, path: Path, expected: str, found: str) -> DataError:
    do = "Open the file in a text editor at that place, or write it again with the tool it came from."
    return DataError(expected=expected, found=found, where=str(path), do=do, code=code)
