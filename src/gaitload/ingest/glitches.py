"""Samples that do not belong to their marker: ghosts beside gaps, jumps, and names exchanged for a while."""

from __future__ import annotations

import numpy as np

from gaitload.ingest.faults import FaultKind, LabelFault
from gaitload.ingest.rigid import fit_rigid, median_over_frames, pair_distances_m, place
from gaitload.signals.runs import true_runs

MOVE_SHARE = 0.5
"""A stray sample is another marker's when it lies within this share of the ghost distance from that one's place."""


def off_segment(points_m: np.ndarray, limit_m: float) -> np.ndarray:
    """Samples whose distances to the rest of their segment are off.

    In each frame the worst marker is taken out until those left agree, so that one stray marker does not accuse its
    neighbours. It takes two neighbours in the same frame to accuse a sample.

    Parameters
    ----------
    points_m : ndarray, shape (T, K, 3)
        The markers of one segment; NaN where missing.
    limit_m : float
        Median deviation from the typical distances (medians over the trial) that is too much.

    Returns
    -------
    ndarray of bool, shape (T, K)
    """
    distance = pair_distances_m(points_m)
    error = np.abs(distance - median_over_frames(distance))
    error[:, np.eye(points_m.shape[1], dtype=bool)] = np.nan
    off = np.zeros(points_m.shape[:2], dtype=bool)
    frames = np.flatnonzero((error > limit_m).any(axis=(1, 2)))
    while len(frames):
        partners = (~np.isnan(error[frames])).sum(axis=2)
        middle = np.full(partners.shape, -1.0)
        accused = partners >= 2
        middle[accused] = np.nanmedian(error[frames][accused], axis=1)
        worst = middle.argmax(axis=1)
        frames, worst = frames[middle.max(axis=1) > limit_m], worst[middle.max(axis=1) > limit_m]
        off[frames, worst] = True
        error[frames, worst] = np.nan
        error[frames, :, worst] = np.nan
    return off


def typical_shape(points_m: np.ndarray) -> np.ndarray:
    """Shape of a segment, (K, 3): the frame that shows most markers and whose distances are the most typical."""
    distance = pair_distances_m(points_m)
    seen = (~np.isnan(points_m[..., 0])).sum(axis=1)
    misfit = np.full(len(points_m), np.inf)
    fullest = seen == seen.max()
    misfit[fullest] = np.nansum(np.abs(distance - median_over_frames(distance))[fullest], axis=(1, 2))
    return points_m[misfit.argmin()]


def clean(
    position_m: np.ndarray,
    names: tuple[str, ...],
    segments: dict[str, tuple[str, ...]],
    time_s: np.ndarray,
    *,
    ghost_distance_m: float,
    gap_max_s: float,
) -> tuple[np.ndarray, list[LabelFault], dict[str, int]]:
    """Take stray samples off their marker before gaps are filled.

    A stray sample that lies where another marker is missing, or astray too, belongs to that one and is given to it.
    Otherwise it is dropped when it stands beside a gap or for a short while only: a spline through it would swing by
    half a metre. A marker that is off for longer is reported and left.

    Parameters
    ----------
    position_m : ndarray, shape (T, M, 3)
        NaN where missing; permanent labelling faults already repaired.
    names : tuple of str
        Length M.
    segments : dict of tuple of str
        Marker names by rigid segment.
    time_s : ndarray, shape (T,)
        Uniform.
    ghost_distance_m : float
        Limit of `off_segment`. Lower takes soft tissue for ghosts: over the pelvis it reaches 22 mm in running.
    gap_max_s : float
        What is off for longer is not a glitch.

    Returns
    -------
    position_m : ndarray, shape (T, M, 3)
        A copy.
    faults : list of LabelFault
    dropped : dict of int
        By marker, how many samples were dropped.
    """
    columns = {
        segment: [names.index(name) for name in members if name in names] for segment, members in segments.items()
    }
    columns = {segment: found for segment, found in columns.items() if len(found) >= 3}
    off = np.zeros(position_m.shape[:2], dtype=bool)
    for found in columns.values():
        off[:, found] = off_segment(position_m[:, found], ghost_distance_m)
    frames = np.flatnonzero(off.any(axis=1))
    if not len(frames):
        return position_m.copy(), [], {}
    expected = _expected_places(position_m, off, columns, frames)
    owner = _owners(position_m[frames], off[frames], expected, MOVE_SHARE * ghost_distance_m)
    moved = np.zeros_like(off)
    moved[frames] = owner >= 0
    lasting = off & ~moved & _lasting(off, position_m, round(gap_max_s / float(np.diff(time_s[:2])[0])))
    cleaned = position_m.copy()
    cleaned[off & ~lasting] = np.nan
    source_frames, source_columns = np.nonzero(owner >= 0)
    target_columns = owner[source_frames, source_columns]
    cleaned[frames[source_frames], target_columns] = position_m[frames[source_frames], source_columns]
    dropped = off & ~moved & ~lasting
    counts = {names[column]: int(dropped[:, column].sum()) for column in np.flatnonzero(dropped.any(axis=0))}
    faults = _exchanges(time_s[frames], owner, names) + _lasting_faults(lasting, time_s, names, ghost_distance_m)
    return cleaned, faults, counts


