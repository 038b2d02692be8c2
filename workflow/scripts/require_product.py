"""Holds a file that was asked for by its path against what the job that makes it has made."""

# ruff: noqa: F821  (Snakemake puts `snakemake` in)

from pathlib import Path

from gaitload.config import parse_config
from gaitload.stages.requested import require_requested

require_requested(
    Path(snakemake.output.product),
    Path(snakemake.input.manifest),
    Path(parse_config(snakemake.config).results_dir),
    log=Path(snakemake.log[0]),
)
