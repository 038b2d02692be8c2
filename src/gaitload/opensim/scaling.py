"""From a generic model to a person's: proportions, mass, strength, and markers where they were really stuck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import opensim

from gaitload.conventions import SIDES
from gaitload.errors import DataError
from gaitload.io.trc import read_markers
from gaitload.models.anthropometry import (
    SEEN_MIN_SHARE,
    centres_beside_lateral,
    choose_method,
    handsfield_strength_factor,
    joint_centres,
    long_bones,
    scale_factors,
    with_asis_apart,
)
from gaitload.models.family import Family, load_family
from gaitload.models.markersets import MarkerSet, load_marker_set
from gaitload.opensim.anatomy import describe_anatomy
from gaitload.opensim.joint_locks import free_supported, lock_untracked
from gaitload.opensim.model import check_family, open_model, vector
from gaitload.opensim.registration import (
    landmarks_in_default_pose,
    register,
    remove_joint_centre_markers,
    remove_unplaced,
    replace_markers,
)

_NO_MARKERS = MarkerSet("", ())


def scale_subject(
    *,
    model: str,
    family: str,
    marker_set: str | None,
    static_trcs: list[str],
    mass_kg: float | None,
    height_m: float | None,
    method: str,
    strength: str,
    condylar_spacing_m: float,
    output: str,
    where: str,
    landmarks: str | None = None,
    carriers: Sequence[str] = (),
    strength_factor: float = 1.0,
    subtalar: str = "locked",
    lengths_m: Mapping[str, float] | None = None,
) -> dict:
    """Scale a generic model, register its markers, and write it.

    Parameters
    ----------
    model, family, marker_set
        Files: the generic `.osim`, `family.yaml`, the marker set's table; None for a person who wears sensors alone.
    static_trcs
        Static trials in the ground frame. The first gives the proportions; later ones place their markers again, as
        when some were stuck on anew. Without any the model is scaled by height and the markers stay at the places of
        the marker set.
    mass_kg, height_m
        Of the person; the model's total mass becomes `mass_kg` with the generic distribution over the segments. Without
        one it stays the generic model's, which angles do not depend on.
    method
        `auto`, `joint_centres`, `marker_pairs` or `height`.
    strength
        `stock` or `handsfield2014`; without a mass or a height the latter leaves the forces, too.
    condylar_spacing_m
        Distance of the tibial contact points in the generic model (m).
    output
        The `.osim` to write.
    where
        Cohort/subject, for messages.
    landmarks
        File of the family's landmarks; by default the one beside the folder of the marker set.
    carriers
        Bodies that carry sensors, of a person without markers: they are free to move. Without a height that model stays
        as large as the generic one, because orientations do not depend on lengths.
    strength_factor
        Factor of every greatest isometric force, applied beside `strength`.
    subtalar
        `locked`, or `auto`: coordinates that the family calls supported are freed where markers determine them.
    lengths_m
        Lengths measured on the body, by column of participants.tsv: `inter_asis_m`, `knee_width_r_m`, ...

    Returns
    -------
    dict
        JSON-able record: method, `measured_lengths_m`, `proportions` as `gaitload.gates.proportions` judges them,
        factors, joint-centre sources, marker errors of the static pose (m, before the markers are moved), locked
        coordinates, `freed_coordinates`: supported ones that markers determine, condylar spacing per side (m),
        strength factors, `rarely_seen`: markers that are not registered and their share of frames, `not_placed`:
        markers of which nothing says the place, which the model lacks, `anatomy` as `describe_anatomy` gives it.
    """
    generic, names = open_model(model), load_family(Path(family))
    markers = load_marker_set(Path(marker_set), Path(landmarks) if landmarks else None) if marker_set else _NO_MARKERS
    check_family(generic, names, where)
    read = [_static_points(path, markers, where) for path in static_trcs]
    statics, lengths = [points for points, _ in read], dict(lengths_m or {})
    generic_lengths = fibre_lengths(generic)
    replace_markers(generic, markers, names)
    seen = _landmarks(generic, names, markers, statics, lengths)
    if marker_set:
        method = choose_method(method, seen.subject, height_m, names, where)
        measured = _measured_factors(method, seen.subject, seen.generic, names)
    else:
        method, measured = "generic" if height_m is None else "height", {}
    factors = _complete(measured, generic, names, names.generic_height_m if method == "generic" else height_m, where)
    apply_factors(generic, factors, names.generic_mass_kg if mass_kg is None else mass_kg)
    # People who turn go round more than once; the range of the generic model ends behind them.
    generic.updCoordinateSet().get(names.heading_coordinate).setDefaultClamped(False)
    points = statics[0] if statics else {}
    freed = free_supported(generic, names, markers, points) if subtalar == "auto" else []
    strong = {"factor": strength_factor, "mass_kg": mass_kg, "height_m": height_m}
    record = {
        "method": method,
        "proportions": _proportions(seen.subject, factors, names, height_m) if measured else {},
        "scale_factors": {body: factor.tolist() for body, factor in factors.items()},
        "joint_centres": seen.sources,
        "measured_lengths_m": lengths if statics else {},
        "mass_kg": mass_kg,
        "locked_coordinates": lock_untracked(generic, markers, set(points), carriers),
        "freed_coordinates": freed,
        "condylar_spacing_m": _condylar_spacing(condylar_spacing_m, factors, seen.subject, names),
        "strength": scale_strength(generic, generic_lengths, strength, names, **strong),
    }
    if statics:
        record |= register(generic, names, markers, statics, seen.centres, assumed=seen.assumed)
        rarely_seen = {name: share for _, rare in read for name, share in rare.items()}
        record["rarely_seen"] = dict(sorted(rarely_seen.items()))
    record["not_placed"] = remove_unplaced(generic, markers, {name for one in statics for name in one})
    remove_joint_centre_markers(generic, names)
    generic.printToXML(output)
    return record | {"anatomy": describe_anatomy(generic, names)}


class _Landmarks(NamedTuple):
    """Landmarks of a person and of the generic model, and where the person's joint centres come from.

    Attributes
    ----------
    subject, generic : mapping of str to ndarray
        Landmark or joint centre -> place, shape (3,), m.
    centres : mapping of str to ndarray
        Joint centres among those of the person.
    sources : mapping of str to str
        Joint centre -> how it was found.
    assumed : set of str
        Joint centres that lie beside a lateral marker, at half a width.
    """

    subject: Mapping[str, np.ndarray]
    generic: Mapping[str, np.ndarray]
    centres: Mapping[str, np.ndarray]
    sources: Mapping[str, str]
    assumed: set[str]


def _landmarks(
    model: opensim.Model,
    family: Family,
    markers: MarkerSet,
    statics: Sequence[Mapping[str, np.ndarray]],
    lengths_m: Mapping[str, float],
) -> _Landmarks:
    """Landmarks of the first static trial and of the model, which wears the markers already."""
    points = statics[0] if statics else {}
    named = [marker for marker in markers.markers if marker.landmark and marker.name in points]
    seen = with_asis_apart({one.landmark: points[one.name] for one in named}, lengths_m.get("inter_asis_m"))
    centres, sources = joint_centres(seen)
    generic = landmarks_in_default_pose(model, markers, family)
    assumed: set[str] = set()
    if statics:
        beside, how = centres_beside_lateral({**seen, **centres}, generic, lengths_m)
        centres, sources, assumed = centres | beside, sources | how, set(beside)
    return _Landmarks({**seen, **centres}, generic, centres, sources, assumed)


def _static_points(path: str, markers: MarkerSet, where: str) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Median position of every marker of the set that the static trial shows, and the share of frames of rare ones."""
    static = read_markers(Path(path))
    shares = {
        name: float(np.isfinite(static.of(name)[:, 0]).mean()) for name in static.names if name in markers.by_name
    }
    seen = [name for name, share in shares.items() if share >= SEEN_MIN_SHARE]
    if not seen:
        raise DataError(
            expected=f"markers of the set {markers.name} ({', '.join(list(markers.by_name)[:6])}, ...)",
            found=", ".join(static.names),
            where=where,
            do="Choose the marker set that was worn, or rename the markers.",
            code="NO_MATCHING_MARKER",
        )
    rare = {name: share for name, share in shares.items() if 0 < share < SEEN_MIN_SHARE}
    return {name: np.nanmedian(static.of(name), axis=0) for name in seen}, rare


