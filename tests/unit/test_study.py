"""Settings of a study are closed, possible, and those of shipped files are what they say."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
import yaml
from snakemake.utils import update_config

from gaitload.config import parse_config
from gaitload.errors import ConfigError, DataError
from gaitload.estimators import require_estimators
from gaitload.protocols import folds_of
from gaitload.study import Protocol, Study
from gaitload.windows.slicing import slice_trials
from gaitload.windows.tables import read_trial
from synthetic_aligned import write_people

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("path", sorted((ROOT / "workflow/studies").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_shipped_study_goes_with_the_settings_it_is_merged_into(path: Path) -> None:
    settings, own = (yaml.safe_load(file.read_text()) for file in (ROOT / "config.yaml", path))
    update_config(settings, own)
    study = parse_config(settings).study
    assert study.name == path.stem
    if "sensor_sets" in own["study"]:
        named = {name for name, worn in own["study"]["sensor_sets"].items() if worn is not None}
        assert set(study.sensor_sets) == named, "sets of config.yaml are merged in; null takes them away"
    require_estimators(study)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("protocol", sorted({*get_args(Protocol)} - {"leave_one_trial_out"}))
def test_a_protocol_makes_folds_of_the_fewest_people_and_not_of_one_less(protocol, count, tmp_path) -> None:
    study = Study(protocol=protocol, targets=("atf_bw",), split={"validation_subjects": count})
    paths = write_people(tmp_path, study.people_min)
    windows, _ = slice_trials([read_trial(path) for path in paths], study, ("pelvis",))
    assert folds_of(windows, study, 0)
    fewer = windows.rows(windows.subjects != "made/p1")
    if len(fewer):
        with pytest.raises(DataError):
            folds_of(fewer, study, 0)


@pytest.mark.parametrize(
    ("study", "words"),
    [
        ({"protocol": "random"}, "study.protocol"),
        ({"protocol": "hur2025"}, "write user_individualised, user_generalised or user_adaptive"),
        ({"split": {"calibrated_normaliser": True}}, "write normaliser: calibration"),
        ({"participants": {"train": ["a/1"], "test": ["a/1"]}}, "a/1 is named twice"),
        ({"participants": {"validation": ["a/1"]}}, "train does not"),
        ({"protocol": "user_individualised", "participants": {"train": ["a/1"]}}, "name participants.test alone"),
        ({"protocol": "leave_one_trial_out", "pretrain_cohorts": ["a"]}, "name participants.test alone"),
        ({"split": {"calibration_share": 0.6, "calibration_validation_share": 0.4}}, "leave nothing to test"),
        ({"training": {"stopping": "increments", "epochs": 60}}, "nothing is validated"),
        ({"training": {"select": {"width": []}}}, "select.width has no values"),
        ({"window": {"duration_limits": [1.1, 1.3]}}, "not (below 1, above 1)"),
        ({"vary": {"calibration_share": [0.1]}}, "needs the protocol user_adaptive"),
        ({"vary": {"protocol": ["loso", "loso"]}}, "twice"),
        ({"vary": {"leave_one_out": {"emg": ["mass_kg"]}}}, "inputs that the study does not have"),
        ({"training": {"sensor_dropout": 0.5, "beside": "ridge"}}, "sensor_dropout trains a network alone"),
        ({"estimator_settings": {"lstm_small": {}}}, "no estimator of study.estimators"),
        ({"estimator_settings": {"lstm": {"training": {"epoch": 3}}}}, "epoch"),
        ({"estimator_settings": {"lstm": {"training": {"select": {"batch": [0]}}}}}, "batch"),
        ({"channels": ["acc", "euler"]}, "choose frame sensor"),
        ({"window": {"kind": "fixed"}, "covariates": ["side"]}, "belong to windows of a stance"),
        ({"window": {"kind": "fixed", "context_before": 0.5}}, "make fixed ones longer"),
        ({"window": {"kind": "cycle", "margin": 0.1}}, "margin belongs to windows of a stance"),
        ({"window": {"stance_times": "pelvis_sensor"}}, "choose kind stance and activities [run]"),
        (
            {"window": {"stance_times": "pelvis_sensor"}, "activities": ["run"], "sensor_sets": {"shin": ["tibia"]}},
            "sensor_sets.shin lacks",
        ),
        ({"sensor_sets": {"none": []}}, "sensor_sets.none is empty"),
        ({"sensor_sets": {"two": ["pelvis", "pelvis"]}}, "names a sensor twice"),
        ({"sensor_sets": {"pelvis+tibia": None}}, "study.sensor_sets"),
        ({"sensor_sets": ["pelvis"]}, "study.sensor_sets"),
        ({"seeds": [1, 1]}, "seeds names one twice"),
        ({"protocol": "user_generalised", "split": {"training_subjects": 5}}, "no part in protocol user_generalised"),
        (
            {"channels": ["acc", "euler"], "frame": "sensor", "training": {"mounting_rad": 0.1}},
            "cannot turn channels euler",
        ),
        ({"training": {"epoch": 3}}, "did you mean epochs"),
    ],
)
def test_what_cannot_be_done_is_said(study: dict, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config({"study": study})
    assert words in caught.value.found


def test_columns_may_be_the_only_inputs() -> None:
    study = parse_config({"study": {"sensor_sets": {"plates": []}, "features": ["grf_y_bw"]}}).study
    assert study.sensor_sets == {"plates": ()}


def test_an_estimator_of_a_study_has_settings_of_its_own() -> None:
    own = {
        "file": "lstm",
        "training": {"epochs": 5, "options": {"width": 8}, "select": {"layers": [1, 2], "batch": [4]}},
    }
    study = Study(estimators=("lstm", "small"), estimator_settings={"small": own}, training={"learning_rate": 0.1})
    assert (study.file_of("small"), study.file_of("lstm")) == ("lstm", "lstm")
    assert study.as_estimator("lstm").training == study.training
    tried = study.as_estimator("small").training.candidates()
    assert [(one.options, one.batch) for one in tried] == [({"width": 8, "layers": n}, 4) for n in (1, 2)]
    assert all((one.epochs, one.learning_rate, one.select) == (5, 0.1, {}) for one in tried)


@pytest.mark.parametrize("training", [{"options": {"wdth": 3}}, {"select": {"wdth": [3]}}])
def test_an_option_that_a_network_does_not_have_is_named(training) -> None:
    with pytest.raises(ConfigError, match="did you mean width") as caught:
        require_estimators(Study(estimators=("lstm",), estimator_settings={"lstm": {"training": training}}))
    assert caught.value.code == "STUDY_OPTION_UNKNOWN"
    with pytest.raises(ConfigError, match="none"):
        require_estimators(Study(estimators=("ridge",), estimator_settings={"ridge": {"training": training}}))


def test_settings_of_an_estimator_that_is_not_asked_for_are_taken_away_by_null() -> None:
    assert Study(estimators=("ridge",), estimator_settings={"cnn": None}).estimator_settings == {}


def test_off_is_a_word_in_a_file_of_settings() -> None:
    assert Study(training=yaml.safe_load("shift: off")).training.shift == "off"


def test_subsets_of_sensors_are_sensor_sets() -> None:
    bodies = ["pelvis", "femur", "tibia", "calcn"]
    study = Study(vary={"sensor_sets": {"subsets_of": bodies, "by_side": True}}, sensor_sets={})
    assert len(study.sensor_sets) == 127 and study.sensor_sets["pelvis+femur_l"] == ("pelvis", "femur_l")
    fewer = Study(vary={"sensor_sets": {"subsets_of": bodies, "exclude": ["pelvis"]}}, sensor_sets={"a": ["torso"]})
    assert len(fewer.sensor_sets) == 15 and "pelvis" not in fewer.sensor_sets
    assert Study.model_validate(fewer.model_dump()) == fewer


def test_variants_are_every_combination_and_each_is_a_study() -> None:
    study = Study(
        name="s",
        features=("grf_y_bw", "emg_r"),
        covariates=("mass_kg",),
        vary={
            "protocol": ["loso", "user_adaptive"],
            "calibration_share": [0.1, 0.35],
            "leave_one_out": {"emg": ["emg_r"], "person": ["mass_kg"]},
        },
    )
    variants = study.variants()
    parts = [
        f"{protocol}-{inputs}"
        for protocol in ("loso", "user_adaptive-10", "user_adaptive-35")
        for inputs in ("whole", "without_emg", "without_person")
    ]
    assert list(variants) == parts
    one = variants["user_adaptive-35-without_emg"]
    assert (one.name, one.protocol, one.split.calibration_share) == (
        "s.user_adaptive-35-without_emg",
        "user_adaptive",
        0.35,
    )
    assert (one.features, one.covariates) == (("grf_y_bw",), ("mass_kg",))
    assert list(Study().variants()) == [""] and Study().variants()[""].name == Study().name
