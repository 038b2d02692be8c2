"""Colours and dashes by what they stand for; told apart without colour vision, and on grey paper by their dashes.

Colours are those of Okabe and Ito (2008), "Color Universal Design", in the order that reads best on white.
"""

from __future__ import annotations

SOLID, DASHED, DOTTED = "solid", "dash", "dot"

STYLES: dict[str, tuple[str, str]] = {
    "right": ("#0072B2", SOLID),
    "left": ("#D55E00", DASHED),
    "right_estimate": ("#56B4E9", DOTTED),
    "left_estimate": ("#B07A00", DOTTED),
    "whole": ("#000000", SOLID),
    "reference": ("#5F6B76", DOTTED),
    "one": ("#0072B2", SOLID),
    "two": ("#E69F00", DASHED),
    "three": ("#009E73", SOLID),
    "four": ("#CC79A7", DASHED),
    "five": ("#56B4E9", SOLID),
    "six": ("#D55E00", DASHED),
    "seven": ("#000000", DOTTED),
    "eight": ("#7A6A00", DOTTED),
    "passed": ("#009E73", SOLID),
    "warned": ("#E69F00", SOLID),
    "failed": ("#D55E00", SOLID),
    "refused": ("#000000", SOLID),
    "not_judged": ("#8A939B", SOLID),
    "not_measured": ("#8A939B", SOLID),
}
"""Role of a mark -> colour and dash."""

UNITS = {
    **{"bw": "BW", "n": "N", "nm": "N m", "n_per_kg": "N/kg", "nm_per_kg": "N m/kg", "pa": "Pa", "m": "m"},
    **{"deg": "deg", "rad": "deg", "rad_per_s": "rad/s", "m_per_s": "m/s", "m_per_s2": "m/s²"},
    "share": "share of the reference",
}
"""Unit in a table -> as people read it; angles are drawn in degrees."""
SIDE_ROLES = {"r": "right", "l": "left"}
SERIES = ("one", "two", "three", "four", "five", "six", "seven", "eight")


def series_role(place: int) -> str:
    """Role of the place-th of several equals; after eight they repeat."""
    return SERIES[place % len(SERIES)]