def _measured_factors(
    method: str, subject: Mapping[str, np.ndarray], generic: Mapping[str, np.ndarray], family: Family
) -> dict[str, np.ndarray]:
    """Scale factors of the bodies that landmarks measure; none where the method is the body height."""
    return {} if method == "height" else scale_factors(subject, generic, family.measurements(method))


def _proportions(
    subject: Mapping[str, np.ndarray], factors: Mapping[str, np.ndarray], family: Family, height_m: float | None
) -> dict:
    """Ratios of the person's measured lengths and scale factors, which `gaitload.gates.proportions` judges."""
    legs = float(np.mean([factors[body] for body in long_bones(family)]))
    across = {"thigh": ("hip_centre", "knee_centre"), "shank": ("knee_lateral", "ankle_lateral")}
    lengths_m = {
        name: [
            float(np.linalg.norm(subject[f"{a}_{side}"] - subject[f"{b}_{side}"]))
            for side in SIDES
            if f"{a}_{side}" in subject and f"{b}_{side}" in subject
        ]
        for name, (a, b) in across.items()
    }
    return {
        "left_over_right": {name: pair[1] / pair[0] for name, pair in lengths_m.items() if len(pair) == 2},
        "pelvis_over_legs": dict(zip("xyz", (factors[family.pelvis_body] / legs).tolist(), strict=True)),
        "legs_over_height": legs * family.generic_height_m / height_m if height_m else None,
    }


