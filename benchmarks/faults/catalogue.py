"""All faults in the order of the page, and which of them are run in which trials."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.faults import force_catalogue, laboratory_faults, marker_faults, participant_faults, unseen_catalogue
from benchmarks.faults.clean import CHILDREN, CLEAN, CleanTrial
from benchmarks.faults.situation import Fault

FAULTS: tuple[Fault, ...] = (
    *force_catalogue.FAULTS,
    *participant_faults.FAULTS,
    *marker_faults.FAULTS,
    *laboratory_faults.FAULTS,
    *unseen_catalogue.FAULTS,
)
SHORT = (
    "sign of the fore-aft force",
    "body mass declared wrong",
    "markers of a foot exchanged",
    "left-handed laboratory",
    "pelvis marker drifts",
)
"""Faults of the short version: one of each group and one of the slow kind."""


def planned(part: str, *, trials_each: int, names: tuple[str, ...] = ()) -> Iterator[tuple[Fault, CleanTrial]]:
    """Faults of a part with the trials of the same part that each is injected into.

    Trials take turns, so that every one of them meets many faults; a fault meets the same trials when it is run alone.

    Parameters
    ----------
    part : str
        One of `situation.PARTS`.
    trials_each : int
        Trials for each fault.
    names : tuple of str
        Only these faults; empty: all.
    """
    trials = [clean for clean in CLEAN if clean.part == part]
    turn = 0
    for fault in FAULTS:
        if fault.part != part:
            continue
        fitting = [clean for clean in trials if _fits(fault, clean)]
        for number in range(min(trials_each, len(fitting)) if fault.name in names or not names else 0):
            yield fault, fitting[(turn + number) % len(fitting)]
        turn += trials_each


def _fits(fault: Fault, clean: CleanTrial) -> bool:
    if fault.needs == "plates":
        return "walk" in clean.trial and clean.cohort == "embedded"
    if fault.needs == "two plates":
        return clean.cohort == CHILDREN or (clean.cohort == "embedded" and "walk" in clean.trial)
    if fault.needs == "others":
        return bool(clean.other)
    return True
