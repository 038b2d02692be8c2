"""What was done, in words with the numbers that were used, ready for the methods section of a paper."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gaitload.config import Config
from gaitload.config.motion import ByActivity
from gaitload.report.references import MODEL_WORKS, REFERENCES

_CITED = re.compile(r"\[(\w+)\]")
_ENGINES = {
    "compiled": "compiled kernels that are held against OpenSim's own tools",
    "api": "OpenSim's dynamics and muscle geometry frame by frame, muscles solved on the dual problem",
    "tools": "OpenSim's own tools",
}
_WAYS = {
    "joint_centres": "by joint centres in the static trial",
    "marker_pairs": "by distances between markers in the static trial",
    "height": "by body height",
    "generic": "not at all (generic size, on which angles by sensors do not depend)",
}
_PROTOCOLS = {
    "loso": "on each person in turn, trained on all others (leave one subject out)",
    "user_generalised": "on each person in turn, trained on all others",
    "user_individualised": "on the last part of the trials of the very people they were trained on",
    "user_adaptive": "on each person in turn, trained on all others and on the first part of that person's trials",
    "hur2025": "as Hur et al. 2025 did",
}
_LAWS = {
    "handsfield2014": "scaled by muscle volume from body mass and height [handsfield2014]",
    "stock": "the generic model's own",
}


@dataclass(frozen=True)
class Methods:
    """Titled paragraphs in which `[3]` stands for the third of the works cited."""

    paragraphs: tuple[tuple[str, str], ...]
    works: tuple[str, ...]


def methods(config: Config, facts: dict) -> Methods:
    """The methods text of a run.

    Parameters
    ----------
    config
        As the labels were made with.
    facts
        What the results themselves say: `activities` (with motion trials), `scaling` (method -> people), `strength`
        (law -> people), `regressed_hips`, `sensors` (whether a cohort has any), `forces` (whether a trial has any),
        `unloaded` (motion trials without force plates), `marked` and `alone` (trials with markers, motion trials
        with inertial sensors alone), `evaluated`.
    """
    written = [("Workflow", _workflow())]
    if facts["marked"]:
        written.append(("Recordings", _recordings(config, facts)))
    written.append(("Model", _model(config, facts)))
    if facts["marked"]:
        written.append(("Kinematics", _kinematics(config)))
    if facts["alone"]:
        written.append(("Sensors alone", _alone(config, facts)))
    if facts["forces"]:
        written += [("Loads", _loads(config, facts)), ("Labels", _labels(config))]
    elif facts["marked"]:
        written.append(("Angles", _angles(config, facts)))
    if facts["marked"]:
        written.append(("Quality", _quality(config, facts)))
    if config.uncertainty.samples and facts["forces"]:
        written.append(("Uncertainty", _uncertainty(config)))
    if facts["sensors"] and facts["marked"]:
        written.append(("Synchronisation", _sync(config)))
    if facts["evaluated"]:
        written.append(("Estimators", _evaluation(config)))
    return _numbered(written)


def _workflow() -> str:
    return """All steps ran in one Snakemake workflow [molder2021] around OpenSim [seth2018]; every product carries the
        hashes of what it was made from."""


def _recordings(config: Config, facts: dict) -> str:
    ingest = config.ingest
    rate = f"resampled to {ingest.rate_hz:g} Hz" if ingest.rate_hz else "kept at their own rate"
    lag = f"Forces were delayed by {1e3 * ingest.force_lag_s:g} ms." if ingest.force_lag_s else ""
    if ingest.force_lag == "auto":
        lag = "Forces were delayed by the lag of the laboratory where two independent methods agreed on it."
    plates = f"""A foot was loaded above a vertical force of
        {_per_activity(ingest.contact_threshold_n, facts["activities"], "N")}; contacts were given to the foot whose
        sole was above them. {lag}"""
    without = f"""{facts["unloaded"]} motion trials were recorded without force plates: a foot was on the floor while a
        marker of it was low and still, and nothing was computed that depends on forces."""
    return f"""Marker trajectories were checked against the declared units and axes and, segment by segment, against the
        static trial; gaps up to {ingest.gap_max_s:g} s were filled (from three neighbours on the segment, else by a
        spline). Markers {"and forces were" if facts["forces"] else "were"} {rate}. {plates if facts["forces"] else ""}
        {without if facts["unloaded"] else ""}"""


def _model(config: Config, facts: dict) -> str:
    # Whose work an .osim file of somebody's own is, nobody has said.
    works = "".join(f"[{work}]" for work in MODEL_WORKS.get(config.model, ()))
    family = f" (family {config.model_family})" if config.model_family else ""
    regression = "Hip centres that were not measured followed a regression [harrington2007]."
    moved = "; markers were then moved to where they were seen in the static trial" if facts["marked"] else ""
    factor = config.scaling.strength_factor
    stronger = "" if factor == 1.0 else f", and multiplied by {factor:g}"
    return f"""The model {config.model}{family} {works} was scaled {_counted(facts["scaling"], _WAYS)}{moved}.
        {regression if facts["regressed_hips"] else ""}
        Maximum isometric forces were {_counted(facts["strength"], _LAWS)}{stronger}."""


def _kinematics(config: Config) -> str:
    return f"""Joint angles minimised the weighted squared distances between measured and model markers, converged to
        {config.kinematics.accuracy:g}; engine: {_ENGINES[config.engine]}."""


def _alone(config: Config, facts: dict) -> str:
    return f"""{facts["alone"]} motion trials have inertial sensors and no markers. Orientations are the sensors' own or
        come from VQF [laidig2023]. Sensors were placed on the model in its default pose by a time in which the person
        stood still, with one heading for all; joint angles minimised the weighted squared angles between recorded and
        model sensors (weight {config.imu_kinematics.distal_weight:g} at shanks and feet)."""


_SHARING = {
    "activation": "",
    "volume": ", weighted by the volume of the muscle,",
    "fibre_share": " over the share of the fibres in the length of fibres and tendon",
    "mean_stress": ", each over the squared share of the fibres in the length of fibres and tendon,",
}


def _loads(config: Config, facts: dict) -> str:
    physics, loads = config.physics, config.loads
    told = [
        (physics.pennation, "true pennation", "next to no pennation"),
        (physics.passive_force, "passive fibre force", "no passive fibre force"),
        (physics.balanced_paths, "muscle paths in balance around wrapping surfaces", "OpenSim's own wrapping points"),
    ]
    if physics.tendons == "elastic":
        told.append(
            (physics.fibre_velocity, "force-velocity in all fibres", "no force-velocity behind elastic tendons")
        )
    else:
        at_rest = "no force-velocity for the triceps surae, whose tendon is modelled rigid"
        told.append((physics.force_velocity_rigid_tendon, "force-velocity in all muscles", at_rest))
    muscles = ", ".join(yes if chosen else no for chosen, yes, no in told)
    exponent = loads.activation_exponent
    power = "squared activations" if exponent == 2 else f"activations to the power of {exponent:g}"
    tendons = (
        "elastic tendons, rigid where shorter than the fibres," if physics.tendons == "elastic" else "rigid tendons"
    )
    return f"""Coordinates and ground reaction passed the same zero-lag fourth-order Butterworth filter at
        {_per_activity(loads.cutoff_hz, facts["activities"], "Hz")}. Inverse dynamics gave joint moments; static
        optimization with the least sum of {power}{_SHARING[physics.sharing]} shared them among Millard muscles with
        {tendons} [millard2013]
        (label mode {config.label_mode}: {muscles}); reserve actuators of {loads.reserve_optimal_nm:g} N m stood by.
        Joint contact forces are the reactions of the joints on the distal body, in its frame."""


def _angles(config: Config, facts: dict) -> str:
    return f"""Joint angles passed a zero-lag fourth-order Butterworth filter at
        {_per_activity(config.loads.cutoff_hz, facts["activities"], "Hz")}. Loads were not measured."""


def _labels(config: Config) -> str:
    return f"""Achilles tendon force is the sum over gastrocnemii and soleus, patellar tendon force that over the
        quadriceps. Knee contact was split between the compartments by the frontal moment over a condylar spacing of
        {1e3 * config.scaling.condylar_spacing_m:g} mm in the generic model, scaled with the knee. BW is body mass times
        9.80665 m/s²."""


def _quality(config: Config, facts: dict) -> str:
    gates, (low, high) = config.gates, config.gates.plausible_run_bw.get("atf", (0.0, 0.0))
    markers = f"""Trials were judged by the root mean square marker error of pelvis and legs
        ({1e3 * gates.ik_rms_m:g} mm) and that of the worst marker
        ({1e3 * gates.ik_rms_m:g}/{1e3 * gates.ik_max_m:g} mm)"""
    if not facts["forces"]:
        return f"{markers}. Numbers in pairs warn and fail."
    return f"""{markers}, residual forces and moments
        ({100 * gates.residual_force_share:g} % and {100 * gates.residual_moment_share:g} % [hicks2015]), reserves
        ({100 * gates.reserve_warn_share:g}/{100 * gates.reserve_fail_share:g} % of the peak moment), the centre of
        pressure under the sole ({1e3 * gates.cop_outside_foot_m:g} mm) and, in running, a peak Achilles tendon force of
        {low:g} to {high:g} BW. Numbers in pairs warn and fail."""


def _uncertainty(config: Config) -> str:
    drawn = config.uncertainty
    return f"""Each trial was solved {drawn.samples} times more with what a laboratory cannot know drawn anew (standard
        deviations: marker placement {1e3 * drawn.marker_placement_m:g} mm, segment scale
        {100 * drawn.segment_scale_share:g} %, segment mass {100 * drawn.mass_split_share:g} %, muscle strength
        {100 * drawn.max_isometric_share:g} %, tendon slack length {100 * drawn.tendon_slack_share:g} %, centre of
        pressure {1e3 * drawn.cop_m:g} mm, cut-off {100 * drawn.cutoff_share:g} %); bands are standard deviations over
