"""Networks trained in mini-batches: seeds, early stopping, clipping, augmentation, checkpoints that can be resumed.

Everything random in an epoch is drawn from the seed and the epoch's number alone, so that a run that was stopped and
resumed ends where one that was not does, and equal seeds give equal networks on a processor with as many threads.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import nn

from gaitload.errors import ConfigError, SolverError
from gaitload.study import StudyTraining
from gaitload.study.training import Option
from gaitload.training.augment import turned
from gaitload.training.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from gaitload.windows.normaliser import Scale

OPTIMISERS = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam}
WARM_SHARE = 0.1
"""Share of all steps in which the learning rate rises; then it falls along a cosine."""
CHECKPOINT_S = 20.0
"""A checkpoint is written, and a line of progress said, at the end of an epoch when the last is older."""


@dataclass(frozen=True)
class Sample:
    """Windows as a network is given them.

    Attributes
    ----------
    inputs : ndarray, shape (N, T, C)
        In their units.
    covariates : ndarray, shape (N, V)
        Scaled.
    targets : ndarray, shape (N, P, K)
        Scaled.
    """

    inputs: np.ndarray
    covariates: np.ndarray
    targets: np.ndarray


@dataclass(frozen=True)
class Task:
    """What is the same for all parts of a fold.

    Attributes
    ----------
    scale : Scale
        Of the inputs.
    vectors : tuple
        See `gaitload.windows.slicing.Windows`.
    upright : bool
        Vectors are in an upright frame: mountings turn them about the vertical alone.
    sensor_width : int
        Channels of each sensor.
    before : int
        Points of context before the first that is estimated.
    """

    scale: Scale
    vectors: tuple = ()
    upright: bool = False
    sensor_width: int = 0
    before: int = 0


@dataclass
class Progress:
    """State of a training run; `judged_epoch` is the last whose validation error was measured."""

    epoch: int = 0
    best: float = math.inf
    best_epoch: int = 0
    judged_epoch: int = 0
    seconds: float = 0.0
    history: list[dict] = field(default_factory=list)


def use_threads(threads: int) -> None:
    """Let torch and the linear algebra of numpy take so many cores; the last digits of sums depend on it.

    More threads than idle cores wait for each other: a ridge regression took 130 times as long.
    """
    torch.set_num_threads(threads)
    threadpool_limits(threads)


def built(
    module: ModuleType, inputs: int, outputs: int, frames: int, seed: int, options: Mapping[str, Option] | None = None
) -> nn.Module:
    """A network of an estimator's module, with options of its own, and with weights drawn from a seed."""
    torch.manual_seed(seed)
    return module.build(inputs, outputs, frames, **(options or {}))


def device_of(wanted: str) -> torch.device:
    """The device that a setting means; raises `ConfigError` (DEVICE_MISSING) for an accelerator that is not there."""
    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        raise ConfigError(
            expected="an accelerator that torch can use",
            found="none",
            where="study.training.device",
            do="Set it to auto or cpu, or install the build of torch for the accelerator.",
            code="DEVICE_MISSING",
        )
    return torch.device("cuda" if there and wanted != "cpu" else "cpu")


