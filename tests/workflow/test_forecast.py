"""A forecast counts the jobs that a dry run of everything wants."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from gaitload.cohorts.reader import chosen_people, load_cohort
from gaitload.config import parse_config
from gaitload.forecast.plan import labelled_frames, works_of

RULES = {
    "recordings": "record_participant",
    "recordings_truth": "label_truth",
    "ingest_static": "ingest_static",
    "ingest": "ingest_motion",
    "scale": "scale_model",
    "kinematics": "solve_kinematics",
    "loads": "solve_loads",
    "uncertainty": "estimate_uncertainty",
    "labels": "make_labels",
    "sensors_static": "read_static_sensors",
    "sensors": "read_motion_sensors",
    "sync": "synchronise",
    "imu_kinematics": "solve_imu_kinematics",
    "imu_loads": "solve_imu_loads",
    "aligned": "align_sensors",
    "aligned_virtual": "align_virtual_sensors",
    "quality": "tabulate_cohort",
    "truth": "check_truth",
}


def test_a_forecast_counts_the_jobs_of_a_dry_run(finished) -> None:
    settings = {
        "cohorts": "embedded,toy",
        "shard_trials": "2",
        "embedded": "{people: 2}",
        "uncertainty": "{samples: 5}",
    }
    said = finished.snakemake("--dry-run", "--forceall", **settings)
    table = [line.split() for line in said.partition("Job stats:")[2].partition("total")[0].splitlines()[3:] if line]
    planned = Counter()
    for rule, count in table:
        planned[rule] += int(count)
    config = parse_config(
        {"cohorts": "embedded,toy", "shard_trials": 2, "embedded": {"people": 2}, "uncertainty": {"samples": 5}}
    )
    counted = Counter(work.stage for name in config.cohorts for work in _works(finished.root, name, config))
    assert {rule: counted[stage] for stage, rule in RULES.items()} == {rule: planned[rule] for rule in RULES.values()}


def _works(root: Path, name: str, config) -> list:
    cohort = load_cohort(root / "workflow/cohorts" / name, root=root, results=root / "results")
    cohort = chosen_people(cohort, config)
    return works_of(cohort, config, labelled_frames(cohort, config)[0])
