"""Which stances or cycles of a trial are looked at, and how they were found."""

from __future__ import annotations

from typing import Literal

import numpy as np

from gaitload.signals.events import (
    KEEP_SHARE,
    SAMPLES_MIN,
    cycles_between,
    repetitions_by_flexion,
    stances_by_contact,
    strikes_by_contact,
    strikes_by_hip_flexion,
    usual_spans,
)
from gaitload.windows.tables import KINEMATIC_UNITS

SegmentKind = Literal["stance", "cycle", "repetition", "window"]
EventMethod = Literal["auto", "contact", "hip_flexion"]


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


def stretches(frames: int, rate_hz: float, window_s: float) -> list[slice]:
    """Stretches of a whole trial, half-open, one after another, each as long as a window."""
    length = max(SAMPLES_MIN, round(window_s * rate_hz))
    return [slice(start, start + length) for start in range(0, frames - length + 1, length)]


def find_segments(
    kind: SegmentKind,
    contact: np.ndarray,
    flexion_rad: np.ndarray | None,
    rate_hz: float,
    *,
    distrusted: np.ndarray | None = None,
    method: EventMethod = "auto",
    keep_share: tuple[float, float] = KEEP_SHARE,
) -> tuple[list[slice], str]:
    """Stances or cycles of one foot in a trial.

    Parameters
    ----------
    kind : str
    contact : ndarray of bool, shape (T,)
        The foot is loaded.
    flexion_rad : ndarray, shape (T,), or None
        Flexion of the hip, for cycles where contact shows none; of the knee, for repetitions.
    rate_hz : float
    distrusted : ndarray of bool, shape (T,), optional
        Samples in which contact may be missed; no stance or cycle found by contact runs through one or borders on one.
    method : str
        `auto`: contact, and hip flexion where that gives no cycle. Stances are found by contact alone.
    keep_share : (float, float)
        See `gaitload.signals.events.usual_durations`.

    Returns
    -------
    spans : list of slice
        Half-open, the last sample being the last loaded one or the next strike.
    method : str
        `contact`, `hip_flexion` or `knee_flexion`.
    """
    if kind == "repetition":
        found = [] if flexion_rad is None else repetitions_by_flexion(flexion_rad, rate_hz)
        return usual_spans(found, keep_share=keep_share), "knee_flexion"
    if kind == "stance":
        found = usual_spans(stances_by_contact(contact), keep_share=keep_share)
        return [span for span in found if not _borders_on(span, distrusted)], "contact"
    by_contact = cycles_between(strikes_by_contact(contact), keep_share=keep_share)
    if distrusted is not None:
        by_contact = [span for span in by_contact if not distrusted[span].any()]
    if method == "contact" or (method == "auto" and (by_contact or flexion_rad is None)):
        return by_contact, "contact"
    if flexion_rad is None:
        return [], "hip_flexion"
    return cycles_between(strikes_by_hip_flexion(flexion_rad, rate_hz), keep_share=keep_share), "hip_flexion"


def _borders_on(span: slice, distrusted: np.ndarray | None) -> bool:
    """Whether a span, or a sample beside it, is distrusted: its true end may lie within."""
    return distrusted is not None and bool(distrusted[max(span.start - 1, 0) : span.stop + 1].any())
