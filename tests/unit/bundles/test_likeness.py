"""What tells recordings that are unlike the training data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gaitload.bundles.likeness import Likeness, left_out_scores, likeness_of, refused_trials
from gaitload.bundles.mounting import deviation_deg, facings_deg, training_facings
from gaitload.study import Study
from gaitload.windows.slicing import slice_trials
from gaitload.windows.tables import read_trial

ROOT = Path(__file__).resolve().parents[3]


def test_likeness_survives_a_file():
    inputs = np.random.default_rng(0).standard_normal((60, 9, 2)).astype(np.float32)
    scores = left_out_scores(inputs, np.repeat(list("abc"), 20), np.repeat(np.arange(6), 10))
    fitted = likeness_of(inputs, scores)
    again = Likeness.from_arrays(fitted.arrays())
    assert again.score(inputs) == pytest.approx(fitted.score(inputs), rel=1e-5)
    assert again.refuse == fitted.refuse > again.doubt > 0
    assert fitted.score(inputs[:0]) == np.inf


def test_a_sensor_that_faces_another_way_shows_in_how_legs_brake_and_push(results):
    study = Study(targets=("atf_bw",), window={"points": 11}, frame="sensor")
    trials = [read_trial(results / f"aligned/made/p{person}/run1.parquet") for person in range(1, 5)]
    windows, _ = slice_trials(trials, study, ("pelvis",))
    slope = np.linspace(-1, 1, 11)[None, :, None] * [2.0, 0.5]
    random = np.random.default_rng(0)
    windows.inputs[:, :, :2] = slope + 0.01 * random.standard_normal((len(windows), 11, 2))
    known = training_facings(facings_deg(windows, ("pelvis",), 11))
    mean, limit = known["pelvis"]
    assert mean == pytest.approx(np.degrees(np.arctan2(0.5, 2.0)), abs=0.5)
    assert 40.0 < limit < 50.0, "alike trials still let a sensor be turned by 40 deg, and no quarter turn"
    windows.inputs[:, :, :2] = windows.inputs[:, :, :2] @ np.array([[0.0, 1.0], [-1.0, 0.0]])
    turned = deviation_deg(facings_deg(windows, ("pelvis",), 11)["pelvis"], mean)
    np.testing.assert_allclose(turned, 90.0, atol=2.0)
    assert training_facings({"pelvis": np.array([0.0, 60.0, -60.0])}) == {}, "a quarter turn would pass"


def test_a_held_out_trial_is_refused_by_the_limits_of_the_others():
    person = {trial: "abcd"[trial // 2] for trial in range(8)}
    alike = {trial: 1.0 + 0.01 * trial for trial in range(8)}
    facings = {"pelvis": np.array([0.0, 4.0, -4.0, 2.0, 1.0, -3.0, 3.0, 0.0])}
    assert refused_trials(alike, facings, person) == []
    assert refused_trials(alike | {3: 1.4}, facings, person) == [3]
    turned = {"pelvis": facings["pelvis"] + 90.0 * (np.arange(8) == 6)}
    assert refused_trials(alike, turned, person) == [6]
