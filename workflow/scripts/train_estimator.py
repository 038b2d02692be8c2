"""Fits one estimator to one sensor set of a study, fold by fold, and estimates the people left out."""

# ruff: noqa: F821  (Snakemake puts `snakemake` in)

from pathlib import Path

from gaitload.cohorts.reader import load_cohorts
from gaitload.config import parse_config
from gaitload.stages.estimators import run_estimator

root = Path(snakemake.scriptdir).resolve().parents[1]
config = parse_config(snakemake.config)
results = Path(config.results_dir).resolve()
run_estimator(
    config,
    load_cohorts(config, root=root, results=results),
    results,
    sensor_set=snakemake.wildcards.sensor_set,
    estimator=snakemake.wildcards.estimator,
    manifest=Path(snakemake.output.manifest),
    log=Path(snakemake.log[0]),
    threads=snakemake.threads,
)
