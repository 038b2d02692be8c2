"""From plate wrenches in the ground frame to loads without baseline, and to forces on feet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gaitload.conventions import sampling_rate_hz
from gaitload.errors import DataError
from gaitload.ingest.baseline import Baseline, measure_baseline, without_baseline
from gaitload.ingest.drift import LEVEL_MAX_N, Drift, measure_drift
from gaitload.ingest.feet import Assignment, assign_feet
from gaitload.ingest.outline import Feet
from gaitload.ingest.steps import PlateLoad
from gaitload.signals.contact import loaded
from gaitload.trial import FootForces, PlateWrench, Recording

UNEVEN_M = 0.02
"""Plates whose heights differ by more are steps; floors and surveyed corners are within some millimetres."""


@dataclass(frozen=True)
class FootLoads:
    """Forces on the feet over a whole trial, and what they were made from.

    Attributes
    ----------
    assignment : Assignment
    baselines : tuple of Baseline
    feet : Feet
    drifts : dict of Drift
        By plate.
    vertical_n : ndarray, shape (N,)
        Vertical force of all plates together, whoever stands on them.
    """

    assignment: Assignment
    baselines: tuple[Baseline, ...]
    feet: Feet
    drifts: dict[str, Drift]
    vertical_n: np.ndarray

    @property
    def forces(self) -> FootForces:
        """Forces on the feet."""
        return self.assignment.forces


def plate_loads(recording: Recording, threshold_n: float) -> tuple[list[PlateLoad], list[Baseline], dict[str, Drift]]:
    """Take the unloaded reading off every plate and find its contacts.

    One offset is taken off, or, where the unloaded reading drifts, what lies between those of the unloaded phases.

    Parameters
    ----------
    recording : Recording
        In the ground frame (`axes.to_ground`).
    threshold_n : float
        Contact threshold.

    Returns
    -------
    loads : list of PlateLoad
    baselines : list of Baseline
    drifts : dict of Drift
        By plate.
    """
    rate_hz = sampling_rate_hz(recording.force_time_s)
    loads, baselines, drifts = [], [], {}
    for plate in recording.plates:
        baseline = measure_baseline(plate.name, plate.force_lab_n, plate.moment_lab_nm, rate_hz, threshold_n)
        beside = np.zeros(len(recording.force_time_s), dtype=bool)
        for other in recording.plates:
            beside |= (np.abs(other.force_lab_n[:, 1]) > LEVEL_MAX_N) & (other is not plate)
        drift = measure_drift(
            plate.force_lab_n, plate.moment_lab_nm, recording.force_time_s, threshold_n, beside=beside
        )
        if baseline.unloaded_share == 0.0 and drift.is_offset_of(plate.force_lab_n):
            baseline = replace(
                baseline, force_n=drift.middle[:3], moment_nm=drift.middle[3:], unloaded_share=drift.share
            )
        if drift.matters:
            reading = drift.at(recording.force_time_s)
            force, moment = plate.force_lab_n - reading[:, :3], plate.moment_lab_nm - reading[:, 3:]
        else:
            force, moment = without_baseline(plate.force_lab_n, plate.moment_lab_nm, baseline)
        contact = loaded(force[:, 1], rate_hz, threshold_n)
        above = force[:, 1] > threshold_n
        loads.append(PlateLoad(plate.name, force, moment, contact, above, plate.corners_lab_m))
        baselines.append(baseline)
        drifts[plate.name] = drift
    return loads, baselines, drifts


def foot_loads(
    recording: Recording,
    feet: Feet,
    threshold_n: float,
    *,
    force_lag_s: float,
    foot_of_plate: Mapping[str, str],
    where: str,
) -> FootLoads:
    """Forces on the feet from a recording in the ground frame; raises as `assign_feet` does, and PLATES_UNEVEN.

    Parameters
    ----------
    recording : Recording
    feet : Feet
    threshold_n : float
        Contact threshold.
    force_lag_s : float
        Forces are delayed by it.
    foot_of_plate : mapping of str to str
    where : str
    """
    loads, baselines, drifts = plate_loads(recording, threshold_n)
    stepped_on = [plate for plate, load in zip(recording.plates, loads, strict=True) if load.contact.any()]
    assignment = assign_feet(
        loads,
        recording.force_time_s + force_lag_s,
        feet,
        surface_height_m=_surface_height_m(stepped_on, where),
        foot_of_plate=foot_of_plate,
        where=where,
    )
    vertical_n = np.sum([load.force_n[:, 1] for load in loads], axis=0)
    return FootLoads(assignment, tuple(baselines), feet, drifts, vertical_n)


def _surface_height_m(plates: Sequence[PlateWrench], where: str) -> float:
    """Mean height of the plates that were stepped on; the floor's, 0, where no plate tells."""
    heights = {plate.name: float(plate.surface_lab_m[1]) for plate in plates if plate.surface_lab_m is not None}
    if heights and max(heights.values()) - min(heights.values()) > UNEVEN_M:
        raise DataError(
            expected=f"force plates within {UNEVEN_M * 1e3:.0f} mm of one height",
            found=", ".join(f"{name} at {height * 1e3:.0f} mm" for name, height in heights.items()),
            where=where,
            do="Leave the plates of stairs and boxes out (plates in trials.tsv); steps of different heights are not "
            "supported.",
            code="PLATES_UNEVEN",
        )
    return float(np.mean(list(heights.values()))) if heights else 0.0
