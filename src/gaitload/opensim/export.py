"""Writes a model as the plain arrays that compiled kernels take, or names what they cannot take."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim

from gaitload.mechanics.body_tree import TRANSLATION, Coordinates, Mechanism, Tree
from gaitload.mechanics.functions import CONSTANT, LINEAR, POLYNOMIAL, SPLINE
from gaitload.opensim.export_features import unknown_feature
from gaitload.opensim.export_muscles import export_muscles, export_paths
from gaitload.opensim.model import array, open_model, rotation_matrix

TURNS, SHIFTS = (0, 1, 2), (3, 4, 5)
"""Places of an OpenSim spatial transform's axes."""


def export_mechanism(model: str | Path) -> Mechanism:
    """Everything the kernels need of an `.osim` file.

    Raises
    ------
    ConfigError
        `MODEL_FEATURE`: the model has a joint, function, constraint, muscle, path point, wrap or force that the kernels
        do not know; the message names it.
    """
    body_model = open_model(model)
    state = body_model.initSystem()
    _check_forces(body_model)
    joints = _sorted_joints(body_model)
    bodies = ("ground", *(_base(joint.getChildFrame()) for joint in joints))
    coordinate_names = tuple(coordinate.getName() for coordinate in body_model.getCoordinateSet())
    muscle_names = tuple(muscle.getName() for muscle in body_model.getMuscles())
    tree = _tree(body_model, joints, bodies, coordinate_names)
    markers = list(body_model.getMarkerSet())
    actuators = [force for force in map(opensim.CoordinateActuator.safeDownCast, body_model.getForceSet()) if force]
    return Mechanism(
        bodies=bodies,
        joints=tuple(joint.getName() for joint in joints),
        coordinate_names=coordinate_names,
        muscle_names=muscle_names,
        marker_names=tuple(marker.getName() for marker in markers),
        actuator_names=tuple(actuator.getName() for actuator in actuators),
        tree=tree,
        coordinates=_coordinates(body_model, state, coordinate_names),
        paths=export_paths(body_model, bodies, tree.parent),
        muscles=export_muscles(body_model),
        marker_body=np.array([bodies.index(_base(marker.getParentFrame())) for marker in markers], dtype=np.int64),
        marker_position=np.array([_in_base(marker) for marker in markers]).reshape(-1, 3),
        actuator_coordinate=np.array(
            [coordinate_names.index(actuator.get_coordinate()) for actuator in actuators], dtype=np.int64
        ),
        actuator_optimal=np.array([actuator.getOptimalForce() for actuator in actuators]),
    )


def _base(frame: opensim.PhysicalFrame) -> str:
    return frame.findBaseFrame().getName()


def _in_base(marker: opensim.Marker) -> np.ndarray:
    rotation, position = frame_in_base(marker.getParentFrame())
    return position + rotation @ array(marker.get_location())


def frame_in_base(frame: opensim.PhysicalFrame) -> tuple[np.ndarray, np.ndarray]:
    """Rotation, shape (3, 3), and position, shape (3,), of a frame in the body that carries it (m)."""
    transform = frame.findTransformInBaseFrame()
    return rotation_matrix(transform), array(transform.p())


def _check_forces(model: opensim.Model) -> None:
    known = {"Millard2012EquilibriumMuscle", "CoordinateActuator"}
    for force in model.getForceSet():
        if force.getConcreteClassName() not in known:
            raise unknown_feature("force", force)


def _sorted_joints(model: opensim.Model) -> list[opensim.Joint]:
    """Joints, parents before children; every body the child of exactly one."""
    waiting = list(model.getJointSet())
    children = [_base(joint.getChildFrame()) for joint in waiting]
    for body in model.getBodySet():
        if children.count(body.getName()) != 1:
            raise unknown_feature("body that is not the child of one joint", body)
    reached, ordered = {"ground"}, []
    while waiting:
        joint = next(joint for joint in waiting if _base(joint.getParentFrame()) in reached)
        waiting.remove(joint)
        ordered.append(joint)
        reached.add(_base(joint.getChildFrame()))
    return ordered


