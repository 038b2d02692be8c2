"""The redundancy of the muscles, solved by OpenSim's own static optimization."""

from __future__ import annotations

import re
from pathlib import Path

import opensim

from gaitload.errors import SolverError
from gaitload.io.sto import Table, read_sto
from gaitload.models.family import Family
from gaitload.opensim.model import free_coordinates, open_model

RESERVE = "reserve_"
"""Prefix of the coordinate actuators that take over what the muscles cannot."""

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
    for name in free:
        if name in actuated:
            continue
        actuator = opensim.CoordinateActuator(name)
        actuator.setName(f"{RESERVE}{name}")
        actuator.setOptimalForce(optimal[name])
        _free(actuator)
        body.addForce(actuator)
    body.finalizeConnections()
    body.printToXML(output)


def static_optimization(
    *,
    model: str,
    coordinates_mot: str,
    external_loads: str,
    start_s: float,
    end_s: float,
    activation_exponent: float,
    convergence: float,
    max_iterations: int,
    where: str,
) -> tuple[Table, Table, list[float]]:
    """Muscle forces and activations of least cost, frame by frame.

    Returns
    -------
    forces : Table
        Tendon forces of muscles (N); forces of coordinate actuators (N or N m).
    activations : Table
        Of muscles; controls of coordinate actuators.
    unsolved_s : list of float
        Times at which the optimizer found no solution.

    Raises
    ------
    SolverError
        The tool reports failure.
    """
    analysis = opensim.StaticOptimization()
    analysis.setName("muscles")
    analysis.setStartTime(start_s)
    analysis.setEndTime(end_s)
    analysis.setStepInterval(1)
    analysis.setUseModelForceSet(True)
    analysis.setUseMusclePhysiology(True)
    analysis.setActivationExponent(activation_exponent)
    analysis.setConvergenceCriterion(convergence)
    analysis.setMaxIterations(max_iterations)
    opensim.Logger.setLevelString("warn")  # Unsolved frames are told in the log alone.
    run_analysis(
        analysis,
        model=model,
        coordinates_mot=coordinates_mot,
        external_loads=external_loads,
        start_s=start_s,
        end_s=end_s,
        where=where,
    )
    opensim.Logger.setLevelString("error")
    forces, activations = (read_sto(Path(f"gaitload_muscles_{kind}.sto")) for kind in ("force", "activation"))
    return forces, activations, _unsolved(Path("opensim.log"))


def run_analysis(
    analysis: opensim.Analysis,
    *,
    model: str,
    coordinates_mot: str,
    external_loads: str,
    start_s: float,
    end_s: float,
    where: str,
) -> None:
    """Run one analysis over a motion; its files land in the working directory, named `gaitload_...`.

    The tool is written out and read back: handed over in memory it ignores part of its settings.
    """
    tool = opensim.AnalyzeTool()
    tool.setName("gaitload")
    tool.setModelFilename(model)
    tool.setCoordinatesFileName(coordinates_mot)
    tool.setExternalLoadsFileName(external_loads)
    tool.setLowpassCutoffFrequency(-1)
    tool.setInitialTime(start_s)
    tool.setFinalTime(end_s)
    tool.setResultsDir(".")
    tool.setOutputPrecision(16)
    tool.setSolveForEquilibrium(False)
    tool.updAnalysisSet().cloneAndAppend(analysis)
    tool.printToXML("analyze.xml")
    if not opensim.AnalyzeTool("analyze.xml").run():
        raise SolverError(
            expected=f"{analysis.getConcreteClassName()} to finish",
            found="OpenSim's tool reports failure",
            where=where,
            do="See the log beside this trial.",
            code="ANALYSIS_FAILED",
        )


def _free(actuator: opensim.CoordinateActuator) -> None:
    actuator.setMinControl(-CONTROL_LIMIT)
    actuator.setMaxControl(CONTROL_LIMIT)


def _unsolved(log: Path) -> list[float]:
    times = re.findall(r"could not find a solution at time = ([-+.\deE]+?)\.?\s", log.read_text(errors="replace"))
    return [float(time) for time in times]
