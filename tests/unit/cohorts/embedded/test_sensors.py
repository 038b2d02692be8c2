"""How inertial sensors are worn, and when they sample."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.cohorts.embedded.people import random_of
from gaitload.cohorts.embedded.sensors import draw_clock, draw_mountings
from gaitload.config.embedded import VirtualSensors
from gaitload.imu.placement import Placement

PLACED = [Placement(name, name, np.zeros(3), np.eye(3)) for name in ("pelvis", "tibia_r")]


def test_every_sensor_is_worn_in_its_own_way_and_always_the_same():
    first, again = (draw_mountings(PLACED, VirtualSensors(), random_of(1, "p1", "sensors")) for _ in range(2))
    assert tuple(first) == ("pelvis", "tibia_r")
    assert first["pelvis"].turn_sensor_rad.tolist() == again["pelvis"].turn_sensor_rad.tolist()
    assert first["pelvis"].turn_sensor_rad.tolist() != first["tibia_r"].turn_sensor_rad.tolist()


def test_without_spread_sensors_are_where_they_are_meant_to_be():
    settings = VirtualSensors(turn_sd_rad=0.0, shift_sd_m=0.0, heading_max_rad=0.0)
    for mounting in draw_mountings(PLACED, settings, random_of(1, "p1")).values():
        assert not mounting.turn_sensor_rad.any() and not mounting.shift_body_m.any()
        assert mounting.heading_rad == 0.0


def test_clocks_start_within_their_first_period_and_are_off_by_parts_per_million():
    settings = VirtualSensors(rate_hz=50.0, skew_sd=3e-5)
    clocks = [draw_clock(settings, random_of(1, "p1", str(trial))) for trial in range(400)]
    offsets_s, skews = np.array([(clock.offset_s, clock.skew) for clock in clocks]).T
    assert offsets_s.min() >= 0.0 and offsets_s.max() < 0.02
    # The mean of 400 uniform numbers is known to 3 % of it, the standard deviation of 400 normal ones to 3.5 %.
    assert offsets_s.mean() == pytest.approx(0.01, rel=0.12)
    assert skews.std() == pytest.approx(3e-5, rel=0.15)
    assert {clock.rate_hz for clock in clocks} == {50.0}
