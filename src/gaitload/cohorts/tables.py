"""A cohort and its tables, participants.tsv and trials.tsv, typed and closed."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from gaitload.cohorts.sensor_files import sensor_files
from gaitload.cohorts.spec import CohortSpec, Identifier, SignedAxis
from gaitload.config.motion import Activity
from gaitload.errors import ConfigError, DataError
from gaitload.external.declaration import ExternalSource, with_ids
from gaitload.io.subject_files import LENGTH_SPANS_M
from gaitload.section import NonNegative, Positive, Section

Names = Annotated[str, Field(pattern=r"^[\w-]+(,[\w-]+)*$")] | None

COVARIATES_ONLY = ("sex", "knee_alignment_r_deg", "knee_alignment_l_deg", "affected_side")
"""Columns of participants.tsv that studies alone make use of (and the making of synthetic participants of `sex`)."""
KneeAlignment = Annotated[
    Annotated[float, Field(gt=-45, lt=45)] | None,
    Field(
        description="Hip-knee-ankle angle of the leg, standing, varus positive; 0: straight. A covariate of studies."
    ),
]


def _length(column: str, description: str) -> Field:
    low_m, high_m = LENGTH_SPANS_M[column]
    return Field(None, gt=low_m, lt=high_m, description=description)


class Participant(Section):
    """One row of participants.tsv."""

    participant_id: Identifier
    sex: Literal["F", "M"] | None = None
    mass_kg: Annotated[float, Field(gt=5, lt=400)] | None = Field(None, description="Body mass as recorded, shod.")
    height_m: Annotated[float, Field(gt=0.5, lt=2.6)] | None = None
    marker_set: Identifier | None = Field(None, description="Overrides the marker set of the cohort.")
    knee_alignment_r_deg: KneeAlignment = None
    knee_alignment_l_deg: KneeAlignment = None
    affected_side: Literal["r", "l", "none"] | None = Field(
        None, description="Leg with an injury or a disease; none: neither. A covariate of studies."
    )
    inter_asis_m: float | None = _length(
        "inter_asis_m", "Distance between the ASIS on the body, where markers of the ASIS stand farther apart."
    )
    knee_width_r_m: float | None = _length(
        "knee_width_r_m", "Width of the right knee, for a set without medial markers."
    )
    knee_width_l_m: float | None = _length("knee_width_l_m", "Width of the left knee.")
    ankle_width_r_m: float | None = _length(
        "ankle_width_r_m", "Width of the right ankle, for a set without medial markers."
    )
    ankle_width_l_m: float | None = _length("ankle_width_l_m", "Width of the left ankle.")
    marker_diameter_m: float | None = _length(
        "marker_diameter_m", "Diameter of the markers; half of it is added to half a width. 0.014 by default."
    )

    @property
    def lengths_m(self) -> dict[str, float]:
        """Lengths that were measured on the body, by column."""
        return {name: value for name in LENGTH_SPANS_M if (value := getattr(self, name)) is not None}

    def deciding_labels(self) -> dict:
        """The row without what no label depends on: those covariates join the tables when a study is put together."""
        return self.model_dump(mode="json", exclude=set(COVARIATES_ONLY))


class TrialRow(Section):
    """One row of trials.tsv."""

    participant_id: Identifier
    trial_id: Identifier
    role: Literal["static", "motion"]
    activity: Activity
    file: str | None = Field(
        None,
        description="Markers, and forces where the format holds both; relative to raw_dir. Empty: inertial sensors "
        "alone.",
    )
    subject: str | None = Field(
        None, description="Name before the `:` of the person's markers, where a file has several, or objects."
    )
    forces_file: str | None = Field(None, description="Forces, where they are in a file of their own.")
    start_s: NonNegative | None = Field(
        None,
        description="Start of the labelled part on the clock of the recording: the time column of a TRC file; in a C3D "
        "file frame 1 is at 0. Empty: by the configuration.",
    )
    end_s: Positive | None = Field(None, description="End of the labelled part; empty: by the configuration.")
    plates: Annotated[str, Field(pattern=r"^[^,]+(,[^,]+)*$")] | None = Field(
        None,
        description="Force plates to use: plate_1,plate_2 in the order of a C3D file, or what the columns of a force "
        "file are called before _vx; empty: all.",
    )
    forces_length_unit: Literal["m", "mm"] = Field("m", description="Of points and torques in forces_file.")
    foot_of_plate: Annotated[str, Field(pattern=r"^[\w-]+=[rl](,[\w-]+=[rl])*$")] | None = Field(
        None, description="Overrides the foot found from the markers, for example plate_1=r,plate_2=l."
    )
    treadmill: bool | None = Field(None, description="Overrides the cohort's.")
    lab_forward: SignedAxis | None = Field(None, description="Overrides the cohort's; given together with lab_up.")
    lab_up: SignedAxis | None = Field(None, description="Overrides the cohort's; given together with lab_forward.")
    external: Names = Field(
        None, description="Sources of cohort.yaml that the trial has, joined by commas; empty: all; -: none."
    )
    external_key: str | None = Field(
        None, description="What {key} stands for in `external` and `imu_files` of cohort.yaml; empty: the trial's id."
    )
    external_offset_s: float | None = Field(
        None, description="Added to the times of external columns on a clock of their own, to be on that of the trial."
    )
    external_flipped: Names = Field(
        None, description="External columns whose sign is turned in this trial, joined by commas; the verdict says so."
    )
    emg_reference: bool | None = Field(
        None,
        description="true: electromyograms of all trials of the participant are divided by the largest envelope of the "
        "trials marked so, a maximal contraction or a walk that no study tests. Empty everywhere: by that of the other "
        "motions, which puts the loudest trial on a scale of its own.",
    )
    cycle_start_s: NonNegative | None = Field(
        None,
        description="Start of the gait cycle that external columns in per cent are of, on the clock of the trial; "
        "empty: by the events of the C3D file.",
    )
    cycle_end_s: Positive | None = Field(None, description="End of that cycle; given together with cycle_start_s.")
    imu_dir: str | None = Field(
        None, description="Folder with a file of each inertial sensor of the cohort; relative to raw_dir."
    )
    speed_m_per_s: Positive | None = None

    @model_validator(mode="after")
    def _consistent(self) -> TrialRow:
        if self.file is None and (self.forces_file or self.plates or self.foot_of_plate):
            raise ValueError("forces (forces_file, plates, foot_of_plate) without markers (file)")
        if (self.role == "static") != (self.activity == "static"):
            raise ValueError(f"role {self.role} does not go with activity {self.activity}")
        if self.start_s is not None and self.end_s is not None and self.end_s <= self.start_s:
            raise ValueError(f"end_s {self.end_s} is not after start_s {self.start_s}")
        if (self.lab_forward is None) != (self.lab_up is None):
            raise ValueError("lab_forward and lab_up are given together or not at all")
        if self.lab_up and self.lab_forward[1] == self.lab_up[1]:
            raise ValueError(f"lab_forward and lab_up share the axis {self.lab_up[1]}")
        if (self.cycle_start_s is None) != (self.cycle_end_s is None):
            raise ValueError("cycle_start_s and cycle_end_s are given together or not at all")
        if self.cycle_start_s is not None and self.cycle_end_s <= self.cycle_start_s:
            raise ValueError(f"cycle_end_s {self.cycle_end_s} is not after cycle_start_s {self.cycle_start_s}")
        wanted = self.plates_wanted or ()
        if len(set(wanted)) < len(wanted):
            raise ValueError(f"plates {self.plates} names one twice: its force would be counted twice")
        return self

    @property
    def plates_wanted(self) -> tuple[str, ...] | None:
        """Names of the force plates to use; None means all."""
        return tuple(name.strip() for name in self.plates.split(",")) if self.plates else None

    @property
    def sources_wanted(self) -> tuple[str, ...] | None:
        """Names of the sources of external columns that the trial has; None means all."""
        if self.external is None:
            return None
        return () if self.external == "-" else tuple(self.external.split(","))

    @property
    def ids(self) -> dict[str, str]:
        """What {participant}, {trial} and {key} stand for in names of files and columns of this trial."""
        return {"participant": self.participant_id, "trial": self.trial_id, "key": self.external_key or self.trial_id}

    @property
    def flipped(self) -> tuple[str, ...]:
        """External columns whose sign is turned."""
        return tuple(self.external_flipped.split(",")) if self.external_flipped else ()

    @property
    def plate_feet(self) -> dict[str, str]:
        """`foot_of_plate` as side by plate name; empty when nothing is overridden."""
        return dict(pair.split("=") for pair in self.foot_of_plate.split(",")) if self.foot_of_plate else {}


@dataclass(frozen=True)
class Cohort:
    """A cohort whose tables agree with each other; made by `cohorts.reader.load_cohort`.

    Attributes
    ----------
    spec : CohortSpec
    raw_dir : Path
        Folder of the recordings on this machine; it need not exist before `require_recordings`.
    participants : tuple of Participant
    trials : tuple of TrialRow
        Both in the order of their sheets.
    marker_sets_dir : Path or None
        Folder of the marker sets that only this cohort wears; it need not exist.
    """

    spec: CohortSpec
    raw_dir: Path
    participants: tuple[Participant, ...]
    trials: tuple[TrialRow, ...]
    marker_sets_dir: Path | None = None

    @property
    def name(self) -> str:
        """Name of the cohort and of its folder."""
        return self.spec.name

    @cached_property
    def by_id(self) -> dict[str, Participant]:
        """Participants by their id."""
        return {participant.participant_id: participant for participant in self.participants}

    @cached_property
    def movers(self) -> tuple[Participant, ...]:
        """Participants with at least one motion trial: those there is anything to compute for."""
        return tuple(person for person in self.participants if self.motions_of(person.participant_id))

    def trials_of(self, participant_id: str) -> tuple[TrialRow, ...]:
        """All trials of a participant, in the order of the sheet."""
        return tuple(self._by_participant.get(participant_id, ()))

    def statics_of(self, participant_id: str) -> tuple[TrialRow, ...]:
        """The static trials of a participant, in the order of the sheet.

        The first decides the proportions of the model; later ones show markers that were stuck on anew.
        """
        return tuple(row for row in self.trials_of(participant_id) if row.role == "static")

    def motions_of(self, participant_id: str) -> tuple[TrialRow, ...]:
        """The motion trials of a participant, in the order of the sheet."""
        return tuple(row for row in self.trials_of(participant_id) if row.role == "motion")

    def marker_set_of(self, participant: Participant) -> str | None:
        """Name of the marker set somebody wore; None for somebody without markers."""
        return participant.marker_set or self.spec.marker_set

    @property
    def wearers(self) -> dict[str, list[str]]:
        """Ids of the participants by the marker set they wore."""
        ids: dict[str, list[str]] = {}
        for participant in self.participants:
            name = self.marker_set_of(participant)
            if name is not None:
                ids.setdefault(name, []).append(participant.participant_id)
        return ids

    def on_treadmill(self, trial: TrialRow) -> bool:
        """Whether a trial was recorded on a belt."""
        return self.spec.treadmill if trial.treadmill is None else trial.treadmill

    def lab_axes_of(self, trial: TrialRow) -> tuple[str, str]:
        """Lab axes `(forward, up)` of a trial."""
        return trial.lab_forward or self.spec.lab_forward, trial.lab_up or self.spec.lab_up

    def files_of(self, trial: TrialRow) -> tuple[Path, ...]:
        """Recordings of a trial: the markers' file, then the forces' where it is another; they need not exist. None
        without markers."""
        return tuple(self.raw_dir / name for name in (trial.file, trial.forces_file) if name)

    @staticmethod
    def has_markers(trial: TrialRow) -> bool:
        """Whether a trial was recorded with markers, by what its tables say."""
        return trial.file is not None

    def has_sensors(self, trial: TrialRow) -> bool:
        """Whether a trial has inertial sensors, by what its tables say."""
        return trial.imu_dir is not None and bool(self.spec.imu_files)

    def has_external(self, trial: TrialRow) -> bool:
        """Whether a trial has external columns, by what its tables say."""
        return bool(self.external_of(trial))

    def external_of(self, trial: TrialRow) -> dict[str, ExternalSource]:
        """Sources of external columns of a motion trial, by their names."""
        if trial.role != "motion":
            return {}
        wanted = self.spec.external if trial.sources_wanted is None else trial.sources_wanted
        return {name: source for name, source in self.spec.external.items() if name in wanted}

    def external_file(self, trial: TrialRow, source: ExternalSource) -> Path:
        """File of a source of external columns of a trial; it need not exist."""
        return self.raw_dir / (with_ids(source.file, trial.ids) if source.file else trial.file)

    def imu_files_of(self, trial: TrialRow) -> dict[str, Path]:
        """Recordings of the inertial sensors of a trial, by the bodies that carry them; they need not exist.

        Raises
        ------
        DataError
            Those of `sensor_files`.
        """
        if not self.has_sensors(trial):
            return {}
        where = f"{self.name}/{trial.participant_id}/{trial.trial_id}"
        names = {body: with_ids(name, trial.ids) for body, name in self.spec.imu_files.items()}
        return sensor_files(self.raw_dir / trial.imu_dir, names, home=self.raw_dir, where=where)

    @property
    def imu_names(self) -> dict[str, str]:
        """Names of the sensors in their files, by the bodies that carry them; empty where a file holds one sensor."""
        names = {body: name.partition("#")[2] for body, name in self.spec.imu_files.items()}
        return {body: name for body, name in names.items() if name}

    def first(self, people: int) -> Cohort:
        """The cohort with only the first so many participants.

        Raises
        ------
        ConfigError
            PEOPLE_TOO_MANY.
        """
        if people > len(self.participants):
            raise ConfigError(
                expected=f"at most {len(self.participants)} people, the rows of participants.tsv of {self.name}",
                found=str(people),
                where="embedded.people",
                do="Lower it, or add people to the table and their trials to trials.tsv.",
                code="PEOPLE_TOO_MANY",
            )
        chosen = self.participants[:people]
        ids = {person.participant_id for person in chosen}
        return replace(self, participants=chosen, trials=tuple(row for row in self.trials if row.participant_id in ids))

    def motion_of(self, trial: TrialRow) -> Path:
        """What the recording of a trial was made from, beside it; only where `spec.made_by` says who made it."""
        return (self.raw_dir / trial.file).with_suffix(".motion.parquet")

    def truth_of(self, trial: TrialRow) -> Path:
        """Labels of `motion_of` a trial, beside it."""
        return (self.raw_dir / trial.file).with_suffix(".truth.parquet")

    def require_recordings(self) -> None:
        """Raise `DataError` (RECORDINGS_NOT_FOUND) unless the folder of the recordings is there or will be made."""
        if not (self.raw_dir.is_dir() or self.spec.made_by):
            raise DataError(
                expected=f"the recordings of {self.spec.title}",
                found=f"no folder {self.raw_dir}",
                where=self.name,
                do=f"Download them from {self.spec.source}, and set {raw_dir_variable(self.name)}, or raw_dir in "
                "cohort.yaml, to their folder.",
                code="RECORDINGS_NOT_FOUND",
            )

    @cached_property
    def _by_participant(self) -> dict[str, list[TrialRow]]:
        rows: dict[str, list[TrialRow]] = {}
        for row in self.trials:
            rows.setdefault(row.participant_id, []).append(row)
        return rows


def raw_dir_variable(name: str) -> str:
    """Environment variable that overrides `raw_dir` of a cohort."""
    return f"GAITLOAD_{name.upper().replace('-', '_')}_DIR"


def raw_dir_of(spec: CohortSpec, root: Path, results: Path) -> Path:
    """Folder of the recordings: among the `results` if they are made, else from the environment, else `spec.raw_dir`
    seen from `root`, the repository's root."""
    if spec.made_by:
        return results / "recordings" / spec.name
    override = os.environ.get(raw_dir_variable(spec.name))
    return Path(override) if override else Path(root) / spec.raw_dir
