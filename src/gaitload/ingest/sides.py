"""Left and right on the whole body: names exchanged throughout, or axes that are left-handed."""

from __future__ import annotations

import re

import numpy as np

from gaitload.errors import ConventionError
from gaitload.ingest.rigid import median_over_frames
from gaitload.models.markersets import MarkerSet

REVERSED_M = 0.02
"""A right marker lies on the left when it does by more than this against its left partner (median)."""
REVERSED_SHARE = 0.8
"""Share of the pairs that have to lie the wrong way round for the whole body to be exchanged or mirrored."""
PAIRS_MIN = 4
_LEG = ("femur", "tibia", "foot")
_SIDE = re.compile(r"(?<![A-Za-z])[RLrl](?![a-z])|^[RLrl](?=[A-Z.])|Right|Left|right|left")


def partners(names: tuple[str, ...], marker_set: MarkerSet) -> dict[str, str]:
    """Right marker -> its left partner, of a recording: by landmarks, else by names that differ in their side."""
    found = {}
    for marker in marker_set.markers:
        landmark = marker.landmark or ""
        other = marker_set.landmark(f"{landmark[:-2]}_l") if landmark.endswith("_r") else _other_side(marker.name)
        is_right = landmark.endswith("_r") or (not landmark and _is_right(marker.name))
        if is_right and marker.name in names and other in names:
            found[marker.name] = other
    return found


def reversed_share(position_m: np.ndarray, names: tuple[str, ...], pairs: dict[str, str]) -> float:
    """Share of the pairs whose right marker lies to the left; position (T, M, 3), ground frame, person facing +X."""
    right, left = ([names.index(name) for name in side] for side in (pairs.keys(), pairs.values()))
    apart = median_over_frames(position_m[:, right, 2] - position_m[:, left, 2])
    apart = apart[np.isfinite(apart)]
    return float(np.mean(apart < -REVERSED_M)) if len(apart) else 0.0


def require_sides(
    position_m: np.ndarray, names: tuple[str, ...], marker_set: MarkerSet, *, static_is_right: bool, where: str
) -> None:
    """Require right markers on the right, of the pelvis and of the whole body.

    A body whose names are exchanged and a body that is mirrored look alike where people and marker sets are
    symmetric, so that nothing is repaired.

    Parameters
    ----------
    position_m : ndarray, shape (T, M, 3)
        Ground frame, person facing +X; NaN where missing.
    names : tuple of str
        Length M.
    marker_set : MarkerSet
    static_is_right : bool
        The static trial of the participant passed: the axes of the laboratory are right-handed.
    where : str

    Raises
    ------
    ConventionError
        SIDES_CONTRADICTED.
    """
    pairs = partners(names, marker_set)
    pelvis, legs = (
        {right: left for right, left in pairs.items() if any(right in members for members in segments)}
        for segments in ([marker_set.segments.get("pelvis", ())], _of_legs(marker_set))
    )
    pelvis_reversed = not pelvis or reversed_share(position_m, names, pelvis) >= REVERSED_SHARE
    if not pelvis_reversed and len(legs) >= PAIRS_MIN and reversed_share(position_m, names, legs) >= REVERSED_SHARE:
        raise ConventionError(
            expected="right markers on the right of the person",
            found=f"nearly all of {len(legs)} pairs of the legs the other way round, the pelvis right",
            where=where,
            do="Left and right are exchanged in the names of the markers of both legs: rename them.",
            code="SIDES_CONTRADICTED",
        )
    if len(pairs) < PAIRS_MIN or reversed_share(position_m, names, pairs) < REVERSED_SHARE or not pelvis_reversed:
        return
    exchanged = "left and right are exchanged in the names of the markers"
    mirrored = "the axes of the laboratory are left-handed (mirrored in the export): export right-handed axes"
    likely, other = (f"{exchanged} of this trial: rename them", mirrored) if static_is_right else (mirrored, exchanged)
    raise ConventionError(
        expected="right markers on the right of the person",
        found=f"nearly all of {len(pairs)} pairs the other way round, left and right exchanged or mirrored",
        where=where,
        do=f"Likely {likely}. Otherwise {other}, or lab_up in cohort.yaml points down.",
        code="SIDES_CONTRADICTED",
    )


def _of_legs(marker_set: MarkerSet) -> list[tuple[str, ...]]:
    return [members for name, members in marker_set.segments.items() if name.partition("_")[0] in _LEG]


def _is_right(name: str) -> bool:
    found = _SIDE.search(name)
    return found is not None and found[0].lower() in ("r", "right")


def _other_side(name: str) -> str:
    other = {"R": "L", "r": "l", "L": "R", "l": "r", "Right": "Left", "right": "left", "Left": "Right", "left": "right"}
    return _SIDE.sub(lambda found: other[found[0]], name, count=1)
