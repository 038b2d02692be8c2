"""Groups of settings of a study: windows, splits and verdicts."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from gaitload.section import NonNegative, Positive, Section, Share

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_+-]*$")]
Names = Annotated[tuple[Name, ...], Field(min_length=1)]
Count = Annotated[int, Field(gt=0)]
Whole = Annotated[int, Field(ge=0)]
Participants = tuple[Annotated[str, Field(pattern=r"^[^/]+/[^/]+$")], ...]


class StudyWindow(Section):
    """How trials are cut into the windows that estimators see."""

    kind: Literal["fixed", "stance", "cycle"] = Field(
        "stance",
        description="fixed: windows of length frames every stride frames, whatever the feet do; stance: one a stance; "
        "cycle: one from contact to the next contact of the same foot. Those of a foot are seen from its side.",
    )
    rate_hz: Positive = Field(100.0, description="Clock of fixed windows.")
    length: Annotated[int, Field(ge=2)] = Field(50, description="Frames of a fixed window.")
    stride: Count = Field(25, description="Frames from one fixed window to the next.")
    points: Annotated[int, Field(ge=3)] = Field(51, description="Points that a stance or cycle is resampled to.")
    stance_times: Literal["contact", "pelvis_sensor", "shank_sensor"] = Field(
        "contact",
        description="Who says when a foot stands. contact: the labels, so the force plates; pelvis_sensor: the sensor "
        "at the pelvis, by the flight between the steps of running; shank_sensor: the gyroscope on the shank of that "
        "leg, by the swings between its stances in running.",
    )
    margin: NonNegative = Field(
        0.0, description="Share of a stance that is estimated before and after it too, where its ends are uncertain."
    )
    duration_limits: tuple[Positive, Positive] = Field(
        (0.7, 1.3),
        description="Stances, cycles and repetitions outside these shares of their mean duration in the trial are no "
        "windows, and are not evaluated (Hur et al. 2025).",
    )
    context_before: NonNegative = Field(
        0.0, description="Share of a stance or cycle that is seen before it too, at the same spacing of points."
    )
    context_after: NonNegative = Field(0.0, description="Likewise after it.")

    @model_validator(mode="after")
    def _ordered(self) -> StudyWindow:
        if not self.duration_limits[0] < 1 < self.duration_limits[1]:
            raise ValueError(f"duration_limits {self.duration_limits} are not (below 1, above 1)")
        return self

    @property
    def context(self) -> tuple[int, int]:
        """Points that are seen before and after those that are estimated."""
        return tuple(round(share * (self.points - 1)) for share in (self.context_before, self.context_after))


FRAME_FLAGS = (
    "OPTIMIZATION_UNSOLVED",
    "CONTACT_UNMEASURED",
    "CONTACT_OUTSIDE_PLATES",
    "PLATE_SHARED",
    "CONTACT_UNASSIGNED",
    "SEGMENT_LOST",
)
"""Reasons to distrust a frame of a leg that keep a window out by default: nothing is known there, or nothing was
solved."""


class StudyParticipants(Section):
    """Participants that are named instead of taken in turn, as `cohort/participant`."""

    train: Participants = Field((), description="Train the model of everybody who is tested; empty: all others.")
    validation: Participants = Field(
        (), description="Decide when training stops; empty: the last part of the trials of those who train."
    )
    test: Participants = Field((), description="Are tested; empty: everybody who neither trains nor validates.")

    @model_validator(mode="after")
    def _apart(self) -> StudyParticipants:
        named = [*self.train, *self.validation, *self.test]
        twice = sorted({one for one in named if named.count(one) > 1})
        if twice:
            raise ValueError(f"{twice[0]} is named twice; train, validation and test are different people")
        if self.validation and not self.train:
            raise ValueError("validation names participants and train does not; name both")
        return self


class StudySplit(Section):
    """Who and what is held out of training."""

    RENAMED: ClassVar[dict[str, str]] = {"calibrated_normaliser": "normaliser: calibration"}

    validation_subjects: Count = Field(
        1, description="Training subjects that decide when training stops; others for every seed."
    )
    validation_share: Share = Field(
        0.15, description="Share of the training part that validates, where protocols validate on those they train on."
    )
    validation_windows: Literal["last", "drawn"] = Field(
        "last",
        description="last: that share is the end of every trial; drawn: windows drawn at random, which share frames "
        "with training windows, as in published code.",
    )
    test_share: Share = Field(0.3, description="Last part of every trial that user_individualised is tested on.")
    calibration_share: Share = Field(0.2, description="First part of every trial that user_adaptive may learn from.")
    calibration_validation_share: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.0,
        description="Part of every trial after calibration_share that says which epoch of fine-tuning is best; 0: the "
        "last epoch is kept.",
    )
    calibration_windows: Whole = Field(
        0,
        description="Of that part the first so many of every trial and side; 0: all. The others are not tested.",
    )
    training_subjects: Whole = Field(
        0,
        description="loso and user_adaptive: at most so many people to train and validate on, drawn for every seed and "
        "fold; 0: all.",
    )
    normaliser: Literal["training", "calibration", "participant"] = Field(
        "training",
        description="training: scales are those of training windows; calibration: of the calibration part too; "
        "participant: test inputs are scaled by the statistics of the tested participant, as in published code.",
    )

    @model_validator(mode="after")
    def _leaves_a_test(self) -> StudySplit:
        if self.calibration_share + self.calibration_validation_share >= 1:
            raise ValueError("calibration_share and calibration_validation_share leave nothing to test")
        return self


class StudyVerdicts(Section):
    """Which doubts about labels keep them out."""

    leave_out: tuple[Literal["failed", "warned", "not_judged"], ...] = Field(
        ("failed",), description="Verdicts of a label column that keep its trial out."
    )
    frame_flags: tuple[str, ...] = Field(
        FRAME_FLAGS,
        description="Reasons to distrust a frame that keep a window out of which it is a target.",
    )
