"""Gates of a labelled trial, on loads chosen by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from gaitload import gates
from gaitload.config.motion import Gates
from gaitload.conventions import SIDES, body_weight_n
from gaitload.gates import Solution
from gaitload.quality import Gate, Quality, Verdict

LIMITS = Gates()
FRAMES = 4


@pytest.fixture
def solution(loads) -> Solution:
    """Everything in order: small marker errors, no residuals, no reserves, nothing saturated."""
    pelvis = (*loads.family.residual_forces, *loads.family.residual_moments)
    still = {name: np.zeros(FRAMES) for name in pelvis}
    coordinates = [f"{name}_{side}" for name in loads.family.side_coordinates for side in SIDES]
    return Solution(
        loads=dataclasses.replace(loads, generalized_forces={**loads.generalized_forces, **still}),
        leg_marker_errors_m={"RASI": np.full(FRAMES, 0.005), "RCAL": np.full(FRAMES, 0.01)},
        other_marker_errors_m={"C7": np.full(FRAMES, 0.03)},
        activations={"soleus_r": np.full(FRAMES, 0.5), "soleus_l": np.full(FRAMES, 0.5)},
        reserves_nm={name: np.zeros(FRAMES) for name in coordinates},
        contact=np.ones((FRAMES, 2), dtype=bool),
        com_height_m=1.0,
        unsolved_s=(),
    )


def verdicts(found) -> dict[str, Verdict]:
    return {gate.code: gate.verdict for gate in found}


def test_a_good_trial_passes_every_gate(solution):
    found = [
        *gates.judge_kinematics(solution, LIMITS),
        *gates.judge_residuals(solution, LIMITS, untracked=()),
        *gates.judge_reserves(solution, LIMITS),
        *gates.judge_muscles(solution, LIMITS),
        *gates.judge_plausibility(solution, LIMITS, activity="walk"),
    ]
    assert set(verdicts(found).values()) == {Verdict.PASSED}
    assert len(found) > 15


def test_the_worst_marker_is_named(solution):
    errors = solution.leg_marker_errors_m | {"RCAL": np.full(FRAMES, 0.05)}
    found = list(gates.judge_kinematics(dataclasses.replace(solution, leg_marker_errors_m=errors), LIMITS))
    assert verdicts(found)["IK_MARKER_WORST"] is Verdict.FAILED
    assert "RCAL" in next(gate.reason for gate in found if gate.code == "IK_MARKER_WORST")
    assert verdicts(found)["IK_MARKERS_MAX"] is Verdict.WARNED


def test_arms_that_do_not_fit_only_warn(solution):
    raised = dataclasses.replace(solution, other_marker_errors_m={"RLEL": np.full(FRAMES, 0.2)})
    assert max(verdicts(gates.judge_kinematics(raised, LIMITS)).values(), key=list(Verdict).index) is Verdict.WARNED


def test_a_reserve_fails_the_labels_of_its_joint_with_its_number(solution):
    reserves = solution.reserves_nm | {"ankle_angle_r": np.array([0.0, 18.0, -10.0, 0.0])}
    found = gates.judge_reserves(dataclasses.replace(solution, reserves_nm=reserves), LIMITS)
    gate = next(gate for gate in found if gate.code == "RESERVE_ANKLE_ANGLE_R")
    # 18 N m of a peak moment of 50 N m.
    assert (gate.verdict, gate.value) == (Verdict.FAILED, pytest.approx(0.36))
    assert {"atf_r", "acf_r", "kcf_r"} <= set(gate.labels)
    assert not any(label.endswith("_l") for label in gate.labels)
    assert "18 N m of a peak moment of 50 N m" in gate.reason


def test_residuals_of_an_untracked_trunk_cannot_be_judged(solution):
    forces = solution.loads.generalized_forces | {"pelvis_ty": np.full(FRAMES, 500.0)}
    heavy = dataclasses.replace(solution, loads=dataclasses.replace(solution.loads, generalized_forces=forces))
    assert verdicts(gates.judge_residuals(heavy, LIMITS, untracked=()))["RESIDUAL_FORCE"] is Verdict.WARNED
    locked = list(gates.judge_residuals(heavy, LIMITS, untracked=("lumbar_extension",)))
    assert verdicts(locked)["RESIDUAL_FORCE"] is Verdict.NOT_JUDGED
    assert "lumbar_extension" in locked[0].reason


def test_a_runner_outside_the_band_is_told_by_how_much(solution):
    # Three muscles of 100 N on 70 kg are 0.44 BW.
    found = gates.judge_plausibility(solution, LIMITS, activity="run")
    gate = next(gate for gate in found if gate.code == "ACHILLES_PLAUSIBLE_R")
    assert gate.verdict is Verdict.WARNED
    assert gate.value == pytest.approx(4.0 - 300 / (70 * 9.80665))


def test_unsolved_frames_warn_and_many_fail(solution):
    few = dataclasses.replace(solution, loads=_longer(solution.loads, 100), unsolved_s=(0.01,))
    many = dataclasses.replace(few, unsolved_s=tuple(np.arange(10) / 100))
    assert verdicts(gates.judge_muscles(few, LIMITS))["OPTIMIZATION_UNSOLVED"] is Verdict.WARNED
    assert verdicts(gates.judge_muscles(many, LIMITS))["OPTIMIZATION_UNSOLVED"] is Verdict.FAILED


def test_static_errors_warn_at_most_and_name_the_landmark():
    found = list(gates.judge_scaling({"marker_errors_m": {"RASI": 0.001, "RCAL": 0.5}}, LIMITS))
    assert verdicts(found) == {"STATIC_MARKERS_RMS": Verdict.WARNED, "STATIC_MARKERS_MAX": Verdict.WARNED}
    assert "RCAL" in found[1].reason


def test_without_a_static_trial_its_gate_warns():
    (gate,) = gates.judge_scaling({}, LIMITS)
    assert (gate.code, gate.verdict) == ("STATIC_TRIAL_MISSING", Verdict.WARNED)


def test_strength_that_could_not_be_scaled_warns():
    record = {"marker_errors_m": {"RASI": 0.001}, "strength": {"law": "stock", "instead_of": "handsfield2014"}}
    assert verdicts(gates.judge_scaling(record, LIMITS))["STRENGTH_UNSCALED"] is Verdict.WARNED
    scaled = record | {"strength": {"law": "handsfield2014"}}
    assert "STRENGTH_UNSCALED" not in verdicts(gates.judge_scaling(scaled, LIMITS))


def test_a_marker_that_was_never_seen_does_not_hide_the_worst_one(solution):
    errors = {"UNSEEN": np.full(FRAMES, np.nan), "RCAL": np.full(FRAMES, 0.2)}
    found = verdicts(gates.judge_kinematics(dataclasses.replace(solution, leg_marker_errors_m=errors), LIMITS))
    assert found["IK_MARKER_WORST"] is Verdict.FAILED


def _longer(loads, frames: int):
    return dataclasses.replace(loads, time_s=np.arange(frames) / 100)


def test_a_free_moment_that_both_feet_share_over_whole_stances_warns_with_its_sign(solution):
    stances = np.array([False, True, True, False])

    def judged(right_nm, left_nm, contact=stances):
        moments = np.tile([right_nm, left_nm], (FRAMES, 1))
        loads = dataclasses.replace(solution.loads, foot_free_moment_nm=moments)
        both = np.stack([contact, contact], axis=1)
        return next(gates.judge_free_moment(dataclasses.replace(solution, loads=loads, contact=both), LIMITS))

    mass_kg = solution.loads.mass_kg
    assert judged(0.3 * mass_kg, -0.3 * mass_kg).verdict is Verdict.PASSED
    gate = judged(0.1 * mass_kg, 0.1 * mass_kg)
    assert (gate.verdict, gate.value) == (Verdict.WARNED, pytest.approx(0.1))
    assert "+0.100" in gate.reason
    assert "-0.100" in judged(-0.1 * mass_kg, -0.1 * mass_kg).reason
    assert judged(0.1 * mass_kg, 0.1 * mass_kg, contact=~stances).verdict is Verdict.NOT_JUDGED


def test_doubts_about_the_static_trial_stand_beside_the_motion_and_warn():
    fault = Gate("LABELS_MISSING", Verdict.FAILED, None, None, "m", "L.MT1: not seen", ("atf_l",))
    quality = Quality("ingest", "lab/p1/stand", (fault, Gate("MARKERS_MISSING", Verdict.PASSED, 0.0, 0.05, "", "")))
    (gate,) = gates.judge_static(quality)
    assert (gate.code, gate.verdict, gate.labels) == ("STATIC_LABELS_MISSING", Verdict.WARNED, ("atf_l",))
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
        return next(gates.judge_mass(dataclasses.replace(solution, loads=loads, contact=contact), LIMITS))

    assert judged().verdict is Verdict.PASSED
    gate = judged(0.8)
    assert (gate.verdict, gate.value) == (Verdict.FAILED, pytest.approx(0.2))
    assert f"{0.8 * solution.loads.mass_kg:.1f} kg" in gate.reason
    assert judged(0.9).verdict is Verdict.WARNED
    one_strike = contact & (np.arange(frames) < 28)[:, None]
    assert judged(0.8, one_strike).verdict is Verdict.NOT_JUDGED


def test_gates_of_muscles_leave_angles_and_ground_reaction_alone(solution):
    quality = Quality(
        "labels", "w", tuple(gates.judge_muscles(dataclasses.replace(solution, unsolved_s=(0.0,)), LIMITS))
    )
    assert quality.verdict_on("atf_r_bw") is Verdict.FAILED
    assert quality.reasons_on("kcf_med_l_n") == ["OPTIMIZATION_UNSOLVED"]
    for column in ("grf_r_y_n", "knee_angle_r_rad", "hip_flexion_moment_l_nm", "cop_l_x_m"):
        assert quality.verdict_on(column) is Verdict.PASSED, column


def test_a_reserve_does_not_fail_the_moment_it_stands_in_for(solution):
    weak = solution.reserves_nm | {"ankle_angle_r": np.full(FRAMES, 1e3)}
    quality = Quality(
        "labels", "w", tuple(gates.judge_reserves(dataclasses.replace(solution, reserves_nm=weak), LIMITS))
    )
    assert quality.verdict_on("atf_r_bw") is Verdict.FAILED
    assert quality.verdict_on("ankle_moment_r_nm") is Verdict.PASSED
