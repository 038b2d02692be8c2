"""Labels what really happened in the recordings of a synthetic participant."""

# ruff: noqa: F821  (Snakemake puts `snakemake` in)

from pathlib import Path

from gaitload.cohorts.reader import load_cohort
from gaitload.config import parse_config
from gaitload.stages.manifests import write_manifest
from gaitload.stages.truth_labels import label_truths

root = Path(snakemake.scriptdir).resolve().parents[1]
config = parse_config(snakemake.config)
results = Path(config.results_dir).resolve()
cohort = load_cohort(root / "workflow" / "cohorts" / snakemake.wildcards.cohort, root=root, results=results)
made = label_truths(config, cohort, snakemake.wildcards.participant)
write_manifest(Path(snakemake.output.manifest), {"stage": "recordings"}, results=results, made=made)
