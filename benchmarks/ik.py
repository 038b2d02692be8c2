"""Inverse kinematics: the compiled kernel beside OpenSim's tool, time and angles.

`python -m benchmarks.ik` writes docs/benchmarks/ik.json and ik.md.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import chdir
from dataclasses import replace

import numpy as np

from benchmarks import tables
from benchmarks.command import measuring
from benchmarks.timing import WHOLE, Run, medians, steady, timed
from benchmarks.trials import CASES, prepared
from gaitload.io.sto import Table
from gaitload.io.trc import read_markers
from gaitload.mechanics.inverse_kinematics import solve
from gaitload.models.markersets import load_marker_set
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.tools.kinematics import inverse_kinematics
from gaitload.stages.job import Job
from gaitload.trial import Markers

ACCURACIES = (1e-7, 1e-9)
SHORT_FRAMES = 5
ROUND_TRIPS = 20
"""How often the kernel goes to and fro along the span in its long run: the time of one is near the clock's noise."""
LEGS = ("pelvis", "hip", "knee", "ankle")


def weights_of(job: Job, names: tuple[str, ...]) -> dict[str, float]:
    """Weights of the markers that were recorded."""
    known = {marker.name: marker.ik_weight for marker in load_marker_set(job.marker_set_path).markers}
    return {name: known[name] for name in names if known.get(name, 0) > 0}


def first(markers: Markers, frames: int) -> Markers:
    """Markers of the first frames."""
    return replace(markers, time_s=markers.time_s[:frames], position_ground_m=markers.position_ground_m[:frames])


def to_and_fro(places: np.ndarray, trips: int) -> np.ndarray:
    """Frames along time 0, forwards and backwards in turn: no jump at the ends."""
    return np.concatenate([places, places[::-1]] * trips)


def measured(job: Job, frames: int, repeats: int, say: Callable[[str], None]) -> dict:
    """Times per frame and of the start, and angles of the kernel less those of the tool (deg), of one trial."""
    observed = first(read_markers(job.product("ingest", ".trc")), frames)
    weights = weights_of(job, observed.names)
    model, markers_trc = str(job.product("scale", ".osim")), str(job.product("ingest", ".trc").resolve())

    def by_tool(accuracy: float, frames: int) -> tuple[Run, Table]:
        of = {"model": model, "markers_trc": markers_trc, "observed": first(observed, frames), "weights": weights}
        run, (angles, _) = timed(lambda: inverse_kinematics(**of, accuracy=accuracy, where=job.where), frames, {})
        return run, angles

    def by_kernel(places: np.ndarray) -> tuple[Run, tuple]:
        def call() -> tuple:
            mechanism = export_mechanism(model)
            q, _ = solve(mechanism, places, np.array(list(weights.values())), markers=tuple(weights))
            return mechanism, q

        return timed(call, len(places), {})

    places = np.stack([observed.of(name) for name in weights], axis=1)
    by_kernel(places[:SHORT_FRAMES])
    rounds: dict[str, list] = {}
    angles: dict[float, Table] = {}
    for number in range(repeats):
        for accuracy in ACCURACIES:
            say(f"{job.where}: tool at {accuracy:g}, round {number + 1} of {repeats}")
            short, _ = by_tool(accuracy, SHORT_FRAMES)
            long, angles[accuracy] = by_tool(accuracy, frames)
            rounds.setdefault(f"tool at {accuracy:g}", []).append(steady(short, long))
        short, (mechanism, q) = by_kernel(places)
        long, _ = by_kernel(to_and_fro(places, ROUND_TRIPS))
        rounds.setdefault("kernel", []).append(steady(short, long))
    return {
        "times": {
            solver: {
                "s_per_frame": medians([row for row, _ in pairs])[WHOLE],
                "start_s": float(np.median([start for _, start in pairs])),
            }
            for solver, pairs in rounds.items()
        },
        "largest_angle_difference_deg": {
            f"tool at {accuracy:g}": angle_differences(mechanism, q, table) for accuracy, table in angles.items()
        },
        "rounds": rounds,
    }


def angle_differences(mechanism, q: np.ndarray, theirs: Table) -> dict[str, float]:
    """Largest difference of every angle of pelvis and legs (deg)."""
    names, turns = mechanism.coordinate_names, mechanism.coordinates.rotational
    chosen = [name for name, turn in zip(names, turns, strict=True) if turn and name.split("_")[0] in LEGS]
    return {
        name: float(np.abs(np.degrees(q[:, names.index(name)]) - theirs.column(name)).max())
        for name in chosen
        if not name.endswith("_beta")
    }


def report(found: dict) -> str:
    """The Markdown text of everything that was measured."""
    rows = []
    for name, case in found["cases"].items():
        kernel_s = case["times"]["kernel"]["s_per_frame"]
        for solver, times in case["times"].items():
            apart = case["largest_angle_difference_deg"].get(solver, {})
            worst = max(apart, key=apart.get, default=None)
            seconds = times["s_per_frame"]
            rows.append([name, solver, seconds * 1e3, seconds / kernel_s, times["start_s"], apart.get(worst), worst])
    return tables.document(
        "Inverse kinematics: the compiled kernel beside OpenSim's tool",
        found["machine"],
        [
            (
                "Steady cost: processor time of a long less a short span over their difference in frames, so that the "
                "start cancels; median of interleaved rounds. Angles of pelvis and legs, kernel less tool. Every "
                "engine but `tools` uses the kernel.",
                tables.table(
                    [
                        "trial",
                        "solver",
                        "ms a frame",
                        "times the kernel",
                        "start (s)",
                        "largest difference (deg)",
                        "in",
                    ],
                    rows,
                ),
            )
        ],
    )


def main() -> None:
    """Measure and write."""
    with measuring("ik", __doc__) as (chosen, say):
        results = chosen.results.resolve()
        jobs = {case.name: prepared(case, results, upto="kinematics", engine="compiled") for case in CASES}
        # OpenSim's tools leave files where they run.
        with tempfile.TemporaryDirectory(prefix="gaitload-") as folder, chdir(folder):
            cases = {name: measured(job, chosen.frames, chosen.repeats, say) for name, job in jobs.items()}
        found = {"repeats": chosen.repeats, "cases": cases, "machine": tables.machine()}
        tables.write("ik", found, report(found), chosen.out)


if __name__ == "__main__":
    main()
