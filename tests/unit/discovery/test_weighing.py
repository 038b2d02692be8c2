"""Somebody is weighed by the plates under the feet, without what plates read unloaded."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.discovery.weighing import standing_n, unloaded_n, weighed_kg
from gaitload.trial import PlateWrench, Recording

COUNT = 200
TIME_S = np.arange(COUNT) / 100.0
HEELS_M = np.array([[0.0, 0.1, 0.03], [0.0, -0.1, 0.03]])


def plate(name: str, upward_n, at_m) -> PlateWrench:
    force = np.zeros((COUNT, 3))
    force[:, 2] = upward_n
    corners = np.array([[0.3, 0.3, 0.0], [-0.3, 0.3, 0.0], [-0.3, -0.3, 0.0], [0.3, -0.3, 0.0]]) + np.array(
        [*at_m[:2], 0.0]
    )
    return PlateWrench(name, force, np.cross(np.array(at_m), force), corners)


def recording(*plates: PlateWrench) -> Recording:
    markers = np.concatenate((HEELS_M, [[0.0, 0.0, 1.0]]))[np.newaxis].repeat(COUNT, axis=0)
    return Recording("a", ("RHEE", "LHEE", "SACR"), TIME_S, markers, TIME_S, plates)


def stands(*plates: PlateWrench):
    return standing_n(recording(*plates), TIME_S, plates, "+z")


def test_offsets_of_the_plates_are_taken_off_where_another_recording_tells_them():
    standing = stands(plate("plate_1", 360.0, (0.0, 0.1, 0.0)), plate("plate_2", 390.0, (0.0, -0.1, 0.0)))
    readings = [{"plate_1": 50.0, "plate_2": 60.0}, {"plate_1": 54.0}, {}]
    mass_kg, known = weighed_kg(standing, readings)
    assert mass_kg == pytest.approx((360.0 - 52.0 + 390.0 - 60.0) / STANDARD_GRAVITY_M_PER_S2)
    assert known
    assert weighed_kg(standing, [{"plate_1": 50.0}])[1] is False


def test_plates_beside_the_feet_are_no_scales():
    offsets = [plate(f"plate_{number}", 93.0, (1.0 + number, 0.0, 0.0)) for number in (1, 2, 3)]
    assert stands(*offsets) is None
    standing = stands(plate("plate_4", 700.0, (0.0, 0.1, 0.0)), *offsets)
    assert standing == {"plate_4": pytest.approx(700.0)}
    assert stands(plate("plate_4", 700.0, (1.0, 0.1, 0.0))) is None


def test_only_a_steady_force_is_a_mass():
    assert stands(plate("plate_1", 700.0 * np.linspace(0.5, 1.5, COUNT), (0.0, 0.1, 0.0))) is None
    assert weighed_kg({"plate_1": 100.0}, []) is None


def test_what_plates_read_unloaded_is_found_between_steps_and_on_plates_that_nobody_steps_on():
    steps = np.where(np.arange(COUNT) % 50 < 25, 800.0, 0.0) + 40.0
    noise = np.random.default_rng(0).normal(scale=0.5, size=COUNT)
    found = unloaded_n(
        [
            plate("steps", steps, (0.0, 0.0, 0.0)),
            plate("idle", 60.0 + noise, (0.0, 0.0, 0.0)),
            plate("always", 700.0, (0.0, 0.0, 0.0)),
            plate("broken", 4000.0 + noise, (0.0, 0.0, 0.0)),
        ],
        "+z",
    )
    assert found == {"steps": pytest.approx(40.0), "idle": pytest.approx(60.0, abs=0.2)}
