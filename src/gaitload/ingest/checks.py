"""Do the data agree with the units and axes declared for them?"""

from __future__ import annotations

import numpy as np

from gaitload.conventions import AXES, SIDES
from gaitload.errors import ConventionError
from gaitload.ingest.rigid import median_over_frames
from gaitload.models.markersets import MarkerSet
from gaitload.trial import PlateWrench

EXTENT_MIN_M, EXTENT_MAX_M = 0.5, 3.0
"""Size of the cloud of markers on one person in one frame: legs alone measure 0.9 to 1.2 m, a body with arms spread
1.6 to 2 m. Millimetres taken for metres, and metres for millimetres, are off by a thousand."""
UPRIGHT_MIN = 0.7
"""Cosine between feet-to-pelvis and up, below which nobody walks, runs or stands (45 deg)."""
PULL_MIN_N = 100.0
"""A plate that reads less than this downwards is unloaded: plates drift by up to 100 N."""
CROSS_TALK_SHARE = 0.25
"""A plate that reads less than this share of the largest push downwards shows cross-talk of its neighbours: 7 % in a
sprint over five plates. A plate of reversed sign reads as much as the others push."""
_FOREFOOT = ("toe", "mt1", "mt2", "mt5")


def check_units(position_m: np.ndarray, *, where: str) -> float:
    """Size of the person in metres: median over frames of the diagonal of the box around all markers.

    Parameters
    ----------
    position_m : ndarray, shape (T, M, 3)
        Any frame; NaN where missing.
    where : str

    Raises
    ------
    ConventionError
        UNITS_IMPLAUSIBLE: the size is outside `EXTENT_MIN_M` to `EXTENT_MAX_M`.
    """
    seen = position_m[~np.isnan(position_m).all(axis=(1, 2))]
    boxes = np.linalg.norm(np.nanmax(seen, axis=1) - np.nanmin(seen, axis=1), axis=1)
    extent_m = float(np.median(boxes)) if len(boxes) else np.nan
    if not EXTENT_MIN_M <= extent_m <= EXTENT_MAX_M:
        raise ConventionError(
            expected=f"the markers of one person to span {EXTENT_MIN_M:g} to {EXTENT_MAX_M:g} m",
            found=f"{extent_m:.4g} m{_unit_guess(extent_m)}",
            where=where,
            do="Correct the length unit declared in the recording.",
            code="UNITS_IMPLAUSIBLE",
        )
    return extent_m


def check_gravity(
    position_ground_m: np.ndarray, names: tuple[str, ...], marker_set: MarkerSet, rotation: np.ndarray, *, where: str
) -> None:
    """Require the pelvis above the feet.

    Parameters
    ----------
    position_ground_m : ndarray, shape (T, M, 3)
    names : tuple of str
        Length M.
    marker_set : MarkerSet
    rotation : ndarray, shape (3, 3)
        Lab to ground, as declared; the message names axes of the lab.
    where : str

    Raises
    ------
    ConventionError
        GRAVITY_CONTRADICTED: from the feet to the pelvis is not up. Recordings without markers on either pass.
    """
    pelvis = _centre(position_ground_m, names, marker_set.segments.get("pelvis", ()))
    feet = _centre(position_ground_m, names, tuple(name for side in SIDES for name in marker_set.foot(side)))
    trunk = median_over_frames(pelvis - feet)
    direction = trunk / np.linalg.norm(trunk)
    if direction[1] < UPRIGHT_MIN:
        raise ConventionError(
            expected="the pelvis above the feet along the axis declared as up",
            found=f"the pelvis {_in_words(rotation.T @ trunk)} of the feet (lab axes, metres)",
            where=where,
            do=f"In these data {_nearest_axis(rotation.T @ trunk)} points up: correct lab_up, and lab_forward with it, "
            "in cohort.yaml.",
            code="GRAVITY_CONTRADICTED",
        )


