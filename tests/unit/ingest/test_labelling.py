"""Labelling faults against a static trial."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

import synthetic_person as person
from gaitload.ingest.axes import turn_about_up
from gaitload.ingest.labelling import check_labels
from gaitload.ingest.relabel import evaluate
from gaitload.ingest.rigid import fit_rigid, pair_distances_m, place
from gaitload.models.markersets import MarkerSet, ModelMarker
from gaitload.trial import Markers

TOLERANCE_M = 0.012
MARKERS = person.marker_set()
STATIC = person.static_markers()
RUN = person.recording(person.TREADMILL_RUN, plates="none", noise_m=0.002)


def checked(recording, **options):
    options = {"static": STATIC, "marker_set": MARKERS, "tolerance_m": TOLERANCE_M} | options
    return check_labels(recording.marker_lab_m, recording.marker_names, **options)


def swapped(*pairs):
    return person.renamed(RUN, {a: b for pair in pairs for a, b in (pair, pair[::-1])})


def assert_undone(labelling, recording=RUN):
    assert labelling.names == recording.marker_names


def test_a_sound_trial_has_no_faults_and_closed_joints():
    labelling = checked(RUN)
    assert labelling.faults == ()
    assert_undone(labelling)
    assert set(labelling.joint_gaps_mm) == {"knee_r", "ankle_r", "knee_l", "ankle_l"}
    # Noise of 2 mm on shells 90 mm wide, carried 200 mm to the joint.
    assert max(labelling.joint_gaps_mm.values()) < 15


def test_a_swap_on_a_foot_is_found_and_repaired():
    labelling = checked(swapped(("RMT1", "RMT5")))
    (fault,) = labelling.faults
    assert (fault.kind, set(fault.markers), fault.repaired) == ("swapped", {"RMT1", "RMT5"}, True)
    assert fault.before_mm > 12 > fault.after_mm
    assert "RMT1 is RMT5" in fault.reason
    assert_undone(labelling)


def test_a_swap_is_reported_but_left_when_repairs_are_off():
    recording = swapped(("RMT1", "RMT5"))
    labelling = checked(recording, repair=False)
    assert labelling.faults[0].repaired is False
    assert "repairs are switched off" in labelling.faults[0].reason
    assert labelling.names == recording.marker_names


def test_a_swap_between_the_feet_is_repaired():
    labelling = checked(swapped(("RHTP", "LHTP")))
    (fault,) = labelling.faults
    assert (fault.kind, set(fault.markers), fault.repaired) == ("swapped", {"RHTP", "LHTP"}, True)
    assert_undone(labelling)


def test_a_leg_labelled_as_the_other_one_is_repaired():
    pairs = [(f"R{name}", f"L{name}") for name in ("TH1", "TH2", "TH3", "TH4", "TB1", "TB2", "TB3", *person.FOOT)]
    labelling = checked(swapped(*pairs))
    assert all(fault.repaired for fault in labelling.faults)
    assert {name for fault in labelling.faults for name in fault.markers} == {name for pair in pairs for name in pair}
    assert_undone(labelling)


def test_a_pelvis_labelled_from_the_wrong_side_keeps_its_distances_and_is_found_all_the_same():
    recording = swapped(("RASI", "LASI"), ("RPSI", "LPSI"))
    columns = [recording.marker_names.index(name) for name in person.PELVIS]
    static = pair_distances_m(np.array([STATIC.of(name)[0] for name in person.PELVIS]))
    assert np.abs(pair_distances_m(recording.marker_lab_m[0, columns]) - static).max() < TOLERANCE_M
    labelling = checked(recording)
    assert {fault.kind for fault in labelling.faults} == {"swapped"}
    assert_undone(labelling)


def test_a_square_shell_turned_by_a_corner_is_found_by_its_joint():
    turned = {"RTH1": "RTH2", "RTH2": "RTH4", "RTH4": "RTH3", "RTH3": "RTH1"}
    recording = person.renamed(RUN, turned)
    columns = tuple(recording.marker_names.index(name) for name in sorted(turned))
    shape = np.array([STATIC.of(name)[0] for name in sorted(turned)])
    assert np.nanmax(evaluate(shape, recording.marker_lab_m, columns, TOLERANCE_M).error_m) < TOLERANCE_M
    labelling = checked(recording)
    (fault,) = labelling.faults
    assert (fault.kind, set(fault.markers), fault.repaired) == ("swapped", set(turned), True)
    assert "knee_r closes" in fault.reason
    assert_undone(labelling)


def test_a_turned_shell_is_found_even_when_only_lateral_markers_show_the_joint():
    kept = [k for k, name in enumerate(STATIC.names) if not name.endswith(("KNM", "ANM"))]
    static = Markers(tuple(STATIC.names[k] for k in kept), STATIC.time_s, STATIC.position_ground_m[:, kept])
    turned = {"LTH1": "LTH2", "LTH2": "LTH4", "LTH4": "LTH3", "LTH3": "LTH1"}
    assert_undone(checked(person.renamed(RUN, turned), static=static))


def test_one_name_moved_on_to_another_marker_is_untangled():
    recording = person.renamed(RUN, {"RMT5": "RXTRA", "RMT1": "RMT5"})
    labelling = checked(recording)
    (fault,) = labelling.faults
    assert (fault.kind, set(fault.markers), fault.repaired) == ("misnamed", {"RXTRA", "RMT5"}, True)
    assert_undone(labelling)


def test_a_renamed_marker_gets_its_name_back():
    labelling = checked(person.renamed(RUN, {"RHEE": "RHEEL"}))
    (fault,) = labelling.faults
    assert (fault.kind, fault.markers, fault.repaired) == ("misnamed", ("RHEEL",), True)
    assert_undone(labelling)


def test_a_missing_marker_is_missing_and_an_extra_one_extra():
    def change(position, names):
        position[:, names.index("WAND")] += [0.03, 0.02, 0.0]

    labelling = checked(person.with_position(person.renamed(RUN, {"LMT1": "WAND"}), change))
    assert {(fault.kind.value, fault.markers) for fault in labelling.faults} == {
        ("extra", ("WAND",)),
        ("missing", ("LMT1",)),
    }
    assert not any(fault.repaired for fault in labelling.faults)
    assert labelling.names == tuple("WAND" if name == "LMT1" else name for name in RUN.marker_names)


def test_a_marker_stuck_elsewhere_is_told_and_keeps_its_name():
    moved = person.with_position(
        RUN, lambda position, names: position[:, names.index("RASI")].__iadd__([0.04, 0.0, 0.0])
    )
    labelling = checked(moved)
    assert [(fault.kind.value, fault.markers, fault.repaired) for fault in labelling.faults] == [
        ("implausible", ("RASI",), False)
    ]
    assert labelling.faults[0].before_mm > 12
    assert_undone(labelling)


@given(st.floats(-40, 40), st.permutations(sorted(person.FOOT)))
@settings(max_examples=20, deadline=None)
def test_faults_do_not_depend_on_where_the_trial_stands(turn_deg, order):
    recording = person.renamed(
        RUN, dict(zip(sorted(f"R{name}" for name in person.FOOT), (f"R{n}" for n in order), strict=True))
    )
    here = checked(recording)
    rotated = recording.marker_lab_m @ turn_about_up(turn_deg).T + [3.0, 0.0, -1.0]
    there = check_labels(rotated, recording.marker_names, STATIC, MARKERS, TOLERANCE_M)
    assert there.names == here.names == RUN.marker_names
    assert [fault.markers for fault in there.faults] == [fault.markers for fault in here.faults]


@st.composite
def segments(draw):
    """A rigid segment of four to six markers that no relabelling leaves near itself, and a relabelling of it."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(4, 6))
    shape = rng.uniform(-0.15, 0.15, size=(count, 3))
    order = draw(st.permutations(range(count)))
    return rng, shape, order


