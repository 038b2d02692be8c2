"""Names of the columns of force files, in one grammar: which columns are the force, point and moment of which plate.

A name holds, in any order and with any separators, what tells plates apart (a number, a side, a body), a quantity and
an axis. The quantity is a letter beside the axis or a word; the axis is x, y or z, or 1, 2, 3 behind an underscore
where a vector was flattened. `ground_force_1_vx`, `1_ground_force_px`, `ground_torque_r_x`, `FP1_moment_y`, `f1_3` and
`R_COPz` are such names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gaitload.conventions import AXES

QUANTITIES = ("force", "point", "moment")
_LETTERS = {"v": None, "f": "force", "p": "point", "c": "point", "m": "moment", "t": "moment"}
"""Quantity by the letter beside the axis. `v` (vector) leaves it to the word: `ground_torque_r_vx` is a torque."""
_WORDS = {
    "force": "force",
    "forces": "force",
    "grf": "force",
    "cop": "point",
    "point": "point",
    "position": "point",
    "moment": "moment",
    "moments": "moment",
    "torque": "moment",
    "torques": "moment",
    "grm": "moment",
}
_SILENT = ("ground", "reaction", "free", "grf", "grm")
"""Words that tell neither plates nor quantities apart."""
_KNOWN_WORD = re.compile("|".join(sorted({*_WORDS, *_SILENT, "plate"}, key=len, reverse=True)))
_RUN = re.compile(r"[a-z]+|\d+")
_FLATTENED = re.compile(r"(.+)_([123])")
_NUMBERED = re.compile(r"[fpmv]?0*(\d+)")


@dataclass(frozen=True)
class PlateColumns:
    """The columns of one plate.

    Attributes
    ----------
    name : str
        The name of the force's columns without quantity and axis, or `plate_<number>` where no more than a number is
        left.
    force, point, moment : tuple of str
        Columns along x, y and z; an empty text stands for one that is not there.
    """

    name: str
    force: tuple[str, str, str]
    point: tuple[str, str, str]
    moment: tuple[str, str, str]

    @property
    def missing(self) -> tuple[str, ...]:
        """Columns that are not there: by the name of their neighbours, or `moment x` where the quantity has none."""
        found = []
        for quantity in QUANTITIES:
            columns = getattr(self, quantity)
            like = next(filter(None, columns), "")
            for axis, column in zip(AXES, columns, strict=True):
                if not column:
                    found.append(_with_axis(like, axis) if like else f"{quantity} {axis}")
        return tuple(found)


@dataclass(frozen=True)
class _Parsed:
    plate: tuple[str, ...]
    quantity: str
    axis: int
    stem: str


def plate_columns(names: Sequence[str]) -> tuple[PlateColumns, ...]:
    """Find the plates of a table, in the order of their first columns.

    Parameters
    ----------
    names : sequence of str
        Columns of the table. Those that are no force, point or moment are passed over.

    Returns
    -------
    tuple of PlateColumns
        Only plates with at least one column of the force and one of the point. Of two columns for the same quantity and
        axis of a plate, the first counts; see `repeated_columns`.
    """
    found: dict[tuple[str, ...], dict[tuple[str, int], str]] = {}
    stems: dict[tuple[str, ...], str] = {}
    for name, parsed in _parsed(names):
        found.setdefault(parsed.plate, {}).setdefault((parsed.quantity, parsed.axis), name)
        if parsed.quantity == "force":
            stems.setdefault(parsed.plate, parsed.stem)
    plates = []
    for plate, columns in found.items():
        triples = {key: tuple(columns.get((key, axis), "") for axis in range(3)) for key in QUANTITIES}
        if any(triples["force"]) and any(triples["point"]):
            plates.append(PlateColumns(_name(stems[plate]), **triples))
    return tuple(plates)


def repeated_columns(names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of columns of a table that stand for the same quantity and axis of one plate."""
    first: dict[tuple, str] = {}
    pairs = []
    for name, parsed in _parsed(names):
        known = first.setdefault((parsed.plate, parsed.quantity, parsed.axis), name)
        if known != name:
            pairs.append((known, name))
    return tuple(pairs)


def _parsed(names: Sequence[str]) -> list[tuple[str, _Parsed]]:
    return [(name, parsed) for name in names if (parsed := _parse(name))]


def _parse(name: str) -> _Parsed | None:
    """What a column is, or None where it is nothing of a plate."""
    flattened = _FLATTENED.fullmatch(name)
    if flattened:
        words = _words(flattened[1])
        quantity, rest = _quantity(words)
        return _of(rest, quantity, int(flattened[2]) - 1, flattened[1]) if quantity else None
    words = _words(name)
    for at in (-1, -2):
        if len(words) < -at or (at == -2 and not words[-1].isdigit()):
            continue
        letter, axis = words[at][:-1], words[at][-1]
        if axis not in AXES or letter not in ("", *_LETTERS):
            continue
        others = words[:at] + (words[at + 1 :] if at == -2 else [])
        quantity, rest = (_LETTERS[letter], others) if letter and _LETTERS[letter] else _quantity(others)
        if quantity is None and letter == "v":
            quantity = "force"
        if quantity:
            return _of(rest, quantity, AXES.index(axis), _stem(name, words[at], at))
    return None


def _words(name: str) -> list[str]:
    """Words and numbers of a name in lower case, with known words that are written together taken apart."""
    words = []
    for run in _RUN.findall(name.lower()):
        while run and (known := _KNOWN_WORD.match(run)):
            words.append(known[0])
            run = run[known.end() :]
        words += [run] if run else []
    return words


def _quantity(words: list[str]) -> tuple[str | None, list[str]]:
    """The quantity that words speak of, and the words without a letter that speaks of it.

    A letter of its own counts (`f1`, `ground_force_1_p`), then the last word; the force of a force plate does not.
    """
    letters = [word for word in words if word in ("f", "p", "m", "v")]
    if letters and letters[-1] != "v":
        at = len(words) - 1 - words[::-1].index(letters[-1])
        return _LETTERS[letters[-1]], words[:at] + words[at + 1 :]
    spoken = [_WORDS[word] for word in " ".join(words).replace("force plate", "plate").split() if word in _WORDS]
    rest = [word for word in words if word != "v"]
    if spoken:
        return spoken[-1], rest
    return ("force" if letters else None), rest


def _of(words: list[str], quantity: str, axis: int, stem: str) -> _Parsed | None:
    plate = tuple(
        word.lstrip("0") or "0" if word.isdigit() else word
        for word in words
        if word not in _WORDS and word not in _SILENT
    )
    # Joint reactions of OpenSim: hip_r_on_femur_r_in_ground_fx.
    return None if {"on", "in"} <= set(plate) else _Parsed(plate, quantity, axis, stem)


def _stem(name: str, word: str, at: int) -> str:
    """The name without quantity and axis, and with the number behind the axis where one stands there."""
    end = name.lower().rindex(word)
    return name[:end] + (name[end + len(word) :] if at == -2 else "")


def _with_axis(column: str, axis: str) -> str:
    """The name of a column along another axis."""
    flattened = _FLATTENED.fullmatch(column)
    if flattened:
        return f"{flattened[1]}_{AXES.index(axis) + 1}"
    return re.sub(r"[xyzXYZ](?=\W*_*\d*$)", axis, column)


def _name(stem: str) -> str:
    stem = re.sub(r"[^\w-]+", "_", re.sub(r"_[vfp]$", "", stem)).strip("_")
    numbered = _NUMBERED.fullmatch(stem.lower())
    return f"plate_{numbered[1]}" if numbered else stem or "force"
