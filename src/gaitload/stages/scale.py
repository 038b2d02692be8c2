"""Scale stage: the generic model and a static trial become the person's model."""

from __future__ import annotations

import json
from pathlib import Path

from gaitload.opensim.process import run_isolated
from gaitload.opensim.scaling import scale_subject
from gaitload.quality import Quality
from gaitload.stages.job import Job

NAME = "scale"
TIMEOUT_S = 600.0


def inputs(job: Job) -> list[Path]:
    """Model, its family, the marker set, and the static trial where there is one."""
    source = job.model_source
    marker_set = job.marker_set_files if job.has_markers else []
    return [source.path, source.family_path, *marker_set, *_static_files(job)]


def settings(job: Job) -> dict:
    """Scaling settings and the person."""
    alone = {} if job.has_markers else {"carriers": list(job.cohort.spec.imu_files)}
    return {"scaling": _scaling(job), "person": job.participant.deciding_labels()} | alone


def run(job: Job, out: Path) -> Quality:
    """Write `model.osim` and what was done to it, `model.scaling.json`."""
    source = job.model_source
    record = run_isolated(
        scale_subject,
        {
            "model": str(source.path),
            "family": str(source.family_path),
            "marker_set": str(job.marker_set_path) if job.has_markers else None,
            "landmarks": str(source.landmarks_path),
            "carriers": [] if job.has_markers else list(job.cohort.spec.imu_files),
            "static_trcs": [str(path) for path in _static_files(job)],
            "mass_kg": job.participant.mass_kg,
            "height_m": job.participant.height_m,
            "lengths_m": job.participant.lengths_m,
            "output": str(out / f"{job.stem}.osim"),
            "where": job.where,
            **_scaling(job),
        },
        log=job.tool_log(NAME),
        where=job.where,
        timeout_s=TIMEOUT_S,
        leaks=True,
    )
    (out / f"{job.stem}.scaling.json").write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")
    return Quality(NAME, job.where, numbers=record)


def _scaling(job: Job) -> dict:
    return job.config.scaling.model_dump(mode="json") | {"strength": job.config.strength}


def _static_files(job: Job) -> list[Path]:
    return [job.product("ingest", ".trc", static.trial_id) for static in job.marked_statics]
