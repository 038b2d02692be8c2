"""Recordings that a folder holds twice: exported in two formats, turned to other axes, or copied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import numpy as np

from gaitload.discovery.looks import Look

_MARKERS_MIN = 6
_APART_M = 5e-4
_APART_SHARE = 0.01
"""Rounding and filters change a distance by no more; two trials of one person differ by centimetres in some."""


def without_copies(looks: Mapping[str, Look], ids: Mapping[str, str]) -> tuple[dict[str, Look], list[str]]:
    """Looks at recordings of which none is a copy of another of the same person, and a note on those left out.

    The recording with plates is kept, then the one with more markers, then the C3D file.

    Parameters
    ----------
    looks : mapping of str to Look
        Looks by file.
    ids : mapping of str to str
        Participant of each file.
    """
    order = sorted(
        looks, key=lambda file: (-len(looks[file].plates), -len(looks[file].names), not file.lower().endswith(".c3d"))
    )
    kept: dict[str, None] = {}
    copies: dict[str, str] = {}
    for file in order:
        of = next((other for other in kept if ids[other] == ids[file] and _same(file, other, looks)), None)
        if of is None:
            kept[file] = None
        else:
            copies[file] = of
    some = "; ".join(f"{file} of {of}" for file, of in list(copies.items())[:3])
    notes = [f"left out as copies: {len(copies)} files with markers ({some})"] if copies else []
    return {file: look for file, look in looks.items() if file in kept}, notes


def _same(file: str, other: str, looks: Mapping[str, Look]) -> bool:
    """Whether two files are one trial: of one name in one folder, or with markers at the same distances."""
    if PurePosixPath(file).with_suffix("") == PurePosixPath(other).with_suffix(""):
        return True
    one, two = looks[file], looks[other]
    if abs(one.duration_s - two.duration_s) > 1.5 / max(one.rate_hz, two.rate_hz):
        return False
    shared = [name for name in one.places_lab_m if name in two.places_lab_m]
    if len(shared) < _MARKERS_MIN:
        return False
    apart, other_apart = (_distances_m(look, shared) for look in (one, two))
    return bool((np.abs(apart - other_apart) <= _APART_M + _APART_SHARE * other_apart).all())


def _distances_m(look: Look, names: Sequence[str]) -> np.ndarray:
    """Distances between all places of the markers at all times, which no turn of the axes changes."""
    places = np.concatenate([look.places_lab_m[name] for name in names])
    return np.linalg.norm(places[:, np.newaxis] - places, axis=-1)
