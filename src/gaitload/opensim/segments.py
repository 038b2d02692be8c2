"""How the segments of a person turned in a trial, as a table of quaternions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from gaitload.errors import ConfigError
from gaitload.imu.rotations import canonical
from gaitload.io.imu.quaternion_sto import write_quaternion_sto
from gaitload.io.trc import read_markers
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.kinematics import body_poses
from gaitload.opensim.engines.compiled import coordinates_of
from gaitload.opensim.export import export_mechanism
from gaitload.sync.clusters import cluster_orientations
from gaitload.trial import ImuRecording

_NO_MARKERS = np.empty((0, 0, 3))


def write_segment_orientations(
    *, model: str, coordinates_mot: str, bodies: list[str], orientations_sto: str, where: str
) -> dict:
    """Write the orientations of bodies along a motion, from their frames to the ground frame (Y up).

    Raises
    ------
    ConfigError
        SENSOR_BODY: a body that the model does not have; MODEL_FEATURE.
    """
    mechanism = _model_with(bodies, model, where)
    time_s, q = coordinates_of(Path(coordinates_mot), mechanism, where)
    poses = body_poses(mechanism, q)
    turned = {body: Rotation.from_matrix(poses[body][0]).as_quat(scalar_first=True) for body in bodies}
    _write(Path(orientations_sto), time_s, turned)
    return {}


def write_cluster_orientations(
    *, model: str, markers_trc: str, bodies: list[str], orientations_sto: str, where: str
) -> dict:
    """Write the orientations of bodies as the markers on each of them say, without a joint between them.

    The places of the markers on a body are those of the scaled model, so that the frames are the bodies' own.

    Raises
    ------
    ConfigError
        SENSOR_BODY: a body that the model does not have; MODEL_FEATURE.
    DataError
        SEGMENT_MARKERS_FEW: a body with fewer than three markers, or with all of them on a line.
    """
    mechanism = _model_with(bodies, model, where)
    seen = read_markers(Path(markers_trc))
    turned = {}
    for body in bodies:
        on_it = np.flatnonzero(mechanism.marker_body == mechanism.bodies.index(body))
        rows = [row for row in on_it if mechanism.marker_names[row] in seen.names]
        places = np.stack([seen.of(mechanism.marker_names[row]) for row in rows], axis=1) if rows else _NO_MARKERS
        turned[body] = cluster_orientations(places, mechanism.marker_position[rows], where=f"{where}, {body}")
    _write(Path(orientations_sto), seen.time_s, turned)
    return {}


def _model_with(bodies: list[str], model: str, where: str) -> Mechanism:
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
    return mechanism


def _write(path: Path, time_s: np.ndarray, orientations: dict[str, np.ndarray]) -> None:
    nothing = np.full((len(time_s), 3), np.nan)
    write_quaternion_sto(
        path,
        [
            ImuRecording(body, time_s, nothing, nothing, orientation_wxyz=canonical(orientation))
            for body, orientation in orientations.items()
        ],
    )
