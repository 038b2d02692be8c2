"""What somebody does, which way is up and how heavy the person is, from markers and forces alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import synthetic_person as person
from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.discovery.gait import (
    axis_of,
    contacts_of,
    mass_striding_kg,
    up_by_extent,
    up_by_forces,
)
from gaitload.ingest.axes import ground_rotation, to_ground
from gaitload.ingest.marker_gates import STILL_MAX_M, spread_m
from gaitload.trial import PlateWrench


@pytest.mark.parametrize("lab", [("+x", "+y"), ("-y", "+z"), ("+z", "-x")])
def test_up_is_where_forces_push_and_where_people_are_longest(lab: tuple[str, str]) -> None:
    recording = to_ground(person.recording(person.TREADMILL_WALK), ground_rotation(*lab).T)
    assert axis_of(up_by_forces(recording.plates))[0] == lab[1]
    assert axis_of(up_by_extent(recording))[0][1] == lab[1][1]


def test_who_stands_is_still_and_who_walks_is_not() -> None:
    standing, walking = person.static_recording(), person.recording(person.TREADMILL_WALK)
    assert spread_m(standing.marker_lab_m) < STILL_MAX_M < spread_m(walking.marker_lab_m)


def test_nobody_on_plates_pushes_nowhere() -> None:
    empty = PlateWrench("plate_1", np.full((100, 3), 5.0), np.zeros((100, 3)), None)
    assert up_by_forces((empty,)) is None
    assert up_by_forces(()) is None


def test_mass_by_strides_is_the_mean_force_of_a_cycle_though_feet_miss_plates() -> None:
    gait = replace(person.WALK, duration_s=5 * person.WALK.cycle_s)
    recording = person.recording(gait)
    cycle = recording.force_time_s < gait.cycle_s
    truth_n = sum(plate.force_lab_n[cycle, 1].mean() for plate in recording.plates)
    first, last = recording.force_time_s[0], recording.force_time_s[-1]
    middle = [
        plate for plate in recording.plates if _loaded_within(plate, recording.force_time_s, first + 1.2, last - 1.0)
    ]
    assert len(middle) < len(recording.plates) - 2
    contacts = contacts_of(recording.force_time_s, tuple(middle), "+y")
    mass = mass_striding_kg(contacts, recording.force_time_s)
    assert mass == pytest.approx(truth_n / STANDARD_GRAVITY_M_PER_S2, rel=0.02)


def test_what_a_plate_reads_unloaded_is_no_mass() -> None:
    recording = person.recording(person.TREADMILL_RUN, plates="one")
    contacts = contacts_of(recording.force_time_s, recording.plates, "+y")
    shifted = tuple(
        replace(plate, force_lab_n=plate.force_lab_n + np.array([0.0, 40.0, 0.0])) for plate in recording.plates
    )
    drifted = contacts_of(recording.force_time_s, shifted, "+y")
    masses = [mass_striding_kg(one, recording.force_time_s) for one in (contacts, drifted)]
    assert masses[0] == pytest.approx(masses[1], rel=1e-3)


def _loaded_within(plate: PlateWrench, time_s: np.ndarray, start_s: float, end_s: float) -> bool:
    when = time_s[plate.force_lab_n[:, 1] > 0]
    return when[-1] > start_s and when[0] < end_s
