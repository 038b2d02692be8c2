"""Windows hold what the tables say, refuse what is missing, and see the left leg as if it were the right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from gaitload.errors import ConfigError, DataError
from gaitload.study import Study
from gaitload.windows.slicing import slice_trials
from gaitload.windows.tables import read_trial, signal_columns
from synthetic_aligned import CYCLE, STANCE, unmeasured_loads, write_aligned
from synthetic_runner import STANCE_S, STARTS_S, pelvis_of_runner


def made(tmp_path, trial="run1", **options):
    return read_trial(write_aligned(tmp_path, "made", "p1", trial, seed=3, **options))


def test_stances_are_those_within_the_trial(trials, windows):
    # Eight cycles: eight right stances, and eight left ones of which the trial's end cuts the last at its last frame.
    assert len(windows) == 8 * (8 + 7)
    assert windows.inputs.shape[1:] == (51, 12) and windows.targets.shape[1:] == (51, 2)
    assert np.all(np.diff(windows.frames, axis=1) == STANCE)


def test_targets_are_the_columns_of_the_side(trials, windows):
    for row in (0, 8, 100):
        trial, (start, stop) = trials[windows.trial[row]], windows.frames[row]
        column = trial.values[f"atf_{windows.side[row]}_bw"][start:stop]
        assert windows.columns(row)[0] == f"atf_{windows.side[row]}_bw"
        np.testing.assert_allclose(windows.targets[row, [0, -1], 0], column[[0, -1]], atol=1e-6)
        np.testing.assert_allclose(windows.targets[row, :, 0].max(), column.max(), rtol=2e-3)


@pytest.mark.parametrize("frame", ["sensor", "heading_free"])
def test_a_mirrored_leg_looks_like_the_other(windows, trials, frame):
    study = Study(frame=frame, channels=("acc", "gyr", "six_d"), targets=("grf_z_bw",))
    found, _ = slice_trials(trials, study, ("pelvis", "tibia"))
    right, left = (found.rows(found.side == side) for side in "rl")
    # A step's size is its own, so what is compared is how channels go with the load.
    for name in ("inputs", "targets"):
        slopes = [
            np.polyfit(part.targets[..., 0].ravel(), getattr(part, name)[..., channel].ravel(), 1)
            for part in (right, left)
            for channel in range(getattr(part, name).shape[2])
        ]
        ours, theirs = np.split(np.array(slopes), 2)
        np.testing.assert_allclose(ours, theirs, atol=0.4)


def test_the_opposite_leg_is_the_other_one(trials):
    study = Study(targets=("atf_bw",), frame="sensor")
    same, _ = slice_trials(trials, study, ("tibia",))
    other, _ = slice_trials(trials, study, ("tibia_opposite",))
    # The shin bears a bump while its own foot stands, and none while the other does.
    assert np.ptp(same.inputs[:, :, 0], axis=1).min() > 2
    assert np.ptp(other.inputs[:, :, 0], axis=1).max() < 1


def test_a_cycle_ends_at_the_next_contact(trials):
    study = Study(window={"kind": "cycle", "points": 101})
    found, _ = slice_trials(trials, study, ("pelvis",))
    assert np.all(np.diff(found.frames, axis=1) == CYCLE + 1)
    assert found.targets.shape[1] == 101


def test_fixed_windows_are_cut_by_length_and_stride_and_know_both_sides(trials):
    study = Study(window={"kind": "fixed"}, targets=("atf_bw", "knee_angle_r_rad"))
    found, _ = slice_trials(trials[:1], study, ("tibia_r", "tibia_l"))
    assert found.target_names == ("atf_r_bw", "atf_l_bw", "knee_angle_r_rad")
    assert len(found) == (8 * CYCLE - 50) // 25 + 1
    np.testing.assert_array_equal(found.frames[1], [25, 75])
    np.testing.assert_allclose(found.targets[1, :, 0], trials[0].values["atf_r_bw"][25:75], atol=1e-6)


def test_context_is_seen_on_either_side(trials):
    wide, _ = slice_trials(trials, Study(window={"context_before": 0.3, "context_after": 0.1}), ("pelvis",))
    narrow, _ = slice_trials(trials, Study(), ("pelvis",))
    assert wide.inputs.shape[1] == 71 and wide.targets.shape[1] == 51
    assert wide.before == 15
    more = np.abs(wide.frames - narrow.rows(np.isin(narrow.time_s[:, 0], wide.time_s[:, 0])).frames).mean(axis=0)
    np.testing.assert_allclose(more, [0.3 * STANCE, 0.1 * STANCE], atol=1)


def test_the_heading_is_that_of_the_stance_and_not_of_its_context(trials):
    turning = dict(trials[0].values)
    swing = ~turning["contact_r"]
    half = np.where(swing, 0.4, 0.0)
    spin = np.stack([np.cos(half), 0 * half, 0 * half, np.sin(half)], axis=1)
    turned = Rotation.from_quat(spin, scalar_first=True) * Rotation.from_quat(
        [0.5**0.5, 0, -(0.5**0.5), 0], scalar_first=True
    )
    for axis, column in zip("wxyz", turned.as_quat(scalar_first=True).T, strict=True):
        turning[f"tibia_r_quat_{axis}"] = column
    study = Study(window={"context_before": 0.5})
    ours, theirs = (
        slice_trials([type(trials[0])(values, trials[0].meanings, trials[0].document)], study, ("tibia",))[0]
        for values in (turning, trials[0].values)
    )
    right = ours.side == "r"
    np.testing.assert_allclose(ours.inputs[right, 30:70], theirs.inputs[right, 30:70], atol=0.02)
    assert np.abs(ours.inputs[right, 5:20] - theirs.inputs[right, 5:20]).max() > 0.1


def test_strides_and_duty_are_those_of_the_foot(trials):
    study = Study(covariates=("stride_s", "duty", "duration_s"))
    found, _ = slice_trials(trials[:1], study, ("pelvis",))
    np.testing.assert_allclose(found.covariates[:, 0], CYCLE / 100, rtol=1e-6)
    np.testing.assert_allclose(found.covariates[:, 1], found.covariates[:, 2] / found.covariates[:, 0], rtol=1e-6)


def test_every_stride_is_its_own(tmp_path):
    def later(columns):
        contact = columns["contact_r"][0]
        contact[3 * CYCLE :] = np.roll(contact[3 * CYCLE :], 8)

    found, _ = slice_trials([made(tmp_path, spoil=later)], Study(covariates=("stride_s",)), ("pelvis",))
    strides_s = found.covariates[found.side == "r", 0]
    # The last has no next stance, and takes the stride before it.
    np.testing.assert_allclose(strides_s, [0.8, 0.8, 0.88, 0.8, 0.8, 0.8, 0.8, 0.8][: len(strides_s)], rtol=1e-5)


def test_the_sign_of_a_quaternion_says_nothing(trials):
    angle_rad = 0.8 * np.sin(np.arange(8 * CYCLE) / 5)
    swinging = Rotation.from_euler("y", angle_rad[:, None] - np.pi / 2).as_quat(scalar_first=True)
    found = []
    for signs in (np.ones(8 * CYCLE), np.where(np.arange(8 * CYCLE) % 7, 1.0, -1.0)):
        columns = zip(signal_columns("tibia_r", "quat"), (swinging * signs[:, None]).T, strict=True)
        trial = type(trials[0])(trials[0].values | dict(columns), trials[0].meanings, trials[0].document)
        found.append(slice_trials([trial], Study(channels=("six_d",)), ("tibia",))[0].inputs)
    np.testing.assert_allclose(*found, atol=1e-5)


def test_a_fixed_window_that_just_fits_is_one(trials):
    study = Study(window={"kind": "fixed", "length": 8 * CYCLE - 50, "stride": 25}, targets=("atf_bw",))
    found, _ = slice_trials(trials[:1], study, ("pelvis",))
    np.testing.assert_array_equal(found.frames[:, 0], [0, 25, 50])


WORN = Rotation.from_euler("zyx", [0.4, 1.1, -0.7])


def _running(columns) -> None:
    """A pelvis that runs, its sensor turned, and contact as a plate would see the feet: 30 ms later at both ends."""
    frames = len(columns["time_s"][0])
    in_earth = zip(("acc", "gyr"), (signal[:frames] for signal in pelvis_of_runner(0.7)), strict=True)
    signals = {channel: WORN.apply(signal, inverse=True) for channel, signal in in_earth}
    signals["quat"] = np.tile(WORN.as_quat(scalar_first=True), (frames, 1))
    for channel, values in signals.items():
        for column, name in enumerate(signal_columns("pelvis", channel)):
            columns[name][0][:] = values[:, column]
    for number, side in enumerate("rl"):
        phase = (columns["time_s"][0][:, None] - 0.03 - STARTS_S[number::2]) / STANCE_S
        columns[f"contact_{side}"][0][:] = ((phase >= 0) & (phase <= 1)).any(axis=1)


def test_the_sensor_at_the_pelvis_tells_stances_and_their_margins(tmp_path):
    window, covariates = {"stance_times": "pelvis_sensor", "margin": 0.2}, ("duration_s", "stride_s", "duty")
    study = Study(window=window, covariates=covariates, activities=("run",))

    found, left_out = slice_trials([made(tmp_path, spoil=_running)], study, ("pelvis",))

    for number, side in enumerate("rl"):
        ends_s = found.time_s[found.side == side][:, [0, -1]]
        expected_s = STARTS_S[number::2][: len(ends_s), None] + np.array([-0.2, 1.2]) * STANCE_S
        np.testing.assert_allclose(ends_s, expected_s, atol=0.02)  # Not 30 ms later, where the plate has them.
    assert len(found) > 10 and not left_out
    np.testing.assert_allclose(found.covariates, [[STANCE_S, 0.72, STANCE_S / 0.72]] * len(found), atol=0.04)


def test_a_trial_without_the_sensor_that_tells_stances_is_counted(tmp_path):
    trials = [made(tmp_path, spoil=_running), made(tmp_path, trial="run9", sensors=("tibia_r", "tibia_l"))]
    study = Study(window={"stance_times": "pelvis_sensor"}, activities=("run",))

    found, left_out = slice_trials(trials, study, ("pelvis",))

    assert len(found) and left_out == {f"{trials[1].where}: not one whole stance": 1}


def test_the_alignment_of_a_knee_is_that_of_the_foot_that_stands(trials):
    person = trials[0].document["participant"] | {"knee_alignment_r_deg": 3.0, "knee_alignment_l_deg": -2.0}
    trial = replace(trials[0], document=trials[0].document | {"participant": person})
    study = Study(covariates=("knee_alignment_deg",))

    found, _ = slice_trials([trial], study, ("pelvis",))

    np.testing.assert_array_equal(found.covariates[:, 0], np.where(found.side == "r", 3.0, -2.0))
    with pytest.raises(DataError, match="none for knee_alignment_deg"):
        slice_trials(trials, study, ("pelvis",))


@pytest.mark.parametrize(("affected", "in_fixed"), [("r", 1.0), ("l", -1.0), ("none", 0.0)])
def test_an_affected_side_is_told_in_every_kind_of_window(trials, affected, in_fixed):
    told = {"affected_side": affected, "knee_alignment_r_deg": 3.0, "knee_alignment_l_deg": -2.0}
    trial = replace(trials[0], document=trials[0].document | {"participant": trials[0].document["participant"] | told})
    found, _ = slice_trials([trial], Study(covariates=("affected_side",)), ("pelvis",))
    np.testing.assert_array_equal(found.covariates[:, 0], found.side == affected)
    both = ("affected_side", "knee_alignment_r_deg", "knee_alignment_l_deg")
    fixed = Study(covariates=both, window={"kind": "fixed"}, targets=("atf_bw",))
    found, _ = slice_trials([trial], fixed, ("pelvis",))
    assert {tuple(row) for row in found.covariates.tolist()} == {(in_fixed, 3.0, -2.0)}
    with pytest.raises(DataError, match="none for affected_side"):
        slice_trials(trials, Study(covariates=("affected_side",)), ("pelvis",))


def test_covariates_and_features_are_inputs(trials):
    study = Study(covariates=("mass_kg", "sex", "speed_m_per_s", "side", "duration_s"), features=("grf_z_bw",))
    found, _ = slice_trials(trials, study, ())
    assert found.channels == ("grf_z_bw",)
    assert found.inputs[..., 0].min() > -0.01
    np.testing.assert_allclose(found.covariates[0, 1:], [0, 3, 1, (STANCE - 1) / 100], rtol=1e-6)
    assert set(found.covariates[found.side == "l", 3]) == {0.0}
    man = read_like(trials[0], participant=trials[0].document["participant"] | {"sex": "M"})
    assert set(slice_trials([man], study, ())[0].covariates[:, 1]) == {1.0}


@pytest.mark.parametrize(
    ("column", "why"),
    [("tibia_r_acc_x_m_per_s2", "input missing"), ("atf_r_bw", "target missing"), ("tibia_r_quat_w", "input missing")],
)
def test_a_window_with_a_gap_is_refused_and_counted(tmp_path, column, why):
    def hole(columns):
        values, _ = columns[column]
        values[CYCLE + 20] = np.nan

    found, left_out = slice_trials([made(tmp_path, spoil=hole)], Study(), ("pelvis", "tibia"))
    assert left_out == {f"made/p1/run1: {why}": 1}
    assert len(found) == 8 + 7 - 1
    assert all(np.isfinite(array).all() for array in (found.inputs, found.targets))


def test_verdicts_and_flags_are_obeyed(tmp_path):
    def flag(columns):
        columns["frame_flags_r"][0][20] = 2
        columns["frame_flags_r"][0][CYCLE + 20] = 1

    _, left_out = slice_trials([made(tmp_path, spoil=flag)], Study(), ("pelvis",))
    assert left_out == {"made/p1/run1: flagged frames": 1}
    with pytest.raises(DataError) as caught:
        slice_trials([made(tmp_path, verdict="failed")], Study(), ("pelvis",))
    assert caught.value.code == "STUDY_EMPTY" and "atf_r_bw failed" in caught.value.found
    assert len(slice_trials([made(tmp_path, verdict="failed")], Study(verdicts={"leave_out": []}), ("pelvis",))[0])


def test_a_sensor_whose_synchronisation_failed_is_no_input(tmp_path):
    def slip(columns):
        for axis in "xyz":
            columns[f"tibia_l_acc_{axis}_m_per_s2"][1]["verdict"] = "failed"

    trial = made(tmp_path, spoil=slip)
    found, left_out = slice_trials([trial], Study(), ("tibia",))
    assert set(found.side) == {"r"} and left_out == {"made/p1/run1: sensor tibia_l or its synchronisation in doubt": 7}
    assert not slice_trials([trial], Study(), ("pelvis",))[1]
    assert not slice_trials([trial], Study(verdicts={"leave_out": []}), ("tibia",))[1]


def test_flags_count_in_what_is_estimated_and_not_in_its_context(tmp_path):
    def flag(columns):
        columns["frame_flags_r"][0][[CYCLE + 10 + STANCE + 3, 3 * CYCLE + 10 + STANCE - 1]] = 2

    study = Study(window={"context_before": 0.3, "context_after": 0.3}, targets=("atf_bw",))
    found, left_out = slice_trials([made(tmp_path, spoil=flag)], study, ("tibia",))
    starts = np.rint(100 * found.time_s[found.side == "r", 0]).astype(int)
    assert CYCLE + 10 in starts and 3 * CYCLE + 10 not in starts
    assert left_out["made/p1/run1: flagged frames"] == 1


def test_a_stance_that_the_beginning_cuts_is_none(tmp_path):
    def standing(columns):
        columns["contact_r"][0][:10] = True

    found, left_out = slice_trials([made(tmp_path, spoil=standing)], Study(), ("pelvis",))
    assert found.time_s[found.side == "r", 0].min() == pytest.approx((CYCLE + 10) / 100) and not left_out


def test_a_stance_of_unusual_length_is_left_out(tmp_path):
    def cut(columns):
        columns["contact_r"][0][CYCLE + 20 : CYCLE + 40] = False

    _, left_out = slice_trials([made(tmp_path, spoil=cut)], Study(), ("pelvis",))
    assert left_out == {"made/p1/run1: unusual duration": 1}


@pytest.mark.parametrize("sensor", ["head", "tibia_r", "femur"])
def test_a_sensor_that_the_cohort_lacks_is_named(trials, sensor):
    with pytest.raises(ConfigError, match=sensor) as caught:
        slice_trials(trials, Study(), ("pelvis", sensor))
    assert caught.value.code == "STUDY_SENSOR_UNKNOWN" and "tibia_r" in caught.value.expected


@pytest.mark.parametrize(
    ("study", "code"),
    [
        ({"targets": ["kcf_bw"]}, "STUDY_COLUMN_MISSING"),
        ({"features": ["emg_bw"]}, "STUDY_COLUMN_MISSING"),
        ({"verdicts": {"frame_flags": ["NOISE"]}}, "STUDY_FLAG_UNKNOWN"),
    ],
)
def test_what_tables_do_not_have_is_named(trials, study, code):
    with pytest.raises((ConfigError, DataError)) as caught:
        slice_trials(trials, Study(**study), ("pelvis",))
    assert caught.value.code == code


def test_a_target_that_was_never_labelled_is_an_error(tmp_path):
    def empty(columns):
        for side in "rl":
            columns[f"atf_{side}_bw"][0][:] = np.nan

    with pytest.raises(DataError, match="atf_bw") as caught:
        slice_trials([made(tmp_path, spoil=empty)], Study(), ("pelvis",))
    assert caught.value.code == "STUDY_COLUMN_MISSING"


def test_a_covariate_that_nobody_wrote_down_is_an_error(trials):
    person = dict(trials[0].document["participant"], height_m=None)
    short = read_like(trials[0], participant=person)
    with pytest.raises(DataError, match="height_m") as caught:
        slice_trials([short], Study(covariates=("height_m",)), ("pelvis",))
    assert caught.value.code == "STUDY_COVARIATE_MISSING"


def read_like(trial, **document):
    return type(trial)(trial.values, trial.meanings, trial.document | document)


def test_targets_that_no_trial_measured_are_left_out_and_the_angles_stay(tmp_path):
    trials = [made(tmp_path, name, spoil=unmeasured_loads) for name in ("run1", "run2")]
    windows, left_out = slice_trials(trials, Study(), ("pelvis", "tibia"))
    assert windows.target_names == ("knee_angle_rad",) and len(windows) == 2 * (8 + 7)
    assert left_out["study.targets: atf_bw was measured in no trial"] == 2


def test_without_any_measured_target_the_error_says_to_choose_angles(tmp_path):
    with pytest.raises(DataError, match="knee_angle_rad") as caught:
        slice_trials([made(tmp_path, spoil=unmeasured_loads)], Study(targets=("atf_bw",)), ("pelvis", "tibia"))
    assert caught.value.code == "STUDY_COLUMN_MISSING" and "without force plates" in caught.value.found


def test_of_a_mixed_cohort_trials_without_the_targets_are_left_out_by_name(tmp_path):
    trials = [made(tmp_path, "run1"), made(tmp_path, "run2", spoil=unmeasured_loads)]
    windows, left_out = slice_trials(trials, Study(), ("pelvis", "tibia"))
    assert windows.target_names == ("atf_bw", "knee_angle_rad") and set(windows.trial) == {0}
    assert left_out["made/p1/run2: atf_r_bw not_measured"] == 8


@pytest.mark.parametrize(("targets", "kept"), [(("knee_angle_rad",), 15), (("atf_bw",), 0)])
def test_flags_about_forces_keep_no_angle_out(tmp_path, targets, kept):
    def spoil(columns):
        for side in "rl":
            columns[f"frame_flags_{side}"][0][:] = 32

    trial = made(tmp_path, spoil=spoil)
    if kept:
        assert len(slice_trials([trial], Study(targets=targets), ("pelvis",))[0]) == kept
    else:
        with pytest.raises(DataError, match="flagged frames"):
            slice_trials([trial], Study(targets=targets), ("pelvis",))
