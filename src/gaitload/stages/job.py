"""One unit of work: a stage is asked to do its part for one trial, or for one subject."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from gaitload.cohorts.tables import Cohort, Participant, TrialRow
from gaitload.config import Config
from gaitload.documents import parse_json
from gaitload.errors import ConfigError, ContractError, DataError
from gaitload.models.markersets import MarkerSet, load_marker_set
from gaitload.models.registry import ModelSource, find_model
from gaitload.quality import REMEDY, Quality, read_quality

STAGES = (
    "ingest",
    "scale",
    "kinematics",
    "loads",
    "uncertainty",
    "labels",
    "external",
    "emg_loads",
    "sensors",
    "sync",
    "imu_kinematics",
    "imu_loads",
    "aligned",
    "aligned_virtual",
)
"""Names of the stages in the order of the data. Not every trial goes through all, see `Job.stages`. Stages of inertial
sensors and of external columns have no part in the labels and come after them."""
ALONE = ("external", "sensors", "imu_kinematics", "aligned")
"""Stages that trials without markers may go through, beside those that work once for a subject."""
SENSOR_STAGES = ("sensors", "sync", "imu_kinematics", "imu_loads")
"""Stages of recorded inertial sensors."""
EXTERNAL_STAGES = ("external", "emg_loads")
"""Stages of external columns; sensors do not build on them."""
RECORDING_STAGES = frozenset({"ingest", "sensors", "external"})
"""Stages that read recordings, and build on no other stage."""
STATIC_STAGES = frozenset({"ingest", "sensors"})
"""Stages that work on static trials, too."""
SUBJECT_STAGES = frozenset({"scale"})
"""Stages that work once for a subject; their products are called `model`."""


def aligned_stage(config: Config) -> str:
    """The stage whose tables a study of this configuration takes: with measured sensors or with virtual ones."""
    return "aligned" if config.aligned.sensors == "measured" else "aligned_virtual"


@dataclass(frozen=True)
class Job:
    """What a stage needs to know about the trial it works on.

    Attributes
    ----------
    config : Config
    cohort : Cohort
    participant : Participant
    trial : TrialRow or None
        None for the stages that work once for a subject.
    results : Path
        Folder of all results.
    declared : frozenset of Path, optional
        The products of other stages that may be read; None: all. See `reading_only`.
    """

    config: Config
    cohort: Cohort
    participant: Participant
    trial: TrialRow | None
    results: Path
    declared: frozenset[Path] | None = None

    @property
    def stem(self) -> str:
        """What the names of this job's products begin with."""
        return self.trial.trial_id if self.trial else "model"

    @property
    def where(self) -> str:
        """`cohort/participant/trial`, for messages and quality files."""
        return f"{self.cohort.name}/{self.participant.participant_id}/{self.stem}"

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages that a trial goes through: a job that does nothing would cost seconds a shard."""
        sensors = self.trial is not None and self.cohort.has_sensors(self.trial)
        external = self.trial is not None and self.cohort.has_external(self.trial)
        measured = self.config.aligned.sensors == "measured"
        sensors, markers = sensors and measured, self.has_markers
        # Without markers an axis of a sensor says which way people face; where none does, nothing is solved.
        angles = markers or bool(self.cohort.spec.imu_forward)
        has_part = {
            **dict.fromkeys(STAGES, markers),
            **dict.fromkeys(SUBJECT_STAGES, angles),
            "uncertainty": markers and bool(self.config.uncertainty.samples),
            "external": external,
            "emg_loads": markers and external and self.config.emg.informed,
            "sensors": sensors,
            "sync": sensors and markers,
            "imu_kinematics": sensors and angles,
            "imu_loads": sensors and markers,
            "aligned": measured and (external or (sensors and markers)),
            "aligned_virtual": markers and not measured,
        }
        return tuple(name for name in STAGES if has_part[name])

    @property
    def has_markers(self) -> bool:
        """Whether the trial, or for a whole subject any trial, was recorded with markers."""
        trials = [self.trial] if self.trial else self.cohort.trials_of(self.participant.participant_id)
        return any(map(self.cohort.has_markers, trials))

    @property
    def statics(self) -> tuple[TrialRow, ...]:
        """The static trials of this job's participant."""
        return self.cohort.statics_of(self.participant.participant_id)

    @property
    def marked_statics(self) -> tuple[TrialRow, ...]:
        """Those with markers, which scale the model and place its markers."""
        return tuple(filter(self.cohort.has_markers, self.statics))

    @cached_property
    def model_source(self) -> ModelSource:
        """The generic model that everybody is scaled from."""
        return find_model(self.config.model, self.config.model_family)

    @property
    def marker_set_path(self) -> Path:
        """Table of the marker set that this job's participant wore."""
        worn = self.cohort.marker_set_of(self.participant)
        return self.model_source.marker_set_path(worn, self.cohort.marker_sets_dir)

    @property
    def marker_set_files(self) -> list[Path]:
        """The table of the marker set, and that of the landmarks it may name."""
        landmarks = self.model_source.landmarks_path
        return [self.marker_set_path, *([landmarks] if landmarks.is_file() else [])]

    @property
    def marker_set(self) -> MarkerSet:
        """The marker set that this job's participant wore."""
        return load_marker_set(self.marker_set_path, self.model_source.landmarks_path)

    def folder(self, stage: str) -> Path:
        """Where a stage keeps the products of this job's participant."""
        return self.results / stage / self.cohort.name / self.participant.participant_id

    def product(self, stage: str, suffix: str, trial: str | None = None) -> Path:
        """Path of a product of this participant.

        Parameters
        ----------
        stage : str
            One of `STAGES`.
        suffix : str
            With its dot, for example `".trc"`; empty for a folder.
        trial : str, optional
            Id of another trial of the participant; this job's own by default.

        Raises
        ------
        ContractError
            CONTRACT_INPUT_UNDECLARED: it is not among those `declared`.
        """
        stem = "model" if stage in SUBJECT_STAGES else trial or self.stem
        path = self.folder(stage) / f"{stem}{suffix}"
        if self.declared is not None and path not in self.declared:
            raise ContractError(
                expected="a stage that reads nothing but what it declares in inputs(job)",
                found=f"{path.relative_to(self.results)}, which it does not declare",
                where=self.where,
                do="Add the product to inputs(job): a change of it has to run the stage again.",
                code="CONTRACT_INPUT_UNDECLARED",
            )
        return path

    def reading_only(self, inputs: Iterable[Path]) -> Job:
        """The job as a stage gets it to run: no other product than these can be read through it."""
        restricted = replace(self, declared=frozenset(inputs))
        # Looking for the model takes 17 ms, which add up over stages and trials.
        vars(restricted).update({name: value for name, value in vars(self).items() if name == "model_source"})
        return restricted

    def tool_log(self, stage: str) -> Path:
        """Where the tools that a stage calls write what they have to say about this job."""
        subject = Path(self.cohort.name, self.participant.participant_id)
        return self.results.resolve() / "logs" / "tools" / stage / subject / f"{self.stem}.log"

    def quality_of(self, stage: str, trial: str | None = None) -> Quality:
        """Verdict of a stage that ran before; raises `DataError` (STAGE_NOT_RUN, QUALITY_DAMAGED)."""
        path = self.product(stage, ".quality.json", trial)
        if not path.is_file():
            raise DataError(
                expected=f"the stage {stage} to have run",
                found=f"no {path}",
                where=self.where,
                do=f"Run `snakemake {stage}` first.",
                code="STAGE_NOT_RUN",
            )
        return read_quality(path)

    def document(self, stage: str, suffix: str, file: str = "") -> dict:
        """A JSON product, or file in a folder, of a stage that ran before; raises `DataError` (PRODUCT_DAMAGED)."""
        path = self.product(stage, suffix) / file
        try:
            document = parse_json(path.read_text(encoding="utf-8"))
            if not isinstance(document, dict):
                raise ValueError("no mapping")
            return document
        except (OSError, ValueError) as error:
            raise DataError(
                expected="a product as its stage wrote it",
                found=str(error),
                where=str(path),
                do=REMEDY,
                code="PRODUCT_DAMAGED",
            ) from error

    def before(self, stage: str) -> list[tuple[str, Job]]:
        """`(stage, job)` of everything that `stage` builds on, in the order of the data."""
        if stage in RECORDING_STAGES:
            return []
        if stage in SUBJECT_STAGES:
            return [("ingest", replace(self, trial=static)) for static in self.marked_statics]
        earlier = [name for name in self.stages if STAGES.index(name) < STAGES.index(stage)]
        if stage in SENSOR_STAGES:
            earlier = [name for name in earlier if name not in EXTERNAL_STAGES]
        return [(name, replace(self, trial=None) if name in SUBJECT_STAGES else self) for name in earlier]


