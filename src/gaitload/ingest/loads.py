"""From plate wrenches in the ground frame to loads without baseline, and to forces on feet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gaitload.ingest.baseline import Baseline, measure_baseline, without_baseline
from gaitload.ingest.contact import loaded
from gaitload.ingest.feet import Assignment, assign_feet
from gaitload.ingest.outline import Feet
from gaitload.ingest.steps import PlateLoad
from gaitload.trial import FootForces, PlateWrench, Recording


@dataclass(frozen=True)
class FootLoads:
    """Forces on the feet over a whole trial, and what they were made from."""

    assignment: Assignment
    baselines: tuple[Baseline, ...]
    feet: Feet

    @property
    def forces(self) -> FootForces:
        """Forces on the feet."""
        return self.assignment.forces


def plate_loads(recording: Recording, threshold_n: float) -> tuple[list[PlateLoad], list[Baseline]]:
    """Take the unloaded reading off every plate and find its contacts.

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
    """
    rate_hz = (len(recording.force_time_s) - 1) / (recording.force_time_s[-1] - recording.force_time_s[0])
    loads, baselines = [], []
    for plate in recording.plates:
        baseline = measure_baseline(plate.name, plate.force_lab_n, plate.moment_lab_nm, rate_hz, threshold_n)
        force, moment = without_baseline(plate.force_lab_n, plate.moment_lab_nm, baseline)
        contact = loaded(force[:, 1], rate_hz, threshold_n)
        loads.append(PlateLoad(plate.name, force, moment, contact, plate.corners_lab_m))
        baselines.append(baseline)
    return loads, baselines


def foot_loads(
    recording: Recording,
    feet: Feet,
    threshold_n: float,
    *,
    force_lag_s: float,
    foot_of_plate: Mapping[str, str],
    where: str,
) -> FootLoads:
    """Forces on the feet from a recording in the ground frame; see `assign_feet` for what it raises.

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
    loads, baselines = plate_loads(recording, threshold_n)
    assignment = assign_feet(
        loads,
        recording.force_time_s + force_lag_s,
        feet,
        surface_height_m=_surface_height_m(recording.plates),
        foot_of_plate=foot_of_plate,
        where=where,
    )
    return FootLoads(assignment, tuple(baselines), feet)


def _surface_height_m(plates: tuple[PlateWrench, ...]) -> float:
    """Mean height of the plates' corners; the floor's, 0, where no plate tells."""
    corners = [plate.corners_lab_m for plate in plates if plate.corners_lab_m is not None]
    return float(np.mean([corner[:, 1] for corner in corners])) if corners else 0.0
