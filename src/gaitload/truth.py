"""Labels held against the truth their recordings were made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from gaitload.conventions import SIDES, body_weight_n

Columns = Mapping[str, np.ndarray]
ANGLES = ("hip_flexion", "knee_angle", "ankle_angle")
MOMENTS = ("hip_flexion_moment", "knee_moment", "ankle_moment")
BOUNDS = {
    "hip_flexion": 1.5,
    "knee_angle": 1.5,
    "ankle_angle": 1.5,
    "hip_flexion_moment": 0.05,
    "knee_moment": 0.02,
    "ankle_moment": 0.02,
    "vertical_force": 0.01,
    "centre_of_pressure": 0.5,
    "foot_assignment": 0.0,
}
"""How far labels may be from the truth, in the units of `compare`. Measured on the squats of the embedded cohort with
0.2 mm of marker noise: angles 0.1 to 0.5 deg, moments of hip, knee and ankle 1.7, 0.7 and 0.4 % of their peaks, force
0.13 % of body weight, centre of pressure 0.05 mm. What is left of the hip's moment is marker noise that
passes the 10 Hz filter into accelerations (0.4 to 0.6 N m); of the knee's, half is that and half a constant 0.3 N m.
Bounds leave room for another draw of the noise, a factor of 2.5 to 10."""


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


def compare(labels: Columns, truth: Columns, *, mass_kg: float) -> list[Comparison]:
    """Root mean square errors of sagittal angles, sagittal moments and ground forces; the worse side counts.

    Parameters
    ----------
    labels, truth : mapping of str to ndarray
        Columns by the names of label files, each with its own `time_s`; the truth spans the labels.
    mass_kg : float
        Of the person.
    """
    known = {name: np.interp(labels["time_s"], truth["time_s"], values) for name, values in truth.items()}
    off = {name: labels[name] - values for name, values in known.items() if name in labels}
    upward = sum(off[f"grf_{side}_y_n"] for side in SIDES)
    errors = {name: ("deg", np.degrees(_worst(off, [f"{name}_{side}_rad" for side in SIDES]))) for name in ANGLES}
    for name in MOMENTS:
        columns = [f"{name}_{side}_nm" for side in SIDES]
        peak_nm = max(np.abs(known[column]).max() for column in columns)
        errors[name] = "share of peak", _worst(off, columns) / peak_nm
    errors["vertical_force"] = "BW", _rms(upward) / body_weight_n(mass_kg)
    points = [f"cop_{side}_{axis}_m" for side in SIDES for axis in "xz"]
    errors["centre_of_pressure"] = "mm", 1e3 * _worst(off, points)
    return [Comparison(name, unit, error, BOUNDS[name]) for name, (unit, error) in errors.items()]


def compare_feet(steps: Iterable[Mapping], foot_of_plate: Mapping[str, str]) -> Comparison:
    """Share of the loaded time that was given to a foot that did not stand there, or to none.

    Parameters
    ----------
    steps
        `plate`, `side`, `start_s` and `end_s` of each contact, as in the quality file of ingest.
    foot_of_plate
        The side that stood on each plate all the time.
    """
    spans = [(step["end_s"] - step["start_s"], step["side"] == foot_of_plate[step["plate"]]) for step in steps]
    total_s = sum(span for span, _ in spans)
    wrong_s = sum(span for span, right in spans if not right)
    seen = {step["plate"] for step in steps} == foot_of_plate.keys()
    return Comparison("foot_assignment", "share", wrong_s / total_s if seen else np.nan, BOUNDS["foot_assignment"])


def _worst(off: Columns, names: Iterable[str]) -> float:
    return max(_rms(off[name]) for name in names)


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2)))
