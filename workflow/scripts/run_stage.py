"""Runs one stage for the trials of one shard; all rules that make OpenSim files and labels share it."""

# ruff: noqa: F821  (Snakemake puts `snakemake` in)

from pathlib import Path

from gaitload.cohorts.reader import load_cohort
from gaitload.config import parse_config
from gaitload.stages.job import jobs_of
from gaitload.stages.shard import run_shard, stage_module

root = Path(snakemake.scriptdir).resolve().parents[1]
config = parse_config(snakemake.config)
results = Path(config.results_dir).resolve()
jobs = jobs_of(
    snakemake.params.stage,
    snakemake.params.trials,
    config=config,
    cohort=load_cohort(root / "workflow" / "cohorts" / snakemake.wildcards.cohort, root=root, results=results),
    participant_id=snakemake.wildcards.participant,
    results=results,
)
stage = stage_module(snakemake.params.stage)
run_shard(stage, jobs, manifest=Path(snakemake.output.manifest), log=Path(snakemake.log[0]))
