"""What joints pass on: the whole load on the child, of bodies, muscles and all else that acts beyond the joint."""

from __future__ import annotations

from gaitload.mechanics.compiling import kernel
from gaitload.mechanics.vectors import cross, row, subtract, turned_back


@kernel
def relieve(paths, tension, span_force, span_moment, force, moment):
    """Take what muscles do beyond each joint off what the joint must pass on.

    Parameters
    ----------
    tension : (M,)
        N.
    span_force, span_moment : (any, 3)
        As `muscle_work` filled them.
    force, moment : (B, 3)
        As `demand` filled them; changed in place.
    """
    span_start, span_body = paths.span_start, paths.span_body
    for muscle in range(len(tension)):
        for index in range(span_start[muscle], span_start[muscle + 1]):
            body = span_body[index]
            for i in range(3):
                force[body, i] -= tension[muscle] * span_force[index, i]
                moment[body, i] -= tension[muscle] * span_moment[index, i]


@kernel
def express(pose, force, moment, reaction):
    """Write the reactions of joints on their children, in the child's frame, about the joint's centre; (J, 6).

    As OpenSim's joint reaction analysis on `child` in `child`: what reserves and other actuators of the joint's own
    coordinates do is part of the moment.
    """
    for joint in range(len(reaction)):
        body = joint + 1
        total = row(force, body)
        about = subtract(row(moment, body), cross(row(pose.center, joint), total))
        total, about = turned_back(pose.rotation, body, total), turned_back(pose.rotation, body, about)
        for i in range(3):
            reaction[joint, i], reaction[joint, 3 + i] = total[i], about[i]
