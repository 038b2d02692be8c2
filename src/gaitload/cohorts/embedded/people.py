"""What makes the people of the embedded cohort differ from the generic model and from each other."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

SEED = 20160513
"""Everything random is drawn from it and from the names of the person and the trial. Another one makes other files."""
PLACEMENT_SD_M = 0.008
"""Tracking markers sit this far from where the marker set says, in each direction. Zero would leave registration with
nothing to do; landmarks stay, since a landmark in the wrong place is an error of proportions, not of placement."""
PROPORTIONS = {
    "F": {"pelvis": (1.0, 1.0, 1.06)},
    "M": {"femur": (1.02, 1.02, 1.02), "patella": (1.02, 1.02, 1.02), "torso": (0.98, 0.98, 0.98)},
}
"""Body -> factors along its x, y, z on top of the height's. Chosen, not measured: two people who differ in more than
size, so that scaling has something to find."""


def random_of(*names: str) -> np.random.Generator:
    """Random numbers that belong to a person, or to a person's trial: the same on every machine and in any order."""
    return np.random.default_rng([SEED, *"/".join(names).encode()])


def segment_factors(
    bodies: Iterable[str], *, height_m: float, sex: str | None, generic_height_m: float
) -> dict[str, np.ndarray]:
    """Scale factors of every body along its own x, y, z, shape (3,): the height's, and what the sex adds to it."""
    own = PROPORTIONS.get(sex, {})
    return {
        body: height_m / generic_height_m * np.array(own.get(body.partition("_")[0], (1.0, 1.0, 1.0)))
        for body in bodies
    }


def misplaced(
    places_m: dict[str, np.ndarray], landmarks: dict[str, str | None], random: np.random.Generator
) -> dict[str, np.ndarray]:
    """Places of markers, shape (3,), with those that are on no landmark moved to where hands put them."""
    return {
        name: place if landmarks[name] else place + PLACEMENT_SD_M * random.standard_normal(3)
        for name, place in places_m.items()
    }
