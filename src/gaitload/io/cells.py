"""Cells of text tables: what counts as a number, and whether the last one of a file is all there."""

from __future__ import annotations

import re

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


def _form(cell: str) -> tuple[int, int] | None:
    """Characters of the decimals and of the exponent of a number; None of anything else, such as NaN or nothing."""
    match = _NUMBER.fullmatch(cell.strip())
    return (len(match[1] or ""), len(match[2] or "")) if match and cell.strip() else None
