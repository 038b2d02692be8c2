"""IMU loads stage: what the sensors' angles and the measured ground reaction would have given (IMU-driven dynamics)."""

from __future__ import annotations

from pathlib import Path

from gaitload.baselines import IMU_ID
from gaitload.conventions import SIDES
from gaitload.ingest.report import UNMEASURED
from gaitload.io.sto import read_sto
from gaitload.io.tables import write_table
from gaitload.io.trials import SUFFIX
from gaitload.opensim.imu_kinematics import stand_where_seen
from gaitload.opensim.process import run_isolated
from gaitload.quality import Quality
from gaitload.signals.clock import frames_within
from gaitload.stages import loads
from gaitload.stages.catalogue import label_columns
from gaitload.stages.job import Job
from gaitload.stages.solution import read_loads, trial_of

NAME = "imu_loads"
MEASURED = frozenset({"angle", "grf", "cop", "free_moment"})
"""Labels that are no result of this stage: it takes them as they are."""
TIME = {"unit": "s", "definition": "time on the clock of the recording"}
"""Meaning of the column `time_s`."""


def inputs(job: Job) -> list[Path]:
    """Angles by the sensors, the motion and forces they are put to, and what the loads stage needs."""
    return [
        job.product("imu_kinematics", ".mot"),
        job.product("loads", ""),
        job.product("scale", ".osim"),
        job.product("scale", ".scaling.json"),
        job.product("ingest", SUFFIX),
        job.model_source.family_path,
    ]


def settings(job: Job) -> dict:
    """Those of the loads stage, and body mass."""
    return loads.settings(job) | {"mass_kg": job.participant.mass_kg}


def run(job: Job, out: Path) -> Quality:
    """Write the folder `<trial>/` of OpenSim files and `<trial>.parquet`, moments and loads as `imu_id_<label column>`.

    The pelvis goes where the feet are where markers saw them, so that the ground reaction meets the foot where it did:
    sensors do not know where a person is. Without force plates the table holds times alone.
    """
    trial = trial_of(job)
    if trial.forces is None:
        time_s = read_sto(job.product("imu_kinematics", ".mot")).time_s
        write_table(out / f"{job.stem}.parquet", {"time_s": (time_s, TIME)}, {"baseline": IMU_ID})
        return Quality(NAME, job.where, (UNMEASURED,))
    # ASSUME: laboratory and sensors agree on where the feet are; a sensor-only system would not know.
    placed = out / f"{job.stem}.mot"
    family = job.model_source.family
    footing = run_isolated(
        stand_where_seen,
        {
            "model": str(job.product("scale", ".osim")),
            "sensed_mot": str(job.product("imu_kinematics", ".mot")),
            "seen_mot": str(job.product("loads", "") / "coordinates.mot"),
            "forces_mot": str(job.product("loads", "") / "forces.mot"),
            "feet": [family.foot(side) for side in SIDES],
            "translations": list(family.residual_forces),
            "output_mot": str(placed),
            "where": job.where,
        },
        log=job.tool_log(NAME),
        where=job.where,
        timeout_s=job.config.loads.timeout_s,
        leaks=False,
    )
    folder = out / job.stem
    numbers = loads.solve_motion(job, placed, folder, log=job.tool_log(NAME))
    record = job.document("scale", ".scaling.json")
    time_s = read_sto(folder / "coordinates.mot").time_s
    time_s = time_s[frames_within(time_s, trial.window_s)]
    columns = {"time_s": (time_s, TIME)}
    for label in label_columns(read_loads(job, trial, folder, time_s, record).loads):
        if label.meaning["label"] not in MEASURED:
            columns[f"{IMU_ID}_{label.name}"] = (
                label.values,
                {"baseline": IMU_ID, "of": label.name, "unit": label.unit},
            )
    write_table(out / f"{job.stem}.parquet", columns, {"baseline": IMU_ID})
    return Quality(NAME, job.where, numbers=numbers | footing)
