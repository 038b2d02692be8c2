"""One row a trial: what passed, what did not, and why."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from gaitload.cohorts.tables import Cohort
from gaitload.config import Config
from gaitload.io.files import write_text_aside
from gaitload.quality import Quality, Verdict
from gaitload.stages.job import STAGES, Job
from gaitload.stages.judged import quality_in, stages_of, trial_verdict

_VERDICTS = list(Verdict)


def cohort_table(config: Config, cohort: Cohort, results: Path, *, until: str | None = None) -> pd.DataFrame:
    """Gather the quality files of a cohort.

    Parameters
    ----------
    config : Config
    cohort : Cohort
    results : Path
        Folder of all results.
    until : str, optional
        Last stage that counts; by default all do.

    Returns
    -------
    DataFrame
        One row for each trial of everybody who has a motion trial.

        - `verdict`: see `gaitload.stages.judged.trial_verdict`; those of the stages are `verdict_<stage>` (empty where
          a stage has no part in the trial);
        - `summary`: how many label columns can be used, and which label groups cannot;
        - `reasons`: `<stage>:<CODE>` of every gate that refused, failed or warned, in this order; the stage is that in
          which it happened first;
        - `not_judged`: likewise for gates that had no ground to stand on;
        - `not_measured`: likewise for gates that say that what they question was not recorded;
        - `refusal`: what was expected, found, where, and what to do;
        - `<stage>_<name>`: the numbers of the stages.

    Raises
    ------
    DataError
        STAGE_NOT_RUN: a quality file is missing.
    """
    jobs = [
        Job(config, cohort, person, row, results)
        for person in cohort.movers
        for row in cohort.trials_of(person.participant_id)
    ]
    stages = STAGES[: STAGES.index(until) + 1] if until else STAGES
    return pd.DataFrame([_row(job, stages) for job in jobs])


def write_cohort_table(
    config: Config, cohort: Cohort, results: Path, *, table: Path, log: Path, until: str | None = None
) -> None:
    """Write the table as tab-separated text, and its summary to the log; see `cohort_table`."""
    gathered = cohort_table(config, cohort, results, until=until)
    write_text_aside(table, gathered.to_csv(sep="\t", index=False, float_format="%.6g", lineterminator="\n"))
    log.write_text(summary_line(cohort.name, gathered) + "\n")


def summary_line(cohort: str, table: pd.DataFrame) -> str:
    """A table in one sentence."""
    counts = table["verdict"].value_counts()
    parts = [f"{counts[verdict]} {verdict}" for verdict in _VERDICTS if verdict in counts]
    return f"{cohort}: {len(table)} trials, {', '.join(parts)}{_lag_in_words(table)}"


def _lag_in_words(table: pd.DataFrame) -> str:
    """Mean lag between forces and markers over the trials, with the standard error of people (trials share a clock)."""
    if "kinematics_force_lag_s" not in table or table["kinematics_force_lag_s"].notna().sum() < 2:
        return ""
    people_ms = 1e3 * table.groupby("participant")["kinematics_force_lag_s"].mean().dropna()
    error = f" +- {people_ms.sem():.1f}" if len(people_ms) > 1 else ""
    mean_ms = round(people_ms.mean(), 1) + 0.0  # Else it says -0.0.
    return f"; forces lead the markers by {mean_ms:.1f}{error} ms"


def _row(job: Job, stages: tuple[str, ...]) -> dict:
    qualities = {stage: quality_in(job, stage) for stage in stages_of(job) if stage in stages}
    return {
        "cohort": job.cohort.name,
        "participant": job.participant.participant_id,
        "trial": job.trial.trial_id,
        "role": job.trial.role,
        "activity": job.trial.activity,
        "verdict": str(trial_verdict(qualities)),
        "summary": qualities["labels"].summary if qualities.get("labels") and qualities["labels"].groups else "",
        **{f"verdict_{stage}": str(qualities[stage].verdict) if stage in qualities else "" for stage in stages},
        "reasons": ";".join(_codes(qualities, Verdict.REFUSED, Verdict.FAILED, Verdict.WARNED)),
        "not_judged": ";".join(_codes(qualities, Verdict.NOT_JUDGED)),
        "not_measured": ";".join(_codes(qualities, Verdict.NOT_MEASURED)),
        "refusal": _refusal(qualities),
        **{key: value for stage, quality in qualities.items() for key, value in _numbers(stage, quality).items()},
    }


def _codes(qualities: dict[str, Quality], *wanted: Verdict) -> list[str]:
    codes = [
        f"{quality.numbers.get('refused_in', stage)}:{gate.code}"
        for verdict in wanted
        for stage, quality in qualities.items()
        for gate in quality.gates
        if gate.verdict is verdict
    ]
    return list(dict.fromkeys(codes))


def _refusal(qualities: dict[str, Quality]) -> str:
    refusals = (quality.numbers["refusal"] for quality in qualities.values() if "refusal" in quality.numbers)
    first = next(refusals, None)
    return f"{first['where']}: expected {first['expected']}; found {first['found']}. {first['do']}" if first else ""


def _numbers(stage: str, quality: Quality) -> dict[str, float]:
    numbers = {name: value for name, value in quality.numbers.items() if isinstance(value, int | float)}
    return {f"{stage}_{name}": value for name, value in sorted(numbers.items())}
