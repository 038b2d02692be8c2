"""Inverse dynamics by OpenSim's own tool."""

from __future__ import annotations

from pathlib import Path

import opensim

from gaitload.io.sto import Table, read_sto
from gaitload.opensim.tools.analysis import require_success


def inverse_dynamics(
    *, model: str, coordinates_mot: str, external_loads: str, start_s: float, end_s: float, where: str
) -> Table:
    """Generalized forces that the motion and the external loads demand.

    Coordinates and forces are taken as they are: filter them before.

    Returns
    -------
    Table
        One column per coordinate (N or N m); forces of muscles and actuators excluded.

    Raises
    ------
    SolverError
        The tool reports failure.
    """
    tool = opensim.InverseDynamicsTool()
    tool.setName("inverse_dynamics")
    tool.setModelFileName(model)
    tool.setCoordinatesFileName(coordinates_mot)
    tool.setLowpassCutoffFrequency(-1)
    tool.setExternalLoadsFileName(external_loads)
    tool.setStartTime(start_s)
    tool.setEndTime(end_s)
    tool.setResultsDir(".")
    tool.setOutputGenForceFileName("inverse_dynamics.sto")
    excluded = opensim.ArrayStr()
    for group in ("Muscles", "Actuators"):
        excluded.append(group)
    tool.setExcludedForces(excluded)
    require_success(tool.run(), "inverse dynamics", "ID_FAILED", where)
    table = read_sto(Path("inverse_dynamics.sto"))
    names = tuple(name.removesuffix("_moment").removesuffix("_force") for name in table.names)
    return Table(names=names, time_s=table.time_s, values=table.values, in_degrees=False)
