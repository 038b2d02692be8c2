"""Fits one estimator to everybody of a study, and writes it as a bundle."""

# ruff: noqa: F821  (Snakemake puts `snakemake` in)

from pathlib import Path

from gaitload.cohorts.reader import load_cohorts
from gaitload.config import parse_config
from gaitload.stages.bundle import make_bundle

root = Path(snakemake.scriptdir).resolve().parents[1]
config = parse_config(snakemake.config)
results = Path(config.results_dir).resolve()
make_bundle(
    config,
    load_cohorts(config, root=root, results=results),
    results,
    sensor_set=snakemake.wildcards.sensor_set,
    estimator=snakemake.wildcards.estimator,
    path=Path(snakemake.output.bundle),
    log=Path(snakemake.log[0]),
    threads=snakemake.threads,
)
