"""A mechanism as it might be as well: what a laboratory cannot know, drawn at random."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from gaitload.mechanics.body_tree import TRANSLATION, Mechanism, Muscles, Paths, Tree
from gaitload.mechanics.functions import SPLINE
from gaitload.mechanics.moment_arms import muscle_geometry

SOURCES = (
    "marker_placement_m",
    "segment_scale_share",
    "mass_split_share",
    "max_isometric_share",
    "tendon_slack_share",
    "cop_m",
    "cutoff_share",
)
"""What is drawn, each from a stream of its own: the draws of one do not depend on the spread of another."""


@dataclass(frozen=True)
class Perturbed:
    """One draw.

    Attributes
    ----------
    mechanism : Mechanism
    body_scale : ndarray, shape (B,)
        Size of every body as a share of what it was; 1 for the ground.
    cop_offset_ground_m : ndarray, shape (3,)
        Horizontal shift of the centre of pressure of both feet.
    cutoff_factor : float
        By which the cut-off of the filter is multiplied.
    """

    mechanism: Mechanism
    body_scale: np.ndarray
    cop_offset_ground_m: np.ndarray
    cutoff_factor: float


def perturb(
    mechanism: Mechanism, spread: Mapping[str, float], seed: np.random.SeedSequence, *, balanced_paths: bool
) -> Perturbed:
    """Draw everything that is not known.

    Lengths are shifted by normal numbers, shares multiplied by log-normal ones of mean 1, so that nothing becomes
    negative.

    Parameters
    ----------
    mechanism
        Left as it is.
    spread
        Standard deviation by name of `SOURCES`: m (of each horizontal axis, of each axis of a marker), or a share.
    seed
        Equal seeds give equal draws, whichever other samples are drawn.
    balanced_paths
        See `gaitload.mechanics.physics.Physics`; decides the paths whose lengths scale the muscles.
    """
    # A sequence that has spawned before would go on from there.
    fresh = np.random.SeedSequence(seed.entropy, spawn_key=seed.spawn_key)
    streams = dict(zip(SOURCES, map(np.random.default_rng, fresh.spawn(len(SOURCES))), strict=True))

    def factors(source: str, count: int) -> np.ndarray:
        return _factors(streams[source], spread[source], count)

    bodies, muscles = len(mechanism.bodies), len(mechanism.muscle_names)
    body_scale = factors("segment_scale_share", bodies)
    body_scale[0] = 1.0
    scaled = scaled_mechanism(mechanism, body_scale, balanced_paths=balanced_paths)
    strength, slack = factors("max_isometric_share", muscles), factors("tendon_slack_share", muscles)
    shift = spread["marker_placement_m"] * streams["marker_placement_m"].standard_normal((len(scaled.marker_body), 3))
    x, z = spread["cop_m"] * streams["cop_m"].standard_normal(2)
    return Perturbed(
        mechanism=replace(
            scaled,
            tree=with_masses(scaled.tree, factors("mass_split_share", bodies)),
            muscles=scaled.muscles._replace(
                force_max_n=scaled.muscles.force_max_n * strength, tendon_slack_m=scaled.muscles.tendon_slack_m * slack
            ),
            marker_position=scaled.marker_position + shift,
        ),
        body_scale=body_scale,
        cop_offset_ground_m=np.array([x, 0.0, z]),
        cutoff_factor=float(factors("cutoff_share", 1)[0]),
    )


def scaled_mechanism(mechanism: Mechanism, body_scale: np.ndarray, *, balanced_paths: bool) -> Mechanism:
    """Bodies of another size: everything that is fixed in a body's frame moves away from its origin.

    As OpenSim's ScaleTool does it with preserved masses: translations of a joint grow with its parent, moments of
    inertia with the square of the size, optimal fibre and tendon slack lengths with the length of the muscle's path in
    the default pose.

    Parameters
    ----------
    body_scale : ndarray, shape (B,)
        1 for the ground.
    """
    larger = replace(
        mechanism,
        tree=_scaled_tree(mechanism.tree, body_scale),
        paths=_scaled_paths(mechanism.paths, body_scale),
        marker_position=mechanism.marker_position * body_scale[mechanism.marker_body, None],
    )
    before, after = (_default_lengths(model, balanced_paths) for model in (mechanism, larger))
    return replace(larger, muscles=_stretched(mechanism.muscles, after / before))


def with_masses(tree: Tree, share: np.ndarray) -> Tree:
    """Bodies of another mass, the whole as heavy as before; shapes and radii of gyration stay.

    Parameters
    ----------
    share : ndarray, shape (B,)
        Of the mass of each body, up to a common factor.
    """
    if (share == share[0]).all():
        return tree
    share = share * tree.mass_kg.sum() / (share @ tree.mass_kg)
    return tree._replace(mass_kg=tree.mass_kg * share, inertia=tree.inertia * share[:, None, None])


def _factors(generator: np.random.Generator, spread: float, count: int) -> np.ndarray:
    """Log-normal numbers of mean 1 and a standard deviation."""
    width = np.sqrt(np.log1p(spread**2))
    return np.exp(width * generator.standard_normal(count) - width**2 / 2)


def _scaled_tree(tree: Tree, body_scale: np.ndarray) -> Tree:
    children = np.arange(1, len(body_scale))
    return tree._replace(
        parent_position=tree.parent_position * body_scale[tree.parent, None],
        child_position=tree.child_position * body_scale[children, None],
        function_numbers=_scaled_translations(tree, body_scale),
        mass_center=tree.mass_center * body_scale[:, None],
        inertia=tree.inertia * (body_scale**2)[:, None, None],
    )


def _scaled_translations(tree: Tree, body_scale: np.ndarray) -> np.ndarray:
    """Numbers of the joints' functions, those of translations grown with the parent."""
    numbers = tree.function_numbers.copy()
    for joint, parent in enumerate(tree.parent):
        for axis in range(tree.axis_start[joint], tree.axis_start[joint + 1]):
            start, stop = tree.function_start[axis], tree.function_start[axis + 1]
            if tree.axis_slot[axis] == TRANSLATION:
                knots = (stop - start) // 5 if tree.function_kind[axis] == SPLINE else 0
                numbers[start + knots : stop] *= body_scale[parent]
    return numbers


def _scaled_paths(paths: Paths, body_scale: np.ndarray) -> Paths:
    around = body_scale[paths.wrap_body]
    return paths._replace(
        point_position=paths.point_position * body_scale[paths.point_body, None],
        wrap_position=paths.wrap_position * around[:, None],
        wrap_radius_m=paths.wrap_radius_m * around,
        wrap_length_m=paths.wrap_length_m * around,
    )


def _default_lengths(mechanism: Mechanism, balanced_paths: bool) -> np.ndarray:
    """Lengths of the muscles' paths in the default pose, shape (M,), m."""
    coordinates = mechanism.coordinates
    q = coordinates.slope * coordinates.default[coordinates.leader] + coordinates.intercept
    lengths, _, _ = muscle_geometry(mechanism, q[None], np.zeros_like(q)[None], balanced=balanced_paths)
    return lengths[0]


def _stretched(muscles: Muscles, share: np.ndarray) -> Muscles:
    return muscles._replace(
        fiber_optimal_m=muscles.fiber_optimal_m * share,
        tendon_slack_m=muscles.tendon_slack_m * share,
        width_m=muscles.width_m * share,
        pennated_min_m=muscles.pennated_min_m * share,
        fiber_min_m=muscles.fiber_min_m * share,
    )
