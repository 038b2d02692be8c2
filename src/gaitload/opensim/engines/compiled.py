"""Compiled kernels over frames: the model is written as plain arrays once, and OpenSim is not asked again.

A model with a feature that the kernels do not know is solved by the engine `api`, which is said in the log.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gaitload.conventions import SIDES
from gaitload.errors import ConfigError, DataError
from gaitload.io.forces import read_foot_forces
from gaitload.io.sto import Table, read_sto
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.freedom import Freedom, free_columns
from gaitload.mechanics.muscle_loads import SIMBODY_BIAS, MotionLoads, solve_motion
from gaitload.mechanics.newton_euler import inverse_dynamics
from gaitload.mechanics.physics import Physics
from gaitload.mechanics.sharing import Followed
from gaitload.models.family import Family
from gaitload.opensim.actuation import RESERVE
from gaitload.opensim.engines import api
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.export_features import CODE
from gaitload.opensim.label_modes import physics_of
from gaitload.opensim.model import unsupported
from gaitload.signals.derivatives import derivative
from gaitload.trial import FootForces

AXES = ("fx", "fy", "fz", "mx", "my", "mz")


def solve(
    *,
    model: str,
    family: Family,
    folder: Path,
    spans_s: list[tuple[float, float]],
    settings: dict,
    where: str,
) -> tuple[dict[str, Table], list[float]]:
    """Solve all frames at once; see `gaitload.opensim.engines`."""
    try:
        mechanism = export_mechanism(model)
    except ConfigError as error:
        if error.code != CODE:
            raise
        print(f"engine compiled: {error.found} in {model}; solved by engine api instead")
        return api.solve(model=model, family=family, folder=folder, spans_s=spans_s, settings=settings, where=where)
    time_s, q = coordinates_of(folder / "coordinates.mot", mechanism, where)
    forces = read_foot_forces(folder / "forces.mot")
    exponent = settings["activation_exponent"]
    physics = physics_of(settings["label_mode"], settings["muscles"], family, exponent=exponent)
    return solve_arrays(mechanism, family, time_s, q, forces, spans_s=spans_s, physics=physics, where=where)


def solve_arrays(
    mechanism: Mechanism,
    family: Family,
    time_s: np.ndarray,
    q: np.ndarray,
    forces: FootForces,
    *,
    spans_s: list[tuple[float, float]],
    physics: Physics,
    where: str,
    followed: Followed | None = None,
) -> tuple[dict[str, Table], list[float]]:
    """Tables of an engine, and the times left unsolved, of a filtered motion; see `gaitload.opensim.engines`.

    Parameters
    ----------
    time_s, q : ndarray, shapes (T,), (T, C)
        rad and m.
    forces
        Filtered; their times include those of the spans.
    followed
        Activations by electromyograms, at `time_s`.

    Raises
    ------
    ConfigError
        ENGINE_UNSUPPORTED: a free coordinate has not exactly one actuator.
    """
    freedom = free_columns(mechanism)
    actuators = actuators_of(mechanism, freedom, where)
    u = derivative(q, time_s)
    half_s = 0.5 / forces.rate_hz
    spans = [np.flatnonzero((time_s >= start - half_s) & (time_s <= end + half_s)) for start, end in spans_s]
    frames = np.concatenate(spans)
    load = foot_loads(mechanism, family, forces, time_s[frames])
    # The inverse dynamics tool differentiates angles twice, static optimization speeds once.
    of_angles, of_speeds = derivative(q, time_s, order=2)[frames], derivative(u, time_s)[frames]
    optimal = mechanism.actuator_optimal[actuators]
    chosen = {"optimal": optimal, "physics": physics, "time_s": time_s[frames]}
    if followed is not None:
        chosen["followed"] = Followed(followed.wanted[frames], followed.pull[frames])
    loads = solve_motion(mechanism, q[frames], u[frames], of_speeds, **load, **chosen)
    moments = inverse_dynamics(mechanism, q[frames], u[frames], of_angles, **load, simbody_bias=SIMBODY_BIAS)
    tables = _tables(mechanism, family, actuators, loads, moments, time_s[frames])
    return tables, time_s[frames][~loads.solved].tolist()


def foot_loads(mechanism: Mechanism, family: Family, forces: FootForces, time_s: np.ndarray) -> dict[str, np.ndarray]:
    """External loads of `gaitload.mechanics.newton_euler.inverse_dynamics`: wrenches of the plates on the feet.

    Parameters
    ----------
    time_s
        Shape (T,), within the times of the forces.
    """
    rows = np.searchsorted(forces.time_s, time_s - 0.5 / forces.rate_hz)
    return {
        "load_bodies": np.array([mechanism.bodies.index(family.foot(side)) for side in SIDES]),
        "loads": np.concatenate([forces.force_ground_n, forces.moment_ground_nm], axis=2)[rows],
    }


def coordinates_of(path: Path, mechanism: Mechanism, where: str) -> tuple[np.ndarray, np.ndarray]:
    """Times (s), shape (T,), and all coordinates, shape (T, C), rad and m; followers follow, locked ones stay.

    Raises
    ------
    DataError
        STO_NAMES: a coordinate that is neither locked nor follows another has no column.
    """
    table, coordinates = read_sto(path), mechanism.coordinates
    q = np.tile(coordinates.default, (len(table.time_s), 1))
    for index, name in enumerate(mechanism.coordinate_names):
        if coordinates.locked[index] or coordinates.leader[index] != index:
            continue
        if name not in table.names:
            raise DataError(
                expected="a column for every coordinate of the model",
                found=f"no {name}",
                where=f"{where}, {path.name}",
                do="Solve inverse kinematics with this model again.",
                code="STO_NAMES",
            )
        in_degrees = table.in_degrees and coordinates.rotational[index]
        q[:, index] = np.radians(table.column(name)) if in_degrees else table.column(name)
    return table.time_s, coordinates.slope * q[:, coordinates.leader] + coordinates.intercept


def actuators_of(mechanism: Mechanism, freedom: Freedom, where: str) -> np.ndarray:
    """Actuator of each free coordinate, shape (F,).

    Raises
    ------
    ConfigError
        ENGINE_UNSUPPORTED: a free coordinate has not exactly one.
    """
    found = [np.flatnonzero(mechanism.actuator_coordinate == coordinate) for coordinate in freedom.coordinate]
    for coordinate, own in zip(freedom.coordinate, found, strict=True):
        if len(own) != 1:
            name = mechanism.coordinate_names[coordinate]
            raise unsupported("one coordinate actuator for each free coordinate", f"{len(own)} for {name}", where)
    return np.concatenate(found)


def _tables(
    mechanism: Mechanism,
    family: Family,
    actuators: np.ndarray,
    loads: MotionLoads,
    moments: np.ndarray,
    time_s: np.ndarray,
) -> dict[str, Table]:
    names = mechanism.actuator_names
    # Actuators of locked coordinates do nothing.
    actuation = np.zeros((len(time_s), len(names)))
    actuation[:, actuators] = loads.reserves
    is_reserve = np.array([name.startswith(RESERVE) for name in names])
    reactions = [family.reaction(joint, side) for joint in family.reactions for side in SIDES]
    joints = [mechanism.joints.index(reaction.joint) for reaction in reactions]
    on_children = tuple(f"{one.joint}_on_{one.body}_in_{one.body}_{axis}" for one in reactions for axis in AXES)
    columns = {
        "inverse_dynamics": (mechanism.coordinate_names, moments),
        "muscle_forces": (mechanism.muscle_names, loads.tendon_forces_n),
        "passive_forces": (mechanism.muscle_names, loads.passive_forces_n),
        "activations": (mechanism.muscle_names, loads.activations),
        "reserves": (
            tuple(name.removeprefix(RESERVE) for name in names if name.startswith(RESERVE)),
            actuation[:, is_reserve],
        ),
        "actuators": (
            tuple(name for name in names if not name.startswith(RESERVE)),
            actuation[:, ~is_reserve],
        ),
        "joint_reactions": (on_children, loads.reactions[:, joints].reshape(len(time_s), -1)),
        "joint_resultants": (on_children, loads.resultants[:, joints].reshape(len(time_s), -1)),
    }
    return {name: Table(tuple(of), time_s, values) for name, (of, values) in columns.items()}
