"""From a recording to a trial."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import synthetic_person as person
from gaitload.config.motion import Gates, Ingest
from gaitload.dependencies import ground_reaction, pose
from gaitload.errors import ConventionError, DataError
from gaitload.quality import Quality
from gaitload.trial import Invalid, PlateWrench


def gate(quality, code):
    return next(gate for gate in quality.gates if gate.code == code)


def codes(quality, verdict):
    return {gate.code for gate in quality.gates if gate.verdict == verdict}


def test_a_sound_walk_passes_every_gate(build, walk):
    trial, quality = build(walk)
    assert quality.verdict == "passed"
    assert trial.markers.names == walk.marker_names
    assert trial.markers.rate_hz == pytest.approx(100.0)
    assert trial.forces.rate_hz == pytest.approx(1000.0)


def test_what_quality_says_survives_being_written(build, walk):
    _, quality = build(walk)
    assert Quality.from_json(quality.to_json()).to_json() == quality.to_json()


def test_gaps_written_as_zeros_are_missing_and_get_filled(build, walk):
    zeroed = person.with_position(walk, lambda position, names: position[100:115, names.index("RHEE")].__imul__(0.0))
    expected, _ = build(walk)
    trial, quality = build(zeroed)
    np.testing.assert_allclose(trial.markers.of("RHEE"), expected.markers.of("RHEE"), atol=1e-9)
    (record,) = quality.numbers["gaps"]
    assert (record["marker"], record["filled"], record["left"]) == ("RHEE", 15, 0)


def test_a_long_gap_stays_missing_and_is_warned_about(build, walk):
    zeroed = person.with_position(walk, lambda position, names: position[100:140, names.index("RHEE")].__imul__(0.0))
    trial, quality = build(zeroed)
    assert np.isnan(trial.markers.of("RHEE")).sum() == 3 * 40
    assert gate(quality, "MARKERS_MISSING").verdict == "warned"
    assert "RHEE" in gate(quality, "MARKERS_MISSING").reason


def test_a_segment_without_three_markers_fails_its_leg_only(build, walk):
    def change(position, names):
        position[:, [names.index("LTB1"), names.index("LTB2")]] = np.nan

    _, quality = build(person.with_position(walk, change))
    lost = gate(quality, "SEGMENT_LOST_TIBIA_L")
    assert lost.verdict == "failed"
    assert lost.questions == (pose("tibia_l"),)


def test_a_repaired_swap_warns_and_an_unrepaired_one_fails(build, walk):
    swapped = person.renamed(walk, {"RMT1": "RMT5", "RMT5": "RMT1"})
    expected, _ = build(walk)
    trial, quality = build(swapped)
    assert gate(quality, "LABELS_SWAPPED").verdict == "warned"
    np.testing.assert_allclose(trial.markers.of("RMT5"), expected.markers.of("RMT5"), atol=1e-12)
    _, quality = build(swapped, settings=Ingest(repair_labels=False))
    assert gate(quality, "LABELS_SWAPPED").verdict == "failed"
    # The soles decide whose a contact is.
    assert gate(quality, "LABELS_SWAPPED").questions == (pose("calcn_r"), ground_reaction("r"))
    assert gate(quality, "FOOT_SHAPE_R").verdict == "failed"
    assert gate(quality, "FOOT_SHAPE_L").verdict == "passed"


def test_a_marker_that_slipped_on_a_foot_is_found_by_the_shape_of_the_foot(build, walk):
    slipped = person.with_position(
        walk, lambda position, names: position[:, names.index("RHTP")].__iadd__([0, 0.03, 0])
    )
    _, quality = build(slipped)
    shape = gate(quality, "FOOT_SHAPE_R")
    assert shape.verdict == "failed"
    assert shape.value == pytest.approx(0.03, abs=0.001)
    assert "RHTP" in shape.reason


def test_a_missing_marker_warns_by_name(build, walk):
    _, quality = build(person.renamed(walk, {"LMT1": "unlabelled"}), static=None)
    faults = {(fault["kind"], fault["markers"]) for fault in quality.numbers["label_faults"]}
    assert ("missing", ("LMT1",)) in faults
    assert "LMT1" in gate(quality, "LABELS_MISSING").reason
    assert gate(quality, "LABELS_MISSING").verdict == "warned"


def test_a_missing_marker_fails_when_its_segment_is_left_with_two(build, walk):
    kept = [k for k, name in enumerate(walk.marker_names) if name != "LTB2"]
    lacking = replace(
        walk, marker_names=tuple(walk.marker_names[k] for k in kept), marker_lab_m=walk.marker_lab_m[:, kept]
    )
    _, quality = build(lacking)
    missing = gate(quality, "LABELS_MISSING")
    assert missing.verdict == "failed"
    assert missing.questions == (pose("tibia_l"),)


def test_without_a_static_trial_labels_are_not_judged(build, walk):
    _, quality = build(walk, static=None)
    assert codes(quality, "not_judged") == {"LABELS_UNPROVEN", "FOOT_SHAPE_R", "FOOT_SHAPE_L"}
    assert quality.verdict == "passed"


def test_a_renamed_marker_is_named_with_what_it_may_be(build, walk):
    _, quality = build(person.renamed(walk, {"RHEE": "RHEEL"}), static=None)
    (extra,) = [fault for fault in quality.numbers["label_faults"] if fault["kind"] == "extra"]
    assert "is it the missing RHEE?" in extra["reason"]


def test_no_matching_marker_is_refused_before_anything_is_computed(build, walk):
    foreign = replace(walk, marker_names=tuple(f"P{k}" for k in range(len(walk.marker_names))))
    with pytest.raises(DataError, match=r"markers of the set synthetic: RASI.*found P0, P1") as caught:
        build(foreign)
    assert caught.value.code == "NO_MATCHING_MARKER"


def test_a_marker_that_is_never_seen_is_a_missing_one(build, walk):
    _, quality = build(
        person.with_position(walk, lambda position, names: position[:, names.index("LMT1")].__imul__(0.0))
    )
    assert ("missing", ("LMT1",)) in {(f["kind"], f["markers"]) for f in quality.numbers["label_faults"]}


def test_a_recording_whose_markers_end_early_is_a_trial_with_missing_markers(build, walk):
    trial, quality = build(person.with_position(walk, lambda position, names: position[250:].__imul__(np.nan)))
    assert np.isnan(trial.markers.position_ground_m[250:]).all()
    assert gate(quality, "SEGMENT_LOST_PELVIS").verdict == "failed"


def test_a_recording_of_a_few_frames_is_refused(build, walk):
    with pytest.raises(DataError, match=r"at least 10 frames of markers.*found 3") as caught:
        build(replace(walk, marker_lab_m=walk.marker_lab_m[:3], marker_time_s=walk.marker_time_s[:3]))
    assert caught.value.code == "FRAMES_TOO_FEW"


def test_a_motion_without_plates_keeps_its_markers_and_says_that_nothing_is_known_of_its_loads(build, walk):
    whole, _ = build(walk)
    trial, quality = build(replace(walk, force_time_s=np.empty(0), plates=()))
    assert trial.forces is None and trial.steps == () and trial.plates == ()
    np.testing.assert_array_equal(trial.markers.position_ground_m, whole.markers.position_ground_m)
    assert (trial.validity.mask & Invalid.FORCES_NOT_MEASURED).all()
    unmeasured = gate(quality, "FORCES_NOT_MEASURED")
    assert unmeasured.verdict == "not_measured"
    assert set(unmeasured.questions) == {"ground_reaction:r", "ground_reaction:l"}
    assert quality.verdict == "passed"


def test_without_plates_the_markers_say_when_the_feet_are_on_the_floor(build, walk):
    whole, _ = build(walk)
    trial, _ = build(replace(walk, force_time_s=np.empty(0), plates=()))
    frames = np.rint((trial.markers.time_s - whole.forces.time_s[0]) * whole.forces.rate_hz).astype(int)
    assert trial.down.shape == (len(trial.markers.time_s), 2)
    assert np.mean(trial.down == whole.forces.contact[frames]) > 0.9


def test_without_plates_a_floor_that_is_not_level_hides_no_stance(build, walk):
    level, _ = build(replace(walk, force_time_s=np.empty(0), plates=()))
    lab = walk.marker_lab_m.copy()
    # Three degrees: 3 cm a step.
    lab[..., 1] += np.tan(np.radians(3.0)) * lab[..., 0]
    tilted, _ = build(replace(walk, marker_lab_m=lab, force_time_s=np.empty(0), plates=()))
    # 0.89; heights over the whole recording would lose all stances but the lowest, 0.48.
    assert np.mean(tilted.down == level.down) > 0.85


def test_plates_that_are_declared_and_not_there_are_refused(build, walk):
    with pytest.raises(DataError, match=r"plates of the recording.*plate_1") as caught:
        build(replace(walk, force_time_s=np.empty(0), plates=()), foot_of_plate={"plate_1": "r"})
    assert caught.value.code == "PLATE_UNKNOWN"


def test_of_a_walk_there_and_back_the_window_says_which_way_the_person_faces(build, walk):
    lab, rate_hz = walk.marker_lab_m, walk.marker_rate_hz
    # After the walk there the person waits, so that most of the recording faces that way.
    sway_m = 0.003 * np.sin(np.arange(400) / 30)[:, None, None]
    waiting = np.repeat(lab[-40:-39], 400, axis=0) + sway_m
    places = np.concatenate([lab, waiting, lab * np.array([-1.0, 1.0, -1.0])])
    both = replace(
        walk,
        marker_time_s=np.arange(len(places)) / rate_hz,
        marker_lab_m=places,
        force_time_s=np.empty(0),
        plates=(),
    )
    there_s, back_s = len(lab) / rate_hz, (len(lab) + len(waiting)) / rate_hz
    _, there = build(both, window=(0.2, there_s - 0.2))
    _, back = build(both, window=(back_s + 0.2, back_s + there_s - 0.2))
    assert (there.numbers["turn_deg"], back.numbers["turn_deg"]) == (0, 180)


def test_a_static_trial_needs_no_forces_and_says_what_it_doubts(build):
    trial, quality = build(person.static_recording(), activity="static", static=None)
    assert trial.forces is None
    assert quality.verdict == "passed"
    crossed = person.renamed(person.static_recording(), {"RMT1": "RMT5", "RMT5": "RMT1"})
    _, quality = build(crossed, activity="static", static=None)
    assert gate(quality, "LABELS_SUSPICIOUS").verdict == "warned"


def test_the_window_is_cut_half_open_on_the_clock_of_the_recording(build, walk):
    trial, quality = build(walk, window=(1.0, 2.0))
    assert trial.markers.time_s[0] == pytest.approx(1.0)
    assert trial.markers.time_s[-1] == pytest.approx(1.99)
    assert trial.forces.time_s[0] <= 1.0 and trial.forces.time_s[-1] >= 1.99
    assert all(step["end_s"] > 1.0 and step["start_s"] < 2.0 for step in quality.numbers["steps"])


def test_labels_are_judged_on_the_whole_recording_even_for_a_short_window(build, walk):
    swapped = person.renamed(walk, {"RMT1": "RMT5", "RMT5": "RMT1"})
    _, quality = build(swapped, window=(2.0, 2.1))
    assert "LABELS_SWAPPED" in codes(quality, "warned")


def test_a_window_outside_the_recording_is_refused(build, walk):
    with pytest.raises(DataError, match=r"window from 7 to 9 s.*from 0 to 3\.29") as caught:
        build(walk, window=(7.0, 9.0))
    assert caught.value.code == "WINDOW_OUTSIDE"


def test_a_window_behind_the_recording_is_not_said_to_end_before_it_starts(build, walk):
    with pytest.raises(DataError, match=r"window from 7 s on; found markers and forces from 0 to 3\.29") as caught:
        build(walk, window=(7.0, 3.1), pad_s=0.2)
    assert caught.value.code == "WINDOW_OUTSIDE"


@pytest.mark.parametrize("rate_hz", [50.0, 100.0, 120.0, None])
def test_markers_come_at_the_rate_asked_for(build, walk, rate_hz):
    trial, _ = build(walk, settings=Ingest(rate_hz=rate_hz))
    assert trial.markers.rate_hz == pytest.approx(rate_hz or 100.0)
    at_full, _ = build(walk)
    kept = np.isin(np.round(trial.markers.time_s, 6), np.round(at_full.markers.time_s, 6))
    same = np.isin(np.round(at_full.markers.time_s, 6), np.round(trial.markers.time_s, 6))
    assert kept.any()
    np.testing.assert_allclose(
        trial.markers.position_ground_m[kept], at_full.markers.position_ground_m[same], atol=1e-9
    )


def test_forces_are_delayed_by_the_lag_and_the_frames_they_miss_are_cut(build, belt_run):
    at_once, _ = build(belt_run, activity="run", treadmill=True)
    delayed, quality = build(belt_run, activity="run", treadmill=True, settings=Ingest(force_lag=0.004))
    assert quality.numbers["force_lag_applied_s"] == 0.004
    np.testing.assert_allclose(delayed.forces.force_ground_n[:1000], at_once.forces.force_ground_n[:1000], atol=1e-9)
    assert delayed.forces.time_s[0] == pytest.approx(at_once.forces.time_s[0] + 0.004)
    assert delayed.markers.time_s[0] >= delayed.forces.time_s[0] - 1e-9


def test_a_centre_of_pressure_beside_the_foot_fails(build, walk):
    aside = tuple(
        replace(plate, moment_lab_nm=plate.moment_lab_nm + np.cross([0.0, 0.0, 0.1], plate.force_lab_n))
        for plate in walk.plates
    )
    _, quality = build(replace(walk, plates=aside))
    failed = codes(quality, "failed")
    assert {"COP_IN_FOOT_R", "COP_IN_FOOT_L"} & failed


def test_limits_come_from_the_configuration(build):
    noisy = person.recording(person.WALK, noise_m=0.0003)
    assert build(noisy)[1].verdict == "passed"
    _, quality = build(noisy, gates=Gates(segment_distance_m=1e-6))
    assert {"FOOT_SHAPE_R", "FOOT_SHAPE_L"} <= codes(quality, "failed")


def test_a_dead_plate_in_a_static_trial_is_passed_over_with_a_note_and_refused_in_a_motion(build, walk):
    still = person.static_recording()
    time_s = np.arange(1000) / 1000.0
    dead = PlateWrench("plate_2", np.tile([0.0, -400.0, 0.0], (1000, 1)), np.zeros((1000, 3)), None)
    _, quality = build(replace(still, force_time_s=time_s, plates=(dead,)), activity="static", static=None)
    (note,) = quality.numbers["notes"]
    assert "plate_2 reads -400 to -400 N in a static trial" in note
    pull = np.tile([0.0, -400.0, 0.0], (len(walk.force_time_s), 1))
    broken = replace(dead, force_lab_n=pull, moment_lab_nm=np.zeros_like(pull))
    with pytest.raises(ConventionError, match="GRAVITY_CONTRADICTED"):
        build(replace(walk, plates=(*walk.plates, broken)))
