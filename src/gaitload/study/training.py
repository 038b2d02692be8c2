"""Settings of a study: how networks are trained."""

from __future__ import annotations

from itertools import product
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from gaitload.section import NonNegative, Positive, Section
from gaitload.study.parts import Count, Name, Whole

Option = int | float | str | tuple[int, ...]
"""Value of an option of a network."""


class StudyTraining(Section):
    """How networks are trained."""

    epochs: Count = Field(60, description="At most; validation subjects stop it earlier.")
    batch: Count = Field(64, description="Windows of a step.")
    optimiser: Literal["adamw", "adam"] = Field(
        "adamw", description="adamw: weights decay by themselves (Loshchilov & Hutter 2019); adam: by the gradient."
    )
    learning_rate: Positive = Field(2e-3, description="The greatest learning rate of the optimiser.")
    schedule: Literal["warm_cosine", "constant"] = Field(
        "warm_cosine",
        description="warm_cosine: the learning rate rises over the first tenth of all steps and falls along a cosine.",
    )
    weight_decay: NonNegative = Field(1e-4, description="Larger values keep weights smaller and estimates smoother.")
    stopping: Literal["patience", "increments"] = Field(
        "patience",
        description="patience: training stops after epochs without a better validation error; increments: validation "
        "windows are looked at after epochs_first epochs and then every epochs_step, and training stops at the first "
        "look that is no better (Hur et al. 2025: 500, then 200).",
    )
    patience: Count = Field(15, description="Epochs without a better validation error before training stops.")
    epochs_first: Count = Field(500, description="Epochs before validation windows are first looked at (increments).")
    epochs_step: Count = Field(200, description="Epochs from one such look to the next (increments).")
    clip: Positive = Field(1.0, description="Greatest norm of a gradient.")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto: an accelerator where there is one.")
    mixed_precision: bool = Field(True, description="bfloat16 on an accelerator; processors always take float32.")
    mounting_rad: NonNegative = Field(
        0.0, description="Standard deviation, per axis, of turns that sensors are given anew in every batch."
    )
    noise: NonNegative = Field(0.0, description="Noise added to inputs, in their standard deviations.")
    sensor_dropout: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.0,
        description="Probability with which each sensor of a window is left out of training, at least one staying. "
        "Above 0 one network, trained on the sensors of all sets, serves every sensor set of the study.",
    )
    residual_of: Literal["none", "phase_mean", "ridge"] = Field(
        "none", description="Networks learn what this floor, fitted across people, leaves."
    )
    beside: Literal["none", "phase_mean", "ridge", "kernel_ridge"] = Field(
        "none",
        description="Estimates are a mean of the network and this floor, weighted for each target by what is best on "
        "the validation people.",
    )
    adapt_epochs: Whole = Field(
        15,
        description="Epochs of fine-tuning a network to a person; with split.calibration_validation_share the best of "
        "them is kept. 0: none.",
    )
    adapt_rate: Positive = Field(2e-4, description="Learning rate of fine-tuning.")
    shift: Annotated[Literal["off", "mean"], BeforeValidator(lambda value: "off" if value is False else value)] = Field(
        "mean",
        description="mean: after adaptation every estimator is moved by its mean error on the calibration windows of "
        "the same side, point by point; off: it is not.",
    )
    options: dict[str, Option] = Field(
        {},
        description="Options of a network (width, layers, kernel, dropout, ...): keyword arguments of `build` in its "
        "file. They differ between networks, so they are set in study.estimator_settings.",
    )
    select: dict[str, tuple[Option, ...]] = Field(
        {},
        description="Values to try, by the name of an option or of a setting of study.training. All combinations are "
        "trained, and the one with the least validation error is kept.",
    )

    @model_validator(mode="after")
    def _possible(self) -> StudyTraining:
        if self.stopping == "increments" and self.epochs < self.epochs_first:
            raise ValueError(f"epochs {self.epochs} end before epochs_first {self.epochs_first}: nothing is validated")
        empty = [name for name, values in self.select.items() if not values]
        if empty:
            raise ValueError(f"select.{empty[0]} has no values")
        if self.sensor_dropout and (self.residual_of != "none" or self.beside != "none"):
            raise ValueError("sensor_dropout trains a network alone; set residual_of and beside to none")
        if "sensor_dropout" in self.select:
            raise ValueError("select cannot choose sensor_dropout: it decides which jobs there are")
        return self

    def candidates(self) -> list[StudyTraining]:
        """Settings to try, one for each combination of `select`, which is empty in all of them; raises `ValueError`."""
        plain = self.model_dump() | {"select": {}}
        found = []
        for values in product(*self.select.values()):
            chosen = dict(zip(self.select, values, strict=True))
            settings = {name: value for name, value in chosen.items() if name in plain}
            options = {name: value for name, value in chosen.items() if name not in plain}
            found.append(StudyTraining(**(plain | settings | {"options": plain["options"] | options})))
        return found


class EstimatorSettings(Section):
    """How one estimator of a study departs from its training settings."""

    file: Name | None = Field(
        None, description="File of src/gaitload/estimators; null: called as the estimator is in study.estimators."
    )
    training: dict[str, Any] = Field(
        {}, description="Settings of study.training that this estimator has of its own, options and select among them."
    )
