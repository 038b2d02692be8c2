"""Faults of sensors that show in their files are reported with their cause; sound sensors raise no alarm."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from benchmarks.faults.sensor_catalogue import FAULTS
from benchmarks.faults.sensor_signals import FILES, Signals, reports
from benchmarks.faults.situation import PARTS, UNSEEN

RATE_HZ = 100.0
TIME_S = np.arange(1500) / RATE_HZ
IN_FILES = [fault for fault in FAULTS if fault.seen_by == FILES and fault.part != UNSEEN]


def sensor(place: int) -> Signals:
    """A sensor that turns slowly and swings, each in its own way, with noise."""
    rng = np.random.default_rng(place)
    phases = rng.uniform(0.0, 6.0, 3)
    turns = [0.5 * np.sin(size * TIME_S + phase) for size, phase in zip((2.0, 3.0, 6.0), phases, strict=True)]
    rotation = Rotation.from_rotvec([0.3 * place, 0.4, 0.2]) * Rotation.from_rotvec(np.column_stack(turns))
    turn = (rotation[:-1].inv() * rotation[1:]).as_rotvec() * RATE_HZ
    gyr = np.vstack((turn[:1], 0.5 * (turn[:-1] + turn[1:]), turn[-1:]))
    sway = np.column_stack([2.0 * np.sin(11.0 * TIME_S + phase) for phase in phases])
    acc = rotation.inv().apply(np.array([0.0, 0.0, 9.80665]) + sway)
    noise = rng.normal(0.0, 0.02, (2, len(TIME_S), 3))
    return Signals(TIME_S, acc + noise[0], gyr + noise[1], rotation.as_quat(scalar_first=True))


SENSORS = {body: sensor(place) for place, body in enumerate(("pelvis", "femur_r", "tibia_r", "tibia_l", "calcn_r"))}


def test_sound_sensors_raise_no_alarm():
    assert reports(SENSORS) == []


@pytest.mark.parametrize("fault", IN_FILES, ids=lambda fault: fault.name)
def test_a_fault_that_shows_in_the_files_is_reported_with_its_cause(fault):
    found = reports(fault.inject(SENSORS, fault.sizes[-1]))
    assert found and found[0][0] in fault.codes
    assert any(re.search(cause, found[0][1], re.IGNORECASE) for cause in fault.cause)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_injecting_changes_no_sensor_in_place(fault):
    before = {body: tuple(map(np.copy, (one.acc, one.gyr, one.orientation_wxyz))) for body, one in SENSORS.items()}
    fault.inject(SENSORS, fault.sizes[0])
    for body, one in SENSORS.items():
        for kept, now in zip(before[body], (one.acc, one.gyr, one.orientation_wxyz), strict=True):
            np.testing.assert_array_equal(kept, now)
    assert fault.part in PARTS and 1 <= len(fault.sizes) <= 3
