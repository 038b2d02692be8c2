"""One lag for a laboratory: methods that agree are corrected, the others only told."""

from __future__ import annotations

import math

import pytest

from gaitload.config.motion import Gates
from gaitload.gates.laboratory import judge_laboratory_lag
from gaitload.ingest.force_gates import judge_lag
from gaitload.ingest.laboratory import LaboratoryLag, TrialLag, laboratory_lag
from gaitload.ingest.lag import Lag
from gaitload.quality import Verdict

NAN = math.nan


def cohort(vertical_ms=(6.0, 7.0, 8.0, 7.5), belt_ms=(5.0, 4.0, 6.0, 5.5), error_ms=0.2) -> list[TrialLag]:
    pairs = zip(vertical_ms, belt_ms, strict=True)
    return [TrialLag(f"p{k}", "run", v / 1e3, error_ms / 1e3, b / 1e3) for k, (v, b) in enumerate(pairs)]


def test_the_mean_of_two_methods_that_agree_is_corrected():
    lag = laboratory_lag(cohort())
    assert lag.correction_s == pytest.approx((7.125 + 5.125) / 2e3)
    assert lag.median_s == pytest.approx(0.00725)
    assert "agree" in lag.reason


@pytest.mark.parametrize(
    ("trials", "why"),
    [
        (cohort(belt_ms=(1.0, 0.0, 2.0, 1.5)), "differ"),
        (cohort(vertical_ms=(1.0, 2.0, 13.0, 12.0)), "standard error"),
        (cohort(vertical_ms=(1.0, 1.2, 0.8, 1.1), belt_ms=(0.5, 0.6, 0.4, 0.7)), "below 2 ms"),
        (cohort(belt_ms=(NAN, NAN, NAN, NAN)), "two methods"),
        (cohort(belt_ms=(6.0, NAN, NAN, NAN)), "standard error"),
        (cohort(error_ms=5.0), "two methods"),
        (cohort(error_ms=NAN), "two methods"),
        ([], "two methods"),
    ],
)
def test_nothing_else_is_corrected_and_the_reason_is_told(trials, why):
    lag = laboratory_lag(trials)
    assert lag.correction_s == 0.0
    assert why in lag.reason


def test_trials_of_one_participant_count_once():
    trials = [TrialLag("a", str(k), 0.010, 1e-4, NAN) for k in range(9)] + [TrialLag("b", "x", 0.004, 1e-4, NAN)]
    assert laboratory_lag(trials).vertical_s == pytest.approx(0.007)


def judged(laboratory: LaboratoryLag | None, own_ms: float) -> dict[str, Verdict]:
    own = TrialLag("p0", "run", own_ms / 1e3, 1e-4, NAN)
    return {gate.code: gate.verdict for gate in judge_laboratory_lag(laboratory, own, Gates())}


def test_a_trial_that_departs_from_its_cohort_is_gated():
    lag = laboratory_lag(cohort())
    assert judged(lag, 9.0) == {"FORCE_LAG_COHORT": Verdict.PASSED, "FORCE_LAG_TRIAL": Verdict.PASSED}
    assert judged(lag, 14.0)["FORCE_LAG_TRIAL"] is Verdict.WARNED
    assert judged(lag, -4.0)["FORCE_LAG_TRIAL"] is Verdict.FAILED


def test_a_cohort_whose_forces_are_late_warns_and_its_trials_do_not_depart():
    late = laboratory_lag(cohort(vertical_ms=(-13.0, -12.0, -14.0, -12.5), belt_ms=(-15.0, -14.0, -16.0, -15.0)))
    assert judged(late, -13.0) == {"FORCE_LAG_COHORT": Verdict.WARNED, "FORCE_LAG_TRIAL": Verdict.PASSED}


def test_a_lag_that_was_corrected_is_judged_by_what_is_left():
    early = laboratory_lag(cohort(vertical_ms=(25.0, 26.0, 24.0, 25.5), belt_ms=(24.0, 25.0, 23.0, 24.5)))
    own, limits = TrialLag("p0", "run", 0.025, 1e-4, NAN), Gates()
    lag, corrected_s = Lag(own.vertical_s, own.vertical_se_s, own.belt_s), early.correction_s
    (before,) = judge_lag(lag, "run", limits, delayed_s=0.0)
    (after,) = judge_lag(lag.less(corrected_s), "run", limits, delayed_s=corrected_s)
    assert (before.verdict, after.verdict) == (Verdict.WARNED, Verdict.PASSED)
    cohorts = [next(judge_laboratory_lag(early, own, limits, corrected_s=s)) for s in (0.0, early.correction_s)]
    assert [gate.verdict for gate in cohorts] == [Verdict.WARNED, Verdict.PASSED]
    assert "after forces were delayed by 24.6 ms" in cohorts[1].reason


def test_a_lag_that_was_not_gathered_is_not_judged():
    assert judged(None, 5.0) == {"FORCE_LAG_COHORT": Verdict.NOT_JUDGED}
    assert judged(laboratory_lag(cohort()[:2]), 20.0)["FORCE_LAG_TRIAL"] is Verdict.NOT_JUDGED
