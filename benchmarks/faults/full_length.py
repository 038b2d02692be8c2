"""Clean recordings in full length: which of them `gaitload check` doubts, how long it takes, and the lags it finds."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.faults.clean import CHILDREN, children
from benchmarks.trials import ROOT
from gaitload.cohorts.reader import load_cohort
from gaitload.cohorts.tables import TrialRow
from gaitload.config import Config, parse_config
from gaitload.discovery.recorded import Built, built_trials, recorded_gates
from gaitload.errors import GaitloadError
from gaitload.ingest.laboratory import LaboratoryLag, TrialLag, laboratory_lag
from gaitload.models.registry import find_model
from gaitload.quality import Gate
from gaitload.stages.force_lag import lag_of
from gaitload.stages.job import marker_sets_of

COHORTS = ("rajagopal2016", "grandchallenge5_ps", CHILDREN, "embedded", "fukuchi2017")
"""Published recordings, and those of synthetic participants that were made."""
TRUE_OF_RECORDINGS = ("LABELS_", "CONTACT_", "SEGMENT_LOST", "MARKERS_MISSING", "FOOT_SHAPE")
"""Beginnings of codes that these recordings deserve: markers that are missing, or misnamed as their publishers'
descriptions and docs/cohorts.md say, and steps beside plates."""
_LAGS = ("vertical_s", "vertical_se_s", "belt_s")


def in_full_length(results: Path) -> dict[str, dict]:
    """Alarms, times and lags of each motion, by `cohort/participant/trial`.

    Parameters
    ----------
    results : Path
        Results folder that holds the recordings of the embedded cohort; participants without are passed over.

    Returns
    -------
    dict of dict
        `alarms` (codes of the gates that doubt the motion, and of the error that refuses it), `check_s` (time of the
        processor that reading and checking took), and the lags `vertical_s`, `vertical_se_s` and `belt_s`, None where
        they are not estimated.
    """
    found: dict[str, dict] = {}
    for name in COHORTS:
        found |= _of_cohort(name, parse_config({"results_dir": str(results)}), results)
    return found


def laboratory_of(found: Mapping[str, Mapping], cohort: str) -> LaboratoryLag:
    """The lag of a cohort by its motions in full length."""
    own = [
        TrialLag(*trial.split("/")[1:], *(math.nan if one[key] is None else one[key] for key in _LAGS))
        for trial, one in found.items()
        if trial.startswith(f"{cohort}/")
    ]
    return laboratory_lag(own)


def _of_cohort(name: str, config: Config, results: Path) -> dict[str, dict]:
    cohort = children() if name == CHILDREN else load_cohort(_folder(name), root=ROOT, results=results)
    sets = marker_sets_of(cohort, find_model(config.model, config.model_family))
    built: list[tuple[TrialRow, Built]] = []
    found: dict[str, dict] = {}
    begun_s = time.process_time()
    for row, one in built_trials(cohort, sets, config):
        took_s = time.process_time() - begun_s
        if getattr(one, "code", "") != "FILE_MISSING":
            built.append((row, one))
            if row.role != "static":
                found[_name(name, row)] = {"alarms": [], "check_s": took_s, **_lags_of(row, one)}
        begun_s = time.process_time()
    for row, doubt in recorded_gates(cohort, sets, config, built=built):
        if row.role != "static" and isinstance(doubt, Gate | GaitloadError):
            alarms = found[_name(name, row)]["alarms"]
            alarms += [doubt.code] if doubt.code not in alarms else []
    return found


def _lags_of(row: TrialRow, built: Built) -> dict[str, float | None]:
    if isinstance(built, GaitloadError):
        return dict.fromkeys(_LAGS)
    lag = lag_of(built[1], row.participant_id, row.trial_id)
    return {key: None if math.isnan(value := getattr(lag, key)) else value for key in _LAGS}


def _name(cohort: str, row: TrialRow) -> str:
    return f"{cohort}/{row.participant_id}/{row.trial_id}"


def _folder(name: str) -> Path:
    return ROOT / "workflow" / "cohorts" / name