these."""


def _sync(config: Config) -> str:
    magnet = "with" if config.sync.magnetometer else "without"
    return f"""Orientations of inertial sensors that did not report their own came from VQF [laidig2023] {magnet}
        magnetometer. Clocks were matched by the rotations of sensors and segments over 50 ms, which neither headings
        nor mountings change, over all lags and all sensors; offset and skew were refined together. An offset counts
        where it beats every other lag by {config.sync.preference_min:g} standard errors."""


def _evaluation(config: Config) -> str:
    study, evaluation = config.study, config.evaluation
    sets = " and ".join("+".join(places) for places in study.sensor_sets.values())
    return f"""Study {study.name}: {", ".join(study.estimators)} estimated labels from {sets}, tested
        {_PROTOCOLS[study.protocol]}, with {len(study.seeds)} seed(s). Estimates were compared with labels per segment
        ({evaluation.points} points) beside floors (mean curve and learners without depth) and baselines without
        learning (inverse kinematics and inverse dynamics of the sensors). Agreement of peaks is that of Bland and
        Altman [bland1986]; people are the unit of every test, at a level of {evaluation.alpha:g} after correction."""


def _per_activity(numbers: ByActivity, activities: Sequence[str], unit: str) -> str:
    told = [f"{numbers.of(activity):g} {unit} ({activity})" for activity in activities]
    return " and ".join(told) or f"{numbers.other:g} {unit}"


def _counted(people: dict[str, int], words: dict[str, str]) -> str:
    """What was done, with how many people where it was not the same for all."""
    told = {words.get(key, key): count for key, count in people.items()}
    if len(told) == 1:
        return next(iter(told))
    return "; ".join(f"{text} ({count} people)" for text, count in told.items()) or "as the scaling files say"


def _numbered(written: Sequence[tuple[str, str]]) -> Methods:
    order = list(dict.fromkeys(key for _, text in written for key in _CITED.findall(text)))
    numbers = {key: place for place, key in enumerate(order, start=1)}
    paragraphs = [
        (title, " ".join(_CITED.sub(lambda found: f"[{numbers[found.group(1)]}]", text).split()))
        for title, text in written
    ]
    return Methods(tuple(paragraphs), tuple(REFERENCES[key] for key in order))
