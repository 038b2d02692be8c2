"""Settings are closed, and what describes them is in step with them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from gaitload.cohorts.reader import cohort_schemas
from gaitload.config import Config, config_schema, load_config, parse_config
from gaitload.config.motion import Muscles
from gaitload.errors import ConfigError


def _leaves(value: object, prefix: str = "") -> set[str]:
    if not isinstance(value, dict):
        return {prefix}
    return {leaf for name, item in value.items() for leaf in _leaves(item, f"{prefix}.{name}")}


def test_config_yaml_shows_every_setting_with_its_default(repository: Path) -> None:
    shown = yaml.safe_load((repository / "config.yaml").read_text())
    assert _leaves(shown) == _leaves(Config().model_dump())
    assert load_config(repository / "config.yaml") == Config()


@pytest.mark.parametrize("name", ["config", "cohort", "participants", "trials"])
def test_schemas_are_in_step_with_the_models(repository: Path, name: str) -> None:
    generated = {"config.schema.json": config_schema(), **cohort_schemas()}[f"{name}.schema.json"]
    committed = (repository / "workflow" / "schemas" / f"{name}.schema.json").read_text()
    assert committed == generated, "run `gaitload schemas`"


def test_every_misspelt_setting_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config({"kinematic": {}, "loads": {"cutof_hz": 6}, "ingest": {"gap_max_s": -1}})
    assert caught.value.code == "CONFIG_INVALID"
    for name in ("kinematic", "loads.cutof_hz", "ingest.gap_max_s"):
        assert name in caught.value.found


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"loads": {"cutof_hz": 6}}, "loads.cutof_hz: no such name; did you mean cutoff_hz?"),
        ({"kinematic": {}}, "kinematic: no such name; did you mean kinematics"),
        ({"ingest": {"contact_threshold_n": {"walks": 1}}}, "walks: no such name; did you mean walk?"),
        ({"window": {"duration_s:0.3": None}}, "a blank is missing after the colon; write duration_s: 0.3"),
        ({"engine": "fast"}, "engine = 'fast': should be 'api', 'compiled' or 'tools'"),
        ({"window": 3}, "window: should be lines of `name: value`"),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(document: dict, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(document)
    assert words in caught.value.found
    assert "nput" not in caught.value.found
    assert caught.value.where == "config.yaml and --config"


def test_cohorts_can_be_joined_by_commas() -> None:
    assert parse_config({"cohorts": "a,b"}).cohorts == ("a", "b")
    assert parse_config({"cohorts": ["a", "b"]}).cohorts == ("a", "b")


def test_loose_inverse_kinematics_is_refused() -> None:
    with pytest.raises(ConfigError, match="accuracy"):
        parse_config({"kinematics": {"accuracy": 1e-5}})


def test_no_section_of_the_settings_is_open() -> None:
    sections = [Config, *(field.annotation for field in Config.model_fields.values())]
    models = [section for section in sections if isinstance(section, type) and issubclass(section, BaseModel)]
    assert len(models) > 5
    assert all(model.model_config["extra"] == "forbid" and model.model_config["frozen"] for model in models)


def test_modes_and_engines_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(ConfigError, match="tools knows label_mode opensim alone"):
        parse_config({"engine": "tools", "label_mode": "physical"})
    with pytest.raises(ConfigError, match="activation_exponent 2 alone"):
        parse_config({"engine": "api", "loads": {"activation_exponent": 3}})
    assert parse_config({"engine": "tools", "label_mode": "opensim", "loads": {"activation_exponent": 3}})


def test_switches_count_in_mode_physical_alone() -> None:
    switched = {"passive_force": False, "tendons": "rigid"}
    assert parse_config({"muscles": switched}).physics == Muscles(**switched)
    as_opensim = parse_config({"muscles": switched, "label_mode": "opensim"}).physics
    assert as_opensim.model_dump() == {
        "pennation": False,
        "passive_force": False,
        "balanced_paths": False,
        "force_velocity_rigid_tendon": True,
        "tendons": "rigid",
        "fibre_velocity": False,
        "fibre_velocity_max": None,
        "activation_min": None,
        "sharing": "activation",
        "sharing_weights": {},
    }


def test_elastic_tendons_need_whole_fibres_and_the_engine_that_knows_them() -> None:
    elastic = {"tendons": "elastic"}
    assert parse_config({"muscles": elastic}).muscles.tendons == "elastic"
    with pytest.raises(ConfigError, match="needs pennation and passive_force"):
        parse_config({"muscles": elastic | {"passive_force": False}})
    with pytest.raises(ConfigError, match=r"api knows muscles\.tendons rigid alone"):
        parse_config({"engine": "api"})
    assert parse_config({"muscles": {"tendons": "rigid"}, "engine": "api"})
    with pytest.raises(ConfigError, match="not above 1"):
        parse_config({"loads": {"activation_exponent": 1}})


@pytest.mark.parametrize(
    ("mode", "wanted", "law"),
    [
        ("physical", "auto", "handsfield2014"),
        ("opensim", "auto", "stock"),
        ("physical", "stock", "stock"),
        ("opensim", "handsfield2014", "handsfield2014"),
    ],
)
def test_strength_follows_the_mode_unless_it_is_chosen(mode: str, wanted: str, law: str) -> None:
    assert parse_config({"label_mode": mode, "scaling": {"strength": wanted}}).strength == law


def test_null_on_the_command_line_is_nothing_and_not_a_word():
    assert parse_config({"window": {"duration_s": "null"}}).window.duration_s is None


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("people", 0),
        ("duration_s", 1.9),
        ("duration_s", 61.0),
        ("seed", -1),
        ("marker_noise_m", -1e-4),
        ("skin_motion_m", -1e-4),
        ("gaps", -1),
        ("gaps", 1.5),
        ("force_noise_n", -1.0),
        ("force_noise_n", "some"),
    ],
)
def test_people_who_do_not_exist_cannot_be_recorded_in_any_way(setting: str, value: object) -> None:
    with pytest.raises(ConfigError, match=rf"embedded\.{setting}"):
        parse_config({"embedded": {setting: value}})


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("rate_hz", 0.0),
        ("noise", -1.0),
        ("turn_sd_rad", -0.1),
        ("shift_sd_m", -0.1),
        ("heading_max_rad", 3.3),
        ("skew_sd", -1e-5),
        ("loss_share", 0.5),
        ("loss_share", -0.1),
    ],
)
def test_sensors_that_cannot_be_are_refused(setting: str, value: float) -> None:
    with pytest.raises(ConfigError, match=rf"embedded\.sensors\.{setting}"):
        parse_config({"embedded": {"sensors": {setting: value}}})


def deep(below: dict, above: dict) -> dict:
    """As Snakemake lays one configuration file over another."""
    merged = dict(below)
    for name, value in above.items():
        both = isinstance(value, dict) and isinstance(below.get(name), dict)
        merged[name] = deep(below[name], value) if both else value
    return merged


def test_studies_are_settings_that_there_are(repository):
    default, running, adaptive = (
        yaml.safe_load((repository / path).read_text())
        for path in ("config.yaml", "workflow/studies/running.yaml", "workflow/studies/running_adaptive.yaml")
    )
    first = deep(default, running)
    # A mapping in the file stands beside the default's own entries, so the sensor sets must name these again.
    assert parse_config(first).study.name == "running"
    assert set(first["study"]["sensor_sets"]) == set(running["study"]["sensor_sets"])
    adapted = parse_config(deep(first, adaptive)).study
    assert adapted.protocol == "user_adaptive" and adapted.targets == parse_config(first).study.targets


@pytest.mark.parametrize("band", [["4_0", 12.0], [True, 12.0], "12_0"])
def test_what_only_resembles_a_number_is_none_in_a_list_either(band: object) -> None:
    with pytest.raises(ConfigError, match="is not a number"):
        parse_config({"gates": {"plausible_run_bw": {"atf": band}}})


@pytest.mark.parametrize("cohorts", ["../embedded", ["embedded/p1"], "embedded,", "."])
def test_names_of_cohorts_are_no_paths(cohorts: object) -> None:
    with pytest.raises(ConfigError, match="cohorts"):
        parse_config({"cohorts": cohorts})
