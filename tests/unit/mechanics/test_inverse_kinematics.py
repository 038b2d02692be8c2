"""Inverse kinematics: truth recovered, limits kept, and the same answer as OpenSim's tool."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.errors import DataError
from gaitload.io.trc import write_trc
from gaitload.mechanics.inverse_kinematics import solve
from gaitload.mechanics.kinematics import motion
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.tools.kinematics import inverse_kinematics
from gaitload.trial import Markers

FRAMES = 8


@pytest.fixture(scope="module")
def path(model_of):
    """The model whose own markers cover all segments."""
    return model_of("rajagopal2015")


@pytest.fixture(scope="module")
def model(path):
    """That model as arrays."""
    return export_mechanism(path)


def smooth_motion(model) -> np.ndarray:
    """A swing through the middle of the ranges, followers following; (T, C)."""
    coordinates = model.coordinates
    generator = np.random.default_rng(3)
    low, high = np.maximum(coordinates.lower, -0.5), np.minimum(coordinates.upper, 0.9)
    phase = generator.uniform(0, 2 * np.pi, len(low)) + np.linspace(0, 0.8, FRAMES)[:, None]
    q = (low + high) / 2 + 0.35 * (high - low) * np.sin(phase)
    q[:, coordinates.locked] = coordinates.default[coordinates.locked]
    return coordinates.slope * q[:, coordinates.leader] + coordinates.intercept


def markers_at(model, q) -> np.ndarray:
    """Positions of all markers; (T, M, 3)."""
    rest = np.zeros_like(q)
    rotation, position, _ = motion(model.tree, q, rest, rest, simbody_bias=False)
    body = model.marker_body
    return position[:, body] + np.einsum("tmij,mj->tmi", rotation[:, body], model.marker_position)


@pytest.fixture(scope="module")
def noisy(model):
    """Markers 10 mm off, some missing, and their weights."""
    generator = np.random.default_rng(4)
    observed = markers_at(model, smooth_motion(model))
    observed += generator.normal(0, 0.01, observed.shape)
    observed[3, ::7] = np.nan
    return observed, generator.uniform(0.5, 10.0, observed.shape[1])


def test_a_known_motion_is_recovered(model):
    q = smooth_motion(model)
    found, errors = solve(model, markers_at(model, q), np.ones(len(model.marker_names)), markers=model.marker_names)
    # Exact markers: Newton ends at rounding. Wrists carry no marker of their own here and stay where they were.
    seen = [index for index, name in enumerate(model.coordinate_names) if not name.startswith("wrist")]
    assert errors.max() < 1e-7
    assert found[:, seen] == pytest.approx(q[:, seen], abs=1e-6)


def test_followers_follow_and_locked_ones_stay(model, noisy):
    found, _ = solve(model, *noisy, markers=model.marker_names)
    coordinates = model.coordinates
    assert found == pytest.approx(coordinates.slope * found[:, coordinates.leader] + coordinates.intercept, abs=1e-15)
    assert (found[:, coordinates.locked] == coordinates.default[coordinates.locked]).all()
    assert (found >= coordinates.lower - 1e-12).all() and (found <= coordinates.upper + 1e-12).all()


def test_missing_markers_have_no_error_and_frames_without_any_no_pose(model, noisy):
    observed, weights = noisy[0].copy(), noisy[1]
    observed[5] = np.nan
    found, errors = solve(model, observed, weights, markers=model.marker_names)
    assert np.isnan(errors[3, ::7]).all() and np.isfinite(errors[3, 1::7]).all()
    assert np.isnan(found[5]).all() and np.isfinite(found[6]).all()


def test_a_pose_does_not_depend_on_where_the_search_began(model, noisy):
    observed, weights = noisy
    forward, _ = solve(model, observed, weights, markers=model.marker_names)
    backward, _ = solve(model, observed[::-1], weights, markers=model.marker_names)
    seen = [index for index, name in enumerate(model.coordinate_names) if not name.startswith("wrist")]
    assert forward[:, seen] == pytest.approx(backward[::-1][:, seen], abs=1e-5)


def test_an_unknown_marker_is_named(model, noisy):
    with pytest.raises(DataError, match="no_such"):
        solve(model, noisy[0][:, :1], noisy[1][:1], markers=["no_such"])


def test_angles_are_those_of_the_converged_tool(model, noisy, path, tmp_path):
    observed, weights = noisy
    names = model.marker_names
    time_s = np.arange(FRAMES) / 100
    write_trc(tmp_path / "markers.trc", Markers(names, time_s, observed))
    tool, errors = inverse_kinematics(
        model=str(path),
        markers_trc=str(tmp_path / "markers.trc"),
        observed=Markers(names, time_s, observed),
        weights=dict(zip(names, weights.tolist(), strict=True)),
        accuracy=1e-9,
        where="test",
    )
    found, ours = solve(model, observed, weights, markers=names)
    theirs = np.stack([errors.column(name) for name in names], axis=1)
    cost = np.nansum(weights * ours**2, axis=1) / np.nansum(weights * theirs**2, axis=1)
    assert (cost < 1 + 1e-6).all()  # Never worse than the tool, whose own convergence leaves 1e-6.
    legs = [name for name in model.coordinate_names if name.split("_")[0] in ("pelvis", "hip", "knee", "ankle")]
    for name in legs:
        at = model.coordinate_names.index(name)
        turns = model.coordinates.rotational[at]
        # 0.01 deg and 0.1 mm are what the tool itself leaves at accuracy 1e-9.
        scale, limit = (180 / np.pi, 0.01) if turns else (1.0, 1e-4)
        assert scale * found[:, at] == pytest.approx(tool.column(name), abs=limit), name
