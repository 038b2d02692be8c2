"""On recordings: every force that a plate measures is on a foot, or in a frame that says why it is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gaitload.config.motion import Ingest
from gaitload.conventions import SIDES
from gaitload.ingest.axes import to_ground
from gaitload.ingest.loads import plate_loads
from gaitload.ingest.preflight import require_usable
from gaitload.io.c3d import read_c3d
from gaitload.io.forces import read_forces
from gaitload.io.trc import read_trc
from gaitload.models.markersets import MarkerSet, ModelMarker, load_marker_set
from gaitload.trial import OF_CONTACT, Invalid
from recordings import built_of, rajagopal

RUNNERS = ("001", "002", "03", "05", "08", "010", "011", "013", "015", "017", "019", "021")
SPEEDS = ("T25", "T35", "T45")
CHILDREN = (
    "HC002D/HC002D06",
    "HC030A/HC030A05",
    "HC033A/HC033A10",
    "HC038A/HC038A11",
    "HC040A/HC040A14",
    "HC042A/HC042A13",
)
PLUG_IN_GAIT = {
    "pelvis": {"ASI": "asis", "PSI": "psis"},
    "femur": {"THI": None, "KNE": "knee_lateral"},
    "tibia": {"TIB": None, "ANK": "ankle_lateral"},
    "calcn": {"HEE": "heel", "TOE": "mt5"},
}
"""Enough of the marker set to tell feet apart; the toe marker stands for the outline of the foot."""
CLUSTERS = {
    "pelvis": {"ASI": "asis", "PSI": "psis"},
    "femur": {"TH1": None, "TH2": None, "TH3": None},
    "tibia": {"TB1": None, "TB2": None, "TB3": None},
    "calcn": {"CAL": "heel", "TOE": None, "MT5": "mt5"},
}


@pytest.fixture(scope="module")
def marker_sets(repository) -> dict[str, MarkerSet]:
    folder = repository / "opensim_models" / "rajagopal" / "markersets"
    shipped = {path.stem: load_marker_set(path) for path in folder.glob("*.tsv")}
    return shipped | {"plug_in_gait": lower_body(PLUG_IN_GAIT), "clusters": lower_body(CLUSTERS)}


def lower_body(names_of: dict[str, dict[str, str | None]]) -> MarkerSet:
    markers = [
        ModelMarker(
            f"{side.upper()}{name}",
            body if body == "pelvis" else f"{body}_{side}",
            landmark and f"{landmark}_{side}",
            np.zeros(3),
            1.0,
            1.0,
        )
        for body, names in names_of.items()
        for name, landmark in names.items()
        for side in SIDES
    ]
    return MarkerSet("lower_body", tuple(markers))


def built(recording, marker_set, activity, *, axes=("+x", "+y"), static=None, treadmill=False):
    """The trial of a whole recording, and the recording in the ground frame."""
    trial, quality = built_of(recording, marker_set, activity, axes=axes, static=static, treadmill=treadmill)
    used, frame = require_usable(recording, marker_set, axes, activity, where=recording.source)
    return trial, quality, to_ground(used, frame.rotation)


def lost_n(trial, grounded, activity) -> float:
    """Largest vertical force above the threshold that no foot has in a frame without a flag of contact (N)."""
    loads, *_ = plate_loads(grounded, Ingest().contact_threshold_n.of(activity))
    rows = np.searchsorted(grounded.force_time_s, trial.forces.time_s - 1e-9)
    measured = sum(np.where(load.above, load.force_n[:, 1], 0.0) for load in loads)[rows]
    given = trial.forces.force_ground_n[..., 1].sum(axis=1)
    flagged = trial.validity.invalid(OF_CONTACT, trial.forces.time_s).any(axis=1)
    # A stance may hold a sample below the threshold, or one that pulls.
    return float(np.where(flagged | (measured == 0), 0.0, measured - given).max())


def runner(shared: Path, marker_set: MarkerSet, subject: str, trial: str):
    static, _, _ = built(read_c3d(shared / f"fukuchi2017/RBDS{subject}/RBDS{subject}static.c3d"), marker_set, "static")
    return read_c3d(shared / f"fukuchi2017/RBDS{subject}/RBDS{subject}run{trial}.c3d"), static.markers


@pytest.mark.parametrize("subject", RUNNERS)
def test_no_force_of_a_treadmill_is_lost_and_hardly_a_frame_is_masked(shared, marker_sets, subject):
    # Each runner at one speed.
    speed = SPEEDS[RUNNERS.index(subject) % len(SPEEDS)]
    recording, static = runner(shared, marker_sets["fukuchi2017"], subject, speed)
    trial, _, grounded = built(recording, marker_sets["fukuchi2017"], "run", static=static, treadmill=True)
    assert lost_n(trial, grounded, "run") < 1e-6
    assert (trial.validity.mask > 0).mean() < 0.01


@pytest.mark.parametrize("activity", ["walk", "run"])
@pytest.mark.parametrize("named", [True, False])
def test_no_force_is_lost_whether_plates_say_their_foot_or_not(shared, marker_sets, activity, named):
    standing, motion, marker_set = rajagopal(shared, marker_sets, activity)
    static = built(standing, marker_set, "static")[0].markers
    if not named:
        motion = replace(motion, plates=tuple(replace(one, name=f"plate_{k}") for k, one in enumerate(motion.plates)))
    trial, _, grounded = built(motion, marker_set, activity, static=static, treadmill=activity == "run")
    assert lost_n(trial, grounded, activity) < 1e-6


@pytest.mark.parametrize("child", CHILDREN)
def test_no_force_of_a_child_on_two_plates_is_lost(shared, marker_sets, child):
    subject, _, file = child.partition("/")
    recording = read_c3d(shared / "pig_children" / subject / "Straight" / f"{file}.c3d")
    trial, _, grounded = built(recording, marker_sets["plug_in_gait"], "walk", axes=_axes(recording))
    assert lost_n(trial, grounded, "walk") < 1e-6
    # Two plates of half a metre: most steps fall beside them.
    assert trial.validity.invalid(Invalid.CONTACT_OUTSIDE_PLATES, trial.markers.time_s).any()


@pytest.mark.parametrize("speed", ["200", "300", "400", "500"])
@pytest.mark.parametrize("named", [True, False])
def test_no_force_of_a_runner_without_static_trial_is_lost(shared, marker_sets, speed, named):
    folder = shared / f"hamner2013_subject04/subject04/trials/run{speed}"
    time_s, plates = read_forces(folder / "grf.mot")
    if not named:
        plates = tuple(replace(one, name=f"plate_{k}") for k, one in enumerate(plates))
    motion = replace(read_trc(folder / "markers.trc"), force_time_s=time_s, plates=plates)
    trial, _, grounded = built(motion, marker_sets["clusters"], "run", treadmill=True)
    assert trial.steps
    assert lost_n(trial, grounded, "run") < 1e-6
    if named:
        assert not trial.validity.mask.any()


@pytest.mark.parametrize("file", ["walking2", "walking5"])
def test_no_force_is_lost_where_markers_come_and_go(shared, marker_sets, file):
    recording = read_c3d(shared / "c3d_cases" / f"{file}.c3d")
    trial, _, grounded = built(recording, marker_sets["clusters"], "walk", axes=_axes(recording))
    assert trial.steps
    assert lost_n(trial, grounded, "walk") < 1e-6


@pytest.mark.parametrize("walk", ["ss1", "ss3", "ss8"])
def test_no_force_of_a_patient_on_three_plates_is_lost(shared, marker_sets, walk):
    recording = read_c3d(shared / "grandchallenge5_ps" / f"ps_{walk}.c3d")
    trial, _, grounded = built(recording, marker_sets["grandchallenge5_ps"], "walk", axes=("-x", "+z"))
    assert trial.steps
    assert lost_n(trial, grounded, "walk") < 1e-6


def _axes(recording) -> tuple[str, str]:
    """The lab axis along which the pelvis goes, and +z."""
    pelvis = recording.marker_lab_m[:, recording.marker_names.index("LASI")]
    seen = pelvis[np.isfinite(pelvis[:, 0])]
    going = seen[-1] - seen[0]
    axis = int(np.argmax(np.abs(going[:2])))
    return f"{'+' if going[axis] > 0 else '-'}{'xy'[axis]}", "+z"


def blinded(recording, marker_set: MarkerSet, side: str, start_s: float, end_s: float):
    """The recording without the markers of one foot for a while."""
    position = recording.marker_lab_m.copy()
    rows = (recording.marker_time_s > start_s) & (recording.marker_time_s < end_s)
    for column, name in enumerate(recording.marker_names):
        if name in marker_set.foot(side):
            position[rows, column] = np.nan
    return replace(recording, marker_lab_m=position)


@pytest.mark.parametrize("where", ["fukuchi2017", "rajagopal2016"])
def test_a_stance_without_foot_markers_is_flagged_though_its_force_is_measured(shared, marker_sets, where):
    if where == "fukuchi2017":
        marker_set = marker_sets[where]
        recording, static = runner(shared, marker_set, "001", "T35")
    else:
        standing, recording, marker_set = rajagopal(shared, marker_sets, "run")
        static = built(standing, marker_set, "static")[0].markers
        plates = tuple(replace(one, name=f"plate_{k}") for k, one in enumerate(recording.plates))
        recording = replace(recording, plates=plates)
    whole, _, _ = built(recording, marker_set, "run", static=static, treadmill=True)
    stance = next(step for step in whole.steps if step.side == "r" and step.whole and step.start_s > 2.0)
    assert stance.peak_n > 1400
    blind = blinded(recording, marker_set, "r", stance.start_s - 0.25, stance.end_s + 0.25)
    trial, quality, grounded = built(blind, marker_set, "run", static=static, treadmill=True)
    inside = (trial.forces.time_s > stance.start_s + 0.01) & (trial.forces.time_s < stance.end_s - 0.01)
    assert not trial.forces.force_ground_n[inside].any()
    assert trial.validity.invalid(Invalid.CONTACT_UNASSIGNED, trial.forces.time_s)[inside].all()
    assert lost_n(trial, grounded, "run") < 1e-6
    gate = next(gate for gate in quality.gates if gate.code == "CONTACT_UNASSIGNED")
    assert gate.verdict == "warned" and f"{stance.peak_n:.0f} N" in gate.reason
