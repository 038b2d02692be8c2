"""Loads of every engine beside OpenSim's tools: time, agreement, parts, whole trials, two processes, memory.

`python -m benchmarks.loads` writes docs/benchmarks/loads.json and loads.md.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import chdir
from pathlib import Path
from types import ModuleType
from unittest import mock

import numpy as np

from benchmarks import tables
from benchmarks.command import measuring
from benchmarks.loads_report import SO_JR, report
from benchmarks.timing import WHOLE, Run, medians, processes, steady, timed
from benchmarks.trials import CASES, prepared
from gaitload.conventions import SIDES, body_weight_n
from gaitload.io.forces import read_foot_forces
from gaitload.io.sto import Table, read_sto
from gaitload.mechanics.curves import capacities
from gaitload.mechanics.moment_arms import muscle_geometry
from gaitload.models.family import Family
from gaitload.opensim import process
from gaitload.opensim.driven_body import DrivenBody
from gaitload.opensim.engines import api, compiled, tools
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.loads import solve_loads
from gaitload.opensim.muscle_paths import MusclePaths
from gaitload.signals.derivatives import derivative
from gaitload.stages import kinematics, loads
from gaitload.stages.job import Job

ENGINES = {"tools": tools, "api": api, "compiled": compiled}
PARTS: dict[str, dict[str, tuple[object, str]]] = {
    "tools": {
        "inverse dynamics": (tools, "inverse_dynamics"),
        SO_JR[0]: (tools, "static_optimization"),
        SO_JR[1]: (tools, "joint_reactions"),
    },
    "api": {
        "poses of the muscles": (MusclePaths, "pose"),
        "poses of the body": (DrivenBody, "pose"),
        "inverse dynamics": (DrivenBody, "demanded"),
        "moment arms": (MusclePaths, "moment_arms"),
        "capacities": (MusclePaths, "capacity_n"),
        "redundancy": (api, "solve_frame"),
        "pulls on bodies": (MusclePaths, "add_tensions"),
        "joint reactions": (DrivenBody, "reactions"),
    },
    "compiled": {"one kernel": (compiled, "solve_motion"), "inverse dynamics": (compiled, "inverse_dynamics")},
}
SHORT_FRAMES = 5
COPIES = {"api": 6, "compiled": 300}
"""How often the fast engines solve the span in their long run: the time of one is near the clock's noise."""
TRIAL_FRAMES = 3000
"""30 s at 100 Hz."""


def spans_of(engine: str, time_s: np.ndarray, frames: int) -> tuple[list, list]:
    """Spans of the short and of the long run; both start with the same frames, and the long one is those of all."""
    whole = (float(time_s[0]), float(time_s[frames - 1]))
    if engine == "tools":
        return [(whole[0], float(time_s[SHORT_FRAMES - 1]))], [whole]
    return [whole], [whole] * COPIES[engine]


def solver(job: Job, engine: str, spans_s: list, **settings) -> Callable[[], tuple[dict[str, Table], list[float]]]:
    """A call of an engine, ready to go."""
    folder = job.product("loads", "").resolve()
    arguments = {
        "model": str(folder / "actuated.osim"),
        "family": job.model_source.family,
        "folder": folder,
        "spans_s": spans_s,
        "settings": settings_of(job) | settings,
        "where": job.where,
    }
    return lambda: ENGINES[engine].solve(**arguments)


def settings_of(job: Job) -> dict:
    """Settings as the loads stage hands them on."""
    config = job.config
    physics = {"label_mode": config.label_mode, "muscles": config.physics.model_dump(mode="json")}
    return config.loads.model_dump(mode="json") | physics


