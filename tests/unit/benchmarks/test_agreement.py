"""Errors of angles as benchmarks tell them."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.agreement import angle_errors


def test_errors_are_in_degrees_and_leave_out_what_is_missing():
    theirs = np.radians(np.stack([np.linspace(0, 60, 5), np.full(5, -4.5)], axis=1))
    ours = theirs + np.radians([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0], [np.nan, 2.0], [5.0, 2.0]])
    found = angle_errors(("knee", "ankle"), ours, theirs, ("knee", "ankle"))
    knee = found["knee"]
    assert knee["rmse_deg"] == pytest.approx(np.sqrt((3 * 1 + 25) / 4))
    assert knee["bias_deg"] == pytest.approx(2.0)
    assert knee["median_deg"] == pytest.approx(1.0)
    assert knee["max_deg"] == pytest.approx(5.0)
    assert knee["r"] > 0.99
    # An angle that stays at its limit has no correlation.
    assert found["ankle"]["r"] is None
