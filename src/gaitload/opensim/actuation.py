"""Actuators for what muscles cannot do, and for what no muscle is modelled."""

from __future__ import annotations

import opensim

from gaitload.models.family import Family
from gaitload.opensim.model import free_coordinates, open_model

RESERVE = "reserve_"
"""Prefix of the coordinate actuators that take over what the muscles cannot."""

SUPPORT_OPTIMAL_NM = 1000.0
"""Optimal moment of the reserve of a coordinate whose joint bears its moment itself: so large that it costs nothing and
muscles do not balance it."""

CONTROL_LIMIT = 1e6
"""Bound of the controls of reserves: far beyond use, so that they are held back by their cost alone."""


def write_actuated_model(
    *,
    model: str,
    family: Family,
    reserve_optimal_nm: float,
    residual_optimal_n: float,
    residual_optimal_nm: float,
    output: str,
) -> None:
    """Give every free coordinate an actuator that takes over what muscles cannot.

    The model's own coordinate actuators (arms and trunk) are kept and freed of their limits. A small optimal force
    makes a reserve expensive: static optimization then uses it only where the muscles are at their end.
    """
    body = open_model(model)
    free = free_coordinates(body, body.initSystem())
    actuated = set()
    for force in body.updForceSet():
        actuator = opensim.CoordinateActuator.safeDownCast(force)
        if actuator is not None:
            actuated.add(actuator.get_coordinate())
            _free(actuator)
    optimal = dict.fromkeys(free, reserve_optimal_nm)
    optimal |= dict.fromkeys(family.residual_forces, residual_optimal_n)
    optimal |= dict.fromkeys(family.residual_moments, residual_optimal_nm)
    # ASSUME: ligaments and the shape of the subtalar joint bear its moment, moving or locked.
    optimal |= dict.fromkeys(family.supported(), SUPPORT_OPTIMAL_NM)
    for name in free:
        if name in actuated:
            continue
        actuator = opensim.CoordinateActuator(name)
        actuator.setName(f"{RESERVE}{name}")
        actuator.setOptimalForce(optimal[name])
        _free(actuator)
        body.updForceSet().cloneAndAppend(actuator)  # Model.addForce goes through the whole model each time.
    body.finalizeConnections()
    body.printToXML(output)


def _free(actuator: opensim.CoordinateActuator) -> None:
    actuator.setMinControl(-CONTROL_LIMIT)
    actuator.setMaxControl(CONTROL_LIMIT)
