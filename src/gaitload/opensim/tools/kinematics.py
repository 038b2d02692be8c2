"""Inverse kinematics by OpenSim's own tool."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim

from gaitload.errors import SolverError
from gaitload.io.sto import Table, read_sto
from gaitload.opensim.model import open_model
from gaitload.opensim.tools.analysis import require_success
from gaitload.trial import Markers


def inverse_kinematics(
    *, model: str, markers_trc: str, observed: Markers, weights: dict[str, float], accuracy: float, where: str
) -> tuple[Table, Table]:
    """Solve every frame.

    Parameters
    ----------
    markers_trc, observed
        The same markers, in the ground frame, as a file and as arrays.
    weights
        Of markers that are in both the model and the file: the tool kills the interpreter when none is, and drops
        others silently.
    accuracy
        Convergence of the assembly (OpenSim's `accuracy`).

    Returns
    -------
    coordinates : Table
        Degrees and m, as OpenSim has them.
    errors : Table
        Distance of every marker (m); NaN where it was not seen.

    Raises
    ------
    SolverError
        The tool reports failure, or left frames out.
    """
    body = open_model(model)  # The tool only borrows it.
    tool = _tool(body, markers_trc, observed.time_s, weights, accuracy)
    require_success(tool.run(), "inverse kinematics", "IK_FAILED", where)
    locations = read_sto(Path("gaitload_ik_model_marker_locations.sto"))
    if len(locations.time_s) != len(observed.time_s):
        raise SolverError(
            expected=f"{len(observed.time_s)} frames of inverse kinematics",
            found=f"{len(locations.time_s)}",
            where=where,
            do="See the log beside this trial.",
            code="IK_INCOMPLETE",
        )
    return read_sto(Path("coordinates.mot")), _marker_errors(locations, observed, list(weights))


def _tool(
    model: opensim.Model, markers_trc: str, time_s: np.ndarray, weights: dict[str, float], accuracy: float
) -> opensim.InverseKinematicsTool:
    tool = opensim.InverseKinematicsTool()
    tool.setName("gaitload")
    tool.setModel(model)
    tool.setMarkerDataFileName(markers_trc)
    tool.setStartTime(float(time_s[0]))
    tool.setEndTime(float(time_s[-1]))
    tool.set_accuracy(accuracy)
    tool.setOutputMotionFileName("coordinates.mot")
    tool.setResultsDir(".")
    tool.set_report_errors(False)
    tool.set_report_marker_locations(True)
    tasks = tool.upd_IKTaskSet()
    for name, weight in weights.items():
        task = opensim.IKMarkerTask()
        task.setName(name)
        task.setWeight(float(weight))
        task.setApply(True)
        tasks.cloneAndAppend(task)
    return tool


def _marker_errors(locations: Table, observed: Markers, used: list[str]) -> Table:
    """Distance of model and observed markers per frame (m)."""
    columns = [locations.names.index(f"{name}_tx") for name in used]
    distances = [
        np.linalg.norm(locations.values[:, column : column + 3] - observed.of(name), axis=1)
        for name, column in zip(used, columns, strict=True)
    ]
    return Table(names=tuple(used), time_s=locations.time_s, values=np.stack(distances, axis=1), in_degrees=False)
