"""What makes the people of the embedded cohort differ from the generic model and from each other."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np

TABLE = Path(__file__).with_name("proportions.tsv")
SEX_UNKNOWN = "F"
"""Whose table is taken for somebody without a sex."""
PLACEMENT_SD_M = 0.008
"""Tracking markers sit this far from where the marker set says, in each direction. Zero would leave registration with
nothing to do; landmarks stay, since a landmark in the wrong place is an error of proportions, not of placement."""
# ASSUME: pelvis, trunk and arms of a person have one proportion. Scaling measures from one of them to the next and
# could not tell them apart.
SCALED = {
    **dict.fromkeys(("pelvis", "torso", "humerus", "ulna", "radius", "hand"), "torso_length"),
    **dict.fromkeys(("femur", "patella"), "femur_length"),
    "tibia": "tibia_length",
    **dict.fromkeys(("talus", "calcn", "toes"), "foot_length"),
}
"""Body, without its side -> the length that its size goes with, on top of the height."""


def random_of(seed: int, *names: str) -> np.random.Generator:
    """Random numbers that belong to a person, or to a person's trial: the same on every machine and in any order."""
    return np.random.default_rng([seed, *"/".join(names).encode()])


def segment_factors(
    bodies: Iterable[str], *, height_m: float, sex: str | None, generic_height_m: float, random: np.random.Generator
) -> dict[str, np.ndarray]:
    """Scale factors of every body along its own x, y, z, shape (3,).

    All bodies go with the height. On top of it, lengths differ between people of one height as the 6,068 people of
    ANSUR II do (proportions.tsv): normal logarithms, with their covariance.
    """
    lengths, covariance = _covariance(sex or SEX_UNKNOWN)
    drawn = random.multivariate_normal(np.zeros(len(lengths)), covariance, method="cholesky")
    own = dict(zip(lengths, np.exp(drawn), strict=True))
    size = height_m / generic_height_m
    return {body: np.full(3, size * own[SCALED[body.partition("_")[0]]]) for body in bodies}


def misplaced(
    places_m: dict[str, np.ndarray], landmarks: dict[str, str | None], random: np.random.Generator
) -> dict[str, np.ndarray]:
    """Places of markers, shape (3,), with those that are on no landmark moved to where hands put them."""
    return {
        name: place if landmarks[name] else place + PLACEMENT_SD_M * random.standard_normal(3)
        for name, place in places_m.items()
    }


@cache
def _covariance(sex: str) -> tuple[tuple[str, ...], np.ndarray]:
    """Names of the lengths, and the covariance of their logarithms."""
    with TABLE.open(newline="") as lines:
        rows = list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))
    lengths = tuple(name for name in rows[0] if name not in ("sex", "length"))
    return lengths, np.array([[float(row[name]) for name in lengths] for row in rows if row["sex"] == sex])
