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


def ends_inside_a_number(last: str, above: str) -> bool:
    """Whether a file may end within its last number.

    A cut through a number leaves a number, and a wrong one. A line that ends tells; where the last line of a file has
    no end, its last number is taken for whole only if it has as many decimals (and the same form of exponent) as the
    number above it.

    Parameters
    ----------
    last : str
        The last cell of a file that does not end with the end of a line; a blank behind a number ends it too.
    above : str
        The cell above it; empty when there is none.
    """
    if last != last.rstrip():
        return False
    found, wanted = _form(last), _form(above)
    return found is not None and (found != wanted or not found[0])


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
        `whole`: nothing can lack, or the cell is no number. `cut`: it has fewer decimals, or a shorter exponent, than
        every number above it. `unknown`: the column has numbers of unlike lengths, so that digits may lack.
    """
    last = cells[-1]
    found = _form(last)
    if last != last.rstrip() or found is None or all(cell == last for cell in cells):
        return "whole"
    forms = {form for cell in cells[:-1] if (form := _form(cell)) is not None}
    if len(forms) != 1 or not next(iter(forms))[0]:
        return "unknown"
    return "cut" if found < next(iter(forms)) else "whole"


def _form(cell: str) -> tuple[int, int] | None:
    """Characters of the decimals and of the exponent of a number; None of anything else, such as NaN or nothing."""
    match = _NUMBER.fullmatch(cell.strip())
    return (len(match[1] or ""), len(match[2] or "")) if match and cell.strip() else None
