"""One fold of one estimator: fitted, adapted where the protocol says so, and asked about people unseen."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from gaitload.estimators import Predictor, phase_mean, ridge
from gaitload.estimators.ridge import inner_folds
from gaitload.protocols import Fold
from gaitload.registry import module_with
from gaitload.study import Study
from gaitload.training.checkpoints import write_weights
from gaitload.training.loop import Sample, Task, built, estimate, train
from gaitload.windows.leakage import evidence, require_no_leak
from gaitload.windows.normaliser import Normaliser, scale_of
from gaitload.windows.slicing import Windows

BASES = {"phase_mean": phase_mean, "ridge": ridge}
"""Floors that networks may stand on."""


@dataclass(frozen=True)
class Outcome:
    """What came of a fold with one seed.

    Attributes
    ----------
    estimates : ndarray, shape (M, P, K)
        Of the test windows, in the units of the targets.
    evidence : dict
        Who and what was in each part, see `gaitload.windows.leakage`.
    record : dict
        Loss curves, epochs, seconds, windows per second.
    """

    estimates: np.ndarray
    evidence: dict
    record: dict


def estimator_of(name: str) -> ModuleType:
    """One estimator with what the contract of `gaitload.estimators` asks of it; raises `ContractError`.

    It is imported by its name alone, so that the fingerprint of the code that trains one holds no other.
    """
    place = f"gaitload.estimators.{name}"
    kind = module_with(place, ("ABOUT",)).ABOUT.kind
    return module_with(place, ("build" if kind == "network" else "fit",))


def fit_fold(
    windows: Windows,
    fold: Fold,
    estimator: ModuleType,
    study: Study,
    *,
    seed: int,
    key: str = "",
    checkpoint: Path | None = None,
    model: Path | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Outcome:
    """Fit an estimator to a fold and estimate its test windows.

    Parameters
    ----------
    estimator
        Module of `gaitload.estimators`.
    key
        Of everything that decides the result.
    checkpoint, model
        Where training is resumed from, and where the trained network is left with its scales; for networks.

    Raises
    ------
    ContractError
        LEAK_SUBJECTS, LEAK_FRAMES, before anything is fitted.
    ConfigError, SolverError
        Those of `gaitload.training.loop.train`.
    """
    normaliser = Normaliser.fitted(windows, fold.normaliser)
    parts = {name: getattr(fold, name) for name in ("train", "validation", "calibration", "test")}
    seen = parts | {"normaliser": normaliser.rows}
    require_no_leak(windows, seen, apart=fold.apart, allowed=fold.allowed, where=f"{study.name}, fold {fold.name}")
    data = {name: _scaled(windows.rows(rows), normaliser) for name, rows in parts.items()}
    if fold.self_normalised:
        own = windows.rows(fold.test)
        flattering = scale_of(own.inputs)
        data["test"] = Sample(normaliser.inputs.restored(flattering.scaled(own.inputs)), *_rest(data["test"]))
    groups = windows.subjects[fold.train]
    begun = time.monotonic()
    if estimator.ABOUT.kind == "floor":
        scaled, record = _floor(estimator, data, groups, windows.subjects[fold.validation], normaliser)
    else:
        scaled, record = _network(
            estimator,
            data,
            groups,
            windows,
            normaliser,
            study,
            seed=seed,
            key=key,
            checkpoint=checkpoint,
            model=model,
            say=say,
        )
    record |= {"seed": seed, "wall_s": time.monotonic() - begun, "windows": {n: len(r) for n, r in parts.items()}}
    return Outcome(normaliser.targets.restored(scaled), evidence(windows, seen), record)


def _scaled(windows: Windows, normaliser: Normaliser) -> Sample:
    """Inputs stay in their units: sensors are turned in them before they are scaled."""
    targets = normaliser.targets.scaled(windows.targets)
    return Sample(windows.inputs, normaliser.covariates.scaled(windows.covariates), targets)


def _rest(sample: Sample) -> tuple[np.ndarray, np.ndarray]:
    return sample.covariates, sample.targets


def _floor(
    module: ModuleType, data: dict[str, Sample], groups: np.ndarray, held: np.ndarray, normaliser: Normaliser
) -> tuple[np.ndarray, dict]:
    """Floors choose by inner folds, so that validation windows are training windows to them."""
    both = [
        np.concatenate(pair)
        for pair in zip(_seen(data["train"], normaliser), _seen(data["validation"], normaliser), strict=True)
    ]
    predict = module.fit(*both, np.concatenate([groups, held]))
    scaled = predict(*_seen(data["test"], normaliser)[:2])
    if len(data["calibration"].inputs):
        inputs, covariates, targets = _seen(data["calibration"], normaliser)
        scaled = scaled + (targets - predict(inputs, covariates)).mean(axis=0)
    return scaled, {"history": [], "epochs": 0}


def _seen(sample: Sample, normaliser: Normaliser) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A part as floors take it."""
    return normaliser.inputs.scaled(sample.inputs), sample.covariates, sample.targets


