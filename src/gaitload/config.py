"""Every setting, typed, closed and described: a misspelt name is an error, never a silent default."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from gaitload.documents import read_yaml
from gaitload.errors import ConfigError
from gaitload.section import NonNegative, Positive, Section
from gaitload.study import Study
from gaitload.validation import problems_in_words

Activity = Literal["static", "walk", "run", "other"]


class ByActivity(Section):
    """One number per activity."""

    walk: Positive
    run: Positive
    other: Positive

    def of(self, activity: Activity) -> float:
        """The number for one activity; a static trial is treated as walking."""
        return self.walk if activity == "static" else getattr(self, activity)


class Window(Section):
    """Which part of a trial is labelled when trials.tsv does not say."""

    start_s: NonNegative | None = Field(None, description="Start on the recording's clock; null: its first frame.")
    duration_s: Positive | None = Field(None, description="Length of the labelled part; null: to the end.")
    pad_s: NonNegative = Field(
        0.2, description="Solved on either side and cut off again, so that filter ends stay outside."
    )


class Ingest(Section):
    """From a recording to markers and foot forces in the ground frame."""

    rate_hz: Positive | None = Field(100.0, description="Rate of everything after ingest; null: the markers' own.")
    gap_max_s: NonNegative = Field(0.2, description="Longest gap that is filled; longer ones stay missing.")
    ghost_distance_m: Positive = Field(
        0.03, description="A marker beside a gap that is off by more than this from its segment is dropped."
    )
    contact_threshold_n: ByActivity = Field(
        ByActivity(walk=20, run=50, other=20), description="Vertical force above which a foot is loaded."
    )
    label_fault_m: Positive = Field(
        0.012, description="Marker-to-marker distance error against the static trial that marks a labelling fault."
    )
    repair_labels: bool = Field(True, description="Repair labelling faults that the static trial proves.")
    force_lag_s: float = Field(
        0.0, description="Time by which forces lead the markers; forces are delayed by it. Estimated, never assumed."
    )


class Scaling(Section):
    """From the generic model to the subject's."""

    method: Literal["auto", "joint_centres", "marker_pairs", "height"] = Field(
        "auto", description="auto: joint centres where the static trial has them, else marker pairs, else height."
    )
    strength: Literal["auto", "stock", "handsfield2014"] = Field(
        "auto",
        description="Maximum isometric forces: the model's own (stock), or scaled by muscle volume from mass and "
        "height (handsfield2014; stock with a warning where the height is unknown). auto: handsfield2014 in mode "
        "physical, stock in mode opensim.",
    )
    condylar_spacing_m: Positive = Field(
        0.045, description="Distance of the tibial contact points in the generic model; scaled with the knee's width."
    )


class Kinematics(Section):
    """Inverse kinematics."""

    accuracy: Annotated[float, Field(gt=0, le=1e-7)] = Field(
        1e-7, description="Convergence of the inverse kinematics; looser than 1e-7 is several degrees off in running."
    )
    timeout_s: Positive = Field(3600.0, description="A trial's process is stopped after this time.")


class Loads(Section):
    """Inverse dynamics, static optimization and joint reactions."""

    cutoff_hz: ByActivity = Field(
        ByActivity(walk=6, run=15, other=10),
        description="Zero-lag fourth-order Butterworth, the same for kinematics and forces.",
    )
    activation_exponent: Positive = Field(2.0, description="Exponent of the activations in the cost function.")
    convergence: Positive = Field(
        3e-5,
        description="Convergence criterion of static optimization. Forces are within 0.005 BW of those at 1e-7; from "
        "1e-5 down the optimizer gives up on frames it has in fact solved.",
    )
    max_iterations: Annotated[int, Field(gt=0)] = Field(200, description="Iterations of static optimization per frame.")
    reserve_optimal_nm: Positive = Field(1.0, description="Optimal force of reserve actuators: small, so they cost.")
    residual_optimal_n: Positive = Field(200.0, description="Optimal force of the pelvis residual forces.")
    residual_optimal_nm: Positive = Field(50.0, description="Optimal moment of the pelvis residual moments.")
    phase: Literal["whole", "stance"] = Field(
        "whole", description="Solve the whole window, or only the frames in which a foot is loaded."
    )
    timeout_s: Positive = Field(3600.0, description="A trial's process is stopped after this time.")


class Muscles(Section):
    """What mode physical takes into account and OpenSim's static optimization does not; effects in docs/method.md."""

    pennation: bool = Field(
        True,
        description="Pennation angle at the fibre's length; OpenSim takes the normalised length, next to no angle.",
    )
    passive_force: bool = Field(True, description="Stretched fibres pull without being active.")
    balanced_paths: bool = Field(
        True, description="Muscles go around cylinders by the shortest way; OpenSim's is off balance by up to 1.7 mm."
    )
    force_velocity_rigid_tendon: bool = Field(
        False,
        description="Force-velocity for the triceps surae, whose tendon is modelled rigid: its fibres then seem to "
        "shorten as fast as muscle and tendon together.",
    )


