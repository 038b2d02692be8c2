"""Whose contact it is."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

import synthetic_person as person
from gaitload.errors import ConventionError, DataError
from gaitload.ingest.feet import side_of_plate
from gaitload.ingest.steps import CROSS_TALK
from gaitload.trial import Invalid, PlateWrench

WEIGHT_N = person.WEIGHT_N


def steps_of(quality, side):
    return [step for step in quality.numbers["steps"] if step["side"] == side]


def verdict(quality, code):
    return next(gate.verdict for gate in quality.gates if gate.code == code)


def true_force(gait, trial):
    sides = [person.foot_wrench(gait, side, trial.forces.time_s) for side in "rl"]
    return np.stack([force for force, _ in sides], axis=1), np.stack([moment for _, moment in sides], axis=1)


def test_every_step_on_its_own_plate_goes_to_the_foot_that_made_it(build, walk):
    trial, quality = build(walk)
    force, moment = true_force(person.WALK, trial)
    # Below the threshold of 20 N forces are zeroed.
    np.testing.assert_allclose(trial.forces.force_ground_n, force, atol=21.0)
    loaded = trial.forces.contact
    np.testing.assert_allclose(trial.forces.moment_ground_nm[loaded], moment[loaded], atol=1e-9)
    assert [step["side"] for step in quality.numbers["steps"]] == [*["l", "r"] * 3, "l"]
    assert all(step["margin_m"] > 0.05 and step["distance_m"] < 0 for step in quality.numbers["steps"])


def test_running_on_one_plate_is_split_into_steps_of_alternate_feet(build, belt_run):
    trial, quality = build(belt_run, activity="run", treadmill=True)
    sides = [step["side"] for step in quality.numbers["steps"]]
    assert sides == [("r", "l")[k % 2] for k in range(len(sides))]
    assert len(sides) == 10
    assert quality.numbers["belt_m_per_s"] == pytest.approx(3.0, abs=0.01)
    force, _ = true_force(person.TREADMILL_RUN, trial)
    # Below the threshold of 50 N forces are zeroed.
    np.testing.assert_allclose(trial.forces.force_ground_n, force, atol=51.0)
    assert verdict(quality, "COP_IN_FOOT_R") == "passed"


def test_walking_on_one_plate_leaves_double_support_out_of_both_feet_and_says_so(build):
    recording = person.recording(person.TREADMILL_WALK, plates="one")
    trial, quality = build(recording, treadmill=True)
    force, _ = true_force(person.TREADMILL_WALK, trial)
    both = (force[..., 1] > 60).all(axis=1)
    assert not trial.forces.force_ground_n[both].any()
    assert not trial.forces.contact[both].any()
    single = trial.forces.contact.any(axis=1)
    # A foot is left alone on the belt for 0.38 of the cycle; 0.1 s of it lie beside double support.
    assert single.mean() > 0.4
    np.testing.assert_allclose(trial.forces.force_ground_n[single], force[single], atol=1e-9)
    assert verdict(quality, "CONTACT_SHARED") == "warned"
    assert {step["reason"] for step in quality.numbers["steps"] if step["side"] is None} == {
        "both feet on one plate: the wrench cannot be divided"
    }
    for side in "rl":
        spans = person.invalid_spans_s(trial, Invalid.PLATE_SHARED, side)
        assert sum(end - start for start, end in spans) > 0.5
        assert person.invalid_spans_s(trial, Invalid.CONTACT_UNMEASURED, side) == []


@pytest.mark.parametrize("share", [0.07, -0.07])
def test_cross_talk_on_a_plate_that_no_foot_is_over_is_nobodys_and_masks_nothing(build, share):
    """A plate reads 7 % of what its neighbours bear, as in a sprint over five plates."""
    clean = person.recording(person.WALK)
    total = sum(plate.force_lab_n for plate in clean.plates)
    spoilt = [plate for plate in clean.plates if plate.force_lab_n[:, 1].any()][3]
    beside = (clean.force_time_s > 2.7) & (clean.force_time_s < 3.0)
    assert not spoilt.force_lab_n[beside].any()
    talk = np.where(beside[:, None], total * [0.0, share, 0.0], 0.0)
    moment = np.cross(spoilt.corners_lab_m.mean(axis=0), talk)
    wrong = replace(spoilt, force_lab_n=spoilt.force_lab_n + talk, moment_lab_nm=spoilt.moment_lab_nm + moment)
    recording = replace(clean, plates=tuple(wrong if plate is spoilt else plate for plate in clean.plates))
    (trial, quality), (truth, _) = build(recording), build(clean)
    np.testing.assert_allclose(trial.forces.force_ground_n, truth.forces.force_ground_n, atol=1.0)
    np.testing.assert_array_equal(trial.validity.mask, truth.validity.mask)
    assert verdict(quality, "CONTACT_UNASSIGNED") == "passed"
    told = {step["reason"] for step in quality.numbers["steps"] if step["side"] is None}
    assert told == ({CROSS_TALK} if share > 0 else set())


def test_a_load_without_a_foot_is_no_cross_talk_where_nothing_else_is_loaded(build):
    clean = person.recording(person.WALK)
    corners_m = clean.plates[-1].corners_lab_m + np.array([30.0, 0.0, 0.0])
    force = np.zeros_like(clean.plates[-1].force_lab_n)
    force[500:900, 1] = 60.0
    far = PlateWrench("far", force, np.cross(corners_m.mean(axis=0), force), corners_m)
    _, quality = build(replace(clean, plates=(far,)))
    assert [step["reason"] for step in quality.numbers["steps"]] == ["no foot near it"]


def test_both_feet_on_one_plate_leave_the_angles_and_say_why_the_forces_are_no_foots(build, static):
    standing = person.recording(replace(person.TREADMILL_WALK, speed_m_per_s=0.01, stance_share=0.9), plates="one")
    trial, quality = build(standing, treadmill=True)
    assert trial.forces is None and (trial.validity.mask & Invalid.FORCES_NOT_MEASURED).all()
    (gate,) = [gate for gate in quality.gates if gate.code == "FORCES_NOT_MEASURED"]
    assert gate.verdict == "not_measured" and gate.reason.startswith("DOUBLE_SUPPORT_ONE_PLATE")
    assert re.search(r"one foot at a time.*both feet on one plate in \d+%", gate.reason)


def test_a_step_across_two_plates_gets_both_wrenches(build, walk):
    whole, _ = build(walk)

    def halves(plate):
        part = 0.4, 0.6
        return [
            PlateWrench(f"{plate.name}{k}", share * plate.force_lab_n, share * plate.moment_lab_nm, plate.corners_lab_m)
            for k, share in zip("ab", part, strict=True)
        ]

    first, *others = walk.plates
    trial, _ = build(replace(walk, plates=(*halves(first), *others)))
    both_loaded = whole.forces.force_ground_n[..., 1] > 60
    np.testing.assert_allclose(
        trial.forces.force_ground_n[both_loaded], whole.forces.force_ground_n[both_loaded], atol=1e-9
    )


def test_forces_named_by_foot_are_taken_for_that_foot(build):
    trial, quality = build(person.recording(person.WALK, plates="per_foot"))
    force, _ = true_force(person.WALK, trial)
    np.testing.assert_allclose(trial.forces.force_ground_n, force, atol=21.0)
    assert {step["plate"][-1] for step in steps_of(quality, "r")} == {"r"}


def test_swapped_feet_are_refused_with_plates_and_distances(build):
    walk = person.recording(person.WALK, plates="per_foot")
    right, left = walk.plates
    swapped = (replace(left, name="force_r"), replace(right, name="force_l"))
    with pytest.raises(
        ConventionError, match=r"force_r \d+ mm from the sole of foot r, -\d+ mm.*force_l.*foot_of_plate"
    ) as caught:
        build(replace(walk, plates=swapped))
    assert caught.value.code == "FEET_SWAPPED"


def test_an_override_that_the_markers_contradict_is_refused(build, walk):
    with pytest.raises(ConventionError, match=r"plate_2 .* sole of foot l"):
        build(walk, foot_of_plate={"plate_2": "l"})


def test_an_override_repairs_columns_that_name_the_wrong_foot(build):
    walk = person.recording(person.WALK, plates="per_foot")
    right, left = walk.plates
    swapped = replace(walk, plates=(replace(left, name="force_r"), replace(right, name="force_l")))
    trial, _ = build(swapped, foot_of_plate={"force_r": "l", "force_l": "r"})
    force, _ = true_force(person.WALK, trial)
    np.testing.assert_allclose(trial.forces.force_ground_n, force, atol=21.0)


def test_an_override_of_a_plate_that_is_not_there_is_refused(build, walk):
    with pytest.raises(DataError, match="plate_99") as caught:
        build(walk, foot_of_plate={"plate_99": "r"})
    assert caught.value.code == "PLATE_UNKNOWN"


def test_a_contact_that_no_foot_is_near_is_left_out_and_told(build, walk):
    force = np.zeros((3300, 3))
    force[2000:2500, 1] = 300.0
    corners = np.array([[9.0, 0.0, 9.0], [9.0, 0.0, 8.0], [8.0, 0.0, 8.0], [8.0, 0.0, 9.0]])
    box = PlateWrench("dropped_box", force, np.cross(np.array([8.5, 0.0, 8.5]), force), corners)
    trial, quality = build(replace(walk, plates=(*walk.plates, box)))
    expected, _ = build(walk)
    np.testing.assert_array_equal(trial.forces.force_ground_n, expected.forces.force_ground_n)
    (strange,) = [step for step in quality.numbers["steps"] if step["side"] is None]
    assert (strange["plate"], strange["reason"]) == ("dropped_box", "no foot near it")
    assert verdict(quality, "CONTACT_UNASSIGNED") == "warned"
    for side in "rl":
        assert person.invalid_spans_s(trial, Invalid.CONTACT_UNASSIGNED, side) == [pytest.approx((2.0, 2.51))]


def test_steps_beside_the_plates_are_masked_for_their_foot(build, walk):
    left = [plate.name for plate in walk.plates if plate.corners_lab_m[0, 2] < 0]
    lacking = replace(walk, plates=tuple(plate for plate in walk.plates if plate.name not in left[1:2]))
    trial, quality = build(lacking)
    ((start, end),) = person.invalid_spans_s(trial, Invalid.CONTACT_OUTSIDE_PLATES, "l")
    assert not (trial.validity.mask[:, 0]).any()
    stance = person.stances(person.WALK, "l")
    assert min(abs(start - begun) + abs(end - ended) for begun, ended, _ in stance) < 0.1
    assert verdict(quality, "CONTACT_OUTSIDE_PLATES_L") == "warned"
    assert verdict(quality, "CONTACT_OUTSIDE_PLATES_R") == "passed"


def test_an_unloaded_reading_is_taken_off_before_the_centre_of_pressure_is_formed(build, belt_run):
    (plate,) = belt_run.plates
    off = replace(
        plate,
        force_lab_n=plate.force_lab_n + np.array([5.0, -12.0, 24.0]),
        moment_lab_nm=plate.moment_lab_nm + np.array([3.0, 0.0, 75.0]),
    )
    expected, _ = build(belt_run, activity="run", treadmill=True)
    trial, quality = build(replace(belt_run, plates=(off,)), activity="run", treadmill=True)
    np.testing.assert_allclose(trial.forces.moment_ground_nm, expected.forces.moment_ground_nm, atol=1e-6)
    assert quality.numbers["baselines"][0]["force_n"] == pytest.approx((5.0, -12.0, 24.0))


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("ground_force_r", "r"),
        ("L_ground_force", "l"),
        ("Right", "r"),
        ("left_plate", "l"),
        ("plate_1", None),
        ("trolley", None),
        ("force_r_l", None),
    ],
)
def test_a_plate_tells_its_side_by_a_word_of_its_own(name, side):
    assert side_of_plate(name) == side


def raised(plate, height_m):
    """The same plate as a file of forces tells it, with its surface at another height."""
    up = np.array([0.0, height_m, 0.0])
    moment = plate.moment_lab_nm + np.cross(up, plate.force_lab_n)
    return replace(plate, moment_lab_nm=moment, corners_lab_m=None, point_lab_m=up)


def test_the_floor_is_where_force_files_say_it_is(build):
    walk = person.recording(person.WALK, plates="per_foot")
    above = replace(walk, plates=tuple(raised(plate, 0.015) for plate in walk.plates))
    trial, _ = build(above)
    assert trial.forces.surface_height_m == pytest.approx(0.015)


def test_of_plates_at_different_heights_no_forces_are_taken_and_the_reason_names_them(build):
    walk = person.recording(person.WALK, plates="per_foot")
    right, left = walk.plates
    trial, quality = build(replace(walk, plates=(raised(right, 0.0), raised(left, 0.17))))
    assert trial.forces is None
    (gate,) = [gate for gate in quality.gates if gate.code == "FORCES_NOT_MEASURED"]
    assert gate.reason.startswith("PLATES_UNEVEN") and "force_l at 170 mm" in gate.reason


def test_a_plate_that_nobody_steps_on_says_nothing_about_the_floor(build):
    walk = person.recording(person.WALK, plates="per_foot")
    noise = np.random.default_rng(1).normal(0, 1.5, walk.plates[0].force_lab_n.shape)
    idle = PlateWrench("idle", noise, np.zeros_like(noise), None, np.array([0.0, 0.05, 0.0]))
    trial, _ = build(replace(walk, plates=(*(raised(plate, 0.015) for plate in walk.plates), idle)))
    assert trial.forces.surface_height_m == pytest.approx(0.015)


def test_feet_that_no_plate_measures_fail_though_they_fly_most_of_the_time(build, belt_run):
    (plate,) = belt_run.plates
    nothing = replace(plate, force_lab_n=0 * plate.force_lab_n, moment_lab_nm=0 * plate.moment_lab_nm)
    _, quality = build(replace(belt_run, plates=(nothing,)), activity="run", treadmill=True)
    assert verdict(quality, "CONTACT_UNMEASURED_R") == "failed"
    assert verdict(quality, "CONTACT_UNMEASURED_L") == "failed"
