"""Settings of a study: what is estimated from which sensors, by what, and how it is held against people unseen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from gaitload.section import NonNegative, Positive, Section, Share

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_+-]*$")]
Names = Annotated[tuple[Name, ...], Field(min_length=1)]
Count = Annotated[int, Field(gt=0)]
Whole = Annotated[int, Field(ge=0)]
Protocol = Literal["loso", "user_generalised", "user_individualised", "user_adaptive", "hur2025"]
Covariate = Literal[
    "mass_kg", "height_m", "sex", "speed_m_per_s", "side", "knee_alignment_deg", "duration_s", "stride_s", "duty"
]
PELVIS = "pelvis"
"""The sensor that tells stances of running (`stance_times: pelvis_sensor`)."""
OF_A_STEP = frozenset({"side", "knee_alignment_deg", "duration_s", "stride_s", "duty"})
"""Covariates that only windows of a stance or cycle have."""


def _without_nulls(sets: object) -> object:
    return {name: worn for name, worn in sets.items() if worn is not None} if isinstance(sets, dict) else sets


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
    stance_times: Literal["contact", "pelvis_sensor"] = Field(
        "contact",
        description="Who says when a foot stands. contact: the labels, so the force plates; pelvis_sensor: the sensor "
        "at the pelvis, by the flight between the steps of running.",
    )
    margin: NonNegative = Field(
        0.0, description="Share of a stance that is estimated before and after it too, where its ends are uncertain."
    )
    context_before: NonNegative = Field(
        0.0, description="Share of a stance or cycle that is seen before it too, at the same spacing of points."
    )
    context_after: NonNegative = Field(0.0, description="Likewise after it.")

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


class StudySplit(Section):
    """Who and what is held out of training."""

    validation_subjects: Count = Field(
        1, description="Training subjects that decide when training stops; others for every seed."
    )
    validation_share: Share = Field(
        0.15, description="Of every trial's windows, where protocols validate on the people they train on."
    )
    test_share: Share = Field(0.3, description="Last part of every trial that user_individualised is tested on.")
    calibration_share: Share = Field(0.2, description="First part of every trial that user_adaptive may learn from.")
    calibration_windows: Whole = Field(
        0,
        description="Of that part the first so many of every trial and side; 0: all. The others are not tested.",
    )
    training_subjects: Whole = Field(
        0,
        description="loso and user_adaptive: at most so many people to train and validate on, drawn for every seed and "
        "fold; 0: all.",
    )
    calibrated_normaliser: bool = Field(
        False, description="user_adaptive: the normaliser sees that part too, instead of training subjects alone."
    )


class StudyTraining(Section):
    """How networks are trained."""

    epochs: Count = Field(60, description="At most; validation subjects stop it earlier.")
    batch: Count = Field(64, description="Windows of a step.")
    learning_rate: Positive = Field(2e-3, description="Greatest, of Adam; it rises over the first tenth and falls.")
    weight_decay: NonNegative = Field(1e-4, description="Decoupled; larger smooths.")
    patience: Count = Field(15, description="Epochs without a better validation error before it stops.")
    clip: Positive = Field(1.0, description="Greatest norm of a gradient.")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto: an accelerator where there is one.")
    mixed_precision: bool = Field(True, description="bfloat16 on an accelerator; processors always take float32.")
    mounting_rad: NonNegative = Field(
        0.0, description="Standard deviation, per axis, of turns that sensors are given anew in every batch."
    )
    noise: NonNegative = Field(0.0, description="Noise added to inputs, in their standard deviations.")
    residual_of: Literal["none", "phase_mean", "ridge"] = Field(
        "none", description="Networks learn what this floor, fitted across people, leaves."
    )
    beside: Literal["none", "phase_mean", "ridge", "kernel_ridge"] = Field(
        "none",
        description="Estimates are a mean of the network and this floor, weighted for each target by what is best on "
        "the validation people.",
    )
    adapt_epochs: Whole = Field(
        15, description="Of fine-tuning networks to a person, before any estimator is moved by its mean error; 0: none."
    )
    adapt_rate: Positive = Field(2e-4, description="Learning rate of fine-tuning.")


class StudyVerdicts(Section):
    """Which doubts about labels keep them out."""

    leave_out: tuple[Literal["failed", "warned", "not_judged"], ...] = Field(
        ("failed",), description="Verdicts of a label column that keep its trial out."
    )
    frame_flags: tuple[str, ...] = Field(
        FRAME_FLAGS,
        description="Reasons to distrust a frame that keep a window out of which it is a target.",
    )


class Study(Section):
    """One comparison of estimators; the cohorts are those of the whole configuration."""

    name: Name = Field("embedded", description="Its folder in the results.")
    sensor_sets: Annotated[
        dict[Name, tuple[Name, ...]],
        Field(min_length=1),
        BeforeValidator(_without_nulls),
    ] = Field(
        {"pelvis+tibia": ("pelvis", "tibia")},
        description="Name -> sensors. In windows of a stance or cycle `tibia` is that of the same side and "
        "`tibia_opposite` the other; fixed windows know tibia_r and tibia_l. May be empty where columns are inputs. "
        "Files of settings are merged: null takes away a set that config.yaml names.",
    )
    channels: tuple[Literal["acc", "gyr", "six_d", "euler"], ...] = Field(
        ("acc", "gyr"),
        description="Of every sensor: specific force, angular rate, orientation as two columns of its matrix or as "
        "roll, pitch and yaw.",
    )
    frame: Literal["sensor", "heading_free"] = Field(
        "heading_free",
        description="sensor: as recorded; heading_free: upright, turned by the mean heading of each window (without "
        "its context), which needs orientations.",
    )
    features: tuple[Name, ...] = Field(
        (), description="Columns beside the sensors, without their side: ankle_angle_rad, grf_y_bw."
    )
    covariates: tuple[Covariate, ...] = Field((), description="Numbers of the person, the trial or the window.")
    targets: Names = Field(
        ("atf_bw", "knee_angle_rad"),
        description="Label columns without their side; fixed windows take both sides, or a whole column's name.",
    )
    activities: Annotated[tuple[Literal["walk", "run", "other"], ...], Field(min_length=1)] = Field(
        ("walk", "run"), description="Of the trials taken."
    )
    without: tuple[str, ...] = Field(
        (), description="Left out, by `cohort/participant` or `cohort/participant/trial`; the products say so."
    )
    test_cohorts: tuple[Name, ...] = Field((), description="Whose people are tested; empty: everybody's.")
    window: StudyWindow = StudyWindow()
    estimators: Names = Field(
        ("phase_mean", "ridge", "knn", "cnn", "lstm"), description="Files of src/gaitload/estimators."
    )
    protocol: Protocol = Field(
        "loso",
        description="Who is trained and tested on whom (docs/estimators.md); hur2025 repeats published flaws.",
    )
    seeds: Annotated[tuple[Whole, ...], Field(min_length=1)] = Field(
        (0,), description="One network each; their mean is the estimate."
    )
    split: StudySplit = StudySplit()
    training: StudyTraining = StudyTraining()
    verdicts: StudyVerdicts = StudyVerdicts()

    @model_validator(mode="after")
    def _possible(self) -> Study:
        by_side = self.window.kind != "fixed"
        if self.frame == "heading_free" and "euler" in self.channels:
            raise ValueError("channels euler are angles of the sensor as recorded; choose frame sensor, or six_d")
        if not by_side and OF_A_STEP & set(self.covariates):
            raise ValueError(f"covariates {', '.join(sorted(OF_A_STEP))} belong to windows of a stance or cycle")
        if not by_side and (self.window.context_before or self.window.context_after):
            raise ValueError(
                "context_before and context_after belong to windows of a stance or cycle; make fixed ones longer"
            )
        if self.window.margin and self.window.kind != "stance":
            raise ValueError("window.margin belongs to windows of a stance; set it to 0")
        if self.window.stance_times == "pelvis_sensor":
            self._require_running_pelvis()
        for name, sensors in self.sensor_sets.items():
            if not sensors and not self.features:
                raise ValueError(f"sensor_sets.{name} is empty, and no features are given")
            if len(set(sensors)) < len(sensors):
                raise ValueError(f"sensor_sets.{name} names a sensor twice")
        if self.split.training_subjects and self.protocol not in ("loso", "user_adaptive"):
            raise ValueError(
                f"split.training_subjects has no part in protocol {self.protocol}; choose loso, or set it to 0"
            )
        if self.training.mounting_rad and "euler" in self.channels:
            raise ValueError("training.mounting_rad cannot turn channels euler; choose six_d, or set it to 0")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("seeds names one twice")
        return self

    def _require_running_pelvis(self) -> None:
        if self.window.kind != "stance" or self.activities != ("run",):
            raise ValueError(
                "window.stance_times pelvis_sensor tells stances of running: choose kind stance and activities [run]"
            )
        without = [name for name, sensors in self.sensor_sets.items() if PELVIS not in sensors]
        if without:
            raise ValueError(
                f"window.stance_times pelvis_sensor needs the sensor pelvis, which sensor_sets.{without[0]} lacks"
            )

    @property
    def people_min(self) -> int:
        """Fewest people that its protocol makes a fold of."""
        needed = {"user_individualised": 1, "user_generalised": 2, "hur2025": 2}
        # One to be tested, those who say when training stops, and one to learn from.
        return needed.get(self.protocol, self.split.validation_subjects + 2)

    @property
    def side_seen(self) -> bool:
        """Whether a window belongs to a foot, and is seen from its side."""
        return self.window.kind != "fixed"
