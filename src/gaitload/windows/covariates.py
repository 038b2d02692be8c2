"""Covariates of participants: from participants.tsv when a study is put together, not from the tables of trials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gaitload.cohorts.tables import Cohort
from gaitload.study import Study
from gaitload.windows.tables import AlignedTrial

_COLUMNS = {
    "mass_kg": ("mass_kg",),
    "height_m": ("height_m",),
    "sex": ("sex",),
    "affected_side": ("affected_side",),
    "knee_alignment_r_deg": ("knee_alignment_r_deg",),
    "knee_alignment_l_deg": ("knee_alignment_l_deg",),
    "knee_alignment_deg": ("knee_alignment_r_deg", "knee_alignment_l_deg"),
}
"""Columns of participants.tsv by covariate of a study."""


def participant_covariates(study: Study, cohorts: Mapping[str, Cohort]) -> dict[str, dict]:
    """What a study asks of participants.tsv: columns by `cohort/participant`, empty where it asks for none."""
    columns = [column for name in study.covariates for column in _COLUMNS.get(name, ())]
    if not columns:
        return {}
    return {
        f"{cohort.name}/{person.participant_id}": {column: getattr(person, column) for column in columns}
        for cohort in cohorts.values()
        for person in cohort.movers
    }


def with_covariates(trial: AlignedTrial, covariates: Mapping[str, dict]) -> AlignedTrial:
    """A trial whose document knows the covariates of its participant, as `participant_covariates` returns them."""
    person = trial.document["participant"] | covariates.get(trial.subject, {})
    return replace(trial, document=trial.document | {"participant": person})
