"""From force plates to forces on feet."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from gaitload.errors import ConventionError, DataError
from gaitload.ingest.outline import Feet
from gaitload.ingest.steps import (
    CONTRADICTED_M,
    PlateLoad,
    cross_talk,
    find_steps,
    is_shared,
    is_unassigned,
    sole_share,
)
from gaitload.signals.contact import without_short, zero_unloaded
from gaitload.trial import FootForces, Step

SHARED_MAX_SHARE = 0.5
"""Share of the loaded time in which both feet stand on one plate, above which the trial is of no use."""
UNMEASURED_MIN_S = 0.1
"""Shorter stretches of a foot on the floor without force are the ends of stances, which markers time differently."""
_WORDS = {"r": "r", "right": "r", "l": "l", "left": "l"}


@dataclass(frozen=True)
class Assignment:
    """Forces on the feet and how they came there.

    Attributes
    ----------
    forces : FootForces
    steps : tuple of Step
        In the order of time, those left out included.
    declared : mapping of str to (str or None)
        Foot that each plate was declared to carry.
    shared : ndarray of bool, shape (N,)
        Samples in which both feet stood on one plate: their forces are missing from both feet.
    unassigned : ndarray of bool, shape (N,)
        Samples in which a plate measures a load that is missing from both feet, because it is given to neither.
    sole_share : ndarray, shape (T, 2), or None
        Share of each sole over all plates together, in the frames of the markers; None where corners are not known.
    """

    forces: FootForces
    steps: tuple[Step, ...]
    declared: Mapping[str, str | None]
    shared: np.ndarray
    unassigned: np.ndarray
    sole_share: np.ndarray | None


def side_of_plate(name: str) -> str | None:
    """Side that a plate's name declares by a word of its own (`ground_force_r`, `L_ground_force`), or None."""
    sides = {_WORDS[word] for word in re.split(r"[^a-z]+", name.lower()) if word in _WORDS}
    return sides.pop() if len(sides) == 1 else None


def assign_feet(
    plates: list[PlateLoad],
    time_s: np.ndarray,
    feet: Feet,
    *,
    surface_height_m: float,
    foot_of_plate: Mapping[str, str],
    where: str,
) -> Assignment:
    """Add up, for each foot, the wrenches of the contacts it made.

    A step across two plates gets both wrenches; contacts of nobody and those that both feet share get left out.

    Parameters
    ----------
    plates : list of PlateLoad
        Ground frame.
    time_s : ndarray, shape (N,)
        On the markers' clock.
    feet : Feet
    surface_height_m : float
        Height of the plates.
    foot_of_plate : mapping of str to str
        Side by plate name. What it says, else what the plate's name says, is taken and checked against the markers.
    where : str

    Returns
    -------
    Assignment

    Raises
    ------
    DataError
        PLATE_UNKNOWN: `foot_of_plate` names a plate that is not there.
    ConventionError
        FEET_SWAPPED: the markers contradict the declared feet.
    DataError
        DOUBLE_SUPPORT_ONE_PLATE: most of the time both feet stand on the same plate.
    """
    require_plates([plate.name for plate in plates], foot_of_plate, where)
    declared = {plate.name: foot_of_plate.get(plate.name) or side_of_plate(plate.name) for plate in plates}
    shares = {plate.name: sole_share(plate.corners_m, feet) for plate in plates if plate.corners_m is not None}
    total = np.minimum(sum(shares.values()), 1.0) if len(shares) == len(plates) else None
    vertical_n = sum((plate.force_n[:, 1] for plate in plates), np.zeros(len(time_s)))
    talk = {
        plate.name: cross_talk(plate, time_s, feet, shares.get(plate.name), vertical_n - plate.force_n[:, 1])
        for plate in plates
    }
    found = {
        plate.name: find_steps(
            plate,
            time_s,
            feet,
            surface_height_m,
            sole_share=shares.get(plate.name),
            on_plates=total,
            side=declared[plate.name],
            only_plate=len(plates) == 1,
            talk=talk[plate.name],
        )
        for plate in plates
    }
    _require_feet(declared, {name: steps for name, (steps, _) in found.items()}, where)
    force, moment = np.zeros((len(time_s), 2, 3)), np.zeros((len(time_s), 2, 3))
    contact = np.zeros((len(time_s), 2), dtype=bool)
    shared, unassigned = np.zeros(len(time_s), dtype=bool), np.zeros(len(time_s), dtype=bool)
    for plate in plates:
        owner = found[plate.name][1]
        shared |= is_shared(owner)
        # A knock, too short for a contact, is nobody's either.
        unassigned |= is_unassigned(owner) | (plate.above & ~plate.contact & ~talk[plate.name])
        for k in range(2):
            contact[:, k] |= owner == k
            force[:, k] += zero_unloaded(plate.force_n, owner == k)
            moment[:, k] += zero_unloaded(plate.moment_nm, owner == k)
    _require_divisible(shared, contact, where)
    for values in (force, moment, contact):
        values[shared] = 0
    # A sample of a stance that pulls is noise, and has no centre of pressure.
    pulls = force[..., 1] <= 0
    force[pulls], moment[pulls] = 0.0, 0.0
    forces = FootForces(time_s, force, moment, contact, surface_height_m)
    steps = sorted((step for steps, _ in found.values() for step in steps), key=lambda step: (step.start_s, step.plate))
    return Assignment(forces, tuple(steps), declared, shared, unassigned, total)


