"""From files of tools to one clock: windows, spans, and frames without forces."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from gaitload.cohorts.tables import TrialRow
from gaitload.config.motion import Window
from gaitload.io.sto import Table, write_sto
from gaitload.signals.clock import frames_within
from gaitload.signals.foot_forces import filtered_foot_forces
from gaitload.stages import loads as loads_stage
from gaitload.stages.chain import known_columns, known_loads, on_clock
from gaitload.stages.ingest import labelled_window
from gaitload.stages.loads import known_spans, solved_spans
from gaitload.trial import FootForces, Invalid, Markers, Trial, Validity

WHOLE = Window(start_s=None, duration_s=None, pad_s=0.2)


def trial(**cells) -> TrialRow:
    return TrialRow(participant_id="p", trial_id="t", role="motion", activity="run", file="x.c3d", **cells)


@pytest.fixture
def recording():
    """Ten seconds at 100 Hz that begin at 1 s."""
    time_s = 1.0 + np.arange(1001) / 100
    return SimpleNamespace(marker_time_s=time_s, force_time_s=time_s, marker_rate_hz=100.0)


@pytest.fixture
def forces():
    """A right foot that bears 800 N from 0.5 to 0.8 s at 1000 Hz."""
    time_s = np.arange(1300) / 1000
    loaded = (time_s >= 0.5) & (time_s < 0.8)
    force = np.zeros((1300, 2, 3))
    force[loaded, 0, 1] = 800.0
    moment = np.zeros_like(force)
    moment[loaded, 0, 2] = 800.0 * 0.4  # force at x = 0.4 m
    return FootForces(time_s, force, moment, force[..., 1] > 0)


def test_padding_stays_inside_the_recording(recording):
    assert labelled_window(trial(), WHOLE, recording) == pytest.approx((1.2, 10.81))
    two_seconds = WHOLE.model_copy(update={"duration_s": 2.0})
    assert labelled_window(trial(), two_seconds, recording) == pytest.approx((1.2, 3.2))


def test_what_the_sheet_says_is_taken_as_it_stands(recording):
    assert labelled_window(trial(start_s=1.05, end_s=4.0), WHOLE, recording) == (1.05, 4.0)
    assert labelled_window(trial(start_s=0.0, end_s=90.0), WHOLE, recording) == pytest.approx((1.0, 11.01))


def test_a_window_is_half_open():
    assert np.flatnonzero(frames_within(np.arange(10) / 10, (0.2, 0.5))).tolist() == [2, 3, 4]


def test_columns_land_on_their_frames_and_leave_the_others_empty():
    table = Table(names=("a",), time_s=np.array([0.1, 0.2, 0.5]), values=np.array([[1.0], [2.0], [5.0]]))
    assert on_clock(table, np.arange(6) / 10)["a"] == pytest.approx([np.nan, 1, 2, np.nan, np.nan, 5], nan_ok=True)


def test_filtered_forces_keep_their_impulse_and_their_place(forces):
    time_s = np.arange(20, 110) / 100
    filtered = filtered_foot_forces(forces, cutoff_hz=15, time_s=time_s, contact_threshold_n=50)
    force, moment, contact = filtered.side("r")
    # Cut off below 50 N, the tails of a 15 Hz filter lose less than a hundredth of the impulse of 240 N s.
    assert force[:, 1].sum() / 100 == pytest.approx(240, rel=0.01)
    assert moment[contact, 2] / force[contact, 1] == pytest.approx(0.4)
    assert not filtered.side("l")[2].any()
    assert (force[~contact] == 0).all()


def test_only_stance_is_solved_when_asked_for(forces):
    window_s = (0.2, 1.1)
    assert solved_spans(forces, window_s, "whole") == [pytest.approx((0.2, 1.099))]
    assert solved_spans(forces, window_s, "stance") == [pytest.approx((0.5, 0.799))]


def test_stance_too_short_for_accelerations_is_not_solved(forces):
    assert solved_spans(forces, (0.795, 1.1), "stance") == []


@pytest.fixture
def validity():
    """The second of four frames of the right leg, for one reason or another."""

    def made(reason: Invalid) -> Validity:
        mask = np.zeros((4, 2), dtype=np.uint8)
        mask[1, 0] = reason
        return Validity(np.arange(4) / 100, mask)

    return made


LOST = [False, True, False, False]


@pytest.mark.parametrize("reason", [reason for reason in Invalid if reason is not Invalid.SEGMENT_LOST])
def test_loads_of_a_leg_without_a_ground_reaction_are_missing_and_angles_are_not(loads, validity, reason):
    known = known_loads(loads, validity(reason), 0.0)
    assert np.isnan(known.tendon_forces_n["soleus_r"]).tolist() == LOST
    assert np.isnan(known.passive_forces_n["soleus_r"]).tolist() == LOST
    assert np.isnan(known.generalized_forces["knee_angle_r"]).tolist() == LOST
    assert np.isnan(known.reactions["knee", "r"][0]).all(axis=1).tolist() == LOST
    assert np.isnan(known.foot_force_ground_n[:, 0]).all(axis=1).tolist() == LOST
    assert np.isnan(known.foot_free_moment_nm[:, 0]).tolist() == LOST
    assert np.isfinite(known.coordinates["knee_angle_r"]).all()


def test_the_other_leg_keeps_its_loads(loads, validity):
    known = known_loads(loads, validity(Invalid.CONTACT_UNMEASURED), 0.0)
    assert np.isfinite(known.tendon_forces_n["soleus_l"]).all()
    assert np.isfinite(known.generalized_forces["hip_flexion_l"]).all()
    assert np.isfinite(known.reactions["hip", "l"][0]).all()
    assert np.isfinite(known.foot_force_ground_n[:, 1]).all()


def test_what_belongs_to_no_leg_is_missing_with_either(loads, validity):
    columns = {"pelvis_ty": np.zeros(4), "gasmed_l": np.zeros(4)}
    known = known_columns(columns, validity(Invalid.CONTACT_UNASSIGNED), loads.time_s, 0.0)
    assert np.isnan(known["pelvis_ty"]).tolist() == LOST
    assert np.isfinite(known["gasmed_l"]).all()


def test_a_lost_segment_takes_the_angles_of_its_leg(loads, validity):
    known = known_loads(loads, validity(Invalid.SEGMENT_LOST), 0.0)
    assert np.isnan(known.coordinates["ankle_angle_r"]).tolist() == LOST
    assert np.isnan(known.tendon_forces_n["soleus_r"]).tolist() == LOST
    assert np.isfinite(known.coordinates["ankle_angle_l"]).all()


def test_the_filter_reaches_beyond_the_mask(loads, validity):
    known = known_loads(loads, validity(Invalid.PLATE_SHARED), 0.01)
    assert np.isnan(known.tendon_forces_n["soleus_r"]).tolist() == [True, True, True, False]


def test_spans_are_known_where_both_legs_are_and_the_filter_smears_the_rest(validity):
    lost = validity(Invalid.CONTACT_UNASSIGNED)
    time_s = lost.time_s
    assert known_spans(lost, time_s, [(0.0, 0.03)], 0.0) == [(0.0, 0.0), pytest.approx((0.02, 0.03))]
    assert known_spans(lost, time_s, [(0.0, 0.03)], 0.01) == [pytest.approx((0.03, 0.03))]
    assert known_spans(lost, time_s, [(0.0, 0.02)], 0.01) == []


def test_masses_are_adjusted_to_frames_of_known_forces_alone(jobs, forces, monkeypatch, tmp_path):
    """The stage tells the solver which frames those are."""
    job, time_s = jobs("loads")[0], np.arange(20, 110) / 100
    mask = np.zeros((len(time_s), 2), dtype=np.uint8)
    mask[40:50, 1] = Invalid.CONTACT_OUTSIDE_PLATES
    markers = Markers((), time_s, np.zeros((len(time_s), 0, 3)))
    trial = Trial(markers, forces, Validity(time_s, mask), (0.2, 1.1))
    motion = tmp_path / "motion.mot"
    still = Table(("knee_angle_r",), time_s, np.zeros((len(time_s), 1)))
    write_sto(motion, still, name="coordinates", in_degrees=False)
    asked = {}
    monkeypatch.setattr(loads_stage, "trial_of", lambda job: trial)
    monkeypatch.setattr(loads_stage, "run_isolated", lambda task, arguments, **_: asked.update(arguments) or {})
    loads_stage.solve_motion(job, motion, tmp_path / "solved", log=tmp_path / "log")
    assert asked["spans_s"] == [pytest.approx((0.2, 1.09))]
    # At 6 Hz the filter reaches 42 ms.
    assert asked["known_s"] == [pytest.approx((0.2, 0.55)), pytest.approx((0.74, 1.09))]
