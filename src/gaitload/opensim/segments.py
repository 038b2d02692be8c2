"""How the segments of a person turned in a trial, as a table of quaternions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from gaitload.errors import ConfigError
from gaitload.imu.rotations import canonical
from gaitload.io.imu.quaternion_sto import write_quaternion_sto
from gaitload.mechanics.kinematics import body_poses
from gaitload.opensim.engines.compiled import coordinates_of
from gaitload.opensim.export import export_mechanism
from gaitload.trial import ImuRecording


def write_segment_orientations(
    *, model: str, coordinates_mot: str, bodies: list[str], orientations_sto: str, where: str
) -> dict:
    """Write the orientations of bodies along a motion, from their frames to the ground frame (Y up).

    Raises
    ------
    ConfigError
        SENSOR_BODY: a body that the model does not have; MODEL_FEATURE.
    """
    mechanism = export_mechanism(model)
    strange = [body for body in bodies if body not in mechanism.bodies]
    if strange:
        raise ConfigError(
            expected=f"bodies of the model ({', '.join(mechanism.bodies[1:])})",
            found=", ".join(strange),
            where=f"{where}, imu_files in cohort.yaml",
            do="Correct the names.",
            code="SENSOR_BODY",
        )
    time_s, q = coordinates_of(Path(coordinates_mot), mechanism, where)
    poses, nothing = body_poses(mechanism, q), np.full((len(time_s), 3), np.nan)
    quaternions = {body: Rotation.from_matrix(poses[body][0]).as_quat(scalar_first=True) for body in bodies}
    recordings = [
        ImuRecording(body, time_s, nothing, nothing, orientation_wxyz=canonical(quaternions[body])) for body in bodies
    ]
    write_quaternion_sto(Path(orientations_sto), recordings)
    return {}
