"""Marker sets that name landmarks get places, bodies and weights from the table of their family."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.errors import ConfigError
from gaitload.models.landmarks import LANDMARKS, load_landmarks
from gaitload.models.markersets import load_marker_set
from gaitload.models.registry import MODELS_DIR

TABLE = MODELS_DIR / "rajagopal" / "landmarks.tsv"


def _set(tmp_path, text: str):
    path = tmp_path / "mine.tsv"
    path.write_text(text)
    return load_marker_set(path, TABLE)


def test_the_table_knows_the_whole_vocabulary_and_mirrors_it() -> None:
    table = load_landmarks(TABLE)
    assert table.landmarks.keys() == LANDMARKS
    for name, right in table.landmarks.items():
        if name.endswith("_r"):
            left = table.landmarks[f"{name[:-2]}_l"]
            np.testing.assert_allclose(left.position_m, right.position_m * [1, 1, -1])
    assert {"pelvis", "femur_r", "tibia_l", "calcn_r", "torso"} <= table.tracking.keys()


def test_a_row_with_a_place_for_the_side_stands_for_both(tmp_path) -> None:
    worn = _set(
        tmp_path, "marker\tlandmark\taliases\tz_m\tx_m\ty_m\n{S}KNE\tknee_lateral_{side}\t{Side}Knee\t0.05\t0\t-0.4\n"
    )
    assert [one.name for one in worn.markers] == ["RKNE", "LKNE"]
    assert worn.by_name["LKNE"].landmark == "knee_lateral_l"
    assert worn.by_name["LKNE"].aliases == ("LeftKnee",)
    assert worn.by_name["LKNE"].position_m == pytest.approx([0.0, -0.4, -0.05])


def test_a_landmark_brings_body_place_and_weights(tmp_path) -> None:
    worn = _set(tmp_path, "marker\tlandmark\tworn\nA\tasis_r\t\nB\tknee_medial_r\t\nC\tmt5_r\tstatic\n")
    typical = load_landmarks(TABLE).landmarks
    for name, landmark in (("A", "asis_r"), ("B", "knee_medial_r")):
        marker, place = worn.by_name[name], typical[landmark]
        assert (marker.body, marker.static_weight, marker.ik_weight) == (
            place.body,
            place.static_weight,
            place.ik_weight,
        )
        assert marker.placed
    assert worn.by_name["C"].ik_weight == 0.0, "it comes off after the static trial"


def test_a_marker_that_only_tracks_has_weights_and_no_place(tmp_path) -> None:
    (marker,) = _set(tmp_path, "marker\tbody\nT1\tfemur_r\n").markers
    assert marker.ik_weight > 0 and marker.static_weight == 0 and not marker.placed


def test_optional_markers_that_nobody_wears_are_not_of_the_set(tmp_path) -> None:
    worn = _set(tmp_path, "marker\tlandmark\tworn\nA\tasis_r\t\nB\tasis_l\toptional\nC\tsacrum\toptional\n")
    assert [one.name for one in worn.worn_with(["C"]).markers] == ["A", "C"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("marker\tlandmark\nA\t\n", "something else for A"),
        ("marker\tlandmark\tx_m\nA\tasis_r\t0.1\n", "something else for A"),
        ("marker\tlandmark\tworn\nA\tasis_r\tsometimes\n", "something else for A"),
        ("marker\tlandmark\tcolour\nA\tasis_r\tred\n", "colour"),
        ("marker\tbody\nA\ttail\n", "tail for A"),
    ],
)
def test_a_row_that_says_too_little_is_an_error(tmp_path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        _set(tmp_path, text)
    assert caught.value.code == "MARKER_SET_INVALID"


def test_the_rigid_part_of_a_foot_leaves_out_wand_hallux_and_what_only_static_trials_show() -> None:
    worn = load_marker_set(TABLE.parent / "markersets/plug_in_gait.tsv")
    assert {"RHEE", "RTOE", "RLCA", "RD1M", "RD5M"} <= set(worn.rigid("foot_r"))
    assert not {"RCPG", "RHLX", "RPCA", "RTPF"} & set(worn.rigid("foot_r"))
    assert {"RHLX", "RCPG"} <= set(worn.foot("r"))
