"""Contacts of force plates, and whose they are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np

from gaitload.conventions import SIDES, sampling_rate_hz
from gaitload.ingest.outline import Feet, outside_m
from gaitload.signals.plates import center_of_pressure
from gaitload.signals.runs import true_runs

REACH_M = 0.12
"""A foot farther than this from the centre of pressure (mean over the contact) did not make the contact."""
BOTH_MIN_S = 0.06
"""Both feet count as standing on one plate when each does for at least this long during one contact."""
SHARED_DILATION_S = 0.04
"""Widens double support at either end: by the markers a foot leaves the floor up to that long before its force does."""
PLATE_MARGIN_M = 0.05
SHARED = "both feet on one plate: the wrench cannot be divided"
_LOADED_SHARE = 0.25
_NOBODY, _SHARED, _STRANGE, _UNSEEN = -1, -2, -3, -4
_REASONS = {_SHARED: SHARED, _STRANGE: "no foot near it", _UNSEEN: "the markers show neither foot"}


@dataclass(frozen=True)
class PlateLoad:
    """One plate in the ground frame, its baseline taken off.

    Attributes
    ----------
    name : str
    force_n, moment_nm : ndarray, shape (N, 3)
        On the person; moment about the origin of the ground frame.
    contact : ndarray of bool, shape (N,)
    corners_m : ndarray, shape (4, 3), or None
    """

    name: str
    force_n: np.ndarray
    moment_nm: np.ndarray
    contact: np.ndarray
    corners_m: np.ndarray | None


@dataclass(frozen=True)
class Step:
    """One contact of one plate, or the part of it that belongs to one foot.

    Attributes
    ----------
    plate : str
    side : str or None
        None: left out, for the `reason` given.
    start_s, end_s : float
        Half-open, on the markers' clock.
    peak_n : float
        Largest vertical force.
    distance_m : float
        Mean distance of the centre of pressure from the sole of the foot (weighted by force; negative inside).
    margin_m : float
        How much farther the other foot was; NaN when it was not seen.
    outside_m : float
        95th percentile of the distance while the force is above a quarter of its peak.
    whole : bool
        Neither end is cut off by an end of the recording.
    reason : str
    """

    plate: str
    side: str | None
    start_s: float
    end_s: float
    peak_n: float
    distance_m: float
    margin_m: float
    outside_m: float
    whole: bool
    reason: str

    def as_dict(self) -> dict:
        """For quality files."""
        return asdict(self)


def find_steps(
    plate: PlateLoad,
    time_s: np.ndarray,
    feet: Feet,
    surface_height_m: float,
    *,
    side: str | None = None,
    only_plate: bool = False,
) -> tuple[list[Step], np.ndarray]:
    """Give every contact of a plate to a foot.

    A contact belongs to the foot whose sole is nearer the centre of pressure. When both feet stand on the plate during
    one contact, it is split by what the markers say is on the floor; where both are, the wrench cannot be divided and
    is left out of either.

    Parameters
    ----------
    plate : PlateLoad
    time_s : ndarray, shape (N,)
        Of the forces, on the markers' clock.
    feet : Feet
    surface_height_m : float
    side : str, optional
        Whose plate it is, when that is known; contacts are then measured but not judged.
    only_plate : bool
        A plate whose corners are not known can carry both feet only when it is the only one.

    Returns
    -------
    steps : list of Step
        In the order of time.
    owner : ndarray of int, shape (N,)
        Index into `SIDES`; negative where nobody's: see `is_shared`.
    """
    owner = np.full(len(time_s), _NOBODY)
    distance = np.full((len(time_s), 2), np.nan)
    rate_hz = sampling_rate_hz(time_s)
    frame = np.clip(np.rint((time_s - feet.time_s[0]) * feet.rate_hz).astype(int), 0, len(feet.time_s) - 1)
    on_plate = _on_plate(plate, feet, only_plate)
    steps = []
    for span in true_runs(plate.contact):
        cop, _ = center_of_pressure(plate.force_n[span], plate.moment_nm[span], surface_height_m)
        here = frame[span]
        distance[span] = np.stack([outside_m(cop[:, [0, 2]], feet.outline_m[here, k]) for k in range(2)], axis=1)
        if side is None:
            standing = feet.down[here] & on_plate[here]
            owner[span] = _owners(distance[span], plate.force_n[span, 1], standing, rate_hz)
        else:
            owner[span] = SIDES.index(side)
        edges = np.flatnonzero(np.diff(owner[span])) + 1 + span.start
        for first, last in pairwise((span.start, *edges.tolist(), span.stop)):
            steps.append(_step(plate, time_s, distance, int(owner[first]), slice(first, last), 1.0 / rate_hz))
    return steps, owner


def is_shared(owner: np.ndarray) -> np.ndarray:
    """Samples, shape (N,), in which both feet share a plate."""
    return owner == _SHARED


def _on_plate(plate: PlateLoad, feet: Feet, only_plate: bool) -> np.ndarray:
    """Whether the middle of each sole lies over the plate, shape (T, 2)."""
    middle = feet.outline_m.mean(axis=2)
    if plate.corners_m is None:
        return np.full(middle.shape[:2], only_plate)
    corners = np.broadcast_to(plate.corners_m[:, [0, 2]], (len(middle), 4, 2))
    return np.stack([outside_m(middle[:, k], corners) < PLATE_MARGIN_M for k in range(2)], axis=1)


def _owners(distance_m, vertical_n, standing, rate_hz) -> np.ndarray:
    if (standing.sum(axis=0) >= BOTH_MIN_S * rate_hz).all():
        return _split(standing, rate_hz)
    mean = _weighted_mean(distance_m, vertical_n)
    if np.isnan(mean).all():
        return np.full(len(distance_m), _UNSEEN)
    if np.nanmin(mean) > REACH_M:
        return np.full(len(distance_m), _STRANGE)
    return np.full(len(distance_m), int(np.nanargmin(mean)))


def _split(standing: np.ndarray, rate_hz: float) -> np.ndarray:
    """Owner of each sample of a contact made by both feet, shape (n,)."""
    owner = np.full(len(standing), _NOBODY)
    for k in range(2):
        owner[standing[:, k] & ~standing[:, 1 - k]] = k
    reach = round(SHARED_DILATION_S * rate_hz)
    for run in true_runs(standing.all(axis=1)):
        owner[max(run.start - reach, 0) : run.stop + reach] = _SHARED
    known = np.flatnonzero(owner != _NOBODY)
    nearest = np.searchsorted((known[1:] + known[:-1]) / 2, np.arange(len(owner)))
    return owner[known[nearest]]


def _weighted_mean(distance_m: np.ndarray, vertical_n: np.ndarray) -> np.ndarray:
    weight = np.where(np.isnan(distance_m), 0.0, np.maximum(vertical_n, 0.0)[:, None])
    total = weight.sum(axis=0)
    return np.where(total > 0, (weight * np.nan_to_num(distance_m)).sum(axis=0) / np.where(total > 0, total, 1), np.nan)


def _step(plate, time_s, distance_m, owner, span, interval_s) -> Step:
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
        whole=span.start > 0 and span.stop < len(time_s),
        reason=_REASONS.get(owner, ""),
    )
