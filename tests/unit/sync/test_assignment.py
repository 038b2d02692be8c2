"""Which sensor is where, at the lag where it fits."""

from __future__ import annotations

import numpy as np

from gaitload.sync.assignment import best_assignment


def test_the_best_deal_over_all_lags_is_found():
    rng = np.random.default_rng(1)
    shares = rng.uniform(-1.0, 0.0, (4, 4, 50))
    order = np.array([2, 0, 3, 1])
    shares[np.arange(4), order, 17] = -3.0
    columns, lag = best_assignment(shares)
    assert lag == 17
    assert list(columns) == list(order)


def test_lags_that_are_not_known_are_left_out():
    shares = np.full((2, 2, 3), -1.0)
    shares[0, 0, 1] = -2.0
    shares[:, :, 2] = np.nan
    columns, lag = best_assignment(shares)
    assert lag == 1
    assert list(columns) == [0, 1]
