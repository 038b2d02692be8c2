"""What somebody does, by the path of the trunk and by contacts with plates: walking, running, or something else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitload.discovery.progress import BELT_MIN_M_PER_S, Progress, falls_known, falls_s

FALL_RUN_MIN_S = 0.04
"""A runner falls freely for 0.04 (sprint) to 0.19 s in every step; a walker never does."""
FALL_JUMP_MIN_S = 0.25
"""Longer falls are those of jumps and drops: 0.25 s is a jump of 8 cm, or a drop from 30 cm."""
RISE_MAX_M = 0.18
"""The trunk rises by 4 to 6 cm in walking and 8 to 12 cm in running; a stair is 15 to 20 cm, a chair 30 cm or more."""
TURN_MAX_DEG = 45.0
"""Strides of straight gait differ by up to 15 deg in direction; ingest refuses who faces more than 45 deg off."""
DUTY_RUN_MAX = 0.5
"""Share of a stride that a foot is on the floor: walking is above one half by definition, running below."""
CONTACT_RUN_MAX_S = 0.42
"""Longest contact of a running foot where neither strides nor falls can be told: slow runners stay below 0.35, fast
walkers above 0.5. Contacts of children are shorter, so this comes last."""
SPEED_RUN_MIN_M_PER_S = 2.1
"""People change from walking to running at about 2 m/s."""
_STRIDES_MIN = 3
_REGULAR_SHARE = 0.7


@dataclass(frozen=True)
class Contacts:
    """Loadings of plates in the order of their beginnings, and the force of all plates together.

    Attributes
    ----------
    start_s, end_s : ndarray, shape (K,)
        Only loadings that begin and end inside the recording.
    always : bool
        The plates together are never unloaded.
    total_n : ndarray, shape (N,)
        Upward force of all plates, what they read unloaded taken off.
    """

    start_s: np.ndarray
    end_s: np.ndarray
    always: bool
    total_n: np.ndarray


def activity_of(progress: Progress, contacts: Contacts | None) -> tuple[str, str]:
    """What somebody who moves does, and why it is taken for that.

    Parameters
    ----------
    progress : Progress
    contacts : Contacts or None
        Of the plates; None without any.

    Returns
    -------
    activity : str
        `walk`, `run` or `other`: going nowhere, jumping, climbing, standing up, squatting or turning.
    reason : str
        A clause that completes "It is taken so because ...".
    """
    falls = falls_s(progress)
    longest_s = float(falls.max()) if falls.size else 0.0
    if longest_s >= FALL_JUMP_MIN_S:
        return "other", f"the trunk falls freely for {longest_s:.2f} s, as in a jump"
    low, high = np.percentile(progress.trunk.height_m, (2, 98)) if len(progress.trunk.height_m) else (0.0, 0.0)
    if high - low > RISE_MAX_M:
        return "other", f"the trunk rises and sinks by {100 * (high - low):.0f} cm, as on stairs or from a chair"
    if progress.speed_m_per_s < BELT_MIN_M_PER_S:
        steps = None if contacts is None else gait_of_strides(contacts)
        if steps is None:
            return "other", "nobody goes anywhere"
        return steps, f"strides on plates are those of a {steps}, though no marker shows the floor or a belt"
    if progress.turned_deg > TURN_MAX_DEG:
        return "other", f"the way turns by {progress.turned_deg:.0f} deg"
    return _gait(progress, contacts, longest_s)


def gait_of_strides(contacts: Contacts) -> str | None:
    """`walk` or `run` by the duty factor of regular strides on plates; None where there are fewer than three."""
    strides_s = contacts.start_s[2:] - contacts.start_s[:-2]
    if len(strides_s) < _STRIDES_MIN:
        return None
    regular = np.abs(strides_s / np.median(strides_s) - 1.0) < 0.2
    if regular.mean() <= _REGULAR_SHARE:
        return None
    lengths_s = contacts.end_s - contacts.start_s
    return "run" if np.median(lengths_s) / np.median(strides_s) < DUTY_RUN_MAX else "walk"


def _gait(progress: Progress, contacts: Contacts | None, longest_fall_s: float) -> tuple[str, str]:
    speed = f"{progress.speed_m_per_s:.1f} m/s"
    if longest_fall_s >= FALL_RUN_MIN_S:
        return "run", f"the trunk falls freely in its steps, at {speed}"
    by_strides = None if contacts is None else gait_of_strides(contacts)
    if by_strides:
        return by_strides, f"feet are on plates for {'less' if by_strides == 'run' else 'more'} than half of a stride"
    if contacts is not None and _overlap(contacts):
        return "walk", f"both feet are on plates at once, at {speed}"
    if falls_known(progress):
        gait = "run" if progress.speed_m_per_s > SPEED_RUN_MIN_M_PER_S else "walk"
        return gait, f"the trunk never falls freely, at {speed}"
    lengths_s = np.empty(0) if contacts is None else contacts.end_s - contacts.start_s
    if lengths_s.size:
        gait = "run" if np.median(lengths_s) < CONTACT_RUN_MAX_S else "walk"
        return gait, f"contacts with plates last {np.median(lengths_s):.2f} s"
    return ("run" if progress.speed_m_per_s > SPEED_RUN_MIN_M_PER_S else "walk"), f"the speed is {speed}"


def _overlap(contacts: Contacts) -> bool:
    """Whether a contact begins before the one before it has ended."""
    return bool((contacts.start_s[1:] < contacts.end_s[:-1]).any())
