"""Uncertainty stage: how much the labels of a trial would differ with what a laboratory cannot know."""

from __future__ import annotations

from pathlib import Path

from gaitload.ingest.report import UNMEASURED
from gaitload.io.tables import write_table
from gaitload.io.trials import SUFFIX
from gaitload.opensim.process import run_isolated
from gaitload.quality import Quality
from gaitload.stages.force_lag import correction_s
from gaitload.stages.job import Job
from gaitload.stages.sampling import sample_trial
from gaitload.stages.solution import SOLVED, trial_of

NAME = "uncertainty"


def inputs(job: Job) -> list[Path]:
    """Model with actuators, start of the angles, the trial record, and the tables that name the model's parts."""
    return [
        job.product("ingest", SUFFIX),
        job.product("scale", ".scaling.json"),
        job.product("kinematics", ".mot"),
        job.product("loads", ""),
        job.model_source.family_path,
        *job.marker_set_files,
    ]


def settings(job: Job) -> dict:
    """What is drawn, and what decides the labels otherwise."""
    return {
        "uncertainty": job.config.uncertainty.model_dump(mode="json", exclude={"timeout_s"}),
        "label_mode": job.config.label_mode,
        "muscles": job.config.physics.model_dump(mode="json"),
        "cutoff_hz": job.config.loads.cutoff_hz.of(job.trial.activity),
        "contact_threshold_n": job.config.ingest.contact_threshold_n.of(job.trial.activity),
        "mass_kg": job.participant.mass_kg,
    }


def run(job: Job, out: Path) -> Quality:
    """Write `<trial>.parquet`: `<label column>_sd` per frame; nothing where no samples are wanted.

    Of a motion without force plates no label has one.
    """
    uncertainty = settings(job)["uncertainty"]
    if not uncertainty["samples"]:
        return Quality(NAME, job.where)
    trial = trial_of(job)
    if trial.forces is None:
        write_table(out / f"{job.stem}.parquet", {"time_s": (trial.markers.time_s, {"unit": "s"})}, {})
        return Quality(NAME, job.where, (UNMEASURED,))
    numbers = run_isolated(
        sample_trial,
        {"trial": what_was_measured(job), "uncertainty": uncertainty, "table": str(out / f"{job.stem}.parquet")},
        log=job.tool_log(NAME),
        where=job.where,
        timeout_s=job.config.uncertainty.timeout_s,
        leaks=False,
    )
    return Quality(NAME, job.where, numbers=numbers)


def what_was_measured(job: Job) -> dict:
    """Arguments of `gaitload.stages.sampling.read_trial`, plain."""
    chosen = settings(job)
    record = job.document("scale", ".scaling.json")
    return {
        "model": str(job.product("loads", "") / "actuated.osim"),
        "family": str(job.model_source.family_path),
        "coordinates_mot": str(job.product("kinematics", ".mot")),
        "record": str(job.product("ingest", SUFFIX)),
        "weights": {marker.name: marker.ik_weight for marker in job.marker_set.markers},
        "condylar_spacing_m": record["condylar_spacing_m"],
        "knee_centre_aside_m": record.get("knee_centre_aside_m", {}),
        "spans_s": job.document("loads", "", SOLVED)["spans_s"],
        "where": job.where,
        "force_lag_s": correction_s(job),
        **{name: chosen[name] for name in ("label_mode", "muscles", "cutoff_hz", "contact_threshold_n")},
        "mass_kg": chosen["mass_kg"],
    }
