"""What a job costs: shipped medians, and what earlier runs on this machine took."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from gaitload.stages.job import SUBJECT_STAGES

_SHIPPED = Path(__file__).with_name("costs.tsv")
STATIC = "static"
"""Stages that read recordings have jobs of their own for static trials; their costs stand under `<stage>_static`."""
_NUMBERS = ("start_s", "trial_s", "frame_s", "memory_mb", "trial_bytes", "frame_bytes")


@dataclass(frozen=True)
class Cost:
    """What one job of a stage takes: `start_s + trial_s * trials + frame_s * frames` seconds of a processor.

    Attributes
    ----------
    start_s, trial_s, frame_s : float
    memory_mb : float
        Largest resident memory of a job.
    trial_bytes, frame_bytes : float
        What its products occupy.
    measured : int
        Jobs of earlier runs that `start_s`, `trial_s` and `frame_s` were held against; 0: as shipped.
    """

    start_s: float
    trial_s: float
    frame_s: float
    memory_mb: float
    trial_bytes: float
    frame_bytes: float
    measured: int = 0

    def seconds(self, trials: int, frames: float) -> float:
        """Of a job with so many trials and frames."""
        return self.start_s + self.trial_s * trials + self.frame_s * frames

    def disk_bytes(self, trials: int, frames: float) -> float:
        """Of its products."""
        return self.trial_bytes * trials + self.frame_bytes * frames


def shipped_costs(engine: str) -> dict[str, Cost]:
    """Costs by stage for one engine, as costs.tsv has them; a stage that no engine matters to stands under `any`."""
    lines = [line for line in _SHIPPED.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    costs = {}
    for row in csv.DictReader(lines, delimiter="\t"):
        if row["engine"] in ("any", engine):
            costs[row["stage"]] = Cost(*(float(row[name]) for name in _NUMBERS))
    return costs


@dataclass(frozen=True)
class Measured:
    """A job of an earlier run."""

    stage: str
    seconds: float
    memory_mb: float
    trials: int
    frames: float


def earlier_jobs(results: Path, engine: str) -> list[Measured]:
    """Jobs in `results`/benchmarks whose trials are still there, of runs with the same engine.

    Their processor time counts: other work on the machine does not lengthen it. Static trials count as no frames.
    Compiling, once a checkout, is in single jobs and not in their median.
    """
    jobs = []
    for path in sorted((results / "benchmarks").glob("*/*/*/*.tsv")):
        stage, cohort, person = path.parts[-4:-1]
        trials = _trials_of(results / "manifests" / Path(*path.parts[-4:]).with_suffix(".json"))
        if trials is None or not _same_engine(results, stage, cohort, person, trials, engine):
            continue
        seconds, memory = (_number(_row(path), name) for name in ("cpu_time", "max_rss"))
        if seconds is None or memory is None:
            continue
        moves = stage not in SUBJECT_STAGES and path.stem != STATIC
        frames = sum(_frames(results, cohort, person, trial) for trial in trials) if moves else 0.0
        name = f"{stage}_{STATIC}" if path.stem == STATIC else stage
        jobs.append(Measured(name, seconds, memory, len(trials), frames))
    return jobs


def training_jobs(results: Path, study: str) -> list[float]:
    """Processor time (s) of earlier jobs that trained an estimator of a study on a sensor set."""
    return [
        seconds
        for path in sorted((results / "benchmarks" / "estimators" / study).glob("*/*.tsv"))
        if (seconds := _number(_row(path), "cpu_time")) is not None
    ]


def costs_here(shipped: Mapping[str, Cost], jobs: list[Measured]) -> dict[str, Cost]:
    """Shipped costs, each stage times the median by which earlier jobs of it took more or less on this machine."""
    costs = {}
    for stage, cost in shipped.items():
        own = [job for job in jobs if job.stage == stage]
        if not own:
            costs[stage] = cost
            continue
        factor = median(job.seconds / cost.seconds(job.trials, job.frames) for job in own)
        costs[stage] = replace(
            cost,
            start_s=factor * cost.start_s,
            trial_s=factor * cost.trial_s,
            frame_s=factor * cost.frame_s,
            memory_mb=max(job.memory_mb for job in own),
            measured=len(own),
        )
    return costs


def _row(path: Path) -> dict[str, str]:
    """What Snakemake measured of the last run of a job."""
    lines = [line.split("\t") for line in path.read_text().splitlines()]
    return dict(zip(lines[0], lines[-1], strict=False)) if len(lines) > 1 else {}


def _number(row: Mapping[str, str], name: str) -> float | None:
    """None for what was too short to be seen: Snakemake writes NA or a dash."""
    try:
        return float(row[name])
    except (KeyError, ValueError):
        return None


def _trials_of(manifest: Path) -> list[str] | None:
    try:
        return list(json.loads(manifest.read_text())["results"])
    except (OSError, ValueError, KeyError):
        return None


def _same_engine(results: Path, stage: str, cohort: str, person: str, trials: list[str], engine: str) -> bool:
    """Whether the products of a job were made with an engine; stages that know none always were."""
    for trial in trials:
        path = results / stage / cohort / person / f"{trial}.provenance.json"
        try:
            if json.loads(path.read_text())["settings"].get("engine", engine) != engine:
                return False
        except (OSError, ValueError, KeyError):
            continue
    return True


def _frames(results: Path, cohort: str, person: str, trial: str) -> float:
    """Frames of the labelled part of a trial; 0 where it was refused."""
    folder = results / "ingest" / cohort / person
    try:
        numbers = json.loads((folder / f"{trial}.quality.json").read_text())["numbers"]
        settings = json.loads((folder / f"{trial}.provenance.json").read_text())["settings"]
        start_s, end_s = numbers["window_s"]
        rate_hz = settings["ingest"]["rate_hz"] or numbers["marker_rate_hz"]
    except (OSError, ValueError, KeyError):
        return 0.0
    return (end_s - start_s) * rate_hz