def _tree(
    model: opensim.Model, joints: list[opensim.Joint], bodies: tuple[str, ...], coordinate_names: tuple[str, ...]
) -> Tree:
    frames = [[frame_in_base(joint.getParentFrame()), frame_in_base(joint.getChildFrame())] for joint in joints]
    own = [[coordinate_names.index(joint.get_coordinates(k).getName()) for k in range(joint.numCoordinates())]
           for joint in joints]  # fmt: skip
    axes = [_axes(joint, coordinate_names) for joint in joints]
    flat = [axis for joint_axes in axes for axis in joint_axes]
    numbers = [axis[4] for axis in flat]
    masses = [model.getBodySet().get(name) for name in bodies[1:]]
    return Tree(
        parent=np.array([bodies.index(_base(joint.getParentFrame())) for joint in joints], dtype=np.int64),
        parent_rotation=np.array([parent[0] for parent, _ in frames]),
        parent_position=np.array([parent[1] for parent, _ in frames]),
        child_rotation=np.array([child[0] for _, child in frames]),
        child_position=np.array([child[1] for _, child in frames]),
        first_coordinate=np.array([indices[0] if indices else -1 for indices in own], dtype=np.int64),
        third_coordinate=np.array([indices[2] if len(indices) > 2 else -1 for indices in own], dtype=np.int64),
        axis_start=np.cumsum([0, *map(len, axes)], dtype=np.int64),
        axis_slot=np.array([axis[0] for axis in flat], dtype=np.int64),
        axis_direction=np.array([axis[1] for axis in flat]),
        axis_coordinate=np.array([axis[2] for axis in flat], dtype=np.int64),
        function_kind=np.array([axis[3] for axis in flat], dtype=np.int64),
        function_start=np.cumsum([0, *map(len, numbers)], dtype=np.int64),
        function_numbers=np.concatenate(numbers),
        mass_kg=np.array([0.0, *(body.getMass() for body in masses)]),
        mass_center=np.array([np.zeros(3), *(array(body.getMassCenter()) for body in masses)]),
        inertia=np.array([np.zeros((3, 3)), *(_inertia(body) for body in masses)]),
        gravity=array(model.getGravity()),
    )


def _inertia(body: opensim.Body) -> np.ndarray:
    xx, yy, zz, xy, xz, yz = (body.get_inertia().get(index) for index in range(6))
    return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])


Axis = tuple[int, np.ndarray, int, int, list[float]]
"""Slot, direction, coordinate, kind of function, its numbers."""


def _axes(joint: opensim.Joint, names: tuple[str, ...]) -> list[Axis]:
    kind = joint.getConcreteClassName()
    if kind == "WeldJoint":
        return []
    if kind in ("PinJoint", "UniversalJoint"):
        directions = np.eye(3)[[2] if kind == "PinJoint" else [0, 1]]
        coordinates = [names.index(joint.get_coordinates(index).getName()) for index in range(len(directions))]
        return [
            (slot, direction, coordinate, LINEAR, [1.0, 0.0])
            for slot, (direction, coordinate) in enumerate(zip(directions, coordinates, strict=True))
        ]
    if kind == "CustomJoint":
        return _custom_axes(joint, names)
    raise unknown_feature("joint", joint)


def _custom_axes(joint: opensim.Joint, names: tuple[str, ...]) -> list[Axis]:
    transform = opensim.CustomJoint.safeDownCast(joint).getSpatialTransform()
    axes = []
    for place in (*SHIFTS, *TURNS):
        axis = transform.getTransformAxis(place)
        used = axis.getCoordinateNames()
        kind, numbers = function_numbers(axis.getFunction(), joint)
        slot = place if place in TURNS else TRANSLATION
        if (used.size() == 0 and kind != CONSTANT) or used.size() > 1:
            raise unknown_feature("function of other than one coordinate in joint", joint)
        if used.size() == 0 and numbers[0] == 0:
            continue
        if used.size() == 0 and place in TURNS[:2]:
            # Simbody leaves such a turn out of the axes of those after it.
            raise unknown_feature("constant turn that is not zero in joint", joint)
        direction = array(axis.getAxis())
        coordinate = names.index(axis.get_coordinates(0)) if used.size() else -1
        axes.append((slot, direction / np.linalg.norm(direction), coordinate, kind, numbers))
    return axes