def _network(
    module: ModuleType,
    data: dict[str, Sample],
    groups: np.ndarray,
    windows: Windows,
    normaliser: Normaliser,
    study: Study,
    *,
    seed: int,
    key: str,
    checkpoint: Path | None,
    model: Path | None,
    say: Callable[[str], None],
) -> tuple[np.ndarray, dict]:
    bases = _bases(data, groups, normaliser, study)
    rests = {name: Sample(part.inputs, part.covariates, part.targets - bases[name]) for name, part in data.items()}
    settings, task = study.training, Task(normaliser.inputs, windows.vectors, upright=study.frame == "heading_free")
    width = windows.inputs.shape[2] + windows.covariates.shape[1]
    network = built(module, width, windows.targets.shape[2], windows.inputs.shape[1], seed)
    progress = train(
        network,
        task,
        rests["train"],
        rests["validation"],
        settings,
        seed=seed,
        epochs=settings.epochs,
        rate=settings.learning_rate,
        key=key,
        checkpoint=checkpoint,
        say=say,
    )
    record = asdict(progress) | {"parameters": sum(values.numel() for values in network.parameters())}
    record["epochs"] = progress.epoch
    record["windows_per_s"] = progress.epoch * len(groups) / max(progress.seconds, 1e-9)
    if len(data["calibration"].inputs):
        adapted = train(
            network,
            task,
            rests["calibration"],
            None,
            settings,
            seed=seed,
            epochs=settings.adapt_epochs,
            rate=settings.adapt_rate,
        )
        record["adaptation"] = adapted.history
    if model is not None:
        scales = {
            f"{name}_{part}": getattr(getattr(normaliser, name), part).tolist()
            for name in ("inputs", "covariates", "targets")
            for part in ("mean", "sd")
        }
        names = {"channels": windows.channels, "covariates": windows.covariate_names, "targets": windows.target_names}
        write_weights(model, network.state_dict(), {"key": key, "scales": scales, **names})
    return bases["test"] + estimate(network, task, rests["test"], settings), record


def _bases(data: dict[str, Sample], groups: np.ndarray, normaliser: Normaliser, study: Study) -> dict[str, np.ndarray]:
    """What the network stands on: zero, or the estimates of a floor.

    For training windows the floor is fitted without their subject, because what it leaves of people it was fitted to is
    less than what it leaves of anybody else.
    """
    if study.training.residual_of == "none":
        return {name: np.zeros_like(part.targets) for name, part in data.items()}
    floor = BASES[study.training.residual_of]
    inputs, covariates, targets = _seen(data["train"], normaliser)
    predict: Predictor = floor.fit(inputs, covariates, targets, groups)
    bases = {name: predict(*_seen(part, normaliser)[:2]) for name, part in data.items()}
    bases["train"] = np.empty_like(targets)
    folds = inner_folds(groups)
    for fold in np.unique(folds):
        left = folds == fold
        crossed = floor.fit(inputs[~left], covariates[~left], targets[~left], groups[~left])
        bases["train"][left] = crossed(inputs[left], covariates[left])
    return bases
