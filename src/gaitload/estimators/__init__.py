"""One estimator per file: adding an estimator is adding a file here.

A module holds `ABOUT`, an `Estimator`, and

`build(inputs, outputs, frames)`
    A network of torch, if `ABOUT.kind` is `network`: from windows (B, T, inputs) to (B, T, outputs), where T is
    `frames`. `gaitload.training` trains it.
`fit(inputs, covariates, targets, groups)`
    If it is a `floor`: arrays of shapes (N, T, C), (N, V), (N, P, K) and the subject of each window (N,), to a `Fitted`
    module, which takes inputs and covariates to estimates (M, P, K); M is 0 where nothing calibrates. Floors are what
    any network has to beat.

All arrays are scaled (`gaitload.windows.normaliser`), float32.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from typing import Literal

from gaitload.errors import ConfigError
from gaitload.validation import nearest


@dataclass(frozen=True)
class Estimator:
    """An estimator in words.

    Attributes
    ----------
    kind : str
        `network` or `floor`.
    source : str
        Who used it for what.
    deviations : tuple of str
        What is not as published.
    """

    kind: Literal["network", "floor"]
    source: str
    deviations: tuple[str, ...] = ()


def estimator_names() -> tuple[str, ...]:
    """Names of all estimators, found without importing one: the workflow must not load torch to plan its jobs."""
    return tuple(sorted(info.name for info in pkgutil.iter_modules(__path__) if not info.name.startswith("_")))


def require_estimators(names: tuple[str, ...]) -> None:
    """Raise `ConfigError` (STUDY_ESTIMATOR_UNKNOWN) unless all are known."""
    known = estimator_names()
    for name in names:
        if name not in known:
            raise ConfigError(
                expected="files of src/gaitload/estimators",
                found=f"{name}; {nearest(name, known)}",
                where="study.estimators",
                do="Correct the name.",
                code="STUDY_ESTIMATOR_UNKNOWN",
            )
