"""Evaluation of a study: every estimate of its people held against the labels, in tables and in tests."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from gaitload.cohorts.tables import Cohort
from gaitload.config import Config
from gaitload.evaluation import findings, variants
from gaitload.evaluation.estimates import FINAL, MEAN_CURVE, Estimated, Method
from gaitload.evaluation.findings import Plan
from gaitload.evaluation.labelled import Choice
from gaitload.evaluation.methods import every_method, without_labels
from gaitload.evaluation.pairs import Reference, reference_of
from gaitload.evaluation.recorded import nothing_to_evaluate, read_aligned, require_labels
from gaitload.evaluation.tables import EVERYTHING, Rows, described, in_degrees, long_curves, summary_table
from gaitload.io.files import write_text_aside
from gaitload.io.tables import write_table
from gaitload.stages.estimators import aligned_tables
from gaitload.stages.scorable import choice_of
from gaitload.study import Study
from gaitload.training.fold import estimator_of


@dataclass
class Evaluated:
    """Rows of all methods, in the order they were evaluated."""

    trials: list[dict] = field(default_factory=list)
    people: list[dict] = field(default_factory=list)
    runs: list[dict] = field(default_factory=list)
    pooled: list[dict] = field(default_factory=list)
    curves: list[dict] = field(default_factory=list)
    agreement: list[dict] = field(default_factory=list)
    intervals: list[dict] = field(default_factory=list)
    waveforms: list[dict] = field(default_factory=list)


def evaluate_study(config: Config, cohorts: Mapping[str, Cohort], results: Path, *, log: Path) -> None:
    """Evaluate the study of the configuration, with its estimators or, where it says so, with baselines alone.

    Raises
    ------
    DataError
        See `write_evaluation`.
    """
    study, section = config.study, config.evaluation
    tables, absent = aligned_tables(config, cohorts, results)
    write_evaluation(
        config,
        choice_of(config),
        study=study.name,
        aligned=list(tables.values()),
        absent=[dict(zip(("where", "reason"), line.split(": ", 1), strict=True)) for line in absent],
        predictions=predictions_of_study(study, results) if section.learned else (),
        floors=[name for name in study.estimators if estimator_of(study.file_of(name)).ABOUT.kind == "floor"],
        out=results / "evaluation",
        log=log,
    )


def predictions_of_study(study: Study, results: Path) -> list[Path]:
    """Tables of predictions that the manifests of a study's estimators name."""
    paths = []
    for place in (Path(study.name, *training) for training in study.trainings()):
        manifest = json.loads((results / "manifests" / "estimators" / f"{place}.json").read_text())
        paths += [results / "predictions" / name for name in manifest["products"]]
    return paths


def write_evaluation(
    config: Config,
    choice: Choice,
    *,
    study: str,
    aligned: Sequence[Path],
    predictions: Sequence[Path],
    floors: Collection[str] = (),
    absent: Sequence[dict[str, str]] = (),
    out: Path,
    log: Path,
) -> None:
    """Evaluate a study and write its tables, all of them or, where something is wrong with the input, none.

    Parameters
    ----------
    config : Config
        Section `evaluation` counts.
    choice : Choice
        Which labels, and how they are cut.
    study : str
        Name of the study, with which the names of the tables begin.
    aligned : sequence of Path
        Aligned tables of all trials of the study.
    predictions : sequence of Path
        One table for each estimator, sensor set and fold; none: baselines alone.
    floors : collection of str
        Names of the estimators that others are expected to beat.
    absent : sequence of dict
        `where` and `reason` of trials that have no aligned table or no part in the study; listed in `left_out`.
    out : Path
        Folder of the tables.
    log : Path
        The comparison again, and what was left out.

    Raises
    ------
    DataError
        NOTHING_TO_EVALUATE, TARGET_WITHOUT_LABELS, SUBJECT_WITHOUT_SEGMENTS, PREDICTIONS_WITHOUT_LABELS, and those of
        `gaitload.evaluation.estimates.predictions_of`.
    """
    recorded = read_aligned(aligned, choice)
    require_labels(recorded, choice, study)
    recorded.left_out += absent
    references = {
        label: reference_of([item for item in recorded.every_label if item.label == label])
        for label in {item.label for item in recorded.every_label}
    }
    plan = plan_of(config)
    evaluated = Evaluated()
    methods = every_method(
        recorded,
        references,
        predictions,
        floors=floors,
        points=choice.points,
        common=config.evaluation.common_segments,
    )
    for method, estimated in methods:
        add_method(evaluated, method, estimated, references, plan, config.evaluation.interval_level)
    if not evaluated.people:
        raise nothing_to_evaluate(study, "not one estimate: one person alone, no baseline and no estimator")
    document = {"study": study, "evaluation": config.evaluation.model_dump(mode="json"), "left_out": recorded.left_out}
    compared = _write_tables(evaluated, plan, document, out)
    log.write_text(compared + "".join(f"left out {row['where']}: {row['reason']}\n" for row in recorded.left_out))


