"""Holds the labels of a made cohort against the truth, and fails where they do not agree."""

# ruff: noqa: F821  (Snakemake puts `snakemake` in)

from pathlib import Path

from gaitload.cohorts.reader import load_cohorts
from gaitload.config import parse_config
from gaitload.stages.truth import write_truth_table

root = Path(snakemake.scriptdir).resolve().parents[1]
config = parse_config(snakemake.config)
results = Path(config.results_dir).resolve()
write_truth_table(
    config,
    load_cohorts(config, root=root, results=results)[snakemake.wildcards.cohort],
    results,
    table=Path(snakemake.output.table),
    log=Path(snakemake.log[0]),
)
