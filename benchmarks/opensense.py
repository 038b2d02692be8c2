"""Joint angles by inertial sensors: against markers, and the compiled kernel beside OpenSim's tool.

`python -m benchmarks.opensense` writes docs/benchmarks/opensense.json and opensense.md. The embedded cohort is
taken from `results`, where the workflow has made its aligned tables (`snakemake aligned`).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import chdir
from pathlib import Path

import numpy as np

from benchmarks import embedded_imu_kinematics, embedded_imu_loads, neura_opensense, tables, xsens_example
from benchmarks.neura_opensense import ANGLES

SHORT = {
    "pelvis_tilt": "tilt",
    "pelvis_list": "list",
    "hip_flexion": "hip flexion",
    "hip_adduction": "adduction",
    "hip_rotation": "rotation",
    "knee_angle": "knee",
    "ankle_angle": "ankle",
}
KNEE_BAR_DEG = 6.0
"""What the root mean square error of knee flexion against marker inverse kinematics may be."""


def report(found: dict) -> str:
    """The Markdown text of everything that was measured."""
    return tables.document(
        "Joint angles by inertial sensors",
        found["machine"],
        [
            *_neura(found["neura_sparse01"]),
            *_example(found["opensense_example"]),
            _embedded(found["embedded"]),
            _embedded_loads(found["embedded_loads"]),
        ],
    )


def knee_errors(case: Mapping) -> list[float]:
    """Root mean square errors of both knees (deg)."""
    return [case["angles"][f"knee_angle_{side}"]["rmse_deg"] for side in "rl"]


def _neura(found: dict) -> list[tuple[str, str]]:
    default = found["cases"][0]
    numbers = [
        [angle, *(one[name] for name in ("rmse_deg", "bias_deg", "median_deg", "max_deg", "r"))]
        for angle, one in default["angles"].items()
    ]
    ways = [
        [
            neura_opensense.FUSIONS[case["fusion"]],
            neura_opensense.SHANKS[case["shank"]],
            case["heading"],
            case["pose"],
            case["weights"],
            *_right_left(case["angles"]),
            "yes" if max(knee_errors(case)) <= KNEE_BAR_DEG else "no",
        ]
        for case in found["cases"]
    ]
    clocks = [
        [*_clock_name(name), 1e3 * clock["offset_s"], ", ".join(clock["codes"]) or "none", body, *_frames(one)]
        for name, clock in found["clock"].items()
        for body, one in clock["sensors"].items()
    ]
    return [
        (
            "The walk of neura_sparse01, there and back (955 frames, 100 Hz), against marker inverse kinematics of the "
            "same trial (deg): the sensors' own quaternions, shank sensors at mid-shank, and the defaults of the stage "
            "(heading `each`, pose `markers`, weight 0.5 for shanks and feet). Median and largest of the absolute "
            "error.",
            tables.table(["angle", "RMSE", "bias", "median", "largest", "r"], numbers),
        ),
        (
            "Root mean square errors (deg, right / left) for every way to use the sensors. Heading `held`: each "
            f"sensor's own, without creep. The last column: both knees within {KNEE_BAR_DEG:g} deg.",
            tables.table(
                ["orientation", "shank sensors", "heading", "pose", "weights", *SHORT.values(), "knee bar"], ways
            ),
        ),
        (
            "What synchronisation found: markers less sensors at the middle of the recording (ms), gates in "
            "doubt, and by sensor the heading (deg), its creep (deg/min) and the angle left (deg, root mean square).",
            tables.table(
                ["orientation", "shank sensors", "offset", "doubts", "body", "heading", "creep", "left"], clocks
            ),
        ),
    ]


def _example(found: dict) -> list[tuple[str, str]]:
    times, excess = found["times"], found["cost_excess_rad2"]
    angles = [
        [angle, one["max"], one["rms"]]
        for angle, one in found["angles_deg"].items()
        if angle.split("_")[0] in ("pelvis", "hip", "knee", "ankle", "lumbar")
    ]
    samples = found["samples"].values()
    costs = [
        ["mean cost of a frame (rad^2)", found["cost_rad2"]["kernel"], found["cost_rad2"]["tool"]],
        ["most by which its cost exceeds the other's in a frame (rad^2)", *excess.values()],
        ["processor time of a frame (ms)", 1e3 * times["kernel"], 1e3 * times["tool"]],
    ]
    sensors = [
        [body, found["samples"][body], found["placement_apart_deg"][body], found["error_rms_deg"][body]]
        for body in found["samples"]
    ]
    return [
        (
            f"OpenSim's example of OpenSense, {found['frames']} frames ({xsens_example.SPAN_S[0]:g} to "
            f"{xsens_example.SPAN_S[1]:g} s): the kernel beside OpenSim's tool (accuracy 1e-4, built in) on the model "
            "that OpenSim's placer calibrated. A negative excess: never above the other. The kernel takes "
            f"{times['tool'] / times['kernel']:.0f} times less; medians of interleaved rounds.",
            tables.table(["", "kernel", "tool"], costs),
        ),
        (
            "Angles of both (deg), kernel less tool, whole turns left out; arms carry no sensor.",
            tables.table(["angle", "largest", "root mean square"], angles),
        ),
        (
            f"The sensors of the example: samples ({min(samples)} to {max(samples)}, all from one packet on, without "
            "a packet lost before the last), turn between our placement and that of OpenSim's placer (deg), and what "
            "the kernel leaves (deg, root mean square).",
            tables.table(["body", "samples", "placement apart", "left"], sensors),
        ),
    ]


def _embedded(cases: Sequence[Mapping]) -> tuple[str, str]:
    rows = [
        [
            case["trial"],
            case["placement"],
            case["pose"] if case["placement"] == "static" else None,
            case["heading"],
            case["weights"],
            *_right_left(case["angles"]),
        ]
        for case in cases
    ]
    return (
        f"The embedded cohort: root mean square errors against marker inverse kinematics (deg, right / left), medians "
        f"of {cases[0]['people']} people.",
        tables.table(["trial", "placement", "pose", "heading", "weights", *SHORT.values()], rows),
    )


def _embedded_loads(found: Mapping[str, Mapping]) -> tuple[str, str]:
    columns = ["", *(f"{trial}, {what}" for trial in found for what in ("RMSE", "range of the label"))]
    rows = [
        [name, *(found[trial][name][what] for trial in found for what in ("rmse", "range"))]
        for name in embedded_imu_loads.COLUMNS
    ]
    return (
        "The embedded cohort: moments (N m/kg) and loads (body weights) by the sensors' angles with the defaults and "
        "the measured ground reaction, against the labels; medians over people and sides.",
        tables.table(columns, rows),
    )


def _right_left(angles: Mapping[str, Mapping[str, float]]) -> list[str]:
    """A cell for each angle of `SHORT`."""
    return [
        " / ".join(f"{angles[name]['rmse_deg']:.1f}" for name in ANGLES if name in (angle, f"{angle}_r", f"{angle}_l"))
        for angle in SHORT
    ]


def _clock_name(name: str) -> list[str]:
    fusion, shank = name.split()
    return [neura_opensense.FUSIONS[fusion], neura_opensense.SHANKS[shank]]


def _frames(one: Mapping[str, float]) -> list[float]:
    heading, rate, left = (
        float(np.degrees(one[name])) for name in ("heading_rad", "heading_rate_rad_per_s", "residual_angle_rad")
    )
    return [heading, 60 * rate, left]


def main() -> None:
    """Measure and write."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.opensense", description=__doc__)
    default = os.environ.get("GAITLOAD_SHARED", tables.FOLDER.parents[2] / "shared" / "data")
    options.add_argument("--shared", type=Path, default=Path(default), help="folder of the published recordings")
    options.add_argument("--results", type=Path, default=Path("results"), help="results that hold the embedded cohort")
    options.add_argument("--repeats", type=int, default=5, help="rounds that the median of the times is taken of")
    options.add_argument("--out", type=Path, default=tables.FOLDER, help="folder of the tables")
    chosen = options.parse_args()
    shared, results, out = chosen.shared.resolve(), chosen.results.resolve(), chosen.out.resolve()

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    # OpenSim leaves files where it runs.
    with tempfile.TemporaryDirectory(prefix="gaitload-") as folder, chdir(folder):
        found = {
            "neura_sparse01": neura_opensense.measured(shared / "neura_sparse01"),
            "opensense_example": xsens_example.measured(shared / "opensense_example", chosen.repeats, say),
            "embedded": embedded_imu_kinematics.measured(results, say),
            "embedded_loads": embedded_imu_loads.measured(results),
        }
    found["machine"] = tables.machine()
    tables.write("opensense", found, report(found), out)


if __name__ == "__main__":
    main()
