"""Labels of what really happened in a synthetic recording, named like the labels that are held against them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gaitload.cohorts.tables import Cohort
from gaitload.config import Config
from gaitload.conventions import AXES, SIDES
from gaitload.io.sto import Table
from gaitload.io.tables import read_table, write_table
from gaitload.labels import TrialLoads
from gaitload.models.family import Family
from gaitload.models.registry import find_model
from gaitload.stages.catalogue import label_columns
from gaitload.stages.chain import ENGINE_TABLES, Body, Solved
from gaitload.trial import FootForces


def label_truths(config: Config, cohort: Cohort, participant_id: str) -> list[Path]:
    """Write `<trial>.truth.parquet` beside every recording of a participant; returns their paths.

    Each is made from `<trial>.motion.parquet`; the document keeps the clock and the mountings of the sensors, and the
    largest residual force of the motion (BW).
    """
    family, paths = find_model(config.model, config.model_family).family, []
    for trial in cohort.trials_of(participant_id):
        values, _, document = read_table(cohort.motion_of(trial))
        loads = _loads(values, document, family)
        columns = {"time_s": (loads.time_s, {"unit": "s"})}
        for side in SIDES:
            columns[f"contact_{side}"] = (values[f"contact_{side}"], {"definition": "the foot is loaded"})
        for label in label_columns(loads):
            columns[label.name] = (label.values, {key: label.meaning[key] for key in ("label", "unit")})
        paths.append(cohort.truth_of(trial))
        write_table(paths[-1], columns, document)
    return paths


def _loads(values: dict[str, np.ndarray], document: dict, family: Family) -> TrialLoads:
    spacing_m = dict.fromkeys(SIDES, document["condylar_spacing_m"])
    tables = {name: _table(values, name) for name in ENGINE_TABLES}
    solved = Solved(_table(values, "coordinates"), tables, _forces(values), unsolved=0)
    return solved.loads(values["time_s"], Body(family, document["mass_kg"], spacing_m))


def _table(values: dict[str, np.ndarray], name: str) -> Table:
    columns = {key.partition(":")[2]: column for key, column in values.items() if key.startswith(f"{name}:")}
    return Table(tuple(columns), values["time_s"], np.stack(list(columns.values()), axis=1))


def _forces(values: dict[str, np.ndarray]) -> FootForces:
    force, moment = (
        np.stack([np.stack([values[f"{name}_{side}_{axis}_{unit}"] for axis in AXES], 1) for side in SIDES], 1)
        for name, unit in (("force", "n"), ("moment", "nm"))
    )
    return FootForces(values["time_s"], force, moment, np.stack([values[f"contact_{side}"] for side in SIDES], 1))
