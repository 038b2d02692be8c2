"""What holds for every label, those added later included."""

from __future__ import annotations

import re

import pytest

from gaitload.labels import Label, in_every_unit
from gaitload.registry import modules_of

MODULES = modules_of("gaitload.labels", required=("LABEL", "compute"))
COLUMN = re.compile(r"[a-z][a-z_]*_[rl](_(x|y|z|norm))?_(n|bw|nm|nm_per_kg|rad|m)")


@pytest.mark.parametrize("name", MODULES)
def test_label_says_what_it_is(name):
    label = MODULES[name].LABEL
    assert isinstance(label, Label)
    assert all((label.definition, label.frame, label.positive, label.source))
    assert label.unit in {"n", "nm", "rad", "m"}


@pytest.mark.parametrize("name", MODULES)
def test_source_is_true_of_every_engine(name):
    source = MODULES[name].LABEL.source
    assert not re.search(r"OpenSim|Simbody|Tool\b|JointReaction|StaticOptimization|kernel|engine", source)
    assert len(source) < 80


@pytest.mark.parametrize("name", MODULES)
def test_columns_follow_the_grammar_and_have_every_frame(name, loads):
    module = MODULES[name]
    columns = in_every_unit(module.LABEL, module.compute(loads), loads.mass_kg)
    assert columns
    for column, (values, unit) in columns.items():
        assert COLUMN.fullmatch(column), column
        assert column.endswith(f"_{unit}")
        assert values.shape == loads.time_s.shape


def test_no_two_labels_write_the_same_column(loads):
    columns = [name for module in MODULES.values() for name in module.compute(loads)]
    assert len(columns) == len(set(columns))