class Uncertainty(Section):
    """How much the labels would differ had a laboratory seen what it cannot know; sources in docs/uncertainty.md.

    Each number but the first two is a standard deviation. Larger ones widen the labels' standard deviations.
    """

    samples: Annotated[int, Field(ge=0)] = Field(
        0,
        description="Times that a trial is solved with everything below drawn anew; 0: never. 100 gives standard "
        "deviations to 7 %.",
    )
    seed: Annotated[int, Field(ge=0)] = Field(0, description="Of all draws: equal seeds give equal bytes.")
    marker_placement_m: NonNegative = Field(
        0.005,
        description="Of each marker along each axis of its body, the same in all frames. Chosen: the low end of the 5 "
        "to 10 mm quoted for markers.",
    )
    segment_scale_share: NonNegative = Field(
        0.02, description="Of the size of each body. Chosen: 8 mm of a hip centre in a thigh of 0.4 m."
    )
    mass_split_share: NonNegative = Field(0.05, description="Of the mass of each body; the body mass stays. Chosen.")
    max_isometric_share: NonNegative = Field(0.10, description="Of the maximum isometric force of each muscle. Chosen.")
    tendon_slack_share: NonNegative = Field(
        0.02,
        description="Of the tendon slack length of each muscle. Chosen: 6 mm, an eighth of a fibre, for the soleus.",
    )
    cop_m: NonNegative = Field(
        0.005, description="Of the centre of pressure along either horizontal axis, the same in all frames. Chosen."
    )
    cutoff_share: NonNegative = Field(
        0.2, description="Of the filter's cut-off. Chosen: laboratories take 12 or 18 Hz where the default is 15."
    )
    timeout_s: Positive = Field(3600.0, description="A trial's process is stopped after this time.")


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


class Evaluation(Section):
    """Holding estimates against labels; metrics and tests are told in docs/evaluation.md."""

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
    cycle_share: tuple[Positive, Positive] = Field(
        (0.7, 1.3), description="Stances and cycles outside these shares of the trial's mean duration are left out."
    )
    reference: str = Field("ridge", description="Estimator that all others on the same sensors are tested against.")
    metrics: Annotated[
        tuple[Literal["rmse", "nrmse", "r", "r2", "r2_phase", "peak_error", "impulse_error"], ...], Field(min_length=1)
    ] = Field(("rmse", "r2_phase", "peak_error"), description="Metrics that are tested, one number a person.")
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = Field(0.05, description="Level of tests and confidence intervals.")
    equivalence_share: Positive = Field(
        0.01, description="Errors that differ by less than this share of the label's mean peak are equivalent (TOST)."
    )
    equivalence_r2: Positive = Field(0.05, description="Likewise for R2 and other shares, as they are.")
    interval_level: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.9, description="Probability with which conformal intervals hold the peak of a new person's step."
    )
    permutations: Annotated[int, Field(ge=100)] = Field(
        1000, description="Sign changes of waveforms, where there are more; fewer are all taken."
    )
    seed: Annotated[int, Field(ge=0)] = Field(0, description="Of the permutations.")

    @model_validator(mode="after")
    def _ordered(self) -> Evaluation:
        if not self.cycle_share[0] < 1 < self.cycle_share[1]:
            raise ValueError(f"cycle_share {self.cycle_share} is not (below 1, above 1)")
        return self


class Gates(Section):
    """Limits of the quality gates; sources in docs/quality.md."""

    static_rms_m: Positive = 0.010
    static_max_m: Positive = 0.020
    ik_rms_m: Positive = 0.020
    ik_max_m: Positive = 0.040
    frames_share: Positive = Field(0.05, description="Share of frames that may break a per-frame limit.")
    residual_force_share: Positive = Field(0.05, description="Of the peak external force (Hicks et al. 2015).")
    residual_moment_share: Positive = Field(0.01, description="Of centre-of-mass height x peak external force.")
    reserve_warn_share: Positive = Field(0.05, description="Of the joint's peak moment.")
    reserve_fail_share: Positive = Field(0.10, description="Of the joint's peak moment.")
    saturated_activation: Positive = 0.99
    saturated_share: Positive = Field(0.05, description="Share of stance frames with a saturated muscle.")
    cop_outside_foot_m: Positive = Field(
        0.03, description="Distance of the centre of pressure from the foot's outline."
    )
    segment_distance_m: Positive = Field(0.012, description="Marker-to-marker distances within a foot, against static.")
    achilles_band_bw: tuple[float, float] = Field((4.0, 12.0), description="Plausible peak Achilles force in running.")
    mass_warn_share: Positive = Field(0.05, description="Body mass against the mean vertical force, of body mass.")
    mass_fail_share: Positive = Field(0.15, description="Body mass against the mean vertical force, of body mass.")
    baseline_n: Positive = Field(
        50.0, description="Unloaded reading of a plate; what has drifted that far may drift on within a trial."
    )
    unmeasured_share: Positive = Field(
        0.5, description="Share of the frames of a foot on the floor in which no plate may measure it."
    )
    free_moment_bias_nm_per_kg: Positive = Field(
        0.05, description="Free moment that both feet have in common; a third of the hip rotation moment in walking."
    )

    @model_validator(mode="after")
    def _ordered(self) -> Gates:
        if self.achilles_band_bw[0] >= self.achilles_band_bw[1]:
            raise ValueError(f"achilles_band_bw {self.achilles_band_bw} is not (low, high)")
        if self.reserve_warn_share > self.reserve_fail_share:
            raise ValueError("reserve_warn_share is above reserve_fail_share")
        if self.mass_warn_share > self.mass_fail_share:
            raise ValueError("mass_warn_share is above mass_fail_share")
        if self.ik_rms_m > self.ik_max_m:
            raise ValueError("ik_rms_m is above ik_max_m")
        return self


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


