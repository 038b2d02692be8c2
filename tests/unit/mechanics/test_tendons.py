"""Fibres in balance with elastic tendons, against OpenSim's own equilibrium muscle."""

from __future__ import annotations

import numpy as np
import opensim
import pytest

from gaitload.mechanics.curves import curve_point, curve_value
from gaitload.mechanics.tendons import balance, balanced_tensions, elastic_muscles
from gaitload.opensim.model import open_model
from mechanics_oracle import Oracle

CHOSEN = ("soleus_r", "gasmed_r", "recfem_r", "vaslat_r", "tibant_r", "semimem_r", "psoas_r", "perlong_r")


@pytest.fixture(scope="module")
def oracle(model_path):
    """The model in OpenSim."""
    return Oracle(model_path)


@pytest.fixture(scope="module")
def pose(mechanism):
    """Coordinates of a stance that stretches the triceps surae and bends hip and knee."""
    q = mechanism.coordinates.default.copy()
    for name, degrees in (("ankle_angle_r", 12.0), ("knee_angle_r", 15.0), ("hip_flexion_r", -12.0)):
        q[mechanism.coordinate_names.index(name)] = np.radians(degrees)
    return mechanism.coordinates.slope * q[mechanism.coordinates.leader] + mechanism.coordinates.intercept


@pytest.mark.parametrize("name", CHOSEN)
@pytest.mark.parametrize("activation", [0.02, 0.3, 1.0])
def test_balance_is_that_of_opensims_equilibrium_muscle(oracle, mechanism, pose, name, activation):
    index = mechanism.muscle_names.index(name)
    muscle = oracle.muscles[index]
    muscle.set_ignore_tendon_compliance(False)
    muscle.set_fiber_damping(0.0)
    oracle.state = oracle.model.initSystem()
    state = oracle.move_to(pose, np.zeros_like(pose))
    muscle.setActivation(state, activation)
    muscle.computeEquilibrium(state)
    oracle.model.realizeVelocity(state)
    length = muscle.getLength(state)
    own = mechanism.muscles.tendon_strain[index]
    tension, _, passive, along, _ = balance(mechanism.muscles, index, own, length, activation, 1.0, length)
    strongest = mechanism.muscles.force_max_n[index]
    # OpenSim stops its own iteration at a relative tolerance of 1e-8, and limits fibres at their shortest.
    assert tension == pytest.approx(muscle.getTendonForce(state), abs=1e-4 * strongest)
    assert along == pytest.approx(muscle.getFiberLengthAlongTendon(state), abs=1e-5)
    assert passive == pytest.approx(muscle.getPassiveFiberForceAlongTendon(state), abs=1e-4 * strongest)


def test_gain_is_the_slope_of_tension_over_activation(mechanism):
    muscles, step = mechanism.muscles, 1e-5
    for name in CHOSEN:
        m = mechanism.muscle_names.index(name)
        length = muscles.tendon_slack_m[m] + 1.05 * muscles.fiber_optimal_m[m]
        given = muscles, m, muscles.tendon_strain[m], length
        less, more = (balance(*given, 0.4 + change, 0.9, 0.0)[0] for change in (-step, step))
        assert balance(*given, 0.4, 0.9, 0.0)[1] == pytest.approx((more - less) / (2 * step), rel=1e-3)


def test_slide_is_the_slope_of_fibre_length_over_activation(mechanism):
    muscles, step = mechanism.muscles, 1e-4
    for name in CHOSEN:
        m = mechanism.muscle_names.index(name)
        length = muscles.tendon_slack_m[m] + 1.05 * muscles.fiber_optimal_m[m]
        given = muscles, m, muscles.tendon_strain[m], length
        less, more = (balance(*given, 0.4 + change, 0.9, 0.0)[3] for change in (-step, step))
        assert balance(*given, 0.4, 0.9, 0.0)[4] == pytest.approx((more - less) / (2 * step), rel=5e-3)


def test_a_stiff_tendon_leaves_fibres_where_a_rigid_one_does(mechanism):
    muscles = mechanism.muscles
    length = (muscles.tendon_slack_m + muscles.fiber_optimal_m)[None]
    half, ones = np.full(length.shape, 0.5), np.ones(length.shape)
    _, _, along = balanced_tensions(muscles, length, half, np.full(length.shape[1], 1e-4), ones)
    np.testing.assert_allclose(along[0], muscles.fiber_optimal_m, rtol=2e-3)


def test_a_slack_muscle_pulls_with_nothing(mechanism):
    m = mechanism.muscle_names.index("soleus_r")
    tension, gain, passive, *_ = balance(mechanism.muscles, m, 0.05, 0.9 * mechanism.muscles.tendon_slack_m[m], 1, 1, 0)
    assert (tension, gain, passive) == (0.0, 0.0, 0.0)


def test_tendons_shorter_than_their_fibres_are_rigid(mechanism):
    elastic = dict(zip(mechanism.muscle_names, elastic_muscles(mechanism.muscles), strict=True))
    assert elastic["soleus_r"] and elastic["recfem_r"]
    assert not elastic["glmax1_r"] and not elastic["sart_r"]


def test_the_slope_of_a_curve_is_that_of_its_values(mechanism):
    muscles, step = mechanism.muscles, 1e-6
    given = muscles.curve_first, muscles.curve_step, muscles.curve_nodes, muscles.active_curve[0]
    for x in (0.2, 0.5, 0.83, 1.0, 1.31, 1.7, 2.5):
        across = (curve_value(*given, x + step) - curve_value(*given, x - step)) / (2 * step)
        value, slope = curve_point(*given, x)
        assert value == pytest.approx(curve_value(*given, x), abs=1e-12)
        assert slope == pytest.approx(across, abs=1e-5)


def test_the_tendon_of_the_model_is_the_exported_one(model_path, mechanism):
    model = open_model(model_path)
    muscle = opensim.Millard2012EquilibriumMuscle.safeDownCast(model.getMuscles().get("soleus_r"))
    curve, muscles = muscle.getTendonForceLengthCurve(), mechanism.muscles
    row = muscles.tendon_curve[mechanism.muscle_names.index("soleus_r")]
    for x in (0.98, 1.0, 1.01, 1.03, 1.049, 1.1):
        found = curve_value(muscles.curve_first, muscles.curve_step, muscles.curve_nodes, row, x)
        assert found == pytest.approx(curve.calcValue(x), abs=1e-6)
