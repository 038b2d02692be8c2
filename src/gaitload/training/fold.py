"""One fold of one estimator: fitted, adapted where the protocol says so, and asked about people unseen."""

from __future__ import annotations

import copy
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import ModuleType

import numpy as np

from gaitload.protocols import Fold
from gaitload.registry import module_with
from gaitload.study import Study, StudyTraining
from gaitload.training.checkpoints import write_weights
from gaitload.training.company import bases, beside
from gaitload.training.composite import Composite
from gaitload.training.loop import Sample, Task, built, estimate, train
from gaitload.training.personal import bias
from gaitload.windows.leakage import evidence, require_no_leak
from gaitload.windows.normaliser import Normaliser, scale_of
from gaitload.windows.slicing import Windows

PARTS = ("train", "validation", "calibration", "calibration_validation", "test")
"""Rows of a fold by the part they play, its normaliser aside."""


@dataclass(frozen=True)
class Outcome:
    """What came of a fold with one seed.

    Attributes
    ----------
    estimates : ndarray, shape (M, P, K)
        Estimates of the test windows, in the units of the targets.
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
    checkpoints: Path | None = None,
    model: Path | None = None,
    kept: Sequence[int] | None = None,
    bases: dict[str, tuple[Composite, dict]] | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Outcome:
    """Fit an estimator to a fold, adapt it where the fold calibrates, and estimate its test windows.

    Parameters
    ----------
    estimator
        Module of `gaitload.estimators`.
    study
        Its training settings are those of the estimator, see `Study.as_estimator`.
    key
        Hash of everything that decides the model before it is adapted, its fold and seed aside.
    checkpoints, model
        Folder of what training is resumed from, and where the trained network is left with its scales; for networks.
    kept
        Numbers of the sensors that are worn; the others show the mean of training windows. None: all.
    bases
        Models fitted before, by what decided them; one that is there is not fitted again, and a new one is added.

    Raises
    ------
    ContractError
        LEAK_SUBJECTS, LEAK_FRAMES, before anything is fitted.
    ConfigError, SolverError
        Those of `gaitload.training.loop.train`.
    """
    normaliser = Normaliser.fitted(windows, fold.normaliser)
    parts = {name: getattr(fold, name) for name in PARTS}
    seen = parts | {"normaliser": normaliser.rows}
    require_no_leak(windows, seen, apart=fold.apart, allowed=fold.allowed, where=f"{study.name}, fold {fold.name}")
    begun = time.monotonic()
    found = evidence(windows, seen)
    base = base_key(key, found, seed)
    bases = {} if bases is None else bases
    if base not in bases:
        checkpoint = checkpoints and checkpoint_of(checkpoints, base)
        bases[base] = fit_parts(
            windows, parts, normaliser, estimator, study, seed=seed, key=base, checkpoint=checkpoint, say=say
        )
    composite, record = bases[base]
    if kept is not None:
        windows = windows.with_sensors(kept, normaliser.inputs.mean)
    composite, adaptation = adapted(composite, windows, parts, study.training, seed=seed)
    if model is not None and composite.network is not None:
        _write_network(model, composite, windows, base)
    estimates = _estimates(composite, windows, fold, study.training)
    counts = {name: len(rows) for name, rows in parts.items()}
    record = record | adaptation | {"seed": seed, "wall_s": time.monotonic() - begun, "windows": counts}
    return Outcome(estimates, found, record)


def _estimates(composite: Composite, windows: Windows, fold: Fold, settings: StudyTraining) -> np.ndarray:
    """Estimates of test windows in the units of the targets, moved by the mean error on the calibration windows."""
    normaliser, parts = composite.normaliser, {"calibration": fold.calibration, "test": fold.test}
    inputs = {name: windows.inputs[rows] for name, rows in parts.items()}
    if fold.self_normalised:
        inputs["test"] = normaliser.inputs.restored(scale_of(inputs["test"]).scaled(inputs["test"]))
    scaled = {name: composite.scaled(inputs[name], windows.covariates[rows], settings) for name, rows in parts.items()}
    if settings.shift == "mean":
        sides = {name: windows.side[rows] for name, rows in parts.items()}
        errors = normaliser.targets.scaled(windows.targets[fold.calibration]) - scaled["calibration"]
        scaled["test"] = scaled["test"] + bias(errors, sides)
    return normaliser.targets.restored(scaled["test"])


def base_key(key: str, found: Mapping[str, Mapping], seed: int) -> str:
    """Hash of what decides a model before it is adapted: `key`, the windows it sees (see `evidence`) and its seed."""
    seen = [found[part]["frames_sha256"] for part in ("train", "validation", "normaliser")]
    return hashlib.sha256("\n".join([key, *seen, str(seed)]).encode()).hexdigest()


def checkpoint_of(folder: Path, key: str) -> Path:
    """Where a model that is being trained is kept; the leading dot tells it from those that are done."""
    return folder / f".{key[:16]}.safetensors"


def fit_parts(
    windows: Windows,
    parts: dict[str, np.ndarray],
    normaliser: Normaliser,
    estimator: ModuleType,
    study: Study,
    *,
    seed: int,
    key: str = "",
    checkpoint: Path | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> tuple[Composite, dict]:
    """Fit an estimator to rows of windows, `train` and `validation` of `parts`.

    Where `study.training.select` gives several settings to try, the one with the least validation error is kept.

    Returns
    -------
    composite : Composite
    record : dict
        See `Outcome.record`; `tried` lists settings and validation error where there are several.

    Raises
    ------
    ConfigError, SolverError
        Those of `gaitload.training.loop.train`.
    """
    data = {name: _scaled(windows.rows(parts[name]), normaliser) for name in ("train", "validation")}
    people = {name: windows.subjects[parts[name]] for name in data}
    if estimator.ABOUT.kind == "floor":
        return _floor(estimator, data, people, normaliser), {"history": [], "epochs": 0}
    candidates = study.training.candidates()
    fitted = [
        _network(
            estimator,
            data,
            people,
            windows,
            normaliser,
            study.model_copy(update={"training": settings}),
            seed=seed,
            key=key,
            checkpoint=checkpoint and checkpoint.with_suffix(f".{number}{checkpoint.suffix}"),
            say=say,
        )
        for number, settings in enumerate(candidates)
    ]
    composite, record = min(fitted, key=lambda one: one[1]["best"])
    if len(fitted) > 1:
        names = study.training.select
        record["tried"] = [
            {name: settings.options.get(name, getattr(settings, name, None)) for name in names}
            | {"validation": tried["best"]}
            for settings, (_, tried) in zip(candidates, fitted, strict=True)
        ]
    return composite, record


def adapted(
    composite: Composite, windows: Windows, parts: dict[str, np.ndarray], settings: StudyTraining, *, seed: int
) -> tuple[Composite, dict]:
    """A copy whose network is fine-tuned to the windows of `calibration`, and what is to be recorded of that.

    Where there are windows of `calibration_validation`, the epoch that is best on them is kept, else the last.
    """
    rows = parts["calibration"]
    if composite.network is None or not len(rows) or not settings.adapt_epochs:
        return composite, {}
    own = {name: parts[name] for name in ("calibration", "calibration_validation") if len(parts[name])}
    rests = {}
    for name, chosen in own.items():
        sample = _scaled(windows.rows(chosen), composite.normaliser)
        below = composite.below
        base = below.estimate(*_seen(sample, composite.normaliser)[:2]) if below is not None else 0.0
        rests[name] = replace(sample, targets=sample.targets - base)
    network = copy.deepcopy(composite.network)
    progress = train(
        network,
        composite.task,
        rests["calibration"],
        rests.get("calibration_validation"),
        settings.model_copy(update={"stopping": "patience", "patience": settings.adapt_epochs}),
        seed=seed,
        epochs=settings.adapt_epochs,
        rate=settings.adapt_rate,
    )
    record = {"adaptation": progress.history, "adaptation_epoch": progress.best_epoch or progress.epoch}
    return replace(composite, network=network), record


def _scaled(windows: Windows, normaliser: Normaliser) -> Sample:
    """Inputs stay in their units: sensors are turned in them before they are scaled."""
    targets = normaliser.targets.scaled(windows.targets)
    return Sample(windows.inputs, normaliser.covariates.scaled(windows.covariates), targets)


def _floor(module: ModuleType, data: dict[str, Sample], people: dict, normaliser: Normaliser) -> Composite:
    """Floors choose by inner folds, so that validation windows are training windows to them."""
    parts = [_seen(data[name], normaliser) for name in ("train", "validation")]
    both = [np.concatenate(pair) for pair in zip(*parts, strict=True)]
    fitted = module.fit(*both, np.concatenate([people["train"], people["validation"]]))
    return Composite(normaliser, both[2].shape[1:], below=fitted)


def _seen(sample: Sample, normaliser: Normaliser) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A part as floors take it."""
    return normaliser.inputs.scaled(sample.inputs), sample.covariates, sample.targets


