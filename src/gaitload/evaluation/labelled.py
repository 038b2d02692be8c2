"""The labels of a trial, cut into stances or cycles: what every estimate is held against."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gaitload.conventions import SIDES, sampling_rate_hz
from gaitload.evaluation.segments import EventMethod, SegmentKind, find_segments, kind_of, stretches
from gaitload.quality import Verdict
from gaitload.signals.events import time_normalised
from gaitload.study import FRAME_FLAGS
from gaitload.sync.straight import straight_frames, turn_about_vertical
from gaitload.windows.tables import (
    CONTACT_CODES,
    flagged_frames,
    flags_against,
    signal_columns,
    verdict_of,
    without_side,
)


@dataclass(frozen=True)
class Choice:
    """Which labels count, and how they are cut.

    Attributes
    ----------
    labels : collection of str, or None
        Label columns without their side (`atf_bw`), or whole ones (`atf_r_bw`); None: every label.
    window_kind : str
        What estimators saw: `fixed`, `stance` or `cycle`; see `segments.kind_of`.
    leave_out : collection of str
        Verdicts of a label column that keep it out.
    frame_flags : collection of str
        Codes of frames that keep a segment out.
    window_s : float
        Length of the windows that estimators saw where these were fixed.
    segments : str
        `auto`, or the kind of segments of all labels.
    straight_by : str
        `none`, or the sensor by whose heading walking is straight.
    events, keep_share, points
        See `segments.find_segments`; points of a curve.
    """

    labels: Collection[str] | None = None
    window_kind: str = "fixed"
    leave_out: Collection[str] = ("failed",)
    frame_flags: Collection[str] = FRAME_FLAGS
    window_s: float = 0.5
    segments: Literal["auto"] | SegmentKind = "auto"
    straight_by: str = "none"
    events: EventMethod = "auto"
    keep_share: tuple[float, float] = (0.7, 1.3)
    points: int = 101


@dataclass(frozen=True)
class Labelled:
    """One label column of one trial in segments.

    Attributes
    ----------
    cohort, participant, trial, activity : str
    speed_m_per_s : float
        NaN where the cohort's tables do not say.
    column, label, side, unit, verdict : str
        `label` is the column without its side.
    segments, events : str
        Kind of the spans, and how they were found.
    spans : tuple of slice
        Samples of the trial's clock; those whose label is finite throughout.
    duration_s : ndarray, shape (N,)
    curves, label_sd : ndarray, shape (N, P)
        Label, and its own standard deviation (NaN where it has none).
    """

    cohort: str
    participant: str
    trial: str
    activity: str
    speed_m_per_s: float
    column: str
    label: str
    side: str
    unit: str
    verdict: str
    segments: str
    events: str
    spans: tuple[slice, ...]
    duration_s: np.ndarray
    curves: np.ndarray
    label_sd: np.ndarray

    @property
    def person(self) -> str:
        """`cohort/participant`: who is one of n."""
        return f"{self.cohort}/{self.participant}"

    @property
    def where(self) -> str:
        """`cohort/participant/trial`."""
        return f"{self.person}/{self.trial}"

    @property
    def stratum(self) -> tuple[str, str]:
        """What curves must share for their mean to be a curve: side (left frames are mirrored) and activity."""
        return self.side, self.activity


def label_columns(meanings: Mapping[str, Mapping]) -> list[str]:
    """Names of the label columns of a table, without their standard deviations."""
    return [name for name, meaning in meanings.items() if "label" in meaning and not name.endswith("_sd")]


def verdict_reason(verdict: str) -> str:
    """The reason that a column with a verdict is left out for."""
    return f"VERDICT_{verdict.upper()}"


def labelled_columns(
    values: Mapping[str, np.ndarray], meanings: Mapping[str, Mapping], document: Mapping, choice: Choice
) -> tuple[list[Labelled], dict[str, str]]:
    """Cut every chosen label of an aligned trial.

    Parameters
    ----------
    values, meanings, document
        Of one aligned table: columns of shape (T,), what each means, and what the file says of itself.
    choice : Choice

    Returns
    -------
    labelled : list of Labelled
        Those with at least one segment.
    left_out : dict of str to str
        Chosen column -> why it has none: `VERDICT_<VERDICT>`, `NO_SEGMENT` (no stance or cycle), or `NO_LABEL` (none of
        them with a label in every usable frame).

    Raises
    ------
    ConfigError
        STUDY_FLAG_UNKNOWN: a frame flag that tables do not have.
    """
    time_s = values["time_s"]
    found, left_out = [], {}
    for column in label_columns(meanings):
        label, side = without_side(column)
        if choice.labels is not None and label not in choice.labels and column not in choice.labels:
            continue
        meaning = meanings[column]
        kind = kind_of(column, meaning["unit"], choice.window_kind) if choice.segments == "auto" else choice.segments
        verdict = verdict_of(meaning, kind)
        if verdict in (*choice.leave_out, Verdict.NOT_MEASURED):
            left_out[column] = verdict_reason(verdict)
            continue
        kind = kind if f"contact_{side or SIDES[0]}" in values else "window"
        spans, events = _segments(values, meanings, kind, side, choice)
        concerns = flags_against(meaning["unit"], choice.frame_flags)
        usable = np.where(flagged_frames(values, meanings, concerns, side), np.nan, values[column])
        usable = np.where(_straight(values, choice.straight_by), usable, np.nan)
        whole = [span for span in spans if np.isfinite(usable[span]).all()]
        if not whole:
            left_out[column] = "NO_LABEL" if spans else "NO_SEGMENT"
            continue
        sd = values.get(f"{column}_sd", np.full(len(time_s), np.nan))
        found.append(
            Labelled(
                cohort=document["cohort"],
                participant=document["participant"]["participant_id"],
                trial=document["trial"]["trial_id"],
                activity=document["trial"]["activity"],
                speed_m_per_s=_number(document["trial"].get("speed_m_per_s")),
                column=column,
                label=label,
                side=side,
                unit=meaning["unit"],
                verdict=verdict,
                segments=kind,
                events=events,
                spans=tuple(whole),
                duration_s=np.array([time_s[span.stop - 1] - time_s[span.start] for span in whole]),
                curves=time_normalised(usable, whole, choice.points),
                label_sd=time_normalised(sd, whole, choice.points),
            )
        )
    return found, left_out


def _segments(
    values: Mapping[str, np.ndarray], meanings: Mapping[str, Mapping], kind: SegmentKind, side: str, choice: Choice
) -> tuple[list[slice], str]:
    """Segments of one kind, of a side or of the first one, and how they were found."""
    rate_hz, foot = sampling_rate_hz(values["time_s"]), side or SIDES[0]
    if kind == "window":
        return stretches(len(values["time_s"]), rate_hz, choice.window_s), "none"
    return find_segments(
        kind,
        np.asarray(values[f"contact_{foot}"], dtype=bool),
        values.get(f"{'knee_angle' if kind == 'repetition' else 'hip_flexion'}_{foot}_rad"),
        rate_hz,
        distrusted=flagged_frames(values, meanings, CONTACT_CODES & set(choice.frame_flags), side),
        method=choice.events,
        keep_share=choice.keep_share,
    )


def _straight(values: Mapping[str, np.ndarray], sensor: str) -> np.ndarray:
    """Frames, bool of shape (T,), of straight walking by the heading of a sensor; of none where it is not worn."""
    names = signal_columns(sensor, "quat")
    if sensor == "none":
        return np.ones(len(values["time_s"]), dtype=bool)
    if not set(names) <= values.keys():
        return np.zeros(len(values["time_s"]), dtype=bool)
    return straight_frames(turn_about_vertical(np.stack([values[name] for name in names], axis=1)))


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
