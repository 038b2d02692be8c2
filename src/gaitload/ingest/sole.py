"""The outline of a sole from the landmarks of a standing foot, however few they are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gaitload.conventions import LATERAL_SIGN

LANDMARKS_OF_SOLE = ("heel", "mt1", "mt2", "mt5", "toe", "hallux")
HEEL_HALF_WIDTH_M = 0.03
MT5_SHARE = 0.66
"""Distance from the heel to the fifth metatarsal head, as a share of the length of the shoe."""
SHARES_OF_HEADS = {"mt5": MT5_SHARE, "mt2": 0.73, "mt1": 0.74}
"""Distance from the heel to each metatarsal head, as a share of the length of the shoe. The first and second lie 7 to
8 % of the length ahead of the fifth (places of opensim_models/rajagopal/landmarks.tsv, medians of twelve runners)."""
HEADS_SHARE = 0.70
"""Distance from the heel to the middle of the first and the fifth metatarsal head."""
OUTER_SHARE, INNER_SHARE = 0.20, 0.18
"""Half of a foot's breadth at the ball, outside and inside of the line from heel to second metatarsal, as shares of its
length: together the breadth of 38 % that surveys find (Gordon et al. 1989, US Army anthropometric survey: foot breadth
and length). A foot has this breadth where no marker shows its own."""
OUTWARD_SHARES_OF_HEADS = {"mt5": OUTER_SHARE, "mt2": 0.0, "mt1": -INNER_SHARE}
"""Distance of each metatarsal head outwards from the line from heel to second metatarsal, as a share of the length."""
HEADS_OUTWARD_SHARE = (OUTER_SHARE - INNER_SHARE) / 2
"""The same distance of the middle of the first and the fifth metatarsal head."""
BREADTH_MIN_SHARE = 0.2
"""A narrower ball is no foot: its markers are on one line, or one of them has the name of another."""
_UP = np.array([0.0, 1.0, 0.0])


def sole_of(side: str, found_m: Mapping[str, np.ndarray], height_m: float) -> tuple[np.ndarray, np.ndarray] | None:
    """Corners of a sole, and how far the toes reach ahead of the ball.

    Parameters
    ----------
    side : str
    found_m : mapping of str to ndarray, shape (3,)
        Places of `LANDMARKS_OF_SOLE` of a foot that stands flat, Y up.
    height_m : float
        Y of the sole, in the same frame.

    Returns
    -------
    corners_m : ndarray, shape (4, 3)
        Heel (outer), ball (outer, inner), heel (inner).
    ahead_m : ndarray, shape (2,)
        Toes ahead of the ball, outer and inner.
        None instead of both without a heel, or without any landmark ahead of it.
    """
    fore = (
        {name: place - found_m["heel"] for name, place in found_m.items() if name != "heel"}
        if "heel" in found_m
        else {}
    )
    if not fore:
        return None
    heel = found_m["heel"]
    forward, outward = _axes(side, fore)
    known = [fore[name] @ forward / share for name, share in SHARES_OF_HEADS.items() if name in fore]
    tips = [fore[name] @ forward for name in ("toe", "hallux") if name in fore]
    # The fifth head tells the length best: toe markers sit on the upper side of shoes, behind their tip.
    length = max([*(known[:1] if "mt5" in fore or not tips else []), *tips])
    outer = fore.get("mt5", length * (MT5_SHARE * forward + OUTER_SHARE * outward))
    mirrored = outer - 2 * max(outer @ outward, INNER_SHARE * length * (1 - BREADTH_MIN_SHARE)) * outward
    inner = fore.get("mt1", mirrored)
    if (outer - inner) @ outward < BREADTH_MIN_SHARE * length:
        ahead = (outer + inner) @ forward / 2 * forward
        outer, inner = ahead + OUTER_SHARE * length * outward, ahead - INNER_SHARE * length * outward
    half = HEEL_HALF_WIDTH_M * outward
    corners = np.array([heel + half, heel + outer, heel + inner, heel - half])
    corners[:, 1] = height_m
    ahead_m = length - np.array([outer @ forward, inner @ forward])
    return corners, np.maximum(ahead_m, 0.0) * np.array([0.7, 1.0])


def _axes(side: str, fore: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Horizontal directions of a foot, forward and outward.

    Between the first and the fifth metatarsal head, or to a landmark in their middle. A single head on the border of
    the foot lies beside the line from heel to second toe by a typical angle.
    """
    if "mt1" in fore and "mt5" in fore:
        middle, turn = (fore["mt5"] + fore["mt1"]) / 2, 0.0
    elif any(name in fore for name in ("toe", "mt2")):
        middle, turn = fore.get("toe", fore.get("mt2")), 0.0
    elif "mt5" in fore:
        middle, turn = fore["mt5"], -np.arctan2(OUTER_SHARE, MT5_SHARE)
    elif "mt1" in fore:
        middle, turn = fore["mt1"], np.arctan2(INNER_SHARE, SHARES_OF_HEADS["mt1"])
    else:
        middle, turn = fore["hallux"], np.arctan2(INNER_SHARE, 2.0)
    straight = middle * np.array([1.0, 0.0, 1.0])
    straight /= np.linalg.norm(straight)
    forward = np.cos(turn) * straight + np.sin(turn) * LATERAL_SIGN[side] * np.cross(straight, _UP)
    return forward, LATERAL_SIGN[side] * np.cross(forward, _UP)
