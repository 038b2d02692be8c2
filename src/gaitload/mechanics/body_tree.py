"""A musculoskeletal model as plain arrays, for kernels that know nothing of OpenSim.

Bodies are numbered so that every parent comes before its children: body 0 is the ground, and body j + 1 is the child of
joint j. A joint moves its child by up to three translations along axes of the parent-side frame, then up to three
turns about axes of the moving frame; each is a function of one coordinate, or constant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

TRANSLATION = -1
"""Slot of an axis along which a joint shifts; turns have the slots 0, 1 and 2 in their order."""


class Tree(NamedTuple):
    """Joints and bodies; J joints, A axes in the order of the joints (translations first), C coordinates.

    Attributes
    ----------
    parent : (J,) int
        Body on which the joint sits.
    parent_rotation, parent_position : (J, 3, 3), (J, 3)
        Parent-side frame of the joint in the parent body (m).
    child_rotation, child_position : (J, 3, 3), (J, 3)
        Child-side frame of the joint in the child body (m).
    first_coordinate, third_coordinate : (J,) int
        First and third coordinate of the joint in the model's own order; -1 where there is none.
    axis_start : (J + 1,) int
        Axes of joint j are `axis_start[j]:axis_start[j + 1]`.
    axis_slot : (A,) int
        `TRANSLATION`, or the place of the turn among the joint's turns.
    axis_direction : (A, 3)
        Unit vector in the parent-side frame (translations) or the moving frame (turns).
    axis_coordinate : (A,) int
        Coordinate of which the axis is a function; -1 where it is constant.
    function_kind, function_start, function_numbers : (A,), (A + 1,), (any,)
        Function of each axis, see `gaitload.mechanics.functions`.
    mass_kg, mass_center, inertia : (B,), (B, 3), (B, 3, 3)
        Of every body, the ground included; m and kg m^2 about the mass center, in the body's frame.
    gravity : (3,)
        Ground frame, m/s^2.
    """

    parent: np.ndarray
    parent_rotation: np.ndarray
    parent_position: np.ndarray
    child_rotation: np.ndarray
    child_position: np.ndarray
    first_coordinate: np.ndarray
    third_coordinate: np.ndarray
    axis_start: np.ndarray
    axis_slot: np.ndarray
    axis_direction: np.ndarray
    axis_coordinate: np.ndarray
    function_kind: np.ndarray
    function_start: np.ndarray
    function_numbers: np.ndarray
    mass_kg: np.ndarray
    mass_center: np.ndarray
    inertia: np.ndarray
    gravity: np.ndarray


class Coordinates(NamedTuple):
    """What holds coordinates back; all of shape (C,).

    Attributes
    ----------
    default, lower, upper
        rad or m; limits are infinite where the coordinate is not clamped.
    locked, rotational : bool
    leader : int
        Coordinate that this one follows, itself where it follows none.
    slope, intercept
        value = slope * leader + intercept; 1 and 0 where it follows none.
    """

    default: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    locked: np.ndarray
    rotational: np.ndarray
    leader: np.ndarray
    slope: np.ndarray
    intercept: np.ndarray


class Paths(NamedTuple):
    """Paths of M muscles over P fixed points and W cylinders.

    Attributes
    ----------
    point_start, wrap_start, span_start : (M + 1,) int
        Points, cylinders and spanned bodies of muscle m are `start[m]:start[m + 1]`.
    point_body, point_position : (P,) int, (P, 3)
        In the body's frame, m.
    wrap_body, wrap_rotation, wrap_position : (W,) int, (W, 3, 3), (W, 3)
        Frame of the cylinder in its body; its axis is z.
    wrap_radius_m, wrap_length_m : (W,)
    wrap_sign, wrap_axis : (W,) int
        Side on which the path must stay: sign (0: any) of x (0), y (1) or z (2).
    wrap_first, wrap_last : (W,) int
        Points of the muscle between which the cylinder is looked at, counted from 0.
    span_body : (any,) int
        Bodies that the muscle's forces reach, children before parents, without those on which they cancel.
    """

    point_start: np.ndarray
    point_body: np.ndarray
    point_position: np.ndarray
    wrap_start: np.ndarray
    wrap_body: np.ndarray
    wrap_rotation: np.ndarray
    wrap_position: np.ndarray
    wrap_radius_m: np.ndarray
    wrap_length_m: np.ndarray
    wrap_sign: np.ndarray
    wrap_axis: np.ndarray
    wrap_first: np.ndarray
    wrap_last: np.ndarray
    span_start: np.ndarray
    span_body: np.ndarray


class Muscles(NamedTuple):
    """Millard muscles; all of shape (M,) but the curves.

    Attributes
    ----------
    force_max_n, fiber_optimal_m, tendon_slack_m, velocity_max
        As in the model; velocity in optimal fibre lengths a second.
    width_m
        Distance of the fibres' ends across the tendon: optimal length times the sine of the optimal pennation.
    pennation_max_sine, pennation_max_cosine
        Of the greatest pennation angle.
    pennated_min_m
        Length of a fibre at the greatest pennation angle.
    fiber_min_m
        Shortest fibre that pulls at all.
    activation_min, activation_max
        Least and greatest control that the model allows.
    tendon_strain
        Strain of the tendon at the greatest isometric force, as in the model.
    active_curve, velocity_curve, passive_curve, tendon_curve : int
        Rows of `curve_nodes`.
    curve_first, curve_step : (K,)
        Abscissa of the first node, distance of nodes.
    curve_nodes : (K, N, 2)
        Value and slope at the nodes.
    """

    force_max_n: np.ndarray
    fiber_optimal_m: np.ndarray
    tendon_slack_m: np.ndarray
    width_m: np.ndarray
    pennation_max_sine: np.ndarray
    pennation_max_cosine: np.ndarray
    pennated_min_m: np.ndarray
    velocity_max: np.ndarray
    fiber_min_m: np.ndarray
    activation_min: np.ndarray
    activation_max: np.ndarray
    tendon_strain: np.ndarray
    active_curve: np.ndarray
    velocity_curve: np.ndarray
    passive_curve: np.ndarray
    tendon_curve: np.ndarray
    curve_first: np.ndarray
    curve_step: np.ndarray
    curve_nodes: np.ndarray


@dataclass(frozen=True)
class Mechanism:
    """A model: names in the order of the arrays, and the arrays.

    Attributes
    ----------
    bodies, joints, coordinate_names, muscle_names, marker_names, actuator_names : tuple of str
        Ground is the first body.
    tree, coordinates, paths, muscles
        See their classes.
    marker_body, marker_position : (K,) int, (K, 3)
        Markers of the model, in their body's frame (m).
    actuator_coordinate, actuator_optimal : (K,) int, (K,)
        Coordinate actuators: what they move, and their force at control 1 (N m, or N).
    """

    bodies: tuple[str, ...]
    joints: tuple[str, ...]
    coordinate_names: tuple[str, ...]
    muscle_names: tuple[str, ...]
    marker_names: tuple[str, ...]
    actuator_names: tuple[str, ...]
    tree: Tree
    coordinates: Coordinates
    paths: Paths
    muscles: Muscles
    marker_body: np.ndarray
    marker_position: np.ndarray
    actuator_coordinate: np.ndarray
    actuator_optimal: np.ndarray


def spanned_bodies(touched: set[int], parent: np.ndarray, *, through_ground: bool) -> list[int]:
    """Bodies whose joints feel the muscle, children before parents.

    Parameters
    ----------
    touched
        Bodies that points and cylinders of the path are fixed to.
    parent : (J,) int
        See `Tree`.
    through_ground
        Go on to the ground. A path is pulled along straight segments between its bodies, so its forces cancel on the
        body below which all of them lie. OpenSim's stale points of paths with two wraps leave a couple there.
    """
    lines = []
    for body in touched:
        line = [body]
        while line[-1] != 0:
            line.append(int(parent[line[-1] - 1]))
        lines.append(set(line))
    shared = set() if through_ground else set.intersection(*lines)
    return sorted(set.union(*lines) - shared - {0}, reverse=True)
