"""Curves of labels beside those of an estimate, and every metric of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from gaitload.evaluation import metrics
from gaitload.evaluation.agreement import limits_of_agreement
from gaitload.evaluation.labelled import Labelled
from gaitload.windows.tables import KINEMATIC_UNITS

METRICS = {
    "rmse": "root mean squared error over all points",
    "nrmse": "rmse as a share of the range of the label",
    "nrmse_segment": "mean over segments of the rmse of each as a share of its label's range",
    "r_segment": "mean over segments of the Pearson correlation of each",
    "bias": "mean error, estimate minus label",
    "r": "Pearson correlation of all points",
    "r2": "coefficient of determination of all points",
    "r2_phase": "share of what the mean curve of the other people leaves that the estimate explains",
    "rmse_per_sd": "root mean squared error in standard deviations of the label",
    "peak_label": "mean peak of the label",
    "peak_estimate": "mean peak of the estimate",
    "peak_error": "mean absolute difference of the peaks",
    "peak_bias": "mean difference of the peaks",
    "peak_r2": "coefficient of determination of the peaks about the mean of their activity",
    "impulse_label": "mean time integral of the label over a segment",
    "impulse_estimate": "mean time integral of the estimate over a segment",
    "impulse_error": "mean absolute difference of the time integrals",
    "impulse_bias": "mean difference of the time integrals",
    "impulse_share": "difference of the load summed over all segments, as a share of the label's",
}
"""Metrics of segments of one person, in the order of the tables, and what they are."""
POOLED = {
    "pooled_r2": "r2 over the segments of everybody",
    "pooled_r2_phase": "r2_phase over the segments of everybody",
    "pooled_peak_r2": "peak_r2 over the segments of everybody",
    "between_r2_phase": "r2_phase of the mean curves of people",
    "within_r2": "coefficient of determination of curves about the person's own mean curve",
    "between_peak_r2": "peak_r2 of the mean peaks of people",
    "peak_loa_low": "lower limit of agreement of the peaks (Bland-Altman, repeated measures)",
    "peak_loa_high": "upper limit of agreement of the peaks",
}
"""Metrics of the segments of everybody, and what they are."""
DIMENSIONLESS = frozenset(
    {"nrmse", "nrmse_segment", "r", "r_segment", "r2", "r2_phase", "rmse_per_sd", "peak_r2", "impulse_share"}
    | (POOLED.keys() - {"peak_loa_low", "peak_loa_high"})
)
"""Metrics that are not in the unit of the label."""


@dataclass(frozen=True)
class Reference:
    """What is known of a label without an estimator, for each (person, side, activity).

    Attributes
    ----------
    curve : dict of (str, str, str) to ndarray, shape (P,)
        Mean curve of all others, each person weighing the same; NaN where there is nobody else.
    direction : dict of (str, str) to float
        By (side, activity): +1 or -1, where the mean curve of everybody is farthest from zero.
    """

    curve: dict[tuple[str, str, str], np.ndarray]
    direction: dict[tuple[str, str], float]


@dataclass(frozen=True)
class Pairs:
    """Segments with a label and an estimate, axis 0 in common; both finite.

    Attributes
    ----------
    label, estimate, expected, label_sd : ndarray, shape (N, P)
        `expected` is the mean curve of the others; NaN where unknown, as `label_sd` may be.
    duration_s : ndarray, shape (N,)
    direction : ndarray, shape (N,)
        +1 or -1, the way in which peaks are looked for.
    activity, person, group : ndarray of str, shape (N,)
        What was done, by whom, and `person/side/activity`.
    """

    label: np.ndarray
    estimate: np.ndarray
    expected: np.ndarray
    label_sd: np.ndarray
    duration_s: np.ndarray
    direction: np.ndarray
    activity: np.ndarray
    person: np.ndarray
    group: np.ndarray

    def __len__(self) -> int:
        return len(self.label)


def reference_of(labelled: Sequence[Labelled]) -> Reference:
    """Mean curves of one label for everybody, each without the person it is held against.

    The phase-mean of a person is that of all other people of the study, whatever the fold: with one person held out at
    a time these are the training and validation subjects together.
    """
    own: dict[tuple[str, str], dict[str, np.ndarray]] = {}
    for stratum in {item.stratum for item in labelled}:
        alike = [item for item in labelled if item.stratum == stratum]
        people = sorted({item.person for item in alike})
        own[stratum] = {person: _mean_of([item for item in alike if item.person == person]) for person in people}
    curve, direction = {}, {}
    for stratum, means in own.items():
        overall = np.mean(list(means.values()), axis=0)
        direction[stratum] = 1.0 if overall.max() >= -overall.min() else -1.0
        for person, mean in means.items():
            others = [each for name, each in means.items() if name != person]
            curve[(person, *stratum)] = np.mean(others, axis=0) if others else np.full_like(mean, np.nan)
    return Reference(curve, direction)


def _mean_of(own: Sequence[Labelled]) -> np.ndarray:
    """Mean curve of a person; a constant where segments are stretches of a trial, which share no phase."""
    mean = np.concatenate([item.curves for item in own]).mean(axis=0)
    return np.full_like(mean, mean.mean()) if own[0].segments == "window" else mean


def pairs_of(labelled: Labelled, estimate: np.ndarray, reference: Reference) -> Pairs:
    """Segments of one label column that the estimate covers whole.

    Parameters
    ----------
    labelled : Labelled
    estimate : ndarray, shape (N, P)
        Curves of the same segments; NaN where nothing was estimated.
    """
    whole = np.isfinite(estimate).all(axis=1)
    count = int(whole.sum())
    return Pairs(
        label=labelled.curves[whole],
        estimate=estimate[whole],
        expected=np.tile(reference.curve[(labelled.person, *labelled.stratum)], (count, 1)),
        label_sd=labelled.label_sd[whole],
        duration_s=labelled.duration_s[whole],
        direction=np.full(count, reference.direction[labelled.stratum]),
        activity=np.full(count, labelled.activity, dtype=object),
        person=np.full(count, labelled.person, dtype=object),
        group=np.full(count, "/".join([labelled.person, *labelled.stratum]), dtype=object),
    )


def joined(parts: Iterable[Pairs]) -> Pairs:
    """Segments of several columns or trials one after another."""
    together = list(parts)
    return Pairs(*(np.concatenate([getattr(part, each.name) for part in together]) for each in fields(Pairs)))


def score(pairs: Pairs, unit: str) -> dict[str, float]:
    """Every metric of `METRICS`; all NaN without a segment, impulses NaN for angles."""
    if not len(pairs):
        return dict.fromkeys(METRICS, float("nan"))
    label, estimate = pairs.label, pairs.estimate
    scores = {
        "rmse": metrics.rmse(label, estimate),
        "nrmse": metrics.nrmse(label, estimate),
        "nrmse_segment": metrics.nrmse_per_segment(label, estimate),
        "r_segment": metrics.pearson_r_per_segment(label, estimate),
        "bias": metrics.bias(label, estimate),
        "r": metrics.pearson_r(label, estimate),
        "r2": metrics.r2(label, estimate),
        "r2_phase": metrics.r2_beyond(label, estimate, pairs.expected),
        "rmse_per_sd": metrics.rmse_per_sd(label, estimate, pairs.label_sd),
        **_compared("peak", *peaks_of(pairs)),
        "peak_r2": metrics.r2_about_groups(*peaks_of(pairs), pairs.activity),
        **dict.fromkeys([name for name in METRICS if name.startswith("impulse")], float("nan")),
    }
    if unit not in KINEMATIC_UNITS:
        told, said = (metrics.impulses(curves, pairs.duration_s) for curves in (label, estimate))
        scores |= _compared("impulse", told, said)
        scores["impulse_share"] = float(said.sum() / told.sum() - 1.0) if told.sum() else float("nan")
    return {name: scores[name] for name in METRICS}


def pooled_score(pairs: Pairs) -> dict[str, float]:
    """Every metric of `POOLED`, over the segments of all people together."""
    if not len(pairs):
        return dict.fromkeys(POOLED, float("nan"))
    between, within = metrics.between_and_within(pairs.label, pairs.estimate, pairs.expected, pairs.group)
    peak_label, peak_estimate = peaks_of(pairs)
    limits = limits_of_agreement(peak_estimate - peak_label, pairs.person)
    return {
        "pooled_r2": metrics.r2(pairs.label, pairs.estimate),
        "pooled_r2_phase": metrics.r2_beyond(pairs.label, pairs.estimate, pairs.expected),
        "pooled_peak_r2": metrics.r2_about_groups(peak_label, peak_estimate, pairs.activity),
        "between_r2_phase": between,
        "within_r2": within,
        "between_peak_r2": _between_peak_r2(pairs),
        "peak_loa_low": limits.low if limits else float("nan"),
        "peak_loa_high": limits.high if limits else float("nan"),
    }


def peaks_of(pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """Peaks of labels and of estimates, shapes (N,), each where its own curve has it."""
    return metrics.peaks(pairs.label, pairs.direction), metrics.peaks(pairs.estimate, pairs.direction)


def _between_peak_r2(pairs: Pairs) -> float:
    """R2 of the mean peaks of people about the mean of an activity; each person weighs 1 in each."""
    keys, member = np.unique(
        [f"{a}\0{p}" for a, p in zip(pairs.activity, pairs.person, strict=True)], return_inverse=True
    )
    label, estimate = (np.bincount(member, peaks) / np.bincount(member) for peaks in peaks_of(pairs))
    return metrics.r2_about_groups(label, estimate, np.array([key.partition("\0")[0] for key in keys]))


def _compared(name: str, label: np.ndarray, estimate: np.ndarray) -> dict[str, float]:
    return {
        f"{name}_label": float(label.mean()),
        f"{name}_estimate": float(estimate.mean()),
        f"{name}_error": float(np.abs(estimate - label).mean()),
        f"{name}_bias": float((estimate - label).mean()),
    }
