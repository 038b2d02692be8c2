"""What all stages have to say about a trial, wherever they say it."""

from __future__ import annotations

from dataclasses import replace

from gaitload.gates import judge_static_pose
from gaitload.quality import Quality
from gaitload.stages.job import Job

_STATIC_STAGES = ("ingest", "scale")


def stages_of(job: Job) -> tuple[str, ...]:
    """Stages that judge a trial, a static one among them."""
    return _STATIC_STAGES if job.trial.role == "static" else job.stages


def quality_in(job: Job, stage: str) -> Quality:
    """What a stage says about a trial.

    The first static trial, which decides the proportions of the model, bears the doubts about its pose, which the
    stage `labels` tells of every motion: scaling itself has no limits, so that other ones do not scale anew.

    Raises
    ------
    DataError
        Those of `Job.quality_of`.
    """
    quality = job.quality_of(stage)
    if stage != "scale" or job.trial not in job.statics[:1]:
        return quality
    errors = quality.numbers.get("marker_errors_m") or {}
    gates = judge_static_pose(errors, job.config.gates) if errors else ()
    return replace(quality, gates=(*quality.gates, *gates))
