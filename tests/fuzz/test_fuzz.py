"""A few hundred damaged files a reader; the whole of it is `python -m tests.fuzz` (docs/robustness.md)."""

from __future__ import annotations

from dataclasses import replace

import ezc3d
import numpy as np
import pytest

from tests.fuzz import naive_c3d, seeds
from tests.fuzz.cases import counts, run
from tests.fuzz.mutations import truncate
from tests.fuzz.targets import TARGETS

CASES = {"cohort": 100, "config": 100, "family": 50, "model": 20, "matlab": 20}
"""Instead of 200: the first three take fifteen milliseconds a case; `model` and `matlab` open what they
damage in interpreters of their own."""


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_files_are_refused_with_a_reason_or_read_as_they_are(name, tmp_path):
    cases = CASES.get(name, 200)
    seen, findings, _ = counts(run(TARGETS[name], range(cases), tmp_path, None))
    assert [(finding.what, finding.seed, finding.done) for finding in findings] == []
    assert sum(seen.values()) == cases
    assert seen["read"] > 0


def test_a_reader_that_believes_everything_is_found_out(tmp_path):
    """The judges are no rubber stamps: a reader that passes over what it does not understand fails them."""
    trc = TARGETS["trc"]

    def believing(path, **options):
        try:
            return trc.read(path, **options)
        except Exception:
            path.write_bytes(trc.seeds(None)[0].content)
            return trc.read(path, **options)

    _, findings, _ = counts(run(replace(trc, read=believing), range(200), tmp_path, None))
    assert len(findings) > 50


def test_a_case_is_the_same_whenever_it_is_run(tmp_path):
    first, second = (list(run(TARGETS["sto"], range(40), tmp_path, None)) for _ in "ab")
    assert [(case.content, case.what) for case in first] == [(case.content, case.what) for case in second]
    assert truncate.__name__ in {name for case in first for name in case.done}


@pytest.mark.parametrize("seed", seeds.c3d(None), ids=lambda seed: seed.name)
def test_the_literal_reading_of_a_c3d_file_is_that_of_ezc3d(seed, tmp_path):
    path = tmp_path / "whole.c3d"
    path.write_bytes(seed.content)
    literal, other = naive_c3d.parse(seed.content), ezc3d.c3d(str(path))
    positions = other["data"]["points"][:3].transpose(2, 1, 0)
    np.testing.assert_allclose(literal.points[..., :3], positions, rtol=1e-6)
    assert literal.rate_hz == other["header"]["points"]["frame_rate"]
    if literal.analog.size:
        np.testing.assert_allclose(literal.analog, other["data"]["analogs"][0].T, rtol=1e-6)
