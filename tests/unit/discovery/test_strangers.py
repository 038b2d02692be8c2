"""Markers with unknown names are placed by the recordings, and left open where these do not tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import synthetic_person as person
from gaitload.cohorts.tables import TrialRow
from gaitload.discovery.marker_sets import match
from gaitload.discovery.own_sets import own_sets
from gaitload.discovery.strangers import find_strangers
from gaitload.models.markersets import load_marker_set
from gaitload.models.registry import MODELS_DIR
from gaitload.trial import Recording

SET = person.marker_set()
LANDMARKS = {one.name: one.landmark for one in SET.markers if one.landmark}
BODIES = {one.name: one.body for one in SET.markers}


def _standing(renamed: dict[str, str]) -> Recording:
    return person.renamed(person.static_recording(), renamed)


def _walking(renamed: dict[str, str]) -> Recording:
    return person.renamed(person.recording(person.WALK), renamed)


def _found(renamed: dict[str, str]) -> dict:
    static, motion = _standing(renamed), _walking(renamed)
    landmarks = {name: one for name, one in LANDMARKS.items() if name not in renamed}
    bodies = {name: one for name, one in BODIES.items() if name not in renamed}
    return {one.name: one for one in find_strangers([static], [motion], landmarks, bodies, list(renamed.values()))}


@pytest.mark.parametrize("name", ["RTH1", "LTH1", "RTB1", "LTB2", "RHTP", "LMT1"])
def test_a_marker_is_placed_by_distances_that_the_motion_does_not_change(name: str) -> None:
    finding = _found({name: "Q1"})["Q1"]
    assert (finding.body, finding.certain) == (BODIES[name], True), finding.reason
    assert "vary by" in finding.reason


@pytest.mark.parametrize("name", ["RKNM", "LKNM", "RANM", "LANM"])
def test_a_medial_marker_of_the_static_trial_is_placed_beyond_the_joint(name: str) -> None:
    finding = _found({name: "Q1"})["Q1"]
    assert (finding.landmark, finding.certain) == (LANDMARKS[name], True), finding.reason


def test_a_marker_of_nobody_is_left_open() -> None:
    motion = _walking({})
    wild = np.random.default_rng(1).normal(0.5, 0.3, (len(motion.marker_time_s), 1, 3))
    position = np.concatenate((motion.marker_lab_m, wild), axis=1)
    moving = replace(motion, marker_names=(*motion.marker_names, "Q1"), marker_lab_m=position)
    (finding,) = find_strangers([_standing({})], [moving], LANDMARKS, BODIES, ["Q1"])
    assert finding.body is None and not finding.certain


def test_a_set_of_the_cohort_holds_what_was_found(tmp_path) -> None:
    renamed = {"RHTP": "Q1", "RMT1": "Q2", "RKNM": "Mkn", "LTH1": "Q3"}
    recordings = {"s.trc": _standing(renamed), "w.trc": _walking(renamed)}
    rows = [
        TrialRow(participant_id="p1", trial_id="s", role="static", activity="static", file="s.trc"),
        TrialRow(participant_id="p1", trial_id="w", role="motion", activity="walk", file="w.trc"),
    ]
    names = tuple(dict.fromkeys(name for one in recordings.values() for name in one.marker_names))
    own = own_sets("lab", {"p1": match(names, SET)}, rows, recordings.__getitem__, {"s.trc": 1.0, "w.trc": 2.0})
    assert own.worn == {"p1": "lab"}
    assert own.questions == ()
    (tmp_path / "lab.tsv").write_text(own.tables["lab"])
    worn = load_marker_set(tmp_path / "lab.tsv", MODELS_DIR / "rajagopal" / "landmarks.tsv")
    assert worn.by_name["Mkn"].landmark == "knee_medial_r"
    assert worn.by_name["Q1"].body == "calcn_r" and worn.by_name["Q1"].ik_weight > 0
    assert "Q3" not in worn.by_name, "the thigh has three markers without it"
    assert own.placed == {"p1": {"foot_r": 2}}
    assert worn.by_name["RASI"].position_m == pytest.approx(SET.by_name["RASI"].position_m)
