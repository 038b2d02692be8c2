"""Every force that a plate measures is on a foot, or in a frame that says why it is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import synthetic_person as person
from gaitload.config.motion import Gates, Ingest
from gaitload.conventions import SIDES
from gaitload.ingest.build import build_trial
from gaitload.trial import OF_CONTACT, Invalid, PlateWrench

THRESHOLD_N = 20.0


def lost_n(trial, plates) -> np.ndarray:
    """Vertical force (N) above the threshold that no foot has, in frames without a flag of contact, shape (N,)."""
    forces = trial.forces
    measured = np.zeros(len(forces.time_s))
    baselines = {plate.name: plate.baseline_n[1] for plate in trial.plates}
    for plate in plates:
        rows = np.searchsorted(np.arange(len(plate.force_lab_n)) / person.FORCE_RATE_HZ, forces.time_s - 1e-9)
        vertical = plate.force_lab_n[rows, 1] - baselines[plate.name]
        measured += np.where(vertical > THRESHOLD_N, vertical, 0.0)
    given = forces.force_ground_n[..., 1].sum(axis=1)
    flagged = trial.validity.invalid(OF_CONTACT, forces.time_s).any(axis=1)
    return np.where(flagged, 0.0, np.maximum(measured - given, 0.0))


def with_lost_foot(recording, side: str, start_s: float, end_s: float):
    """The recording with the markers of one foot missing for a while."""

    def each(position, names):
        for name in person.FOOT:
            rows = slice(round(start_s * person.MARKER_RATE_HZ), round(end_s * person.MARKER_RATE_HZ))
            position[rows, names.index(side.upper() + name)] = np.nan

    return person.with_position(recording, each)


def test_a_stance_without_foot_markers_is_flagged_and_not_zero(build, belt_run):
    start_s, end_s, _ = next(stance for stance in person.stances(person.TREADMILL_RUN, "r") if stance[0] > 0.8)
    blind = with_lost_foot(belt_run, "r", start_s - 0.3, end_s + 0.3)
    trial, quality = build(blind, activity="run", treadmill=True)
    inside = (trial.forces.time_s > start_s + 0.01) & (trial.forces.time_s < end_s - 0.01)
    assert not trial.forces.force_ground_n[inside].any()
    assert trial.validity.invalid(Invalid.CONTACT_UNASSIGNED, trial.forces.time_s)[inside].all()
    lost = trial.validity.invalid(Invalid.SEGMENT_LOST, trial.forces.time_s)[inside]
    assert lost[:, SIDES.index("r")].all() and not lost[:, SIDES.index("l")].any()
    assert next(gate for gate in quality.gates if gate.code == "CONTACT_UNASSIGNED").verdict == "warned"


def test_a_contact_cut_by_the_end_of_the_recording_is_flagged_too(build, belt_run):
    start_s, *_ = next(one for one in person.stances(person.TREADMILL_RUN, "r") if one[0] < 3.0 < one[1])
    frames, samples = 300, 3000
    cut = replace(
        belt_run,
        marker_time_s=belt_run.marker_time_s[:frames],
        marker_lab_m=belt_run.marker_lab_m[:frames],
        force_time_s=belt_run.force_time_s[:samples],
        plates=tuple(
            replace(one, force_lab_n=one.force_lab_n[:samples], moment_lab_nm=one.moment_lab_nm[:samples])
            for one in belt_run.plates
        ),
    )
    trial, quality = build(with_lost_foot(cut, "r", start_s - 0.3, 3.0), activity="run", treadmill=True)
    tail = trial.forces.time_s > start_s + 0.02
    assert trial.validity.invalid(Invalid.CONTACT_UNASSIGNED, trial.forces.time_s)[tail].all()
    gate = next(gate for gate in quality.gates if gate.code == "CONTACT_UNASSIGNED")
    assert gate.verdict == "warned" and "belt" in gate.reason


def test_a_step_that_lands_partly_on_the_other_belt_leaves_the_swinging_foot_unloaded(build):
    walk = person.recording(person.TREADMILL_WALK, plates="per_foot")
    right, left = walk.plates
    stances = person.stances(person.TREADMILL_WALK, "r")
    number = next(k for k, stance in enumerate(stances) if stance[0] > 0.9)
    start_s, _, _ = stances[number]
    force, moment = person.foot_wrench(person.TREADMILL_WALK, "r", walk.force_time_s, only=number)
    crossed = (
        replace(right, force_lab_n=right.force_lab_n - 0.3 * force, moment_lab_nm=right.moment_lab_nm - 0.3 * moment),
        replace(left, force_lab_n=left.force_lab_n + 0.3 * force, moment_lab_nm=left.moment_lab_nm + 0.3 * moment),
    )
    trial, _ = build(replace(walk, plates=crossed), treadmill=True)
    time_s = trial.forces.time_s
    # Single support of the right foot: the left one swings.
    lift_s = next(end for _, end, _ in person.stances(person.TREADMILL_WALK, "l") if end > start_s)
    swing = (time_s > lift_s + 0.06) & (time_s < start_s + person.TREADMILL_WALK.cycle_s / 2 - 0.06)
    right_n, left_n = trial.forces.force_ground_n[swing, 0, 1], trial.forces.force_ground_n[swing, 1, 1]
    assert 0.3 * right_n.max() > 200
    assert not left_n.any()
    np.testing.assert_allclose(right_n, person.foot_wrench(person.TREADMILL_WALK, "r", time_s)[0][swing, 1], atol=1e-9)
    assert not lost_n(trial, crossed).any()


def test_a_knock_is_nobodys(build, walk):
    force = np.zeros((3300, 3))
    force[100:130, 1] = 160.0
    corners = np.array([[9.0, 0.0, 9.0], [9.0, 0.0, 8.0], [8.0, 0.0, 8.0], [8.0, 0.0, 9.0]])
    knocked = PlateWrench("beside", force, np.cross([8.5, 0.0, 8.5], force), corners)
    plates = (*walk.plates, knocked)
    trial, _ = build(replace(walk, plates=plates))
    assert trial.validity.invalid(Invalid.CONTACT_UNASSIGNED, trial.forces.time_s)[100:130].all()
    assert not lost_n(trial, plates).any()


def test_a_foot_that_is_half_beside_its_plate_is_flagged_for_that_stance(build, walk):
    first = walk.plates[2]
    narrow = replace(first, corners_lab_m=first.corners_lab_m * [1, 1, 0] + [0, 0, 1] * _half(first.corners_lab_m))
    trial, quality = build(replace(walk, plates=(*walk.plates[:2], narrow, *walk.plates[3:])))
    side = next(step.side for step in trial.steps if step.plate == narrow.name)
    assert person.invalid_spans_s(trial, Invalid.CONTACT_OUTSIDE_PLATES, side)
    assert not trial.validity.mask[:, 1 - SIDES.index(side)].any()
    code = f"CONTACT_OUTSIDE_PLATES_{side.upper()}"
    assert next(gate for gate in quality.gates if gate.code == code).verdict == "warned"


def _half(corners_m: np.ndarray) -> np.ndarray:
    """Corners whose inner half of the width is gone."""
    outer = np.abs(corners_m[:, 2]).argmax()
    middle = corners_m[:, 2].mean()
    return np.where(np.isclose(corners_m[:, 2], corners_m[outer, 2]), corners_m[:, 2], middle)[:, None]


def moved(plate: PlateWrench, other: PlateWrench, share: float) -> PlateWrench:
    """A plate that bears a share of another one's load too."""
    force = plate.force_lab_n + share * other.force_lab_n
    return replace(plate, force_lab_n=force, moment_lab_nm=plate.moment_lab_nm + share * other.moment_lab_nm)


