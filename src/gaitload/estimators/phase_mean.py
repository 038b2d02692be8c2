"""The mean curve of training windows, whatever the sensors say."""

from __future__ import annotations

import numpy as np

from gaitload.estimators import Estimator, Predictor

ABOUT = Estimator("floor", source="what is left to explain beyond it is what sensors are for")


def fit(inputs: np.ndarray, covariates: np.ndarray, targets: np.ndarray, groups: np.ndarray) -> Predictor:
    """Mean over subjects, each with the same weight, at every point of the window."""
    curve = np.mean([targets[groups == subject].mean(axis=0) for subject in np.unique(groups)], axis=0)
    return lambda seen, _: np.broadcast_to(curve, (len(seen), *curve.shape)).astype(np.float32)
