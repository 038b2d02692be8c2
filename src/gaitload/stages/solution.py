"""Gathers what the stages before left in OpenSim files on one clock: that of the labelled window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gaitload.conventions import SIDES, sampling_rate_hz
from gaitload.gates import Solution
from gaitload.io.forces import read_foot_forces
from gaitload.io.sto import Table, read_sto
from gaitload.labels import TrialLoads
from gaitload.models.family import Family
from gaitload.models.markersets import load_marker_set
from gaitload.signals.clock import frames_within
from gaitload.signals.plates import center_of_pressure
from gaitload.stages.job import Job
from gaitload.trial import FootForces

FILTER_REACH_PERIODS = 0.25
"""How far a missing ground reaction is smeared into its neighbours, in periods of the cut-off: a step is within 5 % of
its height a quarter of a period away."""


def read_solution(job: Job, scaling_record: dict) -> Solution:
    """Everything labels and gates need to know about a trial, in SI units.

    Parameters
    ----------
    scaling_record
        As `gaitload.opensim.scaling.scale_subject` returned it.
    """
    family = job.model_source.family
    numbers = job.quality_of("ingest").numbers
    coordinates = read_sto(job.product("loads", "") / "coordinates.mot")
    time_s = coordinates.time_s[frames_within(coordinates.time_s, numbers["window_s"])]
    read = read_loads(job, job.product("loads", ""), time_s, scaling_record)
    errors = on_clock(read_sto(job.product("kinematics", ".marker_errors.sto")), time_s)
    bodies = {marker.name: marker.body for marker in load_marker_set(job.marker_set_path).markers}
    return Solution(
        loads=read.loads,
        leg_marker_errors_m={name: values for name, values in errors.items() if family.is_leg(bodies[name])},
        other_marker_errors_m={name: values for name, values in errors.items() if not family.is_leg(bodies[name])},
        activations=read.activations,
        reserves_nm=read.reserves_nm,
        contact=read.contact,
        com_height_m=job.quality_of("kinematics").numbers["com_height_m"],
        unsolved_s=tuple(job.quality_of("loads").numbers["unsolved_s"]),
    )


class Read(NamedTuple):
    """What a folder of the loads stage holds, NaN where the ground reaction is not known; axis 0 is time."""

    loads: TrialLoads
    activations: dict[str, np.ndarray]
    reserves_nm: dict[str, np.ndarray]
    contact: np.ndarray


def read_loads(job: Job, folder: Path, time_s: np.ndarray, scaling_record: dict) -> Read:
    """What an engine made of a motion of a trial and of its forces, at times that the motion holds."""
    numbers = job.quality_of("ingest").numbers
    forces = read_foot_forces(folder / "forces.mot")
    tables = {
        name: on_clock(read_sto(folder / f"{name}.sto"), time_s)
        for name in ("muscle_forces", "activations", "reserves", "inverse_dynamics", "joint_reactions")
    }
    loads = trial_loads(
        time_s,
        read_sto(folder / "coordinates.mot"),
        tables,
        forces,
        condylar_spacing_m=scaling_record["condylar_spacing_m"],
        mass_kg=job.participant.mass_kg,
        family=job.model_source.family,
    )
    reach_s = FILTER_REACH_PERIODS / job.config.loads.cutoff_hz.of(job.trial.activity)
    lost = near(time_s, [*chain(*numbers["unmeasured_s"].values()), *numbers["shared_s"]], reach_s)
    return Read(
        without_loads(loads, lost),
        _blanked(tables["activations"], lost),
        _blanked(tables["reserves"], lost),
        forces.contact[_rows_at(forces, time_s)],
    )


def trial_loads(
    time_s: np.ndarray,
    coordinates: Table,
    tables: Mapping[str, Mapping[str, np.ndarray]],
    forces: FootForces,
    *,
    condylar_spacing_m: Mapping[str, float],
    mass_kg: float,
    family: Family,
) -> TrialLoads:
    """What labels are made from, of a motion, its forces, and what an engine made of them.

    Parameters
    ----------
    time_s : ndarray, shape (T,)
        Times wanted; those of `coordinates` and `forces` include them.
    coordinates
        As in a file of OpenSim's.
    tables
        Name of an engine's table -> column -> values, shape (T,), NaN where nothing was solved.
    forces
        Filtered.
    """
    rows = _rows_at(forces, time_s)
    cop, free_moment = _foot_points(forces)
    return TrialLoads(
        time_s=time_s,
        coordinates=in_radians(on_clock(coordinates, time_s), coordinates.in_degrees, family),
        generalized_forces=_with_dependents(tables["inverse_dynamics"], family),
        tendon_forces_n=tables["muscle_forces"],
        reactions={
            (joint, side): _reaction(tables["joint_reactions"], family, joint, side)
            for joint in family.reactions
            for side in SIDES
        },
        foot_force_ground_n=forces.force_ground_n[rows],
        foot_cop_ground_m=cop[rows],
        foot_free_moment_nm=free_moment[rows],
        condylar_spacing_m=condylar_spacing_m,
        mass_kg=mass_kg,
        family=family,
    )


def near(time_s: np.ndarray, spans_s: Sequence[Sequence[float]], reach_s: float) -> np.ndarray:
    """Whether each time lies in one of the half-open spans or within reach of it, shape (T,)."""
    mask = np.zeros(len(time_s), dtype=bool)
    for start_s, end_s in spans_s:
        mask |= (time_s >= start_s - reach_s) & (time_s < end_s + reach_s)
    return mask


def without_loads(loads: TrialLoads, lost: np.ndarray) -> TrialLoads:
    """Loads with NaN in frames whose ground reaction is not known; angles stay.

    Parameters
    ----------
    lost : ndarray of bool, shape (T,)
    """
    vectors = lost[:, None, None]
    return replace(
        loads,
        generalized_forces=_blanked(loads.generalized_forces, lost),
        tendon_forces_n=_blanked(loads.tendon_forces_n, lost),
        reactions={
            key: tuple(np.where(lost[:, None], np.nan, values) for values in reaction)
            for key, reaction in loads.reactions.items()
        },
        foot_force_ground_n=np.where(vectors, np.nan, loads.foot_force_ground_n),
        foot_cop_ground_m=np.where(vectors, np.nan, loads.foot_cop_ground_m),
        foot_free_moment_nm=np.where(lost[:, None], np.nan, loads.foot_free_moment_nm),
    )


def _blanked(columns: Mapping[str, np.ndarray], lost: np.ndarray) -> dict[str, np.ndarray]:
    return {name: np.where(lost, np.nan, values) for name, values in columns.items()}


def on_clock(table: Table, time_s: np.ndarray) -> dict[str, np.ndarray]:
    """Columns of a table at times it holds, NaN at those it does not; each of shape (T,)."""
    half_frame_s = 0.5 / sampling_rate_hz(time_s)
    rows = np.clip(np.searchsorted(table.time_s, time_s - half_frame_s), 0, len(table.time_s) - 1)
    held = np.abs(table.time_s[rows] - time_s) < half_frame_s
    values = np.where(held[:, None], table.values[rows], np.nan)
    return {name: values[:, column] for column, name in enumerate(table.names)}


def _rows_at(forces: FootForces, time_s: np.ndarray) -> np.ndarray:
    """Rows of forces at times they hold, shape (T,)."""
    return np.searchsorted(forces.time_s, time_s - 0.5 / forces.rate_hz)


def _foot_points(forces: FootForces) -> tuple[np.ndarray, np.ndarray]:
    """Centre of pressure, shape (N, 2, 3), NaN while unloaded, and free moment, shape (N, 2), zero while unloaded."""
    found = [center_of_pressure(*forces.side(side)[:2], forces.surface_height_m) for side in SIDES]
    cop, free_moment = (np.stack(values, axis=1) for values in zip(*found, strict=True))
    return np.where(forces.contact[..., None], cop, np.nan), np.where(forces.contact, free_moment, 0.0)


def in_radians(columns: dict[str, np.ndarray], in_degrees: bool, family: Family) -> dict[str, np.ndarray]:
    """Coordinates in rad and m, out of columns as OpenSim's files have them."""
    # Dependent coordinates are coupled ones to OpenSim, which writes them in radians in any file.
    as_they_are = {*family.residual_forces, *family.drivers()}
    return {
        name: np.radians(values) if in_degrees and name not in as_they_are else values
        for name, values in columns.items()
    }


def _with_dependents(moments: dict[str, np.ndarray], family: Family) -> dict[str, np.ndarray]:
    """Generalized forces with those on dependent coordinates added to the coordinates that drive them."""
    total = dict(moments)
    for dependent, driver in family.drivers().items():
        # ASSUME: a dependent coordinate moves one to one with its driver, as the patella with the knee here.
        total[driver] = total[driver] + total.pop(dependent)
    return total


def _reaction(reactions: dict[str, np.ndarray], family: Family, joint: str, side: str) -> tuple[np.ndarray, np.ndarray]:
    """Force (N) and moment (N m) on the child in its frame, each (T, 3)."""
    names = family.reaction(joint, side)
    stem = f"{names.joint}_on_{names.body}_in_{names.body}"
    force, moment = (np.stack([reactions[f"{stem}_{kind}{axis}"] for axis in "xyz"], axis=1) for kind in ("f", "m"))
    return force, moment
