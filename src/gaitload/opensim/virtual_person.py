"""A person who is a model: everything about their body is known, markers included."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import opensim

from gaitload.cohorts.embedded.people import misplaced, segment_factors
from gaitload.models.family import Family
from gaitload.models.markersets import MarkerSet
from gaitload.opensim.model import check_family, open_model
from gaitload.opensim.registration import remove_joint_centre_markers, replace_markers
from gaitload.opensim.scaling import apply_factors


@dataclass(frozen=True)
class VirtualPerson:
    """Somebody's body.

    Attributes
    ----------
    model : opensim.Model
        Bodies and joints of their size and mass, the markers they wear, and no muscles.
    family : Family
    size : float
        Their height over that of the generic model.
    """

    model: opensim.Model
    family: Family
    size: float


def build_person(
    path: str,
    family: Family,
    markers: MarkerSet,
    *,
    sex: str | None,
    height_m: float,
    mass_kg: float,
    random: np.random.Generator,
) -> VirtualPerson:
    """Make a generic model somebody's own.

    Raises
    ------
    ConfigError
        MODEL_FAMILY, MARKER_SET_INVALID.
    """
    model = open_model(path)
    check_family(model, family, path)
    model.updForceSet().clearAndDestroy()
    model.finalizeConnections()
    replace_markers(model, _worn(markers, random), family)
    remove_joint_centre_markers(model, family)
    bodies = [body.getName() for body in model.getBodySet()]
    factors = segment_factors(bodies, height_m=height_m, sex=sex, generic_height_m=family.generic_height_m)
    apply_factors(model, factors, mass_kg)
    return VirtualPerson(model, family, height_m / family.generic_height_m)


def _worn(markers: MarkerSet, random: np.random.Generator) -> MarkerSet:
    places = misplaced(
        {marker.name: marker.position_m for marker in markers.markers},
        {marker.name: marker.landmark for marker in markers.markers},
        random,
    )
    return MarkerSet(markers.name, tuple(replace(marker, position_m=places[marker.name]) for marker in markers.markers))
