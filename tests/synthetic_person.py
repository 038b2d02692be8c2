"""A person of rigid legs who stands, walks or runs, with markers and force plates whose every number is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np

from gaitload.conventions import LATERAL_SIGN, SIDES, STANDARD_GRAVITY_M_PER_S2
from gaitload.ingest.momentum import centre_of_mass_m
from gaitload.models.markersets import MarkerSet, ModelMarker
from gaitload.signals.runs import true_runs
from gaitload.trial import Invalid, Markers, PlateWrench, Recording, Trial

THIGH_M, SHANK_M, ANKLE_M, HIP_HALF_M = 0.43, 0.42, 0.08, 0.09
WEIGHT_N = 700.0
MARKER_RATE_HZ, FORCE_RATE_HZ = 100.0, 1000.0
LIFT_M = 0.12
COP_MEAN_M = 0.0843
"""The centre of pressure lies ahead of the ankle by this on average; the mean horizontal force is zero."""
AIM = 0.8
"""Horizontal force as a share of what points at the hips."""

PELVIS = {
    "RASI": (0.10, 0.05, 0.13),
    "LASI": (0.10, 0.05, -0.13),
    "RPSI": (-0.10, 0.06, 0.05),
    "LPSI": (-0.10, 0.06, -0.05),
}
"""Places from the middle of the hips."""
# The thigh shell is a square, as many shells are: distances alone do not tell its corners apart.
FEMUR = {
    "TH1": (0.02, -0.15, 0.08),
    "TH2": (0.02, -0.24, 0.08),
    "TH3": (0.11, -0.15, 0.08),
    "TH4": (0.11, -0.24, 0.08),
    "KNL": (0.0, -THIGH_M, 0.05),
    "KNM": (0.0, -THIGH_M, -0.05),
}
TIBIA = {
    "TB1": (0.03, -0.12, 0.05),
    "TB2": (0.05, -0.22, 0.04),
    "TB3": (0.01, -0.29, 0.06),
    "ANL": (0.0, -SHANK_M, 0.04),
    "ANM": (0.0, -SHANK_M, -0.04),
}
FOOT = {
    "HEE": (-0.06, -0.05, 0.0),
    "HTP": (-0.055, -0.01, 0.005),
    "MT1": (0.13, -0.05, -0.045),
    "MT5": (0.10, -0.06, 0.05),
}
"""Places from the ankle, right leg."""
STATIC_ONLY = ("KNL", "KNM", "ANL", "ANM")
LANDMARKS = {
    "ASI": "asis",
    "PSI": "psis",
    "KNL": "knee_lateral",
    "KNM": "knee_medial",
    "ANL": "ankle_lateral",
    "ANM": "ankle_medial",
    "HEE": "heel",
    "MT1": "mt1",
    "MT5": "mt5",
}


def marker_set() -> MarkerSet:
    """The marker set this person wears."""
    markers = [
        _marker(name, "pelvis", place, f"{LANDMARKS[name[1:]]}_{name[0].lower()}") for name, place in PELVIS.items()
    ]
    for side in SIDES:
        for body, places in ((f"femur_{side}", FEMUR), (f"tibia_{side}", TIBIA), (f"calcn_{side}", FOOT)):
            for name, place in places.items():
                landmark = f"{LANDMARKS[name]}_{side}" if name in LANDMARKS else None
                weight = 0.0 if name in STATIC_ONLY else 1.0
                markers.append(_marker(side.upper() + name, body, _mirrored(place, side), landmark, weight))
    return MarkerSet("synthetic", tuple(markers))


@dataclass(frozen=True)
class Gait:
    """What a person does: `stance_share` above one half walks, below it runs."""

    speed_m_per_s: float = 1.3
    cycle_s: float = 1.1
    stance_share: float = 0.62
    duration_s: float = 3.3
    treadmill: bool = False


WALK = Gait()
TREADMILL_WALK = Gait(treadmill=True)
TREADMILL_RUN = Gait(speed_m_per_s=3.0, cycle_s=0.7, stance_share=0.36, treadmill=True)


def static_markers() -> Markers:
    """One second of standing, all markers on, facing +X."""
    time_s = np.arange(100) / MARKER_RATE_HZ
    ankles = {side: np.tile([0.0, ANKLE_M, LATERAL_SIGN[side] * HIP_HALF_M], (len(time_s), 1)) for side in SIDES}
    hips = np.tile([0.0, ANKLE_M + THIGH_M + SHANK_M - 1e-4, 0.0], (len(time_s), 1))
    return _markers(time_s, hips, ankles, with_static_only=True)


def static_recording() -> Recording:
    """The same as a recording, without plates."""
    markers = static_markers()
    return Recording("static", markers.names, markers.time_s, markers.position_ground_m, np.empty(0), ())


def recording(gait: Gait, *, noise_m: float = 0.0, seed: int = 0, plates: str = "per_step") -> Recording:
    """A trial; the lab frame is the ground frame.

    `plates`: `per_step` puts a plate under every step overground, `one` is one plate for all, `per_foot` one named
    `force_r` and `force_l` each without corners, `none` none.
    """
    time_s = np.arange(round(gait.duration_s * MARKER_RATE_HZ)) / MARKER_RATE_HZ
    markers = _markers(time_s, _hips(gait, time_s), {side: _ankle(gait, side, time_s) for side in SIDES})
    position = markers.position_ground_m + noise_m * np.random.default_rng(seed).normal(
        size=(*markers.position_ground_m.shape,)
    )
    force_time_s = np.arange(round(gait.duration_s * FORCE_RATE_HZ)) / FORCE_RATE_HZ
    wrenches = {"per_step": _per_step, "one": _one, "per_foot": _per_foot, "none": lambda *_: ()}[plates](
        gait, force_time_s
    )
    return Recording("trial", markers.names, time_s, position, force_time_s if wrenches else np.empty(0), wrenches)


def stances(gait: Gait, side: str) -> list[tuple[float, float, float]]:
    """`(start_s, end_s, ankle_x_m)` of every stance of a foot, seen from the walked-on floor."""
    phase = 0.0 if side == "r" else 0.5
    found = []
    for number in range(-2, int(gait.duration_s / gait.cycle_s) + 3):
        start = (number + phase) * gait.cycle_s
        end = start + gait.stance_share * gait.cycle_s
        found.append((start, end, gait.speed_m_per_s * (start + end) / 2))
    return found


def renamed(source: Recording, new_names: dict[str, str]) -> Recording:
    """The recording with trajectories under other names."""
    return replace(source, marker_names=tuple(new_names.get(name, name) for name in source.marker_names))


def invalid_spans_s(trial: Trial, reason: Invalid, side: str) -> list[tuple[float, float]]:
    """Half-open time intervals in which a reason of the validity mask holds for a foot."""
    time_s, frame_s = trial.validity.time_s, 1 / MARKER_RATE_HZ
    runs = true_runs((trial.validity.mask[:, SIDES.index(side)] & reason) > 0)
    return [(float(time_s[run.start]), float(time_s[run.stop - 1] + frame_s)) for run in runs]


def with_position(source: Recording, change) -> Recording:
    """The recording after `change(position_m, names)` has written into a copy of its markers."""
    position = source.marker_lab_m.copy()
    change(position, list(source.marker_names))
    return replace(source, marker_lab_m=position)


def _marker(name, body, place, landmark, weight=1.0) -> ModelMarker:
    return ModelMarker(name, body, landmark, np.array(place, dtype=float), 1.0, weight)


def _mirrored(place, side) -> np.ndarray:
    return np.array(place, dtype=float) * [1.0, 1.0, LATERAL_SIGN[side]]


def _hips(gait: Gait, time_s: np.ndarray) -> np.ndarray:
    height = ANKLE_M + 0.93 * (THIGH_M + SHANK_M) + _bounce_m(gait, time_s)
    ahead = np.zeros_like(time_s) if gait.treadmill else gait.speed_m_per_s * time_s
    return np.column_stack((ahead, height, np.zeros_like(time_s)))


@lru_cache
def _bounce(gait: Gait) -> tuple[np.ndarray, np.ndarray]:
    """Height of the hips over one cycle, about its mean, such that the vertical forces of both feet move the body.

    Newton's second law gives the height of the centre of mass; the hips are moved until that of the markers is there.
    """
    count = 400
    cycle_s = np.arange(count) * gait.cycle_s / count
    total = sum(_vertical_n(gait, side, cycle_s) for side in SIDES)
    waves = np.fft.rfft(STANDARD_GRAVITY_M_PER_S2 * (total / total.mean() - 1))
    rates = 2 * np.pi * np.arange(len(waves)) / gait.cycle_s
    waves[1:] /= -(rates[1:] ** 2)
    waves[0], waves[40:] = 0.0, 0.0
    wanted = np.fft.irfft(waves, count)
    level = ANKLE_M + 0.93 * (THIGH_M + SHANK_M)
    bounce = wanted.copy()
    ankles = {side: _ankle(gait, side, cycle_s) for side in SIDES}
    ahead = 0.0 if gait.treadmill else gait.speed_m_per_s * cycle_s
    for _ in range(8):
        hips = np.column_stack((np.zeros(count) + ahead, level + bounce, np.zeros(count)))
        height = centre_of_mass_m(_markers(cycle_s, hips, ankles), marker_set())[:, 1]
        bounce = bounce + wanted - (height - height.mean())
    return cycle_s, bounce - bounce.mean()


def _bounce_m(gait: Gait, time_s: np.ndarray) -> np.ndarray:
    cycle_s, bounce = _bounce(gait)
    return np.interp(time_s, cycle_s, bounce, period=gait.cycle_s)


def _vertical_n(gait: Gait, side: str, time_s: np.ndarray) -> np.ndarray:
    vertical = np.zeros(len(time_s))
    for start, end, _ in stances(gait, side):
        share = np.clip((time_s - start) / (end - start), 0.0, 1.0)
        vertical += WEIGHT_N / gait.stance_share * np.sin(np.pi * share) ** 0.5
    return vertical


def _ankle(gait: Gait, side: str, time_s: np.ndarray) -> np.ndarray:
    ankle = np.column_stack(
        (np.zeros_like(time_s), np.full_like(time_s, ANKLE_M), np.full_like(time_s, LATERAL_SIGN[side] * HIP_HALF_M))
    )
    steps = stances(gait, side)
    for (start, end, x), (following, _, next_x) in pairwise(steps):
        stance = (time_s >= start) & (time_s < end)
        swing = (time_s >= end) & (time_s < following)
        share = (time_s[swing] - end) / (following - end)
        ankle[stance, 0] = x
        ankle[swing, 0] = x + (next_x - x) * (1 - np.cos(np.pi * share)) / 2
        ankle[swing, 1] += LIFT_M * np.sin(np.pi * share)
    if gait.treadmill:
        ankle[:, 0] -= gait.speed_m_per_s * time_s
    return ankle


def _markers(time_s, hips, ankles, *, with_static_only=False) -> Markers:
    level = np.broadcast_to(np.eye(3), (len(time_s), 3, 3))
    found = {name: _placed(level, hips, place) for name, place in PELVIS.items()}
    for side in SIDES:
        hip = hips + np.array([0.0, 0.0, LATERAL_SIGN[side] * HIP_HALF_M])
        thigh, shank, knee = _leg(hip, ankles[side])
        for frames, origin, places in ((thigh, hip, FEMUR), (shank, knee, TIBIA), (level, ankles[side], FOOT)):
            for name, place in places.items():
                if with_static_only or name not in STATIC_ONLY:
                    found[side.upper() + name] = _placed(frames, origin, _mirrored(place, side))
    return Markers(tuple(found), time_s, np.stack(list(found.values()), axis=1))


def _leg(hip, ankle) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Orientation of thigh and shank, and the knee, of a leg that bends in the sagittal plane."""
    down = ankle - hip
    length = np.minimum(np.linalg.norm(down[:, :2], axis=1), THIGH_M + SHANK_M - 1e-6)
    pitch = np.arctan2(down[:, 0], -down[:, 1])
    bend = np.arccos((THIGH_M**2 + length**2 - SHANK_M**2) / (2 * THIGH_M * length))
    thigh = pitch + bend
    knee = hip + np.column_stack((THIGH_M * np.sin(thigh), -THIGH_M * np.cos(thigh), np.zeros_like(thigh)))
    lower = ankle - knee
    return _about_z(thigh), _about_z(np.arctan2(lower[:, 0], -lower[:, 1])), knee


