"""OpenSim's own tools: inverse dynamics, static optimization and joint reaction analysis, span by span."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from gaitload.conventions import SIDES
from gaitload.io.sto import Table, write_sto
from gaitload.models.family import Family
from gaitload.opensim.actuation import RESERVE
from gaitload.opensim.model import open_model
from gaitload.opensim.tools.contact import joint_reactions
from gaitload.opensim.tools.dynamics import inverse_dynamics
from gaitload.opensim.tools.muscles import static_optimization


def solve(
    *,
    model: str,
    family: Family,
    folder: Path,
    spans_s: list[tuple[float, float]],
    settings: dict,
    where: str,
) -> tuple[dict[str, Table], list[float]]:
    """Run the tools; see `gaitload.opensim.engines`."""
    motion = {
        "model": model,
        "coordinates_mot": str(folder / "coordinates.mot"),
        "external_loads": str(folder / "external_loads.xml"),
        "where": where,
    }
    body = open_model(model)
    muscles = [muscle.getName() for muscle in body.getMuscles()]
    actuators = {actuator.getName(): actuator.getName() for actuator in body.getActuators()}
    joints = [family.reaction(joint, side).joint for joint in family.reactions for side in SIDES]
    parts: dict[str, list[Table]] = {}
    unsolved: list[float] = []
    for start_s, end_s in spans_s:
        span = {**motion, "start_s": start_s, "end_s": end_s}
        forces, activations, failed = static_optimization(
            **span, **{key: settings[key] for key in ("activation_exponent", "convergence", "max_iterations")}
        )
        # External loads stand in the file too; joint reaction analysis must not take columns it has no actuator for.
        forces = _chosen(forces, actuators)
        write_sto(Path("span_forces.sto"), forces, name="forces", in_degrees=False)
        reactions = joint_reactions(**span, forces_sto=str(Path("span_forces.sto").resolve()), joints=joints)
        unsolved += failed
        for name, table in (
            ("inverse_dynamics", inverse_dynamics(**span)),
            ("joint_reactions", reactions),
            *split_by_kind(forces, muscles),
            ("activations", _chosen(activations, {name: name for name in muscles})),
        ):
            parts.setdefault(name, []).append(table)
    return {name: _joined(tables) for name, tables in parts.items()}, sorted(set(unsolved))


def split_by_kind(forces: Table, muscles: list[str]) -> Iterator[tuple[str, Table]]:
    """Forces of muscles, of reserves (named by their coordinates), and of the model's other actuators."""
    reserves = {name: name.removeprefix(RESERVE) for name in forces.names if name.startswith(RESERVE)}
    others = {name: name for name in forces.names if name not in reserves and name not in muscles}
    tensions = _chosen(forces, {name: name for name in muscles})
    yield "muscle_forces", tensions
    # Static optimization knows none.
    yield "passive_forces", replace(tensions, values=np.zeros_like(tensions.values))
    yield "reserves", _chosen(forces, reserves)
    yield "actuators", _chosen(forces, others)


def _chosen(table: Table, names: dict[str, str]) -> Table:
    """Some columns under new names."""
    columns = [table.names.index(name) for name in names]
    return Table(names=tuple(names.values()), time_s=table.time_s, values=table.values[:, columns])


def _joined(tables: list[Table]) -> Table:
    return Table(
        names=tables[0].names,
        time_s=np.concatenate([table.time_s for table in tables]),
        values=np.concatenate([table.values for table in tables]),
        in_degrees=tables[0].in_degrees,
    )
