"""Left and right of the body: names exchanged throughout or for a part of a trial, or axes that are left-handed."""

from __future__ import annotations

import re

import numpy as np

from gaitload.errors import ConventionError
from gaitload.ingest.faults import FaultKind, LabelFault
from gaitload.ingest.rigid import median_over_frames
from gaitload.models.markersets import MarkerSet
from gaitload.signals.runs import true_runs

REVERSED_M = 0.02
"""A right marker lies on the left when it does by more than this against its left partner (median)."""
REVERSED_SHARE = 0.8
"""Share of the pairs that have to lie the wrong way round for the whole body to be exchanged or mirrored."""
PAIRS_MIN = 4
STEP_FACTOR = 3.0
"""A repair is continuous where no marker jumps by more than this many of its usual steps (95th percentile), from the
frame before to the first one and from the last one to the frame after."""
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


def undo_side_exchanges(
    position_m: np.ndarray, names: tuple[str, ...], marker_set: MarkerSet, time_s: np.ndarray, *, repair: bool
) -> tuple[np.ndarray, list[LabelFault]]:
    """Give right and left their names back where they are exchanged for a while.

    The right markers of a pelvis never lie to the left of the left ones. Where they do while nearly all pairs of the
    body do, the whole body is exchanged; otherwise only those pairs of the pelvis are. A repair is made only where the
    trajectories are continuous after it, which is evidence of its own.

    Parameters
    ----------
    position_m, names, marker_set
        As in `require_sides`.
    time_s : ndarray, shape (T,)
    repair : bool
        False: report only.

    Returns
    -------
    position_m : ndarray, shape (T, M, 3)
        A copy.
    faults : list of LabelFault
    """
    pairs = partners(names, marker_set)
    columns = {right: (names.index(right), names.index(left)) for right, left in pairs.items()}
    pelvis = [right for right in columns if right in marker_set.segments.get("pelvis", ())]
    if not pelvis:
        return position_m.copy(), []
    apart_m = {right: position_m[:, first, 2] - position_m[:, second, 2] for right, (first, second) in columns.items()}
    reversed_ = {right: values < -REVERSED_M for right, values in apart_m.items()}
    seen = np.maximum(sum(np.isfinite(values).astype(int) for values in apart_m.values()), 1)
    body = sum(values.astype(int) for values in reversed_.values()) / seen >= REVERSED_SHARE
    body &= np.any([reversed_[right] for right in pelvis], axis=0)
    restored, faults = position_m.copy(), []
    found = [(run, list(columns)) for run in true_runs(body)] if len(columns) > len(pelvis) else []
    found += [(run, [right]) for right in pelvis for run in true_runs(reversed_[right] & ~body)]
    for run, rights in found:
        exchanged = [columns[right] for right in rights]
        moved = [column for pair in exchanged for column in pair]
        sources = [column for first, second in exchanged for column in (second, first)]
        trial = restored.copy()
        trial[run, moved] = restored[run][:, sources]
        proven = repair and _continuous(trial, run, moved)
        restored = trial if proven else restored
        faults.append(_fault(run, rights, pairs, time_s, proven=proven, whole=len(rights) > 1))
    return restored, faults


def _continuous(position_m: np.ndarray, run: slice, columns: list[int]) -> bool:
    """Whether no marker jumps at either end of a part of a trial."""
    steps_m = np.linalg.norm(np.diff(position_m[:, columns], axis=0), axis=2)
    usual_m = np.nanpercentile(steps_m, 95, axis=0)
    edges = [edge for edge in (run.start - 1, run.stop - 1) if 0 <= edge < len(steps_m)]
    return bool(edges) and not (steps_m[edges] > STEP_FACTOR * usual_m).any()


def _fault(
    run: slice, rights: list[str], pairs: dict[str, str], time_s: np.ndarray, *, proven: bool, whole: bool
) -> LabelFault:
    who = "the whole body" if whole else f"{rights[0]} and {pairs[rights[0]]}"
    then = "given back; trajectories are continuous" if proven else "not repaired: trajectories would jump"
    return LabelFault(
        kind=FaultKind.SWAPPED,
        markers=tuple(name for right in rights for name in (right, pairs[right])),
        before_mm=float("nan"),
        after_mm=float("nan"),
        repaired=proven,
        reason=f"left and right are exchanged on {who} in {run.stop - run.start} frames; {then}",
        start_s=float(time_s[run.start]),
        end_s=float(time_s[run.stop - 1]),
    )


def _of_legs(marker_set: MarkerSet) -> list[tuple[str, ...]]:
    return [members for name, members in marker_set.segments.items() if name.partition("_")[0] in _LEG]


def _is_right(name: str) -> bool:
    found = _SIDE.search(name)
    return found is not None and found[0].lower() in ("r", "right")


def _other_side(name: str) -> str:
    other = {"R": "L", "r": "l", "L": "R", "l": "r", "Right": "Left", "right": "left", "Left": "Right", "left": "right"}
    return _SIDE.sub(lambda found: other[found[0]], name, count=1)
