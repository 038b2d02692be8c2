"""A subject with recordings, and a stage that can be told what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from gaitload.cohorts.spec import CohortSpec
from gaitload.cohorts.tables import Cohort, Participant, TrialRow
from gaitload.config import Config
from gaitload.quality import Quality
from gaitload.stages.job import Job, jobs_of

TRIALS = ("walk1", "walk2", "walk3")


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    """One person with a static trial and three walks; each recording is a small text."""
    spec = CohortSpec(
        name="lab", title="", source="", licence="", raw_dir="raw", lab_forward="+x", lab_up="+y", marker_set="plain"
    )
    statics = [TrialRow(participant_id="p1", trial_id="stand", role="static", activity="static", file="stand.trc")]
    walks = [
        TrialRow(participant_id="p1", trial_id=name, role="motion", activity="walk", file=f"{name}.trc")
        for name in TRIALS
    ]
    raw_dir = tmp_path / "raw"
    raw_dir.mkdir()
    for row in (*statics, *walks):
        (raw_dir / row.file).write_text(f"recording of {row.trial_id}")
    return Cohort(spec, raw_dir, (Participant(participant_id="p1", mass_kg=60),), (*statics, *walks))


@pytest.fixture
def jobs(cohort: Cohort, tmp_path: Path) -> Callable[..., list[Job]]:
    """Jobs of a stage: for the three walks, or for the trials named."""

    def make(stage: str = "ingest", *trials: str) -> list[Job]:
        where = {"config": Config(), "cohort": cohort, "participant_id": "p1", "results": tmp_path / "results"}
        return jobs_of(stage, trials or TRIALS, **where)

    return make


@dataclass
class ToyStage:
    """Keeps the contract of a stage; `acts` says what happens for a trial instead of a plain product."""

    NAME: str = "ingest"
    acts: dict[str, Callable[[Job, Path], Quality | None]] = field(default_factory=dict)
    numbers: dict = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Some real module, whose fingerprint stands for the stage's.
        self.__name__ = "gaitload.quality"

    def inputs(self, job: Job) -> list[Path]:
        """The trial's recordings."""
        return list(job.cohort.files_of(job.trial)) if job.trial else []

    def settings(self, job: Job) -> dict:
        """Whatever the test put into `numbers`."""
        return dict(self.numbers)

    def run(self, job: Job, out: Path) -> Quality:
        """One text file, and a folder with another."""
        self.ran.append(job.stem)
        quality = self.acts.get(job.stem, lambda job, out: None)(job, out)
        (out / f"{job.stem}.txt").write_text(f"{self.NAME} {job.stem} {self.numbers}")
        (out / job.stem).mkdir()
        (out / job.stem / "detail.txt").write_text("detail")
        return quality or Quality(self.NAME, job.where)


@pytest.fixture
def toy() -> Callable[..., ToyStage]:
    """Makes toy stages."""
    return ToyStage


@pytest.fixture
def files(tmp_path: Path) -> SimpleNamespace:
    """Where a shard puts its manifest and its log."""
    return SimpleNamespace(manifest=tmp_path / "results/manifests/1.json", log=tmp_path / "results/logs/1.log")
