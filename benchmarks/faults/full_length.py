"""Clean recordings in full length: which of them `gaitload check` doubts, and why."""

from __future__ import annotations

from pathlib import Path

from benchmarks.faults.clean import CHILDREN, children
from benchmarks.trials import ROOT
from gaitload.cohorts.reader import load_cohort
from gaitload.config import Config, parse_config
from gaitload.discovery.recorded import recorded_gates
from gaitload.errors import GaitloadError
from gaitload.models.registry import find_model
from gaitload.quality import Gate
from gaitload.stages.job import marker_sets_of

COHORTS = ("rajagopal2016", "grandchallenge5_ps", CHILDREN, "embedded", "fukuchi2017")
"""Published recordings, and those of synthetic participants that were made."""
TRUE_OF_RECORDINGS = ("LABELS_", "CONTACT_", "SEGMENT_LOST", "MARKERS_MISSING", "FOOT_SHAPE")
"""Beginnings of codes that these recordings deserve: markers that are missing, or misnamed as their publishers'
descriptions and docs/cohorts.md say, and steps beside plates."""


def alarms_in_full_length(results: Path) -> dict[str, list[str]]:
    """Codes of the gates that doubt each motion, by `cohort/participant/trial`, with refusals among them.

    Parameters
    ----------
    results : Path
        Results folder that holds the recordings of the embedded cohort; participants without are passed over.
    """
    found: dict[str, list[str]] = {}
    for name in COHORTS:
        found |= _of_cohort(name, parse_config({"results_dir": str(results)}), results)
    return found


def _of_cohort(name: str, config: Config, results: Path) -> dict[str, list[str]]:
    folder = ROOT / "workflow" / "cohorts" / name
    cohort = children() if name == CHILDREN else load_cohort(folder, root=ROOT, results=results)
    sets = marker_sets_of(cohort, find_model(config.model, config.model_family))
    found: dict[str, list[str]] = {}
    for row, one in recorded_gates(cohort, sets, config):
        if row.role == "static" or getattr(one, "code", "") == "FILE_MISSING":
            continue
        codes = found.setdefault(f"{name}/{row.participant_id}/{row.trial_id}", [])
        if isinstance(one, Gate | GaitloadError):
            codes.append(one.code)
    return {trial: list(dict.fromkeys(codes)) for trial, codes in found.items()}
