"""Virtual inertial sensors beside recorded ones, channel by channel.

`python -m benchmarks.virtual_imu` writes docs/benchmarks/virtual_imu.json and virtual_imu.md.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import chdir
from pathlib import Path

import numpy as np

from benchmarks import dorschky, neura_model, neura_sparse, tables

GAITS = ("walking", "running")
POSES = {
    "model": neura_model.poses_by_model,
    "markers": neura_sparse.poses_by_markers,
    "skeleton": neura_sparse.poses_by_skeleton,
}
"""Ways to the segments' poses: what this package does for a cohort, the markers of each segment, Vicon's own."""


def measured(shared: Path) -> dict:
    """Everything that is compared; `shared` is the folder of the published recordings."""
    folder = shared / "neura_sparse01"
    found: dict = {"standing": neura_sparse.standing_errors(folder), "walk": {}, "cycles": {}}
    for name, poses_of in POSES.items():
        walk = neura_sparse.read_walk(folder, poses_of)
        lag_s = neura_sparse.common_lag(walk)
        found["walk"][name] = {
            "lag_s": lag_s,
            "at_lag": neura_sparse.compared(walk, lag_s),
            "at_0": neura_sparse.compared(walk, 0.0),
        }
    for gait in GAITS:
        cycle = dorschky.read_cycle(shared / "dorschky2019" / f"P01_norm{gait}.mat")
        found["cycles"][gait] = dorschky.compared(cycle, gait)
    return found


def report(found: dict) -> str:
    """The Markdown text of everything that was measured."""
    return tables.document(
        "Virtual inertial sensors beside recorded ones",
        found["machine"],
        [*_walk_sections(found["walk"]), _cycle_section(found["cycles"]), _standing_section(found["standing"])],
    )


def _walk_sections(walk: Mapping[str, dict]) -> list[tuple[str, str]]:
    ours = walk["model"]["at_lag"]
    channels = list(next(iter(ours.values()))["channels"])
    rows = [
        [name, _place(one["position_m"]), *(_cell(one["channels"][channel]) for channel in channels)]
        for name, one in ours.items()
    ]
    means = [
        [poses, f"{1e3 * (one['lag_s'] if lag == 'at_lag' else 0):.1f}", *(_mean(one[lag], name) for name in channels)]
        for poses, one in walk.items()
        for lag in ("at_lag", "at_0")
    ]
    return [
        (
            "Walk of neura_sparse01, the way back: correlation / root mean square difference / standard deviation of "
            "the recorded channel (m/s^2 and rad/s, sensor frame). Poses by inverse kinematics of the scaled model; "
            "place in the body (mm), rotation and one clock offset fitted on the way there; zero-lag Butterworth of "
            "10 Hz on both.",
            tables.table(["sensor", "place", *channels], rows),
        ),
        (
            "The same as means of the correlations over the nine sensors, for poses by the model, by "
            "the markers of each segment and by Vicon's skeleton, with the clock offset found and without any.",
            tables.table(["poses by", "offset (ms)", *channels], means),
        ),
    ]


def _cycle_section(cycles: Mapping[str, dict]) -> tuple[str, str]:
    rows = []
    for gait, one in cycles.items():
        for segment, channels in one["at_lag"].items():
            for channel, at_lag in channels.items():
                at_0 = one["at_0"][segment][channel]
                rows.append([gait, segment, channel, at_0["r"], at_0["rmse"], *at_lag.values()])
    lags = ", ".join(f"{1e3 * one['lag_s']:.0f} ms ({gait})" for gait, one in cycles.items())
    return (
        "Mean cycles of dorschky2019 on the model scaled by height and driven by sagittal angles and ground reaction; "
        f"harmonics to 10 Hz of both. The gyroscopes find the sensors {lags} behind the angles: numbers without and "
        "with that lag (m/s^2 and rad/s, frame of the segment).",
        tables.table(
            ["gait", "segment", "channel", "r at 0", "RMSE at 0", "r at lag", "RMSE at lag", "SD recorded"], rows
        ),
    )


def _standing_section(standing: Mapping[str, dict[str, float]]) -> tuple[str, str]:
    columns = list(next(iter(standing.values())))
    return (
        "Eight seconds of quiet standing in neura_sparse01: what the sensors record at 30 to 45 Hz and their mean "
        "angular rates, an upper bound of their noise and their biases.",
        tables.table(["sensor", *columns], [[name, *one.values()] for name, one in standing.items()]),
    )


def _place(position_m: Sequence[float]) -> str:
    return ", ".join(f"{1000 * value:.0f}" for value in position_m)


def _cell(one: Mapping[str, float]) -> str:
    return f"{one['r']:.2f} / {one['rmse']:.2f} / {one['sd_recorded']:.2f}"


def _mean(sensors: Mapping[str, dict], channel: str) -> float:
    return float(np.mean([one["channels"][channel]["r"] for one in sensors.values()]))


def main() -> None:
    """Measure and write."""
    options = argparse.ArgumentParser(description=__doc__)
    default = os.environ.get("GAITLOAD_SHARED", tables.FOLDER.parents[2] / "shared" / "data")
    options.add_argument("--shared", type=Path, default=Path(default), help="folder of the published recordings")
    options.add_argument("--out", type=Path, default=tables.FOLDER, help="folder of the tables")
    chosen = options.parse_args()
    shared = chosen.shared.resolve()
    # OpenSim leaves files where it runs.
    with tempfile.TemporaryDirectory(prefix="gaitload-") as folder, chdir(folder):
        found = measured(shared)
    found["machine"] = tables.machine()
    tables.write("virtual_imu", found, report(found), chosen.out.resolve())


if __name__ == "__main__":
    main()
