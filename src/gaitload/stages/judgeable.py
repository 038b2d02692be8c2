"""What gates judge a trial by, apart from `gaitload.stages.solution`: another gate must not solve anything again."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gaitload.conventions import sampling_rate_hz
from gaitload.gates.solution import Solution
from gaitload.io.sto import read_sto
from gaitload.models.anatomy import Anatomy
from gaitload.signals.clock import frames_within
from gaitload.stages.chain import on_clock
from gaitload.stages.job import Job
from gaitload.stages.solution import SOLVED, read_loads
from gaitload.trial import Trial


def read_solution(job: Job, trial: Trial, scaling_record: Mapping) -> Solution:
    """Everything labels and gates need to know about a trial, in SI units."""
    family, folder = job.model_source.family, job.product("loads", "")
    coordinates = read_sto(folder / "coordinates.mot")
    time_s = coordinates.time_s[frames_within(coordinates.time_s, trial.window_s)]
    read = read_loads(job, trial, folder, time_s, scaling_record)
    errors = on_clock(read_sto(job.product("kinematics", ".marker_errors.sto")), time_s)
    bodies = {marker.name: marker.body for marker in job.marker_set.markers}
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
        forces_measured=trial.forces is not None,
    )
