"""Protocols split by people, or by time, and never by window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gaitload.errors import DataError
from gaitload.protocols import folds_of, require_everybody
from gaitload.study import Study
from gaitload.training.fold import estimator_of, fit_fold
from gaitload.windows.slicing import slice_trials
from gaitload.windows.tables import read_trial
from synthetic_aligned import write_people


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    return [read_trial(path) for path in write_people(tmp_path_factory.mktemp("aligned"))]


def split(trials, protocol, seed=0, **study):
    chosen = Study(protocol=protocol, targets=("atf_bw",), **study)
    windows, _ = slice_trials(trials, chosen, ("pelvis", "tibia"))
    return windows, folds_of(windows, chosen, seed), chosen


def people(windows, rows):
    return set(windows.subjects[rows])


def test_everybody_is_left_out_once_and_validated_on_by_others(trials):
    windows, folds, _ = split(trials, "loso")
    assert [people(windows, fold.test) for fold in folds] == [{f"made/p{number}"} for number in range(1, 5)]
    for fold in folds:
        parts = [people(windows, rows) for rows in (fold.train, fold.validation, fold.test)]
        assert [len(part) for part in parts] == [2, 1, 1]
        assert len(set.union(*parts)) == 4
        assert fold.normaliser is fold.train


def test_seeds_change_who_validates_and_not_who_is_tested(trials):
    windows, first, _ = split(trials, "loso", seed=0)
    _, second, _ = split(trials, "loso", seed=1)
    for ours, theirs in zip(first, second, strict=True):
        np.testing.assert_array_equal(ours.test, theirs.test)
        assert people(windows, ours.validation) != people(windows, theirs.validation)


def test_people_are_split_in_time_where_they_are_on_both_sides(trials):
    windows, folds, _ = split(trials, "user_individualised")
    for fold in folds:
        assert people(windows, fold.train) == people(windows, fold.test)
        for trial in np.unique(windows.trial[fold.test]):
            of = {
                name: windows.frames[rows[windows.trial[rows] == trial]]
                for name, rows in vars(fold).items()
                if name in ("train", "validation", "test")
            }
            assert of["train"].max() <= of["validation"].min() and of["validation"].max() <= of["test"].min()


def test_adaptation_sees_the_first_share_of_a_stranger(trials):
    windows, folds, study = split(trials, "user_adaptive", split={"calibration_share": 0.4})
    fold = folds[0]
    assert people(windows, fold.calibration) == people(windows, fold.test) == {"made/p1"}
    assert not people(windows, fold.train) & people(windows, fold.test)
    assert windows.frames[fold.calibration].max() <= 0.4 * 640 <= windows.frames[fold.test].min()
    _, calibrated, _ = split(trials, "user_adaptive", split={"normaliser": "calibration"})
    assert people(windows, calibrated[0].normaliser) > people(windows, fold.normaliser)
    # A floor is moved by the mean error on what it was calibrated with: people differ in size.
    outcome = fit_fold(windows, fold, estimator_of("phase_mean"), study, seed=0)
    stranger = fit_fold(
        windows,
        folds_of(windows, study.model_copy(update={"protocol": "loso"}), 0)[0],
        estimator_of("phase_mean"),
        study,
        seed=0,
    )
    bias = np.abs(outcome.estimates.mean() - windows.targets[fold.test].mean())
    assert bias < 0.7 * np.abs(stranger.estimates.mean() - windows.targets[fold.test].mean())


def test_generalising_validates_on_the_end_of_the_same_people(trials):
    windows, folds, _ = split(trials, "user_generalised")
    assert all(fold.normaliser is fold.train for fold in folds)
    assert people(windows, folds[0].train) == people(windows, folds[0].validation)
    assert len(people(windows, folds[0].train)) == 3


@pytest.mark.parametrize("protocol", ["user_individualised", "user_generalised"])
def test_flaws_of_published_code_are_asked_for_by_name(trials, protocol):
    flaws = {"validation_windows": "drawn", "normaliser": "participant", "validation_share": 0.2}
    windows, folds, study = split(trials, protocol, split=flaws)
    for fold in folds:
        assert fold.self_normalised and fold.allowed == {"train-validation"}
        assert people(windows, fold.validation) <= people(windows, fold.train)
        assert len(fold.validation) == round(0.2 * (len(fold.validation) + len(fold.train)))
    assert np.isfinite(fit_fold(windows, folds[0], estimator_of("ridge"), study, seed=0).estimates).all()
    _, honest, _ = split(trials, protocol)
    assert not honest[0].self_normalised and not honest[0].allowed


def test_named_participants_train_validate_and_are_tested(trials):
    named = {"train": ["made/p2", "made/p3"], "validation": ["made/p1"], "test": ["made/p4"]}
    for protocol in ("loso", "user_generalised", "user_adaptive"):
        windows, (fold,), _ = split(trials, protocol, participants=named)
        assert people(windows, fold.train) == {"made/p2", "made/p3"}
        assert (people(windows, fold.validation), people(windows, fold.test)) == ({"made/p1"}, {"made/p4"})
    windows, folds, _ = split(trials, "user_generalised", participants={"train": ["made/p2"]})
    assert [fold.name for fold in folds] == ["made-p1", "made-p3", "made-p4"]
    assert all(people(windows, fold.validation) == {"made/p2"} for fold in folds)
    with pytest.raises(DataError, match="train windows"):
        split(trials, "loso", participants={"train": ["made/p9"], "validation": ["made/p1"]})


def test_participants_of_the_target_cohort_never_train_the_base_model(tmp_path):
    paths = write_people(tmp_path, 3) + write_people(tmp_path, 2, cohort="other")
    trials = [read_trial(path) for path in paths]
    windows, folds, _ = split(trials, "user_adaptive", pretrain_cohorts=("made",))
    assert [fold.name for fold in folds] == ["other-p1", "other-p2"]
    for fold in folds:
        assert {who.partition("/")[0] for who in people(windows, np.r_[fold.train, fold.validation])} == {"made"}


def test_adaptation_has_a_validation_part_of_its_own(trials):
    shares = {"calibration_share": 0.3, "calibration_validation_share": 0.3}
    windows, folds, study = split(trials, "user_adaptive", split=shares, training={"epochs": 2, "adapt_epochs": 6})
    for fold in folds:
        parts = [windows.frames[rows] for rows in (fold.calibration, fold.calibration_validation, fold.test)]
        assert parts[0].max() <= parts[1].min() and parts[1].max() <= parts[2].min()
    found = fit_fold(windows, folds[0], estimator_of("cnn"), study, seed=0).record
    errors = [entry["validation"] for entry in found["adaptation"]]
    assert found["adaptation_epoch"] == 1 + int(np.argmin(errors)) and len(errors) == 6


def test_without_a_shift_floors_stay_what_they_were(trials):
    windows, folds, study = split(trials, "user_adaptive", training={"shift": "off"})
    _, strange, _ = split(trials, "loso")
    alone = replace(strange[0], test=folds[0].test)
    ours, theirs = (fit_fold(windows, fold, estimator_of("ridge"), study, seed=0) for fold in (folds[0], alone))
    np.testing.assert_array_equal(ours.estimates, theirs.estimates)


def test_one_trial_of_a_person_is_left_out_in_turn(tmp_path):
    trials = [read_trial(path) for path in write_people(tmp_path, 1)]
    with pytest.raises(DataError, match="three trials"):
        split(trials, "leave_one_trial_out")
    third = replace(
        trials[0], document=trials[0].document | {"trial": {**trials[0].document["trial"], "trial_id": "x"}}
    )
    windows, folds, _ = split([*trials, third], "leave_one_trial_out")
    assert [fold.name for fold in folds] == ["made-p1-run1", "made-p1-run2", "made-p1-x"]
    for turn, fold in enumerate(folds):
        parts = [set(windows.trial[rows]) for rows in (fold.train, fold.validation, fold.test)]
        assert [len(part) for part in parts] == [1, 1, 1] and len(set.union(*parts)) == 3 and parts[2] == {turn}


def test_a_person_without_windows_and_a_fold_without_parts_are_errors(trials):
    windows, _, study = split(trials, "loso")
    with pytest.raises(DataError, match="made/p9") as caught:
        require_everybody(windows, ["made/p1", "made/p9"], study, ["made/p9/run1: atf_r_bw failed (3 windows)"])
    assert caught.value.code == "STUDY_FOLD_EMPTY" and "atf_r_bw failed" in caught.value.found
    with pytest.raises(DataError, match="training subject") as caught:
        split(trials[:4], "loso", split={"validation_subjects": 2})
    assert caught.value.code == "STUDY_FOLD_EMPTY"
    with pytest.raises(DataError, match="validation windows"):
        split(trials[:6], "user_generalised", split={"validation_share": 0.01})


def test_people_of_other_cohorts_teach_and_are_not_tested(tmp_path):
    paths = write_people(tmp_path, 2) + write_people(tmp_path, 2, cohort="other")
    windows, folds, _ = split([read_trial(path) for path in paths], "loso", test_cohorts=("other",))
    assert [fold.name for fold in folds] == ["other-p1", "other-p2"]
    assert {who for fold in folds for who in people(windows, fold.train)} & {"made/p1", "made/p2"}


@pytest.mark.parametrize("floor", ["phase_mean", "ridge"])
def test_a_network_that_has_learnt_nothing_estimates_what_it_stands_on(trials, floor):
    training = {"epochs": 1, "learning_rate": 1e-12, "residual_of": floor, "device": "cpu"}
    windows, folds, study = split(trials, "loso", training=training)
    on_floor = fit_fold(windows, folds[0], estimator_of("cnn"), study, seed=0).estimates
    honest = replace(folds[0], validation=folds[0].validation[:0])
    alone = fit_fold(windows, honest, estimator_of(floor), study, seed=0).estimates
    # What an untrained network says is small beside loads of six body weights.
    assert np.abs(on_floor - alone).mean() < 0.5


@pytest.mark.parametrize("floor", ["knn", "kernel_ridge"])
@pytest.mark.parametrize("protocol", ["loso", "user_individualised"])
def test_floors_serve_protocols_that_calibrate_with_nothing(trials, floor, protocol):
    windows, folds, study = split(trials, protocol)
    assert not len(folds[0].calibration)
    estimates = fit_fold(windows, folds[0], estimator_of(floor), study, seed=0).estimates
    assert np.corrcoef(estimates.ravel(), windows.targets[folds[0].test].ravel())[0, 1] > 0.9


def test_a_person_of_whom_no_target_was_measured_has_no_part_in_a_study(trials):
    windows, _, study = split(trials, "loso")
    unmeasured = ["made/p9/run1: atf_r_bw not_measured (3 windows)", "made/p9/run1: atf_l_bw not_measured (3 windows)"]
    require_everybody(windows, ["made/p1", "made/p9"], study, unmeasured)
    with pytest.raises(DataError, match="made/p9"):
        require_everybody(
            windows, ["made/p1", "made/p9"], study, [*unmeasured, "made/p9/run2: input missing (1 windows)"]
        )
