"""The pose that brings a model's markers closest to points measured in one frame."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import opensim

from gaitload.opensim.model import vector

ACCURACY = 1e-9


def assemble(
    model: opensim.Model, state: opensim.State, targets: Mapping[str, np.ndarray], weights: Mapping[str, float]
) -> None:
    """Move `state` to the weighted least-squares pose of one frame.

    Parameters
    ----------
    model
        Its markers of the names in `targets` are the points to be moved.
    state
        Changed in place.
    targets
        Marker -> (3,), ground frame, m.
    weights
        Marker -> weight; markers without one are left out.
    """
    names = [name for name in targets if weights.get(name, 0) > 0]
    table = opensim.TimeSeriesTableVec3()
    table.setColumnLabels(names)
    row = opensim.RowVectorVec3(len(names))
    for index, name in enumerate(names):
        row[index] = vector(targets[name])
    for time in (0.0, 1.0):
        table.appendRow(time, row)
    table.addTableMetaDataString("Units", "m")
    marker_weights = opensim.SetMarkerWeights()
    for name in names:
        marker_weights.cloneAndAppend(opensim.MarkerWeight(name, float(weights[name])))
    markers = opensim.MarkersReference(table, marker_weights)
    solver = opensim.InverseKinematicsSolver(model, markers, opensim.SimTKArrayCoordinateReference())
    solver.setAccuracy(ACCURACY)
    state.setTime(0.0)
    solver.assemble(state)
