"""The last lines of a run: the agreement with the truth, the verdicts, the comparison, the report, the next command."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from gaitload.baselines import GIVEN
from gaitload.cohorts.tables import Cohort
from gaitload.config import Config
from gaitload.stages.job import STAGES, Job
from gaitload.stages.judged import quality_in
from gaitload.stages.planned import enough_for_a_study, has_part_in
from gaitload.stages.table import summary_line

NEXT = "Next: gaitload new-cohort DIR drafts the tables of your own recordings (docs/bring_your_cohort.md)."


def closing_lines(config: Config, cohorts: Mapping[str, Cohort], results: Path, targets: Iterable[str]) -> list[str]:
    """Results of a run in a few lines.

    Parameters
    ----------
    config : Config
    cohorts : mapping of str to Cohort
    results : Path
        Folder of all results.
    targets : iterable of str
        Rules and paths that the run was asked for; none for the default.
    """
    asked = set(targets) or {"all"}
    whole = "all" in asked
    lines = []
    for name, cohort in cohorts.items():
        if whole and cohort.spec.made_by:
            lines.append(describe_truth(name, results))
        if whole or "labels" in asked:
            lines += describe_groups(config, cohort, results)
        stages = [stage for stage in STAGES if stage in asked and has_part_in(stage, cohort, config)]
        tables = [f"{name}.tsv"] if whole else [f"{name}.{stage}.tsv" for stage in stages]
        lines += [_describe_table(name, results / "quality" / table) for table in tables]
    if "evaluation" in asked or (whole and enough_for_a_study(cohorts, config)):
        lines.append(describe_comparison(config.study.name, results / "evaluation"))
    if asked & {"all", "report"}:
        lines.append(f"Report: {results / 'report' / 'index.html'} (open it in a browser)")
    return [*lines, NEXT] if whole else lines


def describe_truth(cohort: str, results: Path) -> str:
    """Line that says how many quantities of a synthetic cohort agree with the truth."""
    compared = pd.read_csv(results / "quality" / f"{cohort}.truth.tsv", sep="\t")
    return f"{cohort}: {int(compared['ok'].sum())} of {len(compared)} held against the truth agree"


def describe_groups(config: Config, cohort: Cohort, results: Path) -> list[str]:
    """Line that says for each label group in how many motions it can be used, groups of equal counts together.

    A group can be used where none of its columns is failed, not judged or not measured. A cohort without markers has
    no labels, and no line.
    """
    jobs = [
        Job(config, cohort, person, row, results)
        for person in cohort.movers
        for row in cohort.motions_of(person.participant_id)
    ]
    labelled = [job for job in jobs if "labels" in job.stages]
    if not labelled:
        return []
    usable: Counter[str] = Counter()
    for job in labelled:
        for name, group in quality_in(job, "labels").groups.items():
            usable[name] += not (group.failed or group.not_judged or group.not_measured)
    by_count = defaultdict(list)
    for name, count in usable.items():
        by_count[count].append(name)
    total = len(labelled)
    parts = [f"{', '.join(names)} {count} of {total}" for count, names in sorted(by_count.items(), reverse=True)]
    return [f"{cohort.name}: motions with usable labels: {'; '.join(parts) or f'none of {total}'}"]


def _describe_table(cohort: str, table: Path) -> str:
    verdicts = summary_line(cohort, pd.read_csv(table, sep="\t"))
    return f"{verdicts} (why: {table})"


def describe_comparison(study: str, folder: Path) -> str:
    """The best method of each label, by the tables of an evaluation in `folder`."""
    summary = pd.read_csv(folder / f"{study}.summary.tsv", sep="\t")
    left_out = json.loads((folder / f"{study}.statistics.json").read_text(encoding="utf-8"))["left_out"]
    return f"Comparison: {_describe_best(study, summary, Counter(row['reason'] for row in left_out))}"


def _describe_best(study: str, summary: pd.DataFrame, left_out: Mapping[str, int]) -> str:
    """The best method of each label in one sentence, with how many trials were left out by reason."""
    best = summary[summary["rank"] == 1]
    methods = [f"{row.label} {row.estimator} ({_had(row)}) {_score(row)}" for row in best.itertuples()]
    reasons = ", ".join(f"{count} x {reason}" for reason, count in sorted(left_out.items()))
    without = f"; left out: {reasons}" if reasons else ""
    return f"{study}: best R2 beyond the mean curve: {', '.join(methods)}{without}"


def _score(row) -> str:
    """R2 beyond the mean curve; the error where there is no mean curve of other participants."""
    if math.isfinite(row.pooled_r2_phase):
        return f"{row.pooled_r2_phase:.2f}"
    return f"not known, RMSE {row.rmse_mean:.2g} {row.unit}"


def _had(row) -> str:
    """Sensors of a method, and what else it is given."""
    return ", ".join([row.sensor_set, *([GIVEN[row.estimator]] if row.estimator in GIVEN else [])])
