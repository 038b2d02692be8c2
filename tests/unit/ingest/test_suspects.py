"""Samples that no marker makes are told from those of people, and bodies from other bodies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import synthetic_person as person
from gaitload.errors import ConventionError
from gaitload.ingest.likeness import compare_bodies, slides_m
from gaitload.ingest.suspects import fills_to_missing, lost_frames_s

LONG = replace(person.TREADMILL_RUN, duration_s=6.0)


@pytest.fixture(scope="module")
def run():
    return person.recording(LONG, plates="one")


def alarms(build, recording, **changes) -> dict[str, str]:
    _, quality = build(recording, activity="run", treadmill=True, **changes)
    return {gate.code: gate.reason for gate in quality.gates if gate.verdict in ("warned", "failed")}


def changed(recording, marker: str, change):
    column = recording.marker_names.index(marker)
    return person.with_position(recording, lambda position, _: change(position[:, column]))


@pytest.mark.parametrize("value_mm", [9999999.0, -9999.0, 9999.0])
def test_a_number_that_stands_for_a_gap_is_missing_and_told(build, run, value_mm):
    def fill(points):
        points[100:110] = value_mm / 1e3

    assert "RHEE" in alarms(build, changed(run, "RHEE", fill))["MARKERS_FILLED"]


def test_millimetres_taken_for_metres_are_no_fill_values(run):
    assert not fills_to_missing(1000.0 * run.marker_lab_m)[1].any()


def test_a_marker_that_repeats_its_place_is_frozen_and_one_that_stands_is_not(build, run):
    def freeze(points):
        points[100:140] = points[100]

    assert "RHEE frozen" in alarms(build, changed(run, "RHEE", freeze))["MARKERS_FROZEN"]
    assert "MARKERS_FROZEN" not in alarms(build, run)


def test_a_body_that_repeats_its_frame_is_frozen(build, run):
    still = run.marker_lab_m.copy()
    still[100:130] = still[100]
    assert "all markers frozen" in alarms(build, replace(run, marker_lab_m=still))["MARKERS_FROZEN"]


def test_single_frames_that_repeat_the_one_before_are_counted(build, run):
    repeated = run.marker_lab_m.copy()
    repeated[10::10] = repeated[9:-1:10][: len(repeated[10::10])]
    reason = alarms(build, replace(run, marker_lab_m=repeated))["MARKERS_FRAMES_REPEATED"]
    assert reason.startswith(f"{len(repeated[10::10])} frames repeat")
    assert "MARKERS_FRAMES_REPEATED" not in alarms(build, run)


def test_lost_frames_are_found_where_they_are(run):
    kept = np.delete(run.marker_lab_m, np.arange(300, 303), axis=0)
    found = lost_frames_s(kept, run.marker_time_s[: len(kept)])
    assert len(found) == 1
    assert found[0] == pytest.approx(3.0, abs=0.03)
    assert lost_frames_s(run.marker_lab_m, run.marker_time_s) == ()


def test_a_pelvis_marker_that_slides_downwards_is_told(build, run):
    def slide(points):
        points[:, 1] -= np.linspace(0.0, 0.03, len(points))

    assert "drifts by" in alarms(build, changed(run, "RASI", slide))["MARKER_DRIFT_PELVIS"]


def test_trembling_markers_are_told(build):
    noisy = person.recording(LONG, plates="one", noise_m=0.003)
    assert "tremble" in alarms(build, noisy)["MARKERS_TREMBLE"]


def test_the_static_trial_of_a_larger_body_is_another_body(build, run, static):
    larger = replace(static, position_ground_m=1.08 * static.position_ground_m)
    assert "another" in alarms(build, run, static=larger)["BODY_UNLIKE_STATIC"]


def test_a_body_is_like_itself_and_its_markers_stay(build, run, static, marker_set):
    markers = build(run, activity="run", treadmill=True)[0].markers
    places = dict(zip(static.names, static.position_ground_m[0], strict=True))
    likeness = compare_bodies(markers, marker_set, places)
    assert likeness.outside == 0.0
    assert abs(likeness.scale) < 1e-6
    assert max(slides_m(markers, marker_set).values()) < 1e-6


def test_a_mirrored_body_is_refused_and_the_static_trial_decides_the_likely_cause(build, run):
    mirrored = replace(run, marker_lab_m=run.marker_lab_m * [1.0, 1.0, -1.0])
    with pytest.raises(ConventionError, match="Likely left and right are exchanged") as caught:
        build(mirrored, activity="run", treadmill=True)
    assert caught.value.code == "SIDES_CONTRADICTED"
    with pytest.raises(ConventionError, match="Likely the axes of the laboratory are left-handed"):
        build(mirrored, activity="run", treadmill=True, static=None)


def test_legs_with_each_others_names_are_refused(build, run):
    names = tuple(
        name if name[1:] in ("ASI", "PSI") else {"R": "L", "L": "R"}[name[0]] + name[1:] for name in run.marker_names
    )
    with pytest.raises(ConventionError, match="both legs: rename them"):
        build(replace(run, marker_names=names), activity="run", treadmill=True)
