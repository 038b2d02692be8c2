"""The lag between forces and markers of a cohort: gathered after ingest, because a laboratory has one."""

from __future__ import annotations

import json
import math
from pathlib import Path

from gaitload.cohorts.tables import Cohort
from gaitload.config import Config
from gaitload.documents import parse_json
from gaitload.errors import DataError
from gaitload.ingest.laboratory import LaboratoryLag, TrialLag, laboratory_lag
from gaitload.io.files import write_text_aside
from gaitload.quality import Quality, Verdict
from gaitload.stages.job import Job


def lag_file(results: Path, cohort: str) -> Path:
    """Where the lag of a cohort stands."""
    return results / "force_lag" / f"{cohort}.json"


def write_force_lag(config: Config, cohort: Cohort, results: Path, *, out: Path, log: Path) -> None:
    """Gather the lags that ingest estimated of all motions of a cohort; refused trials do not count."""
    found = []
    for person in cohort.movers:
        for row in cohort.motions_of(person.participant_id):
            job = Job(config, cohort, person, row, results)
            if "ingest" not in job.stages:
                continue
            quality = job.quality_of("ingest")
            if quality.verdict is not Verdict.REFUSED:
                found.append(lag_of(quality, person.participant_id, row.trial_id))
    lag = laboratory_lag(found)
    write_text_aside(out, json_of(lag))
    log.write_text(f"{cohort.name}: {lag.trials} trials of {lag.participants} participants; {lag.reason}\n")


def lag_of(quality: Quality, participant: str, trial: str) -> TrialLag:
    """What ingest says of the lag of one trial."""
    forces = quality.numbers.get("forces") or {}
    values = (_number(forces.get(name)) for name in ("lag_s", "lag_se_s", "belt_lag_s"))
    return TrialLag(participant, trial, *values)


def json_of(lag: LaboratoryLag) -> str:
    """The text of a cohort's file."""
    known = {
        key: None if isinstance(value, float) and math.isnan(value) else value for key, value in lag.as_dict().items()
    }
    return json.dumps(known, indent=1, sort_keys=True) + "\n"


def laboratory_of(job: Job) -> LaboratoryLag | None:
    """The lag of a job's cohort; None unless `ingest.force_lag` is auto: a file of an earlier run may be out of date.

    Raises
    ------
    DataError
        PRODUCT_DAMAGED; STAGE_NOT_RUN: the lag was not gathered.
    """
    if job.config.ingest.force_lag != "auto":
        return None
    path = lag_file(job.results, job.cohort.name)
    if not path.is_file():
        raise DataError(
            expected="the lag of the cohort, which ingest.force_lag: auto corrects",
            found=f"no {path}",
            where=job.where,
            do="Run the workflow up to it (snakemake makes it after ingest), or set ingest.force_lag to seconds.",
            code="STAGE_NOT_RUN",
        )
    try:
        document = parse_json(path.read_text(encoding="utf-8"))
        return LaboratoryLag(**{key: math.nan if value is None else value for key, value in document.items()})
    except (ValueError, TypeError) as error:
        raise DataError(
            expected="the lag of a cohort as the workflow wrote it",
            found=str(error),
            where=str(path),
            do="Delete the file and run the same command again.",
            code="PRODUCT_DAMAGED",
        ) from error


def lag_inputs(job: Job) -> list[Path]:
    """The file of the lag of a job's cohort, where `ingest.force_lag` is auto, for the stages that build on it."""
    path = lag_file(job.results, job.cohort.name)
    return [path] if job.config.ingest.force_lag == "auto" and path.is_file() else []


def applied_s(job: Job) -> float:
    """By which the forces of a job's labels are delayed in all."""
    return job.config.ingest.force_lag_s + correction_s(job)


def correction_s(job: Job) -> float:
    """By which the forces of a trial record are still to be delayed; a number in the configuration is in the record."""
    if job.config.ingest.force_lag != "auto":
        return 0.0
    return laboratory_of(job).correction_s


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
