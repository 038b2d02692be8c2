"""Unit motions of the joints' degrees of freedom, and the work that forces do on them."""

from __future__ import annotations

from gaitload.mechanics.body_tree import TRANSLATION
from gaitload.mechanics.vectors import accumulate, cross, dot, kernel, row, scaled


@kernel
def fill_twists(tree, freedom, pose, turn, shift):
    """Fill the twists of all degrees of freedom at a pose.

    Parameters
    ----------
    turn, shift : (D, 3)
        Angular velocity, and velocity of what is at the ground's origin, at unit speed of the free coordinate.
    """
    axis_start, axis_slot, axis_coordinate = tree.axis_start, tree.axis_slot, tree.axis_coordinate
    axis_dof, gain = freedom.axis_dof, freedom.gain
    centers, slopes, axes = pose.center, pose.slope, pose.axis
    turn[:] = 0.0
    shift[:] = 0.0
    for joint in range(len(axis_start) - 1):
        center = row(centers, joint)
        for axis in range(axis_start[joint], axis_start[joint + 1]):
            dof = axis_dof[axis]
            if dof < 0:
                continue
            speed = scaled(gain[axis_coordinate[axis]] * slopes[axis], row(axes, axis))
            if axis_slot[axis] == TRANSLATION:
                accumulate(shift, dof, speed)
            else:
                accumulate(turn, dof, speed)
                accumulate(shift, dof, cross(center, speed))


@kernel
def add_work(turn, shift, dof_start, dof_column, joint, force, moment, generalized):
    """Add to `generalized`, (F,), what a force and a moment about the ground's origin do on a joint's freedom."""
    for dof in range(dof_start[joint], dof_start[joint + 1]):
        generalized[dof_column[dof]] += dot(row(turn, dof), moment) + dot(row(shift, dof), force)
