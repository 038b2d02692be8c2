"""Marker sets: which marker sits where on a model family, and what it is good for.

A marker set is one table, `opensim_models/<family>/markersets/<name>.tsv`, or `markersets/<name>.tsv` in the folder of
a cohort. Only `marker` and one of `landmark` and `body` are needed:

`marker`
    Name in the recordings, however it is spelled there (`gaitload.models.marker_names`). A row whose name has `{S}`
    (R or L), `{s}` (r or l) or `{Side}` (Right or Left) stands for both sides, with `{side}` in landmark and body.
`aliases`
    Other names of the same marker, separated by commas.
`worn`
    Empty: in every trial. `static`: in static trials only. `optional`: somebody may not wear it.
`landmark`
    Anatomical meaning, from `gaitload.models.landmarks`, or empty for a marker that only tracks its segment.
`body`
    Body of the model that carries it; that of the landmark where it is left out.
`x_m`, `y_m`, `z_m`
    Place in the frame of `body` of the generic (unscaled) model. Without it a landmark is where the family has it, and
    any other marker is where a static trial shows it. A static trial moves every marker to where it was stuck.
`static_weight`, `ik_weight`
    Weights in the static pose and in inverse kinematics; 0 leaves the marker out. Without them the family decides.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from gaitload.conventions import SIDES
from gaitload.errors import ConfigError
from gaitload.io.cells import plain_number
from gaitload.models.landmarks import LANDMARKS, LandmarkTable, Place, load_landmarks
from gaitload.models.marker_names import matched

FOOT_BODIES = ("calcn", "toes")
_LEG_SEGMENTS = ("femur", "tibia", "foot")
_BEYOND_A_JOINT = "hallux"
"""Landmark that moves against the segment that the model gives it to."""
WORN = ("", "static", "optional")
_PLACE = ("x_m", "y_m", "z_m")
_NUMBERS = (*_PLACE, "static_weight", "ik_weight")
_COLUMNS = ("marker", "aliases", "worn", "body", "landmark", *_NUMBERS)
_WORDS = {
    "r": {"S": "R", "s": "r", "Side": "Right", "side": "r"},
    "l": {"S": "L", "s": "l", "Side": "Left", "side": "l"},
}


@dataclass(frozen=True)
class ModelMarker:
    """One marker of a set.

    Attributes
    ----------
    name, body : str
    landmark : str or None
    position_m : ndarray, shape (3,)
        In the frame of `body` of the generic model.
    static_weight, ik_weight : float
    placed : bool
        False where nothing says the place: `position_m` is then the middle of the body, where no marker may be left.
    aliases : tuple of str
    worn : str
        One of `WORN`.
    """

    name: str
    body: str
    landmark: str | None
    position_m: np.ndarray
    static_weight: float
    ik_weight: float
    placed: bool = True
    aliases: tuple[str, ...] = ()
    worn: str = ""


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
            groups.setdefault(segment_of(marker.body), []).append(marker.name)
        return {segment: tuple(names) for segment, names in groups.items()}

    def landmark(self, landmark: str) -> str | None:
        """Name of the marker that sits on an anatomical landmark, or None when the set has none there."""
        return next((marker.name for marker in self.markers if marker.landmark == landmark), None)

    def rigid(self, segment: str) -> tuple[str, ...]:
        """Markers of a segment that keep their distances: those that track it or sit on a bone, but not on the hallux.

        A marker that has neither weight nor landmark stands on a wand, or is worn in static trials alone.
        """
        return tuple(
            name
            for name in self.segments.get(segment, ())
            if (marker := self.by_name[name]).ik_weight > 0
            or (marker.landmark and not marker.landmark.startswith(_BEYOND_A_JOINT))
        )

    def foot(self, side: str) -> tuple[str, ...]:
        """Names of the markers on one foot."""
        return self.segments.get(f"foot_{side}", ())

    def tracking_counts(self, names: Collection[str]) -> dict[str, int]:
        """Markers among `names` with a weight in inverse kinematics, by segment of pelvis and legs."""
        counts = {"pelvis": 0} | {f"{part}_{side}": 0 for part in _LEG_SEGMENTS for side in SIDES}
        for marker in self.markers:
            segment = segment_of(marker.body)
            if segment in counts and marker.ik_weight > 0 and marker.name in names:
                counts[segment] += 1
        return counts

    def matched(self, names: Sequence[str]) -> dict[str, str]:
        """Names of a recording with the marker of the set that each is, without names that the set does not know."""
        return matched(names, {marker.name: marker.aliases for marker in self.markers})

    def worn_with(self, names: Collection[str]) -> MarkerSet:
        """The set without the optional markers that are not among `names`: nobody wore them, so none is missing."""
        kept = tuple(marker for marker in self.markers if marker.worn != "optional" or marker.name in names)
        return self if len(kept) == len(self.markers) else replace(self, markers=kept)


def segment_of(body: str) -> str:
    """Rigid segment of a body of the model: the body itself, or the foot it is part of."""
    name, _, side = body.partition("_")
    return f"foot_{side}" if name in FOOT_BODIES else body


def load_marker_set(path: Path, landmarks: Path | None = None) -> MarkerSet:
    """Read a marker set table; lines that begin with # are comments.

    Parameters
    ----------
    path : Path
    landmarks : Path, optional
        Table of the family's landmarks, which is read when a row leaves out its body, place or weights; by default the
        one beside the folder of the marker set.

    Raises
    ------
    ConfigError
        MARKER_SET_INVALID: not UTF-8, a column is missing or unknown, a line has other cells than the header, a place
        or weight is no number, a marker or landmark stands twice, a landmark is unknown, or a row says neither landmark
        nor body. LANDMARKS_INVALID: see `load_landmarks`.
    """
    rows = [row for line in _rows(path) for row in _both_sides(line)]
    for column in ("marker", "landmark"):
        counts = Counter(row[column] for row in rows if row[column])
        twice = sorted(value for value, count in counts.items() if count > 1)
        if twice:
            raise _error(path, f"every {column} once", f"{', '.join(twice)} more than once")
    unknown = sorted({row["landmark"] for row in rows} - LANDMARKS - {""})
    if unknown:
        raise _error(path, f"landmarks of {sorted(LANDMARKS)}", ", ".join(unknown))
    silent = [row["marker"] for row in rows if not row["marker"] or not (row["landmark"] or row["body"])]
    if silent:
        raise _error(path, "a marker, and its landmark or body, in every row", f"something else for {_some(silent)}")
    bad = [row["marker"] for row in rows if not _is_possible(row) or row["worn"] not in WORN]
    if bad:
        expected = "finite places (all three or none), weights of at least 0, worn static, optional or empty"
        raise _error(path, expected, f"something else for {_some(bad)}")
    table = None
    if not all(row["body"] and all(row[column] for column in _NUMBERS) for row in rows):
        table = load_landmarks(landmarks or path.parent.parent / "landmarks.tsv")
    return MarkerSet(Path(path).stem, tuple(_marker(path, row, table) for row in rows))


def marker_set_text(markers: MarkerSet, head: Sequence[str]) -> str:
    """A table of a marker set; what is None, and the place of a marker that has none, is left to the family."""
    lines = [*(f"# {line}" for line in head), "\t".join(_COLUMNS)]
    for marker in markers.markers:
        place = [f"{value:g}" for value in marker.position_m] if marker.placed else [""] * 3
        weights = ["" if value is None else f"{value:g}" for value in (marker.static_weight, marker.ik_weight)]
        cells = (marker.name, ",".join(marker.aliases), marker.worn, marker.body, marker.landmark or "")
        lines.append("\t".join((*cells, *place, *weights)))
    return "\n".join(lines) + "\n"


def _rows(path: Path) -> list[dict[str, str]]:
    """Cells by column of every line; columns that are left out are empty."""
    try:
        lines = list(enumerate(Path(path).read_text(encoding="utf-8-sig").splitlines(), start=1))
    except UnicodeDecodeError as error:
        raise _error(path, "a table in UTF-8", str(error)) from error
    (_, header), *table = [
        (number, [cell.strip() for cell in line.split("\t")])
        for number, line in lines
        if line.strip() and not line.startswith("#")
    ] or [(0, [])]
    known = f"the column marker, landmark or body, and others of {', '.join(_COLUMNS)}"
    if "marker" not in header or not {"landmark", "body"} & set(header):
        one = f" (one column, {header[0]!r}: separate by tabs)" if len(header) == 1 else ""
        missing = [name for name in ("marker", "body or landmark") if name not in header]
        raise _error(path, known, f"no {', '.join(missing)}{one}")
    if len(set(header)) < len(header):
        raise _error(path, "every column once", ", ".join(header))
    strange = [column for column in header if column not in _COLUMNS]
    if strange:
        raise _error(path, known, ", ".join(strange))
    uneven = [f"{len(cells)} in line {number}" for number, cells in table if len(cells) != len(header)]
    if uneven:
        raise _error(path, f"{len(header)} cells in every line", ", ".join(uneven))
    return [dict.fromkeys(_COLUMNS, "") | dict(zip(header, cells, strict=True)) for _, cells in table]


def _both_sides(row: dict[str, str]) -> Iterator[dict[str, str]]:
    """The row itself, or one for each side where the name of its marker has a place for the side."""
    if not any(f"{{{word}}}" in row["marker"] for word in _WORDS["r"]):
        yield row
        return
    for side in SIDES:
        filled = {}
        for column, text in row.items():
            for word, spelling in _WORDS[side].items():
                text = text.replace(f"{{{word}}}", spelling)
            filled[column] = text
        if side == "l" and row["z_m"]:
            filled["z_m"] = row["z_m"][1:] if row["z_m"].startswith("-") else f"-{row['z_m']}"
        yield filled


def _is_possible(row: dict[str, str]) -> bool:
    try:
        numbers = {column: plain_number(row[column]) for column in _NUMBERS if row[column]}
    except ValueError:
        return False
    places = sum(column in numbers for column in _PLACE)
    weights = [value for column, value in numbers.items() if column not in _PLACE]
    return places in (0, 3) and all(map(math.isfinite, numbers.values())) and min(weights, default=0.0) >= 0


def _marker(path: Path, row: dict[str, str], table: LandmarkTable | None) -> ModelMarker:
    """The marker of a row, with what it leaves out taken from the family's table."""
    typical = _typical(path, row, table) if table else None
    body, landmark = row["body"] or typical.body, row["landmark"] or None
    said = {column: float(row[column]) for column in _NUMBERS if row[column]}
    placed = "x_m" in said or (landmark is not None and body == typical.body)
    position_m = np.array([said[column] for column in _PLACE]) if "x_m" in said else typical.position_m
    weights = {
        name: said.get(name, 0.0 if name == "ik_weight" and row["worn"] == "static" else getattr(typical, name, 0.0))
        for name in ("static_weight", "ik_weight")
    }
    aliases = tuple(alias for text in row["aliases"].split(",") if (alias := text.strip()))
    return ModelMarker(
        row["marker"], body, landmark, position_m, **weights, placed=placed, aliases=aliases, worn=row["worn"]
    )


def _typical(path: Path, row: dict[str, str], table: LandmarkTable) -> Place:
    """What the family says of a landmark, or of a marker that only tracks its body."""
    if row["landmark"]:
        place = table.landmarks[row["landmark"]]
        if row["body"] in ("", place.body):
            return place
    if row["body"] not in table.tracking:
        raise _error(path, f"bodies of {', '.join(table.tracking)}", f"{row['body']} for {row['marker']}")
    return table.tracking[row["body"]]


def _some(names: list[str]) -> str:
    return ", ".join(names[:8])


def _error(path: Path, expected: str, found: str) -> ConfigError:
    return ConfigError(
        expected=expected, found=found, where=str(path), do="Correct the marker set table.", code="MARKER_SET_INVALID"
    )
