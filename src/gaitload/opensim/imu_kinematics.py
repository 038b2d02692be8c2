"""Inertial sensors to joint angles: placement on a model that stands, then inverse kinematics of orientations."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from gaitload.imu.rotations import rotation_of
from gaitload.io.forces import read_foot_forces
from gaitload.io.imu.quaternion_sto import read_quaternion_sto
from gaitload.io.sto import Table, read_sto, write_sto
from gaitload.io.trc import read_markers
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.inverse_kinematics import solve
from gaitload.mechanics.kinematics import body_poses
from gaitload.mechanics.orientation_kinematics import solve_orientations
from gaitload.opensim.engines.compiled import coordinates_of
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.tools.imu_kinematics import imu_inverse_kinematics

UNLOADED_SHARE = 0.05
"""What an unloaded foot counts beside one that carries body weight, so that in flight both feet count."""


def solve_imu_kinematics(
    *,
    engine: str,
    model: str,
    orientations_sto: str,
    standing: dict[str, list[float]],
    pose: dict,
    mountings: dict[str, list[float]],
    weights: dict[str, dict[str, float]],
    coordinates_mot: dict[str, str],
    errors_sto: dict[str, str],
    where: str,
) -> dict:
    """Solve every frame with each set of weights; write the coordinates and the error of every sensor.

    Parameters
    ----------
    engine
        `tools`: OpenSim's tool; others: a compiled kernel with the same cost.
    model
        Scaled model.
    orientations_sto
        Sensors in the ground frame (Y up), each named by the body that carries it.
    standing
        Body -> orientation of its sensor (w, x, y, z) in the ground frame while the person stood; empty where
        `mountings` are known.
    pose
        How the person stood, see `standing_pose`.
    mountings
        Body -> turn (w, x, y, z) of its sensor's frame into the body's; empty where the person stood.
    weights
        Set -> body -> weight of the squared angle.
    coordinates_mot, errors_sto
        Set -> file to write: coordinates (degrees and m) and shortest angle of every sensor (rad; NaN where it was not
        seen). Translations, of which orientations tell nothing, stay at the model's default.

    Returns
    -------
    dict
        `mountings`: as used.
    """
    sensors = read_quaternion_sto(Path(orientations_sto))
    mechanism = export_mechanism(model)
    worn = mountings or placed(mechanism, standing, standing_pose(mechanism, pose, where))
    for name, chosen in weights.items():
        if engine == "tools":
            table, errors = imu_inverse_kinematics(
                model=model, orientations_sto=orientations_sto, mountings=worn, weights=chosen, where=where
            )
            errors = _where_seen(errors, sensors)
        else:
            table, errors = _by_kernel(mechanism, sensors, worn, chosen)
        write_sto(Path(coordinates_mot[name]), table, name="coordinates", in_degrees=True)
        write_sto(Path(errors_sto[name]), errors, name="orientation_errors", in_degrees=False)
    return {"mountings": worn}


def standing_pose(mechanism: Mechanism, pose: dict, where: str) -> np.ndarray:
    """Coordinates, shape (C,), of somebody who stands.

    Parameters
    ----------
    pose
        `facing_rad` and `rotation`: the model's default pose, with the coordinate of that name turned about the
        vertical to where the person faced. `markers_trc` and `weights`: the pose by the markers of a static trial.
        `coordinates_mot` and `span_s`: the mean pose of a part of a trial.
    """
    if "markers_trc" in pose:
        seen = read_markers(Path(pose["markers_trc"]))
        names = [name for name in seen.names if name in mechanism.marker_names and pose["weights"].get(name, 0) > 0]
        middle = np.stack([np.nanmedian(seen.of(name), axis=0) for name in names])
        q, _ = solve(mechanism, middle[None], np.array([pose["weights"][name] for name in names]), markers=names)
        return q[0]
    if "coordinates_mot" in pose:
        time_s, q = coordinates_of(Path(pose["coordinates_mot"]), mechanism, where)
        return q[(time_s >= pose["span_s"][0]) & (time_s <= pose["span_s"][1])].mean(axis=0)
    # ASSUME: people stand in the model's default pose (upright, straight legs) where imu_kinematics.pose is neutral.
    q = mechanism.coordinates.default.copy()
    q[mechanism.coordinate_names.index(pose["rotation"])] += pose["facing_rad"]
    return q


def placed(mechanism: Mechanism, standing: Mapping[str, list[float]], q: np.ndarray) -> dict[str, list[float]]:
    """Mountings (body -> w, x, y, z) of sensors on somebody who stands in a pose, as OpenSim's IMUPlacer finds them."""
    poses = body_poses(mechanism, q[None])
    return {
        body: (Rotation.from_matrix(poses[body][0][0]).inv() * Rotation.from_quat(sensor, scalar_first=True))
        .as_quat(canonical=True, scalar_first=True)
        .tolist()
        for body, sensor in standing.items()
    }