def train(
    network: nn.Module,
    task: Task,
    sample: Sample,
    validation: Sample | None,
    settings: StudyTraining,
    *,
    seed: int,
    epochs: int,
    rate: float,
    key: str = "",
    checkpoint: Path | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Progress:
    """Train a network in place; it ends with the weights of the epoch that was best on the validation windows.

    Parameters
    ----------
    validation
        Without it training ends after all epochs, with the last weights.
    epochs, rate
        Largest number of epochs, and largest learning rate.
    key
        Hash of everything that decides the result; a checkpoint with another is refused.
    checkpoint
        File that training is resumed from, where it is there, and that it is saved to.

    Raises
    ------
    ConfigError
        CHECKPOINT_FOREIGN, DEVICE_MISSING.
    SolverError
        TRAINING_DIVERGED: the error is no number any more.
    """
    device = device_of(settings.device)
    network.to(device)
    optimizer = OPTIMISERS[settings.optimiser](network.parameters(), lr=rate, weight_decay=settings.weight_decay)
    progress, best = Progress(), copy.deepcopy(network.state_dict())
    if checkpoint is not None and checkpoint.is_file():
        resumed = read_checkpoint(checkpoint, key)
        network.load_state_dict(resumed.weights)
        resumed.restore(optimizer)
        progress, best = Progress(**resumed.progress), resumed.best
        say(f"resumed after epoch {progress.epoch}")
    batches = _Batches(sample, task, settings, device)
    held = _Batches(validation, task, settings, device) if validation is not None else None
    steps_each, saved = math.ceil(len(sample.inputs) / settings.batch), time.monotonic()
    while progress.epoch < epochs and not (held and _has_stopped(progress, settings)):
        begun, steps = time.monotonic(), progress.epoch * steps_each + np.arange(steps_each)
        rates = [rate * _share_of_rate(settings, step / steps_each / epochs) for step in steps.tolist()]
        error = _epoch(network, optimizer, batches, rates, seed=seed, epoch=progress.epoch)
        progress.epoch += 1
        seen = held if _is_judged(progress.epoch, settings) else None
        _record(progress, error, network, seen, begun)
        if progress.best_epoch == progress.epoch or held is None:
            best = copy.deepcopy(network.state_dict())
        if time.monotonic() - saved > CHECKPOINT_S:
            say(_in_words(progress, epochs))
            if checkpoint is not None:
                write_checkpoint(checkpoint, Checkpoint.of(key, network, optimizer, best, progress))
            saved = time.monotonic()
    if checkpoint is not None:
        write_checkpoint(checkpoint, Checkpoint.of(key, network, optimizer, best, progress))
    network.load_state_dict(best)
    return progress


def _epoch(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    batches: _Batches,
    rates: list[float],
    *,
    seed: int,
    epoch: int,
) -> float:
    """One pass over all windows, with a learning rate for each step; returns the mean error."""
    settings, device = batches.settings, batches.device
    torch.manual_seed(1_000_003 * seed + epoch)
    network.train()
    total = 0.0
    for rate, (inputs, targets) in zip(rates, batches.shuffled(seed, epoch), strict=True):
        for group in optimizer.param_groups:
            group["lr"] = rate
        with torch.autocast(device.type, torch.bfloat16, enabled=settings.mixed_precision and device.type == "cuda"):
            loss = _error(network, batches.task, inputs, targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), settings.clip)
        optimizer.step()
        total += float(loss.detach()) * len(inputs)
    return total / len(batches.inputs)


def _is_judged(epoch: int, settings: StudyTraining) -> bool:
    """Whether validation windows are looked at after an epoch."""
    since = epoch - settings.epochs_first
    return settings.stopping == "patience" or (since >= 0 and since % settings.epochs_step == 0)


def _has_stopped(progress: Progress, settings: StudyTraining) -> bool:
    if settings.stopping == "increments":
        return progress.judged_epoch > progress.best_epoch
    return progress.epoch - progress.best_epoch >= settings.patience


def estimate(network: nn.Module, task: Task, sample: Sample, settings: StudyTraining) -> np.ndarray:
    """Estimates for windows, shape (N, P, K), scaled; targets of the sample tell their shape alone."""
    device = device_of(settings.device)
    network.to(device)
    network.eval()
    with torch.inference_mode():
        parts = [
            _within_window(network(inputs), task, targets.shape[1])
            for inputs, targets in _Batches(sample, task, settings, device).in_order()
        ]
    return torch.cat(parts).float().cpu().numpy()


