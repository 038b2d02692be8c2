"""Labels held against the truth their recordings were made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.ndimage import binary_erosion

from gaitload.conventions import SIDES, body_weight_n, side_of
from gaitload.trial import Step

Columns = Mapping[str, np.ndarray]
ANGLES = ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle")
MOMENTS = ("hip_flexion_moment", "hip_adduction_moment", "knee_moment", "ankle_moment")
LOADS = ("atf", "ptf", "acf_norm", "kcf_norm", "hcf_norm")
ENDS_S = 0.3
"""At either end of a trial, left out: there filters know one side only."""
EDGE_FRAMES = 2
"""At either end of a contact, left out of the comparison of feet and of centres of pressure."""
LOADED_BW = 0.2
"""Vertical force above which a centre of pressure is compared."""
BOUNDS = {
    **dict.fromkeys(ANGLES, 1.5),
    **dict.fromkeys(MOMENTS, 0.05),
    "atf": 0.15,
    "ptf": 0.2,
    "acf_norm": 0.3,
    "kcf_norm": 0.3,
    "hcf_norm": 0.4,
    "vertical_force": 0.015,
    "centre_of_pressure": 1.0,
    "body_weight": 0.01,
    "residual_of_truth": 0.02,
    "foot_assignment": 0.0,
    "sync": 5.0,
}
"""How far labels may be from the truth, in the units of `compare`. The largest errors of the default cohort
(0.2 mm of camera noise, 4 mm of skin motion over the thigh): angles 0.2 to 0.6 deg, moments 0.3 to 2.1 % of their
peaks, Achilles and patellar tendon 0.03 and 0.05 BW, ankle, knee and hip contact 0.05, 0.08 and 0.12 BW, vertical force
0.8 %, centre of pressure 0.1 mm, residual force of the true motion 0.8 %. Bounds leave room for another draw of people
and noise, a factor of 2 to 4; a foot that was taken for the other has none."""


@dataclass(frozen=True)
class Comparison:
    """One quantity of one trial: how far from the truth, and how far it may be, in `unit`."""

    quantity: str
    unit: str
    error: float
    bound: float

    @property
    def ok(self) -> bool:
        """Whether the error is known and within its bound."""
        return bool(self.error <= self.bound)


def compare(
    labels: Columns, truth: Columns, *, unknown: np.ndarray, mass_kg: float, residual_bw: float
) -> list[Comparison]:
    """Root mean square errors of angles, moments, loads and ground forces; the worse side counts.

    Mean vertical force over whole strides of the right foot, of which every frame is known, is held against body weight
    where there is such a stride: a trial of the shortest length that the configuration allows has none in walking.

    Parameters
    ----------
    labels, truth : mapping of str to ndarray
        Columns by the names of label files, each with its own `time_s`; the truth spans the labels.
    unknown : ndarray of bool, shape (T, 2)
        Frames of the labels and legs (as `SIDES`) that the trial record says nothing is known of; they are left out,
        and no others: a value that is missing elsewhere is an error.
    mass_kg : float
        Of the person.
    residual_bw : float
        Largest force that the true motion demands and no foot gives.
    """
    weight_n, time_s = body_weight_n(mass_kg), labels["time_s"]
    inner = (time_s >= truth["time_s"][0] + ENDS_S) & (time_s <= truth["time_s"][-1] - ENDS_S)
    unknown = dict(zip(SIDES, unknown[inner].T, strict=True))
    known = {name: np.interp(time_s[inner], truth["time_s"], values) for name, values in truth.items()}
    found = {name: np.asarray(labels[name], dtype=float)[inner] for name in known if name in labels}
    off = {name: values - known[name] for name, values in found.items()}
    errors = {
        name: ("deg", np.degrees(_worst(off, unknown, [f"{name}_{side}_rad" for side in SIDES]))) for name in ANGLES
    }
    for name in MOMENTS:
        columns = [f"{name}_{side}_nm" for side in SIDES]
        peak_nm = max(np.nanmax(np.abs(known[column])) for column in columns)
        errors[name] = "share of peak", _worst(off, unknown, columns) / peak_nm
    for name in LOADS:
        label, _, component = name.partition("_")
        stems = [f"{label}_{side}_{component}" if component else f"{label}_{side}" for side in SIDES]
        errors[name] = "BW", _worst(off, unknown, [f"{stem}_bw" for stem in stems])
    upward = {
        name: sum(columns[f"grf_{side}_y_n"] for side in SIDES) for name, columns in (("off", off), ("is", found))
    }
    of_either = unknown["r"] | unknown["l"]
    errors["vertical_force"] = "BW", _rms(upward["off"][~of_either]) / weight_n
    errors["centre_of_pressure"] = "mm", 1e3 * np.max(list(_pressure_errors(off, known, unknown, weight_n)))
    strides = [slice(*ends) for ends in pairwise(_touches(known["contact_r"]))]
    whole = [upward["is"][stride] for stride in strides if not of_either[stride].any()]
    if whole:
        errors["body_weight"] = "share", abs(np.mean(np.concatenate(whole)) / weight_n - 1.0)
    errors["residual_of_truth"] = "BW", residual_bw
    return [Comparison(name, unit, float(error), BOUNDS[name]) for name, (unit, error) in errors.items()]


def compare_feet(steps: Iterable[Step], truth: Columns) -> Comparison:
    """Share of the time a foot stood there that was not given to it: to the other one, or to none.

    Parameters
    ----------
    steps : iterable of Step
        Of the trial record.
    truth
        Has `time_s` and `contact_<side>`.
    """
    time_s, stood, missed = truth["time_s"], 0, 0
    for side in SIDES:
        given = np.zeros(len(time_s), dtype=bool)
        for step in steps:
            if step.side == side:
                given |= (time_s >= step.start_s) & (time_s < step.end_s)
        known = (time_s >= time_s[0] + ENDS_S) & (time_s <= time_s[-1] - ENDS_S)
        # Where contact begins and ends is a matter of the threshold and not of whose it is.
        surely = binary_erosion(truth[f"contact_{side}"].astype(bool), iterations=EDGE_FRAMES) & known
        stood, missed = stood + surely.sum(), missed + (surely & ~given).sum()
    return Comparison("foot_assignment", "share", missed / stood if stood else np.nan, BOUNDS["foot_assignment"])


def compare_clocks(found: Mapping[str, float], truth: Mapping[str, float], time_s: np.ndarray) -> Comparison:
    """Largest error of the sensors' clock during a trial.

    Parameters
    ----------
    found, truth
        `offset_s` and `skew`: the cameras' time is `offset_s + (1 + skew) t`.
    time_s : ndarray, shape (T,)
        Of the cameras.
    """
    sensors_s = (time_s[[0, -1]] - truth["offset_s"]) / (1.0 + truth["skew"])
    off_s = found["offset_s"] + (1.0 + found["skew"]) * sensors_s - time_s[[0, -1]]
    return Comparison("sync", "ms", 1e3 * float(np.abs(off_s).max()), BOUNDS["sync"])


def _pressure_errors(
    off: Columns, known: Columns, unknown: Mapping[str, np.ndarray], weight_n: float
) -> Iterable[float]:
    for side in SIDES:
        pressed = (
            binary_erosion(known[f"grf_{side}_y_n"] > LOADED_BW * weight_n, iterations=EDGE_FRAMES) & ~unknown[side]
        )
        for axis in "xz":
            yield _rms(off[f"cop_{side}_{axis}_m"][pressed])


def _touches(contact: np.ndarray) -> np.ndarray:
    """Frames in which a foot touches the floor."""
    on = contact > 0.5
    return np.flatnonzero(on[1:] & ~on[:-1]) + 1


def _worst(off: Columns, unknown: Mapping[str, np.ndarray], names: Iterable[str]) -> float:
    # `max` would pass over a NaN that does not come first.
    return float(np.max([_rms(off[name][~unknown[side_of(name)]]) for name in names]))


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2))) if len(values) else np.nan
