"""Joint angles by recorded sensors: OpenSim's example beside OpenSim's tool, and a walk beside its markers.

All numbers are in docs/benchmarks/opensense.md.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.io import loadmat

from benchmarks import neura_opensense, xsens_example
from benchmarks.agreement import angle_errors
from benchmarks.neura_model import solved_walk
from benchmarks.neura_sparse import STANDING
from gaitload.baselines.standing import mean_orientations

pytestmark = pytest.mark.slow

FEW_S = (7.25, 7.45)


@pytest.fixture(scope="module")
def recordings(shared):
    """Folder of a published data set; the test is skipped where it is absent."""

    def folder(name: str):
        if not (shared / name).is_dir():
            pytest.skip(f"{name} not found in {shared}")
        return shared / name

    return folder


@pytest.fixture(scope="module")
def example(recordings):
    return xsens_example.read_example(recordings("opensense_example"))


def test_files_of_unequal_length_run_to_joint_angles(example):
    q, errors = xsens_example.solved_by_kernel(
        example, xsens_example.placed_by_first_frame(example), example.frames(*xsens_example.SPAN_S)
    )
    assert len({len(one.time_s) for one in example.recordings}) == 1
    assert q.shape[0] == 776 and np.isfinite(q).all() and np.isfinite(errors).all()
    angles = xsens_example.ranges(example.mechanism, q)
    for side in "rl":
        # Walking: knees swing by 60 deg and more, and hardly beyond 75.
        assert 50 < angles[f"knee_angle_{side}"][1] < 80
        assert np.ptp(angles[f"hip_flexion_{side}"]) == pytest.approx(38, abs=8)
    # The thighs and feet slide most against the model; the trunk's and pelvis' sensors can always be met.
    assert np.degrees(np.sqrt(np.mean(errors**2))) < 10


def test_a_sensor_that_ended_early_is_missing_and_the_rest_goes_on(example):
    q, errors = xsens_example.solved_by_kernel(
        example, xsens_example.placed_by_first_frame(example), example.frames(24.0, 24.6)
    )
    gone = example.bodies.index("calcn_l")
    assert np.isnan(errors[-1, gone]) and np.isfinite(errors[0]).all()
    assert np.isfinite(np.delete(errors, gone, axis=1)[:45]).all()
    assert np.isfinite(q).all()


@pytest.fixture(scope="module")
def tool(example, tmp_path_factory):
    """OpenSim's own placer and tool, where they may leave files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("tool"))
        yield xsens_example.Tool(example)


def test_the_kernel_is_never_above_the_tool_and_close_to_it(example, tool):
    theirs, their_errors = tool.solved(example.mechanism, *FEW_S)
    ours, errors = xsens_example.solved_by_kernel(example, tool.mountings, example.frames(*FEW_S))
    cost, their_cost = np.sum(errors**2, axis=1), np.sum(their_errors**2, axis=1)
    assert (cost <= their_cost).all()
    assert cost == pytest.approx(their_cost, abs=5e-4)
    apart = xsens_example.angle_differences(example.mechanism, ours, theirs)
    # The tool stops at an accuracy of 1e-4, which it has built in: up to 0.66 deg from the optimum over all frames.
    for name in (f"{angle}_{side}" for angle in neura_opensense.LEG_ANGLES for side in "rl"):
        assert apart[name]["max"] < 0.8, name
        assert apart[name]["rms"] < 0.3, name


def test_our_placement_is_that_of_the_placer_but_for_one_heading(example, tool):
    ours = xsens_example.placed_by_first_frame(example)
    apart = [xsens_example.apart_deg(ours[body], tool.mountings[body]) for body in example.bodies]
    # The placer takes the angle between the model's forward and the base sensor's axis in space, ours about the
    # vertical: as that axis points 16 deg below the horizontal, they differ by 1.04 deg, for all sensors alike.
    assert np.ptp(apart) < 1e-6
    assert apart[0] == pytest.approx(1.04, abs=0.01)


@pytest.fixture(scope="module")
def walked(recordings):
    """Marker solution of a walk there and back, its sensors and what synchronisation says of them."""
    folder = recordings("neura_sparse01")
    solved = solved_walk(loadmat(folder / "rawvicon_S02-Trial-Walk-1.mat", squeeze_me=True))
    sensors = neura_opensense.read_sensors(folder)
    return solved, sensors, neura_opensense.synchronised(sensors, solved)


def errors_of(walked, pose: str, distal: float = 0.5, heading: str = "each") -> dict[str, float]:
    """Root mean square errors against the markers (deg)."""
    solved, sensors, clock = walked
    turned = neura_opensense.ahead_on_mocap_clock(sensors, clock, solved, heading)
    means = mean_orientations(turned[STANDING], "neura_sparse01")
    standing = dict(zip(sensors, means.tolist(), strict=True))
    mountings = neura_opensense.mounted(solved.mechanism, standing, clock, pose, solved)
    q = neura_opensense.solved_by_sensors(solved.mechanism, turned, mountings, distal)
    walk, names = neura_opensense.WALK, solved.mechanism.coordinate_names
    found = angle_errors(names, q[walk], solved.q[walk], neura_opensense.ANGLES)
    return {angle: one["rmse_deg"] for angle, one in found.items()}


@pytest.mark.parametrize("distal", [0.5, 1.0])
def test_knee_flexion_by_sensors_is_within_6_degrees_of_markers(walked, distal):
    errors = errors_of(walked, "markers", distal)
    # The bar; measured 5.7 and 4.3 (distal 0.5), 5.5 and 4.2 (equal).
    assert max(errors["knee_angle_r"], errors["knee_angle_l"]) <= 6.0
    # Measured 4.4 at most but for hip rotation (8.4), which skin turns.
    assert max(error for angle, error in errors.items() if "rotation" not in angle and "knee" not in angle) < 5.0


def test_a_neutral_pose_costs_what_the_person_stood_off_it(walked):
    solved = walked[0]
    column = solved.mechanism.coordinate_names.index("hip_flexion_r")
    stood_deg = abs(np.degrees(solved.q[STANDING, column].mean()))
    by_markers, neutral = errors_of(walked, "markers"), errors_of(walked, "neutral")
    # The person stood with 13 deg of hip extension in the model; all of it becomes an error of the walk.
    assert neutral["hip_flexion_r"] - by_markers["hip_flexion_r"] == pytest.approx(stood_deg, abs=8)
    assert neutral["hip_flexion_r"] > 2 * by_markers["hip_flexion_r"]
