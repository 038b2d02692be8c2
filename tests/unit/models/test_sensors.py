"""Where sensors are worn."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.errors import ConfigError
from gaitload.models.registry import find_model
from gaitload.models.sensors import load_sensors, require_bodies, scaled_placements

DEFAULT = ("torso", "pelvis", "femur_r", "femur_l", "tibia_r", "tibia_l", "calcn_r", "calcn_l")


@pytest.fixture(scope="module")
def worn():
    return {one.name: one for one in load_sensors(find_model("rajagopal2015").sensors_path)}


def test_eight_sensors_are_worn_by_default(worn):
    assert tuple(worn) == DEFAULT and tuple(one.body for one in worn.values()) == DEFAULT


def test_left_sensors_mirror_right_ones(worn):
    mirror = np.array([1.0, 1.0, -1.0])
    for body in ("femur", "tibia", "calcn"):
        right, left = worn[f"{body}_r"], worn[f"{body}_l"]
        assert left.position_body_m == pytest.approx(mirror * right.position_body_m)
        for row in (0, 2):
            assert left.rotation_sensor_body[row] == pytest.approx(mirror * right.rotation_sensor_body[row])
    # Away from the skin: outwards on the thigh.
    assert worn["femur_r"].rotation_sensor_body[2] == pytest.approx([0.0, 0.0, 1.0])
    assert worn["femur_l"].rotation_sensor_body[2] == pytest.approx([0.0, 0.0, -1.0])


def test_places_scale_with_their_bodies(worn):
    factors = {body: [1.1, 0.9, 1.2] for body in DEFAULT}
    for scaled in scaled_placements(worn.values(), factors):
        assert scaled.position_body_m == pytest.approx(worn[scaled.name].position_body_m * [1.1, 0.9, 1.2])
        assert scaled.rotation_sensor_body is worn[scaled.name].rotation_sensor_body
    with pytest.raises(ConfigError, match="torso on torso"):
        scaled_placements(worn.values(), {body: factors[body] for body in DEFAULT[1:]})


def test_a_body_the_model_does_not_have_is_named(worn):
    with pytest.raises(ConfigError, match=r"SENSOR_BODY.*calcn_l on calcn_l"):
        require_bodies(worn.values(), DEFAULT[:-1])


ROW = "{{body: pelvis, position_m: [0, 0, 0], x_axis: {x}, z_axis: {z}}}"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("sensors: {a: " + ROW.format(x="[1, 0, 0]", z="[0.1, 0, 1]") + "}", "right angles"),
        ("sensors: {a: " + ROW.format(x="[0, 0, 0]", z="[0, 0, 1]") + "}", "right angles"),
        ("sensors: {a: {body: pelvis, position_m: [0, 0], x_axis: [1, 0, 0], z_axis: [0, 0, 1]}}", "position_m"),
        ("sensors: {a: {bodies: pelvis}}", "bodies"),
        ("sensors: [", "YAML"),
        (
            "sensors: {'a_{side}': " + ROW.format(x="[1, 0, 0]", z="[0, 0, 1]")
            + ", a_l: " + ROW.format(x="[1, 0, 0]", z="[0, 0, 1]") + "}",
            "a_l more than once",
        ),
        ("sensors: {a: " + ROW.format(x="[1e200, 0, 0]", z="[0, 0, 1]") + "}", "right angles"),
    ],
)  # fmt: skip
def test_a_table_that_says_nonsense_is_refused(tmp_path, text, named):
    path = tmp_path / "sensors.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=f"SENSORS_INVALID.*{named}"):
        load_sensors(path)
