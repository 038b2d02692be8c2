"""The part that is wrong comes before what follows from it, whatever its verdict."""

from __future__ import annotations

import pytest

from gaitload.quality import Gate, Verdict, ranked, reasons


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