@given(segments())
@settings(max_examples=60, deadline=None)
def test_any_relabelling_within_a_segment_without_symmetry_is_undone(segment):
    rng, shape, order = segment
    distance = pair_distances_m(shape)
    nearest = np.sort(distance[np.triu_indices(len(shape), 1)])
    assume(nearest[0] > 0.04 and np.diff(nearest).min() > 0.004)
    names = tuple(f"M{k}" for k in range(len(shape)))
    rotation = Rotation.random(50, random_state=int(rng.integers(2**31))).as_matrix()
    position = np.einsum("tij,mj->tmi", rotation, shape) + rng.normal(size=(50, 1, 3))
    position += 0.0005 * rng.normal(size=position.shape)
    marker_set = MarkerSet("random", tuple(ModelMarker(name, "torso", None, np.zeros(3), 1.0, 1.0) for name in names))
    static = Markers(names, np.arange(2) / 100, np.stack([shape, shape]))
    labelled = tuple(names[k] for k in order)
    labelling = check_labels(position, labelled, static, marker_set, TOLERANCE_M)
    wrong = evaluate(shape, position, tuple(labelled.index(name) for name in names), TOLERANCE_M)
    # A relabelling that moves every marker by less than the tolerance is within what soft tissue does.
    assume(labelled == names or wrong.cost_m > 0.02)
    runner_up_is_far = labelling.names == names or any("equally well" in fault.reason for fault in labelling.faults)
    assert runner_up_is_far, labelling.faults
    if labelled == names:
        assert labelling.faults == ()


