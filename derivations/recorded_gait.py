"""One person's gait as strides and stances of a right foot, from what the stages ingest, scale and kinematics wrote."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.interpolate import CubicSpline

from derivations.strides import SHARES, Stance, Stride, over_phases, stances_of, strides_of, without_drift
from gaitload.cohorts.embedded.standing import SOLE_M
from gaitload.cohorts.embedded.templates import ANTISYMMETRIC, SIDED, SYMMETRIC
from gaitload.conventions import SIDES, body_weight_n, sampling_rate_hz
from gaitload.io.forces import read_foot_forces
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.kinematics import body_poses
from gaitload.opensim.engines.compiled import coordinates_of
from gaitload.opensim.export import export_mechanism
from gaitload.signals.contact import feet_loaded
from gaitload.signals.filters import lowpass
from gaitload.signals.plates import center_of_pressure
from gaitload.stages.job import Job
from gaitload.trial import FootForces

MIRROR = np.array([1.0, 1.0, -1.0])
"""Of a vector across the plane between left and right."""


@dataclass(frozen=True)
class RecordedGait:
    """Strides and stances, those of the left foot mirrored into a right foot's.

    Attributes
    ----------
    cycles : dict
        Quantity -> shape (strides, P): angles (rad) and pelvis translations (leg lengths) at `PHASES`.
    stride_side, stance_side : ndarray of str
        Foot by which each stride was cut, and which each stance is of.
    stride_time_s : ndarray, shape (strides,)
    stance_time_s : ndarray, shape (stances,)
    stances : dict
        Quantity -> shape (stances, shares): ground reaction (body weights), centre of pressure (m, frame of the heel
        bone, at the generic model's size) and free moment (body weight times leg length) at `SHARES`.
    speed_m_per_s, leg_length_m, step_width : float
        Width in leg lengths, between the centres of pressure of successive stances.
    weight_ratio : float
        Mean vertical force over the weight that the participant table says; forces are in units of the former. 1 where
        no whole strides were on plates.
    hip_in_pelvis : ndarray, shape (2,)
        Centre of the hips in the pelvis frame, forward and up, in leg lengths.
    """

    cycles: dict[str, np.ndarray]
    stride_side: np.ndarray
    stance_side: np.ndarray
    stride_time_s: np.ndarray
    stance_time_s: np.ndarray
    stances: dict[str, np.ndarray]
    speed_m_per_s: float
    leg_length_m: float
    step_width: float
    weight_ratio: float
    hip_in_pelvis: np.ndarray


class Body:
    """A scaled model, and the sizes that gait is measured in.

    Attributes
    ----------
    mechanism : Mechanism
    foot_size : float
        Of the scaled foot over the generic one.
    leg_length_m : float
        Height of the hip's centre over the sole with all coordinates zero.
    hip_in_pelvis : ndarray, shape (2,)
        As in `RecordedGait`.
    """

    def __init__(self, path: Path, generic_path: Path) -> None:
        self.mechanism = export_mechanism(path)
        generic = export_mechanism(generic_path)
        self.foot_size = _foot_length_m(self.mechanism) / _foot_length_m(generic)
        place = _neutral(self.mechanism)
        sole_y_m = place["calcn_r"][1] + SOLE_M[1] * self.foot_size
        self.leg_length_m = float(place["femur_r"][1] - sole_y_m)
        self.hip_in_pelvis = (place["femur_r"] - place["pelvis"])[:2] / self.leg_length_m

    def heel(self, q: np.ndarray, side: str) -> tuple[np.ndarray, np.ndarray]:
        """Rotation (T, 3, 3) and position (T, 3) of a heel bone in the ground frame, for coordinates (T, C)."""
        return body_poses(self.mechanism, q)[f"calcn_{side}"]


def recorded_gait(job: Job, *, force_lag_s: float, speed_m_per_s: float | None) -> RecordedGait:
    """Strides and stances of a trial.

    Parameters
    ----------
    job : Job
        After its stage kinematics.
    force_lag_s : float
        By which forces are delayed.
    speed_m_per_s : float, optional
        Of the belt; by default the person moves over the floor.
    """
    body = Body(job.product("scale", ".osim"), job.model_source.path)
    time_s, solved = coordinates_of(job.product("kinematics", ".mot"), body.mechanism, job.where)
    cutoff_hz = job.config.loads.cutoff_hz.of(job.trial.activity)
    q = lowpass(solved, rate_hz=sampling_rate_hz(time_s), cutoff_hz=cutoff_hz)
    measured = read_foot_forces(job.product("ingest", ".mot"))
    threshold_n = job.config.ingest.contact_threshold_n.of(job.trial.activity)
    # The file alone does not tell a sample without force from a flight.
    contact = feet_loaded(measured.force_ground_n, measured.rate_hz, threshold_n)
    forces = replace(measured, time_s=measured.time_s + force_lag_s, contact=contact)
    stances = [stance for stance in stances_of(forces) if time_s[0] < stance.start_s < time_s[-1]]
    strides = strides_of(stances, time_s[-1])
    stances = [stance for stance in stances if stance.end_s < time_s[-1]]
    names = body.mechanism.coordinate_names
    leg_m = body.leg_length_m
    cycles = [_cycle(time_s, q, names, stride, leg_m, forces.surface_height_m) for stride in strides]
    if speed_m_per_s is None:
        ahead = CubicSpline(time_s, q[:, names.index("pelvis_tx")])
        speeds = [np.diff(ahead([stride.start_s, stride.end_s]))[0] / stride.duration_s for stride in strides]
    ratio = _weight_ratio(forces, stances, job.participant.mass_kg) if job.cohort.on_treadmill(job.trial) else 1.0
    weight_n = ratio * body_weight_n(job.participant.mass_kg)
    pushes = [_push(stance, forces, CubicSpline(time_s, q), body, weight_n) for stance in stances]
    return RecordedGait(
        cycles={name: np.array([cycle[name] for cycle in cycles]) for name in cycles[0]},
        stride_side=np.array([stride.side for stride in strides]),
        stance_side=np.array([stance.side for stance in stances]),
        stride_time_s=np.array([stride.duration_s for stride in strides]),
        stance_time_s=np.array([stance.end_s - stance.start_s for stance in stances]),
        stances={name: np.array([push[name] for push in pushes]) for name in pushes[0]},
        speed_m_per_s=float(np.mean(speeds)) if speed_m_per_s is None else speed_m_per_s,
        leg_length_m=leg_m,
        step_width=_step_width_m(stances, forces) / leg_m,
        weight_ratio=ratio,
        hip_in_pelvis=body.hip_in_pelvis,
    )


def _cycle(
    time_s: np.ndarray, q: np.ndarray, names: tuple[str, ...], stride: Stride, leg_m: float, floor_m: float
) -> dict[str, np.ndarray]:
    sign = 1.0 if stride.side == "r" else -1.0
    signs = dict.fromkeys(SYMMETRIC, 1.0) | dict.fromkeys(ANTISYMMETRIC, sign)
    columns = {name: name for name in signs} | {name: f"{name}_{stride.side}" for name in SIDED}
    found = over_phases(time_s, q, stride)
    cycle = {name: signs.get(name, 1.0) * found[:, names.index(column)] for name, column in columns.items()}
    for name in ("pelvis_tx", "pelvis_tz"):
        cycle[name] = signs[name] * without_drift(time_s, q[:, names.index(name)], stride) / leg_m
    cycle["pelvis_ty"] = (cycle["pelvis_ty"] - floor_m) / leg_m
    return cycle


def _push(stance: Stance, forces: FootForces, q: CubicSpline, body: Body, weight_n: float) -> dict[str, np.ndarray]:
    mirror = MIRROR if stance.side == "l" else np.ones(3)
    index = SIDES.index(stance.side)
    at_s = stance.start_s + (stance.end_s - stance.start_s) * SHARES
    force, moment = (
        np.column_stack([np.interp(at_s, forces.time_s, values[:, index, axis]) for axis in range(3)])
        for values in (forces.force_ground_n, forces.moment_ground_nm)
    )
    pressed = force[:, 1] > 0.02 * weight_n
    point, free_moment = center_of_pressure(
        np.where(pressed[:, None], force, [0, 1.0, 0]), moment, forces.surface_height_m
    )
    rotation, position = body.heel(q(at_s), stance.side)
    in_heel = np.einsum("tji,tj->ti", rotation, point - position) * mirror / body.foot_size
    in_heel[~pressed] = np.nan
    turned = np.where(pressed, free_moment, 0.0) * mirror[2]
    bw = force * mirror / weight_n
    return {
        **{f"force_{axis}": bw[:, k] for k, axis in enumerate("xyz")},
        **{f"cop_{axis}": in_heel[:, k] for k, axis in enumerate("xyz")},
        "free_moment": turned / (weight_n * body.leg_length_m),
    }


def _weight_ratio(forces: FootForces, stances: list[Stance], mass_kg: float) -> float:
    starts = [stance.start_s for stance in stances if stance.side == "r"]
    within = (forces.time_s >= starts[0]) & (forces.time_s < starts[-1])
    mean_n = forces.force_ground_n[within, :, 1].sum(axis=1).mean()
    return float(mean_n / body_weight_n(mass_kg))


def _step_width_m(stances: list[Stance], forces: FootForces) -> float:
    """Mean distance across the floor between the mean points under successive, opposite feet."""
    across = {}
    for number, stance in enumerate(stances):
        index = SIDES.index(stance.side)
        within = (forces.time_s >= stance.start_s) & (forces.time_s < stance.end_s)
        force, moment = (
            forces.force_ground_n[within, index].sum(axis=0),
            forces.moment_ground_nm[within, index].sum(axis=0),
        )
        point, _ = center_of_pressure(force[None], moment[None], forces.surface_height_m)
        across[number] = (1.0 if stance.side == "r" else -1.0, point[0, 2])
    widths = [
        across[i][0] * across[i][1] + across[i + 1][0] * across[i + 1][1]
        for i in range(len(stances) - 1)
        if across[i][0] != across[i + 1][0]
    ]
    return float(np.mean(widths))


def _neutral(mechanism: Mechanism) -> dict[str, np.ndarray]:
    """Places of the bodies, shape (3,), m, ground frame, with all coordinates zero."""
    poses = body_poses(mechanism, np.zeros((1, len(mechanism.coordinate_names))))
    return {name: position[0] for name, (_, position) in poses.items()}


def _foot_length_m(mechanism: Mechanism) -> float:
    place = _neutral(mechanism)
    return float(np.linalg.norm(place["toes_r"] - place["calcn_r"]))
