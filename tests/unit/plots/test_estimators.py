"""Figures of a study, from tables written by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitload.plots.estimators import label_title
from gaitload.plots.figure import Figure
from gaitload.report.estimators import conclusions, studies_in, study_view
from study_by_hand import STUDY, write_study


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> dict:
    results = tmp_path_factory.mktemp("results")
    write_study(results)
    assert studies_in(results) == [STUDY]
    return study_view(results, STUDY)


def figure(view: dict, key: str) -> Figure:
    return next(each for each in view["figures"] if each.key == f"{key}_{STUDY}")


def test_loads_come_before_angles(view) -> None:
    assert list(view["tables"]) == ["Achilles tendon force (BW)", "Knee flexion (deg)"]


def test_a_baseline_is_marked_by_what_it_is_given_beside_sensors(view) -> None:
    given = {row["estimator"]: row["given"] for row in view["tables"]["Achilles tendon force (BW)"]}
    assert given.pop("imu_id") == "given the measured ground reaction"
    assert set(given.values()) == {""}


def test_curves_show_the_label_and_the_best_of_each_kind(view) -> None:
    panel = figure(view, "curves").panels[0]
    assert [mark.name for mark in panel.marks] == ["label", "estimator", "floor", "baseline"]
    assert panel.marks[0].low is not None


def test_angles_are_shown_in_degrees(view) -> None:
    knee = figure(view, "curves").panels[1]
    assert knee.y_label == "deg"
    # The mean over four people whose curves are 0, 5, 10 and 15 % above 0.8 rad.
    assert np.max(knee.marks[0].y) == pytest.approx(np.degrees(0.8 * 1.075))


def test_points_of_agreement_lie_within_their_limits(view) -> None:
    for panel in figure(view, "agreement").panels:
        (points,) = panel.marks
        assert len(points.y) == 8
        (_, (low, _), (high, _)) = panel.limits
        assert low < points.y.min() < points.y.max() < high


def test_a_box_holds_all_people(view) -> None:
    boxes = {mark.name: mark for mark in figure(view, "subjects").panels[0].marks}
    assert set(boxes) == {"estimator", "floor", "baseline"}
    assert boxes["estimator"].groups == ("lstm",) * 4


def test_only_estimators_with_several_sensor_sets_have_a_map(view) -> None:
    assert [panel.title for panel in figure(view, "sensor_sets").panels] == ["lstm", "ridge"]


@pytest.mark.parametrize(
    ("label", "title"),
    [
        ("acf_norm_bw", "Ankle contact force"),
        ("acf_x_bw", "Ankle contact force x"),
        ("kcf_med_bw", "Knee contact force, medial"),
        ("hip_flexion_rad", "Hip flexion"),
        ("hip_flexion_moment_nm_per_kg", "Hip flexion moment"),
        ("strange_load_bw", "strange load"),
    ],
)
def test_labels_are_told_in_words(label: str, title: str) -> None:
    assert label_title(label) == title


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    write_study(tmp_path)
    for path in [*(tmp_path / "evaluation").glob("*.parquet"), *tmp_path.rglob("*.training.json")]:
        path.unlink()
    missing = study_view(tmp_path, STUDY)["missing"]
    assert len(missing) == 3
    assert any("curves.parquet" in sentence for sentence in missing)


@pytest.mark.parametrize(
    ("difference", "p", "words"),
    [
        (-0.1, 0.25, "no network has a significantly lower error than ridge on 12 held-out participants."),
        (-0.1, 0.01, "lstm has a lower error (p = 0.01) than ridge on 12 held-out participants."),
        (0.1, 0.25, "no network has a significantly lower error than ridge on 12 held-out participants."),
    ],
)
def test_a_sentence_says_whether_a_network_is_better_than_the_reference(
    difference: float, p: float, words: str
) -> None:
    test = {"label": "atf_bw", "metric": "rmse", "against": "ridge", "n": 12, "sensor_set": "pelvis"}
    tests = [test | {"estimator": "lstm", "difference": difference, "p_holm": p}]
    # A reference beside the reference is no network, however good.
    tests.append(test | {"estimator": "knn", "difference": -1.0, "p_holm": 0.001})
    summary = pd.DataFrame({"label": "atf_bw", "estimator": ["lstm", "knn"], "kind": ["estimator", "floor"]})
    (sentence,) = conclusions({"alpha": 0.05, "reference": "ridge", "comparisons": tests}, summary)
    assert sentence == f"Achilles tendon force: {words}"


def test_a_network_that_is_proven_to_be_worse_is_named() -> None:
    test = {"label": "atf_bw", "metric": "rmse", "against": "ridge", "n": 4, "difference": 0.1, "p_holm": 0.01}
    summary = pd.DataFrame({"label": ["atf_bw"], "estimator": ["lstm"], "kind": ["estimator"]})
    statistics = {"alpha": 0.05, "reference": "ridge", "comparisons": [test | {"estimator": "lstm"}]}
    (sentence,) = conclusions(statistics, summary)
    assert sentence.endswith("; lstm has a higher error (p = 0.01).")