def measured(job: Job, frames: int, repeats: int, say: Callable[[str], None]) -> dict:
    """Times per frame and of the start by engine, and agreement with the tools, on the first frames of a trial."""
    numbers = job.quality_of("ingest").numbers
    motion = read_sto(job.product("loads", "") / "coordinates.mot")
    time_s = motion.time_s[motion.time_s >= numbers["window_s"][0] - 1e-6]
    rounds: dict[str, list] = {engine: [] for engine in ENGINES}
    found = {}
    for engine in ENGINES:
        solver(job, engine, spans_of("tools", time_s, frames)[0])()  # Compiles what is compiled, warms the rest.
    for number in range(repeats):
        for engine in ENGINES:
            say(f"{job.where}: {engine}, round {number + 1} of {repeats}")
            runs = []
            for spans in spans_of(engine, time_s, frames):
                (result, _), run = _solved(job, engine, spans)
                runs.append(run)
            rounds[engine].append(steady(*runs))
            found[engine] = {name: _first(table, frames) for name, table in result.items()}
    say(f"{job.where}: tools at their tightest")
    tight, unsolved = solver(job, "tools", spans_of("tools", time_s, frames)[1], convergence=1e-6)()
    weight_n, family = body_weight_n(job.participant.mass_kg), job.model_source.family
    times = {
        engine: {"s_per_frame": medians([row for row, _ in pairs]), "start_s": float(np.median([s for _, s in pairs]))}
        for engine, pairs in rounds.items()
    }
    times["compiled"]["s_per_frame"] |= kernels_alone(job, repeats)
    return {
        "times": times,
        "agreement": {
            f"{engine} against tools at {convergence}": agreement(found[engine], theirs, family, weight_n)
            for engine in ("api", "compiled")
            for convergence, theirs in (("3e-5", found["tools"]), ("1e-6", tight))
        }
        | {"tools at 3e-5 against tools at 1e-6": agreement(found["tools"], tight, family, weight_n)},
        "unsolved_at_1e-6_s": unsolved,
        "rounds": {engine: [row | {"start": start} for row, start in pairs] for engine, pairs in rounds.items()},
    }


def _solved(job: Job, engine: str, spans: list) -> tuple[tuple, Run]:
    call = solver(job, engine, spans)
    run, result = timed(call, 0, PARTS[engine])
    return result, Run(len(result[0]["muscle_forces"].time_s), run.seconds)


def _first(table: Table, frames: int) -> Table:
    return Table(table.names, table.time_s[:frames], table.values[:frames])


def kernels_alone(job: Job, repeats: int) -> dict[str, float]:
    """Processor time per frame of the parts of the one kernel that can be called by themselves (s)."""
    folder = job.product("loads", "")
    mechanism = export_mechanism(folder / "actuated.osim")
    time_s, q = compiled.coordinates_of(folder / "coordinates.mot", mechanism, job.where)
    u, everyone = derivative(q, time_s), np.ones(len(mechanism.muscle_names), dtype=bool)
    length, speed, _ = muscle_geometry(mechanism, q, u, balanced=False)
    calls = {
        "– paths and moment arms": lambda: muscle_geometry(mechanism, q, u, balanced=False),
        "– capacities": lambda: capacities(
            mechanism.muscles, length, speed, true_pennation=False, force_velocity=everyone
        ),
    }
    for call in calls.values():
        call()
    rounds = [
        {name: timed(call, len(q), {})[0].seconds[WHOLE] / len(q) for name, call in calls.items()}
        for _ in range(10 * repeats)
    ]
    return medians(rounds)


def agreement(ours: Mapping[str, Table], theirs: Mapping[str, Table], family: Family, weight_n: float) -> dict:
    """Greatest and root mean square differences of forces in body weights."""

    def in_both(column: Callable[[Mapping[str, Table]], np.ndarray]) -> dict[str, float]:
        return tables.differences(column(ours) / weight_n, column(theirs) / weight_n)

    compared = {
        group: in_both(lambda found, group=group: _sums(found["muscle_forces"], family, group))
        for group in ("achilles_tendon", "patellar_tendon")
    }
    for joint in family.reactions:
        compared[f"{joint} contact"] = in_both(lambda found, joint=joint: _contact(found, family, joint))
    names = theirs["muscle_forces"].names
    compared["any muscle"] = in_both(
        lambda found: np.stack([found["muscle_forces"].column(name) for name in names], axis=1)
    )
    return compared


def _sums(forces: Table, family: Family, group: str) -> np.ndarray:
    return np.stack([sum(forces.column(name) for name in family.muscles(group, side)) for side in SIDES])


def _contact(found: Mapping[str, Table], family: Family, joint: str) -> np.ndarray:
    stems = [f"{one.joint}_on_{one.body}_in_{one.body}_f" for one in (family.reaction(joint, side) for side in SIDES)]
    return np.stack([found["joint_reactions"].column(f"{stem}{axis}") for stem in stems for axis in "xyz"])


