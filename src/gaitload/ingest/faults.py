"""What a labelling fault is, and how renamed trajectories are reported as faults."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum

import numpy as np

SWITCHED_OFF = "repairs are switched off"
"""Ends the reason of a fault that is proven and was not repaired."""


class FaultKind(StrEnum):
    """Kinds of labelling faults."""

    SWAPPED = "swapped"
    MISNAMED = "misnamed"
    MISSING = "missing"
    EXTRA = "extra"
    IMPLAUSIBLE = "implausible"
    SUSPICIOUS = "suspicious"


@dataclass(frozen=True)
class LabelFault:
    """One labelling fault.

    Attributes
    ----------
    kind : FaultKind
    markers : tuple of str
        Names as they stand in the recording (missing: as the marker set has them).
    before_mm, after_mm : float
        Largest distance of these markers from their place on the segment before and after; NaN where there is none.
    repaired : bool
    reason : str
        What was done or why nothing was.
    start_s, end_s : float or None
        First and last frame, if only for a part of the trial.
    """

    kind: FaultKind
    markers: tuple[str, ...]
    before_mm: float
    after_mm: float
    repaired: bool
    reason: str
    start_s: float | None = None
    end_s: float | None = None

    def as_dict(self) -> dict:
        """For quality files."""
        return asdict(self)


@dataclass(frozen=True)
class Change:
    """A trajectory that the evidence gives another name.

    Attributes
    ----------
    old, new : str
    before_mm, after_mm : float
        Distance of marker `new` from its place under the name it had and under the evidence.
    proven : bool
    why : str
        Why it is proven, or why not.
    """

    old: str
    new: str
    before_mm: float
    after_mm: float
    proven: bool
    why: str


def relabelling_faults(changes: list[Change], *, repair: bool) -> tuple[list[LabelFault], dict[str, str]]:
    """Tell renamed trajectories as swaps (closed rings of names) and misnomers (open chains).

    A ring or chain is repaired only if each of its changes is proven: half a swap would put two trajectories under one
    name.

    Parameters
    ----------
    changes : list of Change
    repair : bool
        False: report only.

    Returns
    -------
    faults : list of LabelFault
    renamed : dict of str
        New name by old name, for the trajectories to be renamed. A name that was taken over without its trajectory
        getting another one is given to `unlabelled (<old>)`.
    """
    faults, renamed = [], {}
    for group in _rings_and_chains(changes):
        olds, news = {change.old for change in group}, {change.new for change in group}
        proven = all(change.proven for change in group)
        unproven = next((change.why for change in group if not change.proven), "")
        done = repair and proven
        renamings = ", ".join(f"{change.old} is {change.new}" for change in group)
        why = group[0].why if proven else unproven
        faults.append(
            LabelFault(
                kind=FaultKind.SWAPPED if olds == news else FaultKind.MISNAMED,
                markers=tuple(change.old for change in group),
                before_mm=_largest([change.before_mm for change in group]),
                after_mm=_largest([change.after_mm for change in group]),
                repaired=done,
                reason=f"{renamings}; {why}{'' if done or not proven else f'; {SWITCHED_OFF}'}",
            )
        )
        if done:
            renamed |= {change.old: change.new for change in group}
            renamed |= {name: f"unlabelled ({name})" for name in news - olds}
    return faults, renamed


def _rings_and_chains(changes: list[Change]) -> list[list[Change]]:
    """Changes that hang together by their names, each group in the order of its names."""
    left = sorted(changes, key=lambda change: change.old)
    groups = []
    while left:
        group = [left.pop(0)]
        touched = {group[0].old, group[0].new}
        while joined := [change for change in left if {change.old, change.new} & touched]:
            group += joined
            touched |= {name for change in joined for name in (change.old, change.new)}
            left = [change for change in left if change not in joined]
        groups.append(group)
    return groups


def _largest(values: list[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return round(max(known), 1) if known else float("nan")
