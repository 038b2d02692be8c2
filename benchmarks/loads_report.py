"""The Markdown text of what `benchmarks.loads` measured."""

from __future__ import annotations

from benchmarks import tables
from benchmarks.timing import WHOLE
from gaitload.stages import kinematics, loads

SO_JR = ("static optimization", "joint reactions")
"""What the engines are compared with."""


def report(found: dict) -> str:
    """The Markdown text of everything that was measured."""
    sections = [
        (
            "Steady cost in label mode `opensim`: processor time of a long less a short span over their difference in "
            "frames, so that the start cancels; median of interleaved rounds. For the tools, static optimization (at "
            "its default convergence, 3e-5) and joint reactions; for engines everything, inverse dynamics included.",
            _speed(found["cases"]),
        ),
        (
            "A trial of 150 frames through the stages kinematics and loads, processes, files and all, by the clock: "
            "the first of a shard, which starts an interpreter for each stage, and any further one.",
            _whole_trial(found["end to end"]),
        ),
        (
            "One process and two at once, 30 s at 100 Hz each with its files (the tools: 45 frames, alone). By the "
            "clock, other work on the machine counts; by processor time, only what two take from each other.",
            _two_processes(found["processes"]),
        ),
        (
            "Where the time of a frame goes (ms). What is in no part is files and Python; what begins with a dash was "
            "measured by itself.",
            _split(found["cases"]),
        ),
        (
            "Agreement: largest / root mean square difference in body weights, both sides.",
            _agreement(found["cases"]),
        ),
    ]
    return tables.document("Loads: engines beside OpenSim's tools", found["machine"], sections)


def _speed(cases: dict) -> str:
    rows = []
    for name, case in cases.items():
        per_frame = {engine: times["s_per_frame"] for engine, times in case["times"].items()}
        theirs = sum(per_frame["tools"][part] for part in SO_JR)
        for engine, parts in per_frame.items():
            own = theirs if engine == "tools" else parts[WHOLE]
            rows.append([name, engine, own * 1e3, theirs / own, case["times"][engine]["start_s"]])
    return tables.table(["trial", "engine", "ms a frame", "times the tools", "start (s)"], rows)


def _whole_trial(engines: dict) -> str:
    columns = [f"{stage.NAME}, {trial}" for trial in ("first", "further") for stage in (kinematics, loads)]
    rows = []
    for engine, seconds in engines.items():
        both = [sum(seconds[column] for column in columns[start : start + 2]) for start in (0, 2)]
        theirs = sum(engines["tools"][column] for column in columns[:2])
        rows.append([engine, *(seconds[column] for column in columns), *(theirs / ours for ours in both)])
    names = ["engine", *(f"{column} (s)" for column in columns), "times the tools, first", "further"]
    return tables.table(names, rows)


def _two_processes(engines: dict) -> str:
    columns = (
        "alone, clock",
        "alone, processor",
        "both, clock",
        "throughput, clock",
        "throughput, processor",
        "peak_mb",
    )
    rows = [[name, *(row.get(column) for column in columns)] for name, row in engines.items()]
    names = ["one (s)", "its processor (s)", "two (s)", "throughput of two (clock)", "(processor)", "peak memory (MB)"]
    return tables.table(["engine", *names], rows)


def _split(cases: dict) -> str:
    first_case = next(iter(cases.values()))
    rows = [
        [engine, "all" if part == WHOLE else part]
        + [case["times"][engine]["s_per_frame"][part] * 1e3 for case in cases.values()]
        for engine, times in first_case["times"].items()
        for part in times["s_per_frame"]
    ]
    return tables.table(["engine", "part", *cases], rows)


def _agreement(cases: dict) -> str:
    rows = [
        [name, pair, *(f"{tables.figures(value['max'])} / {tables.figures(value['rms'])}" for value in forces.values())]
        for name, case in cases.items()
        for pair, forces in case["agreement"].items()
    ]
    forces = next(iter(next(iter(cases.values()))["agreement"].values()))
    return tables.table(["trial", "compared", *(force.replace("_", " ") for force in forces)], rows)
