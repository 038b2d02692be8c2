"""Brings a situation through `gaitload check` and the stages up to its labels."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest.mock import patch

import numpy as np

from benchmarks.faults.clean import Subject
from benchmarks.faults.situation import Situation
from gaitload.cohorts.tables import Cohort, TrialRow
from gaitload.config import Config
from gaitload.discovery.check import Verdict as Checked
from gaitload.discovery.check import check_trials
from gaitload.discovery.recorded import Built, built_trials
from gaitload.errors import GaitloadError
from gaitload.io.tables import read_table
from gaitload.quality import Gate, Quality
from gaitload.quality import Verdict as Answer
from gaitload.stages.job import Job
from gaitload.stages.shard import stage_module
from gaitload.trial import Markers, Recording

READERS = (
    "gaitload.stages.ingest",
    "gaitload.stages.usable",
    "gaitload.discovery.doubts",
    "gaitload.discovery.recorded",
)
"""Modules that read recordings; they are given those of a situation."""


@dataclass(frozen=True)
class Outcome:
    """What the workflow made of a situation.

    Attributes
    ----------
    refusal : str
        Code and sentence of the error that refused the trial; empty where it was labelled.
    crash : str
        An error that nobody meant to raise; empty as it should be.
    check : tuple of str
        Problems and remarks of `gaitload check`, in its order.
    check_s : float
        Time of the processor that it took for each trial.
    gates : tuple of Gate
    labels : dict of ndarray, shape (T,)
        Columns by name; empty where the trial was refused.
    failed : frozenset of str
        Label columns whose verdict is failed.
    repairs : tuple of str
        Labelling faults that were repaired, as the quality file tells them.
    markers : Markers or None
        Markers of the trial as ingest built it, where the run stopped there.
    """

    refusal: str = ""
    crash: str = ""
    check: tuple[str, ...] = ()
    check_s: float = float("nan")
    gates: tuple[Gate, ...] = ()
    labels: dict[str, np.ndarray] = field(default_factory=dict)
    failed: frozenset[str] = frozenset()
    repairs: tuple[str, ...] = ()
    markers: Markers | None = None


def outcome_of(
    subject: Subject,
    situation: Situation,
    config: Config,
    results: Path,
    *,
    clean: Path | None = None,
    labelled: bool = True,
) -> Outcome:
    """Run everything.

    Parameters
    ----------
    subject : Subject
    situation : Situation
    config : Config
    results : Path
        An empty folder.
    clean : Path, optional
        Results of the clean trial, whose model is taken where neither static trials nor participant are changed.
    labelled : bool
        False: stop after ingest, whose gates are then all there are.
    """
    cohort, row = _declared(subject, situation)
    job = Job(config, cohort, cohort.participants[0], row, results)
    same = situation.statics is subject.situation.statics and not situation.participant
    checked = Outcome()
    with _recordings_of(situation, row):
        try:
            built, checked = _checked(cohort, situation, config)
            return _labelled(job, checked, clean if same else None) if labelled else _ingested(built, checked)
        except GaitloadError as error:
            return replace(checked, refusal=f"{error.code}: expected {error.expected}; found {error.found}. {error.do}")
        except Exception as error:  # A crash is a finding of this benchmark, and must not end it.
            return replace(checked, crash=f"{type(error).__name__}: {error}")


def _checked(cohort: Cohort, situation: Situation, config: Config) -> tuple[list[tuple[TrialRow, Built]], Outcome]:
    """Trials as ingest builds them, and what `gaitload check` says of them."""
    begun_s, checked = time.process_time(), Checked()
    sets = {situation.marker_set.name: situation.marker_set}
    built = list(built_trials(cohort, sets, config))
    check_trials(cohort, sets, config, {}, checked, built=built)
    check_s = (time.process_time() - begun_s) / len(cohort.trials)
    return built, Outcome(check=(*checked.problems, *checked.remarks), check_s=check_s)


def _labelled(job: Job, checked: Outcome, clean: Path | None) -> Outcome:
    """The outcome of all stages; raises what refuses the trial."""
    if clean:
        for stage in ("ingest", "scale"):
            kept = replace(job, results=clean).folder(stage)
            names = [row.trial_id for row in job.statics] if stage == "ingest" else ["model"]
            job.folder(stage).mkdir(parents=True)
            for path in kept.iterdir():
                if path.name.split(".")[0] in names:
                    shutil.copy(path, job.folder(stage))
    else:
        for static in job.statics:
            _run("ingest", replace(job, trial=static))
    ingested = _run("ingest", job)
    if not clean:
        _run("scale", replace(job, trial=None))
    for stage in ("kinematics", "loads"):
        _run(stage, job)
    quality = _run("labels", job)
    values, meanings, _ = read_table(job.product("labels", ".parquet"))
    return replace(
        checked,
        gates=quality.gates,
        labels={name: np.asarray(column) for name, column in values.items()},
        failed=frozenset(name for name, meaning in meanings.items() if meaning.get("verdict") == Answer.FAILED),
        repairs=_repairs(ingested),
    )


def _ingested(built: Iterable[tuple[TrialRow, Built]], checked: Outcome) -> Outcome:
    """The outcome of ingest alone, with the gates of the motion; raises the first refusal."""
    outcome = checked
    for row, one in built:
        if isinstance(one, GaitloadError):
            raise one
        if row.role != "static":
            trial, quality = one
            outcome = replace(checked, gates=quality.gates, repairs=_repairs(quality), markers=trial.markers)
    return outcome


def _repairs(quality: Quality) -> tuple[str, ...]:
    return tuple(fault["reason"] for fault in quality.numbers["label_faults"] if fault["repaired"])


def _run(stage: str, job: Job) -> Quality:
    folder = job.folder(stage)
    folder.mkdir(parents=True, exist_ok=True)
    quality = stage_module(stage).run(job, folder)
    job.product(stage, ".quality.json").write_text(quality.to_json(), encoding="utf-8")
    return quality


def _declared(subject: Subject, situation: Situation) -> tuple[Cohort, TrialRow]:
    """Tables of the participant as the situation declares them."""
    row = subject.row.model_copy(update=dict(situation.row))
    person = subject.cohort.participants[0].model_copy(update=dict(situation.participant))
    statics = tuple(one for one in subject.cohort.trials if one.role == "static")
    if "lab_up" in situation.row:
        axes = {name: situation.row[name] for name in ("lab_up", "lab_forward")}
        statics = tuple(one.model_copy(update=axes) for one in statics)
    return replace(subject.cohort, participants=(person,), trials=(*statics, row)), row


@contextmanager
def _recordings_of(situation: Situation, row: TrialRow) -> Iterator[None]:
    """Readers get the recordings of the situation."""
    recordings: Mapping[str, Recording] = {**situation.statics, row.trial_id: situation.motion}

    def read(_: Cohort, trial: TrialRow) -> Recording:
        return recordings[trial.trial_id]

    replaced = [patch(f"{module}.read_recording", read) for module in READERS]
    for one in replaced:
        one.start()
    try:
        yield
    finally:
        for one in replaced:
            one.stop()
