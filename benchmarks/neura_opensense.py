"""Joint angles by the recorded sensors of neura_sparse01 against marker inverse kinematics of the same walk.

The person walks there and back, and models cannot turn round: the marker solution takes a known turn about the vertical
off every frame (`neura_model.Solved.ahead`), and the sensors, once in the ground frame, have the same turn taken off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.io import loadmat
from scipy.spatial.transform import Rotation

from benchmarks.agreement import angle_errors
from benchmarks.neura_model import BODIES, Solved, solved_walk
from benchmarks.neura_sparse import BACK, RATE_HZ, SENSORS, STANDING, THERE
from gaitload.baselines.standing import facing_rad, in_ground, mean_orientations
from gaitload.conventions import SIDES
from gaitload.imu.clock import on_common_clock
from gaitload.imu.orientation import resample_orientation, with_orientation
from gaitload.io.imu.reader import read_imu
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.orientation_kinematics import solve_orientations
from gaitload.opensim.imu_kinematics import placed, standing_pose
from gaitload.sync.quaternions import from_matrix, matrix
from gaitload.sync.result import Synchronisation
from gaitload.sync.search import synchronise
from gaitload.sync.streams import Orientations
from gaitload.trial import ImuRecording

LEG_ANGLES = ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle")
ANGLES = ("pelvis_tilt", "pelvis_list", *(f"{angle}_{side}" for angle in LEG_ANGLES for side in SIDES))
WALK = slice(THERE.start, BACK.stop)
FUSIONS = {"own": "the sensors' own", "6d": "VQF, 6D", "9d": "VQF, 9D"}
SHANKS = {"tibia": "at mid-shank", "ankle": "above the ankle"}
DISTAL = ("tibia_r", "tibia_l", "calcn_r", "calcn_l")
WEIGHTS = {"distal 0.5": 0.5, "equal": 1.0}
WHERE = "neura_sparse01"


def measured(folder: Path) -> dict:
    """Errors of every angle (deg) for every way to use the sensors, and what synchronisation said."""
    solved = solved_walk(loadmat(folder / "rawvicon_S02-Trial-Walk-1.mat", squeeze_me=True))
    found: dict = {"clock": {}, "cases": []}
    for fusion, shank in (("own", "tibia"), ("own", "ankle"), ("6d", "tibia"), ("9d", "tibia")):
        sensors = read_sensors(folder, fusion, shank)
        clock = synchronised(sensors, solved)
        middle_s = float(clock.to_mocap(clock.centre_s) - clock.centre_s)
        found["clock"][f"{fusion} {shank}"] = {"offset_s": middle_s, "codes": list(clock.codes)} | clock.numbers()
        for case, q in _ways(sensors, clock, solved, fusion):
            errors = angle_errors(solved.mechanism.coordinate_names, q[WALK], solved.q[WALK], ANGLES)
            found["cases"].append({"fusion": fusion, "shank": shank} | case | {"angles": errors})
    return found


def read_sensors(folder: Path, fusion: str = "own", shank: str = "tibia") -> dict[str, ImuRecording]:
    """Recordings by the bodies that carry them, each with an orientation, on one clock."""
    devices = {
        BODIES[segment]: device
        for name, (segment, device) in SENSORS.items()
        if name.split("_")[0] not in SHANKS or name.startswith(shank)
    }
    recordings = on_common_clock(
        read_imu([folder / "rawimu" / f"S02-Trial-Walk-1-000_{device}.txt" for device in devices.values()])
    )
    if fusion != "own":
        recordings = [replace(one, orientation_wxyz=None) for one in recordings]
    return {
        body: with_orientation(one, magnetometer=fusion == "9d") for body, one in zip(devices, recordings, strict=True)
    }


def synchronised(sensors: Mapping[str, ImuRecording], solved: Solved) -> Synchronisation:
    """Clock and frames of the sensors against the segments of the marker solution, as they were recorded."""
    poses = solved.poses()
    time_s = np.arange(len(solved.q)) / RATE_HZ
    segments = np.stack([from_matrix(poses[body][0]) for body in sensors], axis=1)
    recorded = np.stack([one.orientation_wxyz for one in sensors.values()], axis=1)
    imu_s = next(iter(sensors.values())).time_s
    return synchronise(Orientations(tuple(sensors), imu_s, recorded), Orientations(tuple(sensors), time_s, segments))


def ahead_on_mocap_clock(
    sensors: Mapping[str, ImuRecording], clock: Synchronisation, solved: Solved, heading: str
) -> np.ndarray:
    """Sensors in the ground frame of a person who faces X, shape (T, S, 4), at the times of the markers.

    `heading` is `each`, with its creep; `held`, each without; or `common`.
    """
    frames = clock.frames
    psi, rate = frames.heading_rad, frames.heading_rate_rad_per_s
    if heading == "common":
        psi = np.full_like(psi, np.angle(np.exp(1j * psi).mean()))
    if heading != "each":
        rate = np.zeros_like(rate)
    imu_s = next(iter(sensors.values())).time_s
    recorded = np.stack([one.orientation_wxyz for one in sensors.values()], axis=1)
    turned = in_ground(recorded, imu_s, heading_rad=psi, heading_rate_rad_per_s=rate, centre_s=clock.centre_s)
    time_s, there_s = np.arange(len(solved.q)) / RATE_HZ, clock.to_mocap(imu_s)
    turned = np.stack([resample_orientation(each, there_s, time_s) for each in np.moveaxis(turned, 1, 0)], axis=1)
    return _facing_ahead(solved.ahead, turned)


def _facing_ahead(ahead: np.ndarray, turned: np.ndarray) -> np.ndarray:
    """Orientations, shape (T, S, 4), after the turns `ahead`, shape (T, 3, 3); NaN stays."""
    seen = np.isfinite(turned).all(axis=2)
    after = np.full_like(turned, np.nan)
    after[seen] = from_matrix((ahead[:, None] @ matrix(turned))[seen])
    return after


def mounted(
    mechanism: Mechanism, standing: Mapping[str, list[float]], clock: Synchronisation, pose: str, solved: Solved
) -> dict[str, list[float]]:
    """Mountings of sensors by the standing, in the pose that markers saw or in the model's default one."""
    if pose == "markers":
        return placed(mechanism, standing, solved.q[STANDING].mean(axis=0))
    pelvis = list(standing).index("pelvis")
    sitting = matrix(clock.frames.sensor_to_segment_wxyz[pelvis])
    facing = facing_rad(matrix(np.array(standing["pelvis"])) @ sitting.T)
    neutral = standing_pose(mechanism, {"rotation": "pelvis_rotation", "facing_rad": facing}, WHERE)
    return placed(mechanism, standing, neutral)


