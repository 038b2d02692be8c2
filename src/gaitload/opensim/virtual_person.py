"""A person who is a model: everything about their body is known, markers included."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gaitload.cohorts.embedded.people import misplaced, segment_factors
from gaitload.mechanics.body_tree import Mechanism
from gaitload.models.family import Family
from gaitload.models.markersets import MarkerSet
from gaitload.opensim.actuation import write_actuated_model
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.model import check_family, open_model
from gaitload.opensim.registration import remove_joint_centre_markers, replace_markers
from gaitload.opensim.scaling import apply_factors, fibre_lengths, scale_strength

CONDYLAR_SPACING_M = 0.045
"""Distance of the tibial contact points in the generic model; scaled with the tibia."""


@dataclass(frozen=True)
class VirtualPerson:
    """Somebody's body.

    Attributes
    ----------
    mechanism : Mechanism
        Bodies, joints and muscles of their size, mass and strength, actuators, and the markers they wear.
    family : Family
    factors : dict of str to ndarray, shape (3,)
        Scale factors of the bodies.
    mass_kg, leg_length_m : float
        Leg length: as the hip's centre over the sole of the generic model, in this person.
    condylar_spacing_m : float
    """

    mechanism: Mechanism
    family: Family
    factors: dict[str, np.ndarray]
    mass_kg: float
    leg_length_m: float
    condylar_spacing_m: float


def build_person(
    path: str,
    family: Family,
    markers: MarkerSet,
    *,
    sex: str | None,
    height_m: float,
    mass_kg: float,
    strength: str,
    actuators: dict[str, float],
    random: np.random.Generator,
    folder: Path,
) -> VirtualPerson:
    """Make a generic model somebody's own.

    Parameters
    ----------
    path : str
        The generic `.osim`.
    strength : str
        Law of `gaitload.opensim.scaling.scale_strength`.
    actuators
        Arguments of `write_actuated_model`.
    folder : Path
        Gets the models.

    Raises
    ------
    ConfigError
        MODEL_FAMILY, MARKER_SET_INVALID, MODEL_FEATURE.
    """
    model = open_model(path)
    check_family(model, family, path)
    lengths = fibre_lengths(model)
    replace_markers(model, _worn(markers, random), family)
    remove_joint_centre_markers(model, family)
    bodies = [body.getName() for body in model.getBodySet()]
    factors = segment_factors(
        bodies, height_m=height_m, sex=sex, generic_height_m=family.generic_height_m, random=random
    )
    apply_factors(model, factors, mass_kg)
    scale_strength(model, lengths, strength, mass_kg, height_m, family)
    scaled, actuated = folder / "scaled.osim", folder / "actuated.osim"
    model.printToXML(str(scaled))
    write_actuated_model(model=str(scaled), family=family, output=str(actuated), **actuators)
    mechanism = export_mechanism(actuated)
    return VirtualPerson(
        mechanism=mechanism,
        family=family,
        factors=factors,
        mass_kg=mass_kg,
        leg_length_m=leg_length_m(mechanism, family),
        condylar_spacing_m=CONDYLAR_SPACING_M * float(factors["tibia_r"][2]),
    )
