"""Everything between joint angles and joint loads of a trial."""

from __future__ import annotations

from pathlib import Path

from gaitload.io.sto import write_sto
from gaitload.models.family import load_family
from gaitload.opensim.actuation import write_actuated_model
from gaitload.opensim.residual_reduction import adjust_masses
from gaitload.registry import modules_of


def solve_loads(
    *,
    engine: str,
    model: str,
    family: str,
    folder: str,
    spans_s: list[tuple[float, float]],
    known_s: list[tuple[float, float]],
    settings: dict,
    where: str,
) -> dict:
    """Inverse dynamics, muscle forces and joint reactions of one trial.

    Parameters
    ----------
    engine
        Name of a module in `gaitload.opensim.engines`.
    model, family
        Scaled model and `family.yaml`.
    folder
        Holds `coordinates.mot`, `forces.mot` and `external_loads.xml` (all filtered already); gets `actuated.osim` and
        one `.sto` per table of the engine.
    spans_s
        `(start, end)` of the parts that are solved, end included, in order.
    known_s
        `(start, end)` of those in which the forces and the pose of both legs are known; masses are adjusted to these.
    settings
        Fields of `gaitload.config.motion.Loads`.

    Returns
    -------
    dict
        `unsolved_s`: times at which the muscles' redundancy was not solved; with `residual_reduction` bounded, that
        entry of `gaitload.opensim.residual_reduction.adjust_masses`.
    """
    names, place = load_family(Path(family)), Path(folder)
    actuated = str(place / "actuated.osim")
    write_actuated_model(
        model=model,
        family=names,
        reserve_optimal_nm=settings["reserve_optimal_nm"],
        residual_optimal_n=settings["residual_optimal_n"],
        residual_optimal_nm=settings["residual_optimal_nm"],
        output=actuated,
    )
    reduced = {}
    if settings["residual_reduction"] == "bounded":
        adjusted = adjust_masses(Path(actuated), names, place, known_s, settings=settings, where=where)
        reduced = {"residual_reduction": adjusted}
    solve = modules_of("gaitload.opensim.engines", required=("solve",))[engine].solve
    tables, unsolved_s = solve(
        model=actuated, family=names, folder=place, spans_s=spans_s, settings=settings, where=where
    )
    for name, table in tables.items():
        write_sto(place / f"{name}.sto", table, name=name, in_degrees=False)
    return {"unsolved_s": unsolved_s} | reduced
