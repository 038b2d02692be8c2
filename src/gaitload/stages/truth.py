"""The check at the end of a cohort that was made: every label against the truth it was made from."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from gaitload.cohorts.tables import Cohort
from gaitload.config import Config
from gaitload.errors import ContractError
from gaitload.io.files import write_text_aside
from gaitload.io.tables import read_table
from gaitload.stages.job import Job
from gaitload.stages.solution import filtering_of, trial_of
from gaitload.stages.sync import found_by
from gaitload.trial import OF_CONTACT, Invalid
from gaitload.truth import Comparison, compare, compare_clocks, compare_feet


def truth_table(config: Config, cohort: Cohort, results: Path) -> pd.DataFrame:
    """One row per quantity of every motion trial: `participant, trial, quantity, unit, error, bound, ok`.

    A trial that was refused has one row without an error, which is not ok.
    """
    jobs = [
        Job(config, cohort, person, trial, results)
        for person in cohort.movers
        for trial in cohort.motions_of(person.participant_id)
    ]
    return pd.DataFrame(
        {
            "participant": job.participant.participant_id,
            "trial": job.stem,
            "quantity": comparison.quantity,
            "unit": comparison.unit,
            "error": comparison.error,
            "bound": comparison.bound,
            "ok": comparison.ok,
        }
        for job in jobs
        for comparison in _comparisons(job)
    )


def write_truth_table(config: Config, cohort: Cohort, results: Path, *, table: Path, log: Path) -> None:
    """Write the table as tab-separated text to `table` and to `log`, which outlives a failure.

    Raises
    ------
    ContractError
        TRUTH_MISSED: names every row that is not ok.
    """
    compared = truth_table(config, cohort, results)
    text = compared.to_csv(sep="\t", index=False, float_format="%.4g", lineterminator="\n")
    log.write_text(text)
    write_text_aside(table, text)
    missed = compared[~compared["ok"]]
    if len(missed):
        rows = [
            f"{row.participant}/{row.trial} {row.quantity} {row.error:.4g} {row.unit} (bound {row.bound:g})"
            for row in missed.itertuples()
        ]
        raise ContractError(
            expected="labels that agree with the truth their recordings were made from",
            found="; ".join(rows),
            where=f"{cohort.name}, {log}",
            do="Look for what changed in the stage that makes the quantity, or in the settings it works with.",
            code="TRUTH_MISSED",
        )


def _comparisons(job: Job) -> list[Comparison]:
    path = job.product("labels", ".parquet")
    if not path.is_file():
        return [Comparison("labels", "", float("nan"), 0.0)]
    labels, _, _ = read_table(path)
    truth, _, document = read_table(job.cohort.truth_of(job.trial))
    trial, sensed = trial_of(job), "sync" in job.stages
    unknown = trial.validity.invalid(
        OF_CONTACT | Invalid.SEGMENT_LOST, labels["time_s"], reach_s=filtering_of(job).reach_s
    )
    weighs, carries = job.participant.mass_kg, document["residual_bw"]
    return [
        *compare(labels, truth, unknown=unknown, mass_kg=weighs, residual_bw=carries),
        compare_feet(trial.steps, truth),
        *([compare_clocks(found_by(job), document["clock"], truth["time_s"])] if sensed else []),
    ]
