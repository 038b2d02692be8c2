"""Markers on the model: those of the marker set, moved to where they were really stuck."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import opensim

from gaitload.conventions import SIDES
from gaitload.errors import ConfigError
from gaitload.models.family import Family
from gaitload.models.markersets import MarkerSet
from gaitload.opensim.model import array, vector
from gaitload.opensim.pose import assemble

JOINT_CENTRE_WEIGHT = 50.0
"""Weight of joint centres in the static pose, as much as the knee's own markers. With much more, knees that stand
beside the line from hip to ankle are reached by turning the thigh about its axis (20 deg at 1000, for the runners of
fukuchi2017); with much less, skin decides where the joints are."""

CENTRE_PREFIX = "gaitload_"
"""Keeps joint centres apart from the markers of the set, which may well have some of the same name."""

Points = Mapping[str, np.ndarray]
"""Name -> position, shape (3,), ground frame, m."""


def replace_markers(model: opensim.Model, markers: MarkerSet, family: Family) -> None:
    """Leave exactly the set's markers and the joint centres on the model."""
    model.updMarkerSet().clearAndDestroy()
    places = [(marker.name, marker.body, marker.position_m) for marker in markers.markers]
    for name, body, position in places + [
        (_centre_marker(name), body, position) for name, body, position in family.joint_centre_points()
    ]:
        if not model.getBodySet().contains(body):
            raise ConfigError(
                expected="a body of the model",
                found=body,
                where=f"marker set {markers.name}, marker {name}",
                do="Correct the body in the marker set table.",
                code="MARKER_SET_INVALID",
            )
        model.addMarker(opensim.Marker(name, model.getBodySet().get(body), vector(position)))
    model.finalizeConnections()


def landmarks_in_default_pose(model: opensim.Model, markers: MarkerSet, family: Family) -> dict[str, np.ndarray]:
    """Landmarks and joint centres of a model in its default pose, ground frame, m."""
    state = model.initSystem()
    places = {marker.landmark: marker.name for marker in markers.markers if marker.landmark and marker.placed}
    places |= {name: _centre_marker(name) for name, _, _ in family.joint_centre_points()}
    return {
        landmark: array(model.getMarkerSet().get(name).getLocationInGround(state)) for landmark, name in places.items()
    }


def register(
    model: opensim.Model,
    family: Family,
    markers: MarkerSet,
    statics: Sequence[Points],
    centres: Points,
    *,
    assumed: Collection[str] = (),
) -> dict[str, dict[str, float]]:
    """Pose the scaled model as the person stood, then move every marker to where it was seen.

    People stand with hyperextended knees, which the ranges of models forbid; a pose that must not would turn the hips
    instead. So the ranges of the legs do not hold here, and those that the person oversteps are widened to what was
    seen.

    Parameters
    ----------
    statics
        Markers of each static trial. Later ones place their markers again, in the pose that the landmarks of the
        earlier ones decide: what the trials wear is what the last static trial shows.
    centres
        Joint centres in the first static trial.
    assumed
        Those of them that were not measured: they place the leg, and say nothing of where the knee is.

    Returns
    -------
    dict
        `marker_errors_m`: distance of every weighted marker in the first pose, before the move; `widened_ranges`:
        coordinate -> new limit (rad or m); `knee_centre_aside_m`: side -> where the knee centre was measured in the
        first pose, from where the model has it, along z of the tibia; `static_angles_deg`: angles of the legs in the
        first pose; `static_heel_up_deg`: side -> how far the foot is tilted in it, the heel up, from where it stands
        flat.
    """
    legs = [model.updCoordinateSet().get(f"{name}_{side}") for name in family.side_coordinates for side in SIDES]
    clamped = [coordinate for coordinate in legs if coordinate.getDefaultClamped()]
    for coordinate in clamped:
        coordinate.setDefaultClamped(False)
    anatomical = {marker.name: marker.static_weight if marker.placed else 0.0 for marker in markers.markers}
    targets = {**statics[0], **{_centre_marker(name): centre for name, centre in centres.items()}}
    weights = anatomical | {_centre_marker(name): JOINT_CENTRE_WEIGHT for name in centres}
    state = _posed(model, targets, weights)
    errors = {
        name.removeprefix(CENTRE_PREFIX): float(np.linalg.norm(_location(model, state, name) - target))
        for name, target in targets.items()
        if weights[name] > 0
    }
    measured = {name: centre for name, centre in centres.items() if name not in assumed}
    aside = {side: _aside(model, state, f"knee_centre_{side}", measured) for side in SIDES}
    angles = {coordinate.getName(): float(np.degrees(coordinate.getValue(state))) for coordinate in legs}
    heels_up = {side: _heel_up_deg(model, state, family.foot(side)) for side in SIDES}
    _move_markers(model, state, statics[0])
    widened = _widen_ranges(clamped, state)
    for points in statics[1:]:
        state = _posed(model, points, anatomical)
        _move_markers(model, state, points)
        widened |= _widen_ranges(clamped, state)
    for coordinate in clamped:
        coordinate.setDefaultClamped(True)
    known = {side: value for side, value in aside.items() if value is not None}
    return {
        "marker_errors_m": errors,
        "widened_ranges": widened,
        "knee_centre_aside_m": known,
        "static_angles_deg": angles,
        "static_heel_up_deg": heels_up,
    }


