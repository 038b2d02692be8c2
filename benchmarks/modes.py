"""What the ways that muscles pull cost a frame, and whether engines agree in label mode physical.

`python -m benchmarks.modes` writes docs/benchmarks/modes.json and modes.md.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import chdir
from dataclasses import dataclass

from benchmarks import tables
from benchmarks.command import measuring
from benchmarks.loads import agreement, settings_of, solver
from benchmarks.timing import WHOLE, Run, steady, timed
from benchmarks.trials import CASES, prepared
from gaitload.conventions import body_weight_n
from gaitload.io.forces import read_foot_forces
from gaitload.opensim.engines import compiled
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.label_modes import physics_of
from gaitload.stages.job import Job

MODES = {
    "`opensim`": {"label_mode": "opensim"},
    "`physical`, rigid tendons": {"label_mode": "physical", "muscles": {"tendons": "rigid"}},
    "`physical`, elastic tendons, fibres at rest": {"label_mode": "physical", "muscles": {"fibre_velocity": False}},
    "`physical`, elastic tendons (default)": {"label_mode": "physical"},
}
RIGID = list(MODES)[1]
SHARINGS = ("activation", "volume", "fibre_share", "mean_stress")
SHORT_S = 0.2
"""Length of the short span."""
CALLS = 20
"""Calls of a round: a motion takes some 20 ms."""
_COST = (
    "Processor time a frame of engine `compiled`: of a whole motion less its first {short:g} s over their difference "
    "in frames; least of {rounds} rounds, as other work on the machine only adds. Loads without kinematics, which cost "
    "the same in every mode. Target: elastic tendons cost at most 3 times rigid ones."
)
_AGREEMENT = (
    "Engines `api` and `compiled` in label mode `physical` with rigid tendons, by criterion of sharing: largest / root "
    "mean square difference in body weights, both sides. Only `compiled` knows elastic tendons; they are held against "
    "OpenSim's own muscles (docs/benchmarks/moco.md)."
)


@dataclass(frozen=True)
class _Motion:
    """A motion as the kernels take it, and what solves any span of it."""

    time_s: object
    solve: Callable[[list[tuple[float, float]]], object]


def _motion(job: Job) -> _Motion:
    folder, family = job.product("loads", ""), job.model_source.family
    mechanism = export_mechanism(folder / "actuated.osim")
    time_s, q = compiled.coordinates_of(folder / "coordinates.mot", mechanism, job.where)
    forces = read_foot_forces(folder / "forces.mot")
    settings = settings_of(job)
    physics = physics_of(settings["label_mode"], settings["muscles"], family, exponent=settings["activation_exponent"])

    def solve(spans_s: list[tuple[float, float]]) -> object:
        given = mechanism, family, time_s, q, forces
        return compiled.solve_arrays(*given, spans_s=spans_s, physics=physics, where=job.where)

    return _Motion(time_s, solve)


def cost_s(job: Job, repeats: int) -> float:
    """Processor time a frame (s)."""
    window = tuple(job.quality_of("ingest").numbers["window_s"])
    motion = _motion(job)
    spans = [(window[0], window[0] + SHORT_S)], [window]
    frames = [int(((motion.time_s >= a) & (motion.time_s <= b)).sum()) for ((a, b),) in spans]
    for span in spans:
        motion.solve(span)
    least: list[Run] = []
    for span, count in zip(spans, frames, strict=True):
        seconds = [
            timed(lambda span=span: motion.solve(span), count, {})[0].seconds[WHOLE] for _ in range(repeats * CALLS)
        ]
        least.append(Run(count, {WHOLE: min(seconds)}))
    return steady(*least)[0][WHOLE]


def agreements(job: Job, frames: int) -> dict[str, dict]:
    """Differences of `api` and `compiled` by criterion of sharing, over the first frames of the window."""
    start_s, end_s = job.quality_of("ingest").numbers["window_s"]
    span = [(start_s, min(end_s, start_s + frames * 0.01))]
    weight_n, family, found = body_weight_n(job.participant.mass_kg), job.model_source.family, {}
    for sharing in SHARINGS:
        muscles = settings_of(job)["muscles"] | {"sharing": sharing}
        both = [solver(job, engine, span, muscles=muscles)()[0] for engine in ("compiled", "api")]
        found[sharing] = agreement(*both, family, weight_n)
    return found


def report(found: dict) -> str:
    """The Markdown text of everything that was measured."""
    costs = [
        [trial, mode, one * 1e3, one / by_mode[RIGID]]
        for trial, by_mode in found["cost_s"].items()
        for mode, one in by_mode.items()
    ]
    differences = [
        [trial, sharing, *(f"{tables.figures(one['max'])} / {tables.figures(one['rms'])}" for one in forces.values())]
        for trial, by_sharing in found["agreement"].items()
        for sharing, forces in by_sharing.items()
    ]
    forces = next(iter(next(iter(found["agreement"].values())).values()))
    sections = [
        (
            _COST.format(short=SHORT_S, rounds=found["repeats"] * CALLS),
            tables.table(["trial", "mode", "ms a frame", "times rigid tendons"], costs),
        ),
        (_AGREEMENT, tables.table(["trial", "sharing", *(name.replace("_", " ") for name in forces)], differences)),
    ]
    return tables.document("Label mode physical: cost, and agreement of engines", found["machine"], sections)


def main() -> None:
    """Measure and write."""
    with measuring("modes", __doc__) as (chosen, say):
        results, costs, found = chosen.results.resolve(), {}, {}
        # Engines leave files where they run.
        with tempfile.TemporaryDirectory(prefix="gaitload-") as folder, chdir(folder):
            for case in CASES:
                costs[case.name] = {}
                for mode, settings in MODES.items():
                    say(f"{case.name}: {mode}")
                    job = prepared(case, results, engine="compiled", **settings)
                    costs[case.name][mode] = cost_s(job, chosen.repeats)
                    if mode == RIGID:
                        found[case.name] = agreements(job, chosen.frames)
        measured = {"repeats": chosen.repeats, "cost_s": costs, "agreement": found, "machine": tables.machine()}
        tables.write("modes", measured, report(measured), chosen.out)


if __name__ == "__main__":
    main()
