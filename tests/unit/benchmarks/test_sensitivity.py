"""What is chosen otherwise, and what the table says about it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks import sensitivity
from gaitload.models.registry import find_model
from gaitload.trial import FootForces


def test_forces_come_later_by_a_positive_lag():
    time_s = np.arange(301) / 300
    vector = np.zeros((301, 2, 3))
    vector[100:, 0, 1] = 1000.0
    forces = FootForces(time_s, vector, vector, np.ones((301, 2), dtype=bool), 0.0)
    later = sensitivity.delayed(forces, 1 / 300)
    assert later.force_ground_n[1:, 0, 1] == pytest.approx(vector[:-1, 0, 1], abs=1e-6)
    assert len(later.time_s) == len(time_s)


def test_peaks_are_the_means_over_stances_of_both_feet():
    columns = [column.format(side) for column in sensitivity.LABELS.values() for side in "rl"]
    labels = {name: np.array([0.0, 1.0, 5.0, 2.0, 3.0, 9.0]) for name in columns}
    stances = {"r": [slice(0, 2), slice(2, 4)], "l": [slice(3, 5)]}
    found = sensitivity.peaks_bw(labels, stances)
    assert found == pytest.approx(dict.fromkeys(sensitivity.LABELS, (1.0 + 5.0 + 3.0) / 3))


def test_the_table_tells_the_default_and_what_others_are_less_of_it():
    def runner(default: float, step: float) -> dict:
        return {
            name: dict.fromkeys(sensitivity.LABELS, default + step * number)
            for number, name in enumerate(sensitivity.CHOICES)
        }

    runners = {"one": runner(7.0, 0.1), "two": runner(8.0, 0.3)}
    lags_s = {"one": 0.004, "two": -0.001}
    text = sensitivity.report({"runners": runners, "force_lag_s": lags_s, "machine": {"cores": "2"}})
    assert "| default | 7.50 ± 0.71 |" in text
    assert "| scaled by marker pairs | +0.20 ± 0.14 |" in text
    assert "2 runners of `fukuchi2017` (one, two)" in text and "4.0, -1.0 ms" in text


def test_landmarks_of_the_authors_leave_nothing_that_tells_a_joint_centre():
    source = find_model("rajagopal2015")
    worn, authors = (source.marker_set_path(name) for name in ("fukuchi2017", sensitivity.AUTHORS))
    table = sensitivity.generic_marker_set(worn, authors).set_index("marker")
    known = pd.read_csv(authors, sep="\t", comment="#").set_index("marker")
    assert table.loc["R.Ankle", ["x_m", "y_m", "z_m"]].tolist() == known.loc["RLMAL", ["x_m", "y_m", "z_m"]].tolist()
    medial = table.loc["R.Ankle.Medial"]
    assert medial["x_m"] == known.loc["RMMAL", "x_m"] and pd.isna(medial["landmark"])
    assert table.loc["R.Ankle", "ik_weight"] == 0  # what the trials follow stays
    assert table.loc["R.Heel.Bottom", "ik_weight"] == 30
