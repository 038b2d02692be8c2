"""What somebody does and how fast, from markers whose names say nothing and from plates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import synthetic_person as person
from gaitload.discovery.activity import activity_of, gait_of_strides
from gaitload.discovery.gait import axis_of, contacts_of
from gaitload.discovery.progress import progress_of
from gaitload.ingest.axes import ground_rotation, to_ground
from gaitload.trial import Recording

GAITS = {"walk": person.WALK, "walk on a belt": person.TREADMILL_WALK, "run on a belt": person.TREADMILL_RUN}
CHILD = person.Gait(speed_m_per_s=1.3, cycle_s=0.7, stance_share=0.57, duration_s=1.8)
"""A stance of 0.40 s and 50 ms of double support, as of a child who walks fast."""


def _activity(recording: Recording) -> str:
    plates = recording.plates
    contacts = contacts_of(recording.force_time_s, plates, "+y") if plates else None
    return activity_of(progress_of(recording, "+y"), contacts)[0]


def _standing(duration_s: float) -> Recording:
    """Somebody who stands, for as long as is needed, to be moved by a test."""
    still = person.static_recording()
    frames = round(duration_s * person.MARKER_RATE_HZ)
    return replace(
        still,
        marker_time_s=np.arange(frames) / person.MARKER_RATE_HZ,
        marker_lab_m=np.repeat(still.marker_lab_m[:1], frames, axis=0),
    )


def _raised(recording: Recording, height_m: np.ndarray, *, feet: bool) -> Recording:
    """Everybody's body raised by heights, shape (T,); where feet stay, by the share of a point's own height."""
    points = recording.marker_lab_m.copy()
    share = 1.0 if feet else np.clip((points[..., 1] - 0.2) / 0.7, 0.0, 1.0)
    points[..., 1] += height_m[:, None] * share
    return replace(recording, marker_lab_m=points)


@pytest.mark.parametrize("gait", GAITS)
@pytest.mark.parametrize("lab", [("+x", "+y"), ("-y", "+z"), ("+z", "-x")])
def test_speed_direction_and_belt_are_found_in_any_laboratory(gait: str, lab: tuple[str, str]) -> None:
    recording = to_ground(person.recording(GAITS[gait], noise_m=5e-4), ground_rotation(*lab).T)
    progress = progress_of(recording, lab[1])
    assert progress.speed_m_per_s == pytest.approx(GAITS[gait].speed_m_per_s, rel=0.05)
    assert axis_of(progress.direction_lab) == (lab[0], pytest.approx(1.0, abs=1e-3))
    assert progress.treadmill == GAITS[gait].treadmill


@pytest.mark.parametrize("duration_s", [0.8, 1.2, 1.9])
def test_the_speed_of_a_part_of_a_stride_is_that_of_the_pelvis(duration_s: float) -> None:
    recording = person.recording(replace(person.WALK, duration_s=duration_s))
    assert progress_of(recording, "+y").speed_m_per_s == pytest.approx(person.WALK.speed_m_per_s, rel=0.1)


def test_points_that_are_no_markers_make_no_belt_and_no_other_speed() -> None:
    """Model outputs among the points: the centre of mass on the floor, a fixed origin, a point on a thing."""
    walk = person.recording(person.WALK)
    pelvis = walk.marker_lab_m[:, :4].mean(axis=1)
    on_floor = np.repeat((pelvis * [1.0, 0.0, 1.0])[:, None], 3, axis=1)
    fixed = np.tile([1.5, 0.9, 0.8], (len(pelvis), 3, 1)) + np.arange(3)[:, None] * 0.05
    strange = replace(
        walk,
        marker_names=(*walk.marker_names, *(f"*{number}" for number in range(6))),
        marker_lab_m=np.concatenate((walk.marker_lab_m, on_floor, fixed), axis=1),
    )
    progress = progress_of(strange, "+y")
    assert not progress.treadmill
    assert progress.speed_m_per_s == pytest.approx(person.WALK.speed_m_per_s, rel=0.05)


def test_gaps_do_not_change_the_speed() -> None:
    walk = person.recording(person.WALK)
    points = walk.marker_lab_m.copy()
    points[np.random.default_rng(0).random(points.shape[:2]) < 0.3] = np.nan
    points[50:90, :4] = np.nan
    speed = progress_of(replace(walk, marker_lab_m=points), "+y").speed_m_per_s
    assert speed == pytest.approx(person.WALK.speed_m_per_s, rel=0.05)


@pytest.mark.parametrize("gait", GAITS)
@pytest.mark.parametrize("plates", ["per_step", "one", "per_foot", "none"])
def test_walking_and_running_are_told_apart(gait: str, plates: str) -> None:
    assert _activity(person.recording(GAITS[gait], plates=plates)) == gait.partition(" ")[0]


@pytest.mark.parametrize("plates", ["per_step", "one", "none"])
def test_a_child_who_walks_fast_does_not_run(plates: str) -> None:
    assert _activity(person.recording(CHILD, plates=plates)) == "walk"


def test_a_trunk_that_falls_in_every_step_runs_however_slow() -> None:
    """Flights of 0.12 s: the trunk follows parabolas in between steps of 0.26 s."""
    walk = person.recording(replace(person.WALK, speed_m_per_s=1.7), plates="none")
    time_s = walk.marker_time_s
    phase = np.mod(time_s, 0.38)
    flight = np.where(phase < 0.12, 9.81 / 2 * phase * (0.12 - phase), 0.0)
    stance = np.where(phase >= 0.12, -0.035 * np.sin(np.pi * (phase - 0.12) / 0.26) ** 1.0, 0.0)
    assert _activity(_raised(walk, flight + stance - 0.04, feet=False)) == "run"


def test_squats_and_standing_up_are_neither() -> None:
    for depth_m, period_s in ((0.45, 2.5), (0.35, 1.6)):
        standing = _standing(5.0)
        height_m = -depth_m / 2 * (1 - np.cos(2 * np.pi * standing.marker_time_s / period_s))
        assert _activity(_raised(standing, height_m, feet=False)) == "other"


def test_who_moves_and_goes_nowhere_does_not_walk() -> None:
    standing = _standing(4.0)
    points = standing.marker_lab_m.copy()
    points[..., 2] += 0.12 * np.sin(2 * np.pi * standing.marker_time_s / 1.3)[:, None] * (points[..., 1] > 0.2)
    activity, reason = activity_of(progress_of(replace(standing, marker_lab_m=points), "+y"), None)
    assert (activity, reason) == ("other", "nobody goes anywhere")


def test_a_drop_jump_is_no_run() -> None:
    """From a box of 0.3 m (0.25 s of falling), 0.25 s on the floor, and a flight of 0.5 s."""
    standing = _standing(2.5)
    time_s = standing.marker_time_s
    height_m = np.full(len(time_s), 0.3)
    falling = (time_s >= 0.8) & (time_s < 1.05)
    height_m[falling] = 0.3 - 9.81 / 2 * (time_s[falling] - 0.8) ** 2
    height_m[time_s >= 1.05] = 0.0
    flying = (time_s >= 1.3) & (time_s < 1.8)
    height_m[flying] = 9.81 / 2 * (time_s[flying] - 1.3) * (1.8 - time_s[flying])
    points = _raised(standing, height_m, feet=True).marker_lab_m
    points[..., 0] += 0.4 * np.clip(time_s, 0.8, 1.2)[:, None]
    activity, reason = activity_of(progress_of(replace(standing, marker_lab_m=points), "+y"), None)
    assert activity == "other"
    assert "falls freely" in reason


def test_stairs_are_not_walked_on_a_level() -> None:
    walk = person.recording(person.WALK, plates="none")
    climbing = _raised(walk, 0.17 / 0.55 * walk.marker_time_s, feet=True)
    assert _activity(climbing) == "other"


@pytest.mark.parametrize(("degrees", "activity"), [(20, "walk"), (90, "other"), (180, "other")])
def test_a_turn_is_no_straight_gait(degrees: float, activity: str) -> None:
    walk = person.recording(replace(person.WALK, duration_s=5.0), plates="none")
    time_s, speed = walk.marker_time_s, person.WALK.speed_m_per_s
    heading = np.radians(degrees) * np.clip((time_s - 2.0) / 1.2, 0.0, 1.0)
    step = np.column_stack((np.cos(heading), np.zeros(len(time_s)), np.sin(heading))) * speed / person.MARKER_RATE_HZ
    path = np.cumsum(step, axis=0)
    c, s, zero = np.cos(heading), np.sin(heading), np.zeros(len(time_s))
    turn = np.moveaxis(np.array([[c, zero, -s], [zero, zero + 1, zero], [s, zero, c]]), 2, 0)
    centred = walk.marker_lab_m - np.column_stack((speed * time_s, zero, zero))[:, None]
    turned = np.einsum("tij,tmj->tmi", turn, centred) + path[:, None]
    assert _activity(replace(walk, marker_lab_m=turned)) == activity


def test_contacts_tell_the_duty_factor_of_regular_strides_only() -> None:
    recording = person.recording(person.TREADMILL_RUN)
    contacts = contacts_of(recording.force_time_s, recording.plates, "+y")
    assert gait_of_strides(contacts) == "run"
    few = contacts_of(recording.force_time_s, recording.plates[2:4], "+y")
    assert gait_of_strides(few) is None
