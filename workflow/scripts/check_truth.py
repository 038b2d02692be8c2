"""Holds the labels of a made cohort against the truth, and fails where they do not agree."""

# ruff: noqa: F821  (Snakemake puts `snakemake` in)

from pathlib import Path

from gaitload.cohorts.reader import chosen_people, load_cohort
from gaitload.config import parse_config
from gaitload.stages.truth import write_truth_table

root = Path(snakemake.scriptdir).resolve().parents[1]
config = parse_config(snakemake.config)
results = Path(config.results_dir).resolve()
write_truth_table(
    config,
    chosen_people(
        load_cohort(root / "workflow" / "cohorts" / snakemake.wildcards.cohort, root=root, results=results), config
    ),
    results,
    table=Path(snakemake.output.table),
    log=Path(snakemake.log[0]),
)
