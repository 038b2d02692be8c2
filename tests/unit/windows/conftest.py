"""Windows of people made up."""

from __future__ import annotations

import pytest

from gaitload.study import Study
from gaitload.windows.slicing import slice_trials
from gaitload.windows.tables import read_trial
from synthetic_aligned import write_people


@pytest.fixture(scope="session")
def trials(tmp_path_factory):
    """Eight trials of four people."""
    return [read_trial(path) for path in write_people(tmp_path_factory.mktemp("aligned"))]


@pytest.fixture(scope="session")
def windows(trials):
    """Their stances."""
    return slice_trials(trials, Study(), ("pelvis", "tibia"))[0]