def _complete(
    measured: Mapping[str, np.ndarray], model: opensim.Model, family: Family, height_m: float | None, where: str
) -> dict[str, np.ndarray]:
    """Factors for every body: measured, else the ratio of the heights, else the mean of what was measured."""
    # ASSUME: segments that no marker measures are in proportion to body height (or to the legs, if it is unknown).
    if height_m is not None:
        default = height_m / family.generic_height_m
    else:
        default = float(np.nanmean([factor for body, factor in measured.items() if body in long_bones(family)]))
    factors = {}
    for body in model.getBodySet():
        factor = measured.get(body.getName(), np.full(3, np.nan))
        factors[body.getName()] = np.where(np.isnan(factor), default, factor)
    implausible = {body: factor for body, factor in factors.items() if (factor < 0.5).any() or (factor > 2.0).any()}
    if implausible:
        body, factor = next(iter(implausible.items()))
        raise DataError(
            expected="scale factors between 0.5 and 2",
            found=f"{body}: {np.round(factor, 2).tolist()}",
            where=where,
            do="Check the units of the static trial and the names of its markers.",
            code="SCALE_IMPLAUSIBLE",
        )
    return factors


def apply_factors(model: opensim.Model, factors: Mapping[str, np.ndarray], mass_kg: float) -> None:
    """Scale every body of a model along its own axes, markers and muscles with it, to a total mass (kg)."""
    scale_set = opensim.ScaleSet()
    for body, factor in factors.items():
        scale = opensim.Scale()
        scale.setSegmentName(body)
        scale.setScaleFactors(vector(factor))
        scale.setApply(True)
        scale_set.cloneAndAppend(scale)
    state = model.initSystem()
    model.scale(state, scale_set, True, mass_kg)


def _condylar_spacing(
    generic_m: float, factors: Mapping[str, np.ndarray], subject: Mapping[str, np.ndarray], family: Family
) -> dict[str, float]:
    """Distance of the tibial contact points, scaled with the knee's width (or with the tibia if that is unknown)."""
    spacing = {}
    for side in SIDES:
        ends = [subject[f"{landmark}_{side}"] for landmark in family.knee_width if f"{landmark}_{side}" in subject]
        if len(ends) == 2:
            factor = float(np.linalg.norm(ends[0] - ends[1])) / family.generic_knee_width_m
        else:
            factor = float(factors[family.reaction("knee", side).body][2])
        spacing[side] = generic_m * factor
    return spacing


def fibre_lengths(model: opensim.Model) -> dict[str, float]:
    """Optimal fibre length of every muscle (m)."""
    return {muscle.getName(): muscle.getOptimalFiberLength() for muscle in model.getMuscles()}


def scale_strength(
    model: opensim.Model,
    generic_lengths: Mapping[str, float],
    law: str,
    family: Family,
    *,
    mass_kg: float | None,
    height_m: float | None,
    factor: float = 1.0,
) -> dict:
    """Scale maximum isometric forces by muscle volume over fibre length, or leave them; returns what was done.

    Without a mass or a height volume is not known, and `instead_of` says so. `factor` applies in any case.
    """
    known = mass_kg is not None and height_m is not None
    record = {"law": law} if known or law == "stock" else {"law": "stock", "instead_of": law}
    if record["law"] == "stock" and factor == 1.0:
        return record
    factors = dict.fromkeys(generic_lengths, factor)
    if record["law"] != "stock":
        volume = handsfield_strength_factor(
            mass_kg=mass_kg,
            height_m=height_m,
            generic_mass_kg=family.generic_mass_kg,
            generic_height_m=family.generic_height_m,
        )
        record["volume_factor"] = volume
        own = fibre_lengths(model)
        factors = {name: factor * (volume * length / own[name]) for name, length in generic_lengths.items()}
    for muscle in model.updMuscles():
        muscle.setMaxIsometricForce(factors[muscle.getName()] * muscle.getMaxIsometricForce())
    return record | {"factor": factor, "force_factors": factors}
