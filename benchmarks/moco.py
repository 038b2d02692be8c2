"""Muscle forces and contact of one stance beside OpenSim Moco, which solves activation and tendon dynamics over time.

`python -m benchmarks.moco` writes docs/benchmarks/moco.json and moco.md; Moco takes ten minutes or more.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from benchmarks import tables
from benchmarks.loads import settings_of
from benchmarks.moco_problem import solved, tensions_n
from benchmarks.trials import Case, prepared
from gaitload.conventions import SIDES, body_weight_n
from gaitload.io.forces import read_foot_forces
from gaitload.io.sto import read_sto
from gaitload.mechanics.muscle_loads import reactions_of
from gaitload.opensim.engines import compiled
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.label_modes import physics_of
from gaitload.signals.derivatives import derivative
from gaitload.stages.job import Job

CASE, SIDE, STANCE_S = Case("rajagopal2016", "walker", "walk", 0.45, 1.90), "l", (0.84, 1.58)
"""The only whole stance of the walk during which every foot on the floor is on a plate."""
MESH_S = 0.04
JOINTS = ("ankle", "knee", "hip")
GROUPS = ("achilles_tendon", "patellar_tendon", "gastrocnemius", "hamstrings")
_SENTENCE = (
    "Left stance of the walk of `rajagopal2016` ({start:g} to {end:g} s), ours beside MocoInverse (mesh of {mesh:g} s, "
    "convergence 1e-3), in body weights: same model, filtered motion, forces and weights of sharing; OpenSim's "
    "own paths. Moco minimises squared excitations over the whole stance, with activation dynamics (15 ms up, 60 ms "
    "down), implicit tendon dynamics and muscles of De Groote et al. 2016, whose curves are not those of Millard et "
    "al. 2013. Ours solves every instant by itself, with fibre velocities from differences."
)


def compared(job: Job, theirs: dict[str, np.ndarray], at_s: np.ndarray) -> dict[str, dict[str, float]]:
    """Ours less theirs by muscle, group and joint: `rms_bw`, `max_bw`, `r`, and either peak (BW).

    Parameters
    ----------
    theirs
        Muscle -> tendon force (N) at the times `at_s`, shape (T,).
    """
    folder, family = job.product("loads", ""), job.model_source.family
    mechanism, settings = export_mechanism(folder / "actuated.osim"), settings_of(job)
    physics = physics_of(settings["label_mode"], settings["muscles"], family)
    time_s, q = compiled.coordinates_of(folder / "coordinates.mot", mechanism, job.where)
    forces, u = read_foot_forces(folder / "forces.mot"), derivative(q, time_s)
    inside = (time_s >= at_s[0] - 1e-6) & (time_s <= at_s[-1] + 1e-6)
    rows = np.searchsorted(forces.time_s, time_s[inside] - 0.5 / forces.rate_hz)
    motion = q[inside], u[inside], derivative(u, time_s)[inside]
    given = {
        "load_bodies": np.array([mechanism.bodies.index(family.foot(side)) for side in SIDES]),
        "loads": np.concatenate([forces.force_ground_n, forces.moment_ground_nm], axis=2)[rows],
        "physics": physics,
    }
    ours = read_sto(folder / "muscle_forces.sto")
    ours_n = np.stack([np.interp(time_s[inside], ours.time_s, ours.column(n)) for n in mechanism.muscle_names], axis=1)
    theirs_n = ours_n.copy()
    for name, force_n in theirs.items():
        theirs_n[:, mechanism.muscle_names.index(name)] = np.interp(time_s[inside], at_s, force_n)
    weight_n = body_weight_n(job.participant.mass_kg)
    found = {name: _differ(ours_n, theirs_n, [mechanism.muscle_names.index(name)], weight_n) for name in theirs}
    for group in GROUPS:
        members = [mechanism.muscle_names.index(name) for name in family.muscles(group, SIDE)]
        found[group.replace("_", " ")] = _differ(ours_n, theirs_n, members, weight_n)
    reactions = [reactions_of(mechanism, *motion, tension_n=tension, **given) for tension in (ours_n, theirs_n)]
    for joint in JOINTS:
        place = mechanism.joints.index(family.reaction(joint, SIDE).joint)
        norms = [np.linalg.norm(one[:, place, :3], axis=1)[:, None] for one in reactions]
        found[f"{joint} contact"] = _differ(*norms, [0], weight_n)
    return found


def _differ(ours: np.ndarray, theirs: np.ndarray, columns: list[int], weight_n: float) -> dict[str, float]:
    here, there = (values[:, columns].sum(axis=1) / weight_n for values in (ours, theirs))
    moves = min(here.std(), there.std()) > 1e-6
    return {
        "rms_bw": float(np.sqrt(np.mean((here - there) ** 2))),
        "max_bw": float(np.abs(here - there).max()),
        "r": float(np.corrcoef(here, there)[0, 1]) if moves else 0.0,
        "peak_ours_bw": float(here.max()),
        "peak_theirs_bw": float(there.max()),
    }


def report(found: dict) -> str:
    """The Markdown text of what was compared."""
    sums = [*(group.replace("_", " ") for group in GROUPS), *(f"{joint} contact" for joint in JOINTS)]
    muscles = sorted(
        (name for name in found["compared"] if name not in sums),
        key=lambda name: -found["compared"][name]["peak_theirs_bw"],
    )
    rows = [
        [
            name,
            *(
                f"{found['compared'][name][key]:.2f}"
                for key in ("peak_ours_bw", "peak_theirs_bw", "rms_bw", "max_bw", "r")
            ),
        ]
        for name in [*sums, *muscles]
    ]
    sentence = _SENTENCE.format(start=STANCE_S[0], end=STANCE_S[1], mesh=found["mesh_s"])
    columns = ["force", "peak, ours", "peak, Moco", "root mean square difference", "greatest", "r"]
    return tables.document("Loads beside Moco", found["machine"], [(sentence, tables.table(columns, rows))])


def main() -> None:
    """Solve, compare and write."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--mesh", type=float, default=MESH_S, help="mesh interval of Moco (s)")
    options.add_argument("--solution", type=Path, help="a solution of Moco's that was written before")
    options.add_argument("--results", type=Path, default=Path("results/moco"), help="where trials are kept")
    options.add_argument("--out", type=Path, default=tables.FOLDER, help="folder of the tables")
    chosen = options.parse_args()
    job = prepared(
        CASE,
        chosen.results.resolve(),
        engine="compiled",
        label_mode="physical",
        muscles={"balanced_paths": False},
    )
    solution = chosen.solution or solved(job, SIDE, STANCE_S, chosen.mesh)
    at_s, theirs = tensions_n(job, SIDE, solution)
    found = {"mesh_s": chosen.mesh, "compared": compared(job, theirs, at_s), "machine": tables.machine()}
    tables.write("moco", found, report(found), chosen.out)


if __name__ == "__main__":
    main()
