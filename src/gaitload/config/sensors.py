"""Inertial sensors, recorded and virtual, and the baselines that they give."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gaitload.section import NonNegative, Positive, Section


class Sync(Section):
    """Synchronising inertial sensors with markers; method in docs/sync.md."""

    segments: Literal["angles", "clusters"] = Field(
        "angles",
        description="How segments turned. angles: by inverse kinematics; clusters: by the markers on each segment "
        "alone, of which it takes three or more.",
    )
    magnetometer: bool = Field(
        False,
        description="Hold headings by the magnetometer where orientations are estimated; steel and motors bend it.",
    )
    overlap_share: Annotated[float, Field(gt=0, le=1)] = Field(
        0.5, description="Least overlap of sensors and markers, as a share of the shorter recording."
    )
    skew_prior: Positive = Field(1e-4, description="Standard deviation of clocks that a laboratory buys: 100 ppm.")
    preference_min: Positive = Field(
        2.5, description="Standard errors by which the best lag must beat every other; below it the trial fails."
    )
    check_assignment: bool = Field(True, description="Try every sensor on every segment, and tell those exchanged.")


class ImuKinematics(Section):
    """Joint angles by inertial sensors alone, to compare estimators with."""

    placement: Literal["auto", "static", "standing", "markers"] = Field(
        "auto",
        description="How sensors sit on their segments. static: by a static trial with sensors; standing: by the part "
        "of the trial in which the person stands still; markers: as synchronisation found, which is more than sensors "
        "alone can know; auto: the first of these that there is.",
    )
    pose: Literal["markers", "neutral"] = Field(
        "markers",
        description="How the person stood then. markers: as markers saw; neutral: in the model's default pose, which "
        "is all that sensors alone can know.",
    )
    heading: Literal["each", "common"] = Field(
        "each",
        description="each: every sensor has an earth frame of its own, whose heading and drift synchronisation found; "
        "common: all share one, as after a heading reset or with undisturbed magnetometers.",
    )
    distal_weight: Positive = Field(
        0.5, description="Weight of sensors on shanks and feet, of the others'; they move most on their segments."
    )
    timeout_s: Positive = Field(3600.0, description="The process of a trial is killed after this time.")


class SensorErrors(Section):
    """How inertial sensors that do not exist are worn, and how well they measure."""

    noise: NonNegative = Field(1.0, description="Errors of the signals, times those of an Xsens MTi-1.")
    turn_sd_rad: NonNegative = Field(0.15, description="How far sensors are turned on their segments, about each axis.")
    shift_sd_m: NonNegative = Field(0.01, description="How far from their place they are worn, along each axis.")
    heading_max_rad: Annotated[float, Field(ge=0, le=3.1416)] = Field(
        1.0, description="Headings of their earth frames are off by anything up to this, either way."
    )


class AlignedSensors(SensorErrors):
    """Sensors that are put on recorded motion."""

    seed: Annotated[int, Field(ge=0)] = Field(0, description="Of how they are worn and of their noise.")
    at: Literal["worn", "mass_centres"] = Field(
        "worn",
        description="worn: where sensors.yaml of the model says; mass_centres: at the centre of mass of the body that "
        "carries them, turned as worn, so that acc is the acceleration of the segment (Lee & Lee 2026).",
    )


class Aligned(Section):
    """Sensors, baselines and labels in one table."""

    sensors: Literal["measured", "virtual"] = Field(
        "measured",
        description="measured: those of the cohort, for trials that have some; virtual: what sensors would have "
        "recorded of the motion by markers, for all trials.",
    )
    virtual: AlignedSensors = AlignedSensors()
