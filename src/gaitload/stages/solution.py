"""Gathers what the stages before left in files on one clock: that of the labelled window."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gaitload.conventions import sampling_rate_hz
from gaitload.gates import Solution
from gaitload.io.forces import read_foot_forces
from gaitload.io.sto import read_sto
from gaitload.io.trials import SUFFIX, read_trial
from gaitload.labels import TrialLoads
from gaitload.models.anatomy import Anatomy
from gaitload.models.markersets import load_marker_set
from gaitload.signals.clock import frames_within
from gaitload.stages.chain import Body, Filtering, known_columns, known_loads, on_clock, rows_at, trial_loads
from gaitload.stages.job import Job
from gaitload.trial import Trial

TABLES = ("muscle_forces", "passive_forces", "activations", "reserves", "inverse_dynamics", "joint_reactions")
"""Of an engine, in a folder of the loads stage."""
SOLVED = "solved.json"
"""In the same folder: which parts were solved, and the times that were not."""


class Read(NamedTuple):
    """What a folder of the loads stage holds, NaN where the trial record says that it is not known; axis 0 is time."""

    loads: TrialLoads
    activations: dict[str, np.ndarray]
    reserves_nm: dict[str, np.ndarray]
    contact: np.ndarray


def trial_of(job: Job) -> Trial:
    """The trial record of a job."""
    return read_trial(job.product("ingest", SUFFIX))


def filtering_of(job: Job) -> Filtering:
    """The filter of a job's activity."""
    activity = job.trial.activity
    return Filtering(job.config.loads.cutoff_hz.of(activity), job.config.ingest.contact_threshold_n.of(activity))


def body_of(job: Job, scaling_record: Mapping) -> Body:
    """Whose loads a job's are; the record as `gaitload.opensim.scaling.scale_subject` returned it."""
    return Body(job.model_source.family, job.participant.mass_kg, scaling_record["condylar_spacing_m"])


def read_solution(job: Job, trial: Trial, scaling_record: Mapping) -> Solution:
    """Everything labels and gates need to know about a trial, in SI units."""
    family, folder = job.model_source.family, job.product("loads", "")
    coordinates = read_sto(folder / "coordinates.mot")
    time_s = coordinates.time_s[frames_within(coordinates.time_s, trial.window_s)]
    read = read_loads(job, trial, folder, time_s, scaling_record)
    errors = on_clock(read_sto(job.product("kinematics", ".marker_errors.sto")), time_s)
    bodies = {marker.name: marker.body for marker in load_marker_set(job.marker_set_path).markers}
    unsolved_s = np.array(job.document("loads", "", SOLVED)["unsolved_s"])
    half_frame_s = 0.5 / sampling_rate_hz(time_s)
    return Solution(
        loads=read.loads,
        anatomy=Anatomy.from_record(scaling_record["anatomy"], family),
        leg_marker_errors_m={name: values for name, values in errors.items() if family.is_leg(bodies[name])},
        other_marker_errors_m={name: values for name, values in errors.items() if not family.is_leg(bodies[name])},
        marker_body=bodies,
        activations=read.activations,
        reserves_nm=read.reserves_nm,
        contact=read.contact,
        com_height_m=float(read_sto(job.product("kinematics", ".com.sto")).values.mean()),
        unsolved=(np.abs(time_s[:, None] - unsolved_s) < half_frame_s).any(axis=1),
    )


def read_loads(job: Job, trial: Trial, folder: Path, time_s: np.ndarray, scaling_record: Mapping) -> Read:
    """What an engine made of a motion of a trial and of its forces, at times that the motion holds."""
    forces, reach_s = read_foot_forces(folder / "forces.mot"), filtering_of(job).reach_s
    tables = {name: on_clock(read_sto(folder / f"{name}.sto"), time_s) for name in TABLES}
    loads = trial_loads(time_s, read_sto(folder / "coordinates.mot"), tables, forces, body_of(job, scaling_record))
    activations, reserves = (
        known_columns(tables[name], trial.validity, time_s, reach_s) for name in ("activations", "reserves")
    )
    known = known_loads(loads, trial.validity, reach_s)
    return Read(known, activations, reserves, forces.contact[rows_at(forces, time_s)])
