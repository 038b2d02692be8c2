"""Left and right exchanged for a part of a trial, on the pelvis or on the whole body."""

from __future__ import annotations

import numpy as np

from gaitload.ingest.faults import FaultKind, LabelFault
from gaitload.ingest.sides import REVERSED_M, REVERSED_SHARE, partners
from gaitload.models.markersets import MarkerSet
from gaitload.signals.runs import true_runs

STEP_FACTOR = 3.0
"""Names are right where no marker jumps, from the frame before to the first and from the last to the frame after, by
more than this many of its usual steps (95th percentile)."""


def undo_side_exchanges(
    position_m: np.ndarray, names: tuple[str, ...], marker_set: MarkerSet, time_s: np.ndarray, *, repair: bool
) -> tuple[np.ndarray, list[LabelFault]]:
    """Give right and left their names back where they are exchanged for a while.

    The right markers of a pelvis never lie to the left of the left ones. Where they do while nearly all pairs of the
    body do, the whole body is exchanged, and else the pairs of the pelvis that lie so. A repair is made only where the
    trajectories are continuous after it, which its finding does not use.

    Parameters
    ----------
    position_m : ndarray, shape (T, M, 3)
        Ground frame, person facing +X; NaN where missing.
    names : tuple of str
        Length M.
    marker_set : MarkerSet
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
