"""Gathers the lag between forces and markers of a cohort."""

# ruff: noqa: F821  (Snakemake puts `snakemake` in)

from pathlib import Path

from gaitload.cohorts.reader import load_cohorts
from gaitload.config import parse_config
from gaitload.stages.force_lag import write_force_lag

root = Path(snakemake.scriptdir).resolve().parents[1]
config = parse_config(snakemake.config)
results = Path(config.results_dir).resolve()
cohort = load_cohorts(config, root=root, results=results)[snakemake.wildcards.cohort]
write_force_lag(config, cohort, results, out=Path(snakemake.output.lag), log=Path(snakemake.log[0]))