def unmeasured_contact(feet: Feet, assignment: Assignment) -> np.ndarray:
    """Frames in which a foot is on the floor by its markers while no plate measures it.

    Parameters
    ----------
    feet : Feet
    assignment : Assignment

    Returns
    -------
    ndarray of bool, shape (T, 2)
        At the markers' times; axis 1 runs over `SIDES`.
    """
    forces = assignment.forces
    sample = np.rint((feet.time_s - forces.time_s[0]) * forces.rate_hz).astype(int)
    measured = np.zeros(feet.down.shape, dtype=bool)
    inside = (sample >= 0) & (sample < len(forces.time_s))
    elsewhere = assignment.shared | assignment.unassigned
    measured[inside] = (forces.contact | elsewhere[:, None])[sample[inside]]
    bare = feet.down & ~measured
    shortest = UNMEASURED_MIN_S * feet.rate_hz
    return np.stack([without_short(bare[:, k], shortest, keep_ends=False) for k in range(2)], axis=1)


def require_plates(names: Collection[str], foot_of_plate: Mapping[str, str], where: str) -> None:
    """Raise `DataError` (PLATE_UNKNOWN) when `foot_of_plate` speaks of a plate that is not among `names`."""
    unknown = sorted(set(foot_of_plate) - set(names))
    if unknown:
        raise DataError(
            expected=f"foot_of_plate to name plates of the recording: {', '.join(names)}",
            found=", ".join(unknown),
            where=where,
            do="Correct foot_of_plate in trials.tsv.",
            code="PLATE_UNKNOWN",
        )


def _require_feet(declared, steps: dict[str, list[Step]], where) -> None:
    wrong = []
    for plate, side in declared.items():
        judged = [step for step in steps[plate] if side and step.side and not np.isnan(step.margin_m)]
        if not judged:
            continue
        weight = [step.peak_n * (step.end_s - step.start_s) for step in judged]
        distances = [(step.distance_m, step.distance_m + step.margin_m) for step in judged]
        own, other = np.average(
            [pair if step.side == side else pair[::-1] for step, pair in zip(judged, distances, strict=True)],
            axis=0,
            weights=weight,
        )
        if own - other > CONTRADICTED_M:
            told = f"{own * 1e3:.0f} mm from the sole of foot {side}, {other * 1e3:.0f} mm from the other one's"
            wrong.append(f"centre of pressure of {plate} {told}")
    if wrong:
        raise ConventionError(
            expected=f"plates to carry the feet declared ({', '.join(f'{p}={s}' for p, s in declared.items() if s)})",
            found="; ".join(wrong) + " (negative: inside)",
            where=where,
            do="Exchange the feet in foot_of_plate of trials.tsv, or the columns of the force file.",
            code="FEET_SWAPPED",
        )


def _require_divisible(shared, contact, where) -> None:
    loaded = int((shared | contact.any(axis=1)).sum())
    if loaded and shared.sum() > SHARED_MAX_SHARE * loaded:
        raise DataError(
            expected="one foot at a time on each force plate, most of the time",
            found=f"both feet on one plate in {shared.sum() / loaded:.0%} of the loaded time",
            where=where,
            do="Leave the trial out: the wrench of one plate cannot be divided between two feet.",
            code="DOUBLE_SUPPORT_ONE_PLATE",
        )
