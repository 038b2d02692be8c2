"""Proportions that nobody has do not pass."""

from __future__ import annotations

import pytest

from gaitload.gates.proportions import judge_proportions
from gaitload.quality import Verdict

SOUND = {
    "proportions": {
        "left_over_right": {"thigh": 1.01, "shank": 0.99},
        "pelvis_over_legs": {"x": 1.05, "y": 0.95, "z": 1.1},
        "legs_over_height": 0.97,
    },
    "static_angles_deg": {"knee_angle_r": -4.0, "knee_angle_l": 3.0},
}


def verdicts(record: dict) -> dict[str, Verdict]:
    return {gate.code: gate.verdict for gate in judge_proportions(record)}


def test_a_sound_person_passes() -> None:
    assert set(verdicts(SOUND).values()) == {Verdict.PASSED}
    assert verdicts({}) == {}


@pytest.mark.parametrize(("width", "verdict"), [(0.74, Verdict.FAILED), (0.8, Verdict.WARNED), (1.4, Verdict.FAILED)])
def test_a_pelvis_that_does_not_go_with_the_legs_does_not_pass(width: float, verdict: Verdict) -> None:
    record = SOUND | {"proportions": SOUND["proportions"] | {"pelvis_over_legs": {"x": 1.0, "y": 1.0, "z": width}}}
    assert verdicts(record)["SCALE_PELVIS_WIDTH"] is verdict


def test_the_depth_of_a_pelvis_warns_only() -> None:
    record = SOUND | {"proportions": SOUND["proportions"] | {"pelvis_over_legs": {"x": 1.48, "y": 1.0, "z": 1.0}}}
    assert verdicts(record)["SCALE_PELVIS_DEPTH"] is Verdict.WARNED


def test_legs_of_two_lengths_and_another_height_are_reported() -> None:
    told = {"left_over_right": {"thigh": 1.2, "shank": 0.93}, "pelvis_over_legs": None, "legs_over_height": 1.15}
    found = verdicts({"proportions": told})
    assert found["SCALE_LEFT_RIGHT_THIGH"] is Verdict.FAILED
    assert found["SCALE_LEFT_RIGHT_SHANK"] is Verdict.WARNED
    assert found["SCALE_LEGS_HEIGHT"] is Verdict.WARNED


def test_a_foot_that_does_not_stand_flat_is_reported() -> None:
    gates = {gate.code: gate for gate in judge_proportions(SOUND | {"static_heel_up_deg": {"r": 32.0, "l": -4.0}})}
    assert gates["STATIC_FOOT_TILT_R"].verdict is Verdict.WARNED
    assert "32 deg" in gates["STATIC_FOOT_TILT_R"].reason
    assert gates["STATIC_FOOT_TILT_L"].verdict is Verdict.PASSED


def test_a_bent_static_knee_and_rare_markers_are_reported() -> None:
    record = SOUND | {"static_angles_deg": {"knee_angle_r": -18.0}, "rarely_seen": {"RASI": 1 / 107}}
    gates = {gate.code: gate for gate in judge_proportions(record)}
    assert gates["STATIC_KNEE_ANGLE_R"].verdict is Verdict.WARNED
    assert "-18 deg" in gates["STATIC_KNEE_ANGLE_R"].reason
    assert "RASI in 0.9%" in gates["MARKERS_NOT_REGISTERED"].reason
