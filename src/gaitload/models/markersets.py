"""Marker sets: which marker sits on which body of a model family, and what it is good for.

A marker set is one table, `opensim_models/<family>/markersets/<name>.tsv`, with the columns

`marker`
    Name in the recordings.
`body`
    Body of the model that carries it.
`landmark`
    Anatomical meaning, from `LANDMARKS`, or empty for a marker that only tracks its segment.
`x_m`, `y_m`, `z_m`
    Place in the frame of `body` of the generic (unscaled) model. A static trial moves every marker to where it was
    really stuck; without one these places are all there is.
`static_weight`, `ik_weight`
    Weights in the static pose and in inverse kinematics; 0 leaves the marker out.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from gaitload.conventions import SIDES
from gaitload.errors import ConfigError
from gaitload.io.cells import plain_number

SIDED_LANDMARKS = (
    "asis",
    "psis",
    "hip_centre",
    "knee_lateral",
    "knee_medial",
    "knee_centre",
    "ankle_lateral",
    "ankle_medial",
    "ankle_centre",
    "heel",
    "toe",
    "mt1",
    "mt5",
    "acromion",
    "elbow_lateral",
    "elbow_medial",
    "wrist",
)
LANDMARKS = frozenset({f"{name}_{side}" for name in SIDED_LANDMARKS for side in SIDES} | {"sacrum", "c7", "clavicle"})
FOOT_BODIES = ("calcn", "toes")
_NUMBERS = ("x_m", "y_m", "z_m", "static_weight", "ik_weight")
_COLUMNS = ("marker", "body", "landmark", *_NUMBERS)


@dataclass(frozen=True)
class ModelMarker:
    """One marker of a set; `position_m` has shape (3,), in the frame of `body` of the generic model."""

    name: str
    body: str
    landmark: str | None
    position_m: np.ndarray
    static_weight: float
    ik_weight: float


@dataclass(frozen=True)
class MarkerSet:
    """The markers a laboratory uses, as a model family sees them."""

    name: str
    markers: tuple[ModelMarker, ...]

    @cached_property
    def by_name(self) -> dict[str, ModelMarker]:
        """Markers by their name in the recordings."""
        return {marker.name: marker for marker in self.markers}

    @cached_property
    def segments(self) -> dict[str, tuple[str, ...]]:
        """Marker names by rigid segment: the body, with toes and heel of one foot taken together."""
        groups: dict[str, list[str]] = {}
        for marker in self.markers:
            groups.setdefault(_segment(marker.body), []).append(marker.name)
        return {segment: tuple(names) for segment, names in groups.items()}

    def landmark(self, landmark: str) -> str | None:
        """Name of the marker that sits on an anatomical landmark, or None when the set has none there."""
        return next((marker.name for marker in self.markers if marker.landmark == landmark), None)

    def foot(self, side: str) -> tuple[str, ...]:
        """Names of the markers on one foot."""
        return self.segments.get(f"foot_{side}", ())


def load_marker_set(path: Path) -> MarkerSet:
    """Read a marker set table; lines that begin with # are comments.

    Raises
    ------
    ConfigError
        MARKER_SET_INVALID: not UTF-8, a column is missing, a line has other cells than the header, a place or weight is
        no number, a marker or landmark stands twice, or a landmark is unknown.
    """
    rows = _rows(path)
    for column in ("marker", "landmark"):
        counts = Counter(row[column] for row in rows if row[column])
        twice = sorted(value for value, count in counts.items() if count > 1)
        if twice:
            raise _error(path, f"every {column} once", f"{', '.join(twice)} more than once")
    unknown = sorted({row["landmark"] for row in rows} - LANDMARKS - {""})
    if unknown:
        raise _error(path, f"landmarks of {sorted(LANDMARKS)}", ", ".join(unknown))
    bad = [row["marker"] for row in rows if not _is_possible(row)]
    if bad:
        raise _error(path, "finite places and weights of at least 0", f"something else for {', '.join(bad)}")
    return MarkerSet(Path(path).stem, tuple(map(_marker, rows)))


def _rows(path: Path) -> list[dict[str, str]]:
    """Cells by column of every line."""
    try:
        lines = list(enumerate(Path(path).read_text(encoding="utf-8-sig").splitlines(), start=1))
    except UnicodeDecodeError as error:
        raise _error(path, "a table in UTF-8", str(error)) from error
    (_, header), *table = [
        (number, [cell.strip() for cell in line.split("\t")])
        for number, line in lines
        if line.strip() and not line.startswith("#")
    ] or [(0, [])]
    missing = [column for column in _COLUMNS if column not in header]
    if missing:
        one = f" (one column, {header[0]!r}: separate by tabs)" if len(header) == 1 else ""
        raise _error(path, f"the columns {', '.join(_COLUMNS)}", f"no {', '.join(missing)}{one}")
    if len(set(header)) < len(header):
        raise _error(path, "every column once", ", ".join(header))
    uneven = [f"{len(cells)} in line {number}" for number, cells in table if len(cells) != len(header)]
    if uneven:
        raise _error(path, f"{len(header)} cells in every line", ", ".join(uneven))
    return [dict(zip(header, cells, strict=True)) for _, cells in table]


def _is_possible(row: dict[str, str]) -> bool:
    try:
        numbers = [plain_number(row[column]) for column in _NUMBERS]
    except ValueError:
        return False
    return bool(row["marker"] and row["body"] and all(map(math.isfinite, numbers)) and min(numbers[3:]) >= 0)


def _marker(row: dict[str, str]) -> ModelMarker:
    *position_m, static_weight, ik_weight = (float(row[column]) for column in _NUMBERS)
    return ModelMarker(
        row["marker"], row["body"], row["landmark"] or None, np.array(position_m), static_weight, ik_weight
    )


def _segment(body: str) -> str:
    name, _, side = body.partition("_")
    return f"foot_{side}" if name in FOOT_BODIES else body


def _error(path: Path, expected: str, found: str) -> ConfigError:
    return ConfigError(
        expected=expected, found=found, where=str(path), do="Correct the marker set table.", code="MARKER_SET_INVALID"
    )
