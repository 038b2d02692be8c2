"""Holds the estimates of a study against its labels."""

# ruff: noqa: F821  (Snakemake puts `snakemake` in)

from pathlib import Path

from gaitload.cohorts.reader import load_cohorts
from gaitload.config import parse_config
from gaitload.stages.evaluation import evaluate_study

root = Path(snakemake.scriptdir).resolve().parents[1]
config = parse_config(snakemake.config)
results = Path(config.results_dir).resolve()
evaluate_study(config, load_cohorts(config, root=root, results=results), results, log=Path(snakemake.log[0]))
