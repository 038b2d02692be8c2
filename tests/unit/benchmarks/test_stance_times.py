"""Stances of plates and of a sensor are paired foot by foot, and their ends compared with the right sign."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.stance_times import measured, report
from gaitload.windows.tables import AlignedTrial, signal_columns
from synthetic_runner import STANCE_S, STARTS_S, TIME_S, pelvis_of_runner

LATE_S = 0.05


@pytest.fixture
def trial() -> AlignedTrial:
    """A runner whose plates see every foot later by `LATE_S`, and miss the first two stances of the right one."""
    values = {"time_s": TIME_S}
    for side, starts_s in (("r", STARTS_S[4::2]), ("l", STARTS_S[1::2])):
        phase = (TIME_S[:, None] - starts_s - LATE_S) / STANCE_S
        values[f"contact_{side}"] = ((phase >= 0) & (phase <= 1)).any(axis=1)
    signals = dict(zip(("acc", "gyr"), pelvis_of_runner(0.3), strict=True))
    signals["quat"] = np.tile([1.0, 0.0, 0.0, 0.0], (len(TIME_S), 1))
    meanings = {}
    for channel, columns in signals.items():
        for name, column in zip(signal_columns("pelvis", channel), columns.T, strict=True):
            values[name], meanings[name] = column, {"sensor": "pelvis"}
    document = {"cohort": "made", "participant": {"participant_id": "p1"}, "trial": {"trial_id": "run"}}
    return AlignedTrial(values, meanings, document)


def test_errors_are_those_of_the_sensor_against_the_plates(trial):
    row = measured(trial)

    seen = row["by_sensor"]["r"] + row["by_sensor"]["l"]
    assert len(row["errors_s"]) == row["by_plate"]["r"] + row["by_plate"]["l"] == seen - 2
    np.testing.assert_allclose(row["errors_s"], -LATE_S, atol=0.02)
    assert f"| made | pelvis_sensor | 1 | {seen - 2} of {seen - 2} | -" in report([row])


def test_a_sensor_that_takes_the_other_foot_finds_nothing(trial):
    swapped = trial.values | {"contact_r": trial.values["contact_l"], "contact_l": trial.values["contact_r"]}
    row = measured(AlignedTrial(swapped, trial.meanings, trial.document))

    assert row["errors_s"] == []
    assert "| made | pelvis_sensor | 1 | 0 of" in report([row])
