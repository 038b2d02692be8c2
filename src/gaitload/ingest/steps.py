"""Contacts of force plates, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gaitload.conventions import SIDES, sampling_rate_hz
from gaitload.ingest.outline import Feet, outside_m
from gaitload.signals.plates import center_of_pressure
from gaitload.signals.runs import true_runs
from gaitload.trial import Step

REACH_M = 0.12
"""A foot farther than this from the centre of pressure (mean over the contact) did not make the contact."""
BOTH_MIN_S = 0.06
"""Both feet count as standing on one plate when each does for at least this long during one contact."""
SHARED_DILATION_S = 0.04
"""Widens double support at either end: by the markers a foot leaves the floor up to that long before its force does."""
PLATE_MARGIN_M = 0.05
"""A centre of pressure this near a sole proves, while the other foot is off the floor, that this foot is on the
plate."""
ON_PLATE_SHARE = 0.2
"""A foot may load a plate that bears at least this share of its sole. Outlines from markers are off by about a
centimetre, a tenth of the width of a sole; feet beside the gap of two belts overlap the other one by as much."""
UNDER_M, UNDER_SHARE = 0.02, 0.9
"""A centre of pressure within this distance of one sole, for this share of the time in which both feet stand over the
plate, is that of one foot. Outlines from markers are off by one to two centimetres."""
CONTRADICTED_M = 0.05
"""A contact of a plate that was declared to be one foot's is the other's when that one is nearer by more than this."""
CROSS_TALK_SHARE = 0.1
"""A plate that no foot is over and that reads less than this share of what the others bear shows their cross-talk.
Larger hides a foot whose markers are wrong; five plates in a row showed 7 %."""
SHARED = "both feet on one plate: the wrench cannot be divided"
_LOADED_SHARE = 0.25
_TALK_SHARE = 0.9
"""Neighbours are unloaded a little before or after the plate that they talk to."""
_ALONG_SOLE = np.array(
    [[1 - share, share, 0.0] for share in (np.arange(6) + 0.5) / 6] + [[0.0, 0.75, 0.25], [0.0, 0.25, 0.75]]
)
"""Weights of heel, ball and tip at eight places that are spread evenly along a sole."""
_NOBODY, _SHARED, _STRANGE, _UNSEEN, _CROSS_TALK = -1, -2, -3, -4, -5
CROSS_TALK = "cross-talk: no foot is over the plate, and the others bear ten times as much or more"
_REASONS = {
    _SHARED: SHARED,
    _STRANGE: "no foot near it",
    _UNSEEN: "the markers show no foot on it",
    _CROSS_TALK: CROSS_TALK,
}


@dataclass(frozen=True)
class PlateLoad:
    """One plate in the ground frame, its baseline taken off.

    Attributes
    ----------
    name : str
    force_n, moment_nm : ndarray, shape (N, 3)
        On the person; moment about the origin of the ground frame.
    contact : ndarray of bool, shape (N,)
    above : ndarray of bool, shape (N,)
        The vertical force is above the contact threshold; knocks, too short for a contact, are.
    corners_m : ndarray, shape (4, 3), or None
    """

    name: str
    force_n: np.ndarray
    moment_nm: np.ndarray
    contact: np.ndarray
    above: np.ndarray
    corners_m: np.ndarray | None


def cross_talk(plate: PlateLoad, time_s: np.ndarray, feet: Feet, share: np.ndarray | None, beside_n: np.ndarray):
    """Samples, shape (N,), in which a plate reads what its neighbours bear: no foot is over it.

    Parameters
    ----------
    plate : PlateLoad
    time_s : ndarray, shape (N,)
        Of the forces, on the markers' clock.
    feet : Feet
    share : ndarray, shape (T, 2), or None
        Share of each sole that lies over this plate; None where its corners are not known, and nothing can be told.
    beside_n : ndarray, shape (N,)
        Vertical force of all other plates.
    """
    if share is None:
        return np.zeros(len(time_s), dtype=bool)
    seen = ~np.isnan(feet.outline_m).any(axis=(1, 2, 3))
    nobody = (seen & (share == 0.0).all(axis=1))[_frames(time_s, feet)]
    return nobody & (np.abs(plate.force_n[:, 1]) < CROSS_TALK_SHARE * beside_n)


def find_steps(
    plate: PlateLoad,
    time_s: np.ndarray,
    feet: Feet,
    surface_height_m: float,
    *,
    sole_share: np.ndarray | None = None,
    on_plates: np.ndarray | None = None,
    side: str | None = None,
    only_plate: bool = False,
    talk: np.ndarray | None = None,
) -> tuple[list[Step], np.ndarray]:
    """Give every contact of a plate to a foot.

    A contact belongs to the foot whose sole is nearer the centre of pressure. When both feet stand on the plate during
    one contact, it is split by what the markers say is on the floor; where both are, the wrench cannot be divided and
    is left out of either. A declared side decides unless the markers contradict it for this contact.

    Parameters
    ----------
    plate : PlateLoad
    time_s : ndarray, shape (N,)
        Of the forces, on the markers' clock.
    feet : Feet
    surface_height_m : float
    sole_share : ndarray, shape (T, 2), optional
        Share of each sole that lies over this plate; None where its corners are not known.
    on_plates : ndarray, shape (T, 2), optional
        The same for all plates together.
    side : str, optional
        Whose plate it was declared to be.
    only_plate : bool
        A plate whose corners are not known carries both feet when it is the only one; otherwise it does where each foot
        stood on it alone.
    talk : ndarray of bool, shape (N,), optional
        Samples of `cross_talk`. A contact that consists of them is nobody's.

    Returns
    -------
    steps : list of Step
        In the order of time.
    owner : ndarray of int, shape (N,)
        Index into `SIDES`; negative where nobody's: see `is_shared` and `is_unassigned`.
    """
    owner = np.full(len(time_s), _NOBODY)
    distance = np.full((len(time_s), 2), np.nan)
    rate_hz = sampling_rate_hz(time_s)
    frame = _frames(time_s, feet)
    borne = np.full(feet.down.shape, np.nan) if on_plates is None else on_plates
    declared = None if side is None else SIDES.index(side)
    steps = []
    for span in true_runs(plate.contact):
        cop, _ = center_of_pressure(plate.force_n[span], plate.moment_nm[span], surface_height_m)
        here = frame[span]
        distance[span] = np.stack([outside_m(cop[:, [0, 2]], feet.outline_m[here, k]) for k in range(2)], axis=1)
        alone = _stood_alone(distance[span], feet.down[here], rate_hz)
        standing = feet.down[here]
        if sole_share is not None:
            standing = standing & (sole_share[here] >= ON_PLATE_SHARE)
        elif not only_plate:
            standing = standing & alone
        idle = _idle(distance[span], standing) & ~alone
        standing = standing & ~(idle & standing.all(axis=1, keepdims=True))
        if talk is not None and talk[span].mean() > _TALK_SHARE:
            owner[span] = _CROSS_TALK
        else:
            owner[span] = _owners(distance[span], plate.force_n[span, 1], standing, rate_hz, declared)
        edges = np.flatnonzero(np.diff(owner[span])) + 1 + span.start
        for first, last in pairwise((span.start, *edges.tolist(), span.stop)):
            part = slice(first, last)
            steps.append(_step(plate, time_s, distance, int(owner[first]), part, 1.0 / rate_hz, borne[frame[part]]))
    return steps, owner


def _frames(time_s: np.ndarray, feet: Feet) -> np.ndarray:
    """Frame of the markers nearest to each sample of the forces, shape (N,)."""
    return np.clip(np.rint((time_s - feet.time_s[0]) * feet.rate_hz).astype(int), 0, len(feet.time_s) - 1)


def is_shared(owner: np.ndarray) -> np.ndarray:
    """Samples, shape (N,), in which both feet share a plate."""
    return owner == _SHARED


def is_unassigned(owner: np.ndarray) -> np.ndarray:
    """Samples, shape (N,), of contacts that are given to no foot."""
    return (owner == _STRANGE) | (owner == _UNSEEN)


def sole_share(corners_m: np.ndarray, feet: Feet) -> np.ndarray:
    """Share of each sole that lies over a plate, shape (T, 2), from points spread over the sole; 0 for an unseen foot.

    Parameters
    ----------
    corners_m : ndarray, shape (4, 3)
        Of the plate, ground frame.
    feet : Feet
    """
    # Heel, ball and tip of either edge; the forefoot ahead of the ball is about a quarter of the length.
    edges = feet.outline_m[:, :, :3], feet.outline_m[:, :, [5, 4, 3]]
    outer, inner = (np.einsum("pk,tskx->tspx", _ALONG_SOLE, edge) for edge in edges)
    across = np.linspace(0.1, 0.9, 5)[:, None, None]
    points = outer[:, :, None] * across + inner[:, :, None] * (1 - across)
    flat = points.reshape(-1, 2)
    plate = np.broadcast_to(corners_m[:, [0, 2]], (len(flat), 4, 2))
    return (outside_m(flat, plate) < 0).reshape(*points.shape[:2], -1).mean(axis=2)


def _stood_alone(distance_m: np.ndarray, down: np.ndarray, rate_hz: float) -> np.ndarray:
    """Feet that for a while were alone on the floor with the centre of pressure of the plate under them, shape (2,)."""
    alone = down & ~down[:, ::-1] & (distance_m < PLATE_MARGIN_M)
    return alone.sum(axis=0) >= BOTH_MIN_S * rate_hz


def _idle(distance_m: np.ndarray, standing: np.ndarray) -> np.ndarray:
    """Feet that stand partly over a plate and do not load it, shape (2,): its centre of pressure stays under the other.

    While two feet load a plate, its centre of pressure lies between them. Feet beside the gap of two belts overlap the
    other belt and load their own. Only for feet that never stood there alone: one that bears a tenth of the load moves
    the centre of pressure by no more than outlines are off.
    """
    both = distance_m[standing.all(axis=1)]
    under = (both < UNDER_M).mean(axis=0) >= UNDER_SHARE if len(both) else np.zeros(2, dtype=bool)
    return under[::-1] & ~under


def _owners(distance_m, vertical_n, standing, rate_hz, declared) -> np.ndarray:
    if (standing.sum(axis=0) >= BOTH_MIN_S * rate_hz).all():
        return _near(_split(standing, rate_hz), distance_m, vertical_n)
    mean = _weighted_mean(distance_m, vertical_n)
    return np.full(len(distance_m), _owner(mean) if declared is None else _declared_owner(mean, declared))


def _owner(mean_m: np.ndarray) -> int:
    """Foot that a contact belongs to by the mean distance of its centre of pressure from either sole."""
    if np.isnan(mean_m).all():
        return _UNSEEN
    return _STRANGE if np.nanmin(mean_m) > REACH_M else int(np.nanargmin(mean_m))


def _declared_owner(mean_m: np.ndarray, declared: int) -> int:
    """The declared foot, unless the markers show the other one on the spot, or this one too far away."""
    own, other = mean_m[declared], mean_m[1 - declared]
    contradicted = other <= 0 if np.isnan(own) else other <= REACH_M and own - other > CONTRADICTED_M
    if contradicted:
        return 1 - declared
    return _STRANGE if own > REACH_M else declared


def _split(standing: np.ndarray, rate_hz: float) -> np.ndarray:
    """Owner of each sample of a contact made by both feet, shape (n,).

    Where no foot stands for longer than markers and forces disagree about, somebody is not seen.
    """
    owner = np.full(len(standing), _NOBODY)
    for k in range(2):
        owner[standing[:, k] & ~standing[:, 1 - k]] = k
    reach = round(SHARED_DILATION_S * rate_hz)
    for run in true_runs(standing.all(axis=1)):
        owner[max(run.start - reach, 0) : run.stop + reach] = _SHARED
    for run in true_runs(owner == _NOBODY):
        if run.stop - run.start > 2 * BOTH_MIN_S * rate_hz:
            owner[run] = _UNSEEN
    known = np.flatnonzero(owner != _NOBODY)
    nearest = np.searchsorted((known[1:] + known[:-1]) / 2, np.arange(len(owner)))
    return owner[known[nearest]]


def _near(owner: np.ndarray, distance_m: np.ndarray, vertical_n: np.ndarray) -> np.ndarray:
    """Owners, shape (n,), without the feet that are too far from the centre of pressure of the part given to them."""
    near = owner.copy()
    for k in range(2):
        for run in true_runs(owner == k):
            mean = _weighted_mean(distance_m[run], vertical_n[run])[k]
            if not mean <= REACH_M:
                near[run] = _UNSEEN if np.isnan(mean) else _STRANGE
    return near


def _weighted_mean(distance_m: np.ndarray, vertical_n: np.ndarray) -> np.ndarray:
    weight = np.where(np.isnan(distance_m), 0.0, np.maximum(vertical_n, 0.0)[:, None])
    total = weight.sum(axis=0)
    return np.where(total > 0, (weight * np.nan_to_num(distance_m)).sum(axis=0) / np.where(total > 0, total, 1), np.nan)


def _step(plate, time_s, distance_m, owner, span, interval_s, borne) -> Step:
    vertical = plate.force_n[span, 1]
    mean = _weighted_mean(distance_m[span], vertical)
    nearest = owner if owner >= 0 else int(np.argmin(np.where(np.isnan(mean), np.inf, mean)))
    loaded = distance_m[span, nearest][vertical > _LOADED_SHARE * vertical.max()]
    loaded = loaded[~np.isnan(loaded)]
    return Step(
        plate=plate.name,
        side=SIDES[owner] if owner >= 0 else None,
        start_s=float(time_s[span.start]),
        end_s=float(time_s[span.stop - 1] + interval_s),
        peak_n=float(vertical.max()),
        distance_m=float(mean[nearest]),
        margin_m=float(mean[1 - nearest] - mean[nearest]),
        outside_m=float(np.percentile(loaded, 95)) if len(loaded) else float("nan"),
        on_plates=float(np.median(borne[:, nearest])),
        whole=span.start > 0 and span.stop < len(time_s),
        reason=_REASONS.get(owner, ""),
    )