def end_to_end(results: Path, repeats: int, say: Callable[[str], None]) -> dict:
    """Kinematics and loads of a whole trial as the workflow runs them: the first of a shard, and one more (s, clock).

    The tools are run once: they take as long as everything else here, and start anew for every trial.
    """
    found: dict[str, list] = {engine: [] for engine in ENGINES}
    for number in range(repeats):
        for engine in ENGINES:
            if engine == "tools" and number:
                continue
            say(f"a whole trial, {engine}, round {number + 1} of {repeats}")
            job = prepared(CASES[-1], results, upto="kinematics", engine=engine)
            found[engine].append(_stages(job, trials=1 if engine == "tools" else 2))
    return {engine: medians(rows) for engine, rows in found.items()}


def _stages(job: Job, *, trials: int) -> dict[str, float]:
    used = {}
    for stage in (kinematics, loads):
        # Jobs of a workflow share no interpreter with each other.
        with mock.patch.object(process, "_shared", []):
            clock_s = [_clock_s(stage, job) for _ in range(trials)]
        used |= {f"{stage.NAME}, first": clock_s[0], f"{stage.NAME}, further": clock_s[-1]}
    return used


def _clock_s(stage: ModuleType, job: Job) -> float:
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        stage.run(job, Path(folder))
        return time.perf_counter() - begun


def scaling(job: Job, repeats: int, say: Callable[[str], None]) -> dict:
    """Two processes at once against one, and what a process needs; `TRIAL_FRAMES` frames each, the tools 45."""
    found = {}
    for engine in ENGINES:
        with tempfile.TemporaryDirectory() as folder:
            requests = [_request(job, engine, Path(folder, str(copy))) for copy in range(2)]
            rounds = []
            for number in range(repeats if engine != "tools" else 1):
                say(f"processes, {engine}, round {number + 1}")
                alone_s, (alone,) = processes(solve_loads, requests[:1])
                row = {"alone, clock": alone_s, "alone, processor": alone.processor_s, "peak_mb": alone.peak_mb}
                if engine != "tools":
                    both_s, both = processes(solve_loads, requests)
                    row |= {"both, clock": both_s, "throughput, clock": 2 * alone_s / both_s}
                    row["throughput, processor"] = 2 * alone.processor_s / max(usage.processor_s for usage in both)
                rounds.append(row)
            found[engine] = medians(rounds)
    return found


def _request(job: Job, engine: str, folder: Path) -> dict:
    shutil.copytree(job.product("loads", ""), folder)
    (start_s, end_s), rate_hz = (
        job.quality_of("ingest").numbers["window_s"],
        read_foot_forces(folder / "forces.mot").rate_hz,
    )
    frames = round((end_s - start_s) * rate_hz)
    if engine == "tools":
        spans = [(start_s, start_s + 44 / rate_hz)]
    else:
        spans = [(start_s, start_s + (frames - 1) / rate_hz)] * -(-TRIAL_FRAMES // frames)
    return {
        "engine": engine,
        "model": str(job.product("scale", ".osim").resolve()),
        "family": str(job.model_source.family_path.resolve()),
        "folder": str(folder),
        "spans_s": spans,
        "settings": settings_of(job),
        "where": job.where,
    }


def main() -> None:
    """Measure and write."""
    with measuring("loads", __doc__) as (chosen, say):
        results = chosen.results.resolve()
        jobs = {case.name: prepared(case, results, engine="compiled") for case in CASES}
        # OpenSim's tools leave files where they run.
        with tempfile.TemporaryDirectory(prefix="gaitload-") as folder, chdir(folder):
            cases = {name: measured(job, chosen.frames, chosen.repeats, say) for name, job in jobs.items()}
        found = {
            "repeats": chosen.repeats,
            "cases": cases,
            "processes": scaling(jobs[CASES[-1].name], chosen.repeats, say),
            "end to end": end_to_end(results, chosen.repeats, say),
            "machine": tables.machine(),
        }
        tables.write("loads", found, report(found), chosen.out)


if __name__ == "__main__":
    main()