def _network(
    module: ModuleType,
    data: dict[str, Sample],
    people: dict[str, np.ndarray],
    windows: Windows,
    normaliser: Normaliser,
    study: Study,
    *,
    seed: int,
    key: str,
    checkpoint: Path | None,
    say: Callable[[str], None],
) -> tuple[Composite, dict]:
    seen = {name: _seen(part, normaliser) for name, part in data.items()}
    found, below = bases(study.training.residual_of, seen, people["train"])
    rests = {name: replace(data[name], targets=data[name].targets - found[name]) for name in seen}
    settings, upright = study.training, study.frame == "heading_free"
    task = Task(
        normaliser.inputs, windows.vectors, upright=upright, sensor_width=windows.sensor_width, before=windows.before
    )
    width = windows.inputs.shape[2] + windows.covariates.shape[1]
    network = built(module, width, windows.targets.shape[2], windows.inputs.shape[1], seed, settings.options)
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
    record["windows_per_s"] = progress.epoch * len(people["train"]) / max(progress.seconds, 1e-9)
    composite = Composite(normaliser, windows.targets.shape[1:], below=below, network=network, task=task)
    if settings.beside != "none":
        held = found["validation"] + estimate(network, task, rests["validation"], settings)
        floor, shares = beside(settings.beside, seen, people, held)
        composite = replace(composite, beside=floor, shares=shares)
        record["shares"] = dict(zip(windows.target_names, shares.tolist(), strict=True))
    return composite, record


def _write_network(path: Path, composite: Composite, windows: Windows, key: str) -> None:
    """The weights of a network with its scales and the names of channels and targets."""
    scales = {
        f"{name}_{part}": getattr(getattr(composite.normaliser, name), part).tolist()
        for name in ("inputs", "covariates", "targets")
        for part in ("mean", "sd")
    }
    names = {"channels": windows.channels, "covariates": windows.covariate_names, "targets": windows.target_names}
    write_weights(path, composite.network.state_dict(), {"key": key, "scales": scales, **names})
