"""Kills the workflow at random moments, goes on, and holds the end against a run that nobody disturbed.

`python -m tests.kill` does it twenty times to the embedded cohort, `python -m tests.kill --slurm` through a SLURM on
this machine whose controller is killed too.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from gaitload.provenance import content_hash
from tests import one_machine_slurm
from tests.one_machine_slurm import Slurm

ROOT = Path(__file__).resolve().parents[1]
CONTROLLER_AWAY_S = 3.0
NOT_PRODUCTS = frozenset({"logs", "benchmarks", "report"})
"""Folders whose files tell how long something took, as the report does of every stage."""
TRAINING_RECORD = ".training.json"
"""So does this one of every fold."""
TARGETS = (
    "results/quality/embedded.tsv",
    "results/quality/embedded.truth.tsv",
    "results/evaluation/embedded.summary.tsv",
)
"""Everything but the report."""


@dataclass(frozen=True)
class Workflow:
    """A command that runs the workflow in a folder of its own.

    Attributes
    ----------
    options : sequence of str
        What comes after `snakemake`; `--config` last.
    folder : Path
        Working directory, which holds `results` and Snakemake's notes.
    environment : dict of str to str
    slurm : Slurm, optional
        Where jobs run; by default, on this machine.
    """

    options: Sequence[str]
    folder: Path
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    slurm: Slurm | None = None

    def start(self, *first: str) -> subprocess.Popen:
        """Run Snakemake; what it says goes to the folder's `said.txt`."""
        with (self.folder / "said.txt").open("a") as said:
            return subprocess.Popen(
                [sys.executable, "-m", "snakemake", *first, *self.options],
                cwd=self.folder,
                env=self.environment,
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    def finish(self) -> None:
        """Run to the end; raises `AssertionError` with the last of what was said where that fails."""
        if self.start().wait(timeout=1800):
            raise AssertionError((self.folder / "said.txt").read_text()[-5000:])

    @property
    def results(self) -> Path:
        """Folder of all results."""
        return self.folder / "results"


def products(results: Path) -> dict[str, str]:
    """SHA-256 of every file that a run is for, and the manifests, by name."""
    files = (path.relative_to(results) for path in sorted(results.rglob("*")) if path.is_file())
    return {
        str(path): content_hash(results / path)
        for path in files
        if path.parts[0] not in NOT_PRODUCTS and not path.name.endswith(TRAINING_RECORD)
    }


def complete(results: Path) -> dict[str, int]:
    """When the products of every finished trial of every stage were written (ns), by name."""
    finished = [
        path
        for quality in results.glob("*/*/*/*.quality.json")
        for path in quality.parent.iterdir()
        if path.name.partition(".")[0] == quality.name.partition(".")[0]
    ]
    return {str(path.relative_to(results)): path.stat().st_mtime_ns for path in finished}


def disturb(workflow: Workflow, victims: Sequence[str], *, seed: int, pause_s: tuple[float, float]) -> list[str]:
    """Run a workflow to the end although something is killed once per victim.

    Parameters
    ----------
    victims
        `snakemake` (it alone: what it started runs on while the next attempt begins), `worker` (a process under it, or
        a job of SLURM's) or `slurmctld`.
    seed
        Of the moments, and of which worker it is.
    pause_s
        Shortest and longest time between a start and a kill.

    Returns
    -------
    list of str
        A line a kill.

    Raises
    ------
    AssertionError
        Something complete was made again, or the workflow does not come to an end.
    """
    chance, lines = random.Random(seed), []
    running = workflow.start()
    for victim in victims:
        wait_s = chance.uniform(*pause_s)
        with suppress(subprocess.TimeoutExpired):
            running.wait(timeout=wait_s)
        before = complete(workflow.results)
        killed = _kill(victim, running, workflow, chance)
        if victim == "snakemake":
            running.wait(timeout=1800)
        lines.append(f"{killed} after {wait_s:.1f} s, {len(before)} files complete")
        if running.poll() is not None:
            workflow.start("--unlock").wait(timeout=120)
            running = workflow.start()
        _require_untouched(before, complete(workflow.results))
    before = complete(workflow.results)
    running.wait(timeout=1800)
    workflow.start("--unlock").wait(timeout=120)
    workflow.finish()
    _require_untouched(before, complete(workflow.results))
    return lines


def _kill(victim: str, running: subprocess.Popen, workflow: Workflow, chance: random.Random) -> str:
    if victim == "slurmctld":
        os.kill(workflow.slurm.controller, signal.SIGKILL)
        time.sleep(CONTROLLER_AWAY_S)
        workflow.slurm.restart_controller()
        return "slurmctld"
    if victim == "snakemake":
        running.kill()
        return "snakemake"
    with suppress(psutil.NoSuchProcess):
        worker = chance.choice(_workers(running, workflow) or [psutil.Process(running.pid)])
        words = " ".join(Path(word).name for word in worker.cmdline()[:4])
        worker.kill()
        return f"worker ({words})"
    return "nobody, it was over"


def _workers(running: subprocess.Popen, workflow: Workflow) -> list[psutil.Process]:
    """Processes that run stages."""
    if not workflow.slurm:
        return psutil.Process(running.pid).children(recursive=True)
    folder = str(workflow.folder)
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != running.pid and process.cwd().startswith(folder) and "python" in process.name():
                found.append(process)
    return found


def _require_untouched(before: dict[str, int], after: dict[str, int]) -> None:
    again = sorted(name for name, stamp in before.items() if after.get(name) != stamp)
    if again:
        raise AssertionError(f"was complete and made again: {', '.join(again)}")


def main() -> None:
    """Kill as the command line says, and print what came of it."""
    options = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__.partition("\n")[0])
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--people", type=int, default=3)
    options.add_argument("--longest-pause-s", type=float, default=20.0)
    options.add_argument("--slurm", action="store_true", help="through SLURM, whose controller is killed too")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="gaitload-kill-") as name:
        home = Path(name)
        with one_machine_slurm.running(home / "slurm") if chosen.slurm else nullcontext() as slurm:
            _compare(chosen, home, slurm)


def _compare(chosen: argparse.Namespace, home: Path, slurm: Slurm | None) -> None:
    config = ("--config", f"embedded={{people: {chosen.people}, duration_s: 3}}")
    local = ("--snakefile", str(ROOT / "Snakefile"), "--cores", "2")
    where = one_machine_slurm.OPTIONS if slurm else ("--cores", "2")
    for folder in ("undisturbed", "disturbed"):
        (home / folder).mkdir()
    undisturbed = Workflow((*TARGETS, *local, *config), home / "undisturbed")
    environment = slurm.environment if slurm else dict(os.environ)
    disturbed = Workflow((*TARGETS, *local[:2], *where, *config), home / "disturbed", environment, slurm)
    kinds = ["snakemake", "worker", *(["slurmctld"] if slurm else [])]
    victims = [kinds[number % len(kinds)] for number in range(chosen.kills)]
    undisturbed.finish()
    # A person's recordings are one job that begins anew each time; kills are to meet the stages behind it.
    Workflow(("recordings", *disturbed.options[len(TARGETS) :]), disturbed.folder, environment, slurm).finish()
    for line in disturb(disturbed, victims, seed=chosen.seed, pause_s=(1.0, chosen.longest_pause_s)):
        print(line)
    one, other = products(undisturbed.results), products(disturbed.results)
    differing = sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
    if differing:
        raise SystemExit(f"{len(differing)} of {len(one)} products differ: {', '.join(differing[:10])}")
    print(f"{chosen.kills} kills; all {len(one)} products as in the undisturbed run, none made twice")


if __name__ == "__main__":
    main()
