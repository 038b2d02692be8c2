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


def _conclusion(*tests: tuple[str, str, float, float]) -> str:
    """The sentence for tests of (estimator, sensor set, difference, p) against ridge."""
    common = {"label": "atf_bw", "metric": "rmse", "against": "ridge", "n": 12, "variant": ""}
    names = ("estimator", "sensor_set", "difference", "p_holm")
    summary = pd.DataFrame({"label": "atf_bw", "estimator": ["lstm", "knn"], "kind": ["estimator", "floor"]})
    comparisons = [common | dict(zip(names, test, strict=True)) for test in tests]
    (sentence,) = conclusions({"alpha": 0.05, "reference": "ridge", "comparisons": comparisons}, summary)
    return sentence


@pytest.mark.parametrize(
    ("tests", "words"),
    [
        ([("lstm", "pelvis", -0.1, 0.25)], "lower error than ridge: no network significantly"),
        ([("lstm", "pelvis", -0.1, 0.01)], "lower error than ridge: lstm (pelvis, p = 0.01)"),
        (
            [("lstm", "pelvis", -0.1, 0.01), ("lstm", "tibia", 0.1, 0.02)],
            "lower error than ridge: lstm (pelvis, p = 0.01); higher error: lstm (tibia, p = 0.02)",
        ),
        # A reference beside the reference is no network, however good.
        (
            [("lstm", "pelvis", 0.1, 0.4), ("knn", "pelvis", -1.0, 0.001)],
            "lower error than ridge: no network significantly",
        ),
    ],
)
def test_a_sentence_names_the_networks_that_differ_from_the_reference(tests: list, words: str) -> None:
    assert _conclusion(*tests) == f"Achilles tendon force: {words} (paired tests over 12 participants)."
