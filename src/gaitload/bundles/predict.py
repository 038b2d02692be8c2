"""A bundle applied to inertial sensors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from gaitload.bundles.calibration import Calibration
from gaitload.bundles.card import PERSON_UNITS
from gaitload.bundles.causes import likely_cause
from gaitload.bundles.file import Bundle, run_graph, study_of
from gaitload.bundles.likeness import Likeness
from gaitload.bundles.mounting import facing_doubts, require_facing, require_up
from gaitload.bundles.recording import oriented, trial_of
from gaitload.conventions import SIDES
from gaitload.errors import ConfigError, DataError
from gaitload.imu.judgement import judge_sensors
from gaitload.quality import Gate
from gaitload.study import TELLS_STANCES, Study
from gaitload.trial import ImuRecording
from gaitload.windows.slicing import Windows, slice_trials
from gaitload.windows.worn import sides_of, worn_sensor

RATE_MIN_HZ = 50.0
"""Slowest sensors that are used: the shock of a landing lasts 20 to 50 ms."""
CONTRADICTIONS = {"IMU_RATE_DOUBTFUL": 0.05, "IMU_GRAVITY_OFF": 0.0, "IMU_TURN_UNEXPLAINED": 0.0}
"""Gates that show a wrong unit, rate, sign or orientation, and the value that each has to exceed: an estimate from such
signals would be a plausible number that means nothing. A gyroscope whose scale is off by a few per cent is not that."""
RANGE_MARGIN = 0.1
"""Share of the range of the training data that a covariate may lie outside of without a doubt."""

PERSON_MARGIN = {"mass_kg": 0.25, "height_m": 0.1}
"""Share by which a person may be beyond the smallest and largest of the training data, with a doubt. Loads are in body
weights, so that mass matters less than stature."""

_GIVEN_BY = {
    "speed_m_per_s": "Give --speed.",
    "mass_kg": "Give --mass.",
    "height_m": "Give --height.",
    "sex": "Give --sex F or --sex M.",
    "affected_side": "Give affected_side (r, l or none) as `person` in Python (docs/predict.md).",
    "knee_alignment_r_deg": "Give knee_alignment_r_deg as `person` in Python (docs/predict.md).",
    "knee_alignment_l_deg": "Give knee_alignment_l_deg as `person` in Python (docs/predict.md).",
    "knee_alignment_deg": "Give knee_alignment_r_deg and knee_alignment_l_deg as `person` in Python (docs/predict.md).",
}
"""Where each covariate is given."""
_LOOK_AT = "Check bodies, mountings, units and rate of the sensors, and the activity."


@dataclass(frozen=True)
class Prediction:
    """Estimates for the windows of a recording.

    Attributes
    ----------
    windows : Windows
        Windows without targets, each seen from the side of its foot.
    estimates : ndarray, shape (N, P, K)
        Estimates in the units of the targets.
    targets : tuple of str
    score : float
        Score of `gaitload.bundles.likeness.Likeness`; 1 is a training window.
    doubts : tuple of str
        Reasons to trust the estimates less.
    left_out : Counter
        Windows that were not estimated, by reason.
    calibrated : bool
        Whether estimates were moved to the person by enough labelled steps, so that the intervals of calibrated people
        hold.
    """

    windows: Windows
    estimates: np.ndarray
    targets: tuple[str, ...]
    score: float
    doubts: tuple[str, ...]
    left_out: Counter
    calibrated: bool = False


def predict(
    bundle: Bundle,
    sensors: Mapping[str, ImuRecording],
    *,
    speed_m_per_s: float | None = None,
    person: Mapping | None = None,
    calibration: Calibration | None = None,
) -> Prediction:
    """Estimate what the bundle's targets were while somebody wore sensors.

    Parameters
    ----------
    bundle
    sensors : mapping of str to ImuRecording
        By body: `pelvis`, and `tibia_r` and the like with a side.
    speed_m_per_s : float, optional
        Needed where the bundle takes it.
    person : mapping, optional
        `mass_kg`, `height_m`, `sex` (F or M), `knee_alignment_r_deg` and `knee_alignment_l_deg`, each needed where the
        bundle takes it. Mass and height are also held against those of the training data.
    calibration : Calibration, optional
        Of this person, see `gaitload.bundles.calibration.calibration_of`.

    Raises
    ------
    ConfigError
        PREDICTION_SENSOR_MISSING, PREDICTION_COVARIATE_MISSING; PREDICTION_PERSON: much smaller or larger than
        everybody in the training data.
    DataError
        PREDICTION_RATE: sensors too slow; PREDICTION_CONTRADICTED: a sensor contradicts its own units, rate or
        orientation; PREDICTION_TURNED: one is worn another way up; PREDICTION_EMPTY: no window; PREDICTION_FACING: a
        sensor faces another way than in training; PREDICTION_UNLIKE: the recording is unlike all that the estimator
        learnt from, with the likely cause; and those of `oriented`.
    """
    study, wanted = study_of(bundle), tuple(bundle.document["sensors"])
    require_sensors(wanted, study, sensors)
    require_covariates(study, speed_m_per_s, person or {})
    others = unlike_people(person or {}, bundle.document["training"]["people_range"])
    worn = oriented(sensors)
    require_rate(next(iter(worn.values())).rate_hz)
    gates = _consistent_gates(worn)
    known = {"speed_m_per_s": speed_m_per_s, "person": person}
    trial = trial_of(worn, **known)
    require_up(trial, bundle.document["ups"], sides_of(study.window))
    try:
        windows, left_out = slice_trials([trial], study, wanted, labelled=False)
    except DataError as error:
        raise _empty(error.found, study) from error
    require_facing(windows, wanted, bundle.document)
    likeness = Likeness.from_arrays(bundle.arrays)
    score = likeness.score(windows.inputs)
    if score > likeness.refuse:
        raise _unlike(score, likeness, likely_cause(worn, likeness, study, wanted, **known))
    doubts = [
        *others,
        *(f"{gate.code}: {gate.reason}" for gate in gates),
        *_outside(windows, bundle.document["covariates"]),
        *facing_doubts(windows, wanted, bundle.document),
        *_unlikeness(score, likeness),
    ]
    estimates = run_graph(bundle.graph, windows.inputs, windows.covariates)
    targets = tuple(bundle.document["target_names"])
    if calibration is None:
        return Prediction(windows, estimates, targets, score, tuple(doubts), left_out)
    short = calibration.shortfalls(windows.side, bundle.document["calibration_steps"])
    moved = calibration.moved(estimates, windows.side)
    return Prediction(windows, moved, targets, score, (*doubts, *short), left_out, calibrated=not short)


def require_sensors(wanted: tuple[str, ...], study: Study, sensors: Collection[str]) -> None:
    """Refuse bodies among which one that is wanted lacks (PREDICTION_SENSOR_MISSING)."""
    sides = sides_of(study.window)
    lost = [name for name in wanted if not any(worn_sensor(name, side, list(sensors)) for side in sides)]
    if lost:
        raise ConfigError(
            expected=f"sensors on {', '.join(wanted)} (with a side, as in tibia_r, where the body has one)",
            found=f"{', '.join(sensors) or 'none'}; none on {', '.join(lost)}",
            where="sensors of the recording",
            do="Name the file of each sensor by its body: pelvis=FILE tibia_r=FILE.",
            code="PREDICTION_SENSOR_MISSING",
        )


def require_covariates(study: Study, speed_m_per_s: float | None, person: Mapping) -> None:
    """Refuse a recording without a covariate that the estimator takes (PREDICTION_COVARIATE_MISSING)."""
    aligned = [person.get(f"knee_alignment_{side}_deg") for side in SIDES]
    known = {
        "speed_m_per_s": speed_m_per_s is not None,
        "mass_kg": person.get("mass_kg") is not None,
        "height_m": person.get("height_m") is not None,
        "sex": person.get("sex") in ("F", "M"),
        "affected_side": person.get("affected_side") in ("r", "l", "none"),
        "knee_alignment_r_deg": aligned[0] is not None,
        "knee_alignment_l_deg": aligned[1] is not None,
        "knee_alignment_deg": None not in aligned,
    }
    lost = [name for name in study.covariates if not known.get(name, True)]
    if lost:
        raise ConfigError(
            expected=f"a value for {', '.join(lost)}, which the estimator takes (sex: F or M)",
            found=", ".join(f"{name}: {person.get(name)}" for name in lost),
            where="recording",
            do=" ".join(_GIVEN_BY[name] for name in lost),
            code="PREDICTION_COVARIATE_MISSING",
        )


def unlike_people(person: Mapping, ranges: Mapping[str, list[float]]) -> list[str]:
    """Doubts about a person who is smaller or larger than all people in the training data.

    A person beyond `PERSON_MARGIN` is refused (PREDICTION_PERSON).
    """
    doubts = []
    for name, (low, high) in ranges.items():
        value, unit = person.get(name), PERSON_UNITS[name]
        if value is None or low <= value <= high:
            continue
        if not (1 - PERSON_MARGIN[name]) * low <= value <= (1 + PERSON_MARGIN[name]) * high:
            raise ConfigError(
                expected=f"a person of {low:.3g} to {high:.3g} {unit}, as in the training data",
                found=f"{value:.3g} {unit}",
                where="recording",
                do="Take a bundle that learnt from such people: loads of children and of adults differ.",
                code="PREDICTION_PERSON",
            )
        doubts.append(f"{name} is {value:.3g} {unit}, outside of {low:.3g} to {high:.3g} {unit} of the training data")
    return doubts


def require_rate(rate_hz: float) -> None:
    """Refuse sensors that are too slow (PREDICTION_RATE)."""
    if rate_hz < RATE_MIN_HZ:
        raise DataError(
            expected=f"sensors of {RATE_MIN_HZ:g} Hz or more",
            found=f"{rate_hz:.4g} Hz",
            where="sensors of the recording",
            do="Export at the rate of the recording, or record faster: a landing is over within 50 ms.",
            code="PREDICTION_RATE",
        )


def _consistent_gates(worn: Mapping[str, ImuRecording]) -> list[Gate]:
    """Gates that sensors do not pass; refuses sensors that contradict themselves (PREDICTION_CONTRADICTED)."""
    gates = [gate for gate in judge_sensors(worn) if gate.verdict in ("warned", "failed")]
    against = [gate for gate in gates if gate.code in CONTRADICTIONS and gate.value > CONTRADICTIONS[gate.code]]
    if against:
        raise DataError(
            expected="sensors whose acceleration, angular rate, orientation and rate agree",
            found="; ".join(f"{gate.code}: {gate.reason}" for gate in against),
            where="sensors of the recording",
            do="Correct unit, rate, sign or orientation of the export, as the reason says.",
            code="PREDICTION_CONTRADICTED",
        )
    return gates


def _outside(windows: Windows, ranges: Mapping[str, list[float]]) -> list[str]:
    """Covariates whose median lies outside of the training data."""
    doubts = []
    for number, name in enumerate(windows.covariate_names):
        (low, high), value = ranges[name], float(np.median(windows.covariates[:, number]))
        reach = RANGE_MARGIN * (high - low)
        if not low - reach <= value <= high + reach:
            doubts.append(f"{name} is {value:.3g}, outside of {low:.3g} to {high:.3g} of the training data")
    return doubts


def _unlikeness(score: float, likeness: Likeness) -> list[str]:
    """The doubt about a recording that is less like the training data than every held-out one."""
    if score <= likeness.doubt:
        return []
    return [
        f"the recording is less like the training data (score {score:.2f}) than every held-out recording "
        f"(at most {likeness.doubt:.2f})"
    ]


def _empty(found: str, study: Study) -> DataError:
    if study.window.stance_times in TELLS_STANCES:
        teller = TELLS_STANCES[study.window.stance_times]
        do = f"Check that the person runs (walking has no flight), and that the {teller} sensor is on the {teller}."
    else:
        do = "Check the length of the recording and its gaps."
    return DataError(
        expected=f"a whole {study.window.kind}", found=found, where="recording", do=do, code="PREDICTION_EMPTY"
    )


def _unlike(score: float, likeness: Likeness, cause: str) -> DataError:
    return DataError(
        expected=f"a recording like those the estimator learnt from (score at most {likeness.refuse:.2f})",
        found=f"score {score:.2f}{f'; it would be like them if {cause}' if cause else ''}",
        where="sensors of the recording",
        do="Correct that and predict again." if cause else f"{_LOOK_AT} An estimate would mean nothing.",
        code="PREDICTION_UNLIKE",
    )
