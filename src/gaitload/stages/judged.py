"""What all stages have to say about a trial, wherever they say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gaitload.gates.kinematics import judge_static_pose
from gaitload.quality import Quality, Verdict
from gaitload.stages.job import STAGES, Job

_STATIC_STAGES = ("ingest", "scale", "sensors")


def stages_of(job: Job) -> tuple[str, ...]:
    """Stages that judge a trial, a static one among them."""
    static = job.trial.role == "static"
    return tuple(stage for stage in job.stages if not static or stage in _STATIC_STAGES)


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
    if stage != "scale" or job.trial not in job.marked_statics[:1]:
        return quality
    errors = quality.numbers.get("marker_errors_m") or {}
    gates = judge_static_pose(errors, job.config.gates) if errors else ()
    return replace(quality, gates=(*quality.gates, *gates))


def trial_verdict(qualities: Mapping[str, Quality]) -> Verdict:
    """Verdict on a trial by what its stages say.

    Of a motion that of its labels, which hold the doubts of the stages before them; sensors that cannot be used, which
    come after the labels, warn. Otherwise the gravest of the stages; a trial that no stage saw is not judged.
    """
    order = list(Verdict)
    verdicts = {stage: quality.verdict for stage, quality in qualities.items()}
    if "labels" not in qualities or not qualities["labels"].groups:
        return max(verdicts.values(), key=order.index, default=Verdict.NOT_JUDGED)
    labels = verdicts["labels"]
    later = [verdict for stage, verdict in verdicts.items() if STAGES.index(stage) > STAGES.index("labels")]
    doubted = any(order.index(verdict) >= order.index(Verdict.WARNED) for verdict in later)
    return max(labels, Verdict.WARNED, key=order.index) if doubted else labels
