"""From recordings of markers and forces to labels, and what is held against these."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from gaitload.section import NonNegative, Positive, Section

METHOD_VERSION = 3
"""Version of what mode `physical` does by default; every label table carries it. 1: rigid tendons with passive force,
least sum of squared activations, parameters of 2015. 2: elastic tendons, least squared mean stress, those of 2023. 3:
free moments without the bias of a plate, where it is proven."""

Activity = Literal["static", "walk", "run", "other"]
PeakLabel = Literal["atf", "ptf", "acf", "kcf", "hcf"]


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
    force_lag: Literal["auto"] | float = Field(
        0.0,
        description="Time by which forces lead the markers (s); forces are delayed by it. auto: what two methods that "
        "agree say of the cohort, else nothing; it is estimated and judged in any case.",
    )
    free_moment_bias: Literal["auto", "keep"] = Field(
        "auto",
        description="Moment about the vertical that a plate adds to both feet in proportion to the vertical force. "
        "auto: it is subtracted where the symmetry of left and right over whole stances and the balance of angular "
        "momentum prove it; keep: free moments stay as measured.",
    )

    @property
    def force_lag_s(self) -> float:
        """Delay that ingest applies; what auto finds is applied when loads are solved."""
        return 0.0 if self.force_lag == "auto" else self.force_lag


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
    strength_factor: Annotated[float, Field(ge=0.5, le=2.0)] = Field(
        1.0,
        description="Factor of every greatest isometric force, beside strength. Above 1 for people who are stronger "
        "than their mass and height say: reserves fall (Hicks et al. 2015 advise it where they exceed 10 %).",
    )
    subtalar: Literal["auto", "locked"] = Field(
        "locked",
        description="auto: the subtalar joint of a foot is free where at least three of its markers, seen in the "
        "static trial and not on one line, determine it; the joint bears its moment, muscles do not. locked: it is "
        "stiff, and the shank follows every turn of the foot.",
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
    residual_reduction: Literal["none", "bounded"] = Field(
        "none",
        description="bounded: masses of the segments and the place of the trunk's are changed, trial by trial, so that "
        "residual forces and moments fall; never beyond the two bounds below, with the body mass unchanged.",
    )
    residual_mass_share: Annotated[float, Field(gt=0, le=0.1)] = Field(
        0.03, description="Greatest change of the mass of a segment, as a share of it, both sides alike."
    )
    residual_trunk_m: Annotated[float, Field(gt=0, le=0.05)] = Field(
        0.02, description="Greatest shift of the trunk's centre of mass along each of its axes (m)."
    )
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
        description="Force-velocity for the triceps surae where tendons are rigid: its fibres then seem to shorten as "
        "fast as muscle and tendon together.",
    )
    tendons: Literal["elastic", "rigid"] = Field(
        "elastic",
        description="elastic: fibres are in balance with tendons that stretch; tendons shorter than their fibres stay "
        "rigid. It needs pennation, passive_force and engine compiled.",
    )
    fibre_velocity: bool = Field(
        True, description="Force-velocity of fibres behind elastic tendons, from differences along the trial."
    )
    fibre_velocity_max: Positive | None = Field(
        15.0, description="Greatest velocity of fibres, in optimal lengths a second; null: the model's, 10."
    )
    activation_min: Annotated[float, Field(ge=0, le=0.1)] | None = Field(
        0.0,
        description="Least activation of every muscle; null: the model's, 0.01, which exists for numerical reasons and "
        "loads a knee in swing by 0.3 BW.",
    )
    sharing: Literal["activation", "volume", "fibre_share", "mean_stress"] = Field(
        "mean_stress",
        description="What muscles that share a moment minimise. activation: sum of a^2 (a: activation); volume: of "
        "V a^2 (V: volume); fibre_share: of a^2 / R (R: share of the fibres in the length of fibres and tendon); "
        "mean_stress: of (a / R)^2, the squared stress over the mean cross-section of the whole muscle-tendon unit.",
    )
    sharing_weights: dict[str, Positive] = Field(
        {},
        description="Factors of a^2 by muscle group of the model family (biarticular, gastrocnemius, hamstrings, "
        "achilles_tendon, patellar_tendon). Muscles in several groups take the last.",
    )

    @model_validator(mode="after")
    def _whole_fibres(self) -> Muscles:
        if self.tendons == "elastic" and not (self.pennation and self.passive_force):
            raise ValueError("muscles.tendons elastic needs pennation and passive_force")
        return self


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


INGEST_GATES = (
    *("frames_share", "segment_distance_m", "baseline_n", "cop_outside_foot_m", "unmeasured_share"),
    *("force_lag_range_s", "force_lag_accuracy_s", "force_direction_walk", "force_direction_run", "force_bias"),
    *("force_impulse_share", "force_sideways_share", "force_acceleration", "forefoot", "cop_aside_m", "cop_path_m"),
    *("force_lag_accuracy_walk_s", "cop_heads_walk_m", "cop_heads_run_m", "foot_height_m", "floor_change_m"),
    *("free_moment_against_nm_per_kg", "free_moment_walk_nm_per_kg", "free_moment_run_nm_per_kg"),
    *("tremble_m", "marker_drift_m", "body_unlike_share", "marker_moved_m", "marker_moved_pelvis_m"),
)
"""Limits that the stage `ingest` holds recordings against; the others are of the stage `labels`, which has them all."""


class Gates(Section):
    """Limits of the quality gates; sources in docs/quality.md."""

    static_rms_m: Positive = 0.010
    static_max_m: Positive = 0.020
    ik_rms_m: Positive = 0.020
    ik_max_m: Positive = 0.040
    frames_share: Positive = Field(0.05, description="Share of frames that may break a per-frame limit.")
    residual_force_share: Positive = Field(
        0.05, description="Residual force as a share of the peak external force (Hicks et al. 2015)."
    )
    residual_moment_share: Positive = Field(
        0.01, description="Residual moment as a share of centre-of-mass height x peak external force."
    )
    residual_fail_factor: Positive = Field(
        5.0,
        description="Residuals fail at this multiple of their warning limit; wrong mass distribution explains no more.",
    )
    reserve_warn_share: Positive = Field(0.05, description="Reserve moment as a share of the joint's peak moment.")
    reserve_fail_share: Positive = Field(
        0.10, description="Reserve moment as a share of the joint's peak moment (Hicks et al. 2015)."
    )
    reserve_phases_share: Positive = Field(
        0.25, description="Share of stances, or of swings, that may break reserve_fail_share without a warning."
    )
    range_end_rad: Positive = Field(
        0.0087, description="A coordinate this near the end of its range lies at it: half a degree."
    )
    passive_warn_share: Positive = Field(
        0.25,
        description="Passive fibre force as a share of a tendon's peak force. The passive plantarflexion moment at 10 "
        "deg of dorsiflexion is a seventh of the ankle moment of walking (Riener & Edrich 1999).",
    )
    passive_fail_share: Positive = Field(
        0.5, description="Passive fibre force as a share of a tendon's peak force; active fibres bear the rest."
    )
    saturated_activation: Positive = 0.99
    saturated_share: Positive = Field(0.05, description="Share of stance frames with a saturated muscle.")
    cop_outside_foot_m: Positive = Field(
        0.03, description="Distance of the centre of pressure from the foot's outline."
    )
    segment_distance_m: Positive = Field(0.012, description="Marker-to-marker distances within a foot, against static.")
    plausible_walk_bw: dict[PeakLabel, tuple[float, float]] = Field(
        {"atf": (1.2, 6.0), "ptf": (0.2, 3.0), "acf": (2.5, 7.0), "kcf": (1.5, 4.5), "hcf": (1.5, 5.0)},
        description="Plausible peaks in walking by label: lowest and highest.",
    )
    plausible_run_bw: dict[PeakLabel, tuple[float, float]] = Field(
        {"atf": (4.0, 12.0), "ptf": (3.0, 12.0), "acf": (5.0, 15.0), "kcf": (4.0, 15.0), "hcf": (4.0, 12.0)},
        description="Plausible peaks in running by label: lowest and highest.",
    )
    mass_warn_share: Positive = Field(0.05, description="Body mass against the mean vertical force, of body mass.")
    mass_fail_share: Positive = Field(0.15, description="Body mass against the mean vertical force, of body mass.")
    baseline_n: Positive = Field(
        50.0, description="Unloaded reading of a plate; what has drifted that far may drift on within a trial."
    )
    unmeasured_share: Positive = Field(
        0.5, description="Share of the frames of a foot on the floor in which no plate may measure it."
    )
    force_lag_range_s: tuple[float, float] = Field(
        (0.0, 0.010), description="Lags between forces and markers that laboratories have; positive: forces lead."
    )
    force_lag_departure_s: Positive = Field(
        0.005, description="Difference of the lag of a trial from the median of its cohort; twice as much fails."
    )
    force_lag_accuracy_s: Positive = Field(
        0.002, description="What the estimate of the lag is off by in running, where the truth is known."
    )
    force_lag_accuracy_walk_s: Positive = Field(
        0.006,
        description="The same in walking, where the pelvis does not move as the centre of mass does: three walks of "
        "adults whose truth is zero or near it read -3.6 to -4.2 ms.",
    )
    force_direction_walk: tuple[float, float] = Field(
        (0.5, 0.95), description="Fore-aft force over what points at the centre of mass, in walking."
    )
    force_direction_run: tuple[float, float] = Field(
        (0.55, 1.2), description="Fore-aft force over what points at the centre of mass, in running."
    )
    force_bias: tuple[float, float] = Field(
        (-0.06, 0.06),
        description="Mean fore-aft force that does not point at the centre of mass, as a share of the vertical force.",
    )
    force_impulse_share: Positive = Field(
        0.02, description="Horizontal impulse of whole strides that changes no velocity, of the vertical impulse."
    )
    force_sideways_share: Positive = Field(
        0.12, description="Root mean square lateral force as a share of that of the vertical force."
    )
    force_acceleration: tuple[float, float] = Field(
        (0.75, 1.3), description="Vertical force over mass times the acceleration of the centre of mass."
    )
    forefoot: tuple[float, float] = Field(
        (0.55, 1.1), description="Place of the centre of pressure on the sole at 80 % of stance; heel 0, tip 1."
    )
    cop_heads_walk_m: tuple[float, float] = Field(
        (-0.020, 0.040),
        description="Distance of the centre of pressure ahead of the metatarsal heads, 60 to 80 % of stance, walking.",
    )
    cop_heads_run_m: tuple[float, float] = Field(
        (-0.025, 0.025),
        description="Distance of the centre of pressure ahead of the metatarsal heads, 60 to 80 % of stance, running.",
    )
    foot_height_m: tuple[float, float] = Field(
        (0.0, 0.07), description="Height of the lowest marker of a standing foot above the plates."
    )
    floor_change_m: Positive = Field(
        0.025, description="Change of the height of standing feet since the static trial; belts are 12 mm lower."
    )
    free_moment_against_nm_per_kg: Positive = Field(
        0.02, description="Change of the free moment, from early to late stance, against the way that people have it."
    )
    free_moment_walk_nm_per_kg: Positive = Field(
        0.10, description="Largest change of the free moment from early to late stance in walking."
    )
    free_moment_run_nm_per_kg: Positive = Field(
        0.15, description="Largest change of the free moment from early to late stance in running."
    )
    cop_aside_m: Positive = Field(0.015, description="Shift of the centre of pressure to one side that feet share.")
    cop_path_m: Positive = Field(
        0.008, description="Least standard deviation of the centre of pressure along the walk in a stance."
    )
    tremble_m: Positive = Field(0.001, description="Root mean square of the fast part (above 20 Hz) of markers.")
    marker_drift_m: Positive = Field(
        0.010, description="How far a marker may slide on its segment between the thirds of a trial."
    )
    marker_moved_m: Positive = Field(
        0.015, description="How far a marker of a shank or foot may lie from its place in the static trial."
    )
    marker_moved_pelvis_m: Positive = Field(
        0.025, description="How far a marker of the pelvis may lie from its place in the static trial; skin moves it."
    )
    body_unlike_share: Positive = Field(
        0.15, description="Share of distances within segments that are not those of the static trial."
    )
    free_moment_bias_nm_per_kg: Positive = Field(
        0.05, description="Free moment that both feet have in common; a third of the hip rotation moment in walking."
    )

    def plausible_bw(self, activity: Activity) -> dict[str, tuple[float, float]]:
        """Plausible peaks (BW) by label; none for activities other than walking and running."""
        return {"walk": self.plausible_walk_bw, "run": self.plausible_run_bw}.get(activity, {})

    @model_validator(mode="after")
    def _ordered(self) -> Gates:
        for name in ("plausible_walk_bw", "plausible_run_bw"):
            for label, (low, high) in getattr(self, name).items():
                if low >= high:
                    raise ValueError(f"{name}: {label} ({low:g}, {high:g}) is not (low, high)")
        if self.passive_warn_share > self.passive_fail_share:
            raise ValueError("passive_warn_share is above passive_fail_share")
        if self.reserve_warn_share > self.reserve_fail_share:
            raise ValueError("reserve_warn_share is above reserve_fail_share")
        if self.mass_warn_share > self.mass_fail_share:
            raise ValueError("mass_warn_share is above mass_fail_share")
        if self.ik_rms_m > self.ik_max_m:
            raise ValueError("ik_rms_m is above ik_max_m")
        return self
