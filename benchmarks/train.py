"""Training: windows per second of every network, mini-batches beside one batch of everything, and what sets the speed.

`python -m benchmarks.train --results results` reads the aligned tables of a cohort there, and writes
docs/benchmarks/train.json and train.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks import tables
from gaitload.estimators import estimator_names
from gaitload.study import Study, StudyTraining
from gaitload.training.fold import estimator_of
from gaitload.training.loop import Sample, Task, built, train, use_threads
from gaitload.windows.normaliser import Normaliser
from gaitload.windows.slicing import Windows, slice_trials
from gaitload.windows.tables import read_trial

SENSORS = ("pelvis", "tibia")
HELD_PEOPLE = 2
"""Validated on; the first in alphabetical order."""
COMPARED = ("cnn", "lstm")
"""The networks of Hur et al. 2025, whose published settings the full batch has."""
FULL_BATCH_RATE = 1e-3
"""Of Adam, with all training windows in every step: the published code's settings."""
BATCHES = (8, 32, 64, 256, 1024)


class CellByCell(nn.Module):
    """The layers of `lstm` stepped through in Python, as code does that keeps a state of its own."""

    def __init__(self, inputs: int, outputs: int, *, layers: int = 3, width: int = 128) -> None:
        super().__init__()
        self.cells = nn.ModuleList(nn.LSTMCell(inputs if layer == 0 else width, width) for layer in range(layers))
        self.head = nn.Linear(width, outputs)

    def forward(self, window: torch.Tensor) -> torch.Tensor:
        rows = window.unbind(1)  # T times (B, C)
        for cell in self.cells:
            state, passed = None, []
            for row in rows:
                state = cell(row, state)
                passed.append(state[0])
            rows = passed  # T times (B, 128)
        return self.head(torch.stack(rows, dim=1))  # (B, T, K)


def samples(windows: Windows) -> tuple[Task, Sample, Sample]:
    """Windows of all people but a few, and of these."""
    held = np.isin(windows.subjects, sorted(set(windows.subjects))[:HELD_PEOPLE])
    normaliser = Normaliser.fitted(windows, np.flatnonzero(~held))
    parts = [
        Sample(part.inputs, normaliser.covariates.scaled(part.covariates), normaliser.targets.scaled(part.targets))
        for part in (windows.rows(~held), windows.rows(held))
    ]
    return Task(normaliser.inputs, windows.vectors, upright=True), *parts


def made(name: str, sample: Sample) -> nn.Module:
    """A network for windows like those of a sample."""
    width = sample.inputs.shape[2] + sample.covariates.shape[1]
    return built(estimator_of(name), width, sample.targets.shape[2], sample.inputs.shape[1], 0)


def processor_s(call: Callable[[], object]) -> tuple[float, float]:
    """Processor time and wall time of a call (s)."""
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    call()
    return time.process_time() - cpu_s, time.perf_counter() - wall_s


def speed(network: nn.Module, task: Task, sample: Sample, batch: int) -> dict[str, float]:
    """Windows a second of one epoch, by processor time and by the clock; the second of two epochs."""
    settings = StudyTraining(batch=batch, device="cpu")
    few = Sample(*(array[: max(256, 2 * batch)] for array in (sample.inputs, sample.covariates, sample.targets)))

    def epoch() -> None:
        train(network, task, few, None, settings, seed=0, epochs=1, rate=1e-4)

    epoch()
    cpu_s, wall_s = processor_s(epoch)
    return {"processor": len(few.inputs) / cpu_s, "clock": len(few.inputs) / wall_s}


