"""What becomes of the labels of a trial: which segments, found how, and why others are left out."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.errors import ConfigError
from gaitload.evaluation.estimates import baselines_of
from gaitload.evaluation.labelled import Choice, labelled_columns
from gaitload.evaluation.segments import find_segments, kind_of
from gaitload.windows.tables import without_side
from small_study import CYCLE, RATE_HZ, STANCE, aligned_columns

DOCUMENT = {
    "cohort": "made",
    "participant": {"participant_id": "p2"},
    "trial": {"trial_id": "slow", "activity": "run", "speed_m_per_s": None},
}


def _cut(columns: dict, **choice):
    values = {name: item for name, (item, _) in columns.items()}
    meanings = {name: meaning for name, (_, meaning) in columns.items()}
    found, left_out = labelled_columns(values, meanings, DOCUMENT, Choice(**choice))
    return {item.column: item for item in found}, left_out


def test_loads_are_cut_into_stances_and_angles_into_cycles() -> None:
    found, left_out = _cut(aligned_columns("p2", "slow"))
    load, knee = found["atf_r_bw"], found["knee_angle_r_rad"]
    assert (load.segments, knee.segments, load.events, knee.events) == ("stance", "cycle", "contact", "contact")
    assert load.spans[0] == slice(20, 20 + STANCE) and knee.spans[0] == slice(20, 20 + CYCLE + 1)
    assert load.duration_s == pytest.approx((STANCE - 1) / RATE_HZ)
    assert load.curves.shape == (6, 101) and load.curves[:, [0, -1]] == pytest.approx(0.0, abs=1e-12)
    assert (load.label, load.side, load.person, left_out) == ("atf_bw", "r", "made/p2", {})
    assert np.isnan(load.speed_m_per_s) and np.isnan(load.label_sd).all()


def test_a_misspelt_flag_is_not_passed_over() -> None:
    with pytest.raises(ConfigError, match="PLATES_SHARED") as caught:
        _cut(aligned_columns("p2", "slow"), labels=("knee_angle_rad",), frame_flags=("PLATES_SHARED",))
    assert caught.value.code == "STUDY_FLAG_UNKNOWN"


@pytest.mark.parametrize(
    ("column", "unit", "window", "kind"),
    [
        ("atf_r_bw", "bw", "fixed", "stance"),
        ("grf_r_y_bw", "bw", "cycle", "stance"),
        ("free_moment_r_nm", "nm", "fixed", "stance"),
        ("knee_moment_r_nm_per_kg", "nm_per_kg", "fixed", "cycle"),
        ("hip_flexion_r_rad", "rad", "cycle", "cycle"),
        ("hip_flexion_r_rad", "rad", "stance", "stance"),
    ],
)
def test_estimators_that_see_stances_are_held_to_stances(column: str, unit: str, window: str, kind: str) -> None:
    assert kind_of(column, unit, window) == kind


@pytest.mark.parametrize(
    ("column", "parts"),
    [
        ("kcf_r_y_bw", ("kcf_y_bw", "r")),
        ("kcf_med_l_n", ("kcf_med_n", "l")),
        ("hip_flexion_moment_r_nm_per_kg", ("hip_flexion_moment_nm_per_kg", "r")),
        ("pelvis_tilt_rad", ("pelvis_tilt_rad", "")),
    ],
)
def test_a_column_without_its_side(column: str, parts: tuple[str, str]) -> None:
    assert without_side(column) == parts


def test_verdicts_keep_columns_out_and_say_so() -> None:
    columns = aligned_columns("p2", "slow")
    columns["atf_r_bw"][1]["verdict"] = "failed"
    columns["atf_l_bw"][1]["verdict"] = "warned"
    found, left_out = _cut(columns)
    assert left_out == {"atf_r_bw": "VERDICT_FAILED"} and "atf_l_bw" in found
    assert _cut(columns, leave_out=("failed", "warned"))[1] == {
        "atf_r_bw": "VERDICT_FAILED",
        "atf_l_bw": "VERDICT_WARNED",
    }


def test_frames_flagged_keep_their_stance_out_but_no_angle() -> None:
    columns = aligned_columns("p2", "slow")
    columns["frame_flags_r"][0][150] = 2
    found, _ = _cut(columns)
    assert [span.start for span in found["atf_r_bw"].spans] == [20, 220, 320, 420, 520]
    assert len(found["knee_angle_r_rad"].spans) == 6
    columns["frame_flags_r"][0][150] = 1
    assert len(_cut(columns)[0]["atf_r_bw"].spans) == 6
    assert len(_cut(columns, frame_flags=("IK_MARKERS_MAX",))[0]["knee_angle_r_rad"].spans) == 5


def test_labels_that_are_missing_keep_their_segments_out() -> None:
    columns = aligned_columns("p2", "slow")
    columns["atf_r_bw"][0][30] = np.nan
    columns["atf_l_bw"][0][:] = np.nan
    found, left_out = _cut(columns, labels=("atf_bw",))
    assert len(found["atf_r_bw"].spans) == 5 and left_out == {"atf_l_bw": "NO_LABEL"}


def test_cycles_without_plates_come_from_the_hip() -> None:
    columns = aligned_columns("p2", "slow")
    columns["contact_r"][0][:] = False
    found, left_out = _cut(columns, labels=("atf_bw", "knee_angle_r_rad"))
    knee = found["knee_angle_r_rad"]
    # The hip of the small study is farthest forward 15 % before the strike; a peak at the very beginning is none.
    assert knee.events == "hip_flexion" and knee.spans[0] == slice(120, 120 + CYCLE + 1)
    assert left_out == {"atf_r_bw": "NO_SEGMENT"}
    assert "knee_angle_r_rad" in _cut(columns, events="contact")[1]


def test_no_cycle_by_contact_runs_through_a_step_beside_the_plates() -> None:
    contact = np.zeros(400, dtype=bool)
    for start in (20, 120, 320):
        contact[start : start + 60] = True
    distrusted = np.zeros(400, dtype=bool)
    spans, method = find_segments("cycle", contact, None, RATE_HZ, distrusted=distrusted, keep_share=(0.5, 2.0))
    assert [span.start for span in spans] == [20, 120] and method == "contact"
    distrusted[230] = True
    spans, _ = find_segments("cycle", contact, None, RATE_HZ, distrusted=distrusted, keep_share=(0.5, 2.0))
    assert [span.start for span in spans] == [20]


def test_what_was_not_measured_is_left_out_whatever_the_study_leaves_out() -> None:
    columns = aligned_columns("p2", "slow")
    values, meaning = columns["atf_r_bw"]
    columns["atf_r_bw"] = np.full_like(values, np.nan), meaning | {"verdict": "not_measured"}
    found, left_out = _cut(columns, leave_out=())
    assert left_out["atf_r_bw"] == "VERDICT_NOT_MEASURED" and "knee_angle_r_rad" in found


def test_without_contact_a_trial_is_cut_into_stretches_as_long_as_a_window() -> None:
    angle = {"label": "angle_r_rad", "unit": "rad", "verdict": "passed"}
    time_s = np.arange(230) / 100.0
    values = np.where(time_s < 0.2, np.nan, time_s)
    found, left_out = _cut({"time_s": (time_s, {"unit": "s"}), "angle_r_rad": (values, angle)}, window_s=0.5)
    (item,) = found.values()
    assert (item.segments, item.events, left_out) == ("window", "none", {})
    # Those that hold a missing sample, and what is left at the end, are none.
    assert item.spans == (slice(50, 100), slice(100, 150), slice(150, 200))


def test_labels_and_their_baselines_are_held_against_what_measures_them() -> None:
    columns = aligned_columns("p2", "slow")
    truth, meaning = columns["atf_r_bw"]
    columns["implant_atf_r_bw"] = (
        truth + 0.5,
        {"label": "implant_atf_r_bw", "measures": "atf_r_bw"} | {key: meaning[key] for key in ("unit", "verdict")},
    )
    columns["emg_informed_atf_r_bw"] = (
        truth + 0.25,
        {"baseline": "emg_informed", "of": "atf_r_bw", "verdict": "passed"},
    )
    values = {name: item for name, (item, _) in columns.items()}
    meanings = {name: meaning for name, (_, meaning) in columns.items()}
    choice = Choice(labels=("implant_atf_bw",))
    labelled, _ = labelled_columns(values, meanings, DOCUMENT, choice)
    found = {method.estimator: each for _, method, each in baselines_of(values, meanings, labelled, choice)}
    assert set(found) == {"labels", "emg_informed"}
    assert found["labels"].curves - found["labels"].labelled.curves == pytest.approx(-0.5)
    assert found["emg_informed"].curves - found["labels"].labelled.curves == pytest.approx(-0.25)
    # Of the label itself, the measured column is no estimate.
    labelled, _ = labelled_columns(values, meanings, DOCUMENT, Choice(labels=("atf_bw",)))
    told = {method.estimator for _, method, _ in baselines_of(values, meanings, labelled, choice)}
    assert "labels" not in told and "emg_informed" in told


def columns_of(change=lambda values, meanings: None):
    columns = aligned_columns("p1", "slow")
    values, meanings = ({name: pair[place] for name, pair in columns.items()} for place in (0, 1))
    change(values, meanings)
    return values, meanings, DOCUMENT


def test_a_whole_trial_is_scored_where_that_is_asked_for():
    values, meanings, document = columns_of()
    found, _ = labelled_columns(values, meanings, document, Choice(labels=["knee_angle_rad"], segments="window"))
    knee = next(item for item in found if item.side == "r")
    assert (knee.segments, knee.events) == ("window", "none")
    frames = 50 * len(knee.spans)
    assert len(values["time_s"]) - 50 < frames <= len(values["time_s"])
    np.testing.assert_allclose(knee.curves[:, 0], values["knee_angle_r_rad"][:frames:50], atol=1e-12)


def test_squats_are_scored_by_their_repetitions():
    def squat(values, meanings):
        time_s = values["time_s"]
        for side in "rl":
            values[f"knee_angle_{side}_rad"] = 1.5 * np.clip(np.sin(2 * np.pi * time_s / 2.5 - 1), 0, None) ** 2
            values[f"contact_{side}"][:] = True

    found, _ = labelled_columns(*columns_of(squat), Choice(labels=["atf_bw"], segments="repetition"))
    load = next(item for item in found if item.side == "r")
    assert (load.segments, load.events, len(load.spans)) == ("repetition", "knee_flexion", 3)


def test_turns_are_left_out_where_walking_has_to_be_straight():
    def turn(values, meanings):
        heading = 0.3 + np.interp(values["time_s"], [2.5, 4.0], [0, np.pi])
        for axis, part in zip(
            "wxyz", (np.cos(heading / 2), 0 * heading, 0 * heading, np.sin(heading / 2)), strict=True
        ):
            values[f"pelvis_quat_{axis}"] = part

    straight = Choice(labels=["knee_angle_rad"], straight_by="pelvis")
    counts = {}
    for name, change, choice in (("all", turn, Choice(labels=["knee_angle_rad"])), ("straight", turn, straight)):
        found, _ = labelled_columns(*columns_of(change), choice)
        counts[name] = sum(len(item.spans) for item in found)
        if name == "straight":
            spans_s = [(span.start / RATE_HZ, span.stop / RATE_HZ) for item in found for span in item.spans]
            assert not [span for span in spans_s if span[0] < 3.5 and span[1] > 3.0]
    assert 0 < counts["straight"] < counts["all"]
    found, left_out = labelled_columns(*columns_of(), straight)
    assert not found and set(left_out.values()) == {"NO_LABEL"}, "nobody wears the sensor"