@given(data=st.data())
def test_no_force_is_lost_without_a_flag(marker_set, static, data):
    """Plates declared wrongly or not at all, markers missing, steps across plates: forces stay or are flagged."""
    gait = data.draw(st.sampled_from([person.WALK, person.TREADMILL_WALK, person.TREADMILL_RUN]))
    recording = person.recording(gait, plates=data.draw(st.sampled_from(["one", "per_foot", "per_step"])))
    for _ in range(data.draw(st.integers(0, 2))):
        start_s = data.draw(st.floats(0.0, 3.0))
        recording = with_lost_foot(recording, data.draw(st.sampled_from(SIDES)), start_s, start_s + 0.5)
    plates = list(recording.plates)
    if data.draw(st.booleans()) and len(plates) > 1:
        share = data.draw(st.floats(0.1, 0.9))
        first, second, *others = plates
        plates = [
            replace(
                first, force_lab_n=(1 - share) * first.force_lab_n, moment_lab_nm=(1 - share) * first.moment_lab_nm
            ),
            replace(
                second,
                force_lab_n=second.force_lab_n + share * first.force_lab_n,
                moment_lab_nm=second.moment_lab_nm + share * first.moment_lab_nm,
            ),
            *others,
        ]
    if data.draw(st.booleans()):
        plates = [replace(plate, name=f"plate_{number}") for number, plate in enumerate(plates)]
    activity = "run" if gait is person.TREADMILL_RUN else "walk"
    settings = Ingest(contact_threshold_n={"walk": THRESHOLD_N, "run": THRESHOLD_N, "other": THRESHOLD_N})
    trial, quality = build_trial(
        replace(recording, plates=tuple(plates)),
        marker_set=marker_set,
        static=static,
        activity=activity,
        settings=settings,
        gates=Gates(),
        lab_axes=("+x", "+y"),
        treadmill=gait.treadmill,
        where="generated",
    )
    if trial.forces is None:
        (gate,) = [gate for gate in quality.gates if gate.code == "FORCES_NOT_MEASURED"]
        assert gate.reason.startswith("DOUBLE_SUPPORT_ONE_PLATE")
        return
    assert lost_n(trial, plates).max() < 1e-6