def solved_by_sensors(
    mechanism: Mechanism, sensors: np.ndarray, mountings: Mapping[str, list[float]], distal: float
) -> np.ndarray:
    """Coordinates, shape (T, C), of every frame."""
    q, _ = solve_orientations(
        mechanism,
        np.where(np.isfinite(sensors).all(axis=2)[..., None, None], matrix(sensors), np.nan),
        np.array([distal if body in DISTAL else 1.0 for body in mountings]),
        bodies=list(mountings),
        mountings=Rotation.from_quat(list(mountings.values()), scalar_first=True).as_matrix(),
    )
    return q


def _ways(
    sensors: Mapping[str, ImuRecording], clock: Synchronisation, solved: Solved, fusion: str
) -> Iterator[tuple[dict, np.ndarray]]:
    # Estimated from raw signals without a magnetometer, each heading begins anywhere: none is common.
    for heading in ("each", "held") if fusion == "6d" else ("each", "held", "common"):
        turned = ahead_on_mocap_clock(sensors, clock, solved, heading)
        standing = dict(zip(sensors, mean_orientations(turned[STANDING], WHERE).tolist(), strict=True))
        ways = {pose: mounted(solved.mechanism, standing, clock, pose, solved) for pose in ("markers", "neutral")}
        for pose, mountings in ways.items():
            for weights, distal in WEIGHTS.items():
                case = {"heading": heading, "pose": pose, "weights": weights}
                yield case, solved_by_sensors(solved.mechanism, turned, mountings, distal)
