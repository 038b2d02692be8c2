"""Leaks planted on purpose are found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gaitload.errors import ContractError
from gaitload.protocols import folds_of
from gaitload.study import Study
from gaitload.training.fold import estimator_of, fit_fold
from gaitload.windows.leakage import evidence, require_no_leak
from gaitload.windows.slicing import slice_trials

STUDY = Study(targets=("atf_bw",))


@pytest.fixture
def fold(windows):
    return folds_of(windows, STUDY, 0)[1]


def fit(windows, fold, study=STUDY):
    return fit_fold(windows, fold, estimator_of("phase_mean"), study, seed=0)


def test_an_honest_fold_passes_and_tells_what_it_was(windows, fold):
    found = fit(windows, fold).evidence
    assert found["test"]["subjects"] == ["made/p2"]
    assert found["normaliser"] == found["train"]
    hashes = {found[part]["frames_sha256"] for part in ("train", "validation", "test")}
    assert len(hashes) == 3
    shuffled = {"test": fold.test[::-1]}
    assert evidence(windows, shuffled)["test"] == found["test"]


def test_a_test_subject_in_the_normaliser_is_found(windows, fold):
    planted = replace(fold, normaliser=np.append(fold.normaliser, fold.test[0]))
    with pytest.raises(ContractError, match="made/p2 in both") as caught:
        fit(windows, planted)
    assert caught.value.code == "LEAK_SUBJECTS" and "normaliser and test apart" in caught.value.expected


def test_a_test_subject_among_those_trained_or_validated_on_is_found(windows, fold):
    for part in ("train", "validation"):
        with pytest.raises(ContractError) as caught:
            fit(windows, replace(fold, **{part: np.append(getattr(fold, part), fold.test[:1])}))
        assert caught.value.code == "LEAK_SUBJECTS"


def test_windows_that_overlap_across_the_split_are_found(trials):
    # Every other window of a person to test on: each shares half its frames with its neighbours.
    split = {"validation_share": 0.4}
    study = Study(window={"kind": "fixed"}, targets=("atf_bw",), protocol="user_individualised", split=split)
    windows, _ = slice_trials(trials, study, ("tibia_r",))
    honest = folds_of(windows, study, 0)[0]
    fit(windows, honest, study)
    rows = np.flatnonzero(windows.subjects == "made/p1")
    planted = replace(honest, train=rows[::2], normaliser=rows[::2], validation=honest.validation[:0], test=rows[1::2])
    with pytest.raises(ContractError, match=r"\d+ frames of made/p1/run1") as caught:
        fit(windows, planted, study)
    assert caught.value.code == "LEAK_FRAMES"


def test_frames_of_the_person_that_calibrate_may_not_be_tested(windows):
    study = Study(protocol="user_adaptive", targets=("atf_bw",))
    fold = folds_of(windows, study, 0)[0]
    fit(windows, fold, study)
    with pytest.raises(ContractError) as caught:
        fit(windows, replace(fold, calibration=np.append(fold.calibration, fold.test[0])), study)
    assert caught.value.code == "LEAK_FRAMES"


def test_a_person_who_calibrates_is_in_the_normaliser_only_where_the_study_says_so(windows):
    study = Study(protocol="user_adaptive", targets=("atf_bw",))
    fold = folds_of(windows, study, 0)[0]
    calibrated = np.append(fold.normaliser, fold.calibration)
    with pytest.raises(ContractError, match="made/p1 in both") as caught:
        fit(windows, replace(fold, normaliser=calibrated), study)
    assert caught.value.code == "LEAK_SUBJECTS"
    asked = study.model_copy(update={"split": study.split.model_copy(update={"normaliser": "calibration"})})
    fit(windows, folds_of(windows, asked, 0)[0], asked)


def test_frames_of_the_test_in_the_normaliser_are_found_where_people_are_the_same(windows):
    study = Study(protocol="user_individualised", targets=("atf_bw",))
    fold = folds_of(windows, study, 0)[0]
    fit(windows, fold, study)
    with pytest.raises(ContractError, match="normaliser and test") as caught:
        fit(windows, replace(fold, normaliser=np.append(fold.normaliser, fold.test[0])), study)
    assert caught.value.code == "LEAK_FRAMES"


@pytest.mark.parametrize(
    ("estimator", "residual_of", "beside"),
    [("ridge", "none", "none"), ("cnn", "none", "none"), ("cnn", "ridge", "ridge")],
)
@pytest.mark.parametrize("protocol", ["loso", "user_generalised", "user_individualised", "user_adaptive"])
def test_no_label_of_a_test_window_and_nothing_of_the_others_reaches_an_estimate(
    trials, protocol, estimator, residual_of, beside
):
    """What the guard cannot see, since it judges what the code says that it used."""
    training = {"epochs": 2, "device": "cpu", "adapt_epochs": 1, "residual_of": residual_of, "beside": beside}
    study = Study(protocol=protocol, targets=("atf_bw",), window={"points": 11}, training=training)
    windows, _ = slice_trials(trials, study, ("tibia",))
    fold = folds_of(windows, study, 0)[1]
    half = len(fold.test) // 2
    others = fold.test[half:]
    inputs, targets = windows.inputs.copy(), windows.targets.copy()
    inputs[others] = 50 - 3 * inputs[others]
    targets[fold.test] = 7 - 5 * targets[fold.test]
    spoilt = replace(windows, inputs=inputs, targets=targets)

    first, second = (
        fit_fold(each, fold, estimator_of(estimator), study, seed=0).estimates for each in (windows, spoilt)
    )

    np.testing.assert_allclose(first[:half], second[:half], rtol=1e-6, atol=1e-6)
    assert np.abs(first[half:] - second[half:]).max() > 0.1


def test_a_leak_passes_only_by_its_name(windows, fold):
    parts = {"train": fold.train, "validation": fold.train[:1], "test": fold.test, "normaliser": fold.train}
    with pytest.raises(ContractError):
        require_no_leak(windows, parts, apart=(), where="here")
    require_no_leak(windows, parts, apart=(), where="here", allowed=frozenset({"train-validation"}))
