"""Makes the recordings of a person who does not exist."""

# ruff: noqa: F821  (Snakemake puts `snakemake` in)

from pathlib import Path

from gaitload.cohorts.reader import load_cohort
from gaitload.config import parse_config
from gaitload.stages.record import record_participant

config = parse_config(snakemake.config)
root, results = Path(snakemake.scriptdir).resolve().parents[1], Path(config.results_dir).resolve()
record_participant(
    config,
    load_cohort(root / "workflow" / "cohorts" / snakemake.params.cohort, root=root, results=results),
    snakemake.params.participant,
    log=Path(snakemake.log[0]),
)