def _expected_places(position_m, off, columns, frames) -> np.ndarray:
    """Where markers should be by the trustworthy rest of their segments, shape (F, M, 3)."""
    expected = np.full((len(frames), *position_m.shape[1:]), np.nan)
    for found in columns.values():
        trusted = position_m[:, found].copy()
        trusted[off[:, found]] = np.nan
        shape = typical_shape(trusted)
        expected[:, found] = place(shape, *fit_rigid(shape, trusted[frames]))
    return expected


def _owners(position_m, off, expected, reach_m) -> np.ndarray:
    """Column of the marker each stray sample belongs to, shape (F, M); -1 where there is none or it is contested."""
    owner = np.full(off.shape, -1)
    vacant = off | np.isnan(position_m[..., 0])
    for column in np.flatnonzero(off.any(axis=0)):
        here = np.flatnonzero(off[:, column])
        apart = np.linalg.norm(expected[here] - position_m[here, None, column], axis=2)
        apart[~vacant[here] | np.isnan(apart)] = np.inf
        apart[:, column] = np.inf
        near = apart.argmin(axis=1)
        sure = (apart.min(axis=1) <= reach_m) & ((apart <= 2 * reach_m).sum(axis=1) == 1)
        owner[here[sure], column] = near[sure]
    for frame in np.flatnonzero((owner >= 0).sum(axis=1) > 1):
        taken, count = np.unique(owner[frame][owner[frame] >= 0], return_counts=True)
        owner[frame, np.isin(owner[frame], taken[count > 1])] = -1
    return owner


def _lasting(off: np.ndarray, position_m: np.ndarray, frames_max: int) -> np.ndarray:
    """Stray samples in runs longer than `frames_max` with no gap at either end."""
    lasting = np.zeros_like(off)
    missing = np.isnan(position_m[..., 0])
    for column in np.flatnonzero(off.any(axis=0)):
        for run in true_runs(off[:, column]):
            beside_gap = missing[max(run.start - 1, 0) : run.stop + 1, column].any()
            lasting[run, column] = run.stop - run.start > frames_max and not beside_gap
    return lasting


def _exchanges(frame_s, owner, names) -> list[LabelFault]:
    nan = float("nan")
    faults = []
    for source in np.flatnonzero((owner >= 0).any(axis=0)):
        for target in np.unique(owner[:, source][owner[:, source] >= 0]):
            there = frame_s[owner[:, source] == target]
            back = frame_s[owner[:, target] == source]
            both = np.array_equal(there, back)
            if both and target < source:
                continue
            faults.append(
                LabelFault(
                    kind=FaultKind.SWAPPED if both else FaultKind.MISNAMED,
                    markers=(names[source], names[target]) if both else (names[source],),
                    before_mm=nan,
                    after_mm=nan,
                    repaired=True,
                    reason=f"{names[source]} is {names[target]} in {len(there)} frames"
                    f"{' and the other way round' if both else ''}; given back by its place on the segment",
                    start_s=float(there[0]),
                    end_s=float(there[-1]),
                )
            )
    return faults


def _lasting_faults(lasting, time_s, names, limit_m) -> list[LabelFault]:
    nan = float("nan")
    return [
        LabelFault(
            kind=FaultKind.IMPLAUSIBLE,
            markers=(names[column],),
            before_mm=nan,
            after_mm=nan,
            repaired=False,
            reason=f"{limit_m * 1e3:.0f} mm and more off its segment, for longer than a glitch",
            start_s=float(time_s[run.start]),
            end_s=float(time_s[run.stop - 1]),
        )
        for column in np.flatnonzero(lasting.any(axis=0))
        for run in true_runs(lasting[:, column])
    ]
