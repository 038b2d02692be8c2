"""The redundancy of the muscles, solved by OpenSim's own static optimization."""

from __future__ import annotations

import re
from pathlib import Path

import opensim

from gaitload.io.sto import Table, read_sto
from gaitload.opensim.tools.analysis import run_analysis


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


def _unsolved(log: Path) -> list[float]:
    times = re.findall(r"could not find a solution at time = ([-+.\deE]+?)\.?\s", log.read_text(errors="replace"))
    return [float(time) for time in times]
