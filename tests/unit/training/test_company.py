"""A floor beside a network, and the bias of a person, help as far as they can and no further."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.protocols import folds_of
from gaitload.study import Study
from gaitload.training.company import FLOORS, bases, beside, best_shares
from gaitload.training.fold import estimator_of, fit_fold
from gaitload.training.personal import bias
from gaitload.windows.slicing import slice_trials
from gaitload.windows.tables import read_trial
from synthetic_aligned import write_people


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    return [read_trial(path) for path in write_people(tmp_path_factory.mktemp("aligned"))]


def test_shares_are_those_of_least_squares_and_stay_within_nought_and_one():
    random = np.random.default_rng(0)
    wanted = random.standard_normal((30, 5, 3))
    floor = wanted + random.standard_normal(wanted.shape)
    network = wanted + random.standard_normal(wanted.shape)
    network[..., 1], floor[..., 2] = 9.0, wanted[..., 2]
    shares = best_shares(floor, network, wanted)
    assert 0.4 < shares[0] < 0.6 and shares[1] < 0.05 and shares[2] == 0
    assert best_shares(network, floor, wanted)[2] == 1
    np.testing.assert_array_equal(best_shares(floor, floor, wanted), 0)
    np.testing.assert_array_equal(best_shares(wanted + 1, wanted + 2, wanted), 0)
    np.testing.assert_array_equal(best_shares(wanted + 2, wanted + 1, wanted), 1)


def test_a_network_that_is_wrong_leaves_what_the_floor_says():
    random = np.random.default_rng(1)
    people = {"train": np.repeat(list("abcd"), 10), "validation": np.repeat("e", 10)}
    parts = {}
    for name, count in (("train", 40), ("validation", 10), ("calibration", 0), ("test", 10)):
        inputs = random.standard_normal((count, 7, 2)).astype(np.float32)
        parts[name] = (inputs, np.zeros((count, 0), np.float32), inputs[..., :1])
    floor, shares = beside("ridge", parts, people, np.full(parts["validation"][2].shape, 50.0))
    assert shares[0] < 1e-3
    np.testing.assert_allclose(floor.estimate(*parts["test"][:2]), parts["test"][2], atol=0.1)


def test_what_a_network_stands_on_knows_no_person_it_is_given_for():
    people = np.repeat(list("abc"), 4)
    targets = np.repeat([0.0, 3.0, 12.0], 4)[:, None, None] * np.ones((12, 5, 1))
    train = (np.zeros((12, 5, 1)), np.zeros((12, 0)), targets)
    found, floor = bases("phase_mean", {"train": train, "test": train}, people)
    np.testing.assert_allclose(found["train"][::4, 0, 0], [7.5, 6.0, 1.5])
    np.testing.assert_allclose(found["test"], 5.0)
    np.testing.assert_allclose(floor.estimate(*train[:2]), 5.0)


def test_a_share_is_chosen_by_a_floor_that_was_not_fitted_to_those_who_choose(monkeypatch):
    fitted, real = [], FLOORS["phase_mean"]

    class Watched:
        @staticmethod
        def fit(inputs, covariates, targets, groups):
            fitted.append("".join(np.unique(groups)))
            return real.fit(inputs, covariates, targets, groups)

    monkeypatch.setitem(FLOORS, "phase_mean", Watched)
    part = (np.zeros((4, 5, 1)), np.zeros((4, 0)), np.ones((4, 5, 1)))
    parts = dict.fromkeys(("train", "validation", "calibration", "test"), part)
    people = {"train": np.repeat(["a", "b"], 2), "validation": np.repeat("v", 4)}
    beside("phase_mean", parts, people, part[2])
    assert fitted == ["ab", "abv"]


def test_a_bias_is_that_of_the_side_and_small_where_steps_are_few():
    errors = np.stack([np.full((4, 1), size) for size in (1.0, 2.0, 3.0, 10.0)])
    sides = {"calibration": np.array(["r", "r", "r", "l"]), "test": np.array(["l", "r"])}
    found = bias(errors, sides)
    np.testing.assert_allclose(found[0], 10 / 1.5)
    np.testing.assert_allclose(found[1], 6 / 3.5)
    np.testing.assert_array_equal(bias(errors[:0], {"calibration": np.array([], "<U1"), "test": sides["test"]}), 0)


def test_a_few_steps_of_a_person_take_most_of_what_is_his_own(trials):
    errors = {}
    for protocol, windows_each in (("loso", 0), ("user_adaptive", 1), ("user_adaptive", 0)):
        study = Study(
            protocol=protocol,
            targets=("atf_bw",),
            split={"calibration_share": 0.4, "calibration_windows": windows_each},
        )
        windows, _ = slice_trials(trials, study, ("pelvis",))
        fold = folds_of(windows, study, 0)[0]
        if windows_each:
            assert len(fold.calibration) == 4, "two trials, two sides"
        found = fit_fold(windows, fold, estimator_of("phase_mean"), study, seed=0)
        errors[protocol, windows_each] = np.abs((found.estimates - windows.targets[fold.test]).mean())
    assert errors["user_adaptive", 0] < errors["user_adaptive", 1] < 0.5 * errors["loso", 0]


@pytest.mark.parametrize("floor", ["ridge", "kernel_ridge"])
def test_a_network_beside_a_floor_says_its_share(trials, floor):
    study = Study(targets=("atf_bw",), training={"epochs": 1, "learning_rate": 1e-9, "beside": floor, "device": "cpu"})
    windows, _ = slice_trials(trials, study, ("pelvis", "tibia"))
    fold = folds_of(windows, study, 0)[0]
    network = fit_fold(windows, fold, estimator_of("cnn"), study, seed=0)
    alone = fit_fold(windows, fold, estimator_of(floor), study, seed=0)
    assert network.record["shares"]["atf_bw"] < 0.2
    assert np.abs(network.estimates - alone.estimates).mean() < 0.5


def test_fewer_people_to_learn_from_are_others_for_every_seed(trials):
    drawn = []
    for seed in (0, 1, 2):
        study = Study(targets=("atf_bw",), split={"training_subjects": 2})
        windows, _ = slice_trials(trials, study, ("pelvis",))
        fold = folds_of(windows, study, seed)[0]
        others = set(windows.subjects[np.concatenate([fold.train, fold.validation])])
        assert len(others) == 2 and "made/p1" not in others
        drawn.append(others)
    assert drawn[0] != drawn[1] or drawn[1] != drawn[2]
