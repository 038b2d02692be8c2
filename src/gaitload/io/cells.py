"""Cells of text tables: what counts as a number, and whether the last one of a file is all there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

_NUMBER = re.compile(r"[-+]?\d*(\.\d*)?([eE][-+]?\d+)?", re.ASCII)


def plain_number(cell: str) -> float:
    """The number a cell spells, `nan` and `inf` in any case among them.

    Raises
    ------
    ValueError
        For anything else; Python's own `float` also takes `1_000` and the digits of other scripts, which in a table of
        numbers are damage.
    """
    if "_" in cell or not cell.isascii():
        raise ValueError(f"could not convert string to float: {cell!r}")
    return float(cell)


def with_points(rows: Sequence[str]) -> list[str]:
    """Rows of numbers between tabs or blanks with decimal points, where commas stand for them and no point does.

    Software writes so under the settings of many countries. Where one cell has two commas, they part numbers and stay.
    """
    rows = list(rows)
    if any("." in row for row in rows) or any(cell.count(",") > 1 for row in rows for cell in row.split()):
        return rows
    return [row.replace(",", ".") for row in rows]


def end_of_column(cells: Sequence[str]) -> Literal["whole", "cut", "unknown"]:
    """Whether the last number of a file that has no last line end is all there.

    Many programs write no line end behind the last row, so its absence alone says nothing. A cut through a number
    leaves a shorter number. It shows where all numbers of the column have the same count of decimals.

    Parameters
    ----------
    cells : sequence of str, length T
        Last column of the file, the last row included, as written; a blank behind the last number ends it.

    Returns
    -------
    str
        `whole`: nothing can lack, the cell is no number, or it is the same as the one above. `cut`: it has fewer
        decimals, or a shorter exponent, than every number above it. `unknown`: the column has numbers of unlike
        lengths, so that digits may lack.
    """
    last = cells[-1]
    found = _form(last)
    if last != last.rstrip() or found is None or cells[-2:-1] == [last]:
        return "whole"
    forms = {form for cell in cells[:-1] if (form := _form(cell)) is not None}
    if len(forms) != 1 or not next(iter(forms))[0]:
        return "unknown"
    return "cut" if found < next(iter(forms)) else "whole"


def _form(cell: str) -> tuple[int, int] | None:
    """Characters of the decimals and of the exponent of a number; None of anything else, such as NaN or nothing."""
    match = _NUMBER.fullmatch(cell.strip())
    return (len(match[1] or ""), len(match[2] or "")) if match and cell.strip() else None
