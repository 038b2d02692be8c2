"""Makes the recordings of a person who does not exist."""

# ruff: noqa: F821  (Snakemake puts `snakemake` in)

from pathlib import Path

from gaitload.cohorts.reader import load_cohort
from gaitload.config import parse_config
from gaitload.stages.manifests import write_manifest
from gaitload.stages.record import record_participant

config = parse_config(snakemake.config)
root, results = Path(snakemake.scriptdir).resolve().parents[1], Path(config.results_dir).resolve()
made = record_participant(
    config,
    load_cohort(root / "workflow" / "cohorts" / snakemake.wildcards.cohort, root=root, results=results),
    snakemake.wildcards.participant,
    log=Path(snakemake.log[0]),
)
write_manifest(Path(snakemake.output.manifest), {"stage": "recordings"}, results=results, made=made)
