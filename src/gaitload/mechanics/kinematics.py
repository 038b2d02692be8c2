"""Where the bodies are, how fast they move and how they accelerate."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gaitload.mechanics.body_tree import TRANSLATION, Mechanism, Tree
from gaitload.mechanics.compiling import kernel
from gaitload.mechanics.functions import evaluate
from gaitload.mechanics.vectors import (
    accumulate,
    add,
    cross,
    product,
    product_transposed,
    put,
    row,
    scaled,
    subtract,
    turn_about,
    turned,
)


class Pose(NamedTuple):
    """Bodies of one frame in the ground frame; B bodies, J joints, A axes.

    Attributes
    ----------
    rotation, position : (B, 3, 3), (B, 3)
        Of the bodies' frames (m).
    center : (J, 3)
        Origin of the joint's frame on the child's side (m).
    axis : (A, 3)
        Directions of the joints' axes.
    slope, curvature : (A,)
        First and second derivative of the axes' functions.
    scratch : (2, 3, 3)
    """

    rotation: np.ndarray
    position: np.ndarray
    center: np.ndarray
    axis: np.ndarray
    slope: np.ndarray
    curvature: np.ndarray
    scratch: np.ndarray


class Rates(NamedTuple):
    """Velocities and accelerations of the bodies' frames in the ground frame; all of shape (B, 3).

    Attributes
    ----------
    angular_velocity, velocity
        rad/s, m/s.
    angular_acceleration, acceleration
        rad/s^2, m/s^2.
    """

    angular_velocity: np.ndarray
    velocity: np.ndarray
    angular_acceleration: np.ndarray
    acceleration: np.ndarray


@kernel
def empty_pose(tree):
    """A `Pose` to be filled, the ground at its place."""
    joints, axes = len(tree.parent), len(tree.axis_slot)
    rotation = np.zeros((joints + 1, 3, 3))
    for axis in range(3):
        rotation[0, axis, axis] = 1.0
    return Pose(
        rotation,
        np.zeros((joints + 1, 3)),
        np.zeros((joints, 3)),
        np.zeros((axes, 3)),
        np.zeros(axes),
        np.zeros(axes),
        np.zeros((2, 3, 3)),
    )


@kernel
def empty_rates(tree):
    """`Rates` to be filled, the ground at rest."""
    bodies = len(tree.parent) + 1
    return Rates(np.zeros((bodies, 3)), np.zeros((bodies, 3)), np.zeros((bodies, 3)), np.zeros((bodies, 3)))


@kernel
def place(tree, q, pose):
    """Fill `pose` for coordinates q, shape (C,), rad and m."""
    first, second = pose.scratch[0], pose.scratch[1]
    for joint in range(len(tree.parent)):
        parent, child = tree.parent[joint], joint + 1
        center = add(row(pose.position, parent), turned(pose.rotation, parent, row(tree.parent_position, joint)))
        product(pose.rotation[parent], tree.parent_rotation[joint], first)
        for index in range(tree.axis_start[joint], tree.axis_start[joint + 1]):
            coordinate = tree.axis_coordinate[index]
            value, slope, curvature = evaluate(
                tree.function_kind[index],
                tree.function_numbers,
                tree.function_start[index],
                tree.function_start[index + 1],
                q[coordinate] if coordinate >= 0 else 0.0,
            )
            pose.slope[index], pose.curvature[index] = slope, curvature
            direction = row(tree.axis_direction, index)
            for i in range(3):
                pose.axis[index, i] = (
                    first[i, 0] * direction[0] + first[i, 1] * direction[1] + first[i, 2] * direction[2]
                )
            if tree.axis_slot[index] == TRANSLATION:
                center = add(center, scaled(value, row(pose.axis, index)))
            elif coordinate >= 0 or value != 0.0:
                turn_about(first, direction, value, second)
                first, second = second, first
        put(pose.center, joint, center)
        product_transposed(first, tree.child_rotation[joint], pose.rotation[child])
        put(pose.position, child, subtract(center, turned(pose.rotation, child, row(tree.child_position, joint))))


@kernel
def move(tree, u, udot, simbody_bias, pose, rates):
    """Fill `rates` for speeds u and accelerations udot, both of shape (C,), of a filled `pose`.

    Parameters
    ----------
    simbody_bias : bool
        The acceleration of a turn about an axis that other turns carry along has a term: angular velocity of the turns
        before it, times its axis. Simbody's custom joints take the velocity of the joint's first coordinate for the
        second axis, and that of all but the third for the third (`MobilizedBody::FunctionBasedImpl::buildHdot`, Simbody
        3.8). Where one coordinate drives several turns, as in `walker_knee`, this adds the second times the third
        turn's speed to the tibia's acceleration (measured: 1.8 N m on the knee of a run). True: as Simbody has it;
        False: exact.
    """
    for joint in range(len(tree.parent)):
        parent, child = tree.parent[joint], joint + 1
        spin, spin_rate = row(rates.angular_velocity, parent), row(rates.angular_acceleration, parent)
        turn, turn_rate = (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)
        shift, shift_rate = (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)
        by_first, by_others = (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)
        start, stop = tree.axis_start[joint], tree.axis_start[joint + 1]
        if simbody_bias:
            for index in range(start, stop):
                coordinate = tree.axis_coordinate[index]
                if tree.axis_slot[index] != TRANSLATION and coordinate >= 0:
                    carried = scaled(pose.slope[index] * u[coordinate], row(pose.axis, index))
                    if coordinate == tree.first_coordinate[joint]:
                        by_first = add(by_first, carried)
                    if coordinate != tree.third_coordinate[joint]:
                        by_others = add(by_others, carried)
        for index in range(start, stop):
            coordinate = tree.axis_coordinate[index]
            if coordinate < 0:
                continue
            axis, speed = row(pose.axis, index), pose.slope[index] * u[coordinate]
            rate = pose.slope[index] * udot[coordinate] + pose.curvature[index] * u[coordinate] ** 2
            slot = tree.axis_slot[index]
            if slot == TRANSLATION:
                shift = add(shift, scaled(speed, axis))
                shift_rate = add(shift_rate, scaled(rate, axis))
                continue
            carrier = turn
            if simbody_bias and slot == 1:
                carrier = by_first
            elif simbody_bias and slot == 2:
                carrier = by_others
            turn_rate = add(turn_rate, add(scaled(rate, axis), scaled(speed, cross(carrier, axis))))
            turn = add(turn, scaled(speed, axis))
        arm = subtract(row(pose.center, joint), row(pose.position, parent))
        put(rates.velocity, child, add(row(rates.velocity, parent), add(cross(spin, arm), shift)))
        acceleration = add(row(rates.acceleration, parent), add(cross(spin_rate, arm), shift_rate))
        acceleration = add(acceleration, cross(spin, add(cross(spin, arm), scaled(2.0, shift))))
        put(rates.acceleration, child, acceleration)
        put(rates.angular_velocity, child, add(spin, turn))
        put(rates.angular_acceleration, child, add(spin_rate, add(turn_rate, cross(spin, turn))))
        spin, spin_rate = row(rates.angular_velocity, child), row(rates.angular_acceleration, child)
        arm = subtract(row(pose.position, child), row(pose.center, joint))
        accumulate(rates.velocity, child, cross(spin, arm))
        accumulate(rates.acceleration, child, add(cross(spin_rate, arm), cross(spin, cross(spin, arm))))


@kernel
def _motion(tree, q, u, udot, simbody_bias, rotation, position, rates):
    pose, now = empty_pose(tree), empty_rates(tree)
    for frame in range(len(q)):
        place(tree, q[frame], pose)
        move(tree, u[frame], udot[frame], simbody_bias, pose, now)
        rotation[frame], position[frame] = pose.rotation, pose.position
        rates[0, frame], rates[1, frame] = now.angular_velocity, now.velocity
        rates[2, frame], rates[3, frame] = now.angular_acceleration, now.acceleration


def motion(
    tree: Tree, q: np.ndarray, u: np.ndarray, udot: np.ndarray, *, simbody_bias: bool
) -> tuple[np.ndarray, np.ndarray, Rates]:
    """Poses and rates of all bodies.

    Parameters
    ----------
    q, u, udot : ndarray, shape (T, C)
        Coordinates, speeds and accelerations (rad, m, s); dependent and locked ones included.
    simbody_bias
        See `move`.

    Returns
    -------
    rotation, position : ndarray, shape (T, B, 3, 3) and (T, B, 3)
        Of the bodies' frames in the ground frame.
    rates : Rates
        Arrays of shape (T, B, 3).
    """
    frames, bodies = len(q), len(tree.parent) + 1
    rotation, position = np.empty((frames, bodies, 3, 3)), np.empty((frames, bodies, 3))
    rates = np.empty((4, frames, bodies, 3))
    q, u, udot = (np.ascontiguousarray(values, dtype=np.float64) for values in (q, u, udot))
    _motion(tree, q, u, udot, simbody_bias, rotation, position, rates)
    return rotation, position, Rates(*rates)


def body_poses(mechanism: Mechanism, q: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Pose of every body, by name.

    Parameters
    ----------
    mechanism
    q : ndarray, shape (T, C)
        All coordinates in the order of the mechanism (rad, m), dependent and locked ones included.

    Returns
    -------
    dict
        Body -> rotation (T, 3, 3), which turns vectors of the body's frame into the ground frame, and position
        (T, 3) of its origin (m).
    """
    rest = np.zeros(np.shape(q))
    rotation, position, _ = motion(mechanism.tree, q, rest, rest, simbody_bias=False)
    return {name: (rotation[:, index], position[:, index]) for index, name in enumerate(mechanism.bodies)}