def test_a_relabelling_that_can_be_undone_in_two_ways_is_told_and_left():
    rectangle = np.array([[0.0, 0.0, 0.0], [0.12, 0.0, 0.0], [0.12, 0.06, 0.0], [0.0, 0.06, 0.0]])
    names = ("A", "B", "C", "D")
    plate = MarkerSet("plate", tuple(ModelMarker(name, "torso", None, np.zeros(3), 1.0, 1.0) for name in names))
    static = Markers(names, np.arange(2) / 100, np.stack([rectangle] * 2))
    labelling = check_labels(np.stack([rectangle] * 9), ("B", "C", "D", "A"), static, plate, TOLERANCE_M)
    (fault,) = labelling.faults[:1]
    assert (fault.kind, fault.repaired) == ("swapped", False)
    assert "assignments fit the static trial equally well" in fault.reason
    assert labelling.names == ("B", "C", "D", "A")


def test_segments_of_two_markers_are_not_judged():
    two = MarkerSet("two", tuple(marker for marker in MARKERS.markers if marker.name in ("RHEE", "RMT5")))
    recording = swapped(("RHEE", "RMT5"))
    assert not [fault for fault in checked(recording, marker_set=two).faults if fault.kind != "extra"]


@pytest.mark.parametrize("marker", ["RASI", "RTH3", "LTB2", "RMT1"])
def test_any_single_missing_marker_is_named(marker):
    labelling = checked(person.renamed(RUN, {marker: "unnamed"}))
    assert labelling.faults[0].markers in {(marker,), ("unnamed",)}
    assert labelling.faults[0].kind == "misnamed"
    assert_undone(labelling)


def with_strangers(marker: str, *offsets_m):
    """The run without a marker, and with trajectories that go along with its segment beside the place it had."""
    column = RUN.marker_names.index(marker)
    segment = next(members for members in MARKERS.segments.values() if marker in members)
    others = [name for name in segment if name in RUN.marker_names and name != marker]
    shape = np.array([static_place(name) for name in (*others, marker)])
    seen = RUN.marker_lab_m[:, [RUN.marker_names.index(name) for name in others]]
    rotation, origin = fit_rigid(shape[:-1], seen)
    strangers = [place((shape[-1] + np.array(offset))[None], rotation, origin) for offset in offsets_m]
    position = np.concatenate([np.delete(RUN.marker_lab_m, column, axis=1), *strangers], axis=1)
    names = [name for name in RUN.marker_names if name != marker]
    return replace(
        RUN,
        marker_names=(*names, *(f"*{k}" for k in range(len(strangers)))),
        marker_lab_m=position,
    )


def static_place(name: str) -> np.ndarray:
    return np.nanmedian(STATIC.of(name), axis=0)


@pytest.mark.parametrize("marker", ["RMT1", "RTH3", "RASI"])
@pytest.mark.parametrize("direction", range(3))
def test_a_trajectory_20_mm_beside_the_place_of_a_missing_marker_stays_a_stranger(marker, direction):
    offset = np.roll([0.02, 0.0, 0.0], direction)
    faults = checked(with_strangers(marker, offset)).faults
    assert not [fault for fault in faults if fault.repaired]
    assert marker in [name for fault in faults if fault.kind == "missing" for name in fault.markers]


@pytest.mark.parametrize("marker", ["RMT1", "RTH3", "RASI", "RTB2"])
def test_two_trajectories_as_near_as_each_other_prove_nothing(marker):
    faults = checked(with_strangers(marker, (0.007, 0.0, 0.0), (-0.007, 0.0, 0.0))).faults
    assert not [fault for fault in faults if fault.repaired]
