"""What tables alone say about a study before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from gaitload.cohorts.reader import load_cohorts
from gaitload.config import parse_config
from gaitload.errors import ConfigError
from gaitload.models.registry import find_model
from gaitload.stages.planned import enough_for_a_study, require_study_sensors, trainings_of

PEOPLE = ("p1", "p2", "p3")
COMMON = "title: A lab\nsource: here\nlicence: CC0\nraw_dir: raw\nlab_forward: +x\nlab_up: +y\nmarker_set: x\n"
FEET = "imu_files: {foot_r: r.csv, foot_l: l.csv}\n"


@pytest.fixture
def asked(tmp_path: Path):
    """A configuration and its cohorts: `lab`, whose three runners wear what `sensors` says."""

    def of(sensors: str, settings: dict):
        folder = tmp_path / "workflow/cohorts/lab"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cohort.yaml").write_text(f"name: lab\n{COMMON}{sensors}")
        (folder / "participants.tsv").write_text("participant_id\tmass_kg\n" + "".join(f"{p}\t70\n" for p in PEOPLE))
        rows = "".join(f"{who}\trun\tmotion\trun\t{who}.trc\n" for who in PEOPLE)
        (folder / "trials.tsv").write_text(f"participant_id\ttrial_id\trole\tactivity\tfile\n{rows}")
        config = parse_config({"cohorts": ["lab"]} | settings)
        return load_cohorts(config, root=tmp_path, results=tmp_path / "results"), config

    return of


def test_a_sensor_that_no_trial_can_have_is_named_before_anything_runs(asked) -> None:
    with pytest.raises(ConfigError) as caught:
        require_study_sensors(
            *asked(FEET, {"study": {"sensor_sets": {"shank": ["tibia"]}}}), find_model("rajagopal2015")
        )
    assert (caught.value.code, caught.value.found) == ("STUDY_SENSOR_UNKNOWN", "tibia")
    assert "lab has (foot_l, foot_r;" in caught.value.expected


@pytest.mark.parametrize(
    ("sensors", "study"),
    [
        (FEET, {"sensor_sets": {"feet": ["foot", "foot_opposite"]}}),
        (FEET, {"sensor_sets": {"feet": ["foot_r"]}, "window": {"kind": "fixed"}}),
        ("", {"sensor_sets": {"feet": ["foot"]}}),
        (FEET, {"sensor_sets": {"shank": ["tibia"]}, "without": ["lab/p1"]}),
        (FEET, {"sensor_sets": {"shank": ["tibia"]}, "activities": ["walk"]}),
    ],
    ids=["seen from a side", "by their own names", "a cohort without any", "too few people", "nobody walks"],
)
def test_nothing_is_said_of_sensors_that_are_there_or_that_no_training_takes(asked, sensors, study) -> None:
    require_study_sensors(*asked(sensors, {"study": study}), find_model("rajagopal2015"))


def test_virtual_sensors_are_those_of_the_model_whatever_was_worn(asked) -> None:
    settings = {"aligned": {"sensors": "virtual"}}
    require_study_sensors(*asked(FEET, settings), find_model("rajagopal2015"))
    with pytest.raises(ConfigError, match="pelvis, tibia_l, tibia_r, torso"):
        cohorts, config = asked(FEET, settings | {"study": {"sensor_sets": {"feet": ["foot"]}}})
        require_study_sensors(cohorts, config, find_model("rajagopal2015"))


def test_people_whose_every_trial_is_left_out_count_as_left_out(asked) -> None:
    assert enough_for_a_study(*asked(FEET, {}))
    assert not enough_for_a_study(*asked(FEET, {"study": {"without": ["lab/p2/run"]}}))


def test_trainings_are_those_of_every_set_where_a_study_is_asked_for_and_learns(asked) -> None:
    study = {"sensor_sets": {"one": ["foot"], "two": ["foot", "foot_opposite"]}, "estimators": ["ridge", "knn"]}
    sets = [("one", "ridge"), ("one", "knn"), ("two", "ridge"), ("two", "knn")]
    assert trainings_of(*asked(FEET, {"study": study})) == sets
    assert trainings_of(*asked(FEET, {"study": study, "evaluation": {"learned": False}})) == []
    assert trainings_of(*asked("", {"study": study})) == []
