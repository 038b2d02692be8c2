"""Tests over people: against scipy and statsmodels, and never counting steps as people."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.weightstats import ttost_paired

from gaitload.evaluation import statistics

ESTIMATORS = ("lstm", "ridge", "knn")


@pytest.fixture
def steps() -> pd.DataFrame:
    """Errors of three estimators on two sensor sets in five steps of each of nine people."""
    rng = np.random.default_rng(3)
    rows = [
        {"person": f"p{person}", "estimator": name, "sensor_set": sensors, "rmse": level + rng.normal(0, 0.1)}
        for person in range(9)
        for place, name in enumerate(ESTIMATORS)
        for sensors in ("pelvis", "all")
        for level in [1 + 0.2 * place - 0.1 * (sensors == "all") + rng.normal(0, 0.2)]
        for _ in range(5)
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def doubled(steps: pd.DataFrame) -> pd.DataFrame:
    """The same, one person's windows there seven times."""
    return pd.concat([steps, *[steps[steps["person"] == "p4"]] * 6], ignore_index=True)


def _all_tests(table: pd.DataFrame) -> dict:
    return {
        "paired": statistics.compare_paired(table, "estimator", "lstm", "ridge", "rmse", margin=0.3, alpha=0.05),
        "anova": statistics.anova_repeated(table, ["estimator"], "rmse"),
        "two-way": statistics.anova_repeated(table, ["estimator", "sensor_set"], "rmse"),
        "hur2025": statistics.anova_hur2025(table, ["estimator", "sensor_set"], "rmse"),
        "mixed": statistics.mixed_model(table, "estimator", "ridge", "rmse", within=["sensor_set"]),
    }


def _numbers(value: object) -> list[float]:
    if isinstance(value, dict):
        return [number for item in value.values() for number in _numbers(item)]
    if isinstance(value, list):
        return [number for item in value for number in _numbers(item)]
    return [float(value)] if isinstance(value, int | float) else []


@pytest.mark.parametrize("name", ["paired", "anova", "two-way", "hur2025", "mixed"])
def test_windows_repeated_change_no_p_value(steps: pd.DataFrame, doubled: pd.DataFrame, name: str) -> None:
    before, after = _all_tests(steps)[name], _all_tests(doubled)[name]
    assert "not_made" not in before
    assert _numbers(after) == pytest.approx(_numbers(before), rel=1e-6, abs=1e-9, nan_ok=True)
    assert before["n"] == 9
    json.dumps(before)


def test_the_paired_test_agrees_with_scipy_and_statsmodels(steps: pd.DataFrame) -> None:
    means = steps.groupby(["person", "estimator"])["rmse"].mean().unstack()
    found = _all_tests(steps)["paired"]
    expected = stats.ttest_rel(means["lstm"], means["ridge"])
    assert (found["t"], found["p"]) == pytest.approx((expected.statistic, expected.pvalue))
    assert found["ci"] == pytest.approx(list(expected.confidence_interval()))
    assert found["wilcoxon_p"] == pytest.approx(stats.wilcoxon(means["lstm"], means["ridge"]).pvalue)
    tost_p, _, _ = ttost_paired(means["lstm"], means["ridge"], -0.3, 0.3)
    assert found["tost"]["p"] == pytest.approx(tost_p)
    assert found["tost"]["equivalent"] == (found["tost"]["p"] < 0.05)


@pytest.mark.parametrize(("t", "n"), [(2.0, 12), (-3.0, 6), (0.0, 5), (8.0, 30)])
def test_effect_sizes_have_the_limits_of_the_noncentral_t(t: float, n: int) -> None:
    low, high = (limit * np.sqrt(n) for limit in statistics.effect_size_ci(t, n, 0.05))
    assert stats.nct.sf(t, n - 1, low) == pytest.approx(0.025, abs=1e-5)
    assert stats.nct.cdf(t, n - 1, high) == pytest.approx(0.025, abs=1e-5)


def test_effect_sizes_of_overwhelming_differences_have_limits() -> None:
    low, high = statistics.effect_size_ci(60.0, 12, 0.05)
    assert 0 < low < 60 / np.sqrt(12) < high


def test_repeated_measures_agree_with_statsmodels(steps: pd.DataFrame) -> None:
    from statsmodels.stats.anova import AnovaRM

    means = steps.groupby(["person", "estimator", "sensor_set"])["rmse"].mean().reset_index()
    table = AnovaRM(means, "rmse", "person", within=["estimator", "sensor_set"]).fit().anova_table
    found = {effect["effect"]: effect for effect in _all_tests(steps)["two-way"]["effects"]}
    for ours, theirs in (("estimator", "estimator"), ("estimator * sensor_set", "estimator:sensor_set")):
        row = table.loc[theirs]
        assert (found[ours]["F"], found[ours]["p"]) == pytest.approx((row["F Value"], row["Pr > F"]))
        assert (found[ours]["ddof1"], found[ours]["ddof2"]) == (row["Num DF"], row["Den DF"])
    effect = found["estimator"]
    share = effect["F"] * effect["ddof1"] / (effect["F"] * effect["ddof1"] + effect["ddof2"])
    assert effect["partial_eta2"] == pytest.approx(share)


