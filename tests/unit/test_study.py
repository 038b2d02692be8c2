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
    require_estimators(study.estimators)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("protocol", get_args(Protocol))
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
        ({"protocol": "hur2025", "split": {"training_subjects": 5}}, "has no part in protocol hur2025"),
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
