"""Makes the recordings of the cohorts that nobody recorded."""

# ruff: noqa: F821  (Snakemake puts `snakemake` in)

from pathlib import Path

from gaitload.config import parse_config
from gaitload.stages.record import record_cohorts

config = parse_config(snakemake.config)
record_cohorts(
    config,
    snakemake.params.cohorts,
    root=Path(snakemake.scriptdir).resolve().parents[1],
    results=Path(config.results_dir).resolve(),
    log=Path(snakemake.log[0]),
)