def test_hurs_analysis_counts_cells_where_repeated_measures_count_people(steps: pd.DataFrame) -> None:
    found = _all_tests(steps)
    hur, repeated = (found[name]["effects"][0] for name in ("hur2025", "two-way"))
    assert (hur["ddof2"], repeated["ddof2"]) == (9 * 6 - 6, 16.0)


def test_the_mixed_model_gives_back_statsmodels_and_units(steps: pd.DataFrame) -> None:
    """With one row for each person and estimator: a random intercept, and no more."""
    means = steps.groupby(["person", "estimator"])["rmse"].mean().reset_index()
    terms = "rmse ~ C(estimator, Treatment(reference='ridge'))"
    fit = smf.mixedlm(terms, means, groups=means["person"]).fit()
    one = statistics.mixed_model(steps, "estimator", "ridge", "rmse")
    found = {row["term"]: row for row in one["coefficients"]}
    assert found["lstm"]["value"] == pytest.approx(fit.fe_params.iloc[2], rel=1e-4)
    assert found["lstm"]["p"] == pytest.approx(fit.pvalues.iloc[2], rel=1e-3)
    assert np.isnan(one["sd_person_level"])
    thousand = statistics.mixed_model(steps.assign(rmse=1000 * steps["rmse"]), "estimator", "ridge", "rmse")
    assert thousand["coefficients"][1]["value"] == pytest.approx(1000 * one["coefficients"][1]["value"])


def test_conditions_are_not_counted_as_people() -> None:
    """Where estimators differ from person to person, alike at all speeds, the model is as sure as a paired t test."""
    rng = np.random.default_rng(5)
    rows = [
        {
            "person": f"p{person}",
            "estimator": name,
            "condition": f"run {speed} m/s",
            "rmse": value + rng.normal(0, 0.02),
        }
        for person in range(12)
        for level in [rng.normal(1, 0.3)]
        for name, value in (("ridge", level), ("lstm", level + rng.normal(0.1, 0.2)))
        for speed in (2.5, 3.5, 4.5)
    ]
    found = statistics.mixed_model(pd.DataFrame(rows), "estimator", "ridge", "rmse", within=["condition"])
    means = pd.DataFrame(rows).groupby(["person", "estimator"])["rmse"].mean().unstack()
    paired = stats.ttest_rel(means["lstm"], means["ridge"])
    lstm = next(row for row in found["coefficients"] if row["term"] == "lstm")
    assert lstm["value"] == pytest.approx((means["lstm"] - means["ridge"]).mean(), rel=1e-6)
    assert lstm["p"] == pytest.approx(2 * stats.norm.sf(abs(paired.statistic)), rel=0.02)
    assert found["sd_person_level"] == pytest.approx(0.2 / np.sqrt(2), rel=0.4)


def test_families_are_adjusted() -> None:
    assert statistics.adjusted([0.01, 0.04, 0.03], "bonferroni") == pytest.approx([0.03, 0.12, 0.09])
    assert statistics.adjusted([0.01, 0.04, 0.03], "holm") == pytest.approx([0.03, 0.06, 0.06])
    assert statistics.adjusted([], "holm") == []


def test_people_who_lack_a_level_have_no_part(steps: pd.DataFrame) -> None:
    lacking = steps[(steps["person"] != "p1") | (steps["estimator"] != "knn")]
    assert _all_tests(lacking)["anova"]["n"] == 8
    assert _all_tests(lacking)["paired"]["n"] == 9


def test_too_few_people_are_told(steps: pd.DataFrame) -> None:
    two = steps[steps["person"].isin(["p0", "p1"])]
    assert all("not_made" in found and found["n"] == 2 for found in _all_tests(two).values())


def test_differences_without_spread_are_told(steps: pd.DataFrame) -> None:
    same = steps.assign(rmse=steps["estimator"].map({"lstm": 0.1, "ridge": 0.3, "knn": 0.2}))
    found = _all_tests(same)
    assert {each["not_made"] for each in found.values()} == {"everybody differs by the same"}


@pytest.mark.parametrize(("spread", "epsilon"), [(np.eye(4), 1.0), (np.diag([1.0, 0.0, 0.0, 0.0]), 1 / 3)])
def test_the_correction_of_greenhouse_and_geisser_has_its_limits(spread: np.ndarray, epsilon: float) -> None:
    """1 where all differences vary alike, 1 / (levels - 1) where only one does."""
    values = np.linalg.qr(np.random.default_rng(0).normal(size=(12, 5)))[0]
    centred = np.linalg.qr(values - values.mean(axis=0))[0][:, :4]
    wide = pd.DataFrame(centred @ np.sqrt(spread), columns=pd.Index(list("abcd"), name="estimator"))
    assert statistics._greenhouse_geisser(wide, ["estimator"]) == pytest.approx(epsilon)
