"""Trials that are measured, brought up to their loads by the stages of the workflow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from gaitload.cohorts.reader import load_cohort
from gaitload.config import parse_config
from gaitload.errors import DataError
from gaitload.quality import Verdict
from gaitload.stages.job import STAGES, Job, jobs_of
from gaitload.stages.shard import run_shard, stage_module

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Case:
    """A trial of a cohort, and the part of it that is labelled: `[start_s, end_s)`."""

    cohort: str
    participant: str
    trial: str
    start_s: float
    end_s: float

    @property
    def name(self) -> str:
        """`cohort trial`, for tables."""
        return f"{self.cohort} {self.trial}"


CASES = (
    Case("rajagopal2016", "walker", "walk", 0.45, 1.90),
    Case("rajagopal2016", "runner", "run", 0.60, 1.40),
    Case("fukuchi2017", "RBDS001", "runT35", 5.0, 6.5),
)
"""The last has 150 frames, at 100 Hz."""


def prepared(
    case: Case,
    results: Path,
    *,
    upto: str = "loads",
    with_static: bool = True,
    participant: dict | None = None,
    **settings,
) -> Job:
    """The job of a case after the stages up to one of them; what lies in `results` and still holds is not done again.

    Parameters
    ----------
    with_static
        False: as though the person had no static trial.
    participant
        What participants.tsv should say otherwise, of everybody.
    settings
        Of the configuration.

    Raises
    ------
    DataError
        BENCHMARK_REFUSED: a stage refused the trial.
    """
    config = parse_config({"cohorts": case.cohort, "results_dir": str(results), "label_mode": "opensim", **settings})
    whole = load_cohort(ROOT / "workflow" / "cohorts" / case.cohort, root=ROOT, results=results)
    window = {"start_s": case.start_s, "end_s": case.end_s}
    rows = [row.model_copy(update=window) for row in whole.trials if row.role != "static"]
    rows += [row for row in whole.trials if row.role == "static" and with_static]
    people = tuple(person.model_copy(update=participant or {}) for person in whole.participants)
    cohort = replace(whole, trials=tuple(rows), participants=people)
    statics = [row.trial_id for row in cohort.statics_of(case.participant)]
    work = [
        *([("ingest", statics)] if statics else []),
        *((stage, [case.trial]) for stage in STAGES[: STAGES.index(upto) + 1]),
    ]
    for stage, trials in work:
        jobs = jobs_of(stage, trials, config=config, cohort=cohort, participant_id=case.participant, results=results)
        if stage not in jobs[0].stages:
            continue
        place = results / "shards" / case.cohort / case.participant / stage
        place.parent.mkdir(parents=True, exist_ok=True)
        run_shard(stage_module(stage), jobs, manifest=place.with_suffix(".json"), log=place.with_suffix(".log"))
        for job in jobs:
            _require_usable(job, stage)
    return jobs[-1]


def _require_usable(job: Job, stage: str) -> None:
    quality = job.quality_of(stage)
    if quality.verdict is Verdict.REFUSED:
        raise DataError(
            expected="a trial that can be measured",
            found=", ".join(f"{gate.code}: {gate.reason}" for gate in quality.gates),
            where=job.where,
            do="Choose another part of it, or another trial, in benchmarks/trials.py.",
            code="BENCHMARK_REFUSED",
        )
