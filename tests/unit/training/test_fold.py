"""What the protocol says of a fold is what is done with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gaitload.protocols import folds_of
from gaitload.study import Study
from gaitload.training.fold import estimator_of, fit_fold
from gaitload.windows.slicing import slice_trials
from gaitload.windows.tables import read_trial
from synthetic_aligned import write_people


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    return [read_trial(path) for path in write_people(tmp_path_factory.mktemp("aligned"))]


def fold_of(trials, **study):
    chosen = Study(targets=("atf_bw",), window={"points": 11}, **study)
    windows, _ = slice_trials(trials, chosen, ("tibia",))
    return windows, folds_of(windows, chosen, 0)[0], chosen


@pytest.mark.parametrize(("normaliser", "blind"), [("participant", True), ("training", False)])
def test_test_windows_are_scaled_by_themselves_where_that_is_asked_for(trials, normaliser, blind):
    windows, fold, study = fold_of(trials, split={"normaliser": normaliser})
    inputs = windows.inputs.copy()
    inputs[fold.test] = 3 * inputs[fold.test] + 5
    first, second = (
        fit_fold(each, fold, estimator_of("ridge"), study, seed=0).estimates
        for each in (windows, replace(windows, inputs=inputs))
    )
    assert np.allclose(first, second, atol=0.01) is blind


def test_a_network_is_tuned_to_a_person_after_its_share_was_chosen(trials):
    found = {}
    for epochs in (0, 5):
        training = {
            "epochs": 60,
            "device": "cpu",
            "beside": "phase_mean",
            "adapt_epochs": epochs,
            "adapt_rate": 0.01,
            "batch": 16,
        }
        windows, fold, study = fold_of(trials, protocol="user_adaptive", training=training)
        found[epochs] = fit_fold(windows, fold, estimator_of("cnn"), study, seed=0)
    assert found[0].record["shares"] == found[5].record["shares"]
    assert found[0].record["shares"]["atf_bw"] > 0.5, "sensors tell the load, and the mean curve does not"
    assert "adaptation" not in found[0].record and len(found[5].record["adaptation"]) == 5
    assert np.abs(found[0].estimates - found[5].estimates).max() > 1e-3


def test_of_several_settings_the_one_with_the_least_validation_error_is_kept(trials):
    training = {"epochs": 3, "device": "cpu", "select": {"learning_rate": [1e-12, 3e-3], "widths": [[4, 2], [6, 4]]}}
    windows, fold, study = fold_of(trials, training=training)
    found = fit_fold(windows, fold, estimator_of("cnn"), study, seed=0)
    tried = found.record["tried"]
    assert [(one["learning_rate"], one["widths"]) for one in tried] == [
        (rate, widths) for rate in (1e-12, 3e-3) for widths in ((4, 2), (6, 4))
    ]
    best = min(tried, key=lambda one: one["validation"])
    assert found.record["best"] == best["validation"] and best["learning_rate"] == 3e-3
    alone = {"epochs": 3, "device": "cpu", "learning_rate": 3e-3, "options": {"widths": best["widths"]}}
    _, _, single = fold_of(trials, training=alone)
    same = fit_fold(windows, fold, estimator_of("cnn"), single, seed=0)
    np.testing.assert_array_equal(found.estimates, same.estimates)
