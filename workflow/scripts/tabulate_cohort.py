"""Gathers the quality files of a cohort into one table, and says in one line how it went."""

# ruff: noqa: F821  (Snakemake puts `snakemake` in)

from pathlib import Path

from gaitload.cohorts.reader import load_cohorts
from gaitload.config import parse_config
from gaitload.stages.table import write_cohort_table

root = Path(snakemake.scriptdir).resolve().parents[1]
config = parse_config(snakemake.config)
results = Path(config.results_dir).resolve()
write_cohort_table(
    config,
    load_cohorts(config, root=root, results=results)[snakemake.wildcards.cohort],
    results,
    table=Path(snakemake.output.table),
    log=Path(snakemake.log[0]),
    until=snakemake.wildcards.get("until"),
)