def _about_z(angle) -> np.ndarray:
    c, s, zero, one = np.cos(angle), np.sin(angle), np.zeros_like(angle), np.ones_like(angle)
    return np.stack([np.stack(row, axis=1) for row in ((c, -s, zero), (s, c, zero), (zero, zero, one))], axis=1)


def _placed(frames, origin, place) -> np.ndarray:
    return origin + np.einsum("tij,j->ti", frames, np.asarray(place, dtype=float))


def foot_wrench(gait: Gait, side: str, time_s: np.ndarray, only: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Force and moment about the origin on one foot, shapes (N, 3); of one stance with `only`."""
    force, moment = np.zeros((len(time_s), 3)), np.zeros((len(time_s), 3))
    for number, (start, end, x) in enumerate(stances(gait, side)):
        loaded = (time_s >= start) & (time_s < end)
        if only is not None and number != only:
            continue
        share = (time_s[loaded] - start) / (end - start)
        force[loaded, 1] = WEIGHT_N / gait.stance_share * np.sin(np.pi * share) ** 0.5
        back = gait.speed_m_per_s * time_s[loaded] if gait.treadmill else 0.0
        point = np.zeros((int(loaded.sum()), 3))
        # From the heel to the metatarsal heads, where people stand on them until the foot leaves the floor.
        point[:, 0] = x - back - 0.03 + 0.15 * np.sin(np.pi / 2 * np.minimum(share / 0.75, 1.0))
        point[:, 2] = LATERAL_SIGN[side] * HIP_HALF_M
        # The reaction of the ground points near the body, as in people.
        hips = _hips(gait, time_s[loaded])
        towards = (hips - point + [COP_MEAN_M, 0.0, 0.0]) / hips[:, 1:2]
        force[loaded, 0] = AIM * force[loaded, 1] * towards[:, 0]
        force[loaded, 2] = AIM * force[loaded, 1] * towards[:, 2]
        moment[loaded] = np.cross(point, force[loaded])
    return force, moment


def _per_step(gait, time_s) -> tuple[PlateWrench, ...]:
    plates = []
    for side in SIDES:
        for number, (start, end, x) in enumerate(stances(gait, side)):
            if end > 0 and start < gait.duration_s:
                force, moment = foot_wrench(gait, side, time_s, only=number)
                z = LATERAL_SIGN[side] * HIP_HALF_M
                corners = np.array(
                    [[x + a, 0.0, z + b] for a, b in ((0.3, 0.085), (0.3, -0.085), (-0.3, -0.085), (-0.3, 0.085))]
                )
                plates.append(PlateWrench(f"plate_{len(plates) + 1}", force, moment, corners))
    return tuple(plates)


def _one(gait, time_s) -> tuple[PlateWrench, ...]:
    both = [foot_wrench(gait, side, time_s) for side in SIDES]
    corners = np.array([[a, 0.0, b] for a, b in ((9.0, 1.0), (9.0, -1.0), (-9.0, -1.0), (-9.0, 1.0))])
    return (PlateWrench("belt", sum(force for force, _ in both), sum(moment for _, moment in both), corners),)


def _per_foot(gait, time_s) -> tuple[PlateWrench, ...]:
    return tuple(PlateWrench(f"force_{side}", *foot_wrench(gait, side, time_s), None) for side in SIDES)
