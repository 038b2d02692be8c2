"""Inverse kinematics of motions that are known."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.errors import DataError
from gaitload.io.sto import read_sto
from gaitload.opensim.kinematics import solve_inverse_kinematics
from gaitload.opensim.process import run_isolated
from gaitload.opensim.scaling import scale_subject

POSES = [
    {
        "pelvis_tilt": 0.1,
        "pelvis_ty": 0.95,
        "hip_flexion_r": angle,
        "hip_adduction_r": -0.1,
        "knee_angle_r": 1.5 * angle,
        "ankle_angle_r": 0.3 - angle,
        "hip_flexion_l": -0.2,
        "knee_angle_l": 0.05,
        "lumbar_extension": -0.1,
        "elbow_flex_r": 0.8,
    }
    for angle in (0.2, 0.4, 0.6)
]


@pytest.fixture(scope="module")
def model(source, tmp_path_factory) -> str:
    """The generic model with the markers of the set, at its own size."""
    output = str(tmp_path_factory.mktemp("model") / "model.osim")
    scale_subject(
        model=str(source.path),
        family=str(source.family_dir / "family.yaml"),
        marker_set=str(source.marker_set_path("rajagopal2016_run")),
        static_trcs=[],
        mass_kg=source.family.generic_mass_kg,
        height_m=source.family.generic_height_m,
        method="height",
        strength="stock",
        condylar_spacing_m=0.045,
        output=output,
        where="cohort/p1",
    )
    return output


@pytest.fixture(params=["compiled", "tools"])
def solve(request, model, marker_set, tmp_path):
    """Solve a TRC file in a process of its own; returns the tables of coordinates and marker errors."""

    def run(trc) -> tuple:
        motion, errors = tmp_path / "motion.mot", tmp_path / "errors.sto"
        arguments = {
            "engine": request.param,
            "model": model,
            "markers_trc": str(trc),
            "weights": {marker.name: marker.ik_weight for marker in marker_set.markers if marker.ik_weight > 0},
            "accuracy": 1e-7,
            "coordinates_mot": str(motion),
            "errors_sto": str(errors),
            "com_sto": str(tmp_path / "com.sto"),
            "where": "cohort/p1/t1",
        }
        of_call = {
            "log": tmp_path / "log",
            "where": "cohort/p1/t1",
            "timeout_s": 120,
            "leaks": request.param == "tools",
        }
        run_isolated(solve_inverse_kinematics, arguments, **of_call)
        return read_sto(motion), read_sto(errors)

    return run


def test_angles_of_a_known_motion_come_back(solve, posed_markers, write_markers):
    motion, errors = solve(write_markers("motion.trc", posed_markers(POSES)))
    assert motion.in_degrees
    for name in sorted(set(POSES[0]) - {"elbow_flex_r"}):
        scale = 1.0 if name == "pelvis_ty" else 180 / np.pi
        expected = [pose[name] * scale for pose in POSES]
        # Markers are exact, so this is what accuracy 1e-7 leaves: 0.012 deg at the most.
        assert motion.column(name) == pytest.approx(expected, abs=0.02), name
    legs = [name for name in errors.names if name[1:] in ("ASI", "PSI", "TH2", "TB1", "CAL", "MT5")]
    assert len(legs) == 12
    assert max(errors.column(name).max() for name in legs) < 1e-4


def test_a_shifted_marker_shows_its_error_and_no_other_does_as_much(solve, posed_markers, write_markers, marker_set):
    positions = posed_markers(POSES)
    positions[:, [marker.name for marker in marker_set.markers].index("RTB1")] += [0.05, 0.0, 0.0]
    _, errors = solve(write_markers("motion.trc", positions))
    mean = dict(zip(errors.names, errors.values.mean(axis=0), strict=True))
    assert max(mean, key=mean.get) == "RTB1"
    assert 0.02 < mean["RTB1"] < 0.05


def test_a_marker_that_is_missing_has_no_error_and_does_no_harm(solve, posed_markers, write_markers, marker_set):
    positions = posed_markers(POSES)
    positions[1, [marker.name for marker in marker_set.markers].index("RTB1")] = np.nan
    motion, errors = solve(write_markers("motion.trc", positions))
    assert np.isnan(errors.column("RTB1")).tolist() == [False, True, False]
    assert motion.column("knee_angle_r")[1] == pytest.approx(np.degrees(0.6), abs=0.02)


def test_no_matching_marker_is_an_error_and_not_the_end_of_the_interpreter(
    solve, tmp_path, write_markers, posed_markers
):
    path = write_markers("motion.trc", posed_markers(POSES))
    text = path.read_text().splitlines()
    text[3] = "\t".join(f"X{cell}" if cell and index > 1 else cell for index, cell in enumerate(text[3].split("\t")))
    renamed = tmp_path / "renamed.trc"
    renamed.write_text("\n".join(text) + "\n")
    with pytest.raises(DataError, match="XRACR") as caught:
        solve(renamed)
    assert caught.value.code == "NO_MATCHING_MARKER"


def test_the_centre_of_mass_rises_with_the_pelvis(posed_markers, solve, write_markers, tmp_path):
    heights = [0.9, 1.0, 1.1]
    motion, _ = solve(write_markers("motion.trc", posed_markers([POSES[0] | {"pelvis_ty": y} for y in heights])))
    assert motion.column("pelvis_ty") == pytest.approx(heights, abs=1e-4)
    rise = np.diff(read_sto(tmp_path / "com.sto").column("com_height"))
    assert rise == pytest.approx([0.1, 0.1], abs=1e-4)
