"""Kills lose nothing that was finished; `python -m tests.kill` does it to real trials, and more often."""

from __future__ import annotations

import os
import shutil

from tests.kill import Workflow, disturb, products

SLOW_STAGES = """
import sys
import time

if any("run_stage" in word for word in sys.orig_argv):
    time.sleep(0.5)
"""
"""Read by every interpreter at its start: gives kills something to meet, and is no code of the stages'."""


def test_a_run_that_is_killed_again_and_again_ends_as_if_nothing_had_happened(project) -> None:
    undisturbed = products(project.root / "results")
    for folder in ("results", ".snakemake"):
        shutil.rmtree(project.root / folder)
    (project.root / "src/sitecustomize.py").write_text(SLOW_STAGES)
    settings = [f"{name}={value}" for name, value in project.config.items()]
    environment = {**os.environ, "PYTHONPATH": f"{project.root}/src"}
    workflow = Workflow(("kinematics", "--cores", "2", "--config", *settings), project.root, environment)
    disturb(workflow, ("snakemake", "worker", "snakemake"), seed=2, pause_s=(3.0, 9.0))
    ended = products(workflow.results)
    assert ended.pop("quality/toy.kinematics.tsv"), "the whole run has the table of all stages instead"
    assert "kinematics/toy/anna/run1.txt" in ended
    assert ended.items() <= undisturbed.items()
