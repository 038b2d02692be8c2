"""What the tables of the benchmarks say about what was measured."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from benchmarks import ik, loads, neura_opensense, opensense, train, virtual_imu
from benchmarks.timing import WHOLE
from gaitload.config import parse_config
from gaitload.estimators import lstm
from gaitload.io.sto import Table
from gaitload.models.registry import find_model


@pytest.fixture
def measured():
    """Tools at 100 ms a frame, of which 20 inverse dynamics; the compiled engine at 0.1 ms."""
    parts = {"inverse dynamics": 0.02, "static optimization": 0.06, "joint reactions": 0.02}
    slow = {"kinematics, first": 10.0, "loads, first": 30.0, "kinematics, further": 10.0, "loads, further": 30.0}
    fast = {"kinematics, first": 1.0, "loads, first": 3.0, "kinematics, further": 0.2, "loads, further": 0.3}
    alone = {"alone, clock": 2.0, "alone, processor": 1.0, "peak_mb": 300.0}
    case = {
        "times": {
            "tools": {"s_per_frame": {**parts, WHOLE: 0.1}, "start_s": 2.0},
            "compiled": {"s_per_frame": {"one kernel": 9e-5, WHOLE: 1e-4}, "start_s": 0.1},
        },
        "agreement": {"compiled against tools": {"hip contact": {"max": 0.01, "rms": 0.002}}},
    }
    return {
        "cases": {"lab walk": case},
        "end to end": {"tools": slow, "compiled": fast},
        "processes": {"tools": alone},
        "machine": {"cores": "2"},
    }


def test_engines_are_compared_with_static_optimization_and_joint_reactions_alone(measured):
    text = loads.report(measured)
    assert "| lab walk | tools | 80 | 1 | 2 |" in text
    assert "| lab walk | compiled | 0.1 | 800 | 0.1 |" in text
    assert "| compiled | 1 | 3 | 0.2 | 0.3 | 10 | 80 |" in text
    assert "| lab walk | compiled against tools | 0.01 / 0.002 |" in text


def test_spans_of_an_engine_begin_alike():
    time_s = np.arange(100) / 100
    for engine in loads.ENGINES:
        short, long = loads.spans_of(engine, time_s, 40)
        assert short[0][0] == long[0][0] and set(long) == {(0.0, 0.39)}


def test_agreement_is_in_body_weights_and_sums_over_muscle_groups():
    family, time_s = find_model("rajagopal2015").family, np.arange(3) / 100
    achilles = [name for side in "rl" for name in family.muscles("achilles_tendon", side)]
    muscles = [*achilles, *(name for side in "rl" for name in family.muscles("patellar_tendon", side))]
    one = [family.reaction(joint, side) for joint in family.reactions for side in "rl"]
    axes = [f"{each.joint}_on_{each.body}_in_{each.body}_f{axis}" for each in one for axis in "xyz"]
    theirs = {
        "muscle_forces": Table(tuple(muscles), time_s, np.zeros((3, len(muscles)))),
        "joint_reactions": Table(tuple(axes), time_s, np.zeros((3, len(axes)))),
    }
    pulled = np.zeros((3, len(muscles)))
    pulled[:, : len(achilles)] = 70.0
    ours = theirs | {"muscle_forces": Table(tuple(muscles), time_s, pulled)}
    found = loads.agreement(ours, theirs, family, 700.0)
    assert found["any muscle"]["max"] == pytest.approx(0.1)
    assert found["achilles_tendon"]["max"] == pytest.approx(0.1 * len(achilles) / 2)
    assert found["patellar_tendon"]["max"] == found["knee contact"]["rms"] == 0.0


def test_there_is_no_jump_where_the_kernel_turns_around():
    places = np.arange(4.0)[:, None, None]
    there = ik.to_and_fro(places, 2)[:, 0, 0]
    assert len(there) == 16 and np.abs(np.diff(there)).max() == 1.0


def test_the_worst_angle_is_named():
    times = {"tool at 1e-09": {"s_per_frame": 0.09, "start_s": 1.0}, "kernel": {"s_per_frame": 3e-4, "start_s": 0.1}}
    apart = {"tool at 1e-09": {"knee_angle_r": 0.002, "ankle_angle_r": 0.007}}
    case = {"times": times, "largest_angle_difference_deg": apart}
    text = ik.report({"cases": {"lab walk": case}, "machine": {"cores": "2"}})
    assert "| lab walk | tool at 1e-09 | 90 | 300 | 1 | 0.007 | ankle_angle_r |" in text
    assert "| lab walk | kernel | 0.3 | 1 | 0.1 |  |  |" in text


def test_virtual_sensors_are_reported_channel_by_channel():
    one = {"r": 0.9, "rmse": 0.25, "sd_recorded": 1.5}
    sensors = {"tibia_r": {"position_m": [0.0, -0.1, 0.0], "channels": {"acc_x": one, "gyr_x": {**one, "r": 0.5}}}}
    walk = {"lag_s": 0.016, "at_lag": sensors, "at_0": sensors}
    cycles = {"at_lag": {"foot_r": {"gyr_z": one}}, "at_0": {"foot_r": {"gyr_z": {**one, "r": 0.8}}}}
    text = virtual_imu.report(
        {
            "machine": {"cores": "2"},
            "walk": {"model": walk, "skeleton": walk},
            "cycles": {"walking": {"lag_s": 0.013, **cycles}},
            "standing": {"tibia_r": {"gyr_bias_rms_deg_per_s": 0.4}},
        }
    )
    assert "| tibia_r | 0, -100, 0 | 0.90 / 0.25 / 1.50 | 0.50 / 0.25 / 1.50 |" in text
    assert "| skeleton | 16.0 | 0.9 | 0.5 |" in text and "| skeleton | 0.0 |" in text
    assert "| walking | foot_r | gyr_z | 0.8 | 0.25 | 0.9 | 0.25 | 1.5 |" in text and "13 ms (walking)" in text


def test_what_is_said_of_angles_by_sensors_is_what_was_measured_with_the_defaults(repository):
    folder = repository / "docs" / "benchmarks"
    found = json.loads((folder / "opensense.json").read_text())
    # The rows of the numbers, in whatever order the file has them.
    said = {line for line in (folder / "opensense.md").read_text().splitlines() if line.startswith("| knee_angle")}
    assert said and said <= set(opensense.report(found).splitlines())
    first = found["neura_sparse01"]["cases"][0]
    chosen = parse_config({}).imu_kinematics
    assert (first["heading"], first["pose"]) == (chosen.heading, chosen.pose)
    assert neura_opensense.WEIGHTS[first["weights"]] == chosen.distal_weight
    assert max(opensense.knee_errors(first)) <= opensense.KNEE_BAR_DEG


def test_training_is_compared_at_an_error_that_both_ways_reach():
    case = {
        "level": 0.2,
        "best": {"full batch": 0.2, "mini-batches": 0.1},
        "passes": {"full batch": 100, "mini-batches": 3},
        "seconds": {"full batch": 50.0, "mini-batches": 2.0},
        "windows_per_s": {"full batch": 2000.0, "mini-batches": 1500.0},
        "curves": {"full batch": [], "mini-batches": []},
    }
    speed = {"processor": 1500.0, "clock": 1000.0}
    sizes = {"windows": 1000, "held": 100, "points": 26, "channels": 12, "targets": 4}
    text = train.report(
        {
            "cohort": "somebody",
            "machine": {"cores": "2"},
            "equal_error": {"lstm": case},
            "networks": {"lstm": {"parameters": 10, **speed}},
            "sets": [{"network": "lstm", "batch": 64, "threads": 1, **speed}],
            **sizes,
        }
    )
    assert "| lstm | full batch | 2000 | 0.2 | 0.2 | 100 | 50 | 1 |" in text
    assert "| lstm | mini-batches | 1500 | 0.1 | 0.2 | 3 | 2 | 25 |" in text


def test_an_lstm_stepped_through_is_as_large_as_the_fused_one():
    stepped, fused = train.CellByCell(12, 4), lstm.build(12, 4, 26)
    sizes = [sum(values.numel() for values in network.parameters()) for network in (stepped, fused)]
    assert sizes[0] == sizes[1]
    assert stepped(torch.zeros(2, 26, 12)).shape == (2, 26, 4)
