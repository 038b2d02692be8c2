"""Derivatives by natural quintic splines."""

from __future__ import annotations

import numpy as np

from gaitload.signals.derivatives import derivative


def test_derivatives_of_a_smooth_motion_are_right_but_near_its_ends():
    time_s = np.arange(200) / 100.0
    values = np.column_stack([np.sin(9 * time_s), np.cos(20 * time_s)])
    exact = np.column_stack([9 * np.cos(9 * time_s), -20 * np.sin(20 * time_s)])
    error = np.abs(derivative(values, time_s) - exact)
    assert error[30:-30].max() < 1e-6
    assert error.max() < 0.2  # measured 0.13: the ends are free, those of a sine are not


def test_straight_motion_has_one_speed():
    time_s = np.arange(10) / 50.0
    np.testing.assert_allclose(derivative(3.0 * time_s[:, None] - 1.0, time_s), 3.0, atol=1e-10)
