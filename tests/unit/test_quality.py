"""Verdicts and what they speak about."""

from __future__ import annotations

import math

import pytest

from gaitload.quality import Gate, Quality, Verdict, judge, not_judged


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


def test_a_gate_about_one_label_leaves_the_others_alone():
    ankle = judge("R", 0.4, unit="share", reason="r", fail_above=0.1, labels=("atf_r", "acf_r"))
    quality = Quality("labels", "w", (ankle, judge("IK", 0.03, unit="m", reason="r", warn_above=0.02)))
    assert quality.verdict_on("atf_r_bw") is Verdict.FAILED
    assert quality.verdict_on("atf_l_bw") is Verdict.WARNED
    assert quality.verdict is Verdict.FAILED


def test_json_keeps_everything_but_nan():
    gate = Gate("A", Verdict.WARNED, 1.0, 0.5, "m", "why", ("atf_r",))
    quality = Quality("labels", "c/p/t", (gate,), {"peak": 8.3, "lag": math.nan})
    back = Quality.from_json(quality.to_json())
    assert back.gates == (gate,)
    assert back.numbers == {"peak": 8.3, "lag": None}
