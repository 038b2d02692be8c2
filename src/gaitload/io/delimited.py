"""Cells of delimited text: where the names of its columns stand, and the numbers below them."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence

import pandas as pd

DELIMITERS = ("\t", ",", ";", "|", " ")
HEAD_LINES = 100
"""Lines among which the names are looked for: exports of amplifiers and insoles begin with some 20 of settings."""
UNIT_ROWS_MAX = 3
"""Rows of units or of axes that may stand between the names and the numbers."""
_MISSING = ("", "nan", "na", "n/a", "null")
_REPEATED = re.compile(r"#\d+$")
_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+(?:[eE][-+]?\d+)?")


def decoded_text(content: bytes) -> str:
    """Text of bytes in UTF-8 or UTF-16, else in the usual code page of Windows, which holds µ and degrees."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def cells_of(text: str, wanted: Sequence[str]) -> pd.DataFrame:
    """Cells below the line that holds most of the names wanted.

    Returns
    -------
    DataFrame
        Cells as text without blanks around them, empty where a line is short; indexed by the line of the file, from 1.
        Columns are called as `numbered` calls them.

    Raises
    ------
    ValueError
        Says which line has more cells than there are names.
    """
    lines = text.splitlines()
    place, delimiter = _line_of_names(lines[:HEAD_LINES], {_REPEATED.sub("", name) for name in wanted})
    names = numbered(_split(lines[place], delimiter)) if lines else []
    rows = {}
    for line, cells in enumerate((_split(line, delimiter) for line in lines[place + 1 :]), start=place + 2):
        if any(cells[len(names) :]):
            raise ValueError(f"{len(names)} names in line {place + 1}, {len(cells)} cells in line {line}")
        if any(cells):
            rows[line] = [*cells[: len(names)], *[""] * (len(names) - len(cells))]
    units = _rows_of_units(list(rows.values())[:UNIT_ROWS_MAX])
    return pd.DataFrame(list(rows.values())[units:], columns=names, index=list(rows)[units:], dtype=str)


def numbered(names: Sequence[str]) -> list[str]:
    """Names of columns; where a name stands several times, its columns are called `name#1`, `name#2`, ..."""
    count, seen, found = Counter(names), Counter(), []
    for name in names:
        seen[name] += 1
        found.append(f"{name}#{seen[name]}" if count[name] > 1 else name)
    return found


def numbers_of(cells: pd.Series, decimal: str) -> tuple[pd.Series, tuple[int, str] | None]:
    """Numbers of a column of cells, NaN where they are empty; and line and text of the first cell that is none.

    Parameters
    ----------
    cells : Series of str
        Indexed by the line of the file.
    decimal : str
        Mark between the whole number and its decimals.
    """
    plain = cells if decimal == "." else cells.str.replace(decimal, ".", regex=False)
    numbers = pd.to_numeric(plain, errors="coerce").astype(float)
    wrong = numbers.isna() & ~cells.str.lower().isin(_MISSING)
    if decimal != ".":
        wrong |= cells.str.contains(".", regex=False)
    return numbers, (int(wrong.idxmax()), str(cells[wrong.idxmax()])) if wrong.any() else None


def has_decimal_comma(cell: str) -> bool:
    """Whether a cell is a number but for the comma before its decimals."""
    return bool(_DECIMAL_COMMA.fullmatch(cell))


def _line_of_names(lines: Sequence[str], wanted: set[str]) -> tuple[int, str]:
    """Place of the line that holds most of the names wanted, and its delimiter; without any, that of most words."""

    def worth(of: tuple[int, str]) -> tuple[int, int]:
        cells = _split(lines[of[0]], of[1])
        return len(wanted.intersection(cells)), sum(map(_is_word, cells)) if of[1] != " " else 0

    return max(((place, each) for place in range(len(lines)) for each in DELIMITERS), key=worth, default=(0, ","))


def _split(line: str, delimiter: str) -> list[str]:
    if '"' in line:
        cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
    else:
        cells = line.split(None if delimiter == " " else delimiter)
    return [cell.strip() for cell in cells]


def _rows_of_units(rows: Sequence[Sequence[str]]) -> int:
    """How many rows at the head hold words and no number."""
    units = [all(map(_is_word, filter(None, row))) for row in rows[:UNIT_ROWS_MAX]]
    return units.index(False) if False in units else len(units)


def _is_word(cell: str) -> bool:
    """Whether a cell holds something that is neither a number nor missing."""
    try:
        float(cell)
    except ValueError:
        return cell.lower() not in _MISSING and not has_decimal_comma(cell)
    return False
