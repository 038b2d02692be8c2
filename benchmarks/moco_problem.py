"""A stance of one leg as a problem of MocoInverse: least squared excitations, muscles with their dynamics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim

from benchmarks.loads import settings_of
from gaitload.io.sto import read_sto
from gaitload.opensim.label_modes import physics_of
from gaitload.stages.job import Job

LEG = ("hip_", "knee_", "ankle_")
"""Beginnings of the coordinates whose reserves cost what they cost in static optimization; the others cost nothing."""
CONVERGENCE = 1e-3
_FREE = 1e-6
_ACTUATOR_BOUND = 2000.0


def problem_model(job: Job, side: str) -> tuple[opensim.Model, dict[str, float]]:
    """The scaled model with the muscles of one leg as De Groote and Fregly's, and their weights in the cost.

    Coordinates that no marker tracks become welds. Tendons are elastic, and stretch, as in label mode physical.
    """
    folder = job.product("loads", "")
    settings = settings_of(job)["muscles"]
    physics = physics_of("physical", settings, job.model_source.family)
    model = opensim.Model(str(folder / "actuated.osim"))
    model.initSystem()
    forces, weights = model.updForceSet(), {}
    locked = {one.getName() for one in model.getCoordinateSet() if one.getDefaultLocked()}
    for name in [forces.get(index).getName() for index in range(forces.getSize())]:
        muscle = opensim.Millard2012EquilibriumMuscle.safeDownCast(forces.get(name))
        actuator = opensim.CoordinateActuator.safeDownCast(forces.get(name))
        if (muscle and not name.endswith(f"_{side}")) or (actuator and actuator.get_coordinate() in locked):
            forces.remove(forces.getIndex(name))
        elif muscle:
            fiber, tendon = muscle.get_optimal_fiber_length(), muscle.get_tendon_slack_length()
            weights[name] = ((fiber + tendon) / fiber) ** 2
            muscle.set_max_contraction_velocity(physics.velocity_max)
            muscle.set_ignore_tendon_compliance(tendon < fiber)
    reduced = folder / "moco.osim"
    model.printToXML(str(reduced))
    model = opensim.Model(str(reduced))
    model.initSystem()
    processor = opensim.ModelProcessor(model)
    welds = opensim.StdVectorString()
    for joint in model.getJointSet():
        names = [joint.get_coordinates(index).getName() for index in range(joint.numCoordinates())]
        if names and locked.issuperset(names):
            welds.append(joint.getName())
    processor.append(opensim.ModOpReplaceJointsWithWelds(welds))
    processor.append(opensim.ModOpAddExternalLoads(str(folder / "external_loads.xml")))
    processor.append(opensim.ModOpReplaceMusclesWithDeGrooteFregly2016())
    processor.append(opensim.ModOpTendonComplianceDynamicsModeDGF("implicit"))
    ready, strains = processor.process(), dict(physics.tendon_strains)
    for name in weights:
        muscle = opensim.DeGrooteFregly2016Muscle.safeDownCast(ready.updForceSet().get(name))
        muscle.setMinControl(0.0)
        if name in strains:
            muscle.set_tendon_strain_at_one_norm_force(strains[name])
    ready.finalizeConnections()
    return ready, weights


def solved(job: Job, side: str, span_s: tuple[float, float], mesh_s: float) -> Path:
    """Solve, and write the solution beside the loads of the trial.

    Raises
    ------
    RuntimeError
        Moco did not converge.
    """
    folder = job.product("loads", "")
    model, weights = problem_model(job, side)
    inverse, kinematics = opensim.MocoInverse(), opensim.TableProcessor(str(folder / "coordinates.mot"))
    kinematics.append(opensim.TabOpUseAbsoluteStateNames())
    processor = opensim.ModelProcessor(model)
    inverse.setModel(processor)
    inverse.setKinematics(kinematics)
    inverse.set_kinematics_allow_extra_columns(True)
    inverse.set_initial_time(span_s[0])
    inverse.set_final_time(span_s[1])
    inverse.set_mesh_interval(mesh_s)
    inverse.set_convergence_tolerance(CONVERGENCE)
    inverse.set_constraint_tolerance(CONVERGENCE)
    inverse.set_max_iterations(1000)
    study = inverse.initialize()
    problem = study.updProblem()
    goal = opensim.MocoControlGoal.safeDownCast(problem.updGoal("excitation_effort"))
    for component in model.getComponentsList():
        actuator = opensim.CoordinateActuator.safeDownCast(component)
        if actuator is not None:
            coordinate, path = actuator.get_coordinate(), actuator.getAbsolutePathString()
            own = coordinate.startswith(LEG) and coordinate.endswith(f"_{side}")
            goal.setWeightForControl(path, 1.0 if own else _FREE)
            problem.setControlInfo(path, opensim.MocoBounds(-_ACTUATOR_BOUND, _ACTUATOR_BOUND))
    for name, weight in weights.items():
        goal.setWeightForControl(f"/forceset/{name}", weight)
    solution = study.solve()
    if not solution.success():
        raise RuntimeError(f"Moco did not converge: {solution.getStatus()}")
    path = folder / "moco.sto"
    solution.write(str(path))
    return path


def tensions_n(job: Job, side: str, solution: Path) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Times of a solution, shape (T,), and tendon force of each muscle (N), shape (T,)."""
    model, weights = problem_model(job, side)
    state = model.initSystem()
    found, motion = read_sto(solution), read_sto(job.product("loads", "") / "coordinates.mot")
    coordinates = [one for one in model.getCoordinateSet() if one.getName() in motion.names]
    values = []
    for one in coordinates:
        turning = one.getMotionType() == opensim.Coordinate.Rotational and motion.in_degrees
        values.append(np.radians(motion.column(one.getName())) if turning else motion.column(one.getName()))
    speeds = [np.gradient(each, motion.time_s) for each in values]
    muscles = {name: opensim.DeGrooteFregly2016Muscle.safeDownCast(model.getForceSet().get(name)) for name in weights}
    states = [name for name in found.names if name.endswith(("/activation", "/normalized_tendon_force"))]
    out = {name: np.empty(len(found.time_s)) for name in weights}
    for frame, time_s in enumerate(found.time_s):
        state.setTime(time_s)
        for one, value, speed in zip(coordinates, values, speeds, strict=True):
            one.setValue(state, float(np.interp(time_s, motion.time_s, value)), False)
            one.setSpeedValue(state, float(np.interp(time_s, motion.time_s, speed)))
        for name in states:
            model.setStateVariableValue(state, name, float(found.column(name)[frame]))
        model.realizeDynamics(state)
        for name, muscle in muscles.items():
            out[name][frame] = muscle.getTendonForce(state)
    return found.time_s, out