def marker_sets_of(cohort: Cohort, source: ModelSource) -> dict[str, MarkerSet]:
    """The marker sets a cohort wore, by their name, as the family of a model knows them.

    Raises
    ------
    ConfigError
        MARKER_SET_UNKNOWN, with who is said to have worn it; MARKER_SET_INVALID.
    """
    return {
        name: load_marker_set(_worn(name, ids, cohort, source), source.landmarks_path)
        for name, ids in cohort.wearers.items()
    }


def _worn(name: str, ids: list[str], cohort: Cohort, source: ModelSource) -> Path:
    try:
        return source.marker_set_path(name, cohort.marker_sets_dir)
    except ConfigError as error:
        told = ", ".join([*ids[:3], *(["..."] if len(ids) > 3 else [])])
        where = f"{error.where} of {cohort.name} ({told})"
        raise ConfigError(
            expected=error.expected, found=error.found, where=where, do=error.do, code=error.code
        ) from error


def jobs_of(
    stage: str, trial_ids: Iterable[str], *, config: Config, cohort: Cohort, participant_id: str, results: Path
) -> list[Job]:
    """Jobs of one participant for a stage: one a trial, or just one where the stage works once for a subject."""
    participant = cohort.by_id[participant_id]
    rows = {row.trial_id: row for row in cohort.trials_of(participant_id)}
    trials = [None] if stage in SUBJECT_STAGES else [rows[trial_id] for trial_id in trial_ids]
    return [Job(config, cohort, participant, trial, results) for trial in trials]
