"""Verdicts and what they speak about."""

from __future__ import annotations

import math

import pytest

from gaitload.quality import Gate, GroupVerdict, Quality, Verdict, judge, not_judged, ranked, reasons


@pytest.mark.parametrize(
    ("value", "verdict", "limit"),
    [(0.01, "passed", 0.05), (0.05, "passed", 0.05), (0.07, "warned", 0.05), (0.36, "failed", 0.10)],
)
def test_a_number_is_held_against_both_limits(value, verdict, limit):
    gate = judge("RESERVE", value, unit="share", reason="r", warn_above=0.05, fail_above=0.10)
    assert (gate.verdict, gate.value, gate.limit) == (verdict, value, limit)


def test_nan_cannot_be_judged():
    assert judge("X", math.nan, unit="m", reason="r", fail_above=1.0).verdict is Verdict.NOT_JUDGED


def test_the_gravest_gate_decides_and_silent_ones_do_not():
    gates = (
        judge("A", 2.0, unit="m", reason="r", warn_above=1.0),
        not_judged("B", reason="no trunk markers"),
        judge("C", 0.0, unit="m", reason="r", fail_above=1.0),
    )
    assert Quality("labels", "w", gates).verdict is Verdict.WARNED
    assert Quality("labels", "w", gates[1:]).verdict is Verdict.PASSED


def test_labels_fail_a_trial_only_when_every_group_does():
    bad = GroupVerdict(Verdict.FAILED, 0, 0, 4, 0, ("RESERVE_HIP_ROTATION_R",))
    good = GroupVerdict(Verdict.PASSED, 4, 0, 0, 0, ())
    doubted = GroupVerdict(Verdict.WARNED, 3, 1, 0, 0, ("IK_MARKERS_MAX",))

    def verdict(**groups):
        return Quality("labels", "w", groups=groups).verdict

    assert verdict(hip=bad, angles=good) is Verdict.WARNED
    assert verdict(angles=doubted) is Verdict.WARNED
    assert verdict(angles=good) is Verdict.PASSED
    assert verdict(hip=bad, knee=bad) is Verdict.FAILED


def test_the_summary_counts_columns_and_says_what_is_excluded_and_why():
    groups = {
        "hip contact force": GroupVerdict(Verdict.FAILED, 0, 8, 8, 0, ("RESERVE_HIP_ROTATION_R", "MUSCLES_SATURATED")),
        "joint angles": GroupVerdict(Verdict.WARNED, 9, 1, 0, 0, ("IK_MARKERS_MAX",)),
    }
    summary = Quality("labels", "w", groups=groups).summary
    assert summary == "18 of 26 label columns usable; excluded: hip contact force (reserve hip rotation r)"


def test_reasons_stand_in_the_order_of_their_gravity_each_once():
    gates = (
        judge("A", 2.0, unit="m", reason="r", warn_above=1.0),
        judge("B", 2.0, unit="m", reason="r", fail_above=1.0),
        judge("A", 3.0, unit="m", reason="r", warn_above=1.0),
        judge("C", 0.0, unit="m", reason="r", fail_above=1.0),
        not_judged("D", reason="r"),
    )
    assert reasons(gates) == ("B", "A")


def test_json_keeps_everything_but_nan():
    gate = Gate("A", Verdict.WARNED, 1.0, 0.5, "m", "why", ("muscle:soleus_r",), "swing")
    group = GroupVerdict(Verdict.WARNED, 1, 1, 0, 0, ("A",))
    quality = Quality("labels", "c/p/t", (gate,), {"peak": 8.3, "lag": math.nan}, {"angles": group})
    back = Quality.from_json(quality.to_json())
    assert back.gates == (gate,)
    assert back.groups == {"angles": group}
    assert back.numbers == {"peak": 8.3, "lag": None}


def gate(code: str, verdict: Verdict = Verdict.WARNED) -> Gate:
    return Gate(code, verdict, 1.0, 0.0, "", code)


@pytest.mark.parametrize(
    ("cause", "consequence"),
    [
        ("FORCE_DEAD_PLATE_1", "COP_STILL"),
        ("BODY_UNLIKE_STATIC", "LABELS_IMPLAUSIBLE"),
        ("BODY_UNLIKE_STATIC", "MARKER_DRIFT_PELVIS"),
        ("FORCE_CLOCK", "FORCE_LAG"),
        ("FORCE_LAG", "COP_HEADS"),
        ("MASS_IN_FORCE", "RESIDUAL_FORCE"),
        ("FORCE_IMPULSE_AHEAD", "FORCE_ORIGIN"),
        ("LABELS_SWAPPED", "LABELS_MISSING"),
        ("COP_IN_FOOT_R", "COP_WORST_STANCE_R"),
    ],
)
def test_a_cause_that_warns_comes_before_a_consequence_that_fails(cause, consequence):
    assert reasons([gate(consequence, Verdict.FAILED), gate(cause)]) == (cause, consequence)


def test_failures_come_before_warnings_of_the_same_cause_and_passed_gates_are_left_out():
    gates = [gate("FORCE_LAG"), gate("FORCE_LAG_TRIAL", Verdict.FAILED), gate("COP_STILL", Verdict.PASSED)]
    assert [one.code for one in ranked(gates)] == ["FORCE_LAG_TRIAL", "FORCE_LAG"]
