"""cohort.yaml, typed and closed: what a cohort says of its recordings as a whole."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from gaitload.cohorts.sensor_files import not_told_apart
from gaitload.external.declaration import ExternalSource
from gaitload.io.imu.table import ImuColumns
from gaitload.section import Positive, Section

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]
SignedAxis = Literal["+x", "-x", "+y", "-y", "+z", "-z"]


class CohortSpec(Section):
    """cohort.yaml: where the recordings come from and how their laboratory was set up."""

    name: Identifier = Field(description="The same as the name of the folder.")
    title: str
    source: str = Field(description="Publication and public address to download the recordings from.")
    licence: str
    raw_dir: str | None = Field(
        None, description="Folder of the recordings, relative to the root of the repository; none when they are made."
    )
    made_by: Literal["embedded"] | None = Field(
        None, description="The workflow itself makes the recordings of synthetic participants, whose truth is known."
    )
    lab_forward: SignedAxis | None = Field(
        None,
        description="Lab axis along which people move (on a treadmill: which they face); needed with markers.",
    )
    lab_up: SignedAxis | None = Field(None, description="Lab axis that points away from gravity; needed with markers.")
    treadmill: bool = Field(False, description="True when people move on a belt, unless a trial says otherwise.")
    marker_set: Identifier | None = Field(None, description="Marker set of everybody who names none of their own.")
    marker_rate_hz: Positive | None = Field(
        None, description="Rate of marker files that do not say it (.mat); the others say it themselves."
    )
    marker_length_unit: Literal["m", "cm", "mm"] | None = Field(
        None, description="Length unit of marker files that do not say it (.mat)."
    )
    imu_files: dict[str, str] = Field(
        {},
        description="Inertial sensors: the body of the model that carries each, and its file in a trial's imu_dir; * "
        "or {trial}, {key}, {participant} stand for what differs between trials, and #name behind it picks a sensor of "
        "a file that holds several.",
    )
    imu_forward: dict[str, SignedAxis] = Field(
        {},
        max_length=1,
        description="For trials without markers: a body of imu_files, and the axis of its sensor that points forward "
        "while the person stands.",
    )
    imu_rate_hz: Positive | None = Field(None, description="Rate of the sensors, where their files do not say it.")
    imu_columns: dict[str, ImuColumns] = Field(
        {},
        description="For sensors in tables of your own (CSV, Parquet): #name in imu_files -> time, acc, gyr, mag, "
        "quaternion (names of columns) and time_unit, acc_unit, gyr_unit, gravity, uneven (docs/imu.md).",
    )
    external: dict[Identifier, ExternalSource] = Field(
        {},
        description="External columns of the trials, by what they come from: signals that others measured or computed "
        "(docs/external.md).",
    )
    notes: str = Field("", description="What a user of the labels should know.")

    @model_validator(mode="after")
    def _two_axes(self) -> CohortSpec:
        if (self.lab_forward is None) != (self.lab_up is None):
            raise ValueError("lab_forward and lab_up are given together or not at all")
        if self.lab_up and self.lab_forward[1] == self.lab_up[1]:
            raise ValueError(f"lab_forward and lab_up share the axis {self.lab_up[1]}")
        return self

    @model_validator(mode="after")
    def _forward_of_a_sensor(self) -> CohortSpec:
        strange = [body for body in self.imu_forward if body not in self.imu_files]
        if strange:
            raise ValueError(f"imu_forward names {strange[0]}, which has no sensor in imu_files")
        return self

    @model_validator(mode="after")
    def _one_way_to_sensors(self) -> CohortSpec:
        if len({"#" in name for name in self.imu_files.values()}) > 1:
            raise ValueError("either all of imu_files pick a sensor by #name or none does")
        names = {name.partition("#")[2] for name in self.imu_files.values()}
        if self.imu_columns and names != self.imu_columns.keys():
            declared, picked = ", ".join(sorted(self.imu_columns)), ", ".join(sorted(names))
            raise ValueError(f"imu_columns declares {declared}, imu_files picks {picked}")
        return self

    @model_validator(mode="after")
    def _a_sensor_for_each_body(self) -> CohortSpec:
        alike = not_told_apart(self.imu_files)
        if alike:
            advice = "of a file that holds several sensors, pick each by its #name"
            raise ValueError(f"imu_files says the same for two bodies: {', '.join(alike)}; {advice}")
        return self

    @model_validator(mode="after")
    def _external_names_once(self) -> CohortSpec:
        names = [name for source in self.external.values() for name in source.columns]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"external names the column {twice[0]} in two sources")
        return self

    @model_validator(mode="after")
    def _one_origin(self) -> CohortSpec:
        if (self.raw_dir is None) == (self.made_by is None):
            raise ValueError("either raw_dir says where the recordings are, or made_by who makes them")
        return self
