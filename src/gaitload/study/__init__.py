"""Settings of a study: what is estimated from which sensors, by what, and how it is held against people unseen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from gaitload.section import NonNegative, Section
from gaitload.study.parts import (
    FRAME_FLAGS,
    Name,
    Names,
    StudyParticipants,
    StudySplit,
    StudyVerdicts,
    StudyWindow,
    Whole,
)
from gaitload.study.training import EstimatorSettings, StudyTraining
from gaitload.study.vary import WHOLE, Protocol, SensorSubsets, StudyVary

__all__ = [
    "FRAME_FLAGS",
    "EstimatorSettings",
    "Protocol",
    "Study",
    "StudyParticipants",
    "StudySplit",
    "StudyTraining",
    "StudyVary",
    "StudyVerdicts",
    "StudyWindow",
]

Covariate = Literal[
    "mass_kg",
    "height_m",
    "sex",
    "speed_m_per_s",
    "side",
    "affected_side",
    "knee_alignment_deg",
    "knee_alignment_r_deg",
    "knee_alignment_l_deg",
    "duration_s",
    "stride_s",
    "duty",
]
ALONE = ("user_individualised", "leave_one_trial_out")
"""Protocols that train on the tested participant alone."""
EVERY_SET = "every_set"
"""Sensor set of a job whose network serves all sets."""
PELVIS, SHANK = "pelvis", "tibia"
"""The sensors that tell stances of running (`stance_times: pelvis_sensor` and `shank_sensor`)."""
TELLS_STANCES = {"pelvis_sensor": PELVIS, "shank_sensor": SHANK}
OF_A_STEP = frozenset({"side", "knee_alignment_deg", "duration_s", "stride_s", "duty"})
"""Covariates that only windows of a stance or cycle have."""


def _without_nulls(sets: object) -> object:
    return {name: worn for name, worn in sets.items() if worn is not None} if isinstance(sets, dict) else sets


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
    cutoff_hz: NonNegative = Field(
        0.0,
        description="Specific force and angular rate of sensors pass a zero-lag low-pass of this frequency before "
        "windows are cut: measured sensors show shocks that virtual ones, of filtered motion, lack; 0: none.",
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
        ("phase_mean", "ridge", "knn", "cnn", "lstm"),
        description="Files of src/gaitload/estimators, or names that estimator_settings gives them.",
    )
    estimator_settings: Annotated[dict[Name, EstimatorSettings], BeforeValidator(_without_nulls)] = Field(
        {}, description="By the name of an estimator: its file, and what it has of its own in study.training."
    )
    protocol: Protocol = Field("loso", description="Who is trained and tested on whom (docs/estimators.md).")
    participants: StudyParticipants = StudyParticipants()
    pretrain_cohorts: tuple[Name, ...] = Field(
        (),
        description="Cohorts whose participants alone train and validate the model that others are tested with; "
        "empty: all cohorts.",
    )
    seeds: Annotated[tuple[Whole, ...], Field(min_length=1)] = Field(
        (0,), description="One network each; their mean is the estimate."
    )
    split: StudySplit = StudySplit()
    training: StudyTraining = StudyTraining()
    verdicts: StudyVerdicts = StudyVerdicts()
    vary: StudyVary = StudyVary()

    @model_validator(mode="before")
    @classmethod
    def _with_subsets(cls, values: object) -> object:
        """Subsets of sensors stand among the sensor sets."""
        vary = values.get("vary") if isinstance(values, dict) else None
        subsets = vary.get("sensor_sets") if isinstance(vary, dict) else getattr(vary, "sensor_sets", None)
        if not subsets:
            return values
        found = SensorSubsets.model_validate(subsets).sets()
        return values | {"sensor_sets": _without_nulls(values.get("sensor_sets", {})) | found}

    @field_validator("protocol", mode="before")
    @classmethod
    def _published_by_name(cls, value: object) -> object:
        if value == "hur2025":
            raise ValueError(
                "hur2025 is three protocols today; write user_individualised, user_generalised or user_adaptive "
                "(workflow/studies/hur2025.yaml)"
            )
        return value

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
        if self.window.stance_times in TELLS_STANCES:
            self._require_running(TELLS_STANCES[self.window.stance_times])
        for name, sensors in self.sensor_sets.items():
            if not sensors and not self.features:
                raise ValueError(f"sensor_sets.{name} is empty, and no features are given")
            if len(set(sensors)) < len(sensors):
                raise ValueError(f"sensor_sets.{name} names a sensor twice")
        if self.split.training_subjects and self.protocol not in ("loso", "user_adaptive"):
            raise ValueError(
                f"split.training_subjects has no part in protocol {self.protocol}; choose loso, or set it to 0"
            )
        if self.split.training_subjects and self.participants.train:
            raise ValueError("split.training_subjects draws from everybody; name fewer in participants.train instead")
        if self.protocol in ALONE and (self.participants.train or self.pretrain_cohorts):
            raise ValueError(f"protocol {self.protocol} trains on the tested participant; name participants.test alone")
        if self.training.mounting_rad and "euler" in self.channels:
            raise ValueError("training.mounting_rad cannot turn channels euler; choose six_d, or set it to 0")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("seeds names one twice")
        self._require_variants()
        for name in self.estimator_settings:
            if name not in self.estimators:
                raise ValueError(f"estimator_settings.{name} is no estimator of study.estimators")
            self.as_estimator(name).training.candidates()
        return self

    def _require_variants(self) -> None:
        vary = self.vary
        if len(set(vary.protocol)) < len(vary.protocol) or len(set(vary.calibration_share)) < len(
            vary.calibration_share
        ):
            raise ValueError("vary names a protocol or a calibration share twice")
        if vary.calibration_share and "user_adaptive" not in (vary.protocol or (self.protocol,)):
            raise ValueError("vary.calibration_share needs the protocol user_adaptive")
        inputs = {*self.features, *self.covariates}
        for name, group in vary.leave_one_out.items():
            if name == WHOLE or not inputs.issuperset(group):
                raise ValueError(f"vary.leave_one_out.{name} names inputs that the study does not have, or is `whole`")
        if vary != StudyVary():
            for variant in self.variants().values():
                Study.model_validate(variant.model_dump() | {"name": self.name})

    def variants(self) -> dict[str, Study]:
        """The study as each of its variants, by name: itself, without a name, where it varies nothing."""
        vary, found = self.vary, {}
        groups = {WHOLE: (), **vary.leave_one_out}
        alone = StudyParticipants(test=self.participants.test)
        for protocol in vary.protocol or (self.protocol,):
            shares = vary.calibration_share if protocol == "user_adaptive" else ()
            for share in shares or (self.split.calibration_share,):
                for group, left_out in groups.items():
                    parts = [protocol] if vary.protocol else []
                    parts += [f"{100 * share:g}"] if shares else []
                    parts += [group if group == WHOLE else f"without_{group}"] if vary.leave_one_out else []
                    name = "-".join(parts)
                    found[name] = self.model_copy(
                        update={
                            "name": f"{self.name}.{name}" if name else self.name,
                            "protocol": protocol,
                            **({"participants": alone, "pretrain_cohorts": ()} if protocol in ALONE else {}),
                            "split": self.split.model_copy(update={"calibration_share": share}),
                            "features": tuple(one for one in self.features if one not in left_out),
                            "covariates": tuple(one for one in self.covariates if one not in left_out),
                            "vary": StudyVary(),
                        }
                    )
        return found

    def trainings(self) -> list[tuple[str, str]]:
        """Sensor set and estimator of each job; `EVERY_SET` where one network serves all sets."""
        masked = [name for name in self.estimators if self.is_masked(name)]
        pairs = [(worn, name) for worn in self.sensor_sets for name in self.estimators if name not in masked]
        return pairs + [(EVERY_SET, name) for name in masked]

    def is_masked(self, estimator: str) -> bool:
        """Whether one network, trained with sensors left out at random, serves all sensor sets."""
        return self.as_estimator(estimator).training.sensor_dropout > 0

    def sensors_of(self, sensor_set: str) -> tuple[str, ...]:
        """Sensors of a set; of `EVERY_SET` those of all sets."""
        if sensor_set != EVERY_SET:
            return self.sensor_sets[sensor_set]
        return tuple(dict.fromkeys(sensor for worn in self.sensor_sets.values() for sensor in worn))

    def _require_running(self, teller: str) -> None:
        told = f"window.stance_times {self.window.stance_times}"
        if self.window.kind != "stance" or self.activities != ("run",):
            raise ValueError(f"{told} tells stances of running: choose kind stance and activities [run]")
        without = [name for name, sensors in self.sensor_sets.items() if teller not in sensors]
        if without:
            raise ValueError(f"{told} needs the sensor {teller}, which sensor_sets.{without[0]} lacks")

    def file_of(self, estimator: str) -> str:
        """File of src/gaitload/estimators that an estimator of the study is."""
        own = self.estimator_settings.get(estimator)
        return own.file if own and own.file else estimator

    def as_estimator(self, estimator: str) -> Study:
        """The study with the training settings of one estimator; raises `ValueError` where these are none."""
        own = self.estimator_settings.get(estimator, EstimatorSettings()).training
        return self.model_copy(update={"training": StudyTraining(**(self.training.model_dump() | own))})

    def deciding(self, estimator: str) -> dict:
        """Settings that decide the estimates of one estimator of the study, its sensors aside, as plain values."""
        others = {"sensor_sets", "estimators", "estimator_settings", "name", "vary"}
        return self.as_estimator(estimator).model_dump(mode="json", exclude=others)

    def deciding_base(self, estimator: str) -> dict:
        """Settings that decide a model before it is adapted, once its windows are known."""
        deciding = self.deciding(estimator)
        for name in ("protocol", "split", "participants", "pretrain_cohorts", "test_cohorts", "seeds", "without"):
            del deciding[name]
        adapting = ("adapt_epochs", "adapt_rate", "shift")
        training = {name: value for name, value in deciding["training"].items() if name not in adapting}
        return deciding | {"training": training}

    @property
    def people_min(self) -> int:
        """Fewest people that its protocol makes a fold of."""
        if self.participants.train and self.protocol not in ALONE:
            return len(self.participants.train) + len(self.participants.validation) + 1
        # One to be tested, those who say when training stops, and one to learn from.
        return {**dict.fromkeys(ALONE, 1), "user_generalised": 2}.get(self.protocol, self.split.validation_subjects + 2)

    @property
    def side_seen(self) -> bool:
        """Whether a window belongs to a foot, and is seen from its side."""
        return self.window.kind != "fixed"