@pytest.mark.parametrize("reach_s", [0.0, 0.05, 0.15])
def test_the_mask_is_widened_by_the_reach_of_the_filter(build, walk, reach_s):
    left = [plate.name for plate in walk.plates if plate.corners_lab_m[0, 2] < 0]
    trial, _ = build(replace(walk, plates=tuple(plate for plate in walk.plates if plate.name not in left[1:2])))
    ((start_s, end_s),) = person.invalid_spans_s(trial, Invalid.CONTACT_OUTSIDE_PLATES, "l")
    wide = trial.validity.invalid(Invalid.CONTACT_OUTSIDE_PLATES, trial.markers.time_s, reach_s=reach_s)[:, 1]
    found_s = trial.markers.time_s[wide]
    assert found_s[0] == pytest.approx(start_s - reach_s, abs=1e-6)
    assert found_s[-1] + 0.01 == pytest.approx(end_s + reach_s, abs=1e-6)


def test_a_narrow_walk_on_two_belts_shares_neither(build):
    walk = person.recording(person.TREADMILL_WALK, plates="per_foot")
    # The gap of the belts lies 30 mm beside the middle: the right foot overlaps the left belt by a third of its width.
    gap_m = 0.08
    edges = {"force_r": (gap_m, 1.0), "force_l": (-1.0, gap_m)}

    def belt(plate):
        inner, outer = edges[plate.name]
        corners = np.array([[a, 0.0, b] for a, b in ((9.0, outer), (9.0, inner), (-9.0, inner), (-9.0, outer))])
        return replace(plate, corners_lab_m=corners)

    belts = tuple(belt(plate) for plate in walk.plates)
    trial, _ = build(replace(walk, plates=belts), treadmill=True)
    assert not trial.validity.mask.any()
    assert {(step.plate[-1], step.side) for step in trial.steps} == {("r", "r"), ("l", "l")}
    assert lost_n(trial, belts).max() < 1e-6


@pytest.mark.parametrize("share", [0.1, 0.15, 0.2])
def test_a_light_step_on_the_other_belt_gives_the_swinging_foot_nothing_unflagged(build, share):
    """A tenth of the load leaves the centre of pressure of double support under the other foot."""
    walk = person.recording(person.TREADMILL_WALK, plates="per_foot")
    stances = person.stances(person.TREADMILL_WALK, "r")
    number = next(k for k, stance in enumerate(stances) if stance[0] > 0.9)
    force, moment = person.foot_wrench(person.TREADMILL_WALK, "r", walk.force_time_s, only=number)
    right, left = walk.plates
    gap_m = 0.07
    sides = {"force_r": (gap_m, 1.0, -share, right), "force_l": (-1.0, gap_m, share, left)}
    belts = []
    for inner, outer, moved_share, plate in sides.values():
        corners = np.array([[a, 0.0, b] for a, b in ((9.0, outer), (9.0, inner), (-9.0, inner), (-9.0, outer))])
        belts.append(
            replace(
                plate,
                force_lab_n=plate.force_lab_n + moved_share * force,
                moment_lab_nm=plate.moment_lab_nm + moved_share * moment,
                corners_lab_m=corners,
            )
        )
    trial, _ = build(replace(walk, plates=tuple(belts)), treadmill=True)
    time_s = trial.forces.time_s
    lift_s = next(end for _, end, _ in person.stances(person.TREADMILL_WALK, "l") if end > stances[number][0])
    swing = (time_s > lift_s + 0.06) & (time_s < stances[number][0] + person.TREADMILL_WALK.cycle_s / 2 - 0.06)
    flagged = trial.validity.invalid(OF_CONTACT, time_s)[:, 1]
    assert swing.sum() > 50
    assert not trial.forces.force_ground_n[swing & ~flagged, 1].any()


def test_an_unseen_stance_on_one_belt_is_not_given_to_the_foot_that_swings(build):
    walk = person.recording(person.TREADMILL_WALK, plates="one")
    start_s, end_s, _ = next(one for one in person.stances(person.TREADMILL_WALK, "r") if one[0] > 0.9)
    trial, _ = build(with_lost_foot(walk, "r", start_s - 0.1, end_s + 0.1), treadmill=True)
    time_s = trial.forces.time_s
    lift_s = next(end for _, end, _ in person.stances(person.TREADMILL_WALK, "l") if end > start_s)
    alone = (time_s > lift_s + 0.1) & (time_s < start_s + person.TREADMILL_WALK.cycle_s / 2 - 0.1)
    assert alone.sum() > 50
    assert trial.validity.invalid(Invalid.CONTACT_UNASSIGNED, time_s)[alone].all()
    assert not trial.forces.force_ground_n[alone, 1].any()
