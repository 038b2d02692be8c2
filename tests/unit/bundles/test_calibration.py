"""A few labelled steps move the estimates of a person, and no others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gaitload.bundles.calibration import calibrated_rows, calibration_of
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
    steps = sum(calibration.steps.values())
    number = before.targets.index("atf_r_bw")
    unmoved = predict(read, sensors_of(results), calibration=calibration_of(read, [trial]))
    moved = (after.estimates - unmoved.estimates)[..., number]
    np.testing.assert_allclose(moved, 2.0 * steps / (steps + 0.5), rtol=1e-4)
    assert after.calibrated == (steps >= read.document["calibration_steps"])
    few = predict(read, sensors_of(results), calibration=replace(calibration, steps={"": 1}))
    assert not few.calibrated and any("1 labelled steps" in doubt for doubt in few.doubts)


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