def _write_tables(evaluated: Evaluated, plan: Plan, document: dict, out: Path) -> str:
    """Write all tables of a study once everything is computed; returns the comparison."""
    study, people = document["study"], pd.DataFrame(evaluated.people)
    summary = summary_table(people, pd.DataFrame(evaluated.pooled), pd.DataFrame(evaluated.runs))
    statistics = {"study": study, "left_out": document["left_out"], **_statistics(people, evaluated, plan)}
    sets = _as_text(variants.best_sets(people, statistics["sensor_sets"], plan))
    text = json.dumps(_without_nan(statistics), indent=1, sort_keys=True) + "\n"
    conditions = _as_text(in_degrees(summary))
    compared = _as_text(in_degrees(summary[summary["condition"] == EVERYTHING]).drop(columns="condition"))
    write_table(out / f"{study}.parquet", described(pd.DataFrame(evaluated.trials)), document)
    write_table(out / f"{study}.subjects.parquet", described(people.drop(columns="person")), document)
    write_table(out / f"{study}.curves.parquet", described(long_curves(evaluated.curves)), document)
    write_text_aside(out / f"{study}.conditions.tsv", conditions)
    write_text_aside(out / f"{study}.statistics.json", text)
    write_text_aside(out / f"{study}.sets.tsv", sets)
    write_text_aside(out / f"{study}.summary.tsv", compared)
    return compared


def _statistics(people: pd.DataFrame, evaluated: Evaluated, plan: Plan) -> dict:
    """All tests of a study, with what was found method by method; `people` are its rows of people."""
    return {
        "n_subjects": int(people["person"].nunique()),
        "alpha": plan.alpha,
        "reference": plan.reference,
        "metrics": list(plan.metrics),
        "agreement": evaluated.agreement,
        "comparisons": findings.comparisons(people, plan),
        "variants": variants.between_variants(people, plan),
        "sensor_sets": variants.between_sets(people, plan),
        "labels": variants.between_labels(people, plan),
        "anova": findings.analyses_of_variance(people, plan),
        "mixed": findings.mixed_models(people, plan),
        "waveforms": evaluated.waveforms,
        "intervals": evaluated.intervals,
    }


def plan_of(config: Config) -> Plan:
    """What the settings say is to be tested."""
    section = config.evaluation
    return Plan(
        metrics=section.metrics,
        reference=section.reference,
        alpha=section.alpha,
        equivalence_share=section.equivalence_share,
        equivalence_r2=section.equivalence_r2,
        permutations=section.permutations,
        seed=section.seed,
    )


def add_method(
    evaluated: Evaluated,
    method: Method,
    estimated: Sequence[Estimated],
    references: Mapping[str, Reference],
    plan: Plan,
    level: float,
) -> None:
    """Add the rows of one method; single training runs have no part in tables of people, curves and tests.

    Raises
    ------
    DataError
        PREDICTIONS_WITHOUT_LABELS: not one segment of any trial has both.
    """
    rows = Rows(method, estimated, references)
    if not any(len(pairs) for pairs in rows.pairs):
        found = f"none in {len(rows.pairs)} label columns of trials"
        where = f"{method.estimator} on {method.sensor_set}"
        raise without_labels("segments with a label and an estimate throughout", found, where)
    evaluated.trials += rows.trials()
    evaluated.pooled += rows.pooled()
    if method.seed != FINAL:
        evaluated.runs += rows.people()
        return
    evaluated.people += rows.people()
    curves, whole = rows.curves(references), rows.whole()
    units = {each.labelled.label: each.labelled.unit for each in estimated}
    evaluated.curves += curves
    evaluated.agreement += findings.agreements(method, whole, units)
    evaluated.intervals += findings.intervals(method, whole, units, level)
    if method.estimator != MEAN_CURVE:
        evaluated.waveforms += findings.waveforms(curves, plan)


def _as_text(table: pd.DataFrame) -> str:
    return table.to_csv(sep="\t", index=False, float_format="%.4g", lineterminator="\n")


def _without_nan(value):
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