class VirtualSensors(SensorErrors):
    """Inertial sensors of the embedded cohort, which have a clock of their own."""

    rate_hz: Positive = 100.0
    skew_sd: NonNegative = Field(3e-5, description="Of the station's clock: 30 ppm.")
    loss_share: Annotated[float, Field(ge=0, lt=0.5)] = Field(0.005, description="Packets lost on the radio.")


class AlignedSensors(SensorErrors):
    """Sensors that are put on recorded motion."""

    seed: Annotated[int, Field(ge=0)] = Field(0, description="Of how they are worn and of their noise.")


class Aligned(Section):
    """Sensors, baselines and labels in one table."""

    sensors: Literal["measured", "virtual"] = Field(
        "measured",
        description="measured: those of the cohort, for trials that have some; virtual: what sensors would have "
        "recorded of the motion by markers, for all trials.",
    )
    virtual: AlignedSensors = AlignedSensors()


class Embedded(Section):
    """The cohort that is made: people who do not exist, and how well they are recorded."""

    people: Annotated[int, Field(gt=0)] = Field(4, description="The first of workflow/cohorts/embedded.")
    duration_s: Annotated[float, Field(ge=2.0, le=60.0)] = Field(6.0, description="Of every motion trial.")
    seed: Annotated[int, Field(ge=0)] = Field(20160513, description="Of everything random: equal seeds, equal bytes.")
    marker_noise_m: NonNegative = Field(
        0.0002, description="In each direction; what manufacturers state for volumes of this size."
    )
    skin_motion_m: NonNegative = Field(
        0.004, description="Root mean square of how far markers move with the skin, over the thigh; elsewhere less."
    )
    gaps: Annotated[int, Field(ge=0, le=20)] = Field(6, description="Markers hidden once in every trial.")
    force_noise_n: NonNegative = Field(1.0, description="Of each force channel; moments get as many N m per 10 N.")
    sensors: VirtualSensors = VirtualSensors()


class Report(Section):
    """The page that shows everything."""

    trial_s: Positive = Field(10.0, description="Longest part of a trial that the page shows, from its start on.")
    room_mb: Positive = Field(
        8.0, description="Room of all traces in the page; many trials share it, and each is cut, to no less than 2 s."
    )


class Config(Section):
    """The whole of config.yaml."""

    cohorts: Annotated[
        tuple[str, ...],
        Field(min_length=1),
        BeforeValidator(lambda value: tuple(value.split(",")) if isinstance(value, str) else value),
    ] = Field(("embedded",), description="Cohorts of workflow/cohorts/ to run; a list, or names joined by commas.")
    results_dir: str = Field("results", description="Where everything goes.")
    model: str = Field("rajagopal2015", description="A folder of opensim_models/, or the path of an .osim file.")
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
    aligned: Aligned = Aligned()
    embedded: Embedded = Embedded()
    study: Study = Study()
    evaluation: Evaluation = Evaluation()
    report: Report = Report()

    @model_validator(mode="after")
    def _possible(self) -> Config:
        if self.engine == "tools" and self.label_mode == "physical":
            raise ValueError("engine tools knows label_mode opensim alone; choose it, or another engine")
        if self.engine != "tools" and self.loads.activation_exponent != 2:
            raise ValueError(f"engine {self.engine} knows activation_exponent 2 alone; choose it, or engine tools")
        if self.uncertainty.samples and self.loads.activation_exponent != 2:
            raise ValueError("uncertainty.samples knows activation_exponent 2 alone; choose it, or samples: 0")
        return self

    @property
    def physics(self) -> Muscles:
        """What the labels take into account."""
        if self.label_mode == "physical":
            return self.muscles
        return Muscles(pennation=False, passive_force=False, balanced_paths=False, force_velocity_rigid_tendon=True)

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
