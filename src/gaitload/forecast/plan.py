"""Which jobs a cohort needs, and what they cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

import numpy as np

from gaitload.cohorts.recordings import read_recording
from gaitload.cohorts.sensor_recordings import read_sensor_files
from gaitload.cohorts.tables import Cohort, TrialRow
from gaitload.config import Config
from gaitload.errors import GaitloadError
from gaitload.forecast.costs import STATIC, Cost
from gaitload.io.spans import recorded_clock
from gaitload.stages.ingest import labelled_window
from gaitload.stages.job import ALONE, STAGES, STATIC_STAGES, SUBJECT_STAGES
from gaitload.stages.planned import has_part_in
from gaitload.trial import Recording

_TABLES = ("quality", "truth")


@dataclass(frozen=True)
class Work:
    """One job: its stage, how many trials and labelled frames it has, and how often every one of them is solved."""

    stage: str
    trials: int
    frames: float


@dataclass(frozen=True)
class Line:
    """What all jobs of a stage take.

    Attributes
    ----------
    stage : str
    jobs : int
    core_s : float
    longest_s : float
        The longest job.
    memory_mb : float
        Of the largest.
    disk_bytes : float
    measured : int
        Earlier jobs on this machine that the costs were held against.
    """

    stage: str
    jobs: int
    core_s: float
    longest_s: float
    memory_mb: float
    disk_bytes: float
    measured: int


def labelled_frames(cohort: Cohort, config: Config) -> tuple[dict[tuple[str, str], float], list[str]]:
    """Frames that are labelled, by participant and trial, of the motions; and the trials whose header cannot be read.

    These are taken to be as long as the median of the others.
    """
    frames: dict[tuple[str, str], float] = {}
    unread = []
    for row in (row for row in cohort.trials if row.role == "motion"):
        try:
            frames[row.participant_id, row.trial_id] = _frames(cohort, row, config)
        except GaitloadError:
            unread.append(f"{row.participant_id}/{row.trial_id}")
    usual = median(frames.values()) if frames else 0.0
    motions = {(row.participant_id, row.trial_id) for row in cohort.trials if row.role == "motion"}
    return frames | dict.fromkeys(motions - frames.keys(), usual), unread


def works_of(cohort: Cohort, config: Config, frames: Mapping[tuple[str, str], float]) -> list[Work]:
    """All jobs of a cohort, from recordings to tables, as the workflow cuts them."""
    works = []
    for person in cohort.movers:
        who = person.participant_id
        rows = cohort.motions_of(who)
        all_frames = sum(frames[who, row.trial_id] for row in rows)
        if cohort.spec.made_by:
            works.append(Work("recordings", len(cohort.trials_of(who)), all_frames))
            works.append(Work("recordings_truth", len(cohort.trials_of(who)), all_frames))
        works += [
            Work(f"{stage}_{STATIC}", len(cohort.statics_of(who)), 0.0)
            for stage in STAGES
            if stage in STATIC_STAGES and has_part_in(stage, cohort, config)
        ]
        works += [Work(stage, 1, 0.0) for stage in SUBJECT_STAGES]
        for start in range(0, len(rows), config.shard_trials):
            shard = rows[start : start + config.shard_trials]
            for stage in _stages_of(cohort, config):
                own = [row for row in shard if row.file or stage in ALONE]
                works.append(Work(stage, len(own), sum(frames[who, row.trial_id] for row in own)))
    works.append(Work("quality", len(cohort.trials), 0.0))
    if cohort.spec.made_by:
        works.append(Work("truth", len(cohort.trials), 0.0))
    return works


def forecast(works: Iterable[Work], costs: Mapping[str, Cost], config: Config) -> list[Line]:
    """What the jobs of each stage take, in the order of the data; stages whose cost is not known are left out."""
    by_stage: dict[str, list[Work]] = {}
    for work in works:
        by_stage.setdefault(work.stage, []).append(work)
    lines = []
    for stage, own in by_stage.items():
        if stage not in costs:
            continue
        cost = costs[stage]
        often = config.uncertainty.samples if stage == "uncertainty" else 1
        seconds = [cost.seconds(work.trials, often * work.frames) for work in own]
        disk = sum(cost.disk_bytes(work.trials, work.frames) for work in own)
        lines.append(Line(stage, len(own), sum(seconds), max(seconds), cost.memory_mb, disk, cost.measured))
    stages = [name for stage in STAGES for name in (f"{stage}_{STATIC}", stage)]
    order = ("recordings", "recordings_truth", *stages, *_TABLES)
    return sorted(lines, key=lambda line: order.index(line.stage))


def _stages_of(cohort: Cohort, config: Config) -> tuple[str, ...]:
    """Stages of shards that a cohort has a part in."""
    return tuple(stage for stage in STAGES if stage not in SUBJECT_STAGES and has_part_in(stage, cohort, config))


def _frames(cohort: Cohort, row: TrialRow, config: Config) -> float:
    if cohort.spec.made_by:
        duration = config.embedded.duration_s - 2 * config.window.pad_s
        seconds = min(duration, config.window.duration_s or duration)
        return seconds * (config.ingest.rate_hz or 100.0)
    clock = _clock(cohort, row)
    start_s, end_s = labelled_window(row, config.window, clock)
    return max(end_s - start_s, 0.0) * (config.ingest.rate_hz or clock.marker_rate_hz)


def _clock(cohort: Cohort, row: TrialRow) -> Recording:
    """A recording with its clock alone: by the header of its markers' file, or by the sensors where there are no
    markers."""
    if row.file is None:
        time_s = read_sensor_files(cohort, row, magnetometer=False)[0].time_s
        return Recording("", (), time_s, np.empty((len(time_s), 0, 3)), np.empty(0), ())
    path = cohort.files_of(row)[0]
    # Files without a header that says how long they are.
    return read_recording(cohort, row) if path.suffix.lower() == ".mat" else recorded_clock(path)
