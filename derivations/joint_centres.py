"""Knee centres of models whose knee bends about another place: the same point of the thigh, on the model's own shank.

`python -m derivations.joint_centres MODEL ...` prints what belongs into the model's model.yaml.

The family states the knee centre of its reference model, between the condyles of the straight knee. Bones of the other
models are the same, but their knees hold the shank elsewhere, so that the condyles lie over another point of it.
"""

from __future__ import annotations

import argparse

import numpy as np
import opensim

from gaitload.models.registry import ModelSource, find_model
from gaitload.opensim.model import array, open_model, vector

REFERENCE = "rajagopal2015"
"""The model whose joint centres the family states."""
CENTRE = "knee_centre"
DIGITS = 5
"""Hundredths of a millimetre."""


def knee_centre_m(source: ModelSource, reference: ModelSource) -> np.ndarray:
    """Where a model has the knee centre of the reference model, shape (3,), m, frame of the right shank."""
    centre = reference.family.joint_centres[CENTRE]
    shank, thigh = centre.body.format(side="r"), reference.family.thigh("r")
    on_thigh = _straight(reference, shank, thigh, np.array(centre.position_m))
    return np.round(_straight(source, thigh, shank, on_thigh), DIGITS)


def _straight(source: ModelSource, start: str, end: str, point_m: np.ndarray) -> np.ndarray:
    """A point of one body in the frame of another one, with all coordinates zero."""
    model = open_model(str(source.path))
    state = model.initSystem()
    for coordinate in model.getCoordinateSet():
        coordinate.setValue(state, 0.0, False)
    model.assemble(state)
    bodies = model.getBodySet()
    place = bodies.get(start).findStationLocationInAnotherFrame(state, vector(point_m), bodies.get(end))
    return array(place)


def main() -> None:
    """Print the centres."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", help="folders of opensim_models/, or .osim files")
    reference = find_model(REFERENCE)
    body = reference.family.joint_centres[CENTRE].body
    opensim.Logger.setLevelString("error")
    for name in parser.parse_args().models:
        place = ", ".join(f"{value:.{DIGITS}g}" for value in knee_centre_m(find_model(name), reference))
        print(f'{name}: {CENTRE}: {{body: "{body}", position_m: [{place}]}}')


if __name__ == "__main__":
    main()
