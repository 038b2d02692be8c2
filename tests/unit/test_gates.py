"""Gates of a labelled trial, on loads chosen by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from gaitload.config.motion import Gates
from gaitload.conventions import SIDES, body_weight_n
from gaitload.gates import dynamics, kinematics, muscles, plausibility
from gaitload.gates.mass import describe_mass
from gaitload.gates.solution import Solution
from gaitload.quality import Gate, Quality, Verdict

LIMITS = Gates()
FRAMES = 4


@pytest.fixture
def solution(loads, anatomy) -> Solution:
    """Everything in order: small marker errors, no residuals, no reserves, nothing saturated."""
    pelvis = (*loads.family.residual_forces, *loads.family.residual_moments)
    still = {name: np.zeros(FRAMES) for name in pelvis}
    coordinates = [f"{name}_{side}" for name in loads.family.side_coordinates for side in SIDES]
    return Solution(
        loads=dataclasses.replace(loads, generalized_forces={**loads.generalized_forces, **still}),
        anatomy=anatomy,
        leg_marker_errors_m={"RASI": np.full(FRAMES, 0.005), "RCAL": np.full(FRAMES, 0.01)},
        other_marker_errors_m={"C7": np.full(FRAMES, 0.03)},
        marker_body={"RASI": "pelvis", "RCAL": "calcn_r", "C7": "torso", "RLEL": "torso", "UNSEEN": "femur_r"},
        activations={"soleus_r": np.full(FRAMES, 0.5), "soleus_l": np.full(FRAMES, 0.5)},
        reserves_nm={name: np.zeros(FRAMES) for name in coordinates},
        contact=np.ones((FRAMES, 2), dtype=bool),
        com_height_m=1.0,
        unsolved=np.zeros(FRAMES, dtype=bool),
    )


def verdicts(found) -> dict[str, Verdict]:
    return {gate.code: gate.verdict for gate in found}


def test_a_good_trial_passes_every_gate(solution):
    found = [
        *kinematics.judge_kinematics(solution, LIMITS),
        *dynamics.judge_residuals(solution, LIMITS, untracked=()),
        *muscles.judge_reserves(solution, LIMITS),
        *kinematics.judge_ranges(solution, LIMITS),
        *muscles.judge_muscles(solution, LIMITS),
        *muscles.judge_passive_forces(solution, LIMITS),
        *plausibility.judge_plausibility(solution, LIMITS, activity="other"),
    ]
    told = verdicts(found)
    assert {verdict for code, verdict in told.items() if "SWING" not in code} == {Verdict.PASSED}
    assert {verdict for code, verdict in told.items() if "SWING" in code} == {Verdict.NOT_JUDGED}
    assert len(found) > 40


def test_the_worst_marker_is_named(solution):
    errors = solution.leg_marker_errors_m | {"RCAL": np.full(FRAMES, 0.05)}
    found = list(kinematics.judge_kinematics(dataclasses.replace(solution, leg_marker_errors_m=errors), LIMITS))
    worst = next(gate for gate in found if gate.code == "IK_MARKER_WORST_CALCN_R")
    assert (worst.verdict, worst.questions) == (Verdict.FAILED, ("pose:calcn_r",))
    assert "RCAL" in worst.reason
    assert verdicts(found)["IK_MARKER_WORST_PELVIS"] is Verdict.PASSED
    outliers = next(gate for gate in found if gate.code == "IK_MARKERS_MAX")
    assert (outliers.verdict, outliers.questions) == (Verdict.WARNED, ("pose:calcn_r",))


def test_arms_that_do_not_fit_only_warn(solution):
    raised = dataclasses.replace(solution, other_marker_errors_m={"RLEL": np.full(FRAMES, 0.2)})
    assert (
        max(verdicts(kinematics.judge_kinematics(raised, LIMITS)).values(), key=list(Verdict).index) is Verdict.WARNED
    )


def by_code(found, code):
    return next(gate for gate in found if gate.code == code)


def stances_of(solution, count: int, *, reserve=None, frames: int = 10) -> Solution:
    """A trial of several stances of the right foot, swing between them, and reserves (N m) of the right ankle."""
    total = count * 2 * frames
    contact = np.zeros((total, 2), dtype=bool)
    contact[:, 0] = (np.arange(total) // frames) % 2 == 0

    def longer(columns):
        return {name: np.full(total, values[0]) for name, values in columns.items()}

    loads = dataclasses.replace(
        solution.loads,
        time_s=np.arange(total) / 100,
        coordinates=longer(solution.loads.coordinates),
        generalized_forces=longer(solution.loads.generalized_forces),
        tendon_forces_n=longer(solution.loads.tendon_forces_n),
        passive_forces_n=longer(solution.loads.passive_forces_n),
    )
    reserves = longer(solution.reserves_nm)
    if reserve is not None:
        reserves["ankle_angle_r"] = reserve
    return dataclasses.replace(
        solution, loads=loads, contact=contact, reserves_nm=reserves, unsolved=np.zeros(total, dtype=bool)
    )


def test_a_reserve_fails_by_the_median_of_its_stances_with_its_number(solution):
    reserves = solution.reserves_nm | {"ankle_angle_r": np.array([0.0, 18.0, -10.0, 0.0])}
    gate = by_code(
        muscles.judge_reserves(dataclasses.replace(solution, reserves_nm=reserves), LIMITS), "RESERVE_ANKLE_ANGLE_R"
    )
    # 18 N m of a peak moment of 50 N m.
    assert (gate.verdict, gate.value) == (Verdict.FAILED, pytest.approx(0.36))
    assert set(gate.questions) == {f"muscle:{name}_r" for name in ("soleus", "gasmed", "gaslat", "tibant", "tibpost")}
    assert "18 N m of a peak moment of 50 N m" in gate.reason


def test_one_bad_stance_of_many_does_not_fail_a_reserve_and_a_third_of_them_warns(solution):
    bad = np.zeros(200)

    def judged(*frames: int) -> Gate:
        bad[list(frames)] = 40.0
        return by_code(muscles.judge_reserves(stances_of(solution, 10, reserve=bad), LIMITS), "RESERVE_ANKLE_ANGLE_R")

    assert judged(5).verdict is Verdict.PASSED
    third = judged(25, 45)
    assert third.verdict is Verdict.WARNED
    assert "30% above 10%" in third.reason
    assert judged(65, 85, 105, 125).verdict is Verdict.FAILED


def test_swing_is_judged_by_itself(solution):
    swinging = np.where((np.arange(200) // 10) % 2 == 1, 30.0, 0.0)
    found = list(muscles.judge_reserves(stances_of(solution, 10, reserve=swinging), LIMITS))
    assert by_code(found, "RESERVE_ANKLE_ANGLE_R").verdict is Verdict.PASSED
    swing = by_code(found, "RESERVE_SWING_ANKLE_ANGLE_R")
    assert (swing.verdict, swing.phase) == (Verdict.FAILED, "swing")


@pytest.mark.parametrize(
    ("reserve_nm", "told"),
    [
        (20.0, "adds to dorsiflexion: muscles are too weak for it"),
        (-20.0, "acts against dorsiflexion, which muscles exert more than the motion demands"),
    ],
)
def test_a_reserve_says_which_way_it_acts(solution, reserve_nm, told):
    # The moment that the motion demands is +50 N m, dorsiflexion.
    reserves = solution.reserves_nm | {"ankle_angle_r": np.full(FRAMES, reserve_nm)}
    found = muscles.judge_reserves(dataclasses.replace(solution, reserves_nm=reserves), LIMITS)
    assert told in by_code(found, "RESERVE_ANKLE_ANGLE_R").reason


def test_passive_force_that_bears_most_of_a_peak_fails_its_tendon(solution):
    passive = solution.loads.passive_forces_n | {name: np.full(FRAMES, 60.0) for name in ("soleus_r", "gasmed_r")}
    loads = dataclasses.replace(solution.loads, passive_forces_n=passive)
    found = list(muscles.judge_passive_forces(dataclasses.replace(solution, loads=loads), LIMITS))
    # (60 + 60 + 10) of 300 N, and 10 % elsewhere.
    gate = by_code(found, "PASSIVE_SHARE_ACHILLES_TENDON_R")
    assert (gate.verdict, gate.value) == (Verdict.WARNED, pytest.approx(130 / 300))
    assert by_code(found, "PASSIVE_SHARE_ACHILLES_TENDON_L").verdict is Verdict.PASSED
    strict = Gates(passive_fail_share=0.4)
    strict = list(muscles.judge_passive_forces(dataclasses.replace(solution, loads=loads), strict))
    assert by_code(strict, gate.code).verdict is Verdict.FAILED


def test_a_coordinate_at_the_end_of_its_range_warns_with_its_range(solution):
    coordinates = solution.loads.coordinates | {"ankle_angle_r": np.array([0.1, 0.2, 0.695, 0.1])}
    loads = dataclasses.replace(solution.loads, coordinates=coordinates)
    found = list(kinematics.judge_ranges(dataclasses.replace(solution, loads=loads), LIMITS))
    gate = by_code(found, "RANGE_END_ANKLE_ANGLE_R")
    assert gate.verdict is Verdict.WARNED
    assert set(gate.questions) == {"pose:talus_r", "pose:tibia_r"}
    assert "1 of 1 stances reach an end of the range of ankle_angle_r, -40 to 40 deg" in gate.reason
    assert by_code(found, "RANGE_END_ANKLE_ANGLE_L").verdict is Verdict.PASSED


def test_residuals_of_an_untracked_trunk_cannot_be_judged(solution):
    forces = solution.loads.generalized_forces | {"pelvis_ty": np.full(FRAMES, 500.0)}
    heavy = dataclasses.replace(solution, loads=dataclasses.replace(solution.loads, generalized_forces=forces))
    # 500 N of an external force of 802 N: no mass that is spread wrongly explains it, so the plates are in doubt too.
    gate = by_code(dynamics.judge_residuals(heavy, LIMITS, untracked=()), "RESIDUAL_FORCE")
    assert (gate.verdict, set(gate.questions)) == (
        Verdict.FAILED,
        {"body_mass", "ground_reaction:r", "ground_reaction:l"},
    )
    pressed = dataclasses.replace(heavy.loads, foot_force_ground_n=np.full((FRAMES, 2, 3), 2e3))
    gate = by_code(
        dynamics.judge_residuals(dataclasses.replace(heavy, loads=pressed), LIMITS, untracked=()), "RESIDUAL_FORCE"
    )
    assert (gate.verdict, gate.questions) == (Verdict.WARNED, ("body_mass",))
    locked = list(dynamics.judge_residuals(heavy, LIMITS, untracked=("lumbar_extension",)))
    assert verdicts(locked)["RESIDUAL_FORCE"] is Verdict.NOT_JUDGED
    assert "lumbar_extension" in locked[0].reason


def test_a_runner_outside_the_band_is_told_by_how_much(solution):
    # Three muscles of 100 N on 70 kg are 0.44 BW.
    found = plausibility.judge_plausibility(solution, LIMITS, activity="run")
    gate = by_code(found, "PLAUSIBLE_ATF_R")
    assert gate.verdict is Verdict.WARNED
    assert gate.value == pytest.approx(4.0 - 300 / (70 * 9.80665))
    assert set(gate.questions) == {"muscle:soleus_r", "muscle:gasmed_r", "muscle:gaslat_r"}
    walking = by_code(plausibility.judge_plausibility(solution, LIMITS, activity="walk"), "PLAUSIBLE_KCF_L")
    # 1000 N on 70 kg are 1.46 BW.
    assert (walking.value, walking.questions) == (pytest.approx(1.5 - 1000 / (70 * 9.80665)), ("contact:knee_l",))


def test_unsolved_frames_warn_and_many_fail(solution):
    few = dataclasses.replace(solution, loads=_longer(solution.loads, 100), unsolved=np.arange(100) == 1)
    many = dataclasses.replace(few, unsolved=np.arange(100) < 10)
    assert verdicts(muscles.judge_muscles(few, LIMITS))["OPTIMIZATION_UNSOLVED"] is Verdict.WARNED
    assert verdicts(muscles.judge_muscles(many, LIMITS))["OPTIMIZATION_UNSOLVED"] is Verdict.FAILED


def test_static_errors_warn_at_most_and_name_the_landmark(anatomy):
    found = list(kinematics.judge_scaling({"marker_errors_m": {"RASI": 0.001, "RCAL": 0.5}}, anatomy, LIMITS))
    assert verdicts(found) == {"STATIC_MARKERS_RMS": Verdict.WARNED, "STATIC_MARKERS_MAX": Verdict.WARNED}
    assert "RCAL" in found[1].reason


def test_without_a_static_trial_its_gate_warns(anatomy):
    (gate,) = kinematics.judge_scaling({}, anatomy, LIMITS)
    assert (gate.code, gate.verdict) == ("STATIC_TRIAL_MISSING", Verdict.WARNED)


def test_strength_that_could_not_be_scaled_warns(anatomy):
    record = {"marker_errors_m": {"RASI": 0.001}, "strength": {"law": "stock", "instead_of": "handsfield2014"}}
    assert verdicts(kinematics.judge_strength(record, anatomy))["STRENGTH_UNSCALED"] is Verdict.WARNED
    scaled = record | {"strength": {"law": "handsfield2014"}}
    assert "STRENGTH_UNSCALED" not in verdicts(kinematics.judge_strength(scaled, anatomy))


def test_a_marker_that_was_never_seen_does_not_hide_the_worst_one(solution):
    errors = {"UNSEEN": np.full(FRAMES, np.nan), "RCAL": np.full(FRAMES, 0.2)}
    found = verdicts(kinematics.judge_kinematics(dataclasses.replace(solution, leg_marker_errors_m=errors), LIMITS))
    assert found["IK_MARKER_WORST_CALCN_R"] is Verdict.FAILED


def _longer(loads, frames: int):
    return dataclasses.replace(loads, time_s=np.arange(frames) / 100)


def test_a_free_moment_that_both_feet_share_over_whole_stances_warns_with_its_sign(solution):
    stances = np.array([False, True, True, False])

    def judged(right_nm, left_nm, contact=stances):
        moments = np.tile([right_nm, left_nm], (FRAMES, 1))
        loads = dataclasses.replace(solution.loads, foot_free_moment_nm=moments)
        both = np.stack([contact, contact], axis=1)
        return next(dynamics.judge_free_moment(dataclasses.replace(solution, loads=loads, contact=both), LIMITS))

    mass_kg = solution.loads.mass_kg
    assert judged(0.3 * mass_kg, -0.3 * mass_kg).verdict is Verdict.PASSED
    gate = judged(0.1 * mass_kg, 0.1 * mass_kg)
    assert (gate.verdict, gate.value) == (Verdict.WARNED, pytest.approx(0.1))
    assert "+0.100" in gate.reason
    assert "-0.100" in judged(-0.1 * mass_kg, -0.1 * mass_kg).reason
    assert judged(0.1 * mass_kg, 0.1 * mass_kg, contact=~stances).verdict is Verdict.NOT_JUDGED


def test_doubts_about_the_static_trial_stand_beside_the_motion_and_warn():
    fault = Gate("LABELS_MISSING", Verdict.FAILED, None, None, "m", "L.MT1: not seen", ("pose:calcn_l",))
    quality = Quality("ingest", "lab/p1/stand", (fault, Gate("MARKERS_MISSING", Verdict.PASSED, 0.0, 0.05, "", "")))
    (gate,) = kinematics.judge_static(quality)
    assert (gate.code, gate.verdict, gate.questions) == ("STATIC_LABELS_MISSING", Verdict.WARNED, ("pose:calcn_l",))
    assert "lab/p1/stand" in gate.reason


def test_a_body_mass_that_the_plates_contradict_fails_with_both_numbers(solution):
    frames = 60
    contact = np.zeros((frames, 2), dtype=bool)
    contact[5:25, 0] = contact[30:50, 0] = True
    contact[18:38, 1] = True
    vertical_n = np.zeros((frames, 2, 3))
    vertical_n[:, 0, 1] = body_weight_n(solution.loads.mass_kg)

    def judged(factor=1.0, contact=contact):
        loads = dataclasses.replace(solution.loads, foot_force_ground_n=factor * vertical_n)
        return next(dynamics.judge_mass(dataclasses.replace(solution, loads=loads, contact=contact), LIMITS))

    assert judged().verdict is Verdict.PASSED
    gate = judged(0.8)
    assert (gate.verdict, gate.value) == (Verdict.FAILED, pytest.approx(0.2))
    assert f"{0.8 * solution.loads.mass_kg:.1f} kg" in gate.reason
    assert judged(0.9).verdict is Verdict.WARNED
    one_strike = contact & (np.arange(frames) < 28)[:, None]
    assert judged(0.8, one_strike).verdict is Verdict.NOT_JUDGED
    short = dataclasses.replace(solution, contact=one_strike)
    (gate,) = dynamics.judge_mass(short, LIMITS, carried_kg=0.75 * solution.loads.mass_kg)
    assert (gate.code, gate.verdict) == ("MASS_IN_FORCE", Verdict.FAILED)
    assert "by the motion of the body" in gate.reason


@pytest.mark.parametrize(
    ("declared_kg", "measured_kg", "words"),
    [
        (154.3, 70.0, "mass_kg in participants.tsv in pounds"),
        (70.0, 154.3, "pounds as kilograms"),
        (70.0, 70.0 / 4.4482, "pounds-force instead of newtons"),
        (70.0, 70.0 / 9.80665, "kilograms instead of newtons"),
        (70.0, 0.07, "kilonewtons instead of newtons"),
    ],
)
def test_a_mass_in_another_unit_is_named(declared_kg, measured_kg, words):
    assert words in describe_mass(declared_kg, measured_kg)
