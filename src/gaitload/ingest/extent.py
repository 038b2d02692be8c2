"""Which part of an overground recording is worth labelling: the strikes that plates hold whole, in the volume."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gaitload.conventions import SIDES, sampling_rate_hz
from gaitload.ingest.validity import WHOLE_SHARE
from gaitload.signals.runs import true_runs
from gaitload.trial import Invalid, Step, Validity

KNOWN_SHARE = 0.9
"""A strike counts when its leg is seen, and its force known, in this share of its frames: ends are timed differently by
markers and plates."""


@dataclass(frozen=True)
class Extent:
    """The part of a recording that is labelled, and why.

    Attributes
    ----------
    window_s : tuple of float
        Half-open, on the recording's clock.
    reason : str
    """

    window_s: tuple[float, float]
    reason: str


def whole_strikes(steps: Sequence[Step], validity: Validity | None = None) -> tuple[Step, ...]:
    """Strikes that plates hold from the first to the last touch, of feet that are seen meanwhile.

    Parameters
    ----------
    steps : sequence of Step
    validity : Validity, optional
        Of the whole recording. Without it, only plates decide.
    """
    return tuple(step for step in steps if not why_not_whole(step, validity))


def why_not_whole(step: Step, validity: Validity | None = None) -> str:
    """Why a contact with a plate is no whole strike of one foot; empty where it is one."""
    if step.side is None:
        return step.reason
    if not step.whole:
        return "cut off by an end of the recording"
    if step.on_plates < WHOLE_SHARE:
        return f"{step.on_plates:.0%} of the sole over plates"
    if validity is None:
        return ""
    inside = (validity.time_s >= step.start_s) & (validity.time_s < step.end_s)
    bad = validity.mask[inside, SIDES.index(step.side)] > 0
    if bad.size and bad.mean() > 1.0 - KNOWN_SHARE:
        reasons = Invalid(int(np.bitwise_or.reduce(validity.mask[inside, SIDES.index(step.side)])))
        return f"{', '.join(reason.name for reason in Invalid if reason & reasons)} in {bad.mean():.0%} of its frames"
    return ""


def strike_numbers(steps: Sequence[Step], validity: Validity) -> list[dict]:
    """Contacts of the whole recording for the quality file: plate, foot, times, and why it is no whole strike."""
    return [
        {
            "plate": step.plate,
            "side": step.side,
            "start_s": step.start_s,
            "end_s": step.end_s,
            "why_not_whole": why_not_whole(step, validity),
        }
        for step in steps
    ]


def labelled_extent(
    asked_s: tuple[float, float],
    validity: Validity,
    steps: Sequence[Step],
    *,
    free: tuple[bool, bool] = (True, True),
    longest_s: float | None = None,
) -> Extent:
    """The part of an overground recording to label.

    From the first to the last whole strike, and on, within what was asked for, while no foot stands on a floor without
    a known force. Where no plate holds a whole strike, what was asked for, as far as the person is in the volume.

    Parameters
    ----------
    asked_s : tuple of float
        Window by the tables and the configuration.
    validity : Validity
        Of the whole recording.
    steps : sequence of Step
        Of the whole recording; empty where nothing was measured.
    free : tuple of bool
        Whether the start and the end may be chosen; False where somebody said them.
    longest_s : float, optional
        Longest window.
    """
    strikes = [step for step in whole_strikes(steps, validity) if _within(step, asked_s, free)]
    if strikes:
        found = _around(strikes, validity, asked_s)
        first, last = strikes[0], max(strikes, key=lambda step: step.end_s)
        reason = f"1 whole strike, {_named(first)}"
        if len(strikes) > 1:
            reason = f"{len(strikes)} whole strikes, from {_named(first)} to {_named(last)}"
    else:
        found = _in_volume(asked_s, validity)
        reason = (
            "no plate holds a whole strike; the person is in the volume" if steps else "the person is in the volume"
        )
    start_s = found[0] if free[0] else asked_s[0]
    end_s = found[1] if free[1] else asked_s[1]
    if end_s <= start_s:
        return Extent(asked_s, "as asked for")
    return Extent((start_s, end_s if longest_s is None else min(end_s, start_s + longest_s)), reason)


def _within(step: Step, asked_s: tuple[float, float], free: tuple[bool, bool]) -> bool:
    return (free[0] or step.start_s >= asked_s[0]) and (free[1] or step.end_s <= asked_s[1])


def _around(strikes: Sequence[Step], validity: Validity, asked_s: tuple[float, float]) -> tuple[float, float]:
    """From the first to the last touch, and on over frames in which everything is known of both legs.

    Only strikes reach into the padding of the window at the ends of a recording.
    """
    start_s, end_s = min(step.start_s for step in strikes), max(step.end_s for step in strikes)
    frame_s = 1.0 / sampling_rate_hz(validity.time_s)
    earliest_s, latest_s = start_s, end_s
    for run in true_runs((validity.mask == 0).all(axis=1)):
        first_s, after_s = float(validity.time_s[run.start]), float(validity.time_s[run.stop - 1]) + frame_s
        if first_s <= start_s < after_s:
            earliest_s = max(first_s, asked_s[0])
        if first_s < end_s <= after_s + frame_s:
            latest_s = min(after_s, asked_s[1])
    return min(start_s, earliest_s), max(end_s, latest_s)


def _in_volume(asked_s: tuple[float, float], validity: Validity) -> tuple[float, float]:
    """The window, cut to the frames from the first to the last in which both legs can be placed."""
    seen = np.flatnonzero(((validity.mask & int(Invalid.SEGMENT_LOST)) == 0).all(axis=1))
    if not len(seen):
        return asked_s
    first_s, last_s = float(validity.time_s[seen[0]]), float(validity.time_s[seen[-1]])
    whole = validity.time_s[[0, -1]]
    pad_s = max(asked_s[0] - float(whole[0]), 0.0), max(float(whole[1]) - asked_s[1], 0.0)
    return max(asked_s[0], first_s + pad_s[0]), min(asked_s[1], last_s - pad_s[1])


def _named(step: Step) -> str:
    return f"{step.plate} ({step.side}, {step.start_s:.2f} to {step.end_s:.2f} s)"
