"""Virtual sensors beside recorded ones on mean gait cycles: P01 of Dorschky et al. 2019 (J Biomech 95:109278).

Only the sagittal plane is given: angles of the right leg, ground reaction of the right foot, and seven sensors. The
left leg moves like the right one half a cycle later. The pelvis keeps its tilt, with the foot level in mid-stance, and
is accelerated as the ground reaction and the motion of the legs demand of the scaled model's centre of mass. One lag of
the sensors behind the angles is found by their gyroscopes.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matio import load_from_mat
from scipy.optimize import minimize_scalar

from benchmarks.agreement import agreement
from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.imu.placement import Placement
from gaitload.imu.virtual import SensorClock
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.kinematics import body_poses
from gaitload.models.registry import find_model
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.model import open_model
from gaitload.opensim.scaling import apply_factors
from gaitload.opensim.virtual_imu import ideal_imus

MID_STANCE = {"walking": slice(20, 40), "running": slice(22, 32)}
"""Samples of the cycle around half of the right foot's contact: a walk starts with it, a run with the left toe off."""
CUTOFF_HZ = 10.0
"""Harmonics above are taken off both signals."""
LAG_MAX_S = 0.05
SAMPLES = 100
CYCLES = 3
CHANNELS = {"acc_x": ("acc", 0), "acc_y": ("acc", 1), "gyr_z": ("gyro", 2)}
"""Forward, up and about the lateral axis of the segment: what a sagittal motion moves."""
ANKLE = "talus_{side}"


@dataclass(frozen=True)
class Cycle:
    """A mean gait cycle of 100 samples.

    Attributes
    ----------
    duration_s, height_m, mass_kg : float
    angles_rad : dict
        `hip_flexion`, `knee_angle` (flexion positive) and `ankle_angle` of the right leg, shape (100,).
    force_bw : ndarray, shape (100, 2)
        Ground reaction on the right foot, forward and up.
    recorded : dict
        (segment, channel of `CHANNELS`) -> shape (100,), m/s^2 or rad/s.
    position_m : dict
        Segment -> place of its sensor from the segment's proximal joint (pelvis: from the middle of the hips).
    """

    duration_s: float
    height_m: float
    mass_kg: float
    angles_rad: dict[str, np.ndarray]
    force_bw: np.ndarray
    recorded: dict[tuple[str, str], np.ndarray]
    position_m: dict[str, np.ndarray]


def read_cycle(path: Path) -> Cycle:
    """Read one of the MATLAB tables."""
    content = load_from_mat(str(path))["dataStruct"][0, 0]
    scalars, recorded, position = {}, {}, {}
    for _, row in content["variables"].iterrows():
        kind, name, mean = str(row["type"][0]), str(row["name"][0]), np.ravel(row["mean"]).astype(float)
        if kind not in ("acc", "gyro"):
            scalars[kind, name] = mean
            continue
        axis = int(np.argmax([row[f"direction_{number}"] for number in (1, 2, 3)]))
        position[name] = np.array([row[f"position_{number}"] for number in (1, 2, 3)], dtype=float)
        for channel, source in CHANNELS.items():
            if source == (kind, axis):
                recorded[name, channel] = mean
    knee_angle = -scalars["angle", "knee_angle_r"]
    return Cycle(
        duration_s=float(scalars["dur", "dur"][0]),
        height_m=float(np.ravel(content["participantHeight"])[0]),
        mass_kg=float(np.ravel(content["participantMass"])[0]),
        angles_rad={
            "hip_flexion": scalars["angle", "hip_flexion_r"],
            "knee_angle": knee_angle,
            "ankle_angle": scalars["angle", "ankle_angle_r"],
        },
        force_bw=np.stack([scalars["GRF", "GRF_x_r"], scalars["GRF", "GRF_y_r"]], axis=1),
        recorded=recorded,
        position_m=position,
    )


def scaled_mechanism(cycle: Cycle) -> Mechanism:
    """The default model, scaled by the person's height and mass."""
    source = find_model("rajagopal2015")
    model = open_model(source.path)
    size = cycle.height_m / source.family.generic_height_m
    apply_factors(model, {body.getName(): np.full(3, size) for body in model.getBodySet()}, cycle.mass_kg)
    with tempfile.TemporaryDirectory(prefix="gaitload-") as folder:
        path = Path(folder) / "scaled.osim"
        model.printToXML(str(path))
        return export_mechanism(path)


def compared(cycle: Cycle, gait: str) -> dict:
    """`lag_s`, and agreement without (`at_0`) and with it (`at_lag`): segment -> channel -> numbers."""
    made = virtual_channels(cycle, gait)
    recorded = {key: _low(values, cycle) for key, values in cycle.recorded.items() if key != ("pelvis", "gyr_z")}

    def misfit(lag_s: float) -> float:
        rates = [key for key in recorded if key[1] == "gyr_z"]
        return sum(float(np.sum((_shifted(made[key], lag_s, cycle) - recorded[key]) ** 2)) for key in rates)

    lag_s = float(minimize_scalar(misfit, bounds=(-LAG_MAX_S, LAG_MAX_S), method="bounded").x)
    found: dict = {"lag_s": lag_s, "at_0": {}, "at_lag": {}}
    for name, shift_s in (("at_0", 0.0), ("at_lag", lag_s)):
        for (segment, channel), theirs in recorded.items():
            ours = _shifted(made[segment, channel], shift_s, cycle)
            found[name].setdefault(segment, {})[channel] = agreement(ours, theirs)
    return found


