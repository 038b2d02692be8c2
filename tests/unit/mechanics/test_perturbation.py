"""Draws of what a laboratory cannot know: none without a spread, alike for alike seeds, sizes as OpenSim has them."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import opensim
import pytest

from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.moment_arms import muscle_geometry
from gaitload.mechanics.perturbation import SOURCES, Perturbed, perturb, scaled_mechanism, with_masses
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.model import open_model

NOTHING = dict.fromkeys(SOURCES, 0.0)
EVERYTHING = dict.fromkeys(SOURCES, 0.02)


def draw(mechanism: Mechanism, spread: dict[str, float], seed: int = 3) -> Perturbed:
    return perturb(mechanism, spread, np.random.SeedSequence(seed), balanced_paths=True)


def arrays(mechanism: Mechanism) -> dict[str, np.ndarray]:
    """Every array by its name."""
    parts = {field.name: getattr(mechanism, field.name) for field in fields(mechanism)}
    found = {name: value for name, value in parts.items() if isinstance(value, np.ndarray)}
    for name in ("tree", "coordinates", "paths", "muscles"):
        found |= {f"{name}.{key}": value for key, value in parts[name]._asdict().items()}
    return found


def changed(before: Mechanism, after: Mechanism) -> set[str]:
    """Names of the arrays that differ."""
    return {name for name, values in arrays(after).items() if not np.array_equal(values, arrays(before)[name])}


def test_without_a_spread_nothing_changes(mechanism):
    drawn = draw(mechanism, NOTHING)
    assert changed(mechanism, drawn.mechanism) == set()
    assert (drawn.body_scale == 1).all() and drawn.cutoff_factor == 1 and (drawn.cop_offset_ground_m == 0).all()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("marker_placement_m", {"marker_position"}),
        ("mass_split_share", {"tree.mass_kg", "tree.inertia"}),
        ("max_isometric_share", {"muscles.force_max_n"}),
        ("tendon_slack_share", {"muscles.tendon_slack_m"}),
        ("cop_m", set()),
        ("cutoff_share", set()),
    ],
)
def test_a_source_changes_what_it_is_about_and_nothing_else(mechanism, source, expected):
    drawn = draw(mechanism, NOTHING | {source: 0.02})
    assert changed(mechanism, drawn.mechanism) == expected
    assert (drawn.cutoff_factor != 1) == (source == "cutoff_share")
    assert (drawn.cop_offset_ground_m[[0, 2]] != 0).all() == (source == "cop_m")
    assert drawn.cop_offset_ground_m[1] == 0


def test_the_mechanism_drawn_from_is_left_as_it_is(mechanism):
    before = {name: values.copy() for name, values in arrays(mechanism).items()}
    draw(mechanism, EVERYTHING)
    assert all(np.array_equal(values, before[name]) for name, values in arrays(mechanism).items())


def test_kernels_are_given_arrays_of_the_same_kind(mechanism):
    # Another layout or type would have them compiled again.
    for name, values in arrays(draw(mechanism, EVERYTHING).mechanism).items():
        before = arrays(mechanism)[name]
        assert (values.dtype, values.shape, values.flags.c_contiguous, values.flags.writeable) == (
            before.dtype,
            before.shape,
            before.flags.c_contiguous,
            before.flags.writeable,
        ), name


def test_the_body_stays_as_heavy_as_it_is(mechanism):
    drawn = draw(mechanism, NOTHING | {"mass_split_share": 0.3}).mechanism
    assert drawn.tree.mass_kg.sum() == pytest.approx(mechanism.tree.mass_kg.sum(), rel=1e-12)
    assert np.abs(drawn.tree.mass_kg[1:] / mechanism.tree.mass_kg[1:] - 1).max() > 0.1


def test_equal_seeds_draw_alike_whatever_was_drawn_before(mechanism):
    seeds = np.random.SeedSequence(5).spawn(3)
    forwards = [perturb(mechanism, EVERYTHING, seed, balanced_paths=True) for seed in seeds]
    backwards = [perturb(mechanism, EVERYTHING, seed, balanced_paths=True) for seed in reversed(seeds)][::-1]
    for one, other in zip(forwards, backwards, strict=True):
        assert changed(one.mechanism, other.mechanism) == set()
        assert one.cutoff_factor == other.cutoff_factor
    assert forwards[0].cutoff_factor != forwards[1].cutoff_factor


def test_draws_of_one_source_do_not_depend_on_the_spread_of_another(mechanism):
    alone, among = draw(mechanism, NOTHING | {"cop_m": 0.02}), draw(mechanism, EVERYTHING)
    assert np.array_equal(alone.cop_offset_ground_m, among.cop_offset_ground_m)


def test_spreads_are_standard_deviations(mechanism):
    drawn = [draw(mechanism, NOTHING | {"max_isometric_share": 0.2}, seed) for seed in range(25)]
    shares = np.array([one.mechanism.muscles.force_max_n for one in drawn]) / mechanism.muscles.force_max_n
    # 25 draws of 80 muscles: standard errors are 0.0045 of the mean and 0.004 of the deviation; four of them.
    assert shares.mean() == pytest.approx(1.0, abs=0.018)
    assert shares.std() == pytest.approx(0.2, abs=0.016)
    assert shares.min() > 0


def test_a_body_of_one_size_throughout_has_longer_paths_and_muscles(mechanism):
    share = np.full(len(mechanism.bodies), 1.1)
    share[0] = 1.0
    larger = scaled_mechanism(mechanism, share, balanced_paths=True)
    q = mechanism.coordinates.default[None]
    before, after = (muscle_geometry(one, q, 0 * q, balanced=True)[0] for one in (mechanism, larger))
    assert after == pytest.approx(1.1 * before, rel=1e-9)
    assert larger.muscles.tendon_slack_m == pytest.approx(1.1 * mechanism.muscles.tendon_slack_m, rel=1e-9)


def test_sizes_change_as_opensim_scales_a_model(model_path, mechanism, tmp_path):
    share = 1 + 0.05 * np.random.default_rng(2).standard_normal(len(mechanism.bodies))
    share[0] = 1.0
    model = open_model(model_path)
    state = model.initSystem()
    factors = opensim.ScaleSet()
    for name, factor in zip(mechanism.bodies[1:], share[1:], strict=True):
        scale = opensim.Scale()
        scale.setSegmentName(name)
        scale.setScaleFactors(opensim.Vec3(float(factor)))
        scale.setApply(True)
        factors.cloneAndAppend(scale)
    model.scale(state, factors, True, model.getTotalMass(state))
    model.printToXML(str(tmp_path / "scaled.osim"))
    theirs = export_mechanism(tmp_path / "scaled.osim")
    ours = scaled_mechanism(mechanism, share, balanced_paths=False)
    for name, values in arrays(theirs).items():
        assert arrays(ours)[name] == pytest.approx(values, rel=1e-6, abs=1e-9), name


def test_equal_shares_of_mass_are_no_change(mechanism):
    share = np.full(len(mechanism.bodies), 2.0)
    assert with_masses(mechanism.tree, share) is mechanism.tree
