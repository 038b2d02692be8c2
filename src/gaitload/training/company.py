"""What a network is given for company: a floor below it, a floor beside it, and the bias of a person who was measured.

A part of a fold is, here, what floors take: scaled inputs, covariates and targets.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gaitload.estimators import kernel_ridge, phase_mean, ridge
from gaitload.estimators._rows import inner_folds

FLOORS = {"phase_mean": phase_mean, "ridge": ridge, "kernel_ridge": kernel_ridge}
"""Floors that networks may stand on or beside."""
HALF_TRUSTED = 0.5
"""Windows of a side that make its mean error count by half: n / (n + 0.5). One step of a person differs from the mean
of all by less than that mean differs from what was estimated; larger trusts few steps less."""

Part = tuple[np.ndarray, np.ndarray, np.ndarray]


def bases(name: str, parts: Mapping[str, Part], groups: np.ndarray) -> dict[str, np.ndarray]:
    """What a network stands on in each part: zero (`none`), or the estimates of a floor fitted to `train`.

    For training windows the floor is fitted without their subject, because what it leaves of people it was fitted to is
    less than what it leaves of anybody else.
    """
    if name == "none":
        return {part: np.zeros_like(targets) for part, (_, _, targets) in parts.items()}
    floor, (inputs, covariates, targets) = FLOORS[name], parts["train"]
    predict = floor.fit(inputs, covariates, targets, groups)
    found = {part: predict(seen, also) for part, (seen, also, _) in parts.items()}
    folds = inner_folds(groups)
    for fold in np.unique(folds):
        left = folds == fold
        crossed = floor.fit(inputs[~left], covariates[~left], targets[~left], groups[~left])
        found["train"][left] = crossed(inputs[left], covariates[left])
    return found


def beside(
    name: str, parts: Mapping[str, Part], people: Mapping[str, np.ndarray], network: Mapping[str, np.ndarray]
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Means of a network and a floor, weighted for each target by what would have been best on the validation people.

    Neither was fitted to them when the share is chosen: the floor is then fitted to training windows alone, and the
    network has them only to say when it stopped, which favours it a little. What the floor adds to the mean it gives
    after it was fitted to both.

    Returns
    -------
    mixed : dict of str to ndarray, shape (M, P, K)
        Of `calibration` and `test`.
    shares : ndarray, shape (K,)
        Of the network, 0 to 1.
    """
    alone = FLOORS[name].fit(*parts["train"], people["train"])
    shares = best_shares(alone(*parts["validation"][:2]), network["validation"], parts["validation"][2])
    both = [np.concatenate(pair) for pair in zip(parts["train"], parts["validation"], strict=True)]
    floor = FLOORS[name].fit(*both, np.concatenate([people["train"], people["validation"]]))
    mixed = {}
    for part in ("calibration", "test"):
        estimates = floor(*parts[part][:2])
        mixed[part] = estimates + shares * (network[part] - estimates)
    return mixed, shares


def best_shares(floor: np.ndarray, network: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Share of a network, for each target, shape (K,), within 0 and 1, with the least squared error of the mean."""
    apart = network - floor
    gained = ((wanted - floor) * apart).sum(axis=(0, 1), dtype=float)
    return np.clip(gained / np.maximum((apart**2).sum(axis=(0, 1), dtype=float), 1e-12), 0.0, 1.0)


def bias(errors: np.ndarray, sides: Mapping[str, np.ndarray]) -> np.ndarray:
    """What is added to test windows, shape (M, P, K): the mean curve of the errors on the calibration windows of their
    side, the nearer to zero the fewer these are.

    Parameters
    ----------
    errors : ndarray, shape (N, P, K)
        What is wanted less what was estimated.
    sides
        Of the windows of `calibration`, shape (N,), and `test`, shape (M,).
    """
    curves = np.zeros((len(sides["test"]), *errors.shape[1:]), errors.dtype)
    for side in np.unique(sides["calibration"]):
        own = errors[sides["calibration"] == side]
        curves[sides["test"] == side] = own.sum(axis=0) / (len(own) + HALF_TRUSTED)
    return curves
