"""Gathers what the stages before left in files on one clock: that of the labelled window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gaitload.io.forces import read_foot_forces
from gaitload.io.sto import read_sto
from gaitload.io.trials import SUFFIX, read_trial
from gaitload.labels import TrialLoads
from gaitload.models.anatomy import Anatomy
from gaitload.signals.foot_forces import delayed
from gaitload.stages.chain import (
    Body,
    Filtering,
    known_columns,
    known_loads,
    on_clock,
    rows_at,
    trial_loads,
    unmeasured_loads,
)
from gaitload.stages.force_lag import correction_s
from gaitload.stages.job import Job
from gaitload.trial import Trial

TABLES = ("muscle_forces", "passive_forces", "activations", "reserves", "inverse_dynamics", "joint_reactions")
"""Tables that every engine writes into a folder of the loads stage; mode physical adds `joint_resultants`."""
SOLVED = "solved.json"
"""In the same folder: which parts were solved, and the times that were not."""


class Read(NamedTuple):
    """What a folder of the loads stage holds, NaN where the trial record says that it is not known; axis 0 is time."""

    loads: TrialLoads
    activations: dict[str, np.ndarray]
    reserves_nm: dict[str, np.ndarray]
    contact: np.ndarray


def trial_of(job: Job) -> Trial:
    """The trial record of a job, its forces delayed by the lag of the laboratory where `ingest.force_lag` is auto."""
    trial, lag_s = read_trial(job.product("ingest", SUFFIX)), correction_s(job)
    return replace(trial, forces=delayed(trial.forces, lag_s)) if trial.forces and lag_s else trial


def filtering_of(job: Job) -> Filtering:
    """The filter of a job's activity."""
    activity = job.trial.activity
    return Filtering(job.config.loads.cutoff_hz.of(activity), job.config.ingest.contact_threshold_n.of(activity))


def body_of(job: Job, scaling_record: Mapping) -> Body:
    """Whose loads a job's are; the record as `gaitload.opensim.scaling.scale_subject` returned it."""
    aside_m = scaling_record.get("knee_centre_aside_m", {})
    # Without forces nobody needs a mass, and no label is made from it.
    mass_kg = float("nan") if job.participant.mass_kg is None else job.participant.mass_kg
    return Body(job.model_source.family, mass_kg, scaling_record["condylar_spacing_m"], aside_m)


def read_loads(job: Job, trial: Trial, folder: Path, time_s: np.ndarray, scaling_record: Mapping) -> Read:
    """What an engine made of a motion of a trial and of its forces, at times that the motion holds.

    Of a motion without force plates nothing but the angles is known, and contact is that of the markers.
    """
    if trial.forces is None:
        return _unmeasured(job, trial, folder, time_s, scaling_record)
    forces, reach_s = read_foot_forces(folder / "forces.mot"), filtering_of(job).reach_s
    names = (*TABLES, *(("joint_resultants",) if job.config.label_mode == "physical" else ()))
    tables = {name: on_clock(read_sto(folder / f"{name}.sto"), time_s) for name in names}
    loads = trial_loads(time_s, read_sto(folder / "coordinates.mot"), tables, forces, body_of(job, scaling_record))
    activations, reserves = (
        known_columns(tables[name], trial.validity, time_s, reach_s) for name in ("activations", "reserves")
    )
    known = known_loads(loads, trial.validity, reach_s)
    return Read(known, activations, reserves, forces.contact[rows_at(forces, time_s)])


def _unmeasured(job: Job, trial: Trial, folder: Path, time_s: np.ndarray, scaling_record: Mapping) -> Read:
    anatomy = Anatomy.from_record(scaling_record["anatomy"], job.model_source.family)
    loads = unmeasured_loads(time_s, read_sto(folder / "coordinates.mot"), body_of(job, scaling_record), anatomy)
    rows = np.rint((time_s - trial.markers.time_s[0]) * trial.markers.rate_hz).astype(int)
    known = known_loads(loads, trial.validity, filtering_of(job).reach_s)
    return Read(known, dict(loads.tendon_forces_n), {}, trial.down[rows])
