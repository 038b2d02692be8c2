"""Inverse kinematics at convergence, by OpenSim's own tool."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim

from gaitload.errors import DataError, SolverError
from gaitload.io.sto import Table, read_sto, write_sto
from gaitload.io.trc import read_markers
from gaitload.opensim.model import array, open_model
from gaitload.opensim.tools.analysis import require_success


def solve_inverse_kinematics(
    *,
    model: str,
    markers_trc: str,
    weights: dict[str, float],
    start_s: float,
    end_s: float,
    accuracy: float,
    coordinates_mot: str,
    errors_sto: str,
    where: str,
) -> dict:
    """Solve every frame of `[start_s, end_s]` and write the coordinates and the error of every marker.

    The tool itself kills the interpreter when no marker matches and drops unknown ones silently, so both are looked at
    before it is called.

    Parameters
    ----------
    model, markers_trc
        Scaled model with registered markers, and the trial's markers in the ground frame.
    weights
        Marker -> weight.
    accuracy
        Convergence of the assembly (OpenSim's `accuracy`); 1e-7 or tighter.
    coordinates_mot, errors_sto
        Files to write: coordinates (degrees and m, as OpenSim has them), distance of every marker (m; NaN where it
        was not seen).

    Returns
    -------
    dict
        `markers`: those used.

    Raises
    ------
    DataError
        Markers and model have no name in common.
    SolverError
        The tool reports failure, or left frames out.
    """
    body = open_model(model)
    observed = read_markers(Path(markers_trc))
    used = [name for name in observed.names if weights.get(name, 0) > 0 and body.getMarkerSet().contains(name)]
    if not used:
        raise DataError(
            expected=f"markers of the model ({', '.join(list(weights)[:6])}, ...)",
            found=", ".join(observed.names) or "no markers",
            where=where,
            do="Choose the marker set that was worn, or rename the markers.",
            code="NO_MATCHING_MARKER",
        )
    tool = _tool(body, markers_trc, {name: weights[name] for name in used}, start_s, end_s, accuracy, coordinates_mot)
    require_success(tool.run(), "inverse kinematics", "IK_FAILED", where)
    locations = read_sto(Path("gaitload_ik_model_marker_locations.sto"))
    wanted = int(np.sum((observed.time_s >= start_s - 1e-9) & (observed.time_s <= end_s + 1e-9)))
    if len(locations.time_s) != wanted:
        raise SolverError(
            expected=f"{wanted} frames of inverse kinematics",
            found=f"{len(locations.time_s)}",
            where=where,
            do="See the log beside this trial.",
            code="IK_INCOMPLETE",
        )
    write_sto(Path(errors_sto), _marker_errors(locations, observed, used), name="marker_errors", in_degrees=False)
    return {"markers": used}


def centre_of_mass_height(*, model: str, coordinates_mot: str, output_sto: str) -> dict:
    """Write the height of the body's centre of mass along a motion (ground Y, m); returns its mean and the mass."""
    body = open_model(model)
    state = body.initSystem()
    motion = read_sto(Path(coordinates_mot))
    heights = np.empty(len(motion.time_s))
    coordinates = [body.getCoordinateSet().get(name) for name in motion.names]
    scale = [np.pi / 180 if motion.in_degrees and _is_rotation(coordinate) else 1.0 for coordinate in coordinates]
    for frame, row in enumerate(motion.values):
        for coordinate, value, factor in zip(coordinates, row, scale, strict=True):
            if not coordinate.getLocked(state):
                coordinate.setValue(state, float(value * factor), False)
        body.realizePosition(state)
        heights[frame] = array(body.calcMassCenterPosition(state))[1]
    table = Table(names=("com_height",), time_s=motion.time_s, values=heights[:, None], in_degrees=False)
    write_sto(Path(output_sto), table, name="centre_of_mass", in_degrees=False)
    return {"mean_height_m": float(heights.mean()), "mass_kg": float(body.getTotalMass(state))}


def _is_rotation(coordinate: opensim.Coordinate) -> bool:
    return coordinate.getMotionType() == opensim.Coordinate.Rotational


def _tool(
    model: opensim.Model,
    markers_trc: str,
    weights: dict[str, float],
    start_s: float,
    end_s: float,
    accuracy: float,
    coordinates_mot: str,
) -> opensim.InverseKinematicsTool:
    tool = opensim.InverseKinematicsTool()
    tool.setName("gaitload")
    tool.setModel(model)
    tool.setMarkerDataFileName(markers_trc)
    tool.setStartTime(start_s)
    tool.setEndTime(end_s)
    tool.set_accuracy(accuracy)
    tool.setOutputMotionFileName(coordinates_mot)
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


def _marker_errors(locations: Table, observed, used: list[str]) -> Table:
    """Distance of model and observed markers per frame (m)."""
    frames = np.searchsorted(observed.time_s, locations.time_s - 0.25 / observed.rate_hz)
    columns = [locations.names.index(f"{name}_tx") for name in used]
    distances = [
        np.linalg.norm(locations.values[:, column : column + 3] - observed.of(name)[frames], axis=1)
        for name, column in zip(used, columns, strict=True)
    ]
    return Table(names=tuple(used), time_s=locations.time_s, values=np.stack(distances, axis=1), in_degrees=False)
