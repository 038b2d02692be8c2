"""Names exchanged within a segment for a part of a trial."""

from __future__ import annotations

import numpy as np

from gaitload.ingest.faults import FaultKind, LabelFault
from gaitload.ingest.glitches import typical_shape
from gaitload.ingest.relabel import Option, options
from gaitload.ingest.rigid import fit_rigid, place
from gaitload.signals.runs import true_runs

FRAMES_MIN = 5
"""Shorter exchanges are left to `glitches.clean`."""
MISFIT_FACTOR = 1.5
"""The search starts where the root mean square misfit of the typical shape exceeds this many tolerances. Soft tissue
over the pelvis reaches 16 mm in fast running; two exchanged markers 40 mm apart make 20 mm."""
_FRAMES_FITTED = 30


def undo_exchanges(
    position_m: np.ndarray,
    names: tuple[str, ...],
    segments: dict[str, tuple[str, ...]],
    time_s: np.ndarray,
    tolerance_m: float,
) -> tuple[np.ndarray, list[LabelFault]]:
    """Give markers of one segment their names back where they are exchanged for a while.

    Where the segment does not keep its own typical shape, the permutation that restores it is looked for. The shape is
    that of most of the trial, so no static trial is needed. Markers in a square (shells) keep their shape under some
    permutations: those stay unseen here.

    Parameters
    ----------
    position_m : ndarray, shape (T, M, 3)
        NaN where missing; permanent labelling faults already repaired.
    names : tuple of str
        Length M.
    segments : dict of tuple of str
        Marker names by rigid segment.
    time_s : ndarray, shape (T,)
    tolerance_m : float
        Largest misfit of any marker once the names are back.

    Returns
    -------
    position_m : ndarray, shape (T, M, 3)
        A copy.
    faults : list of LabelFault
    """
    restored, faults = position_m.copy(), []
    for members in segments.values():
        columns = [names.index(name) for name in members if name in names]
        if len(columns) < 3:
            continue
        points = position_m[:, columns]
        shape = typical_shape(points)
        for run in true_runs(_misfit_m(shape, points) > MISFIT_FACTOR * tolerance_m):
            if run.stop - run.start < FRAMES_MIN:
                continue
            frames = np.unique(np.linspace(run.start, run.stop - 1, _FRAMES_FITTED).astype(int))
            exchange = _exchange(shape, points[frames], tolerance_m)
            if exchange is None:
                continue
            restored[run, columns] = points[run][:, exchange.columns]
            moved = [k for k, column in enumerate(exchange.columns) if column != k]
            told = ", ".join(f"{names[columns[exchange.columns[k]]]} is {names[columns[k]]}" for k in moved)
            faults.append(
                LabelFault(
                    kind=FaultKind.SWAPPED,
                    markers=tuple(names[columns[k]] for k in moved),
                    before_mm=round(float(_misfit_m(shape, points[frames]).max()) * 1e3, 1),
                    after_mm=round(float(exchange.error_m[moved].max()) * 1e3, 1),
                    repaired=True,
                    reason=f"{told} in {run.stop - run.start} frames; restores the shape of the rest of the trial",
                    start_s=float(time_s[run.start]),
                    end_s=float(time_s[run.stop - 1]),
                )
            )
    return restored, faults


def _misfit_m(shape_m: np.ndarray, points_m: np.ndarray) -> np.ndarray:
    """Root mean square distance of the markers seen from the fitted shape, shape (T,); 0 where none can be fitted."""
    squared = ((place(shape_m, *fit_rigid(shape_m, points_m)) - points_m) ** 2).sum(axis=2)
    return np.sqrt(np.nansum(squared, axis=1) / np.maximum((~np.isnan(squared)).sum(axis=1), 1))


def _exchange(shape_m: np.ndarray, points_m: np.ndarray, tolerance_m: float) -> Option | None:
    identity = tuple(range(len(shape_m)))
    best, *others = options(shape_m, points_m, identity, identity, tolerance_m)
    alone = all(option.cost_m > best.cost_m + tolerance_m / 2 for option in others)
    complete = None not in best.columns and not np.isnan(best.error_m).any()
    if best.columns == identity or not complete or not alone or best.error_m.max() > tolerance_m:
        return None
    return best
