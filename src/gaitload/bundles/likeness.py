"""Whether the windows of a recording look like those an estimator learnt from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gaitload.bundles.mounting import deviation_deg, training_facings

COMPONENTS = 20
"""Principal components of training windows; what is left over counts as one more."""
MARGIN = 1.25
"""A recording is refused when its score exceeds the largest score of a held-out person by this factor. A larger factor
lets more faults pass; a smaller one refuses more good recordings."""


@dataclass(frozen=True)
class Likeness:
    """Scores of windows: how far they lie from training windows, in these windows' own standard deviations.

    Attributes
    ----------
    mean, sd : ndarray, shape (F,)
        Mean and scale of every number of a window, as float32.
    axes : ndarray, shape (F, C)
    spread : ndarray, shape (C,)
        Standard deviation along each axis.
    rest : float
        Root mean square of what the axes leave of a training window.
    doubt, refuse : float
        Scores of a recording above which it is doubted, and refused.
    """

    mean: np.ndarray
    sd: np.ndarray
    axes: np.ndarray
    spread: np.ndarray
    rest: float
    doubt: float = np.inf
    refuse: float = np.inf

    def score(self, inputs: np.ndarray) -> float:
        """Score of a recording: the median over its windows, shape (N, T, C); infinite without any."""
        if not len(inputs):
            return float("inf")
        scaled = (inputs.reshape(len(inputs), -1) - self.mean) / self.sd
        places = scaled @ self.axes
        left = np.sqrt(((scaled - places @ self.axes.T) ** 2).mean(axis=1)) / self.rest
        far = np.sqrt(((places / self.spread) ** 2).mean(axis=1))
        return float(np.median(np.maximum(far, left)))

    def arrays(self) -> dict[str, np.ndarray]:
        """All numbers, for a file."""
        limits = np.array([self.rest, self.doubt, self.refuse], dtype=np.float64)
        own = {"mean": self.mean, "sd": self.sd, "axes": self.axes, "spread": self.spread}
        return {f"likeness.{name}": np.ascontiguousarray(array, np.float32) for name, array in own.items()} | {
            "likeness.limits": limits
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> Likeness:
        """Inverse of `arrays`."""
        own = {name: arrays[f"likeness.{name}"] for name in ("mean", "sd", "axes", "spread")}
        return cls(**own, **dict(zip(("rest", "doubt", "refuse"), arrays["likeness.limits"].tolist(), strict=True)))


def left_out_scores(inputs: np.ndarray, person: np.ndarray, trial: np.ndarray) -> dict[int, float]:
    """Score of each trial by windows of all other people.

    Parameters
    ----------
    inputs : ndarray, shape (N, T, C)
    person, trial : ndarray, shape (N,)
        `trial` is unique over people.
    """
    scores = {}
    for each in np.unique(person):
        own = person == each
        fitted = _fitted(inputs[~own])
        scores |= {int(one): fitted.score(inputs[trial == one]) for one in np.unique(trial[own])}
    return scores


def likeness_of(inputs: np.ndarray, left_out: Mapping[int, float]) -> Likeness:
    """Fit to windows, shape (N, T, C), with limits from people left out in turn.

    A recording of somebody new is doubted above the largest score that a trial of a held-out person has, and refused
    above `MARGIN` times that. `left_out` is what `left_out_scores` returns.
    """
    whole, largest = _fitted(inputs), max(left_out.values())
    return Likeness(whole.mean, whole.sd, whole.axes, whole.spread, whole.rest, largest, MARGIN * largest)


def refused_trials(
    left_out: Mapping[int, float], facings: Mapping[str, np.ndarray], person: Mapping[int, str]
) -> list[int]:
    """Trials of held-out people that would be refused by the limits of all other people.

    Parameters
    ----------
    left_out
        Scores by trial.
    facings
        Heading by sensor, shape (R,), for the trials in their order; see `gaitload.bundles.mounting.facings_deg`.
    person
        Participant by trial.
    """
    trials, refused = sorted(left_out), []
    who = np.array([person[one] for one in trials])
    scores = np.array([left_out[one] for one in trials])
    for place, one in enumerate(trials):
        others = who != who[place]
        known = training_facings({sensor: angles[others] for sensor, angles in facings.items()})
        turned = any(
            abs(deviation_deg(facings[sensor][place], mean)) > limit for sensor, (mean, limit) in known.items()
        )
        if turned or scores[place] > MARGIN * scores[others].max():
            refused.append(one)
    return refused


def _fitted(inputs: np.ndarray) -> Likeness:
    rows = inputs.reshape(len(inputs), -1).astype(float)
    mean = rows.mean(axis=0)
    # A channel has one scale: at points where everybody is alike, small differences are not large ones.
    channels = inputs.reshape(-1, inputs.shape[2]).std(axis=0, dtype=float)
    sd = np.tile(np.where(channels > 1e-6, channels, 1.0), inputs.shape[1])
    scaled = (rows - mean) / sd
    values, vectors = np.linalg.eigh(scaled.T @ scaled / len(scaled))
    count = min(COMPONENTS, len(values), len(rows) - 1)
    axes = vectors[:, ::-1][:, :count]
    places = scaled @ axes
    rest = np.sqrt(((scaled - places @ axes.T) ** 2).mean())
    return Likeness(mean, sd, axes, np.maximum(places.std(axis=0), 1e-6), float(max(rest, 1e-6)))
