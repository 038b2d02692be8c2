"""Puts the parts of the report together to one page."""

# ruff: noqa: F821  (Snakemake puts `snakemake` in)

from pathlib import Path

from gaitload.cohorts.reader import load_cohorts
from gaitload.config import parse_config
from gaitload.report.build import write_page

root = Path(snakemake.scriptdir).resolve().parents[1]
config = parse_config(snakemake.config)
results = Path(config.results_dir).resolve()
write_page(
    config,
    load_cohorts(config, root=root, results=results),
    results,
    parts=list(map(Path, snakemake.input.parts)),
    page=Path(snakemake.output.page),
    log=Path(snakemake.log[0]),
)
