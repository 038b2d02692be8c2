"""Draws the trials of a participant, and writes what the page says about them."""

# ruff: noqa: F821  (Snakemake puts `snakemake` in)

from pathlib import Path

from gaitload.cohorts.reader import load_cohort
from gaitload.config import parse_config
from gaitload.report.part import write_part

root = Path(snakemake.scriptdir).resolve().parents[1]
config = parse_config(snakemake.config)
results = Path(config.results_dir).resolve()
write_part(
    config,
    load_cohort(root / "workflow" / "cohorts" / snakemake.wildcards.cohort, root=root, results=results),
    snakemake.wildcards.participant,
    results,
    shown_s=snakemake.params.shown_s,
    part=Path(snakemake.output.part),
    figures=Path(snakemake.output.figures),
    data=Path(snakemake.output.data),
    log=Path(snakemake.log[0]),
)
