"""Estimates moved to one person by a few labelled steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gaitload.bundles.file import Bundle, run_graph, study_of
from gaitload.bundles.recording import SIDE_WORDS
from gaitload.errors import ConfigError
from gaitload.training.personal import bias
from gaitload.windows.slicing import slice_trials
from gaitload.windows.tables import AlignedTrial

STEPS = 2
"""Labelled steps of each side of each trial by which held-out people are calibrated: twelve at three speeds."""


@dataclass(frozen=True)
class Calibration:
    """What is added to the estimates of one person.

    Attributes
    ----------
    curves : dict of str to ndarray, shape (P, K)
        By side.
    steps : dict of str to int
        Labelled steps of each side.
    """

    curves: dict[str, np.ndarray]
    steps: dict[str, int]

    def moved(self, estimates: np.ndarray, side: np.ndarray) -> np.ndarray:
        """Estimates, shape (N, P, K), with the curve of their side added."""
        nothing = np.zeros(estimates.shape[1:], estimates.dtype)
        return estimates + np.stack([self.curves.get(str(each), nothing) for each in side]).astype(estimates.dtype)

    def shortfalls(self, side: np.ndarray, needed: int) -> list[str]:
        """Why the intervals of calibrated people do not hold for windows of these sides; empty where they do.

        People were calibrated by `needed` steps, half of them of each leg; windows without a side need all of them.
        """
        wanted = {each: -(-needed // 2) if each else needed for each in np.unique(side).tolist()}
        return [
            f"calibrated by {self.steps.get(each, 0)} labelled steps"
            f"{f' of the {SIDE_WORDS[each]} leg' if each else ''}; {least} are needed "
            "for the narrower intervals of calibrated people"
            for each, least in wanted.items()
            if self.steps.get(each, 0) < least
        ]


def calibration_of(bundle: Bundle, trials: Sequence[AlignedTrial]) -> Calibration:
    """Mean errors on the labelled steps of a person, by side.

    Parameters
    ----------
    bundle
    trials
        Aligned tables of that person: sensors beside labels.

    Raises
    ------
    ConfigError
        CALIBRATION_LABELS: labels of another method, mode or model than those the bundle learnt from.
    DataError
        Those of `slice_trials`: STUDY_EMPTY, STUDY_COLUMN_MISSING.
    """
    for trial in trials:
        _require_same_labels(bundle.document["labels"], trial)
    study = study_of(bundle)
    windows, _ = slice_trials(trials, study, tuple(bundle.document["sensors"]))
    errors = windows.targets - run_graph(bundle.graph, windows.inputs, windows.covariates)
    return _of_errors(errors, windows.side)


def calibrated_rows(
    estimate: np.ndarray,
    label: np.ndarray,
    person: np.ndarray,
    trial: np.ndarray,
    side: np.ndarray,
    start_s: np.ndarray,
    steps: int = STEPS,
) -> tuple[np.ndarray, np.ndarray]:
    """Estimates of held-out people after each was calibrated by the first steps of each side of each trial.

    Parameters
    ----------
    estimate, label : ndarray, shape (N, P)
    person, trial, side, start_s : ndarray, shape (N,)
    steps : int

    Returns
    -------
    rows : ndarray of int, shape (M,)
        All but the steps that calibrated.
    estimate : ndarray, shape (M, P)
    """
    rows, moved = [], []
    for each in np.unique(person):
        own = np.flatnonzero(person == each)
        own = own[np.argsort(start_s[own], kind="stable")]
        kinds = [f"{trial[row]} {side[row]}" for row in own]
        first = np.array([kinds[:place].count(kind) < steps for place, kind in enumerate(kinds)])
        seen, others = own[first], own[~first]
        calibration = _of_errors((label - estimate)[seen][..., None], side[seen])
        rows.append(others)
        moved.append(calibration.moved(estimate[others][..., None], side[others])[..., 0])
    return np.concatenate(rows), np.concatenate(moved)


def _of_errors(errors: np.ndarray, side: np.ndarray) -> Calibration:
    steps = {str(each): int((side == each).sum()) for each in np.unique(side)}
    curves = bias(errors, {"calibration": side, "test": np.array(list(steps))})
    return Calibration(dict(zip(steps, curves, strict=True)), steps)


def _require_same_labels(wanted: dict, trial: AlignedTrial) -> None:
    names = ("method_version", "label_mode", "model")
    other = [name for name in names if trial.document.get(name) != wanted[name]]
    if other:
        raise ConfigError(
            expected="labels like those the estimator learnt from: " + ", ".join(f"{n} {wanted[n]}" for n in names),
            found=", ".join(f"{name} {trial.document.get(name)}" for name in other),
            where=trial.where,
            do="Label these steps again with the settings above, or train the bundle with present labels.",
            code="CALIBRATION_LABELS",
        )