def function_numbers(function: opensim.Function, owner: opensim.Component) -> tuple[int, list[float]]:
    """Kind and numbers of a function of one coordinate, see `gaitload.mechanics.functions`."""
    kind = function.getConcreteClassName()
    if kind == "MultiplierFunction":
        outer = opensim.MultiplierFunction.safeDownCast(function)
        return _scaled(*function_numbers(outer.getFunction(), owner), outer.getScale())
    if kind == "Constant":
        return CONSTANT, [opensim.Constant.safeDownCast(function).getValue()]
    if kind == "LinearFunction":
        linear = opensim.LinearFunction.safeDownCast(function)
        return LINEAR, [linear.getSlope(), linear.getIntercept()]
    if kind == "PolynomialFunction":
        coefficients = opensim.PolynomialFunction.safeDownCast(function).getCoefficients()
        return POLYNOMIAL, [coefficients.get(index) for index in range(coefficients.size())]
    if kind == "SimmSpline":
        return SPLINE, _spline_numbers(opensim.SimmSpline.safeDownCast(function))
    raise unknown_feature(f"function {kind} in", owner)


def _spline_numbers(spline: opensim.SimmSpline) -> list[float]:
    """Knots and cubic pieces; a cubic is told by its values and slopes at both ends."""
    order = opensim.StdVectorInt()
    order.append(0)
    x = np.array([spline.getX(index) for index in range(spline.getSize())])
    y = np.array([spline.calcValue(opensim.Vector(1, knot)) for knot in x])
    b = np.array([spline.calcDerivative(order, opensim.Vector(1, knot)) for knot in x])
    width, secant = np.diff(x), np.diff(y) / np.diff(x)
    c = (3 * secant - 2 * b[:-1] - b[1:]) / width
    d = (b[:-1] + b[1:] - 2 * secant) / width**2
    pieces = np.stack([y, b, np.append(c, 0.0), np.append(d, 0.0)], axis=1)
    return [*x, *pieces.ravel()]


def _scaled(kind: int, numbers: list[float], factor: float) -> tuple[int, list[float]]:
    knots = len(numbers) // 5 if kind == SPLINE else 0
    return kind, [*numbers[:knots], *(factor * number for number in numbers[knots:])]


def _coordinates(model: opensim.Model, state: opensim.State, names: tuple[str, ...]) -> Coordinates:
    coordinates = [model.getCoordinateSet().get(name) for name in names]
    for coordinate in coordinates:
        if coordinate.isPrescribed(state):
            raise unknown_feature("prescribed coordinate", coordinate)
    clamped = np.array([coordinate.getDefaultClamped() for coordinate in coordinates])
    leader, slope, intercept = np.arange(len(names)), np.ones(len(names)), np.zeros(len(names))
    for constraint in model.getConstraintSet():
        follower, leading, factor, offset = _coupler(constraint, names)
        leader[follower], slope[follower], intercept[follower] = leading, factor, offset
    return Coordinates(
        default=np.array([coordinate.getDefaultValue() for coordinate in coordinates]),
        lower=np.where(clamped, [coordinate.getRangeMin() for coordinate in coordinates], -np.inf),
        upper=np.where(clamped, [coordinate.getRangeMax() for coordinate in coordinates], np.inf),
        locked=np.array([coordinate.getLocked(state) for coordinate in coordinates]),
        rotational=np.array(
            [coordinate.getMotionType() == opensim.Coordinate.Rotational for coordinate in coordinates]
        ),
        leader=leader.astype(np.int64),
        slope=slope,
        intercept=intercept,
    )


def _coupler(constraint: opensim.Constraint, names: tuple[str, ...]) -> tuple[int, int, float, float]:
    coupler = opensim.CoordinateCouplerConstraint.safeDownCast(constraint)
    if coupler is None:
        raise unknown_feature("constraint", constraint)
    leaders = coupler.getIndependentCoordinateNames()
    kind, numbers = function_numbers(coupler.getFunction(), constraint)
    if leaders.size() != 1 or kind != LINEAR:
        raise unknown_feature("coupler that is not linear in one coordinate", constraint)
    factor = float(coupler.getPropertyByName("scale_factor").toString())
    follower = names.index(coupler.getDependentCoordinateName())
    return follower, names.index(leaders.get(0)), factor * numbers[0], factor * numbers[1]
