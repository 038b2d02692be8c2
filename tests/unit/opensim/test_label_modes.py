"""What label modes mean for muscles, and motions as OpenSim's tools take them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import opensim
import pytest

from gaitload.config.motion import Muscles
from gaitload.errors import ConfigError, DataError
from gaitload.io.sto import Table, write_sto
from gaitload.mechanics.curves import capacities
from gaitload.mechanics.moment_arms import muscle_geometry
from gaitload.mechanics.physics import OPENSIM
from gaitload.opensim.balanced_paths import BalancedPaths
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.label_modes import physics_of
from gaitload.opensim.model import open_model, tree_places
from gaitload.opensim.motion import Motion, read_motion, within_limits
from gaitload.opensim.muscle_paths import MusclePaths


def test_mode_opensim_is_opensim_whatever_the_switches_say(source):
    assert physics_of("opensim", Muscles().model_dump(), source.family) == OPENSIM


def test_every_switch_moves_one_thing(source):
    everything = physics_of("physical", Muscles(tendons="rigid").model_dump(), source.family)
    assert everything.true_pennation and everything.passive_force and everything.balanced_paths
    assert everything.without_force_velocity == tuple(
        f"{name}_{side}" for side in "rl" for name in ("gasmed", "gaslat", "soleus")
    )
    for switch, field in {
        "pennation": "true_pennation",
        "passive_force": "passive_force",
        "balanced_paths": "balanced_paths",
    }.items():
        switched = physics_of("physical", Muscles(tendons="rigid", **{switch: False}).model_dump(), source.family)
        assert not getattr(switched, field)
    rigid = physics_of(
        "physical", Muscles(tendons="rigid", force_velocity_rigid_tendon=True).model_dump(), source.family
    )
    assert rigid.without_force_velocity == ()


def test_elastic_tendons_have_the_strains_of_the_family_and_fibres_that_move(source):
    chosen = Muscles(tendons="elastic", fibre_velocity_max=15.0, activation_min=0.0, sharing="mean_stress")
    elastic = physics_of("physical", chosen.model_dump(), source.family, exponent=3.0)
    assert elastic.elastic_tendons and elastic.fiber_velocity and elastic.without_force_velocity == ()
    assert dict(elastic.tendon_strains)["soleus_l"] == 0.10
    assert (elastic.velocity_max, elastic.activation_min, elastic.weighting) == (15.0, 0.0, "mean_stress")
    assert elastic.exponent == 3.0


def test_weights_are_those_of_groups_of_the_family(source):
    chosen = Muscles(sharing_weights={"biarticular": 2.0, "gastrocnemius": 4.0})
    weights = dict(physics_of("physical", chosen.model_dump(), source.family).muscle_weights)
    assert (weights["recfem_r"], weights["gasmed_l"]) == (2.0, 4.0)
    with pytest.raises(ConfigError, match="calves") as caught:
        physics_of("physical", Muscles(sharing_weights={"calves": 2.0}).model_dump(), source.family)
    assert caught.value.code == "MUSCLE_GROUP_UNKNOWN"


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


def test_balanced_paths_alone_have_balanced_capacities(model, source):
    """As the compiled kernels have them: a knee straight enough for gastrocnemii to go around two cylinders."""
    physics = replace(OPENSIM, balanced_paths=True)
    muscles, balanced = MusclePaths(model, physics, "here"), BalancedPaths(str(source.path), "here")
    mechanism = export_mechanism(source.path)
    q = mechanism.coordinates.default[None]
    still, places = np.zeros_like(q), tree_places(model, muscles.state)
    in_tree = np.empty(q.shape[1])
    in_tree[places] = q[0]
    muscles.pose(0.0, opensim.Vector.createFromMat(in_tree), opensim.Vector(q.shape[1], 0.0))
    balanced.pose(Motion(np.zeros(1), q, still, still, still), 0)
    active, passive = muscles.capacity_n(balanced)
    length, speed, _ = muscle_geometry(mechanism, q, still, balanced=True)
    everyone = np.ones(len(active), dtype=bool)
    expected, _ = capacities(mechanism.muscles, length, speed, true_pennation=False, force_velocity=everyone)
    assert (passive == 0).all()
    np.testing.assert_allclose(active, expected[0], rtol=1e-9)
    gastrocnemius = mechanism.muscle_names.index("gasmed_r")
    stock = MusclePaths(open_model(source.path), OPENSIM, "here")
    stock.pose(0.0, opensim.Vector.createFromMat(in_tree), opensim.Vector(q.shape[1], 0.0))
    assert abs(stock.capacity_n(None)[0][gastrocnemius] / active[gastrocnemius] - 1) > 1e-3