def _aside(model: opensim.Model, state: opensim.State, centre: str, centres: Points) -> float | None:
    """How far beside (z of its body) a joint centre of the posed model it was measured; None where it was not (m)."""
    if centre not in centres:
        return None
    marker, ground = model.getMarkerSet().get(_centre_marker(centre)), model.getGround()
    place = ground.findStationLocationInAnotherFrame(state, vector(centres[centre]), marker.getParentFrame())
    return float(place.get(2) - marker.get_location().get(2))


def _heel_up_deg(model: opensim.Model, state: opensim.State, body: str) -> float:
    """Pitch of a foot whose frame lies level where it stands flat (deg); above zero the heel is up."""
    ahead = array(model.getBodySet().get(body).expressVectorInGround(state, opensim.Vec3(1, 0, 0)))
    return float(np.degrees(np.arctan2(-ahead[1], np.hypot(ahead[0], ahead[2]))))


def _widen_ranges(coordinates: Sequence[opensim.Coordinate], state: opensim.State) -> dict[str, float]:
    """Let ranges include the value of the pose; returns the new limits."""
    widened = {}
    for coordinate in coordinates:
        value = coordinate.getValue(state)
        if value < coordinate.getRangeMin():
            coordinate.setRangeMin(value)
            widened[coordinate.getName()] = value
        elif value > coordinate.getRangeMax():
            coordinate.setRangeMax(value)
            widened[coordinate.getName()] = value
    return widened


def _posed(model: opensim.Model, targets: Points, weights: Mapping[str, float]) -> opensim.State:
    state = model.initSystem()
    assemble(model, state, targets, weights)
    model.realizePosition(state)
    return state


def _location(model: opensim.Model, state: opensim.State, marker: str) -> np.ndarray:
    return array(model.getMarkerSet().get(marker).getLocationInGround(state))


def _move_markers(model: opensim.Model, state: opensim.State, points: Points) -> None:
    """Put markers of a posed model where they were seen, each in the frame of its own body."""
    ground = model.getGround()
    places = {
        name: ground.findStationLocationInAnotherFrame(
            state, vector(point), model.getMarkerSet().get(name).getParentFrame()
        )
        for name, point in points.items()
    }
    for name, place in places.items():
        model.updMarkerSet().get(name).set_location(place)


def remove_joint_centre_markers(model: opensim.Model, family: Family) -> None:
    """Take off what `replace_markers` added beside the set's own markers."""
    for name, _, _ in family.joint_centre_points():
        markers = model.updMarkerSet()
        markers.remove(markers.getIndex(_centre_marker(name)))


def remove_unplaced(model: opensim.Model, markers: MarkerSet, registered: Collection[str]) -> list[str]:
    """Take off markers of which neither set, landmark nor static trial says the place; returns their names."""
    names = [marker.name for marker in markers.markers if not marker.placed and marker.name not in registered]
    for name in names:
        markers_of_model = model.updMarkerSet()
        markers_of_model.remove(markers_of_model.getIndex(name))
    return names


def _centre_marker(landmark: str) -> str:
    return f"{CENTRE_PREFIX}{landmark}"
