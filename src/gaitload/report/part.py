"""The part of the report that speaks about one participant: trials with gates, figures and a moving skeleton."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from gaitload.cohorts.tables import Cohort
from gaitload.config import Config
from gaitload.errors import GaitloadError
from gaitload.io.files import write_text_aside
from gaitload.plots.drawing import draw
from gaitload.plots.tables import write_table_of
from gaitload.quality import Gate
from gaitload.report.evidence import Evidence
from gaitload.report.figures import figures_of
from gaitload.report.payload import Pool, figure_payload, page_json
from gaitload.report.scene import scene_payload, scenes_of
from gaitload.stages.job import Job


def write_part(
    config: Config,
    cohort: Cohort,
    participant_id: str,
    results: Path,
    *,
    shown_s: float,
    part: Path,
    figures: Path,
    data: Path,
    log: Path,
) -> None:
    """Write what the page says about a participant, and the drawings and numbers of the figures.

    Parameters
    ----------
    shown_s
        Longest part of a trial that is shown.
    part
        JSON: a list with one document a trial, statics first as in the cohort's table.
    figures, data
        Folders of the drawings (`<trial>/<figure>.svg`, `.png`) and numbers (`<trial>/<figure>.csv`).
    """
    person = cohort.by_id[participant_id]
    trials = [Evidence(Job(config, cohort, person, row, results), shown_s) for row in cohort.trials_of(participant_id)]
    skeletons, why_none = _skeletons(trials)
    figures.mkdir(parents=True, exist_ok=True)
    data.mkdir(parents=True, exist_ok=True)
    documents = [_document(trial, skeletons.get(trial.job.stem), why_none, figures, data) for trial in trials]
    write_text_aside(part, page_json(documents) + "\n")
    log.write_text("".join(f"{trial.job.where}: {trial.verdict}\n" for trial in trials) + why_none)


def _skeletons(trials: list[Evidence]) -> tuple[dict[str, dict], str]:
    """By trial, and a sentence where the model cannot be drawn."""
    try:
        return scenes_of(trials), ""
    except GaitloadError as error:
        return {}, f"Skeleton: {error}"


def _document(evidence: Evidence, skeleton: dict | None, why_none: str, figures: Path, data: Path) -> dict:
    job, pool = evidence.job, Pool()
    made, missing = figures_of(evidence)
    shown = []
    for figure in made:
        draw(figure, figures / job.stem)
        write_table_of(figure, data / job.stem / f"{figure.key}.csv")
        place = f"{job.cohort.name}/{job.participant.participant_id}/{job.stem}/{figure.key}"
        shown.append(figure_payload(figure, pool, place))
    scene = scene_payload(evidence, skeleton, pool) if skeleton else None
    if evidence.is_shown and scene is None:
        missing.append(why_none or "Skeleton: the kinematics or the scaled model are not there.")
    return {
        "id": job.where,
        "cohort": job.cohort.name,
        "participant": job.participant.participant_id,
        "trial": job.stem,
        "role": job.trial.role,
        "activity": job.trial.activity,
        "speed_m_per_s": job.trial.speed_m_per_s,
        "verdict": evidence.verdict,
        "refusal": evidence.refusal,
        "summary": evidence.summary,
        "groups": {name: asdict(group) for name, group in evidence.groups.items()},
        "gates": [_gate(evidence, stage, gate) for stage, gate in evidence.gates],
        "shown_s": evidence.window_s if evidence.is_shown else None,
        "labelled": evidence.is_labelled,
        "length_s": _length_s(evidence),
        "missing": missing,
        "figures": shown,
        "scene": scene,
        "arrays": pool.arrays,
    }


def _gate(evidence: Evidence, stage: str, gate: Gate) -> dict:
    """A gate, and the label groups that it doubts."""
    concerns = [name for name, group in evidence.groups.items() if gate.code in group.reasons]
    return {"stage": stage, "concerns": concerns} | asdict(gate)


def _length_s(evidence: Evidence) -> float | None:
    if not evidence.is_shown:
        return None
    time_s = evidence.table[0]["time_s"]
    return float(time_s[-1] - time_s[0])