def virtual_channels(cycle: Cycle, gait: str) -> dict[tuple[str, str], np.ndarray]:
    """(segment, channel) -> what a sensor on the scaled and driven model records, shape (100,), low-passed."""
    mechanism = scaled_mechanism(cycle)
    time_s, q = driven(cycle, mechanism, gait)
    clock = SensorClock(SAMPLES / cycle.duration_s, offset_s=time_s[0])
    made = ideal_imus(mechanism, time_s, q, sensors(cycle, mechanism).values(), clock=clock)
    middle = slice(SAMPLES, 2 * SAMPLES)
    signals = {
        name: {"acc": one.acc_sensor_m_per_s2[middle], "gyro": one.gyr_sensor_rad_per_s[middle]}
        for name, one in made.items()
    }
    return {
        (segment, channel): _low(kinds[kind][:, axis], cycle)
        for segment, kinds in signals.items()
        for channel, (kind, axis) in CHANNELS.items()
    }


def driven(cycle: Cycle, mechanism: Mechanism, gait: str) -> tuple[np.ndarray, np.ndarray]:
    """Times (s) and coordinates (rad, m) of three cycles, the middle one starting at 0."""
    names = mechanism.coordinate_names
    level_rad = cycle.angles_rad["hip_flexion"] - cycle.angles_rad["knee_angle"] + cycle.angles_rad["ankle_angle"]
    q = np.tile(mechanism.coordinates.default, (SAMPLES, 1))
    for name, values in cycle.angles_rad.items():
        smooth = _low(values, cycle)
        q[:, names.index(f"{name}_r")] = smooth
        q[:, names.index(f"{name}_l")] = np.roll(smooth, SAMPLES // 2)
    q[:, names.index("pelvis_tilt")] = -level_rad[MID_STANCE[gait]].mean()
    coordinates = mechanism.coordinates
    q = coordinates.slope * q[:, coordinates.leader] + coordinates.intercept
    # The place of the pelvis that puts the centre of mass where the forces move it.
    sway = _low(swayed(cycle) - mass_center(mechanism, q)[:, :2], cycle)
    for axis, name in enumerate(("pelvis_tx", "pelvis_ty")):
        q[:, names.index(name)] += sway[:, axis] - sway[:, axis].mean()
    period_s = cycle.duration_s / SAMPLES
    return period_s * np.arange(-SAMPLES, (CYCLES - 1) * SAMPLES), np.tile(q, (CYCLES, 1))


def swayed(cycle: Cycle) -> np.ndarray:
    """Place of the centre of mass less its steady walk, shape (100, 2), forward and up (m), by Newton's second law.

    The mean vertical force of both feet is one body weight whatever the scales say (1.03 here), the mean forward one
    none.
    """
    both = cycle.force_bw + np.roll(cycle.force_bw, SAMPLES // 2, axis=0)
    acceleration = STANDARD_GRAVITY_M_PER_S2 * (both / both[:, 1].mean() - both.mean(axis=0) / both[:, 1].mean())
    spectrum = np.fft.rfft(acceleration, axis=0)
    omega = 2.0 * np.pi * np.fft.rfftfreq(SAMPLES, cycle.duration_s / SAMPLES)
    spectrum[0], spectrum[1:] = 0.0, -spectrum[1:] / omega[1:, None] ** 2
    return np.fft.irfft(spectrum, SAMPLES, axis=0)


def mass_center(mechanism: Mechanism, q: np.ndarray) -> np.ndarray:
    """Centre of mass of the body, shape (T, 3), ground frame, m."""
    masses, centers = mechanism.tree.mass_kg, mechanism.tree.mass_center
    poses = body_poses(mechanism, q).values()
    moments = sum(
        mass * (position + rotation @ center)
        for mass, center, (rotation, position) in zip(masses, centers, poses, strict=True)
    )
    return moments / masses.sum()


def sensors(cycle: Cycle, mechanism: Mechanism) -> dict[str, Placement]:
    """Sensors in the axes of their bodies, at the places of the data, which count from the proximal joint."""
    poses = body_poses(mechanism, mechanism.coordinates.default[None])
    placements = {}
    for segment, position in cycle.position_m.items():
        side = segment[-1]
        body = f"calcn_{side}" if segment.startswith("foot") else segment
        rotation, origin = (values[0] for values in poses[body])
        joint = origin
        if segment == "pelvis":
            joint = (poses["femur_r"][1][0] + poses["femur_l"][1][0]) / 2.0
        elif segment.startswith("foot"):
            joint = poses[ANKLE.format(side=side)][1][0]
        placements[segment] = Placement(segment, body, position + rotation.T @ (joint - origin), np.eye(3))
    return placements


def _low(values: np.ndarray, cycle: Cycle) -> np.ndarray:
    """One period, shape (100, ...), without its harmonics above the cut-off."""
    spectrum = np.fft.rfft(values, axis=0)
    spectrum[int(CUTOFF_HZ * cycle.duration_s) + 1 :] = 0.0
    return np.fft.irfft(spectrum, SAMPLES, axis=0)


def _shifted(values: np.ndarray, lag_s: float, cycle: Cycle) -> np.ndarray:
    """One period, shape (100,), later by a lag."""
    harmonic = np.arange(SAMPLES // 2 + 1)
    return np.fft.irfft(np.fft.rfft(values) * np.exp(-2j * np.pi * harmonic * lag_s / cycle.duration_s), SAMPLES)
