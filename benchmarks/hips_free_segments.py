"""Sagittal moments of runners compared with those of Liew et al. 2021, whose software has free segments.

Free segments each follow their own markers and come apart at the joints. Moments are taken at the upper end of each.
Three steps lead from this project's method to theirs: free segments, masses of Dempster, hip centre of Bell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from benchmarks import tables
from benchmarks.trials import Case
from benchmarks.truth_runners import COHORT, SPEEDS, WINDOW_S, _stances, _stretched
from gaitload.io.tables import read_table
from gaitload.io.trc import read_markers
from gaitload.io.trials import SUFFIX, read_trial
from gaitload.signals.derivatives import derivative
from gaitload.signals.filters import lowpass
from gaitload.stages.job import Job
from gaitload.stages.solution import filtering_of

RUNNERS, SIDE, NAMES = ("RBDS03", "RBDS015", "RBDS019"), "l", "L"
"""Runners whose mean stance of the left leg Liew et al. publish, and the names of that side."""
CLUSTERS = {
    "foot": ("Heel.Top", "Heel.Bottom", "Heel.Lateral", "MT1", "MT5"),
    "shank": ("Shank.Top.Lateral", "Shank.Bottom.Lateral", "Shank.Top.Medial", "Shank.Bottom.Medial"),
    "thigh": ("Thigh.Top.Lateral", "Thigh.Bottom.Lateral", "Thigh.Top.Medial", "Thigh.Bottom.Medial"),
}
JOINTS = {"foot": "ankle", "shank": "knee", "thigh": "hip"}
OURS = {"ankle": "ankle_moment_l", "knee": "knee_moment_l", "hip": "hip_flexion_moment_l"}
SIGN = {"ankle": 1.0, "knee": -1.0, "hip": 1.0}
"""Factor that turns a column of this project into their sign convention."""
MODEL = {"thigh": (0.125, 0.415, 0.30), "shank": (0.0492, 0.435, 0.30), "foot": (0.0208, 0.45, 0.30)}
DEMPSTER = {"thigh": (0.100, 0.433, 0.323), "shank": (0.0465, 0.433, 0.302), "foot": (0.0145, 0.5, 0.475)}
"""For each segment its share of body mass, and centre of mass and radius of gyration as shares of its length, from the
upper end. `MODEL` has rounded values of Rajagopal et al. 2016, `DEMPSTER` those of Winter 2009, table 4.1."""
METHODS = {
    "free segments": ("harrington", MODEL),
    "and masses of Dempster": ("harrington", DEMPSTER),
    "and hip centre of Bell": ("bell", DEMPSTER),
}
GRAVITY = np.array([0.0, -9.80665, 0.0])


def hip_centre_m(points: Mapping[str, np.ndarray], which: str) -> np.ndarray:
    """Return the left hip centre in the static trial (ground frame) by Harrington et al. 2007 or Bell et al. 1990."""
    right, left = points["R.ASIS"], points["L.ASIS"]
    front, back = (right + left) / 2, (points["R.PSIS"] + points["L.PSIS"]) / 2
    width, depth = np.linalg.norm(right - left), np.linalg.norm(front - back)
    aside = (right - left) / width
    ahead = front - back
    ahead = ahead - aside * (ahead @ aside)
    ahead /= np.linalg.norm(ahead)
    axes = np.stack([ahead, np.cross(aside, ahead), aside], axis=1)
    if which == "bell":
        return front + axes @ (width * np.array([-0.19, -0.30, -0.36]))
    leg = np.linalg.norm(left - points["L.Ankle.Medial"])
    below, beside = -0.16 * width - 0.04 * leg - 0.0071, 0.28 * depth + 0.16 * width + 0.0079
    return front + axes @ np.array([-0.24 * depth - 0.0099, below, -beside])


def free_moments(job: Job, mass_kg: float, hip: str, masses: Mapping) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return times (s), and by joint the moments about the ground's lateral axis (N m/kg) of ankle, knee and hip."""
    trial = read_trial(job.product("ingest", SUFFIX))
    static, markers, filtering = read_markers(job.product("ingest", ".trc", "static")), trial.markers, filtering_of(job)
    points = {name: np.nanmedian(static.of(name), axis=0) for name in static.names}
    middle = {name: (points[f"{NAMES}.{name}"] + points[f"{NAMES}.{name}.Medial"]) / 2 for name in ("Knee", "Ankle")}
    toes = (points[f"{NAMES}.MT1"] + points[f"{NAMES}.MT5"]) / 2
    hip_m = hip_centre_m(points, hip)
    ends = {
        "foot": (middle["Ankle"], toes),
        "shank": (middle["Knee"], middle["Ankle"]),
        "thigh": (hip_m, middle["Knee"]),
    }
    forces = filtering.forces(trial.forces, markers.time_s)
    force, moment = (values[:, 1] for values in (forces.force_ground_n, forces.moment_ground_nm))
    found = {}
    for segment, names in CLUSTERS.items():
        seen = [name for name in (f"{NAMES}.{one}" for one in names) if np.isfinite(markers.of(name)).all()]
        moving = np.stack(
            [lowpass(markers.of(n), rate_hz=markers.rate_hz, cutoff_hz=filtering.cutoff_hz) for n in seen]
        )
        rotation, shift = rigid(np.stack([points[name] for name in seen]), moving.transpose(1, 0, 2))
        upper, needed_force, needed_moment = inertial(
            markers.time_s, rotation, shift, *ends[segment], mass_kg, *masses[segment]
        )
        force, moment = force - needed_force, moment - needed_moment
        # Minus what is left over is what the joint at the upper end exerts on the segment.
        found[JOINTS[segment]] = (np.cross(upper, force) - moment)[:, 2] / mass_kg
    return markers.time_s, found


