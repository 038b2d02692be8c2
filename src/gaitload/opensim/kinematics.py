"""Markers to joint angles: inverse kinematics at convergence, and the motion of the centre of mass."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim

from gaitload.errors import ConfigError, DataError, SolverError
from gaitload.io.sto import Table, write_sto
from gaitload.io.trc import read_markers
from gaitload.mechanics.inverse_kinematics import solve
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.export_features import CODE
from gaitload.opensim.model import array, open_model, tree_places
from gaitload.opensim.tools.kinematics import inverse_kinematics
from gaitload.trial import Markers


def solve_inverse_kinematics(
    *,
    engine: str,
    model: str,
    markers_trc: str,
    weights: dict[str, float],
    accuracy: float,
    coordinates_mot: str,
    errors_sto: str,
    com_sto: str,
    where: str,
) -> dict:
    """Solve every frame; write the coordinates, the error of every marker and the height of the centre of mass.

    Parameters
    ----------
    engine
        `tools`: OpenSim's tool; others: a compiled kernel, or the tool for a model with a feature it does not know,
        which is said in the log.
    model, markers_trc
        Scaled model with registered markers, and the trial's markers in the ground frame.
    weights
        Marker -> weight.
    accuracy
        Convergence of the tool; the kernel always goes on to the end.
    coordinates_mot, errors_sto, com_sto
        Files to write: coordinates (degrees and m, as OpenSim has them), distance of every marker (m; NaN where it
        was not seen), ground Y of the centre of mass (m).

    Returns
    -------
    dict
        `markers`: those used; `com_height_m`: mean height of the centre of mass.

    Raises
    ------
    DataError
        Markers and model have no name in common.
    SolverError
        The solver gave up, or left frames out.
    """
    observed, body = read_markers(Path(markers_trc)), open_model(model)
    used = _used(body, observed, weights, where)
    table, errors = _by_kernel(model, observed, used, where) if engine != "tools" else (None, None)
    if table is None:
        table, errors = inverse_kinematics(
            model=model, markers_trc=markers_trc, observed=observed, weights=used, accuracy=accuracy, where=where
        )
    heights = centre_of_mass_height(body, table)
    write_sto(Path(coordinates_mot), table, name="coordinates", in_degrees=True)
    write_sto(Path(errors_sto), errors, name="marker_errors", in_degrees=False)
    write_sto(Path(com_sto), heights, name="centre_of_mass", in_degrees=False)
    return {"markers": list(used), "com_height_m": float(heights.values.mean())}


def centre_of_mass_height(model: opensim.Model, motion: Table) -> Table:
    """Height of the body's centre of mass along a motion (ground Y, m)."""
    state = model.initSystem()
    coordinates = [model.getCoordinateSet().get(name) for name in motion.names]
    turns = [coordinate.getMotionType() == opensim.Coordinate.Rotational for coordinate in coordinates]
    free = np.array([not coordinate.getLocked(state) for coordinate in coordinates])
    names = [coordinate.getName() for coordinate in model.getCoordinateSet()]
    places = tree_places(model, state)[[names.index(name) for name in motion.names]]
    values = np.where(np.array(turns) & motion.in_degrees, np.radians(motion.values), motion.values)
    q = np.tile(state.getQ().to_numpy(), (len(values), 1))
    q[:, places[free]] = values[:, free]
    heights = np.empty(len(q))
    for frame, row in enumerate(q):
        state.setQ(opensim.Vector.createFromMat(row))
        model.realizePosition(state)
        heights[frame] = array(model.calcMassCenterPosition(state))[1]
    return Table(names=("com_height",), time_s=motion.time_s, values=heights[:, None], in_degrees=False)


def _used(model: opensim.Model, observed: Markers, weights: dict[str, float], where: str) -> dict[str, float]:
    """Weights of the markers that model and recording share."""
    markers = {marker.getName() for marker in model.getMarkerSet()}
    used = {name: weights[name] for name in observed.names if weights.get(name, 0) > 0 and name in markers}
    if not used:
        raise DataError(
            expected=f"markers of the model ({', '.join(list(weights)[:6])}, ...)",
            found=", ".join(observed.names) or "no markers",
            where=where,
            do="Choose the marker set that was worn, or rename the markers.",
            code="NO_MATCHING_MARKER",
        )
    return used


def _by_kernel(
    model: str, observed: Markers, weights: dict[str, float], where: str
) -> tuple[Table, Table] | tuple[None, None]:
    """Coordinates and marker errors by the compiled kernel; nothing where it does not know a feature of the model."""
    try:
        mechanism = export_mechanism(model)
    except ConfigError as error:
        if error.code != CODE:
            raise
        print(f"inverse kinematics: {error.found} in {model}; solved by OpenSim's tool instead")
        return None, None
    names = tuple(weights)
    places = np.stack([observed.of(name) for name in names], axis=1)
    q, errors = solve(mechanism, places, np.array(list(weights.values())), markers=names)
    if np.isnan(q).any():
        raise SolverError(
            expected="markers in every frame",
            found=f"none in {int(np.isnan(q).any(axis=1).sum())} of {len(q)} frames",
            where=where,
            do="Choose another window (start_s, end_s in trials.tsv).",
            code="IK_INCOMPLETE",
        )
    # Coordinates that follow others are coupled ones to OpenSim, which leaves them in radians in any file.
    turns = mechanism.coordinates.rotational
    values = np.where(turns, np.degrees(q), q)
    table = Table(mechanism.coordinate_names, observed.time_s, values, in_degrees=True)
    return table, Table(names, observed.time_s, errors, in_degrees=False)