class _Batches:
    """Windows on a device, handed out scaled and augmented."""

    def __init__(self, sample: Sample, task: Task, settings: StudyTraining, device: torch.device) -> None:
        self.inputs, self.covariates, self.targets = (
            torch.as_tensor(np.ascontiguousarray(array, np.float32), device=device)
            for array in (sample.inputs, sample.covariates, sample.targets)
        )
        self.mean, self.sd = (torch.as_tensor(array, device=device) for array in (task.scale.mean, task.scale.sd))
        self.task, self.settings, self.device = task, settings, device

    def shuffled(self, seed: int, epoch: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Augmented batches of an epoch."""
        random = np.random.default_rng([seed, epoch])
        order = torch.as_tensor(random.permutation(len(self.inputs)), device=self.device)
        for rows in order.split(self.settings.batch):
            inputs = self.inputs[rows]
            if self.settings.mounting_rad:
                inputs = turned(inputs, self.task.vectors, self.settings.mounting_rad, upright=self.task.upright)
            scaled = (inputs - self.mean) / self.sd
            if self.settings.sensor_dropout:
                scaled = without_sensors(scaled, self.task, self.settings.sensor_dropout)
            if self.settings.noise:
                scaled = scaled + self.settings.noise * torch.randn_like(scaled)
            yield self._with_covariates(scaled, rows), self.targets[rows]

    def in_order(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Batches as they are."""
        for rows in torch.arange(len(self.inputs), device=self.device).split(1024):
            yield self._with_covariates((self.inputs[rows] - self.mean) / self.sd, rows), self.targets[rows]

    def _with_covariates(self, inputs: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """(B, T, C) -> (B, T, C + V): covariates are channels that do not change."""
        constant = self.covariates[rows][:, None, :].expand(-1, inputs.shape[1], -1)
        return torch.cat([inputs, constant], dim=2)


def without_sensors(scaled: torch.Tensor, task: Task, probability: float) -> torch.Tensor:
    """Windows, shape (B, T, C), in which sensors are left out at random: their channels show 0, the mean of training
    windows. At least one sensor of each window stays."""
    count = len(task.vectors)
    drawn = torch.rand(len(scaled), count, device=scaled.device)
    kept = (drawn >= probability) | (drawn == drawn.amax(dim=1, keepdim=True))
    shown = torch.ones(len(scaled), scaled.shape[2], device=scaled.device)
    shown[:, : count * task.sensor_width] = kept.float().repeat_interleave(task.sensor_width, dim=1)
    return scaled * shown[:, None, :]


def _error(network: nn.Module, task: Task, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return nn.functional.mse_loss(_within_window(network(inputs), task, targets.shape[1]), targets)


def _within_window(estimates: torch.Tensor, task: Task, points: int) -> torch.Tensor:
    """Without the context, (B, T, K) -> (B, P, K)."""
    return estimates[:, task.before : task.before + points]


def _in_words(progress: Progress, epochs: int) -> str:
    held = f", validation {progress.best:.4f} at best" if math.isfinite(progress.best) else ""
    return f"epoch {progress.epoch} of at most {epochs}: error {progress.history[-1]['train']:.4f}{held}"


def _share_of_rate(settings: StudyTraining, share: float) -> float:
    """Learning rate, as a share of the greatest, after a share of all steps."""
    if settings.schedule == "constant":
        return 1.0
    if share < WARM_SHARE:
        return (share + 1e-3) / (WARM_SHARE + 1e-3)
    return 0.5 * (1.0 + math.cos(math.pi * (share - WARM_SHARE) / (1.0 - WARM_SHARE)))


def _record(progress: Progress, train_error: float, network: nn.Module, held: _Batches | None, begun: float) -> None:
    """Add an epoch to the history, and see whether it was the best."""
    entry = {"epoch": progress.epoch, "train": train_error}
    if held is not None:
        network.eval()
        with torch.inference_mode():
            errors = [(float(_error(network, held.task, *batch)), len(batch[0])) for batch in held.in_order()]
        entry["validation"] = sum(error * count for error, count in errors) / sum(count for _, count in errors)
        progress.judged_epoch = progress.epoch
        if entry["validation"] < progress.best:
            progress.best, progress.best_epoch = entry["validation"], progress.epoch
    if not math.isfinite(entry.get("validation", train_error)) or not math.isfinite(train_error):
        raise SolverError(
            expected="an error that is a number",
            found=f"{train_error:g} in epoch {progress.epoch}",
            where="training",
            do="Lower study.training.learning_rate or study.training.clip.",
            code="TRAINING_DIVERGED",
        )
    entry["seconds"] = time.monotonic() - begun
    progress.seconds += entry["seconds"]
    progress.history.append(entry)