def inertial(time_s, rotation, shift, upper, lower, mass_kg, share, center, gyration) -> tuple:
    """Return the upper end of a segment (m), and force (N) and moment about the origin (N m) that its motion needs."""
    axis = (lower - upper) / (length := np.linalg.norm(lower - upper))
    mass = share * mass_kg
    own = mass * length**2 * (gyration**2 * (np.eye(3) - np.outer(axis, axis)) + 0.01 * np.outer(axis, axis))
    end, middle = (rotation @ point + shift for point in (upper, upper + center * (lower - upper)))
    rate = derivative(rotation.reshape(len(time_s), 9), time_s).reshape(-1, 3, 3)
    turning = np.einsum("tij,tkj->tik", rate, rotation)
    spin = np.stack([turning[:, 2, 1], turning[:, 0, 2], turning[:, 1, 0]], axis=1)
    momentum = np.einsum("tij,jk,tlk,tl->ti", rotation, own, rotation, spin)
    force = mass * (derivative(middle, time_s, order=2) - GRAVITY)
    return end, force, np.cross(middle, force) + derivative(momentum, time_s)


def rigid(places: np.ndarray, moving: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rotations (T, 3, 3) and shifts (T, 3) that bring points (N, 3) nearest to moving ones (T, N, 3)."""
    centred, about = places - places.mean(axis=0), moving - moving.mean(axis=1, keepdims=True)
    u, _, vt = np.linalg.svd(np.einsum("ni,tnj->tij", centred, about))
    turn = vt.transpose(0, 2, 1)
    sign = np.sign(np.linalg.det(turn @ u.transpose(0, 2, 1)))
    turn = np.concatenate([turn[..., :2], turn[..., 2:] * sign[:, None, None]], axis=2)
    rotation = turn @ u.transpose(0, 2, 1)
    return rotation, moving.mean(axis=1) - rotation @ places.mean(axis=0)


def measured(job_of: Callable[[Case], Job], people: Sequence[str]) -> dict:
    """Return how mean stances differ from theirs (N m/kg) by method, joint, runner and speed; `{}` without theirs."""
    rows: dict[str, list] = {"ours": [], **{name: [] for name in METHODS}}
    for runner in (one for one in RUNNERS if one in people):
        for trial, speed in SPEEDS.items():
            job = job_of(Case(COHORT, runner, trial, *WINDOW_S))
            path = job.cohort.raw_dir.parent / "fukuchi2017_second_opinions" / "moments_liew2021.tsv"
            if not path.is_file():
                return {}
            curves = pd.read_csv(path, sep="\t")
            theirs = curves[(curves.runner == runner) & (curves.speed_m_per_s == speed)]
            labels = read_table(job.product("labels", ".parquet"))[0]
            stances = _stances(labels, SIDE)
            about = {"runner": runner, "speed_m_per_s": speed}
            ours = {joint: SIGN[joint] * labels[f"{column}_nm_per_kg"] for joint, column in OURS.items()}
            rows["ours"].append(about | _beside(ours, stances, theirs))
            for name, (hip, masses) in METHODS.items():
                time_s, free = free_moments(job, job.participant.mass_kg, hip, masses)
                at = np.searchsorted(time_s, labels["time_s"] - 1e-6)
                found = {joint: values[at] for joint, values in free.items()}
                rows[name].append(about | _beside(found, stances, theirs))
    return rows if rows["ours"] else {}


def _beside(moments: Mapping[str, np.ndarray], stances: Sequence[slice], theirs: pd.DataFrame) -> dict:
    found = {}
    for joint, values in moments.items():
        mean = np.mean([_stretched(values[run]) for run in stances], axis=0)
        other = theirs[f"{joint}_moment_ml"].to_numpy()
        found[joint] = {
            "rmse": float(np.sqrt(np.mean((mean - other) ** 2))),
            "peak_ratio": float(np.abs(mean).max() / np.abs(other).max()),
            "at_30_percent": [float(mean[30]), float(other[30])],
        }
    return found


def sections(found: Mapping) -> list[tuple[str, str]]:
    """Return sections of the report, each a sentence and a table; none without measurements."""
    if not found:
        return []
    rows = []
    for name, trials in found.items():
        cells = []
        for joint in OURS:
            errors = [trial[joint]["rmse"] for trial in trials]
            cells.append(f"{np.mean(errors):.2f} ({min(errors):.2f} to {max(errors):.2f})")
        ratios = [f"{np.mean([trial[joint]['peak_ratio'] for trial in trials]):.2f}" for joint in ("ankle", "knee")]
        rows.append([name, *cells, " / ".join(ratios)])
    count = len(found["ours"])
    sentence = (
        f"Sagittal moments of the mean stance of the left leg beside Liew et al. 2021, who used the same recordings "
        f"and other software ({count} trials): root mean square difference (N m/kg), mean and range. Below ours, "
        "segments that each follow their own markers, then with other masses, then with another hip centre."
    )
    head = ["method", *OURS, "peaks of ankle / knee over theirs"]
    return [(sentence, tables.table(head, rows))]
