"""A few labelled steps move the estimates of a person, and no others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import shipped
from gaitload.bundles.calibration import Calibration, calibrated_rows, calibration_of
from gaitload.bundles.file import read_bundle
from gaitload.bundles.predict import predict
from gaitload.errors import ConfigError
from gaitload.windows.tables import read_trial
from synthetic_aligned import sensors_of


def test_estimates_move_by_the_mean_error_of_the_labelled_windows(results, bundle):
    read, trial = read_bundle(bundle), read_trial(results / "aligned/made/p3/run1.parquet")
    labelled = replace(trial, values=trial.values | {"atf_r_bw": trial.values["atf_r_bw"] + 2.0})
    before = predict(read, sensors_of(results))
    calibration = calibration_of(read, [labelled])
    after = predict(read, sensors_of(results), calibration=calibration)
    number = before.targets.index("atf_r_bw")
    unmoved = predict(read, sensors_of(results), calibration=calibration_of(read, [trial]))
    moved = (after.estimates - unmoved.estimates)[..., number]
    assert (moved > 1.8).all() and (moved < 2.0).all(), "the more steps, the nearer to the whole of their mean error"
    enough = predict(read, sensors_of(results), calibration=replace(calibration, steps={"": 1000}))
    assert enough.calibrated and enough.doubts == before.doubts
    few = predict(read, sensors_of(results), calibration=replace(calibration, steps={"": 1}))
    assert not few.calibrated and any("1 labelled steps" in doubt for doubt in few.doubts)


def test_steps_of_one_leg_do_not_calibrate_the_other():
    bundle, worn = read_bundle(shipped.path_of("running_tibia")), shipped.example(("tibia_r", "tibia_l"))
    one = predict(bundle, worn, calibration=Calibration({}, {"r": 12}))
    assert not one.calibrated and any("0 labelled steps of the left leg; 6" in doubt for doubt in one.doubts)
    both = predict(bundle, worn, calibration=Calibration({}, {"r": 6, "l": 6}))
    assert both.calibrated and not any("labelled" in doubt for doubt in both.doubts)
    alone = predict(bundle, {"tibia_r": worn["tibia_r"]}, calibration=Calibration({}, {"r": 6}))
    assert alone.calibrated


def test_labels_of_another_method_do_not_calibrate(results, bundle):
    trial = read_trial(results / "aligned/made/p3/run1.parquet")
    other = replace(trial, document=trial.document | {"method_version": 1})
    with pytest.raises(ConfigError, match="CALIBRATION_LABELS"):
        calibration_of(read_bundle(bundle), [other])


def test_held_out_people_are_calibrated_by_their_own_first_steps_of_each_side():
    person, trial = np.repeat(["a", "b"], 20), np.repeat([0, 1], 20)
    side, start_s = np.tile(["r", "l"], 20), np.tile(np.arange(20.0), 2)
    label = np.where(person == "a", 1.0, -2.0)[:, None] * np.ones((40, 3))
    rows, moved = calibrated_rows(np.zeros((40, 3)), label, person, trial, side, start_s)
    assert len(rows) == 40 - 2 * 2 * 2 and (start_s[rows] >= 4).all()
    np.testing.assert_allclose(moved, label[rows] * 2 / 2.5)
