"""What label modes mean for muscles, and motions as OpenSim's tools take them."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.config import Muscles
from gaitload.errors import DataError
from gaitload.io.sto import Table, write_sto
from gaitload.mechanics.muscle_loads import OPENSIM
from gaitload.opensim.label_modes import physics_of
from gaitload.opensim.model import open_model, tree_places
from gaitload.opensim.motion import read_motion, within_limits


def test_mode_opensim_is_opensim_whatever_the_switches_say(source):
    assert physics_of("opensim", Muscles().model_dump(), source.family) == OPENSIM


def test_every_switch_moves_one_thing(source):
    everything = physics_of("physical", Muscles().model_dump(), source.family)
    assert everything.true_pennation and everything.passive_force and everything.balanced_paths
    assert everything.without_force_velocity == tuple(
        f"{name}_{side}" for side in "rl" for name in ("gasmed", "gaslat", "soleus")
    )
    for switch, field in {
        "pennation": "true_pennation",
        "passive_force": "passive_force",
        "balanced_paths": "balanced_paths",
    }.items():
        switched = physics_of("physical", Muscles(**{switch: False}).model_dump(), source.family)
        assert not getattr(switched, field)
    rigid = physics_of("physical", Muscles(force_velocity_rigid_tendon=True).model_dump(), source.family)
    assert rigid.without_force_velocity == ()


@pytest.fixture
def model(source):
    """The default model; its owner is kept by the test that asks for it."""
    return open_model(source.path)


@pytest.fixture
def written(model, tmp_path):
    """A motion of 20 frames in degrees: the right knee bends beyond its range, all else rests at 0.1."""
    names = tuple(coordinate.getName() for coordinate in model.getCoordinateSet())
    values = np.full((20, len(names)), 0.1)
    values[:, names.index("knee_angle_r")] = np.linspace(-5.0, 40.0, 20)
    table = Table(names, np.arange(20) / 100, values, in_degrees=True)
    write_sto(tmp_path / "coordinates.mot", table, name="coordinates", in_degrees=True)
    return tmp_path / "coordinates.mot", names


def test_motions_are_read_in_si_and_followers_follow(model, written, source):
    path, names = written
    motion = read_motion(path, model, source.family.drivers(), "here")
    knee, follower, height = (names.index(name) for name in ("knee_angle_r", "knee_angle_r_beta", "pelvis_ty"))
    np.testing.assert_allclose(motion.value[:, knee], np.radians(np.linspace(-5, 40, 20)))
    np.testing.assert_array_equal(motion.value[:, follower], motion.value[:, knee])
    np.testing.assert_allclose(motion.value[:, height], 0.1)
    np.testing.assert_allclose(motion.speed[:, knee], np.radians(45) / 0.19, rtol=1e-9)


def test_coordinates_are_held_within_the_ranges_of_clamped_ones(model, written, source):
    path, names = written
    motion = read_motion(path, model, source.family.drivers(), "here")
    held = within_limits(motion.value, model, source.family.drivers())
    knee, follower = names.index("knee_angle_r"), names.index("knee_angle_r_beta")
    assert motion.value[:, knee].min() < -0.08
    assert held[:, knee].min() == held[:, follower].min() == 0.0
    others = [index for index in range(len(names)) if index not in (knee, follower)]
    np.testing.assert_array_equal(held[:, others], motion.value[:, others])


def test_a_motion_without_a_coordinate_is_refused_by_its_name(model, written, source, tmp_path):
    path, names = written
    table = Table(names[1:], np.arange(20) / 100, np.zeros((20, len(names) - 1)), in_degrees=True)
    write_sto(path, table, name="coordinates", in_degrees=True)
    with pytest.raises(DataError, match=names[0]) as caught:
        read_motion(path, model, source.family.drivers(), "here")
    assert caught.value.code == "STO_NAMES"


def test_places_in_the_tree_are_each_taken_once(model):
    state = model.initSystem()
    assert sorted(tree_places(model, state)) == list(range(state.getNU()))
