"""What the workflow itself costs: planning large cohorts and sweeps, and starting jobs here and through SLURM.

`python -m benchmarks.workflow` writes docs/benchmarks/workflow.json and workflow.md. Stages are replaced by toys that
do nothing, so that what is left is overhead; SLURM is measured where envs/slurm/start can start one.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import tables
from gaitload.forecast.costs import shipped_costs
from tests import one_machine_slurm
from tests.toy_workflow import make_project

ROOT = Path(__file__).resolve().parents[1]
PEOPLE, TRIALS, FRAMES = 50, 100, 600
SHARDS = (1, 4, 25, 100)
TOY_SHARDS = (1, 6)
STAGES = ("ingest", "kinematics", "loads", "labels")
ESTIMATORS = ("phase_mean", "ridge", "tcn")
SWEEP = 126
PLACES = ("local", "SLURM", "SLURM, one job")
"""Here; every job through SLURM; and one job of SLURM's in which Snakemake runs all of them."""
COUNT_PROCESSORS = """
import atexit, os, pathlib, resource

def tell():
    used = resource.getrusage(resource.RUSAGE_SELF)
    pathlib.Path(os.environ["GAITLOAD_COUNTED"], f"{os.getpid()}.txt").write_text(str(used.ru_utime + used.ru_stime))

if "GAITLOAD_COUNTED" in os.environ:
    atexit.register(tell)
"""
"""Read by every interpreter at its start: what runs below SLURM's daemons is nobody's child here."""


