"""A copy of the workflow whose stages are toys: the real rules, scripts, tables and fingerprints, done in no time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

STAGES = ("ingest", "scale", "kinematics", "loads", "uncertainty", "labels")
TRIALS = {"anna": ("stand", "walk1", "walk2", "run1"), "ben": ("walk1",)}
"""In shards of two that makes two of anna's and one of ben's, who has no static trial."""

TOY_STAGE = '''
"""A toy."""

from gaitload.errors import DataError
from gaitload.quality import Quality
from gaitload.toys import numbers_{name} as numbers

NAME = "{name}"


def inputs(job):
    if NAME == "ingest":
        return [path for path in job.cohort.files_of(job.trial)]
    return [earlier.product(stage, ".txt") for stage, earlier in job.before(NAME)]


def settings(job):
    return {{"section": getattr(job.config, "{section}").model_dump(mode="json"), "trial": job.stem}}


def run(job, out):
    texts = [path.read_text() for path in inputs(job)]
    if "refuse me" in texts[0:1]:
        raise DataError(expected="a good file", found="a bad one", where=job.where, do="Try again.", code="TOY_BAD")
    if "crash me" in texts[0:1]:
        raise ZeroDivisionError("toy crash")
    (out / f"{{job.stem}}.txt").write_text(f"{{numbers.FACTOR}} {{settings(job)}} {{texts}}")
    return Quality(NAME, job.where, numbers={{"inputs": len(texts)}})
'''
SECTIONS = {
    "ingest": "ingest",
    "scale": "scaling",
    "kinematics": "kinematics",
    "loads": "loads",
    "uncertainty": "uncertainty",
    "labels": "gates",
}


@dataclass
class Project:
    """A checkout in a temporary folder."""

    root: Path
    config: dict[str, str] = field(default_factory=lambda: {"cohorts": "toy"})
    cores: tuple[str, ...] = ("--cores", "1")
    folder: Path | None = None
    """Where Snakemake is started, if it is not the checkout."""

    def snakemake(self, *arguments: str, check: bool = True, **config: str) -> str:
        """Run Snakemake there; returns everything it said, and raises when it failed unless told not to `check`."""
        settings = [f"{name}={value}" for name, value in {**self.config, **config}.items()]
        done = subprocess.run(
            [sys.executable, "-m", "snakemake", *self.cores, *arguments, "--config", *settings],
            cwd=self.folder or self.root,
            env={**os.environ, "PYTHONPATH": str(self.root / "src")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        if check and done.returncode:
            raise AssertionError(f"snakemake failed:\n{done.stdout}")
        return done.stdout

    def planned(self, *targets: str, **config: str) -> dict[str, int]:
        """Number of jobs a dry run wants, by rule; empty when there is nothing to do."""
        lines = self.snakemake("--dry-run", *targets, **config).partition("Job stats:")[2].splitlines()[3:]
        table = [line.split() for line in lines[: lines.index("")]] if lines else []
        return {cells[0]: int(cells[1]) for cells in table if cells[0] != "total"}

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text that is there exactly once."""
        text = (self.root / path).read_text()
        if text.count(old) != 1:
            raise AssertionError(f"{old!r} stands {text.count(old)} times in {path}")
        (self.root / path).write_text(text.replace(old, new))


def make_project(root: Path, repository: Path, trials: Mapping[str, Sequence[str]] = TRIALS) -> Project:
    """Copy the workflow, and put toys in the place of stages and recordings; `trials` are ids by person."""
    ignore = shutil.ignore_patterns("__pycache__")
    for folder in ("workflow", "src/gaitload", "src/snakemake_logger_plugin_gaitload", "opensim_models"):
        shutil.copytree(repository / folder, root / folder, ignore=ignore)
    for file in ("Snakefile", "config.yaml", "profiles"):
        shutil.copy(repository / file, root / file, follow_symlinks=False)
    for name in STAGES:
        add_toy_stage(root, name, SECTIONS[name])
    _write(root / "src/gaitload/toys/__init__.py", "")
    _write(root / "opensim_models/model.txt", "a model\n")
    columns = "marker\tbody\tlandmark\tx_m\ty_m\tz_m\tstatic_weight\tik_weight"
    _write(root / "opensim_models/rajagopal/markersets/toy.tsv", f"{columns}\nHEEL\tcalcn_r\theel_r\t0\t0\t0\t1\t1\n")
    _write_cohort(root, trials)
    return Project(root, {"cohorts": "toy", "shard_trials": "2"})


def add_toy_stage(root: Path, name: str, section: str) -> None:
    """Put a toy in the place of a stage that depends on a section of the configuration."""
    _write(root / f"src/gaitload/stages/{name}.py", TOY_STAGE.format(name=name, section=section))
    _write(root / f"src/gaitload/toys/numbers_{name}.py", '"""A number."""\n\nFACTOR = 1\n')


def _write_cohort(root: Path, trials_of: Mapping[str, Sequence[str]]) -> None:
    folder = root / "workflow" / "cohorts" / "toy"
    spec = "name: toy\ntitle: Toys\nsource: https://example.org\nlicence: none\nraw_dir: recordings\n"
    _write(folder / "cohort.yaml", f"{spec}lab_forward: +x\nlab_up: +y\nmarker_set: toy\n")
    people = "".join(f"{name}\t60\n" for name in trials_of)
    _write(folder / "participants.tsv", f"participant_id\tmass_kg\n{people}")
    trials = [(name, trial) for name, trials in trials_of.items() for trial in trials]
    rows = "".join(f"{name}\t{trial}\t{_kind(trial)}\t{name}/{trial}.txt\n" for name, trial in trials)
    _write(folder / "trials.tsv", f"participant_id\ttrial_id\trole\tactivity\tfile\n{rows}")
    for name, trial in trials:
        _write(root / "recordings" / name / f"{trial}.txt", f"{name} {trial}")


def _kind(trial: str) -> str:
    return "static\tstatic" if trial == "stand" else f"motion\t{trial.rstrip('0123456789')}"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
