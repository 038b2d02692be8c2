"""Lab axes, and what contradicts them."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import synthetic_person as person
from gaitload.errors import ConfigError, ConventionError
from gaitload.ingest.axes import ground_frame, ground_rotation, to_ground, turn_about_up
from gaitload.ingest.checks import check_push
from gaitload.trial import PlateWrench, Recording

AXES = [sign + axis for sign, axis in product("+-", "xyz")]
DECLARATIONS = [(forward, up) for forward, up in product(AXES, AXES) if forward[1] != up[1]]


def in_lab(recording, forward: str, up: str):
    """The recording as a laboratory with these axes would have made it."""
    return to_ground(recording, ground_rotation(forward, up).T)


def scaled(recording, factor: float):
    return replace(recording, marker_lab_m=recording.marker_lab_m * factor)


def test_z_up_data_become_x_z_minus_y():
    np.testing.assert_array_equal(ground_rotation("+x", "+z") @ [1.0, 2.0, 3.0], [1.0, 3.0, -2.0])


def test_plates_turn_with_the_markers():
    force, moment = np.array([[30.0, 0.0, 700.0]]), np.array([[0.0, -350.0, 5.0]])
    corners = np.array([[0.6, 0.4, 0.0], [0.0, 0.4, 0.0], [0.0, 0.0, 0.0], [0.6, 0.0, 0.0]])
    plate = PlateWrench("p", force, moment, corners)
    markers = np.array([[[1.0, 2.0, 3.0]]])
    lab = Recording("r", ("M",), np.zeros(1), markers, np.zeros(1), (plate,))
    ground = to_ground(lab, ground_rotation("+x", "+z"))
    np.testing.assert_array_equal(ground.marker_lab_m, [[[1.0, 3.0, -2.0]]])
    np.testing.assert_array_equal(ground.plates[0].force_lab_n, [[30.0, 700.0, 0.0]])
    np.testing.assert_array_equal(ground.plates[0].moment_lab_nm, [[0.0, 5.0, 350.0]])
    np.testing.assert_array_equal(ground.plates[0].corners_lab_m[0], [0.6, 0.0, -0.4])


@given(st.sampled_from(DECLARATIONS))
def test_every_declaration_is_a_proper_rotation_that_puts_forward_on_x_and_up_on_y(declaration):
    rotation = ground_rotation(*declaration)
    assert np.linalg.det(rotation) == pytest.approx(1.0)
    for axis, target in zip(declaration, ((1, 0, 0), (0, 1, 0)), strict=True):
        unit = np.eye(3)["xyz".index(axis[1])] * (1 if axis[0] == "+" else -1)
        np.testing.assert_array_equal(rotation @ unit, target)


@pytest.mark.parametrize("declaration", [("+x", "-x"), ("x", "+y"), ("+x", "+w")])
def test_axes_that_are_none_are_refused(declaration):
    with pytest.raises(ConfigError, match="two different lab axes") as caught:
        ground_rotation(*declaration)
    assert caught.value.code == "AXES_INVALID"


@pytest.mark.parametrize("declaration", [("+x", "+z"), ("-y", "+z"), ("+z", "+y"), ("-x", "-y")])
def test_a_walk_is_the_same_whatever_axes_the_laboratory_has(build, walk, declaration):
    expected, _ = build(walk)
    trial, _ = build(in_lab(walk, *declaration), lab_axes=declaration)
    np.testing.assert_allclose(trial.markers.position_ground_m, expected.markers.position_ground_m, atol=1e-12)
    np.testing.assert_allclose(trial.forces.moment_ground_nm, expected.forces.moment_ground_nm, atol=1e-9)


def test_millimetres_declared_as_metres_are_refused(build, walk):
    with pytest.raises(ConventionError, match="measured in millimetres and declared in metres") as caught:
        build(scaled(walk, 1e3))
    assert caught.value.code == "UNITS_IMPLAUSIBLE"


def test_metres_declared_as_millimetres_are_refused(build, walk):
    with pytest.raises(ConventionError, match="measured in metres and declared in millimetres"):
        build(scaled(walk, 1e-3))


def test_z_up_data_declared_y_up_are_refused(build, walk):
    with pytest.raises(ConventionError, match=r"pelvis above the feet.*\+z points up: correct lab_up") as caught:
        build(in_lab(walk, "+x", "+z"))
    assert caught.value.code == "GRAVITY_CONTRADICTED"


def test_plates_that_pull_down_are_refused_by_name(build, walk):
    first, *others = walk.plates
    pulling = replace(walk, plates=(replace(first, force_lab_n=-first.force_lab_n), *others))
    with pytest.raises(ConventionError, match=r"push the person up.*plate_1 between -\d+") as caught:
        build(pulling)
    assert caught.value.code == "GRAVITY_CONTRADICTED"


def test_a_person_who_faces_sideways_is_refused(build, walk):
    with pytest.raises(ConventionError, match=r"to face along lab axis \+x.*lab_forward") as caught:
        build(to_ground(walk, turn_about_up(90)))
    assert caught.value.code == "DIRECTION_CONTRADICTED"


def test_a_walk_back_is_turned_round_with_its_forces(build, walk):
    expected, _ = build(walk)
    trial, quality = build(to_ground(walk, turn_about_up(180)))
    assert quality.numbers["turn_deg"] == 180
    np.testing.assert_allclose(trial.markers.position_ground_m, expected.markers.position_ground_m, atol=1e-12)
    np.testing.assert_allclose(trial.forces.force_ground_n, expected.forces.force_ground_n, atol=1e-9)


@given(st.sampled_from((0, 90, 180, 270)), st.floats(-40, 40))
def test_a_static_trial_may_face_any_way_and_ends_up_facing_forward(quarter, off):
    standing = to_ground(person.static_recording(), turn_about_up(quarter + off))
    frame = ground_frame(standing, person.marker_set(), ("+x", "+y"), "static", where="s")
    heel, toe = (
        (standing.marker_lab_m @ frame.rotation.T)[0, standing.marker_names.index(name)] for name in ("RHEE", "RMT5")
    )
    # Less than 40 deg off after a quarter turn: the foot's own 15 deg of toe-out marker angle is within the margin.
    assert (toe - heel)[0] > 0.08
    assert frame.turn_deg == -quarter % 360


def test_a_plate_that_its_neighbours_pull_down_a_little_is_no_contradiction():
    """Cross-talk of 112 N beside a push of 1519 N, in a sprint over five plates."""
    push, talk = np.zeros((1000, 3)), np.zeros((1000, 3))
    push[200:400, 1], talk[200:400, 1] = 1519.0, -112.0
    plates = [PlateWrench(name, force, np.zeros((1000, 3)), None) for name, force in (("on", push), ("beside", talk))]
    check_push(tuple(plates), where="here")
    reversed_sign = PlateWrench("beside", -0.6 * push, np.zeros((1000, 3)), None)
    with pytest.raises(ConventionError, match="beside between -911"):
        check_push((plates[0], reversed_sign), where="here")
