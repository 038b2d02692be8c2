"""What becomes of labels and estimates in the end: the comparison, and the page."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from gaitload.section import Positive, Section


class Evaluation(Section):
    """Holding estimates against labels; metrics and tests are described in docs/evaluation.md."""

    RENAMED: ClassVar[dict[str, str]] = {"cycle_share": "study.window.duration_limits"}

    learned: bool = Field(
        True,
        description="Evaluate the study's estimators; false: baselines and mean curve alone, nothing is trained.",
    )
    common_segments: bool = Field(
        True,
        description="Score every method on the segments that all cover (but those with less than half of what "
        "the best covers); false: each on its own.",
    )
    points: Annotated[int, Field(ge=11)] = Field(101, description="Of every stance or cycle after time-normalising.")
    events: Literal["auto", "contact", "hip_flexion"] = Field(
        "auto",
        description="How cycles are found: foot contact, or peaks of hip flexion moved by 15 % of the cycle (Hur "
        "et al. 2025); auto: contact where it tells any. Stances are found by contact.",
    )
    segments: Literal["auto", "stance", "cycle", "repetition", "window"] = Field(
        "auto",
        description="Parts of a trial in which estimates are scored. auto: stances for loads, cycles for angles and "
        "moments, stances for all where windows are stances; repetition: squats, or standing up and sitting down, by "
        "the flexion of the knee; window: the whole trial, in stretches as long as a fixed window, as without contact.",
    )
    straight_by: Literal["none", "pelvis", "torso"] = Field(
        "none",
        description="Sensor whose heading decides on straight walking: segments with a frame more than 30 degrees "
        "off the way, there or back, are left out (Hur et al. 2025).",
    )
    reference: str = Field("ridge", description="Estimator that all others on the same sensors are tested against.")
    metrics: Annotated[
        tuple[Literal["rmse", "nrmse", "r", "r2", "r2_phase", "peak_error", "impulse_error"], ...], Field(min_length=1)
    ] = Field(("rmse", "r2_phase", "peak_error"), description="Metrics that are tested, one number a person.")
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = Field(0.05, description="Level of tests and confidence intervals.")
    equivalence_share: Positive = Field(
        0.01, description="Errors that differ by less than this share of the label's mean peak are equivalent (TOST)."
    )
    equivalence_r2: Positive = Field(
        0.05, description="Differences of R2 and of other shares below this are equivalent (TOST)."
    )
    interval_level: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.9, description="Probability with which conformal intervals hold the peak of a new person's step."
    )
    permutations: Annotated[int, Field(ge=100)] = Field(
        1000, description="Sign changes of waveforms, where there are more; fewer are all taken."
    )
    seed: Annotated[int, Field(ge=0)] = Field(0, description="Seed of the permutations.")


class Report(Section):
    """The page that shows everything."""

    trial_s: Positive = Field(10.0, description="Longest part of a trial that the page shows, from its start on.")
    room_mb: Positive = Field(
        8.0, description="Room of all traces in the page; many trials share it, and each is cut, to no less than 2 s."
    )
