"""Muscles and their paths as plain arrays."""

from __future__ import annotations

import math
from itertools import chain

import numpy as np
import opensim

from gaitload.mechanics.body_tree import Muscles, Paths, spanned_bodies
from gaitload.opensim.export_features import unknown_feature
from gaitload.opensim.model import array, rotation_matrix

SIDES = {"all": (0, 0), "x": (1, 0), "y": (1, 1), "z": (1, 2), "-x": (-1, 0), "-y": (-1, 1), "-z": (-1, 2)}
"""Quadrant of a wrap -> sign and axis of the side on which a path must stay."""

_SIGNIFICANT = 1e-14
"""Pennation angles below this are none (Simbody: SignificantReal, 2e-14)."""

CURVE_NODES = 1001
"""Nodes of a muscle curve. Between them a cubic with OpenSim's own slopes: its error is below 1e-8 of the maximum
(measured against `calcValue`); 101 nodes leave 1e-5, more only cost time at export."""


def export_paths(model: opensim.Model, bodies: tuple[str, ...], parent: np.ndarray) -> Paths:
    """Fixed points and cylinders of every muscle's path."""
    muscles = [model.getMuscles().get(index) for index in range(model.getMuscles().getSize())]
    points = [_points(muscle, bodies) for muscle in muscles]
    wraps = [_wraps(muscle, bodies) for muscle in muscles]
    spans = [
        spanned_bodies(
            {point[0] for point in own} | {wrap[0] for wrap in around}, parent, through_ground=len(around) > 1
        )
        for own, around in zip(points, wraps, strict=True)
    ]
    flat_points, flat_wraps = list(chain(*points)), list(chain(*wraps))
    columns = list(zip(*flat_wraps, strict=True)) if flat_wraps else [()] * 9
    integer, floating = {"dtype": np.int64}, {"dtype": np.float64}
    return Paths(
        point_start=_starts(points),
        point_body=np.array([point[0] for point in flat_points], **integer),
        point_position=np.array([point[1] for point in flat_points], **floating).reshape(-1, 3),
        wrap_start=_starts(wraps),
        wrap_body=np.array(columns[0], **integer),
        wrap_rotation=np.array(columns[1], **floating).reshape(-1, 3, 3),
        wrap_position=np.array(columns[2], **floating).reshape(-1, 3),
        wrap_radius_m=np.array(columns[3], **floating),
        wrap_length_m=np.array(columns[4], **floating),
        wrap_sign=np.array(columns[5], **integer),
        wrap_axis=np.array(columns[6], **integer),
        wrap_first=np.array(columns[7], **integer),
        wrap_last=np.array(columns[8], **integer),
        span_start=_starts(spans),
        span_body=np.array(list(chain(*spans)), **integer),
    )


def export_muscles(model: opensim.Model) -> Muscles:
    """Parameters of every muscle, and the curves they share."""
    muscles = [_millard(model.getMuscles().get(index)) for index in range(model.getMuscles().getSize())]
    curves: dict[str, int] = {}
    tables: list[tuple[float, float, np.ndarray]] = []

    def row_of(curve: opensim.Function) -> int:
        key = _fingerprint(curve)
        if key not in curves:
            curves[key] = len(tables)
            tables.append(_table(curve))
        return curves[key]

    rows = np.array(
        [
            [row_of(curve) for curve in (
                muscle.getActiveForceLengthCurve(),
                muscle.getForceVelocityCurve(),
                muscle.getFiberForceLengthCurve(),
                muscle.getTendonForceLengthCurve(),
            )]
            for muscle in muscles
        ],
        dtype=np.int64,
    ).reshape(-1, 4)  # fmt: skip
    optimal = np.array([muscle.getOptimalFiberLength() for muscle in muscles])
    width = optimal * np.sin([muscle.getPennationAngleAtOptimalFiberLength() for muscle in muscles])
    most = np.array([muscle.get_maximum_pennation_angle() for muscle in muscles])
    return Muscles(
        force_max_n=np.array([muscle.getMaxIsometricForce() for muscle in muscles]),
        fiber_optimal_m=optimal,
        tendon_slack_m=np.array([muscle.getTendonSlackLength() for muscle in muscles]),
        width_m=width,
        pennation_max_sine=np.sin(most),
        pennation_max_cosine=np.cos(most),
        pennated_min_m=np.where(most > _SIGNIFICANT, width / np.maximum(np.sin(most), _SIGNIFICANT), 0.01 * optimal),
        velocity_max=np.array([muscle.getMaxContractionVelocity() for muscle in muscles]),
        fiber_min_m=np.array([muscle.getMinimumFiberLength() for muscle in muscles]),
        activation_min=np.array([muscle.getMinControl() for muscle in muscles]),
        activation_max=np.array([muscle.getMaxControl() for muscle in muscles]),
        tendon_strain=np.array([muscle.getTendonForceLengthCurve().getStrainAtOneNormForce() for muscle in muscles]),
        active_curve=np.ascontiguousarray(rows[:, 0]),
        velocity_curve=np.ascontiguousarray(rows[:, 1]),
        passive_curve=np.ascontiguousarray(rows[:, 2]),
        tendon_curve=np.ascontiguousarray(rows[:, 3]),
        curve_first=np.array([table[0] for table in tables]),
        curve_step=np.array([table[1] for table in tables]),
        curve_nodes=np.array([table[2] for table in tables]).reshape(-1, CURVE_NODES, 2),
    )


