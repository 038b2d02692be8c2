"""Virtual sensors beside recorded ones on one walk: Sy et al., doi 10.7910/DVN/9QDD5J (Xsens MTw and Vicon, 100 Hz).

The segments' poses come from inverse kinematics of the scaled model, from each segment's own markers and joint centres,
or from Vicon's skeleton, whose knees are hinges. How each sensor sits on its segment, and one offset of the sensors'
clock, are fitted on the way there and held on the way back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.io import loadmat
from scipy.optimize import least_squares, minimize_scalar
from scipy.signal import welch
from scipy.spatial.transform import Rotation

from benchmarks.agreement import agreement
from gaitload.imu.placement import Placement
from gaitload.imu.virtual import SensorClock, ideal_imu
from gaitload.signals.filters import lowpass
from gaitload.trial import ImuRecording

SENSORS = {
    "pelvis": ("Root", "00B40B91"),
    "femur_r": ("R_Femur", "00B40C3C"),
    "femur_l": ("L_Femur", "00B40C45"),
    "tibia_r": ("R_Tibia", "00B40C35"),
    "tibia_l": ("L_Tibia", "00B40BA5"),
    "ankle_r": ("R_Tibia", "00B40C47"),
    "ankle_l": ("L_Tibia", "00B40C44"),
    "foot_r": ("R_Foot", "00B40C48"),
    "foot_l": ("L_Foot", "00B40C55"),
}
"""Sensor -> segment of the skeleton, device. The tibiae carry two; what the other two devices sat on is not told."""
MARKERS = {"Root": ("LASI", "RASI", "LPSI", "RPSI")} | {
    f"{side}_{segment}": markers
    for side in "RL"
    for segment, markers in (
        ("Femur", ("{side}HJC", "{side}THI", "{side}KNE")),
        ("Tibia", ("{side}KJC", "{side}TIB", "{side}ANK", "{side}AJC")),
        ("Foot", ("{side}ANK", "{side}HEE", "{side}TOE")),
    )
}
RATE_HZ = 100.0
CUTOFF_HZ = 10.0
"""Of both signals: Vicon's second derivatives are noise above it."""
THERE, BACK, STANDING = slice(1119, 1596), slice(1596, 2074), slice(100, 900)
"""Frames of the first and the second half of the walk, and of the quiet standing before it."""
GROUND_FROM_LAB = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
LAG_MAX_S = 0.05
ACC_SCALE, GYR_SCALE = 9.81, 2.0
"""What accelerations (m/s^2) and angular rates (rad/s) are weighed by in the fit: their spread at the shank."""
ARM_START_M = np.array([0.0, -0.2, 0.0])

Pose = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Walk:
    """One recording: poses of the segments, and sensors; time 0 is the common trigger."""

    time_s: np.ndarray
    poses: Mapping[str, Pose]
    sensors: Mapping[str, ImuRecording]


def read_walk(folder: Path, poses_of: Callable[[Mapping[str, np.ndarray]], dict[str, Pose]]) -> Walk:
    """Read the recording; the gyroscopes' biases, known from the standing, are taken off.

    Parameters
    ----------
    folder
    poses_of
        `poses_by_markers`, `poses_by_skeleton`, or `benchmarks.neura_model.poses_by_model`.
    """
    vicon = loadmat(folder / "rawvicon_S02-Trial-Walk-1.mat", squeeze_me=True)
    poses = poses_of(vicon)
    sensors = {}
    for name, (_, device) in SENSORS.items():
        path = folder / "rawimu" / f"S02-Trial-Walk-1-000_{device}.txt"
        values = np.genfromtxt(path, delimiter=",", skip_header=6)
        gyr = values[:, 5:8]
        time_s = np.arange(len(values)) / RATE_HZ
        sensors[name] = ImuRecording(name, time_s, values[:, 2:5], gyr - gyr[STANDING].mean(axis=0))
    return Walk(np.arange(len(poses["Root"][1])) / RATE_HZ, poses, sensors)


