"""Ingest on published recordings: twelve treadmill runners, and the walk and run of the Rajagopal model."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import synthetic_person as person
from gaitload.config.motion import Ingest
from gaitload.errors import ConventionError
from gaitload.ingest.axes import ground_frame, to_ground
from gaitload.ingest.labelling import check_labels
from gaitload.ingest.lag import estimate_force_lag
from gaitload.io.c3d import read_c3d
from gaitload.io.trc import read_trc
from gaitload.models.markersets import load_marker_set
from gaitload.trial import Invalid, Markers
from recordings import built_of, rajagopal

AXES = ("+x", "+y")
RUNNERS = {
    "RBDS001": 62.0,
    "RBDS002": 80.0,
    "RBDS03": 65.4,
    "RBDS05": 60.0,
    "RBDS08": 69.0,
    "RBDS010": 64.75,
    "RBDS011": 75.0,
    "RBDS013": 58.2,
    "RBDS015": 77.25,
    "RBDS017": 82.15,
    "RBDS019": 56.85,
    "RBDS021": 71.35,
}
"""Body mass (kg)."""
FAULTS = {
    ("RBDS001", "T25"): {("swapped", ("R.MT1", "R.MT5"), True)},
    ("RBDS001", "T35"): {("swapped", ("R.MT1", "R.MT5"), True)},
    ("RBDS03", "T25"): {("misnamed", ("R.ASY", "R.MT5"), True)},
    ("RBDS05", "T45"): {("missing", ("R.MT1",), False)},
    ("RBDS010", "T25"): {("missing", ("L.MT1",), False)},
    ("RBDS010", "T35"): {("missing", ("L.MT1",), False)},
    ("RBDS010", "T45"): {("missing", ("L.MT1",), False)},
}
"""Every lasting labelling fault of the 36 runs; all others have none but the extra marker R.ASY."""


@pytest.fixture(scope="module")
def marker_sets(repository):
    folder = repository / "opensim_models" / "rajagopal" / "markersets"
    return {path.stem: load_marker_set(path) for path in folder.glob("*.tsv")}


@pytest.fixture(scope="module")
def runner(shared, marker_sets):
    """Builds one run, from its recording and static trial, once."""
    built, statics = {}, {}

    def build(subject, speed):
        if subject not in statics:
            statics[subject] = built_of(recording_of(shared, subject, "static"), marker_sets["fukuchi2017"], "static")[
                0
            ]
        if (subject, speed) not in built:
            recording = recording_of(shared, subject, f"run{speed}")
            static = statics[subject].markers
            built[subject, speed] = built_of(
                recording, marker_sets["fukuchi2017"], "run", static=static, treadmill=True
            )
        return built[subject, speed]

    return build


def recording_of(shared, subject, trial):
    return read_c3d(shared / "fukuchi2017" / subject / f"{subject}{trial}.c3d")


def faults_of(quality):
    return {
        (fault["kind"].value, fault["markers"], fault["repaired"])
        for fault in quality.numbers["label_faults"]
        if fault["kind"] != "extra"
    }


@pytest.mark.slow
def test_the_scan_of_all_runs_finds_these_faults_and_no_others(shared, marker_sets):
    marker_set = marker_sets["fukuchi2017"]
    found = {}
    for subject in RUNNERS:
        static = grounded(recording_of(shared, subject, "static"), marker_set, "static")
        for speed in ("T25", "T35", "T45"):
            run = grounded(recording_of(shared, subject, f"run{speed}"), marker_set, "run")
            labelling = check_labels(
                run.marker_lab_m,
                run.marker_names,
                Markers(static.marker_names, static.marker_time_s, static.marker_lab_m),
                marker_set,
                Ingest().label_fault_m,
            )
            faults = {(f.kind.value, f.markers, f.repaired) for f in labelling.faults if f.kind != "extra"}
            if faults:
                found[subject, speed] = faults
            # Soft tissue opens the knee by up to 24 mm; a shell under wrong labels by 55 mm and more.
            assert max(labelling.joint_gaps_mm.values()) < 30, (subject, speed)
    assert found == FAULTS


def grounded(recording, marker_set, activity):
    frame = ground_frame(recording, marker_set, AXES, activity, where=recording.source)
    return to_ground(recording, frame.rotation)


@pytest.mark.parametrize(("subject", "speed"), [("RBDS001", "T25"), ("RBDS001", "T35"), ("RBDS03", "T25")])
def test_a_repaired_foot_has_its_fifth_metatarsal_outside(runner, subject, speed):
    trial, quality = runner(subject, speed)
    assert FAULTS[subject, speed] <= faults_of(quality)
    outward = trial.markers.of("R.MT5")[:, 2] - trial.markers.of("R.MT1")[:, 2]
    # Metatarsal heads are 70 to 100 mm apart across the foot, which points forward within 30 deg in stance.
    assert 0.05 < np.nanmedian(outward) < 0.11
    shape = next(gate for gate in quality.gates if gate.code == "FOOT_SHAPE_R")
    # Labelled wrongly, 37 mm.
    assert shape.value < 0.005


def test_the_third_run_of_the_same_runner_was_labelled_rightly(runner):
    trial, quality = runner("RBDS001", "T45")
    assert faults_of(quality) == set()
    assert np.nanmedian(trial.markers.of("R.MT5")[:, 2] - trial.markers.of("R.MT1")[:, 2]) > 0.05


def test_three_samples_of_a_thigh_marker_under_the_name_of_a_shank_marker_are_given_back(runner):
    trial, quality = runner("RBDS019", "T45")
    assert faults_of(quality) == {("misnamed", ("R.Shank.Top.Lateral",), True)}
    (fault,) = [fault for fault in quality.numbers["label_faults"] if fault["kind"] == "misnamed"]
    assert "R.Shank.Top.Lateral is R.Thigh.Bottom.Medial in 3 frames" in fault["reason"]
    assert (fault["start_s"], fault["end_s"]) == pytest.approx((25.76, 25.8533), abs=1e-3)
    assert quality.numbers["ghosts_dropped"] == {"R.Thigh.Bottom.Medial": 1}
    # A ghost was 258 mm off beside a gap; the shell is rigid to 5 mm.
    distance = np.linalg.norm(
        trial.markers.of("R.Thigh.Bottom.Medial") - trial.markers.of("R.Thigh.Bottom.Lateral"), axis=1
    )
    assert np.nanmax(np.abs(distance - np.nanmedian(distance))) < 0.006


@pytest.mark.parametrize(("subject", "speed"), [("RBDS05", "T45"), ("RBDS010", "T25")])
def test_a_missing_metatarsal_warns_and_leaves_the_centre_of_pressure_in_the_sole(runner, subject, speed):
    _, quality = runner(subject, speed)
    assert faults_of(quality) == FAULTS[subject, speed]
    assert quality.verdict == "warned"
    for side in "RL":
        gate = next(gate for gate in quality.gates if gate.code == f"COP_IN_FOOT_{side}")
        assert gate.value < 0.0


@pytest.mark.parametrize(("subject", "speed"), [("RBDS001", "T25"), ("RBDS05", "T45"), ("RBDS019", "T45")])
def test_one_plate_of_a_treadmill_is_split_into_steps_of_alternate_feet(runner, subject, speed):
    trial, quality = runner(subject, speed)
    steps = quality.numbers["steps"]
    assert all(a["side"] != b["side"] for a, b in pairwise(steps))
    whole = [step for step in steps if step["whole"]]
    # Half a minute at 2.5 to 3.2 steps a second.
    assert 75 <= len(whole) <= 100
    assert all(step["distance_m"] < 0 < step["margin_m"] - 0.1 for step in whole)
    assert not trial.validity.mask.any()
    # By the feet, belts run 1 to 5 % slower than their display.
    assert quality.numbers["belt_m_per_s"] == pytest.approx(float(speed[1:]) / 10, rel=0.06)
    assert not trial.forces.force_ground_n[~trial.forces.contact].any()


def test_the_baselines_of_the_plate_are_those_of_the_flights(runner):
    _, quality = runner("RBDS010", "T25")
    (baseline,) = quality.numbers["baselines"]
    # Sideways 21 N and 72 N m, the largest of the twelve runners but one.
    assert baseline["force_n"] == pytest.approx((12.3, -2.5, -21.0), abs=1.0)
    assert baseline["moment_nm"][1] == pytest.approx(72.1, abs=2.0)


def test_a_half_minute_run_takes_less_than_two_seconds(shared, marker_sets, runner):
    runner("RBDS011", "T35")
    recording = recording_of(shared, "RBDS011", "runT35")
    static, _ = built_of(recording_of(shared, "RBDS011", "static"), marker_sets["fukuchi2017"], "static")
    begun = time.process_time()
    built_of(recording, marker_sets["fukuchi2017"], "run", static=static.markers, treadmill=True)
    assert time.process_time() - begun < 2.0


def test_a_foot_without_the_first_metatarsal_head_shows_the_same_lag_on_the_belt(shared, marker_sets):
    marker_set = marker_sets["fukuchi2017"]
    static, _ = built_of(recording_of(shared, "RBDS011", "static"), marker_set, "static")
    run = recording_of(shared, "RBDS011", "runT35")
    dropped = [marker_set.landmark(f"mt1_{side}") for side in "rl"]
    kept = [column for column, name in enumerate(run.marker_names) if name not in dropped]
    names = tuple(run.marker_names[column] for column in kept)
    fewer = replace(run, marker_names=names, marker_lab_m=run.marker_lab_m[:, kept])
    whole_s, fewer_s = (
        built_of(one, marker_set, "run", static=static.markers, treadmill=True)[1].numbers["forces"]["belt_lag_s"]
        for one in (run, fewer)
    )
    assert len(names) == len(run.marker_names) - 2
    # Shares of the sole are those of the median runner: others change by up to 2.3 ms.
    assert fewer_s == pytest.approx(whole_s, abs=0.001)


def test_forces_lead_the_weighted_markers_of_the_legs_by_a_few_milliseconds(runner, marker_sets):
    trial, _ = runner("RBDS011", "T35")
    height = np.zeros(len(trial.markers.time_s))
    # Masses of de Leva 1996 (men) at the middles of the markers; all above the hips counted at the pelvis.
    shares = {"femur": 0.1416, "tibia": 0.0433, "foot": 0.0137}
    for segment, members in marker_sets["fukuchi2017"].segments.items():
        seen = [trial.markers.of(name)[:, 1] for name in members if name in trial.markers.names]
        share = shares.get(segment.partition("_")[0], 1.0 - 2 * sum(shares.values()))
        height += share * np.mean(seen, axis=0)
    lag_s, error_s = estimate_force_lag(
        trial.forces.force_ground_n[..., 1].sum(axis=1),
        trial.forces.time_s,
        height,
        trial.markers.time_s,
        mass_kg=RUNNERS["RBDS011"],
    )
    # 36 runs by the same proxy: 6.6 ms, standard deviation 1.5 ms; by a full model about 4 ms.
    assert 0.003 < lag_s < 0.010
    assert error_s < 0.001


def test_the_walk_stands_on_three_plates_and_beside_them_before_and_after(shared, marker_sets):
    static, walk, marker_set = rajagopal(shared, marker_sets, "walk")
    standing, quality = built_of(static, marker_set, "static")
    # The person stands facing lab +z and is turned to face +X.
    assert quality.numbers["turn_deg"] == 90
    trial, quality = built_of(walk, marker_set, "walk", static=standing.markers)
    steps = quality.numbers["steps"]
    assert [step["side"] for step in steps] == ["r", "l", "r"]
    assert [step["start_s"] for step in steps] == pytest.approx([0.26, 0.83, 1.40], abs=0.02)
    assert all(step["outside_m"] < 0 for step in steps)
    assert not trial.validity.mask[:, 0].any()
    first, second = person.invalid_spans_s(trial, Invalid.CONTACT_UNMEASURED, "l")
    assert (first, second) == (pytest.approx([0.0, 0.45], abs=0.03), pytest.approx([1.97, 2.38], abs=0.03))


def test_the_left_knee_marker_of_the_walk_was_stuck_elsewhere_in_the_first_static_trial(shared, marker_sets):
    static, walk, marker_set = rajagopal(shared, marker_sets, "walk")
    standing, _ = built_of(static, marker_set, "static")
    _, quality = built_of(walk, marker_set, "walk", static=standing.markers)
    assert faults_of(quality) == {("implausible", ("L.Knee",), False)}
    second = read_trc(shared / "rajagopal2016" / "static_walk_2.trc")
    standing, _ = built_of(second, marker_set, "static")
    _, quality = built_of(walk, marker_set, "walk", static=standing.markers)
    assert faults_of(quality) == set()


def test_the_run_with_forces_by_foot_warns_of_lag_and_place_and_with_its_feet_exchanged_is_refused(shared, marker_sets):
    static, run, marker_set = rajagopal(shared, marker_sets, "run")
    standing, quality = built_of(static, marker_set, "static")
    assert {fault["kind"].value for fault in quality.numbers["label_faults"]} >= {"suspicious"}
    _, quality = built_of(run, marker_set, "run", static=standing.markers, treadmill=True)
    # Forces of this run are 3.7 ms late by vertical force. The belt, which shows 8.8 ms, is ignored: the pressure lies
    # 67 mm ahead of the metatarsal heads.
    assert {gate.code for gate in quality.gates if gate.verdict in ("warned", "failed")} == {"FORCE_LAG", "COP_HEADS"}
    (lag,) = (gate.reason for gate in quality.gates if gate.code == "FORCE_LAG")
    assert lag.startswith("forces lag behind (are late to) the markers by 3.7 ms")
    assert "which is ignored" in lag
    assert "ingest.force_lag" not in lag
    assert quality.numbers["belt_m_per_s"] == pytest.approx(3.8, abs=0.2)
    exchanged = {plate.name: "l" if plate.name.startswith("R") else "r" for plate in run.plates}
    with pytest.raises(ConventionError, match=r"R_ground_force \d+ mm from the sole of foot l"):
        built_of(run, marker_set, "run", static=standing.markers, treadmill=True, foot_of_plate=exchanged)