def _starts(groups: list[list]) -> np.ndarray:
    return np.cumsum([0, *map(len, groups)], dtype=np.int64)


def _millard(muscle: opensim.Muscle) -> opensim.Millard2012EquilibriumMuscle:
    found = opensim.Millard2012EquilibriumMuscle.safeDownCast(muscle)
    if found is None or not muscle.get_appliesForce():
        raise unknown_feature("muscle", muscle)
    return found


def _path(muscle: opensim.Muscle) -> opensim.GeometryPath:
    path = opensim.GeometryPath.safeDownCast(muscle.getPath())
    if path is None:
        raise unknown_feature("path of another kind in muscle", muscle)
    return path


def _points(muscle: opensim.Muscle, bodies: tuple[str, ...]) -> list[tuple[int, np.ndarray]]:
    found = []
    for point in _path(muscle).getPathPointSet():
        if point.getConcreteClassName() != "PathPoint":
            raise unknown_feature("path point", point)
        fixed, frame = opensim.PathPoint.safeDownCast(point), point.getParentFrame()
        to_body = frame.findTransformInBaseFrame()
        place = to_body.shiftFrameStationToBase(fixed.get_location())
        found.append((bodies.index(frame.findBaseFrame().getName()), array(place)))
    return found


def _wraps(muscle: opensim.Muscle, bodies: tuple[str, ...]) -> list[tuple]:
    path = _path(muscle)
    count, found = path.getPathPointSet().getSize(), []
    for wrap in path.getWrapSet():
        around = wrap.getWrapObject()
        cylinder = opensim.WrapCylinder.safeDownCast(around)
        if cylinder is None or not around.get_active():
            raise unknown_feature("wrap", around)
        outer, inner = cylinder.getFrame().findTransformInBaseFrame(), cylinder.getTransform()
        rotation = rotation_matrix(outer) @ rotation_matrix(inner)
        position = array(outer.p()) + rotation_matrix(outer) @ array(inner.p())
        sign, axis = SIDES[cylinder.get_quadrant().lower().removeprefix("+").replace("unassigned", "all")]
        body = bodies.index(cylinder.getFrame().findBaseFrame().getName())
        first = max(wrap.getStartPoint(), 1) - 1
        last = wrap.getEndPoint() - 1 if wrap.getEndPoint() >= 1 else count - 1
        size = (cylinder.get_radius(), cylinder.get_length())
        found.append((body, rotation, position, *size, sign, axis, first, last))
    return found


def _fingerprint(curve: opensim.Function) -> str:
    properties = [curve.getPropertyByIndex(index).toString() for index in range(curve.getNumProperties())]
    return " ".join([curve.getConcreteClassName(), *properties])


def _table(curve: opensim.Function) -> tuple[float, float, np.ndarray]:
    """First node, step, and values and slopes over the part that is not straight."""
    domain = curve.getCurveDomain()
    x = np.linspace(domain.get(0), domain.get(1), CURVE_NODES)
    nodes = np.array([(curve.calcValue(float(at)), curve.calcDerivative(float(at), 1)) for at in x])
    if not math.isfinite(float(np.abs(nodes).sum())):
        raise unknown_feature("muscle curve", curve)
    return float(x[0]), float(x[1] - x[0]), nodes
