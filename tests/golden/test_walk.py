"""The published walk, from the recording to the labels."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.io.tables import read_table
from gaitload.quality import Verdict
from gaitload.stages.job import STAGES

WHOLE_S = (0.45, 1.90)
"""All feet are on plates."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def walk(stages_of, tmp_path_factory):
    """Job of the walk after all stages, in mode opensim with the model that the page tells of."""
    model = {"label_mode": "opensim", "model": "rajagopal2015"}
    stage = stages_of("walker", WHOLE_S, tmp_path_factory.mktemp("results"), **model)
    stage("ingest", ["static", "static_2"])
    for name in STAGES:
        job, _ = stage(name, ["walk"])
    return job


@pytest.mark.parametrize(
    ("stem", "told_bw"),
    [("atf_{}", (3.7, 3.7)), ("ptf_{}", (1.3, 1.4)), ("acf_{}_norm", (4.9, 4.8)), ("kcf_{}_norm", (4.0, 5.0))],
)
def test_peaks_are_those_that_the_method_page_tells(walk, stem, told_bw):
    values, _, _ = read_table(walk.product("labels", ".parquet"))
    peaks = [np.nanmax(values[f"{stem.format(side)}_bw"]) for side in "lr"]
    # Told to a tenth.
    assert peaks == pytest.approx(told_bw, abs=0.1)


def test_muscles_carry_the_walk(walk):
    reserves = [gate for gate in walk.quality_of("labels").gates if gate.code.startswith("RESERVE_")]
    # No whole swing of the left leg is on plates.
    assert {gate.verdict for gate in reserves if "SWING" not in gate.code} == {Verdict.PASSED}
    assert {gate.verdict for gate in reserves} == {Verdict.PASSED, Verdict.NOT_JUDGED}
