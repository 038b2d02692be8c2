"""More people explain more, and the mean curve explains nothing beyond itself."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.learning_curve import beyond_mean, measured, report
from gaitload.study import Study
from gaitload.windows.slicing import slice_trials
from gaitload.windows.tables import read_trial
from synthetic_aligned import write_people


def test_what_is_explained_is_a_share_of_what_the_mean_leaves():
    wanted = np.random.default_rng(0).standard_normal((20, 5, 2))
    mean = np.zeros_like(wanted)
    assert beyond_mean(wanted, wanted, mean) == [1, 1] and beyond_mean(wanted, mean, mean) == [0, 0]
    assert beyond_mean(wanted, 0.5 * wanted, mean) == pytest.approx([0.75, 0.75])


def test_a_row_is_an_estimator_that_learnt_from_so_many(tmp_path):
    trials = [read_trial(path) for path in write_people(tmp_path, 4)]
    study = Study(targets=("atf_bw",))
    windows, _ = slice_trials(trials, study, ("pelvis", "tibia"))
    rows = measured(windows, study, ["phase_mean", "ridge"], [2, 3], [0, 1], lambda line: None)
    assert [(row["estimator"], row["people"], len(row["draws"])) for row in rows] == [
        ("phase_mean", 2, 2),
        ("phase_mean", 3, 1),
        ("ridge", 2, 2),
        ("ridge", 3, 1),
    ]
    assert rows[1]["explained"]["atf_bw"] == pytest.approx(0, abs=1e-9)
    assert rows[0]["explained"]["atf_bw"] < rows[3]["explained"]["atf_bw"]
    assert "| ridge | 3 | " in report(rows, "pelvis+tibia")
