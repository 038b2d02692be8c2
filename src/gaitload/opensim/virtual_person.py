"""A person who is a model: everything about their body is known, markers included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gaitload.cohorts.embedded.people import misplaced, segment_factors
from gaitload.cohorts.embedded.standing import leg_length_m
from gaitload.conventions import SIDES
from gaitload.mechanics.body_tree import Mechanism
from gaitload.models.family import Family
from gaitload.models.markersets import MarkerSet
from gaitload.opensim.actuation import write_actuated_model
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.model import check_family, open_model
from gaitload.opensim.registration import remove_joint_centre_markers, replace_markers
from gaitload.opensim.scaling import apply_factors, fibre_lengths, scale_strength


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
        Distance of the contact points of the tibia.
    """

    mechanism: Mechanism
    family: Family
    factors: dict[str, np.ndarray]
    mass_kg: float
    leg_length_m: float
    condylar_spacing_m: float

    @property
    def feet(self) -> tuple[str, str]:
        """Heel bones, in the order of `SIDES`."""
        return tuple(self.family.foot(side) for side in SIDES)


def build_person(
    path: str,
    family: Family,
    markers: MarkerSet,
    *,
    sex: str | None,
    height_m: float,
    mass_kg: float,
    strength: str,
    strength_factor: float,
    condylar_spacing_m: float,
    settings: Mapping[str, float],
    random: np.random.Generator,
    folder: Path,
) -> VirtualPerson:
    """Make a generic model somebody's own.

    Parameters
    ----------
    path : str
        The generic `.osim`.
    strength, strength_factor : str, float
        Law and factor of `gaitload.opensim.scaling.scale_strength`.
    condylar_spacing_m : float
        Of the generic model; goes with the width of the tibia.
    settings
        Fields of `gaitload.config.motion.Loads`, for the actuators.
    random : Generator
        Of the person: proportions, and where markers are stuck.
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
    strong = {"factor": strength_factor, "mass_kg": mass_kg, "height_m": height_m}
    scale_strength(model, lengths, strength, family, **strong)
    scaled, actuated = folder / "scaled.osim", folder / "actuated.osim"
    model.printToXML(str(scaled))
    write_actuated_model(
        model=str(scaled),
        family=family,
        reserve_optimal_nm=settings["reserve_optimal_nm"],
        residual_optimal_n=settings["residual_optimal_n"],
        residual_optimal_nm=settings["residual_optimal_nm"],
        output=str(actuated),
    )
    mechanism, foot = export_mechanism(actuated), family.foot("r")
    return VirtualPerson(
        mechanism=mechanism,
        family=family,
        factors=factors,
        mass_kg=mass_kg,
        leg_length_m=leg_length_m(
            mechanism, family.joint_centres["hip_centre"].body.format(side="r"), foot, factors[foot]
        ),
        condylar_spacing_m=condylar_spacing_m * float(factors[family.shank("r")][2]),
    )


def _worn(markers: MarkerSet, random: np.random.Generator) -> MarkerSet:
    places = misplaced(
        {marker.name: marker.position_m for marker in markers.markers},
        {marker.name: marker.landmark for marker in markers.markers},
        random,
    )
    return MarkerSet(markers.name, tuple(replace(marker, position_m=places[marker.name]) for marker in markers.markers))
