"""What is exported, and refused."""

from __future__ import annotations

import numpy as np
import opensim
import pytest

from gaitload.errors import ConfigError
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.model import open_model


def test_parents_come_before_their_children(mechanism):
    assert (mechanism.tree.parent < np.arange(1, len(mechanism.bodies))).all()


def test_the_patella_follows_the_knee(mechanism):
    names, coordinates = mechanism.coordinate_names, mechanism.coordinates
    follower = names.index("knee_angle_r_beta")
    assert names[coordinates.leader[follower]] == "knee_angle_r"
    assert (coordinates.slope[follower], coordinates.intercept[follower]) == (1.0, 0.0)
    assert coordinates.leader[names.index("hip_flexion_l")] == names.index("hip_flexion_l")


def _sphere(model):
    body = model.updBodySet().get("femur_r")
    wrap = opensim.WrapSphere()
    wrap.setName("ball")
    wrap.set_radius(0.01)
    body.addWrapObject(wrap)
    model.finalizeConnections()
    model.updMuscles().get("soleus_r").updGeometryPath().addPathWrap(wrap)
    return "ball"


def _limit_force(model):
    force = opensim.CoordinateLimitForce("knee_angle_r", 100.0, 1.0, 0.0, 1.0, 0.1, 10.0)
    force.setName("ligament")
    model.addForce(force)
    return "ligament"


def _conditional_point(model):
    points = model.updMuscles().get("soleus_r").updGeometryPath().updPathPointSet()
    point = opensim.ConditionalPathPoint()
    point.setName("sometimes")
    points.cloneAndAppend(point)
    point = opensim.ConditionalPathPoint.safeDownCast(points.get(points.getSize() - 1))
    point.setParentFrame(model.getBodySet().get("tibia_r"))
    point.setCoordinate(model.getCoordinateSet().get("knee_angle_r"))
    return "sometimes"


def _thelen(model):
    muscle = opensim.Thelen2003Muscle("thelen", 100.0, 0.1, 0.1, 0.0)
    for name in ("femur_r", "tibia_r"):
        muscle.addNewPathPoint(f"on_{name}", model.getBodySet().get(name), opensim.Vec3(0.01))
    model.addForce(muscle)
    return "thelen"


def _ball_joint(model):
    body = opensim.Body("ball", 1.0, opensim.Vec3(0), opensim.Inertia(1, 1, 1))
    model.addBody(body)
    model.addJoint(opensim.BallJoint("round", model.getGround(), body))
    return "round"


@pytest.mark.parametrize("change", [_sphere, _limit_force, _conditional_point, _thelen, _ball_joint])
def test_an_unknown_feature_is_refused_by_its_name(change, model_of, tmp_path):
    model = open_model(model_of("rajagopal2015"))
    name = change(model)
    model.finalizeConnections()
    model.printToXML(str(tmp_path / "changed.osim"))
    with pytest.raises(ConfigError, match=name) as caught:
        export_mechanism(tmp_path / "changed.osim")
    assert caught.value.code == "MODEL_FEATURE"
