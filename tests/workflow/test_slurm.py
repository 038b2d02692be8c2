"""The workflow through a real SLURM on this machine: the same bytes, and what is killed is tried again."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gaitload.cli import app
from tests import one_machine_slurm
from tests.kill import Workflow, disturb, products
from tests.one_machine_slurm import OPTIONS, Slurm

pytest.importorskip("snakemake_executor_plugin_slurm", reason="pip install 'gaitload[slurm]' brings the executor")

CANCELLED_ONCE = """
import os, pathlib, subprocess, time

FACTOR = 1
once = pathlib.Path("cancelled_once")
if not once.exists():
    once.touch()
    subprocess.run(["scancel", os.environ["SLURM_JOB_ID"]])
    time.sleep(60)
"""
HUNGRY = """
import time

FACTOR = 1
held = bytearray(600 * 2**20)
held[::4096] = b"x" * len(held[::4096])
time.sleep(3)
"""
NASTY = "run $(touch owned) `touch owned` \"'; touch owned; <a> {b} *.txt"
"""A name that shells and Snakemake would obey."""


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    """A SLURM of two nodes."""
    if one_machine_slurm.missing():
        pytest.skip(f"{one_machine_slurm.missing()} is not installed; the head of envs/slurm/start says how")
    try:
        with one_machine_slurm.running(tmp_path_factory.mktemp("slurm")) as started:
            yield started
    except subprocess.CalledProcessError as error:
        pytest.fail(f"SLURM is installed and does not start: {error.stderr}")


def _toys(project, slurm: Slurm, *first: str, **config: str) -> Workflow:
    settings = [f"{name}={value}" for name, value in {**project.config, **config}.items()]
    environment = {**slurm.environment, "PYTHONPATH": f"{project.root}/src"}
    return Workflow((*first, *OPTIONS, "--config", *settings), project.root, environment, slurm)


def test_what_is_cancelled_or_outgrows_its_memory_is_tried_again_with_more(project, slurm: Slurm) -> None:
    begun = len(slurm.jobs())
    (project.root / "src/gaitload/toys/numbers_scale.py").write_text(CANCELLED_ONCE)
    (project.root / "src/gaitload/toys/numbers_kinematics.py").write_text(HUNGRY)
    (project.root / "recordings/anna/run1.txt").rename(project.root / "recordings/anna" / NASTY)
    project.edit("workflow/cohorts/toy/trials.tsv", "anna/run1.txt", f"anna/{NASTY}")
    memory = ("--set-resources", "scale_model:mem_mb=800", "solve_kinematics:mem_mb=attempt*700")
    _toys(project, slurm, "kinematics", *memory, shard_trials="4").finish()
    ended = [(job["JobState"], job["Tres"].split(",")[1]) for job in slurm.jobs()[begun:]]
    assert [state for state, _ in ended].count("CANCELLED") == 1
    assert ended.count(("FAILED", "mem=700M")) == 2, "600 MB and Snakemake itself, twice"
    assert ended.count(("COMPLETED", "mem=1400M")) == 2
    assert not list(project.root.rglob("owned"))
    comments = slurm.ask("squeue", "--noheader", "--states=all", "--format=%k").split()
    assert "rule_solve_kinematics_wildcards_toy_anna_1" in comments


def test_the_embedded_cohort_has_the_labels_of_a_local_run_byte_for_byte(
    slurm: Slurm, repository: Path, tmp_path: Path
) -> None:
    settings = ("--config", "embedded={people: 1, duration_s: 3}")
    snakefile = ("--snakefile", str(repository / "Snakefile"))
    runs = {}
    for name, where in (("local", ("--cores", "2")), ("slurm", OPTIONS)):
        (tmp_path / name).mkdir()
        runs[name] = Workflow(("labels", *snakefile, *where, *settings), tmp_path / name, slurm.environment, slurm)
        runs[name].finish()
    in_one_job = tmp_path / "one_job"
    in_one_job.mkdir()
    inside = shlex.join([sys.executable, "-m", "snakemake", "labels", *snakefile, "--cores", "1", *settings])
    slurm.ask("sbatch", "--wait", "--mem=2000M", f"--chdir={in_one_job}", f"--wrap={inside}", timeout_s=600)
    local, through_slurm, at_once = (products(tmp_path / name / "results") for name in (*runs, "one_job"))
    assert len([name for name in local if name.startswith("labels/") and name.endswith(".parquet")]) == 4
    assert through_slurm == local
    assert at_once == local
    arguments = ["verify", "--root", str(repository), "--results", str(runs["slurm"].results), *settings]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "all products, inputs, settings and code are as they say" in done.output


def test_neither_the_death_of_the_controller_nor_that_of_snakemake_makes_anything_twice(project, slurm: Slurm) -> None:
    undisturbed = products(project.root / "results")
    for folder in ("results", ".snakemake"):
        shutil.rmtree(project.root / folder)
    workflow = _toys(project, slurm)
    killed = disturb(workflow, ("slurmctld", "snakemake"), seed=1, pause_s=(8.0, 15.0))
    assert killed[0].startswith("slurmctld") and killed[1].startswith("snakemake")
    assert products(workflow.results) == undisturbed
