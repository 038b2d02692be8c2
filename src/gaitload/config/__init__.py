"""Every setting, typed, closed and described: a misspelt name is an error, never a silent default."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from gaitload.config.embedded import Embedded
from gaitload.config.external import Emg, External
from gaitload.config.motion import (
    Gates,
    Ingest,
    Kinematics,
    Loads,
    Muscles,
    Scaling,
    Uncertainty,
    Window,
)
from gaitload.config.results import Evaluation, Report
from gaitload.config.sensors import Aligned, ImuKinematics, Sync
from gaitload.documents import read_yaml
from gaitload.errors import ConfigError
from gaitload.section import Section
from gaitload.study import Study
from gaitload.validation import problems_in_words


class Config(Section):
    """The whole of config.yaml."""

    cohorts: Annotated[
        tuple[Annotated[str, Field(pattern="^[A-Za-z0-9_-]+$")], ...],
        Field(min_length=1),
        BeforeValidator(lambda value: tuple(value.split(",")) if isinstance(value, str) else value),
    ] = Field(("embedded",), description="Cohorts of workflow/cohorts/ to run; a list, or names joined by commas.")
    results_dir: str = Field("results", description="Where everything goes.")
    model: str = Field("rajagopal2023", description="A folder of opensim_models/, or the path of an .osim file.")
    model_family: str | None = Field(
        None,
        description="Family of an .osim file: a folder of opensim_models/ with a family.yaml, or the path of such a "
        "folder anywhere, with a slash in it; null: rajagopal. Models of opensim_models/ name theirs.",
    )
    engine: Literal["api", "compiled", "tools"] = Field(
        "compiled",
        description="compiled: kernels compiled on the first run, a thousand times as fast as the tools; a model with "
        "a feature they do not know is solved by api. api: OpenSim's dynamics and muscle geometry frame by frame, "
        "muscles solved on the dual. tools: OpenSim's own tools.",
    )
    label_mode: Literal["physical", "opensim"] = Field(
        "physical",
        description="opensim: what OpenSim's static optimization and joint reaction analysis say; physical: the "
        "same with the physics that they leave out (muscles).",
    )
    shard_trials: Annotated[int, Field(gt=0)] = Field(4, description="Trials of one subject that share a job.")
    window: Window = Window()
    ingest: Ingest = Ingest()
    scaling: Scaling = Scaling()
    kinematics: Kinematics = Kinematics()
    loads: Loads = Loads()
    muscles: Muscles = Muscles()
    uncertainty: Uncertainty = Uncertainty()
    gates: Gates = Gates()
    sync: Sync = Sync()
    imu_kinematics: ImuKinematics = ImuKinematics()
    external: External = External()
    emg: Emg = Emg()
    aligned: Aligned = Aligned()
    embedded: Embedded = Embedded()
    study: Study = Study()
    evaluation: Evaluation = Evaluation()
    report: Report = Report()

    @model_validator(mode="after")
    def _possible(self) -> Config:
        if self.engine == "tools" and self.label_mode == "physical":
            raise ValueError("engine tools knows label_mode opensim alone; choose it, or another engine")
        if self.engine == "api" and self.loads.activation_exponent != 2:
            raise ValueError("engine api knows activation_exponent 2 alone; choose it, or another engine")
        if self.loads.activation_exponent <= 1:
            raise ValueError("activation_exponent is not above 1: muscles would not share")
        if self.engine == "api" and self.label_mode == "physical" and self.muscles.tendons == "elastic":
            raise ValueError("engine api knows muscles.tendons rigid alone; choose it, or engine compiled")
        if self.emg.informed and self.engine != "compiled":
            raise ValueError(f"engine {self.engine} knows emg.informed false alone; choose it, or engine compiled")
        if self.uncertainty.samples and self.loads.activation_exponent != 2:
            raise ValueError("uncertainty.samples knows activation_exponent 2 alone; choose it, or samples: 0")
        return self

    @property
    def physics(self) -> Muscles:
        """What the labels take into account."""
        if self.label_mode == "physical":
            return self.muscles
        return Muscles(
            pennation=False,
            passive_force=False,
            balanced_paths=False,
            force_velocity_rigid_tendon=True,
            tendons="rigid",
            fibre_velocity=False,
            fibre_velocity_max=None,
            activation_min=None,
            sharing="activation",
            sharing_weights={},
        )

    @property
    def strength(self) -> Literal["stock", "handsfield2014"]:
        """How maximum isometric forces are scaled."""
        if self.scaling.strength == "auto":
            return "handsfield2014" if self.label_mode == "physical" else "stock"
        return self.scaling.strength


def parse_config(document: dict, *, where: str = "config.yaml and --config") -> Config:
    """Validate a configuration; `where` says where it was written, for messages.

    Raises
    ------
    ConfigError
        Names every setting that is unknown or out of range, all at once.
    """
    try:
        return Config.model_validate(_with_nulls(document))
    except ValidationError as error:
        raise _invalid("; ".join(problems_in_words(error, Config)), where) from error


def load_config(path: Path) -> Config:
    """Read and validate a YAML file of settings; raises `ConfigError`."""
    try:
        document = read_yaml(Path(path))
    except ValueError as error:
        raise _invalid(str(error), str(path)) from error
    return parse_config({} if document is None else document, where=str(path))


def _with_nulls(value: object) -> object:
    """Snakemake hands `--config window='{duration_s: null}'` on as the word."""
    if isinstance(value, dict):
        return {key: _with_nulls(item) for key, item in value.items()}
    return None if value == "null" else value


def config_schema() -> str:
    """JSON schema of `Config`, as committed in workflow/schemas/config.schema.json."""
    return json.dumps(Config.model_json_schema(), indent=1, sort_keys=True) + "\n"


def _invalid(found: str, where: str) -> ConfigError:
    return ConfigError(
        expected="settings described in workflow/schemas/config.schema.json",
        found=found,
        where=where,
        do="Correct the settings named.",
        code="CONFIG_INVALID",
    )
