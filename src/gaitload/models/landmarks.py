"""Anatomical landmarks of a model family: on which body each is, where on the generic model, and with what weights.

The table `opensim_models/<family>/landmarks.tsv` is what lets a marker set name landmarks instead of coordinates.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from gaitload.conventions import LATERAL_SIGN, SIDES
from gaitload.errors import ConfigError
from gaitload.io.cells import plain_number

SIDED_LANDMARKS = (
    "asis",
    "psis",
    "iliac_crest",
    "hip_centre",
    "greater_trochanter",
    "knee_lateral",
    "knee_medial",
    "knee_centre",
    "patella",
    "fibula_head",
    "tibial_tuberosity",
    "ankle_lateral",
    "ankle_medial",
    "ankle_centre",
    "heel",
    "heel_lateral",
    "heel_medial",
    "toe",
    "hallux",
    "mt1",
    "mt2",
    "mt5",
    "mt1_base",
    "mt5_base",
    "acromion",
    "elbow_lateral",
    "elbow_medial",
    "wrist",
    "wrist_ulnar",
)
MIDDLE_LANDMARKS = ("sacrum", "c7", "t10", "clavicle", "sternum", "xiphoid")
LANDMARKS = frozenset({f"{name}_{side}" for name in SIDED_LANDMARKS for side in SIDES} | set(MIDDLE_LANDMARKS))
_NUMBERS = ("x_m", "y_m", "z_m", "static_weight", "ik_weight")
_COLUMNS = ("landmark", "body", *_NUMBERS, "source")


@dataclass(frozen=True)
class Place:
    """Where a marker sits on the generic model, and what it is good for.

    Attributes
    ----------
    body : str
    position_m : ndarray, shape (3,)
        In the frame of `body`.
    static_weight, ik_weight : float
        Weights in the static pose and in inverse kinematics.
    """

    body: str
    position_m: np.ndarray
    static_weight: float
    ik_weight: float


@dataclass(frozen=True)
class LandmarkTable:
    """Landmarks of a family, and what holds of markers that only track a body.

    Attributes
    ----------
    landmarks : dict of str to Place
        With their side.
    tracking : dict of str to Place
        By body; the place is the body's middle.
    """

    landmarks: dict[str, Place]
    tracking: dict[str, Place]


def load_landmarks(path: Path) -> LandmarkTable:
    """Read landmarks.tsv; lines that begin with # are comments.

    Raises
    ------
    ConfigError
        LANDMARKS_INVALID: a column, a number or a landmark of the vocabulary is missing, or a landmark is unknown.
    """
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else _missing(path)


def _missing(path: Path) -> LandmarkTable:
    raise _error(path, "a table of landmarks, which marker sets without coordinates need", "no such file")


@lru_cache(maxsize=4)
def _read(path: Path, changed_ns: int) -> LandmarkTable:
    """Kept until the file changes, because every marker set asks for it."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and line[0] != "#"]
    header, *table = [[cell.strip() for cell in line.split("\t")] for line in lines] or [[]]
    if tuple(header) != _COLUMNS or any(len(cells) != len(header) for cells in table):
        raise _error(path, f"the columns {', '.join(_COLUMNS)} in every line", ", ".join(header))
    landmarks: dict[str, Place] = {}
    tracking: dict[str, Place] = {}
    for cells in table:
        row = dict(zip(header, cells, strict=True))
        for landmark, place in _both_sides(path, row):
            known = landmarks if landmark else tracking
            name = landmark or place.body
            if name in known:
                raise _error(path, "every landmark and body once", f"{name} twice")
            known[name] = place
    if landmarks.keys() != LANDMARKS:
        wrong = sorted(landmarks.keys() ^ LANDMARKS)
        raise _error(path, "every landmark of the vocabulary and no other", f"missing or unknown: {', '.join(wrong)}")
    return LandmarkTable(landmarks, tracking)


def _both_sides(path: Path, row: dict[str, str]) -> Iterator[tuple[str, Place]]:
    try:
        numbers = [plain_number(row[column]) for column in _NUMBERS]
    except ValueError as error:
        raise _error(path, "numbers as places and weights", f"{row['landmark']}: {error}") from error
    if not all(map(math.isfinite, numbers)) or min(numbers[3:]) < 0:
        raise _error(path, "finite places and weights of at least 0", f"something else for {row['landmark']}")
    place = Place(row["body"], np.array(numbers[:3]), *numbers[3:])
    if "{side}" not in row["landmark"] + row["body"]:
        yield row["landmark"], place
        return
    for side in SIDES:
        mirrored = place.position_m * np.array([1.0, 1.0, LATERAL_SIGN[side]])
        yield (
            row["landmark"].format(side=side),
            replace(place, body=place.body.format(side=side), position_m=mirrored),
        )


def _error(path: Path, expected: str, found: str) -> ConfigError:
    return ConfigError(
        expected=expected, found=found, where=str(path), do="Correct the table of landmarks.", code="LANDMARKS_INVALID"
    )
