"""People who are models: what their recordings were made from is true."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.cohorts.embedded import squat
from gaitload.cohorts.embedded.laboratory import PERSON_GROUND_M
from gaitload.cohorts.embedded.people import random_of
from gaitload.conventions import body_weight_n
from gaitload.errors import ConfigError, SolverError
from gaitload.ingest.outline import outside_m, track_feet
from gaitload.io.c3d import read_c3d
from gaitload.io.sto import Table
from gaitload.io.tables import read_table
from gaitload.opensim.model import array
from gaitload.opensim.virtual_cohort import record_person
from gaitload.opensim.virtual_motion import MOTIONS, balanced, motion_of, soles_ground_m
from gaitload.opensim.virtual_person import build_person
from gaitload.opensim.virtual_recording import demanded_wrench, joint_forces, marker_trajectories, poses
from gaitload.signals.plates import center_of_pressure
from gaitload.trial import Markers

MASS_KG = 61.0
DOWN_S = np.arange(21) * 0.05
"""One way down, in twentieths of a second: the quick version of the squat."""


@pytest.fixture(scope="module")
def woman(source, marker_set):
    """She of the embedded cohort."""
    return build_person(
        str(source.path),
        source.family,
        marker_set,
        sex="F",
        height_m=1.66,
        mass_kg=MASS_KG,
        random=random_of("woman"),
    )


@pytest.fixture(scope="module")
def motion(woman) -> Table:
    """From standing to the deepest posture."""
    return balanced(woman, DOWN_S, squat.knee_flexion_rad(0.2 + DOWN_S * 0.9))


@pytest.fixture(scope="module")
def wrench(woman, motion):
    """Force and moment that the motion demands of the ground."""
    return demanded_wrench(woman.model, motion, woman.family)


@pytest.fixture(scope="module")
def markers(woman, motion) -> Markers:
    """Where her markers are."""
    names, places = marker_trajectories(woman.model, motion)
    return Markers(names, motion.time_s, places)


def test_she_has_her_mass_and_her_length(woman):
    state = woman.model.initSystem()
    assert woman.model.getTotalMass(state) == pytest.approx(MASS_KG)
    assert woman.size == pytest.approx(1.66 / 1.70)


def test_left_is_the_mirror_image_of_right(motion, markers):
    for name in ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle"):
        assert motion.column(f"{name}_r").tolist() == motion.column(f"{name}_l").tolist()
    mirror = np.array([1.0, 1.0, -1.0])
    for right, left in (("RASI", "LASI"), ("RLFC", "LLFC"), ("RCAL", "LCAL")):
        middle = markers.of(right) - PERSON_GROUND_M
        assert (markers.of(left) - PERSON_GROUND_M) * mirror == pytest.approx(middle, abs=1e-9)


def test_the_soles_stay_put(woman, motion, markers):
    for name in ("RCAL", "RTOE", "RMT5"):
        # No subtalar joint: the foot rolls by 2 deg in all, and its outer edge lies 70 mm from the axis.
        assert np.ptp(markers.of(name), axis=0).max() < 0.003, name
    heel_bone = woman.model.getBodySet().get("calcn_r")
    rotations = [heel_bone.getTransformInGround(state).R() for state, _ in poses(woman.model, motion)]
    roll_deg = np.degrees([rotation.get(2, 1) for rotation in rotations])
    assert np.abs(roll_deg).max() < 1.1
    assert max(abs(rotation.get(1, 0)) for rotation in rotations) < 1e-7


def test_knees_bend_and_ankles_stay_inside_their_range(woman, motion):
    assert np.degrees(motion.column("knee_angle_r")[[0, -1]]) == pytest.approx([5.0, 45.0], abs=0.1)
    for coordinate in woman.model.getCoordinateSet():
        values = motion.column(coordinate.getName())
        if coordinate.getDefaultClamped() and not coordinate.getDefaultLocked():
            assert coordinate.getRangeMin() <= values.min() <= values.max() <= coordinate.getRangeMax()


def test_standing_still_the_ground_carries_the_weight_and_nothing_else(woman):
    still = balanced(woman, DOWN_S, np.full(len(DOWN_S), squat.STANDING_KNEE_RAD))
    force, moment = demanded_wrench(woman.model, still, woman.family)
    assert force[:, 1] == pytest.approx(body_weight_n(MASS_KG), rel=1e-6)
    assert np.abs(force[:, [0, 2]]).max() < 1e-4
    point, free_moment = center_of_pressure(force, moment, 0.0)
    state, _ = next(poses(woman.model, still))
    weight_line = array(woman.model.calcMassCenterPosition(state))
    assert point[:, [0, 2]] == pytest.approx(np.tile(weight_line[[0, 2]], (len(DOWN_S), 1)), abs=1e-6)
    assert np.abs(free_moment).max() < 1e-4


def test_the_force_is_mass_times_what_the_centre_of_mass_does(woman, motion, wrench):
    heights = [array(woman.model.calcMassCenterPosition(state))[1] for state, _ in poses(woman.model, motion)]
    impulse = np.trapezoid(wrench[0][:, 1] - body_weight_n(MASS_KG), motion.time_s)
    speed = (heights[-1] - heights[-2]) / (DOWN_S[-1] - DOWN_S[-2])
    acceleration = np.gradient(np.gradient(heights, DOWN_S), DOWN_S)
    inner = slice(4, -4)
    # Differences over 50 ms flatten the peaks of a movement of 0.9 s.
    assert wrench[0][inner, 1] / MASS_KG - 9.80665 == pytest.approx(acceleration[inner], abs=0.15)
    assert impulse / MASS_KG == pytest.approx(speed, abs=0.05)


def test_the_centre_of_pressure_stays_well_inside_the_soles(woman, motion, wrench, markers, marker_set):
    feet = track_feet(markers, marker_set, None, treadmill=False)
    force, moment = squat.halved(*wrench, soles_ground_m(woman)[:, 2])
    for number in range(2):
        point, free_moment = center_of_pressure(force[:, number], moment[:, number], 0.0)
        assert outside_m(point[:, [0, 2]], feet.outline_m[:, number]).max() < -0.02
        assert np.abs(free_moment).max() < 1e-9


def test_halves_on_the_feet_leave_no_hand_on_the_pelvis(woman, motion, wrench):
    force, moment = squat.halved(*wrench, soles_ground_m(woman)[:, 2])
    assert force.sum(axis=1) == pytest.approx(wrench[0], abs=1e-6)
    needed = joint_forces(woman.model, motion, woman.family, force, moment)
    for name in woman.family.pelvis_coordinates:
        assert np.abs(needed.column(name)).max() < 1e-6, name
    for name in ("hip_flexion", "knee_angle", "ankle_angle"):
        assert needed.column(f"{name}_r") == pytest.approx(needed.column(f"{name}_l"), abs=1e-6)


def test_bent_knees_are_held_by_their_extensors(woman, motion, wrench):
    needed = joint_forces(woman.model, motion, woman.family, *squat.halved(*wrench, soles_ground_m(woman)[:, 2]))
    assert needed.column("knee_angle_r")[-1] < -20.0
    assert abs(needed.column("knee_angle_r")[0]) < 10.0


def test_a_posture_out_of_reach_is_refused(woman):
    with pytest.raises(SolverError) as caught:
        balanced(woman, np.zeros(1), np.array([np.radians(300.0)]))
    assert caught.value.code == "POSTURE_UNSOLVED"


def test_a_motion_nobody_made_is_refused():
    with pytest.raises(ConfigError) as caught:
        motion_of("cartwheel")
    assert caught.value.code == "MOTION_UNKNOWN"
    assert "squat" in caught.value.expected


@pytest.fixture
def record(source, tmp_path):
    """Record a static trial into a folder of that name; changes go to the participant."""

    def run(folder: str, **changed) -> tuple:
        recording, truth = (tmp_path / folder / name for name in ("static.c3d", "static.truth.parquet"))
        trial = {"trial_id": "static", "role": "static", "recording": str(recording), "truth": str(truth)}
        record_person(
            model=str(source.path),
            family=str(source.family_dir / "family.yaml"),
            marker_set=str(source.marker_set_path("rajagopal2016_run")),
            participant={"participant_id": "woman", "sex": "F", "height_m": 1.66, "mass_kg": MASS_KG} | changed,
            trials=[trial],
            lab_axes=("+y", "+z"),
            where="embedded/woman",
        )
        return recording, truth

    return run


def test_the_same_person_is_recorded_in_the_same_bytes(record):
    first, again, other = (
        [path.read_bytes() for path in record(folder, participant_id=name)]
        for folder, name in (("first", "woman"), ("again", "woman"), ("other", "man"))
    )
    assert first == again
    assert first[0] != other[0]


def test_a_recording_shows_every_marker_and_half_the_weight_on_either_plate(record, marker_set):
    recording, truth = record("first")
    read = read_c3d(recording)
    assert set(read.marker_names) == set(marker_set.by_name)
    for plate in read.plates:
        assert plate.force_lab_n[:, 2] == pytest.approx(body_weight_n(MASS_KG) / 2, rel=1e-5)
    values, _, document = read_table(truth)
    assert values["grf_r_y_n"] == pytest.approx(body_weight_n(MASS_KG) / 2, rel=1e-5)
    assert document == {"foot_of_plate": {"plate_1": "r", "plate_2": "l"}}


def test_nobody_is_recorded_without_a_height(record):
    with pytest.raises(ConfigError) as caught:
        record("first", height_m=None)
    assert caught.value.code == "HEIGHT_MISSING"


def test_every_trial_of_the_shipped_cohort_has_a_motion(repository):
    rows = (repository / "workflow/cohorts/embedded/trials.tsv").read_text().splitlines()
    trials = {row.split("\t")[1] for row in rows if row and not row.startswith(("#", "participant_id"))}
    assert trials == MOTIONS.keys()
