"""The catalogue of labels, and the last link of `gaitload.stages.chain`: loads become label columns."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import NamedTuple

import numpy as np

from gaitload.conventions import side_of
from gaitload.labels import TrialLoads, in_every_unit
from gaitload.registry import modules_of


class LabelColumn(NamedTuple):
    """A label column: the module that made it, its name without and with its unit, values (T,), and what they mean."""

    module: ModuleType
    stem: str
    name: str
    unit: str
    values: np.ndarray
    meaning: dict


def label_columns(loads: TrialLoads) -> Iterator[LabelColumn]:
    """Every label in every unit."""
    for module in modules_of("gaitload.labels", required=("LABEL", "compute")).values():
        label = module.LABEL
        meaning = {key: getattr(label, key) for key in ("definition", "frame", "positive", "source")}
        for stem, values in module.compute(loads).items():
            own = dict(meaning)
            if label.muscle_group:
                own["muscles"] = loads.family.muscles(label.muscle_group, side_of(stem))
            for name, (scaled, unit) in in_every_unit(label, {stem: values}, loads.mass_kg).items():
                yield LabelColumn(module, stem, name, unit, scaled, {"label": label.name, "unit": unit} | own)
