"""One estimator per file: adding an estimator is adding a file here.

A module holds `ABOUT`, an `Estimator`, and

`build(inputs, outputs, frames, *, ...)`
    A network of torch, if `ABOUT.kind` is `network`: from windows (B, T, inputs) to (B, T, outputs), where T is
    `frames`. `gaitload.training` trains it. Its keyword-only arguments are the options that a study may set.
`fit(inputs, covariates, targets, groups)`
    If it is a `floor`: arrays of shapes (N, T, C), (N, V), (N, P, K) and the subject of each window (N,), to a `Fitted`
    module, which takes inputs and covariates to estimates (M, P, K); M is 0 where nothing calibrates. Floors are what
    any network has to beat.

All arrays are scaled (`gaitload.windows.normaliser`), float32.
"""

from __future__ import annotations

import ast
import pkgutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gaitload.errors import ConfigError
from gaitload.study import Study
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


def network_options(name: str) -> frozenset[str]:
    """Keyword-only arguments of the `build` of an estimator, read without importing it; none of a floor."""
    tree = ast.parse((Path(__path__[0]) / f"{name}.py").read_text(encoding="utf-8"))
    builders = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "build"]
    return frozenset(argument.arg for node in builders for argument in node.args.kwonlyargs)


def require_estimators(study: Study) -> None:
    """Make sure that a study's estimators are there, and that their networks have the options it sets.

    Raises
    ------
    ConfigError
        STUDY_ESTIMATOR_UNKNOWN, STUDY_OPTION_UNKNOWN.
    """
    for name in study.estimators:
        file = study.file_of(name)
        if file not in estimator_names():
            raise ConfigError(
                expected="files of src/gaitload/estimators",
                found=f"{file}; {nearest(file, estimator_names())}",
                where="study.estimators",
                do="Correct the name.",
                code="STUDY_ESTIMATOR_UNKNOWN",
            )
        training, known = study.as_estimator(name).training, network_options(file)
        tried = training.select.keys() - type(training).model_fields.keys()
        for option in sorted((training.options.keys() | tried) - known):
            raise ConfigError(
                expected=f"options of {file} ({', '.join(sorted(known)) or 'none'})",
                found=f"{option}; {nearest(option, sorted(known))}",
                where=f"study.estimator_settings.{name}",
                do="Correct the name, or take the option out.",
                code="STUDY_OPTION_UNKNOWN",
            )