def check_push(plates: tuple[PlateWrench, ...], *, where: str) -> None:
    """Require that plates, given in the ground frame, push the person up.

    Raises
    ------
    ConventionError
        GRAVITY_CONTRADICTED: one of `pulling_plates`.
    """
    for name, (pull, push) in pulling_plates(plates).items():
        raise ConventionError(
            expected="plates to push the person up: vertical forces on the person above zero",
            found=f"{name} between {pull:.0f} and {push:.0f} N",
            where=where,
            do="Correct lab_up in cohort.yaml, or export right-handed axes (a mirrored, left-handed laboratory turns "
            "its plates over), or correct the sign of the plate's channels (force on the person).",
            code="GRAVITY_CONTRADICTED",
        )


def pulling_plates(plates: tuple[PlateWrench, ...]) -> dict[str, tuple[float, float]]:
    """Plates, given in the ground frame, whose vertical force is clearly downwards: `(lowest, highest)` in N by name.

    A plate that nobody stands on is none, and neither is one that its neighbours, when they are loaded, pull down a
    little: cross-talk of several percent of the load beside it is common.
    """
    ranges = {plate.name: np.percentile(plate.force_lab_n[:, 1], (1, 99)) for plate in plates if len(plate.force_lab_n)}
    largest_push = max((push for _, push in ranges.values()), default=0.0)
    return {
        name: (float(pull), float(push))
        for name, (pull, push) in ranges.items()
        if -pull > max(push, PULL_MIN_N, CROSS_TALK_SHARE * largest_push)
    }


def facing_deg(position_ground_m: np.ndarray, names: tuple[str, ...], marker_set: MarkerSet) -> float:
    """Where the person faces: angle from +X, towards -Z positive, seen from above.

    Mean direction, over frames, from heel to forefoot of both feet and from the back to the front of the pelvis; each
    counts once, so that a labelling fault on one of them is outvoted.

    Returns
    -------
    float
        In (-180, 180]; NaN when no landmark pair is there.
    """
    votes = [_direction(position_ground_m, names, marker_set, *pair) for pair in _facing_pairs()]
    votes = [vote for vote in votes if vote is not None]
    if not votes:
        return float("nan")
    x, _, z = np.sum(votes, axis=0)
    return float(np.degrees(np.arctan2(-z, x)))


def _centre(position_m: np.ndarray, names: tuple[str, ...], wanted: tuple[str, ...]) -> np.ndarray:
    columns = [names.index(name) for name in wanted if name in names]
    points = position_m[:, columns]
    return median_over_frames(np.moveaxis(points, 1, 0)) if columns else np.full((len(position_m), 3), np.nan)


def _facing_pairs():
    for side in SIDES:
        yield (f"heel_{side}",), tuple(f"{name}_{side}" for name in _FOREFOOT)
    yield ("psis_r", "psis_l", "sacrum"), ("asis_r", "asis_l")


def _direction(position_m, names, marker_set, back, front) -> np.ndarray | None:
    ends = [tuple(filter(None, map(marker_set.landmark, landmarks))) for landmarks in (back, front)]
    step = _centre(position_m, names, ends[1]) - _centre(position_m, names, ends[0])
    step = step[~np.isnan(step[:, 0])]
    if not len(step):
        return None
    level = step.mean(axis=0) * np.array([1.0, 0.0, 1.0])
    return level / np.linalg.norm(level)


def _unit_guess(extent_m: float) -> str:
    if EXTENT_MIN_M <= extent_m / 1e3 <= EXTENT_MAX_M:
        return ", a person measured in millimetres and declared in metres"
    if EXTENT_MIN_M <= extent_m * 1e3 <= EXTENT_MAX_M:
        return ", a person measured in metres and declared in millimetres"
    return ""


def _in_words(vector_m: np.ndarray) -> str:
    return ", ".join(f"{value:+.2f} along {axis}" for value, axis in zip(vector_m, AXES, strict=True))


def _nearest_axis(vector: np.ndarray) -> str:
    largest = int(np.argmax(np.abs(vector)))
    return f"{'+' if vector[largest] > 0 else '-'}{AXES[largest]}"
