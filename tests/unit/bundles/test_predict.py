"""A prediction is what the study would say; recordings that an estimator does not know are refused with the cause."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gaitload.bundles import predict as predict_module
from gaitload.bundles.file import read_bundle
from gaitload.bundles.predict import predict
from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.errors import ConfigError, DataError
from gaitload.imu.judgement import judge_sensors
from gaitload.study import Study
from gaitload.windows.slicing import slice_trials
from gaitload.windows.tables import read_trial
from synthetic_aligned import sensors_of

ROOT = Path(__file__).resolve().parents[3]


def test_a_prediction_is_what_the_study_would_say_of_the_same_recording(results, bundle):
    read = read_bundle(bundle)
    prediction = predict(read, sensors_of(results))
    trial = read_trial(results / "aligned/made/p3/run1.parquet")
    study = Study.model_validate(read.document["settings"])
    windows, _ = slice_trials([trial], study, read.document["sensors"])
    np.testing.assert_allclose(prediction.windows.inputs, windows.inputs)
    residual = prediction.estimates - windows.targets
    assert np.sqrt(np.mean(residual**2)) < 0.3 * windows.targets.std()
    for number, name in enumerate(prediction.targets):
        own, wanted = prediction.estimates[..., number], windows.targets[..., windows.target_names.index(name)]
        assert (
            np.corrcoef(own.ravel(), wanted.ravel())[0, 1] > 0.9
            and abs(own.mean() - wanted.mean()) < 0.3 * wanted.std()
        )
    assert prediction.score < 2 and not any("training data" in doubt for doubt in prediction.doubts)


@pytest.mark.parametrize(
    ("spoil", "cause"),
    [
        (
            lambda worn: worn | {"tibia_r": worn["pelvis"], "pelvis": worn["tibia_r"]},
            "pelvis and tibia_r are exchanged",
        ),
        (
            lambda worn: {
                body: replace(each, acc_sensor_m_per_s2=each.acc_sensor_m_per_s2 / STANDARD_GRAVITY_M_PER_S2)
                for body, each in worn.items()
            },
            "in g, not in m/s2",
        ),
        (
            lambda worn: (
                worn
                | {
                    "pelvis": replace(
                        worn["pelvis"],
                        acc_sensor_m_per_s2=worn["pelvis"].acc_sensor_m_per_s2 * [-1, 1, -1],
                        gyr_sensor_rad_per_s=worn["pelvis"].gyr_sensor_rad_per_s * [-1, 1, -1],
                    )
                }
            ),
            "the sensor is worn upside down",
        ),
    ],
    ids=["exchanged", "g", "upside down"],
)
def test_what_is_unlike_all_training_is_refused_with_its_cause(results, bundle, spoil, cause):
    with pytest.raises(DataError, match=cause) as caught:
        predict(read_bundle(bundle), spoil(sensors_of(results)))
    assert caught.value.code == ("PREDICTION_TURNED" if "upside" in cause else "PREDICTION_UNLIKE")


def test_sensors_that_contradict_themselves_are_refused(results, bundle, monkeypatch):
    monkeypatch.setattr(predict_module, "judge_sensors", judge_sensors)
    with pytest.raises(DataError, match="IMU_") as caught:
        predict(read_bundle(bundle), sensors_of(results))
    assert caught.value.code == "PREDICTION_CONTRADICTED"


@pytest.mark.parametrize(
    ("sensors", "code"),
    [({"pelvis": None}, "PREDICTION_SENSOR_MISSING"), ({}, "PREDICTION_SENSOR_MISSING")],
)
def test_a_missing_sensor_is_named(results, bundle, sensors, code):
    worn = {body: sensors_of(results)[body] for body in sensors}
    with pytest.raises(ConfigError, match="tibia_r") as caught:
        predict(read_bundle(bundle), worn)
    assert caught.value.code == code


def test_slow_sensors_are_refused(results, bundle):
    slow = {
        body: replace(
            each,
            time_s=each.time_s[::4],
            acc_sensor_m_per_s2=each.acc_sensor_m_per_s2[::4],
            gyr_sensor_rad_per_s=each.gyr_sensor_rad_per_s[::4],
            orientation_wxyz=each.orientation_wxyz[::4],
        )
        for body, each in sensors_of(results).items()
    }
    with pytest.raises(DataError, match="25 Hz"):
        predict(read_bundle(bundle), slow)


@pytest.mark.parametrize(
    ("covariate", "person", "do"),
    [
        ("sex", {"sex": "female"}, "--sex F"),
        ("mass_kg", {}, "--mass"),
        ("knee_alignment_deg", {"knee_alignment_r_deg": 1.0}, "knee_alignment_l_deg"),
    ],
)
def test_a_covariate_that_lacks_or_is_misspelled_is_asked_for(bundle, covariate, person, do):
    read = read_bundle(bundle)
    settings = read.document["settings"] | {"covariates": [covariate], "window": {"kind": "stance"}}
    asking = replace(read, document=read.document | {"settings": settings, "sensors": ["pelvis"]})
    with pytest.raises(ConfigError, match="PREDICTION_COVARIATE_MISSING") as caught:
        predict(asking, {"pelvis": None}, person=person)
    assert do in caught.value.do
