"""Faults are injected as they are named, parts are fixed, and scores say what was reported and what was not."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

import synthetic_person as person
from benchmarks.faults import force_faults, marker_faults, participant_faults, report
from benchmarks.faults.catalogue import FAULTS, SHORT, planned
from benchmarks.faults.clean import CLEAN
from benchmarks.faults.known_limits import WHY_MISSED
from benchmarks.faults.scoring import score, with_effects
from benchmarks.faults.situation import PARTS, Fault, Situation
from benchmarks.faults.workflow import Outcome
from gaitload.quality import Gate, Verdict
from gaitload.signals.plates import center_of_pressure
from gaitload.trial import Markers


@pytest.fixture(scope="module")
def situation() -> Situation:
    recording = person.recording(person.Gait(), plates="per_foot")
    static = person.static_recording()
    return Situation(
        motion=recording,
        statics={"static": static},
        others={"static": static},
        marker_set=person.marker_set(),
        lab_axes=("+x", "+y"),
        window_s=(0.5, 1.5),
        mass_kg=person.WEIGHT_N / 9.80665,
        height_m=1.75,
    )


def fault_named(name: str) -> Fault:
    return next(fault for fault in FAULTS if fault.name == name)


def test_there_are_at_least_forty_types_and_each_part_has_some_of_every_group():
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 40
    for part in PARTS:
        assert {fault.group for fault in FAULTS if fault.part == part} == {fault.group for fault in FAULTS}
        assert sum(fault.part == part for fault in FAULTS) >= 0.25 * len(FAULTS)


def test_reasons_for_misses_are_of_faults_that_exist():
    assert set(WHY_MISSED) <= {fault.name for fault in FAULTS}


def test_no_clean_trial_and_no_participant_is_in_two_parts():
    people = {(clean.cohort, clean.participant): clean.part for clean in CLEAN}
    assert all(people[clean.cohort, clean.participant] == clean.part for clean in CLEAN)
    assert {clean.part for clean in CLEAN} == set(PARTS)
    assert set(SHORT) <= {fault.name for fault in FAULTS}


def test_faults_of_a_part_meet_trials_of_that_part_alone():
    for part in PARTS:
        assert {(fault.part, clean.part) for fault, clean in planned(part, trials_each=2)} == {(part, part)}


def test_a_fault_meets_the_same_trial_when_it_is_run_alone():
    among_all = {fault.name: clean for fault, clean in planned(PARTS[0], trials_each=1)}
    ((fault, clean),) = planned(PARTS[0], trials_each=1, names=("legs exchanged",))
    assert among_all[fault.name] == clean


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_changes_something_and_leaves_the_clean_trial_alone(situation, fault):
    before = situation.motion.marker_lab_m.copy(), situation.motion.plates[0].force_lab_n.copy()
    try:
        faulty = fault.inject(situation, fault.sizes[-1])
    except KeyError:
        pytest.skip("the synthetic participant lacks what the fault concerns")
    assert faulty is not situation
    assert np.array_equal(before[0], situation.motion.marker_lab_m, equal_nan=True)
    assert np.array_equal(before[1], situation.motion.plates[0].force_lab_n)
    assert all(re.compile(pattern) for pattern in fault.cause)


def test_a_gain_leaves_the_centre_of_pressure_where_it_was(situation):
    plate = situation.motion.plates[0]
    gained = force_faults.gained(situation, (2.0, 1.0, 1.0)).motion.plates[0]
    loaded = plate.force_lab_n[:, 1] > 100.0
    before, after = (
        center_of_pressure(one.force_lab_n[loaded], one.moment_lab_nm[loaded], 0.0)[0] for one in (plate, gained)
    )
    np.testing.assert_allclose(after, before, atol=1e-9)
    np.testing.assert_allclose(gained.force_lab_n[:, 0], 2 * plate.force_lab_n[:, 0])


def test_displaced_plates_displace_the_centre_of_pressure(situation):
    plate = situation.motion.plates[0]
    moved = force_faults.displaced(situation, (0.04, 0.0, 0.0)).motion.plates[0]
    loaded = plate.force_lab_n[:, 1] > 100.0
    before, after = (
        center_of_pressure(one.force_lab_n[loaded], one.moment_lab_nm[loaded], 0.0)[0] for one in (plate, moved)
    )
    np.testing.assert_allclose((after - before).mean(axis=0), (0.04, 0.0, 0.0), atol=1e-9)


def test_forces_are_later_by_the_delay(situation):
    late = force_faults.delayed(situation, 0.010)
    np.testing.assert_allclose(late.motion.force_time_s, situation.motion.force_time_s + 0.010)


def test_sides_are_exchanged_on_the_whole_body(situation):
    pairs = participant_faults.pairs_of(situation, situation.motion.marker_names)
    assert len(pairs) == len(situation.motion.marker_names) // 2
    faulty = marker_faults.sides_exchanged(situation, 0.0)
    right, left = (situation.motion.marker_names.index(name) for name in ("RHEE", "LHEE"))
    assert np.array_equal(faulty.motion.marker_lab_m[:, right], situation.motion.marker_lab_m[:, left], equal_nan=True)


def outcome(bw: float, *gates: Gate, **other) -> Outcome:
    labels = {"time_s": np.arange(50) / 100, "atf_r_bw": np.full(50, bw)}
    return replace(Outcome(gates=gates, labels=labels), **other)


def gate(code: str, verdict: Verdict, reason: str = "") -> Gate:
    return Gate(code, verdict, None, None, "", reason)


def test_what_the_clean_run_reports_too_is_no_detection():
    fault = fault_named("forces of one trial late")
    known = gate("COP_IN_FOOT_R", Verdict.WARNED)
    silent = score(fault, 0.01, "a", outcome(5.0, known), outcome(6.0, known))
    assert (silent.matters, silent.detected, silent.named) == (True, False, False)
    graver = score(fault, 0.01, "a", outcome(5.0, known), outcome(6.0, gate("COP_IN_FOOT_R", Verdict.FAILED)))
    assert (graver.detected, graver.named) == (True, False)
    lag = gate("FORCE_LAG", Verdict.FAILED, "forces are late by 10 ms")
    named = score(fault, 0.01, "a", outcome(5.0, known), outcome(6.0, known, lag))
    assert (named.detected, named.named, named.reported_by) == (True, True, ("FORCE_LAG",))


def test_gates_of_muscles_are_no_detection():
    fault = fault_named("forces of one trial late")
    saturated = gate("MUSCLES_SATURATED", Verdict.WARNED)
    assert not score(fault, 0.01, "a", outcome(5.0), outcome(6.0, saturated)).detected


def test_a_repair_that_leaves_labels_changed_is_wrong():
    fault = fault_named("legs exchanged")
    wrong = score(fault, 1.0, "a", outcome(5.0), outcome(6.0, repairs=("R is L",)))
    right = score(fault, 1.0, "a", outcome(5.0), outcome(5.1, repairs=("R is L",)))
    assert (wrong.repaired, wrong.repaired_wrongly) == (False, True)
    assert (right.repaired, right.repaired_wrongly) == (True, False)


@pytest.mark.parametrize(("apart_m", "wrong"), [(0.0, False), (0.05, True)])
def test_a_repair_before_labels_is_judged_by_the_markers(apart_m, wrong):
    def ingested(place_m: float, *repairs: str) -> Outcome:
        position_m = np.full((5, 1, 3), place_m)
        return Outcome(repairs=repairs, markers=Markers(("R.Heel",), np.arange(5) / 100, position_m))

    one = score(fault_named("legs exchanged"), 1.0, "a", ingested(0.0), ingested(apart_m, "R is L"))
    assert (one.repaired, one.repaired_wrongly) == (not wrong, wrong)


def test_the_page_tells_misses_before_what_was_found():
    fault = fault_named("forces of one trial late")
    missed = score(fault, 0.01, "a", outcome(5.0), outcome(6.0))
    lag = gate("FORCE_LAG", Verdict.FAILED, "forces are late by 10 ms")
    found = score(fault, 0.02, "a", outcome(5.0), outcome(7.0, lag))
    document = {"scores": [found.as_dict(), missed.as_dict()], "clean": {"a": []}, "machine": {"cores": "2"}}
    text = report.page(document)
    assert text.index("**Missed**") < text.index("| 0.01 s |") < text.index("**Reported with the cause.**")
    rates = report.rates(document["scores"])
    assert (rates["change a label"], rates["detected"], rates["cause first"]) == (2, 0.5, 0.5)


def test_effects_of_an_earlier_run_are_joined_by_fault_size_and_trial():
    fault = fault_named("forces of one trial late")
    harmless = score(fault, 0.005, "a", outcome(5.0), outcome(5.1)).as_dict()
    now = [{**harmless, "force_bw": None, "matters": True}, {**harmless, "size": 0.01, "matters": True}]
    joined = with_effects(now, [harmless])
    assert joined["effects_known"] == 1
    assert [one["matters"] for one in joined["scores"]] == [False, True]
    assert joined["scores"][0]["force_bw"] == pytest.approx(0.1)


def test_the_page_counts_alarms_in_full_length_without_what_is_true_of_a_recording():
    lags = {"vertical_s": 0.007, "vertical_se_s": 0.0005, "belt_s": None, "check_s": 0.5}
    lengths = {
        "fukuchi2017/b/c": {"alarms": ["CONTACT_SHARED"], **lags},
        "fukuchi2017/c/d": {"alarms": ["FORCE_LAG", "LABELS_SWAPPED"], **lags},
    }
    text = report.page({"scores": [], "clean": {}, "machine": {"cores": "2"}, "full_length": lengths})
    assert "1 of 2 motions (50.0 %) raise an alarm" in text
    assert "lead the markers by 7.0 +- 0.0 ms by vertical force" in text


def test_the_page_counts_clean_trials_with_a_false_alarm():
    clean = {
        "a": ["MARKERS_MISSING", "check: P/t: MARKERS_MISSING: frames that lack a marker"],
        "b": ["check: P/t: FORCE_LAG: forces lead the markers"],
        "c": [],
    }
    text = report.page({"scores": [], "clean": clean, "machine": {"cores": "2"}})
    assert "1 of 3 raise one that is not true of the recording" in text


def test_the_page_tells_what_check_misses_although_the_stages_report_it():
    fault = fault_named("forces of one trial late")
    lag = gate("FORCE_LAG", Verdict.FAILED, "forces are late by 10 ms")
    alone = score(fault, 0.02, "a", outcome(5.0), outcome(7.0, lag)).as_dict()
    both = score(
        fault, 0.01, "b", outcome(5.0), outcome(7.0, lag, check=("P/t: FORCE_LAG: forces are late",))
    ).as_dict()
    text = report.page({"scores": [alone, both], "clean": {}, "machine": {"cores": "2"}})
    section = text.partition("**Missed by `gaitload check`**")[2].partition("**Alarms")[0]
    assert "| 0.02 s | a |" in section and "| 0.01 s | b |" not in section