def full_batch(network: nn.Module, task: Task, sample: Sample, validation: Sample, steps: int) -> list[float]:
    """Validation error after every step of Adam on all training windows at once."""
    optimizer = torch.optim.Adam(network.parameters(), lr=FULL_BATCH_RATE)
    (inputs, targets), (seen, wanted) = (
        [
            torch.as_tensor(np.concatenate([task.scale.scaled(part.inputs), _constant(part)], axis=2)),
            torch.as_tensor(part.targets),
        ]
        for part in (sample, validation)
    )
    errors = []
    for _ in range(steps):
        network.train()
        loss = nn.functional.mse_loss(network(inputs), targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        network.eval()
        with torch.inference_mode():
            errors.append(float(nn.functional.mse_loss(network(seen), wanted)))
    return errors


def _constant(part: Sample) -> np.ndarray:
    return np.broadcast_to(part.covariates[:, None], (*part.inputs.shape[:2], part.covariates.shape[1]))


def to_equal_error(name: str, task: Task, sample: Sample, validation: Sample, steps: int, epochs: int) -> dict:
    """Processor time of both ways to the smallest validation error that both reach."""
    curves, seconds = {}, {}
    network = made(name, sample)
    curves["full batch"] = []
    cpu_s, _ = processor_s(lambda: curves["full batch"].extend(full_batch(network, task, sample, validation, steps)))
    seconds["full batch"] = cpu_s / steps
    network, settings = made(name, sample), StudyTraining(device="cpu", epochs=epochs, patience=epochs)
    found = []
    cpu_s, _ = processor_s(
        lambda: found.append(
            train(network, task, sample, validation, settings, seed=0, epochs=epochs, rate=settings.learning_rate)
        )
    )
    curves["mini-batches"] = [entry["validation"] for entry in found[0].history]
    seconds["mini-batches"] = cpu_s / epochs
    level = max(min(curve) for curve in curves.values())
    passes = {way: 1 + int(np.argmax(np.array(curve) <= level)) for way, curve in curves.items()}
    return {
        "level": level,
        "best": {way: min(curve) for way, curve in curves.items()},
        "passes": passes,
        "seconds": {way: passes[way] * seconds[way] for way in curves},
        "windows_per_s": {way: len(sample.inputs) / seconds[way] for way in curves},
        "curves": curves,
    }


def report(found: dict) -> str:
    """The Markdown text of everything that was measured."""
    equal = [
        [
            name,
            way,
            case["windows_per_s"][way],
            case["best"][way],
            case["level"],
            case["passes"][way],
            case["seconds"][way],
            case["seconds"]["full batch"] / case["seconds"][way],
        ]
        for name, case in found["equal_error"].items()
        for way in case["curves"]
    ]
    speeds = [[name, each["parameters"], each["processor"]] for name, each in found["networks"].items()]
    columns = ("network", "batch", "threads", "processor", "clock")
    sets = [[each[column] for column in columns] for each in found["sets"]]
    return tables.document(
        "Training: windows a second, and mini-batches beside one batch of everything",
        found["machine"],
        [
            (
                f"Windows of {found['cohort']}: {found['windows']} to train on, {found['held']} of {HELD_PEOPLE} other "
                f"people to validate on, {found['points']} points of {found['channels']} channels, "
                f"{found['targets']} targets. Times are processor times, so that other work on the machine does not "
                "count. Training of every network, batches of 64, one thread:",
                tables.table(["network", "parameters", "windows a second"], speeds),
            ),
            (
                "Time to equal validation error. Full batch: all training windows in every step, Adam at 1e-3, as the "
                "published code trains. Mini-batches: this package's default. The level is the smallest error that "
                "both reach; errors are mean squares in variances of the targets.",
                tables.table(
                    [
                        "network",
                        "trained by",
                        "windows a second",
                        "least error",
                        "level",
                        "passes to it",
                        "seconds to it",
                        "times as fast",
                    ],
                    equal,
                ),
            ),
            (
                "What sets the speed on a processor. `cell by cell` is the same LSTM stepped through in Python instead "
                "of the fused layers. Threads beyond the cores that are idle (see the load above) wait for each other.",
                tables.table(
                    ["network", "batch", "threads", "windows a second of processor", "windows a second by the clock"],
                    sets,
                ),
            ),
        ],
    )


def measured(windows: Windows, steps: dict[str, int], epochs: dict[str, int], say: Callable[[str], None]) -> dict:
    """Everything, on some windows."""
    use_threads(1)
    task, sample, validation = samples(windows)
    networks = {}
    for name in estimator_names():
        if estimator_of(name).ABOUT.kind == "network":
            network = made(name, sample)
            count = sum(values.numel() for values in network.parameters())
            networks[name] = {"parameters": count, **speed(network, task, sample, 64)}
            say(f"{name}: {networks[name]['processor']:.0f} windows a second")
    sets = []
    cells = CellByCell(sample.inputs.shape[2] + sample.covariates.shape[1], sample.targets.shape[2])
    for name, network in (("lstm", made("lstm", sample)), ("lstm cell by cell", cells), ("tcn", made("tcn", sample))):
        for batch in BATCHES if name != "lstm cell by cell" else (64,):
            sets.append({"network": name, "batch": batch, "threads": 1, **speed(network, task, sample, batch)})
        use_threads(2)
        sets.append({"network": name, "batch": 64, "threads": 2, **speed(network, task, sample, 64)})
        use_threads(1)
        say(f"{name}: batches and threads done")
    equal = {}
    for name in COMPARED:
        equal[name] = to_equal_error(name, task, sample, validation, steps[name], epochs[name])
        say(f"{name}: equal error done")
    return {
        "windows": len(sample.inputs),
        "held": len(validation.inputs),
        "points": sample.inputs.shape[1],
        "channels": sample.inputs.shape[2],
        "targets": sample.targets.shape[2],
        "networks": networks,
        "sets": sets,
        "equal_error": equal,
    }


def main() -> None:
    """Measure and write."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.train", description=__doc__)
    options.add_argument("--results", type=Path, default=Path("results"), help="folder of the aligned tables")
    options.add_argument("--cohort", default="fukuchi2017", help="whose tables")
    options.add_argument("--points", type=int, default=26, help="of a stance")
    options.add_argument("--steps", type=int, nargs=2, default=(600, 100), help=f"of the full batch: {COMPARED}")
    options.add_argument("--epochs", type=int, nargs=2, default=(40, 10), help=f"of mini-batches: {COMPARED}")
    options.add_argument("--out", type=Path, default=tables.FOLDER, help="folder of the tables")
    chosen, begun = options.parse_args(), time.perf_counter()

    def say(line: str) -> None:
        print(f"{time.perf_counter() - begun:6.0f} s  {line}", file=sys.stderr, flush=True)

    study = Study(
        targets=("atf_bw", "ptf_bw", "acf_norm_bw", "kcf_norm_bw"),
        covariates=("mass_kg", "height_m", "duration_s"),
        activities=("run",),
        window={"points": chosen.points},
        verdicts={"leave_out": []},
    )
    paths = sorted((chosen.results / "aligned" / chosen.cohort).glob("*/*.parquet"))
    windows, _ = slice_trials([read_trial(path) for path in paths], study, SENSORS)
    say(f"{len(windows)} windows")
    steps, epochs = (dict(zip(COMPARED, each, strict=True)) for each in (chosen.steps, chosen.epochs))
    here = tables.machine() | {"torch": version("torch")}
    found = {"cohort": chosen.cohort, "machine": here, **measured(windows, steps, epochs, say)}
    tables.write("train", found, report(found), chosen.out)
    say(f"written to {chosen.out}")


if __name__ == "__main__":
    main()