def stand_where_seen(
    *,
    model: str,
    sensed_mot: str,
    seen_mot: str,
    forces_mot: str,
    feet: list[str],
    translations: list[str],
    output_mot: str,
    where: str,
) -> dict:
    """Move a motion known by its angles alone to where the feet were seen, the loaded foot before the other.

    Parameters
    ----------
    sensed_mot
        Angles by sensors; on some of the times of the others.
    seen_mot
        Coordinates by markers.
    forces_mot
        Ground reaction per foot: by it the feet count.
    feet
        Bodies, right and left.
    translations
        Coordinates that move the whole model along ground X, Y and Z.
    output_mot
        `sensed_mot` with these coordinates.

    Returns
    -------
    dict
        `foot_rms_m`: what is left between the feet, root mean square over time by how much each counts.
    """
    mechanism = export_mechanism(model)
    seen_s, seen_q = coordinates_of(Path(seen_mot), mechanism, where)
    time_s, q = coordinates_of(Path(sensed_mot), mechanism, where)
    rows = np.searchsorted(seen_s, time_s - 0.5 * (seen_s[1] - seen_s[0]))
    forces = read_foot_forces(Path(forces_mot))
    upward = np.stack(
        [np.interp(time_s, forces.time_s, forces.force_ground_n[:, side, 1]) for side in range(2)], axis=1
    )
    share = np.maximum(upward, 0) / max(float(upward.max()), 1.0) + UNLOADED_SHARE
    share /= share.sum(axis=1, keepdims=True)
    there, here = body_poses(mechanism, seen_q[rows]), body_poses(mechanism, q)
    apart = np.stack([there[foot][1] - here[foot][1] for foot in feet], axis=1)
    shift = np.einsum("ts,tsk->tk", share, apart)
    table = read_sto(Path(sensed_mot))
    columns = [table.names.index(name) for name in translations]
    values = table.values.copy()
    values[:, columns] += shift
    write_sto(
        Path(output_mot),
        Table(table.names, table.time_s, values, table.in_degrees),
        name="coordinates",
        in_degrees=True,
    )
    left = np.sum((apart - shift[:, None]) ** 2, axis=2)
    return {"foot_rms_m": float(np.sqrt(np.mean(np.sum(share * left, axis=1))))}


def _by_kernel(
    mechanism: Mechanism, sensors: tuple, mountings: Mapping[str, list[float]], weights: Mapping[str, float]
) -> tuple[Table, Table]:
    bodies = [sensor.name for sensor in sensors]
    observed = np.stack([_matrices(sensor.orientation_wxyz) for sensor in sensors], axis=1)
    q, errors = solve_orientations(
        mechanism,
        observed,
        np.array([weights[body] for body in bodies]),
        bodies=bodies,
        mountings=np.stack([_matrices(np.array([mountings[body]]))[0] for body in bodies]),
    )
    # While no sensor at all is seen the pose is held, as a joint is whose sensors are missing; the errors tell.
    known = np.isfinite(q).all(axis=1)
    q = q[np.maximum.accumulate(np.where(known, np.arange(len(q)), 0))]
    # Coordinates that follow others are coupled ones to OpenSim, which leaves them in radians in any file.
    values = np.where(mechanism.coordinates.rotational, np.degrees(q), q)
    time_s = sensors[0].time_s
    return Table(mechanism.coordinate_names, time_s, values, in_degrees=True), Table(
        tuple(bodies), time_s, errors, in_degrees=False
    )


def _where_seen(errors: Table, sensors: tuple) -> Table:
    """Errors with NaN where a sensor was not seen: the tool writes zero there."""
    seen = {sensor.name: np.isfinite(sensor.orientation_wxyz).all(axis=1) for sensor in sensors}
    values = np.stack([np.where(seen[name], errors.column(name), np.nan) for name in errors.names], axis=1)
    return Table(errors.names, errors.time_s, values, errors.in_degrees)


def _matrices(orientation_wxyz: np.ndarray) -> np.ndarray:
    """Rotation matrices, shape (T, 3, 3); NaN where missing."""
    seen = np.isfinite(orientation_wxyz).all(axis=1)
    matrices = np.full((len(orientation_wxyz), 3, 3), np.nan)
    matrices[seen] = rotation_of(orientation_wxyz[seen]).as_matrix()
    return matrices
