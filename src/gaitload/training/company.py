"""Networks with a floor: one whose residual the network learns, and one that the network is averaged with.

A `Part` of a fold holds what floors take: scaled inputs, covariates and targets.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gaitload.estimators import kernel_ridge, phase_mean, ridge
from gaitload.estimators._fitted import Fitted
from gaitload.estimators._rows import inner_folds

FLOORS = {"phase_mean": phase_mean, "ridge": ridge, "kernel_ridge": kernel_ridge}
"""Floors that networks may stand on or beside."""
Part = tuple[np.ndarray, np.ndarray, np.ndarray]


def bases(name: str, parts: Mapping[str, Part], groups: np.ndarray) -> tuple[dict[str, np.ndarray], Fitted | None]:
    """Estimates that a network adds to in each part, and the floor fitted to `train` that gives them; zero for `none`.

    For training windows the floor is fitted without their subject, because what it leaves of people it was fitted to is
    less than what it leaves of anybody else.
    """
    if name == "none":
        return {part: np.zeros_like(targets) for part, (_, _, targets) in parts.items()}, None
    floor, (inputs, covariates, targets) = FLOORS[name], parts["train"]
    fitted = floor.fit(inputs, covariates, targets, groups)
    found = {part: fitted.estimate(seen, also) for part, (seen, also, _) in parts.items()}
    folds = inner_folds(groups)
    for fold in np.unique(folds):
        left = folds == fold
        crossed = floor.fit(inputs[~left], covariates[~left], targets[~left], groups[~left])
        found["train"][left] = crossed.estimate(inputs[left], covariates[left])
    return found, fitted


def beside(
    name: str, parts: Mapping[str, Part], people: Mapping[str, np.ndarray], held: np.ndarray
) -> tuple[Fitted, np.ndarray]:
    """A floor that a network is averaged with, and the network's share, best for each target on the validation people.

    Neither was fitted to them when the share is chosen: the floor is then fitted to training windows alone, and the
    network has them only to say when it stopped, which favours it a little. The floor that is returned is fitted to
    both.

    Parameters
    ----------
    held : ndarray, shape (M, P, K)
        Estimates of the network for the validation windows.

    Returns
    -------
    floor : Fitted
    shares : ndarray, shape (K,)
        Share of the network, 0 to 1.
    """
    alone = FLOORS[name].fit(*parts["train"], people["train"])
    shares = best_shares(alone.estimate(*parts["validation"][:2]), held, parts["validation"][2])
    both = [np.concatenate(pair) for pair in zip(parts["train"], parts["validation"], strict=True)]
    return FLOORS[name].fit(*both, np.concatenate([people["train"], people["validation"]])), shares


def best_shares(floor: np.ndarray, network: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Share of a network, for each target, shape (K,), within 0 and 1, with the least squared error of the mean."""
    apart = network - floor
    gained = ((wanted - floor) * apart).sum(axis=(0, 1), dtype=float)
    return np.clip(gained / np.maximum((apart**2).sum(axis=(0, 1), dtype=float), 1e-12), 0.0, 1.0)
