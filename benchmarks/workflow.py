"""What the workflow itself costs: planning large cohorts and sweeps, and starting jobs here and through SLURM.

`python -m benchmarks.workflow` writes docs/benchmarks/workflow.json and workflow.md. Stages are replaced by toys that
do nothing, so that what is left is overhead; SLURM is measured where envs/slurm/start can start one. Everything but
SLURM, which takes minutes, is the least of several runs, as processor time grows with what else a machine does.
`--before CHECKOUT` measures another checkout in turn with this one.
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
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from benchmarks import tables
from benchmarks.workflow_designs import RULES, write_design
from gaitload.forecast.costs import shipped_costs
from gaitload.stages.manifests import incomplete_manifests, write_manifest
from tests import one_machine_slurm
from tests.toy_workflow import make_project

ROOT = Path(__file__).resolve().parents[1]
PEOPLE, TRIALS, FRAMES = 50, 100, 600
SHARDS = (1, 4, 25, 100)
TOYS = ((6, 6), (100, 100))
"""Trials of one person, and how many of them share a job."""
DESIGN_TOYS = {"declared": 10, "through": 100}
"""Trials of one person that a design is run with."""
STAGES = ("ingest", "kinematics", "loads", "labels")
ESTIMATORS = ("phase_mean", "ridge", "tcn")
SWEEP = 126
_COSTS = ("jobs", "s a job", "s a trial", "s in all")
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


def planned(root: Path, target: str, *arguments: str, source: Path = ROOT / "src") -> dict[str, float]:
    """Jobs of a dry run, and its processor time (s) and greatest memory (MB); `source` holds the package."""
    command = [sys.executable, "-m", "snakemake", target, "--dry-run", "--quiet", "rules", *arguments]
    environment = os.environ | {"PYTHONPATH": str(source)}
    with (root / "said.txt").open("w") as said:
        running = subprocess.Popen(command, cwd=root, env=environment, stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(running.pid, 0)
    text = (root / "said.txt").read_text()
    if status:
        raise RuntimeError(text[-2000:])
    (jobs,) = re.findall(r"^total\s+(\d+)", text, re.MULTILINE)[:1]
    return {"jobs": int(jobs), "processor_s": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024}


def large_cohort(root: Path, repository: Path = ROOT) -> None:
    """A copy of the workflow with a cohort of fifty people, whose recordings a dry run does not open."""
    for folder in ("workflow", "opensim_models"):
        shutil.copytree(repository / folder, root / folder)
    for file in ("Snakefile", "config.yaml", "profiles"):
        shutil.copy(repository / file, root / file, follow_symlinks=False)
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


def least(runs: Sequence[dict[str, float]]) -> dict[str, float]:
    """The least of each number over several runs of the same."""
    return {name: min(run[name] for run in runs) for name in runs[0]}


def plan_of_labels(shard: int, home: Path, repository: Path) -> dict[str, float]:
    """A dry run of the large cohort to labels, by a checkout."""
    if not home.exists():
        home.mkdir(parents=True)
        large_cohort(home, repository)
    settings = ("--config", "cohorts=large", f"shard_trials={shard}")
    return planned(home, "labels", *settings, source=repository / "src")


def plan_of_sweep(home: Path) -> dict[str, float]:
    """A dry run over sensor sets and estimators."""
    study = {
        "window": {"kind": "fixed"},
        "sensor_sets": {"pelvis+tibia": None} | sensor_sets(),  # Without that of config.yaml.
        "estimators": list(ESTIMATORS),
    }
    config = {"study": study, "embedded": {"people": 8}}
    (home / "sweep.json").write_text(json.dumps(config))
    return planned(home, "estimators", "--configfile", "sweep.json", "--config", "cohorts=embedded")


def looking(home: Path) -> float:
    """Processor time (s) of looking for all files of the large cohort, four of each trial in each of nine stages."""
    results = home / "results"
    for stage in range(9):
        for person in range(PEOPLE):
            folder = results / f"stage{stage}" / "large" / f"s{person}"
            folder.mkdir(parents=True)
            made = [folder / f"run{trial}.{kind}" for trial in range(TRIALS) for kind in "abcd"]
            for path in made:
                path.touch()
            for shard in range(TRIALS // 25):
                manifest = results / "manifests" / f"stage{stage}" / "large" / f"s{person}" / f"{shard + 1}.json"
                write_manifest(manifest, {"stage": f"stage{stage}"}, results=results, made=made[100 * shard :][:100])
    begun = time.process_time()
    if list(incomplete_manifests(results)):
        raise RuntimeError("files that were made are missing")
    return time.process_time() - begun


@contextmanager
def toys(trials: int, shard: int, repository: Path = ROOT) -> Iterator:
    """A workflow of toys with one person, whose processes count their processor time."""
    with tempfile.TemporaryDirectory(prefix="gaitload-benchmark-") as name:
        motions = [f"walk{number}" for number in range(1, trials + 1)]
        project = make_project(Path(name) / "toys", repository, {"anna": ["stand", *motions]})
        project.config["shard_trials"] = str(shard)
        (project.root / "src/sitecustomize.py").write_text(COUNT_PROCESSORS)
        (project.root / "counted").mkdir()
        yield project


def run_counted(project, command: Sequence[str], where: str, slurm: one_machine_slurm.Slurm | None) -> dict[str, float]:
    """Processor time of all interpreters that a run starts, and how long it took (s), with its number of jobs."""
    environment = slurm.environment if slurm else dict(os.environ)
    own = {"PYTHONPATH": f"{project.root}/src", "GAITLOAD_COUNTED": str(project.root / "counted")}
    options = one_machine_slurm.OPTIONS if where == "SLURM" else ("--cores", "1")
    command = [sys.executable, "-m", "snakemake", *command[:1], *options, *command[1:]]
    said = project.root / "said.txt"
    if where == "SLURM, one job":
        command = ["sbatch", "--wait", f"--output={said}", "--open-mode=append", f"--wrap={shlex.join(command)}"]
    begun = time.monotonic()
    with said.open("a") as file:
        done = subprocess.run(command, cwd=project.root, env=environment | own, stdout=file, stderr=file)
    text = said.read_text()
    if done.returncode:
        raise RuntimeError(text[-2000:])
    targets = 1 if re.search(r"^target +1$", text, re.MULTILINE) else 0
    jobs = int(re.findall(r"^total\s+(\d+)", text, re.MULTILINE)[0]) - targets
    used = sum(float(path.read_text()) for path in (project.root / "counted").iterdir())
    return {"jobs": jobs, "processor_s": used, "elapsed_s": time.monotonic() - begun}


def overhead(
    trials: int, shard: int, where: str, slurm: one_machine_slurm.Slurm | None, repository: Path = ROOT
) -> dict[str, float]:
    """What a run of toys takes to the labels of one person; see `PLACES`."""
    with toys(trials, shard, repository) as project:
        settings = [f"{name}={value}" for name, value in project.config.items()]
        # By their manifests: what `snakemake labels` asks for beside differs between checkouts.
        manifests = [f"results/manifests/labels/toy/anna/{number + 1}.json" for number in range(-(-trials // shard))]
        return run_counted(project, [*manifests, "--config", *settings], where, slurm)


def design(name: str, where: str, slurm: one_machine_slurm.Slurm | None) -> dict[str, float]:
    """What another design takes to the labels of one person; see `benchmarks.workflow_designs`."""
    trials = DESIGN_TOYS[name]
    with toys(trials, trials) as project:
        motions = [f"walk{number}" for number in range(1, trials + 1)]
        write_design(project.root / "design", name, ["anna"], motions, trials)
        together = ["--group-components", f"trials={4 * trials}"] if name == "declared" else []
        if where == "SLURM":  # A group asks for all that its jobs would take side by side, more than there is here.
            together += ["--cores", "1", "--resources", "mem_mb=2000"]
        return run_counted(project, ["target", "--snakefile", "design/Snakefile", *together], where, slurm)


def plan_of_design(home: Path, name: str) -> dict[str, float]:
    """A dry run of another design for the large cohort, in shards of 100."""
    people, motions = [f"s{number}" for number in range(PEOPLE)], [f"run{number}" for number in range(TRIALS)]
    write_design(home / name, name, people, motions, 100)
    return planned(home / name, "target", "--cores", "1")


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
    versions = [name for name in ("before", "now") if name in found["overhead"]]
    dry = [
        [f"{PEOPLE} people x {TRIALS} trials to labels, {shard} a shard", name, *_plan(run)]
        for shard in found["plans"]["now"]
        for name, run in ((name, found["plans"][name][shard]) for name in versions)
    ]
    dry += [[f"sweep of {SWEEP} sensor sets x {len(ESTIMATORS)} estimators, 8 people", "now", *_plan(found["sweep"])]]
    jobs = [
        [where, trials, shard, name, *_jobs(run, trials)]
        for where in (place for place in PLACES if place in found["overhead"]["now"])
        for trials, shard in TOYS
        for name, run in ((name, found["overhead"][name][where][f"{trials} in {shard}"]) for name in versions)
    ]
    designs = [
        [name, run["plan"]["jobs"], run["plan"]["processor_s"], where, *_jobs(toy, DESIGN_TOYS[name])]
        for name, run in found["designs"].items()
        for where, toy in run["runs"].items()
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
                "Dry runs: jobs, and what planning them takes of a processor. `before` is the checkout that products "
                "by path were added to. Each plan also looks for the files that manifests name, of which there are "
                f"none here: {found['looking_s']:.2f} s of a processor for {PEOPLE} people x {TRIALS} trials x 9 "
                "stages x 4 files.",
                tables.table(("what", "version", "jobs", "processor (s)", "memory (MB)"), dry),
            ),
            (
                "Jobs that do nothing, for the labels of one person: processor time of all interpreters, Snakemake's "
                "own included.",
                tables.table(("where", "trials", "a shard", "version", *_COSTS), jobs),
            ),
            (
                "Other designs (benchmarks/workflow_designs.py) over the same toys. `declared`: a job for each stage "
                "of each trial, its products declared, one group a person; `through`: one job for all stages of a "
                f"shard. Plans are of {PEOPLE} people x {TRIALS} trials, `through` in shards of 100.",
                tables.table(("design", "jobs planned", "processor (s)", "run", *_COSTS), designs),
            ),
            (
                f"Share of overhead in the time to labels for trials of {FRAMES} frames: what a job of nothing takes "
                "and the start of a stage, beside what its trials take (`gaitload forecast`), by trials a shard.",
                tables.table(("where", "engine", *map(str, SHARDS)), share),
            ),
        ],
    )


def _plan(run: dict[str, float]) -> list[float]:
    return [run["jobs"], run["processor_s"], run["peak_mb"]]


def _jobs(run: dict[str, float], trials: int) -> list[float]:
    used = run["processor_s"]
    return [run["jobs"], used / run["jobs"], used / trials, used]


def main() -> None:
    """Measure, and write the tables."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.workflow", description=__doc__.partition("\n")[0])
    options.add_argument("--shards", type=int, nargs="+", default=list(SHARDS), help="sizes that are planned")
    options.add_argument("--repeats", type=int, default=3, help="runs that the least is taken of")
    options.add_argument("--places", nargs="+", choices=PLACES, default=list(PLACES), help="where toys are run")
    options.add_argument("--before", type=Path, help="another checkout, measured beside this one")
    options.add_argument("--out", type=Path, default=tables.FOLDER, help="folder of the tables")
    chosen, begun = options.parse_args(), time.monotonic()
    versions = ({"before": chosen.before.resolve()} if chosen.before else {}) | {"now": ROOT}

    def say(line: str) -> None:
        print(f"{time.monotonic() - begun:6.0f} s  {line}", file=sys.stderr, flush=True)

    def in_turn(what: str, repeats: int, measure: Callable[[str], dict[str, float]]) -> dict[str, dict[str, float]]:
        """The least over repeats, by version; versions alternate, so that both meet the same load."""
        runs: dict[str, list] = {name: [] for name in versions}
        for repeat in range(repeats):
            for name in versions:
                say(f"{what}, {name}, {repeat + 1} of {repeats}")
                runs[name].append(measure(name))
        return {name: least(own) for name, own in runs.items()}

    with tempfile.TemporaryDirectory(prefix="gaitload-benchmark-") as folder:
        home = Path(folder)
        plans: dict[str, dict] = {name: {} for name in versions}
        for shard in chosen.shards:
            plan = partial(plan_of_labels, shard)
            measured = in_turn(
                f"plan in shards of {shard}", chosen.repeats, lambda name, plan=plan: plan(home / name, versions[name])
            )
            for name, run in measured.items():
                plans[name][str(shard)] = run
        found = {"plans": plans, "sweep": plan_of_sweep(home / "now"), "looking_s": looking(home / "looking")}
        with ExitStack() as stack:
            there = not one_machine_slurm.missing()
            slurm = stack.enter_context(one_machine_slurm.running(home / "slurm")) if there else None
            places = [where for where in chosen.places if slurm or where == "local"]
            found["overhead"] = {name: {where: {} for where in places} for name in versions}
            for where, (trials, shard) in itertools.product(places, TOYS):
                measured = in_turn(
                    f"{trials} trials in {shard}, {where}",
                    chosen.repeats if where == "local" else 1,
                    lambda name, at=(trials, shard, where): overhead(*at, slurm, versions[name]),
                )
                for name, run in measured.items():
                    found["overhead"][name][where][f"{trials} in {shard}"] = run
            found["designs"] = {}
            for name in RULES:
                say(f"design {name}")
                runs = {where: design(name, where, slurm) for where in places if where != "SLURM, one job"}
                found["designs"][name] = {"plan": plan_of_design(home, name), "runs": runs}
    found["shares"] = {
        where: {engine: shares(_jobs(runs["6 in 6"], 6)[1], engine) for engine in ("compiled", "tools")}
        for where, runs in found["overhead"]["now"].items()
    }
    tables.write("workflow", found, report(found), chosen.out)
    say(f"written to {chosen.out}")


if __name__ == "__main__":
    main()
