"""How the results came about: settings, versions, hashes, and what they cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from gaitload.config import Config
from gaitload.provenance import version_of
from gaitload.report.evidence import Evidence
from gaitload.stages.job import STAGES
from gaitload.stages.products import PROVENANCE, read_record

PACKAGES = (
    "gaitload",
    "opensim",
    "numpy",
    "scipy",
    "numba",
    "pandas",
    "pyarrow",
    "vqf",
    "snakemake",
    "matplotlib",
    "plotly",
)


def versions() -> list[tuple[str, str]]:
    """Packages that decide numbers or pictures, and their versions here."""
    return [(package, version_of(package)) for package in PACKAGES]


def label_records(trials: Sequence[Evidence]) -> list[dict]:
    """Trial, hash of its label table and of the code that made it, and what made it differently from the settings."""
    return [_label_record(trial) for trial in trials if trial.is_labelled]


def other_settings(config: Config, trials: Sequence[Evidence]) -> list[str]:
    """Label tables that were made with other settings than those of the run: `trial: setting`."""
    wanted = {"engine": config.engine, "label_mode": config.label_mode, "model": config.model}
    found = []
    for trial in trials:
        document = trial.table[2] if trial.is_labelled else {}
        found += [
            f"{trial.job.where}: {key} {document[key]}"
            for key in wanted
            if key in document and document[key] != wanted[key]
        ]
    return found


def facts(trials: Sequence[Evidence], *, evaluated: bool) -> dict:
    """What the results say about how they were made, see `gaitload.report.methods.methods`."""
    people = {(trial.job.cohort.name, trial.job.participant.participant_id): trial.job for trial in trials}
    records = [
        job.document("scale", ".scaling.json")
        for job in people.values()
        if job.product("scale", ".scaling.json").is_file()
    ]
    activities = Counter(trial.job.trial.activity for trial in trials if trial.job.trial.role == "motion")
    return {
        "activities": [activity for activity in ("walk", "run", "other") if activities[activity]],
        "scaling": dict(Counter(record.get("method", "") for record in records)),
        "strength": dict(Counter(_law(record) for record in records)),
        "regressed_hips": any(
            source.startswith("regression") for record in records for source in record.get("joint_centres", {}).values()
        ),
        "forces": any(trial.forces_measured for trial in trials if trial.is_labelled),
        "unloaded": sum(not trial.forces_measured for trial in trials if trial.is_labelled),
        "marked": sum(trial.job.has_markers for trial in trials),
        "alone": sum(trial.is_sensed for trial in trials),
        "sensors": any(trial.job.cohort.spec.imu_files for trial in trials),
        "evaluated": evaluated,
    }


def costs(results: Path, cohorts: Iterable[str]) -> list[dict]:
    """Per stage: jobs, seconds of wall and processor, and the most memory, as Snakemake's benchmarks say."""
    rows = []
    for stage in ("recordings", *STAGES):
        paths = [
            path for cohort in cohorts for path in sorted((results / "benchmarks" / stage / cohort).rglob("*.tsv"))
        ]
        if paths:
            table = pd.concat([pd.read_csv(path, sep="\t", na_values="-") for path in paths])
            rows.append(
                {
                    "stage": stage,
                    "jobs": len(paths),
                    "wall_s": table["s"].sum(),
                    "cpu_s": table["cpu_time"].sum(),
                    "memory_mb": table["max_rss"].max(),
                }
            )
    return rows


def _label_record(trial: Evidence) -> dict:
    record = read_record(trial.job.product("labels", PROVENANCE)) or {"products": {}, "code": ""}
    return {
        "trial": trial.job.where,
        "sha256": record["products"].get(f"{trial.job.stem}.parquet", ""),
        "code": record["code"],
        "inputs": len(record.get("inputs", ())),
    }


def _law(record: dict) -> str:
    strength = record.get("strength", {})
    return strength.get("law", "stock") if isinstance(strength, dict) else str(strength)
