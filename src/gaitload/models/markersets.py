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

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from gaitload.conventions import SIDES
from gaitload.errors import ConfigError

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
_COLUMNS = ("marker", "body", "landmark", "x_m", "y_m", "z_m", "static_weight", "ik_weight")


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
    """Read a marker set table.

    Raises
    ------
    ConfigError
        A column is missing, a marker or landmark stands twice, or a landmark is unknown.
    """
    table = pd.read_csv(path, sep="\t", comment="#", dtype={"marker": str, "body": str, "landmark": str})
    _check(table, path)
    markers = tuple(
        ModelMarker(
            name=row.marker,
            body=row.body,
            landmark=row.landmark if isinstance(row.landmark, str) else None,
            position_m=np.array([row.x_m, row.y_m, row.z_m]),
            static_weight=float(row.static_weight),
            ik_weight=float(row.ik_weight),
        )
        for row in table.itertuples()
    )
    return MarkerSet(Path(path).stem, markers)


def _segment(body: str) -> str:
    name, _, side = body.partition("_")
    return f"foot_{side}" if name in FOOT_BODIES else body


def _check(table: pd.DataFrame, path: Path) -> None:
    missing = [column for column in _COLUMNS if column not in table]
    if missing:
        one = f" (one column, {table.columns[0]!r}: separate by tabs)" if len(table.columns) == 1 else ""
        raise _error(path, f"the columns {', '.join(_COLUMNS)}", f"no {', '.join(missing)}{one}")
    landmarks = table["landmark"].dropna()
    for column, values in (("marker", table["marker"]), ("landmark", landmarks)):
        twice = sorted(values[values.duplicated()])
        if twice:
            raise _error(path, f"every {column} once", f"{', '.join(twice)} more than once")
    numbers = table[[column for column in _COLUMNS if column not in ("marker", "body", "landmark")]]
    numbers = numbers.apply(pd.to_numeric, errors="coerce")
    bad = table["marker"][~np.isfinite(numbers).all(axis=1) | (numbers[["static_weight", "ik_weight"]] < 0).any(axis=1)]
    if len(bad):
        raise _error(path, "finite places and weights of at least 0", f"something else for {', '.join(map(str, bad))}")
    unknown = sorted(set(landmarks) - LANDMARKS)
    if unknown:
        raise _error(path, f"landmarks of {sorted(LANDMARKS)}", ", ".join(unknown))


def _error(path: Path, expected: str, found: str) -> ConfigError:
    return ConfigError(
        expected=expected, found=found, where=str(path), do="Correct the marker set table.", code="MARKER_SET_INVALID"
    )