def planned(root: Path, target: str, *arguments: str) -> dict[str, float]:
    """Jobs of a dry run, and its processor time (s) and greatest memory (MB)."""
    command = [sys.executable, "-m", "snakemake", target, "--dry-run", "--quiet", "rules", *arguments]
    with (root / "said.txt").open("w") as said:
        running = subprocess.Popen(command, cwd=root, stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(running.pid, 0)
    text = (root / "said.txt").read_text()
    if status:
        raise RuntimeError(text[-2000:])
    (jobs,) = re.findall(r"^total\s+(\d+)", text, re.MULTILINE)[:1]
    return {"jobs": int(jobs), "processor_s": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024}


def large_cohort(root: Path) -> None:
    """A copy of the workflow with a cohort of fifty people, whose recordings a dry run does not open."""
    for folder in ("workflow", "opensim_models"):
        shutil.copytree(ROOT / folder, root / folder)
    for file in ("Snakefile", "config.yaml", "profiles"):
        shutil.copy(ROOT / file, root / file, follow_symlinks=False)
    (root / "raw").mkdir()
    folder = root / "workflow/cohorts/large"
    shutil.copytree(root / "workflow/cohorts/embedded", folder)
    text = (folder / "cohort.yaml").read_text().partition("imu_files:")[0]
    text = text.replace("name: embedded", "name: large").replace("made_by: embedded", "raw_dir: raw")
    (folder / "cohort.yaml").write_text(text)
    people = [f"s{number}" for number in range(1, PEOPLE + 1)]
    (folder / "participants.tsv").write_text("participant_id\tmass_kg\n" + "".join(f"{who}\t70\n" for who in people))
    rows = [f"{who}\tstand\tstatic\tstatic\t{who}/stand.c3d\n" for who in people]
    rows += [f"{who}\trun{n}\tmotion\trun\t{who}/run{n}.c3d\n" for who in people for n in range(1, TRIALS + 1)]
    (folder / "trials.tsv").write_text("participant_id\ttrial_id\trole\tactivity\tfile\n" + "".join(rows))


def sensor_sets() -> dict[str, list[str]]:
    """As many sets of eight sensors as the sweep has."""
    sensors = [*(f"{body}_{side}" for body in ("femur", "tibia", "calcn") for side in "rl"), "pelvis", "torso"]
    sets = itertools.chain.from_iterable(itertools.combinations(sensors, size) for size in range(1, 9))
    return {"+".join(chosen): list(chosen) for chosen in itertools.islice(sets, SWEEP)}


def plans(home: Path, shards: Sequence[int], say) -> dict[str, dict]:
    """Dry runs of the large cohort by the size of a shard, and of a sweep over sensor sets and estimators."""
    large_cohort(home)
    found = {}
    for shard in shards:
        say(f"planning {PEOPLE} people with {TRIALS} trials each in shards of {shard}")
        settings = ("--config", "cohorts=large", f"shard_trials={shard}")
        found[f"{PEOPLE} people x {TRIALS} trials to labels, {shard} a shard"] = planned(home, "labels", *settings)
    say(f"planning a sweep of {SWEEP * len(ESTIMATORS)}")
    study = {
        "window": {"kind": "fixed"},
        "sensor_sets": {"pelvis+tibia": None} | sensor_sets(),  # Without that of config.yaml.
        "estimators": list(ESTIMATORS),
    }
    config = {"study": study, "embedded": {"people": 8}}
    (home / "sweep.json").write_text(json.dumps(config))
    sweep = planned(home, "estimators", "--configfile", "sweep.json", "--config", "cohorts=embedded")
    return found | {f"sweep of {SWEEP} sensor sets x {len(ESTIMATORS)} estimators, 8 people": sweep}


@contextmanager
def toys(shard: int) -> Iterator:
    """A workflow of toys with one person, whose processes count their processor time."""
    with tempfile.TemporaryDirectory(prefix="gaitload-benchmark-") as name:
        trials = [f"walk{number}" for number in range(1, max(TOY_SHARDS) + 1)]
        project = make_project(Path(name) / "toys", ROOT, {"anna": ["stand", *trials]})
        project.config["shard_trials"] = str(shard)
        (project.root / "src/sitecustomize.py").write_text(COUNT_PROCESSORS)
        (project.root / "counted").mkdir()
        yield project


def overhead(shard: int, where: str, slurm: one_machine_slurm.Slurm | None) -> dict[str, float]:
    """Processor time of everything that runs jobs of nothing, by job, and how long it took (s); see `PLACES`."""
    with toys(shard) as project:
        environment = slurm.environment if slurm else dict(os.environ)
        own = {"PYTHONPATH": f"{project.root}/src", "GAITLOAD_COUNTED": str(project.root / "counted")}
        options = one_machine_slurm.OPTIONS if where == "SLURM" else ("--cores", "1")
        settings = [f"{name}={value}" for name, value in project.config.items()]
        command = [sys.executable, "-m", "snakemake", "labels", *options, "--config", *settings]
        said = project.root / "said.txt"
        if where == "SLURM, one job":
            command = ["sbatch", "--wait", f"--output={said}", "--open-mode=append", f"--wrap={shlex.join(command)}"]
        begun = time.monotonic()
        with said.open("a") as file:
            done = subprocess.run(command, cwd=project.root, env=environment | own, stdout=file, stderr=file)
        text = said.read_text()
        if done.returncode:
            raise RuntimeError(text[-2000:])
        jobs = int(re.findall(r"^total\s+(\d+)", text, re.MULTILINE)[0]) - 1
        used = sum(float(path.read_text()) for path in (project.root / "counted").iterdir())
        return {"jobs": jobs, "processor_s_a_job": used / jobs, "elapsed_s": time.monotonic() - begun}


def shares(a_job_s: float, engine: str) -> dict[int, float]:
    """Share of overhead in the processor time of the stages up to labels, by the size of a shard."""
    costs = [shipped_costs(engine)[stage] for stage in STAGES]
    return {
        shard: 1
        - sum(cost.seconds(shard, shard * FRAMES) - cost.start_s for cost in costs)
        / sum(cost.seconds(shard, shard * FRAMES) + a_job_s for cost in costs)
        for shard in SHARDS
    }


def report(found: dict) -> str:
    """The Markdown text of everything that was measured."""
    dry = [[what, run["jobs"], run["processor_s"], run["peak_mb"]] for what, run in found["plans"].items()]
    jobs = [
        [where, shard, run["jobs"], run["processor_s_a_job"], run["processor_s_a_job"] * run["jobs"]]
        for where, runs in found["overhead"].items()
        for shard, run in runs.items()
    ]
    share = [
        [where, engine, *(f"{100 * value:.1f} %" for value in by_shard.values())]
        for where, engines in found["shares"].items()
        for engine, by_shard in engines.items()
    ]
    return tables.document(
        "The workflow itself: planning, and starting jobs",
        tables.machine(),
        [
            (
                "Dry runs: jobs, and what planning them takes of a processor.",
                tables.table(("what", "jobs", "processor (s)", "memory (MB)"), dry),
            ),
            (
                f"Starting jobs that do nothing ({max(TOY_SHARDS)} trials of one person, all stages to labels): "
                "processor time of all interpreters, Snakemake's own included.",
                tables.table(("where", "trials a shard", "jobs", "s a job", "s in all"), jobs),
            ),
            (
                f"Share of overhead in the time to labels for trials of {FRAMES} frames: what a job of nothing takes "
                "and the start of a stage, beside what its trials take (`gaitload forecast`), by trials a shard.",
                tables.table(("where", "engine", *map(str, SHARDS)), share),
            ),
        ],
    )


def main() -> None:
    """Measure, and write the tables."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.workflow", description=__doc__.partition("\n")[0])
    options.add_argument("--shards", type=int, nargs="+", default=list(SHARDS), help="sizes that are planned")
    options.add_argument("--out", type=Path, default=tables.FOLDER, help="folder of the tables")
    chosen, begun = options.parse_args(), time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - begun:6.0f} s  {line}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="gaitload-benchmark-") as name:
        found = {"plans": plans(Path(name), chosen.shards, say), "overhead": {}}
        with ExitStack() as stack:
            there = not one_machine_slurm.missing()
            slurm = stack.enter_context(one_machine_slurm.running(Path(name) / "slurm")) if there else None
            for where in PLACES if slurm else PLACES[:1]:
                say(f"jobs of nothing, {where}")
                found["overhead"][where] = {shard: overhead(shard, where, slurm) for shard in TOY_SHARDS}
    found["shares"] = {
        where: {engine: shares(runs[1]["processor_s_a_job"], engine) for engine in ("compiled", "tools")}
        for where, runs in found["overhead"].items()
    }
    tables.write("workflow", found, report(found), chosen.out)
    say(f"written to {chosen.out}")


if __name__ == "__main__":
    main()
