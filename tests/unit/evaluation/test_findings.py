"""Tests are made on people over everything, in families that are adjusted as one."""

from __future__ import annotations

from itertools import combinations, product
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gaitload.config.motion import Activity
from gaitload.evaluation.findings import Plan, analyses_of_variance, comparisons, mixed_models
from gaitload.evaluation.statistics import adjusted
from gaitload.evaluation.tables import conditions_of, is_narrowest

PLAN = Plan(metrics=("rmse",))
METHODS = {"ridge": ("floor", "a", 1.0), "lstm": ("estimator", "a", 0.9), "cnn": ("estimator", "a", 1.05)}
METHODS |= {"mean_curve": ("floor", "none", 2.0), "imu_id": ("baseline", "all", 1.5)}


@pytest.fixture
def people() -> pd.DataFrame:
    """Rows of eight people over everything, and in two conditions in which the network is far worse."""
    random, rows = np.random.default_rng(0), []
    for estimator, (kind, sensor_set, size) in METHODS.items():
        for number in range(8):
            error = size + 0.1 * number + 0.05 * random.standard_normal()
            row = {"estimator": estimator, "kind": kind, "sensor_set": sensor_set, "label": "atf_bw", "unit": "bw"}
            row["variant"] = ""
            row |= {"person": f"made/p{number}", "peak_label": 5.0}
            worse = 9.0 if estimator == "lstm" else 0.0
            rows.append(row | {"condition": "all", "rmse": error})
            rows.append(row | {"condition": "run", "rmse": error})
            rows += [row | {"condition": f"run {speed} m/s", "rmse": error + worse} for speed in (2.5, 3.5)]
    return pd.DataFrame(rows)


def test_a_comparison_is_of_people_over_everything(people):
    rows = {(row["estimator"], row["against"]): row for row in comparisons(people, PLAN)}
    whole = people[people["condition"] == "all"].pivot(index="person", columns="estimator", values="rmse")
    expected = stats.ttest_rel(whole["lstm"], whole["ridge"])
    assert rows["lstm", "ridge"]["n"] == 8
    assert rows["lstm", "ridge"]["p"] == pytest.approx(expected.pvalue)
    assert rows["lstm", "ridge"]["difference"] == pytest.approx((whole["lstm"] - whole["ridge"]).mean())


def test_every_comparison_of_a_label_and_metric_is_in_its_family(people):
    rows = comparisons(people, PLAN)
    against = {(row["estimator"], row["against"]) for row in rows}
    assert against == {(name, other) for name in ("lstm", "cnn") for other in ("ridge", "imu_id")} | {
        ("ridge", "imu_id"),
        ("imu_id", "mean_curve"),
    }
    for row in rows:
        assert row["p_bonferroni"] == pytest.approx(min(1.0, len(rows) * row["p"]))
    assert max(row["p_holm"] / row["p"] for row in rows) == pytest.approx(len(rows))


def test_every_two_baselines_are_held_against_each_other_in_the_same_family(people):
    names = ("imu_id", "imu_ik", "imu_ik_equal", "kalman")
    source, random = people[people["estimator"] == "imu_id"], np.random.default_rng(2)
    more = [source.assign(estimator=name, rmse=source["rmse"] + random.normal(0, 0.1, len(source))) for name in names]
    rows = comparisons(pd.concat([people[people["kind"] != "baseline"], *more]), PLAN)
    between = [(row["estimator"], row["against"]) for row in rows if {row["estimator"], row["against"]} <= {*names}]
    assert between == list(combinations(names, 2))
    # Six pairs; each baseline against the mean curve and each of three methods; two networks against the reference.
    assert len(rows) == 6 + 4 + 3 * 4 + 2
    assert adjusted([row["p"] for row in rows], "holm") == pytest.approx([row["p_holm"] for row in rows])


def test_without_the_reference_methods_are_held_against_baselines_alone(people):
    rows = comparisons(people[people["estimator"] != "ridge"], PLAN)
    assert {row["against"] for row in rows} == {"imu_id", "mean_curve"}


def test_the_mixed_model_sees_each_person_once_in_the_narrowest_conditions(people):
    (row,) = mixed_models(people, PLAN)
    terms = {each["term"]: each["value"] for each in row["coefficients"]}
    assert row["n"] == 8 and row["reference"] == "ridge"
    assert terms["lstm"] == pytest.approx(8.9, abs=0.1), "rows over everything would pull it down"


def test_people_whose_speed_is_unknown_are_in_the_mixed_model(people):
    """Two cohorts, of which one says how fast its participants ran."""
    random, rows = np.random.default_rng(1), []
    for cohort, speeds in (("fast", (2.5, 3.5)), ("unsaid", (np.nan, np.nan))):
        for number, estimator in product(range(6), ("ridge", "lstm")):
            kind, sensor_set, size = METHODS[estimator]
            row = {"estimator": estimator, "kind": kind, "sensor_set": sensor_set, "label": "atf_bw", "unit": "bw"}
            row |= {"person": f"{cohort}/p{number}", "rmse": size + 0.1 * random.standard_normal()}
            conditions = {name for speed in speeds for name in conditions_of("run", speed)}
            rows += [row | {"condition": condition} for condition in sorted(conditions)]
    (found,) = mixed_models(pd.DataFrame(rows).assign(variant=""), PLAN)
    assert (found["n"], found["people_left_out"]) == (12, [])
    assert {row["term"] for row in found["coefficients"]} >= {"run 3.5 m/s", "run at unknown speed"}


@given(st.sampled_from(get_args(Activity)), st.just(np.nan) | st.floats(0.1, 9))
def test_each_trial_is_in_one_of_the_narrowest_conditions(activity, speed):
    narrowest = [name for name in conditions_of(activity, speed) if is_narrowest(name)]
    assert len(narrowest) == 1 and narrowest[0].startswith(f"{activity} ")


def test_participants_left_out_of_a_comparison_are_named(people):
    without = people[(people["person"] != "made/p3") | (people["estimator"] != "lstm")]
    without = without.assign(rmse=without["rmse"].where(without["person"] != "made/p5"))
    rows = {(row["estimator"], row["against"]): row for row in comparisons(without, PLAN)}
    assert (rows["lstm", "ridge"]["n"], rows["lstm", "ridge"]["people_left_out"]) == (6, ["made/p3", "made/p5"])
    assert rows["ridge", "imu_id"]["people_left_out"] == ["made/p5"]
    (mixed,) = mixed_models(without, PLAN)
    assert (mixed["n"], mixed["people_left_out"]) == (7, ["made/p5"])
    (varied,) = analyses_of_variance(without, PLAN)
    assert (varied["n"], varied["people_left_out"]) == (6, ["made/p3", "made/p5"])
