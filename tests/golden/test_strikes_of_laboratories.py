"""Feet on the plates of other laboratories, strike by strike, against the heel nearest to the centre of pressure."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from gaitload.conventions import SIDES
from gaitload.io.c3d import read_c3d
from gaitload.io.trc import read_trc
from gaitload.models.markersets import load_marker_set
from gaitload.signals.plates import center_of_pressure
from gaitload.trial import Recording
from recordings import built_of

CHILDREN = ("HC002D", "HC030A", "HC033A", "HC038A", "HC040A", "HC042A")
HEELS = {"r": ("RHEE", "RHEEL"), "l": ("LHEE", "LHEEL")}


def _marker_set(repository: Path, name: str):
    return load_marker_set(repository / "opensim_models" / "rajagopal" / "markersets" / f"{name}.tsv")


def _built(recording: Recording, marker_set, activity: str, axes: tuple[str, str], static):
    window = float(recording.marker_time_s[0]) + 0.2, float(recording.marker_time_s[-1]) - 0.2
    return built_of(
        recording, marker_set, activity, axes=axes, static=static, window=window, free=(True, True), pad_s=0.2
    )


def _nearest_heel(recording: Recording, plate: str, start_s: float, end_s: float) -> str:
    """Side of the heel that is nearest, along the floor, in the first half of a strike; lab axis Z is up."""
    names = [re.sub(r".*:|[._]", "", name).upper() for name in recording.marker_names]
    wrench = next(one for one in recording.plates if one.name == plate)
    cop, _ = center_of_pressure(wrench.force_lab_n, wrench.moment_lab_nm, 0.0, 2)
    loaded = wrench.force_lab_n[:, 2] > 100.0
    early = loaded & (recording.force_time_s >= start_s) & (recording.force_time_s < (start_s + end_s) / 2)
    frames = np.searchsorted(recording.marker_time_s, recording.force_time_s[early]).clip(
        0, len(recording.marker_time_s) - 1
    )
    gaps = {}
    for side in SIDES:
        heel = recording.marker_lab_m[frames, next(names.index(name) for name in HEELS[side] if name in names)]
        gaps[side] = float(np.nanmedian(np.linalg.norm((heel - cop[early])[:, :2], axis=1)))
    return min(gaps, key=gaps.__getitem__)


@pytest.mark.parametrize("child", CHILDREN)
def test_every_strike_of_a_child_on_two_plates_is_whole_and_on_the_right_foot(
    shared: Path, repository: Path, child: str
) -> None:
    folder = shared / "pig_children" / child
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    marker_set = _marker_set(repository, "plug_in_gait")
    static = None
    for path in folder.glob("Static/*.c3d"):
        static = built_of(read_c3d(path), marker_set, "static", axes=("+y", "+z"))[0].markers
    recording = read_c3d(next(folder.glob("Straight/*.c3d")))
    trial, quality = _built(recording, marker_set, "walk", ("+y", "+z"), static)
    strikes = quality.numbers["strikes"]
    assert len(strikes) == 2
    for strike in strikes:
        assert strike["why_not_whole"] == ""
        assert strike["side"] == _nearest_heel(recording, strike["plate"], strike["start_s"], strike["end_s"])
    assert trial.window_s[0] <= strikes[0]["start_s"] + 0.01
    assert trial.window_s[1] >= strikes[1]["end_s"] - 0.02
    judged = ("CO", "FORCE", "FOOT_SHAPE", "MARKER_DRIFT")
    assert not [gate for gate in quality.gates if gate.code.startswith(judged) and gate.verdict == "failed"]


@pytest.mark.parametrize("walk", ["ps_ss1", "ps_ss3", "ps_ss8"])
def test_the_left_strike_of_the_patient_is_whole_though_the_recording_lasts_one_second(
    shared: Path, repository: Path, walk: str
) -> None:
    folder = shared / "grandchallenge5_ps"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    marker_set = _marker_set(repository, "grandchallenge5_ps")
    static = built_of(read_trc(folder / "ps_static.trc"), marker_set, "static", axes=("-z", "+y"))[0].markers
    recording = read_c3d(folder / f"{walk}.c3d")
    trial, quality = _built(recording, marker_set, "walk", ("-x", "+z"), static)
    (strike,) = [one for one in quality.numbers["strikes"] if not one["why_not_whole"]]
    assert (strike["plate"], strike["side"]) == ("plate_1", "l")
    assert trial.window_s[0] == pytest.approx(strike["start_s"], abs=0.01)
    for one in quality.numbers["strikes"]:
        assert one["side"] == _nearest_heel(recording, one["plate"], one["start_s"], one["end_s"])


def test_strikes_of_a_sprint_over_five_plates_are_found_though_one_plate_shows_cross_talk(
    shared: Path, repository: Path
) -> None:
    folder = shared / "cases/lab-04_noise_on_unloaded_plate/P01"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    marker_set = _marker_set(repository, "plug_in_gait")
    static = built_of(read_c3d(folder / "static.c3d"), marker_set, "static", axes=("+y", "+z"))[0].markers
    _, quality = _built(read_c3d(folder / "sprint.c3d"), marker_set, "run", ("+y", "+z"), static)
    whole = [(one["plate"], one["side"]) for one in quality.numbers["strikes"] if not one["why_not_whole"]]
    assert whole == [("plate_3", "l"), ("plate_5", "r")]


@pytest.mark.parametrize("separation", ["sep00", "sep20"])
def test_a_narrow_walk_on_two_belts_is_divided_by_the_centres_of_pressure(
    shared: Path, repository: Path, separation: str
) -> None:
    folder = shared / "cases/35-split-belt-narrow"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    marker_set = _marker_set(repository, "rajagopal2016_run")
    static = built_of(read_c3d(folder / "static.c3d"), marker_set, "static", axes=("+y", "+z"))[0].markers
    trial, quality = built_of(
        read_c3d(folder / f"{separation}.c3d"), marker_set, "walk", axes=("+y", "+z"), static=static, treadmill=True
    )
    assert {(step.plate, step.side) for step in trial.steps} == {("plate_1", "r"), ("plate_2", "l")}
    assert quality.verdict != "failed"
