"""Which stances or cycles of a trial are looked at, and how they were found."""

from __future__ import annotations

from typing import Literal

import numpy as np

from gaitload.signals.events import cycles_between, stances_by_contact, strikes_by_contact, strikes_by_hip_flexion

SegmentKind = Literal["stance", "cycle"]
EventMethod = Literal["auto", "contact", "hip_flexion"]
KINEMATIC_UNITS = ("rad",)
"""Units of labels that need no plate; moments do, but like angles they are looked at over whole cycles."""
SAMPLES_MIN = 5
"""A segment with fewer samples has no shape."""


def kind_of(column: str, unit: str, window_kind: str) -> SegmentKind:
    """Stances for loads, cycles for angles and moments; stances for all where estimates cover nothing else.

    Parameters
    ----------
    column, unit : str
        Label column and its unit.
    window_kind : str
        What the estimators of the study saw: `fixed`, `stance` or `cycle`.
    """
    if window_kind == "stance" or not (unit in KINEMATIC_UNITS or ("_moment_" in column and "free_" not in column)):
        return "stance"
    return "cycle"


def find_segments(
    kind: SegmentKind,
    contact: np.ndarray,
    hip_flexion_rad: np.ndarray | None,
    rate_hz: float,
    *,
    distrusted: np.ndarray | None = None,
    method: EventMethod = "auto",
    keep_share: tuple[float, float] = (0.7, 1.3),
) -> tuple[list[slice], str]:
    """Stances or cycles of one foot in a trial.

    Parameters
    ----------
    kind : str
    contact : ndarray of bool, shape (T,)
        The foot is loaded.
    hip_flexion_rad : ndarray, shape (T,), or None
        For cycles where contact tells none.
    rate_hz : float
    distrusted : ndarray of bool, shape (T,), optional
        Samples in which contact may be missed; no cycle found by contact runs through one.
    method : str
        `auto`: contact, and hip flexion where that gives no cycle. Stances are found by contact alone.
    keep_share : (float, float)
        See `gaitload.signals.events.KEEP_SHARE`; stances too, about the mean stance.

    Returns
    -------
    spans : list of slice
        Half-open, the last sample being the last loaded one or the next strike; at least `SAMPLES_MIN` samples each.
    method : str
        `contact` or `hip_flexion`.
    """
    if kind == "stance":
        return _usual(_long(stances_by_contact(contact)), keep_share), "contact"
    by_contact = _long(cycles_between(strikes_by_contact(contact), keep_share=keep_share))
    if distrusted is not None:
        by_contact = [span for span in by_contact if not distrusted[span].any()]
    if method == "contact" or (method == "auto" and (by_contact or hip_flexion_rad is None)):
        return by_contact, "contact"
    if hip_flexion_rad is None:
        return [], "hip_flexion"
    return _long(cycles_between(strikes_by_hip_flexion(hip_flexion_rad, rate_hz), keep_share=keep_share)), "hip_flexion"


def _long(spans: list[slice]) -> list[slice]:
    return [span for span in spans if span.stop - span.start >= SAMPLES_MIN]


def _usual(spans: list[slice], keep_share: tuple[float, float]) -> list[slice]:
    lengths = np.array([span.stop - span.start for span in spans])
    if not len(lengths):
        return []
    low, high = (share * lengths.mean() for share in keep_share)
    return [span for span, length in zip(spans, lengths, strict=True) if low <= length <= high]
