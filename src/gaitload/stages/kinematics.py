"""Kinematics stage: markers become joint angles, with the error of every marker."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gaitload.ingest.lag import estimate_force_lag
from gaitload.io.sto import read_sto
from gaitload.io.trials import SUFFIX, read_trial
from gaitload.models.markersets import MarkerSet
from gaitload.opensim.kinematics import solve_inverse_kinematics
from gaitload.opensim.process import run_isolated
from gaitload.quality import Quality
from gaitload.stages.job import Job
from gaitload.trial import OF_CONTACT

NAME = "kinematics"
MISSING_SHARE = 0.01
"""Share of frames without a ground reaction above which the lag of the forces is not estimated. A knock that no foot
made leaves it as it is; a stance that is missing does not."""


def inputs(job: Job) -> list[Path]:
    """Scaled model, marker set, the trial's markers as OpenSim reads them, and the trial record."""
    trial = [job.product("ingest", suffix) for suffix in (".trc", SUFFIX)]
    return [job.product("scale", ".osim"), *job.marker_set_files, *trial]


def settings(job: Job) -> dict:
    """Kinematics settings, and the body mass that the lag estimate needs."""
    return {
        "by_tool": job.config.engine == "tools",
        "kinematics": job.config.kinematics.model_dump(mode="json", exclude={"timeout_s"}),
        "mass_kg": job.participant.mass_kg,
        "activity": job.trial.activity,
    }


def run(job: Job, out: Path) -> Quality:
    """Write `<trial>.mot`, `<trial>.marker_errors.sto` and `<trial>.com.sto` (height of the centre of mass)."""
    motion, errors, com = (out / f"{job.stem}{suffix}" for suffix in (".mot", ".marker_errors.sto", ".com.sto"))
    solved = run_isolated(
        solve_inverse_kinematics,
        {
            "engine": job.config.engine,
            "model": str(job.product("scale", ".osim")),
            "markers_trc": str(job.product("ingest", ".trc")),
            "weights": _weights(job.marker_set),
            "accuracy": job.config.kinematics.accuracy,
            "coordinates_mot": str(motion),
            "errors_sto": str(errors),
            "com_sto": str(com),
            "where": job.where,
        },
        log=job.tool_log(NAME),
        where=job.where,
        timeout_s=job.config.kinematics.timeout_s,
        leaks=job.config.engine == "tools",
    )
    numbers = {"marker_errors_m": marker_error_summary(errors), "com_height_m": solved["com_height_m"]}
    return Quality(NAME, job.where, numbers=numbers | _force_lag(job, com))


def marker_error_summary(errors_sto: Path) -> dict[str, dict[str, float]]:
    """Marker -> root mean square and maximum of its error (m) over the frames in which it was seen."""
    table = read_sto(errors_sto)
    return {
        name: {
            "rms": float(np.sqrt(np.nanmean(table.column(name) ** 2))),
            "max": float(np.nanmax(table.column(name))),
        }
        for name in table.names
        if np.isfinite(table.column(name)).any()
    }


def _weights(marker_set: MarkerSet) -> dict[str, float]:
    return {marker.name: marker.ik_weight for marker in marker_set.markers if marker.ik_weight > 0}


def _force_lag(job: Job, com_sto: Path) -> dict[str, float]:
    """Lag between forces and the motion of the centre of mass, with its standard error (s); NaN where forces miss."""
    trial = read_trial(job.product("ingest", SUFFIX))
    if trial.forces is None or (trial.validity.mask & int(OF_CONTACT)).any(axis=1).mean() > MISSING_SHARE:
        return {"force_lag_s": float("nan"), "force_lag_se_s": float("nan")}
    com, forces = read_sto(com_sto), trial.forces
    lag_s, error_s = estimate_force_lag(
        forces.force_ground_n[..., 1].sum(axis=1),
        forces.time_s,
        com.column("com_height"),
        com.time_s,
        mass_kg=job.participant.mass_kg,
    )
    return {"force_lag_s": lag_s, "force_lag_se_s": error_s}