def ground_m(vicon: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """Trajectory of a marker or joint centre (mm in the file), shape (T, 3), in a Y-up frame, m."""
    return vicon[name] @ GROUND_FROM_LAB.T / 1000.0


def poses_by_skeleton(vicon: Mapping[str, np.ndarray]) -> dict[str, Pose]:
    """Poses of the segments of Vicon's skeleton: helical angles (deg) and place (mm)."""
    return {
        segment: (
            GROUND_FROM_LAB @ Rotation.from_rotvec(np.radians(vicon[segment][:, :3])).as_matrix(),
            vicon[segment][:, 3:] @ GROUND_FROM_LAB.T / 1000.0,
        )
        for segment in MARKERS
    }


def poses_by_markers(vicon: Mapping[str, np.ndarray]) -> dict[str, Pose]:
    """Poses by each segment's own markers and joint centres, least squares to where they are on it in the standing."""
    return {
        segment: _rigid(np.stack([ground_m(vicon, name.format(side=segment[0])) for name in MARKERS[segment]], 1), pose)
        for segment, pose in poses_by_skeleton(vicon).items()
    }


def _rigid(seen: np.ndarray, skeleton: Pose) -> Pose:
    """Pose of points, shape (T, M, 3), that are fixed where they were in the skeleton's segment in the standing."""
    turn, origin = skeleton
    local = np.einsum("tji,tkj->tki", turn[STANDING], seen[STANDING] - origin[STANDING, None])
    template = local.mean(axis=0)
    middle, spread = seen.mean(axis=1), template - template.mean(axis=0)
    rotation = np.stack([Rotation.align_vectors(points, spread)[0].as_matrix() for points in seen - middle[:, None]])
    return rotation, middle - rotation @ template.mean(axis=0)


def standing_errors(folder: Path) -> dict[str, dict[str, float]]:
    """What sensors say while the person stands: densities at 30 to 45 Hz and biases, upper bounds of their errors."""
    found = {}
    for name, (_, device) in SENSORS.items():
        path = folder / "rawimu" / f"S02-Trial-Walk-1-000_{device}.txt"
        values = np.genfromtxt(path, delimiter=",", skip_header=6)[STANDING, 2:8]
        frequency_hz, power = welch(values, fs=RATE_HZ, nperseg=200, axis=0)
        density = np.sqrt(power[(frequency_hz >= 30) & (frequency_hz <= 45)].mean(axis=0))
        found[name] = {
            "acc_density_ug_per_root_hz": float(density[:3].mean() / 9.80665 * 1e6),
            "gyr_density_deg_per_s_per_root_hz": float(np.degrees(density[3:].mean())),
            "gyr_bias_rms_deg_per_s": float(np.degrees(np.sqrt(np.mean(values[:, 3:].mean(axis=0) ** 2)))),
        }
    return found


def common_lag(walk: Walk) -> float:
    """Time by which the sensors' clocks are ahead (s): gyroscopes and segments turn most alike on the way there."""
    pairs = []
    for name, (segment, _) in SENSORS.items():
        recorded = CubicSpline(walk.time_s, _low(walk.sensors[name].gyr_sensor_rad_per_s))
        pairs.append((recorded, _virtual(walk, _placed(name, segment))[1]))

    def misfit(lag_s: float) -> float:
        return sum(
            Rotation.align_vectors(recorded(walk.time_s[THERE] + lag_s), spin[THERE])[1] ** 2
            for recorded, spin in pairs
        )

    return float(minimize_scalar(misfit, bounds=(-LAG_MAX_S, LAG_MAX_S), method="bounded").x)


def fitted_placement(walk: Walk, name: str, lag_s: float) -> Placement:
    """How a sensor sits on its segment, by least squares over accelerations and angular rates on the way there."""
    segment = SENSORS[name][0]
    recorded = _recorded(walk, name, lag_s)
    spin = _virtual(walk, _placed(name, segment))[1]
    start, _ = Rotation.align_vectors(recorded[1][THERE], spin[THERE])

    def placement(unknown: np.ndarray) -> Placement:
        return _placed(name, segment, Rotation.from_rotvec(unknown[:3]).as_matrix(), unknown[3:])

    def misfit(unknown: np.ndarray) -> np.ndarray:
        pairs = zip(_virtual(walk, placement(unknown)), recorded, (ACC_SCALE, GYR_SCALE), strict=True)
        return np.concatenate([((ours - theirs)[THERE] / scale).ravel() for ours, theirs, scale in pairs])

    return placement(least_squares(misfit, np.concatenate([start.as_rotvec(), ARM_START_M])).x)


def compared(walk: Walk, lag_s: float) -> dict[str, dict]:
    """Sensor -> its fitted place in the segment (m), and agreement of each channel on the way back."""
    found = {}
    for name in SENSORS:
        placement = fitted_placement(walk, name, lag_s)
        pairs = zip(("acc", "gyr"), _virtual(walk, placement), _recorded(walk, name, lag_s), strict=True)
        channels = {
            f"{kind}_{axis}": agreement(ours[BACK, index], theirs[BACK, index])
            for kind, ours, theirs in pairs
            for index, axis in enumerate("xyz")
        }
        found[name] = {"position_m": placement.position_body_m.tolist(), "channels": channels}
    return found


def _placed(name: str, segment: str, rotation: np.ndarray | None = None, arm_m: np.ndarray | None = None) -> Placement:
    return Placement(
        name, segment, np.zeros(3) if arm_m is None else arm_m, np.eye(3) if rotation is None else rotation
    )


def _low(values: np.ndarray) -> np.ndarray:
    return lowpass(values, rate_hz=RATE_HZ, cutoff_hz=CUTOFF_HZ)


def _virtual(walk: Walk, placement: Placement) -> tuple[np.ndarray, np.ndarray]:
    """Filtered accelerations and angular rates at the times of the walk, shape (T, 3) each."""
    made = ideal_imu(walk.time_s, *walk.poses[placement.body], placement=placement, clock=SensorClock(RATE_HZ))
    return _low(made.acc_sensor_m_per_s2), _low(made.gyr_sensor_rad_per_s)


def _recorded(walk: Walk, name: str, lag_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Filtered channels of a sensor at the times of the walk, whose clock it shows `lag_s` later."""
    sensor = walk.sensors[name]
    shifted = replace(sensor, time_s=sensor.time_s - lag_s)
    return tuple(
        CubicSpline(shifted.time_s, _low(values))(walk.time_s)
        for values in (shifted.acc_sensor_m_per_s2, shifted.gyr_sensor_rad_per_s)
    )
