"""One label per file: adding a label is adding a file here.

A label module holds

`LABEL`
    A `Label`: what it means, in words that travel with the data.
`compute(loads)`
    `TrialLoads` -> `{stem: array of shape (T,)}` in the base unit of the label; the stem is the column's name without
    its unit, from `gaitload.conventions.column_stem`.
`depends(stem, anatomy)`
    What a column depends on, from the methods of `gaitload.models.anatomy.Anatomy`: terms of `gaitload.dependencies`.
    The gates that question one of them decide the verdict on the column. Without this function every gate concerns it.

The base unit decides which columns are written: `n` comes also per body weight (`bw`), `nm` also per kilogram
(`nm_per_kg`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from gaitload.conventions import AXES, SIDES, body_weight_n, column_stem
from gaitload.models.family import Family

Columns = dict[str, np.ndarray]


@dataclass(frozen=True)
class Label:
    """A label in words.

    Attributes
    ----------
    name : str
        Short name, the first part of its columns where these belong to one quantity.
    unit : str
        Base unit: `n`, `nm`, `rad` or `m`.
    definition, frame, positive : str
        What it is, the frame it is expressed in, and which way positive values point.
    source : str
        What it is measured by, computed by or defined in: the method, not the program, which differs between engines
        and stands as `engine` in the metadata of the file.
    muscle_group : str or None
        Group of the model family whose muscles enter, listed in the metadata.
    group : str
        Label group that its verdict is gathered under; its own name where it is empty.
    measured : bool
        Whether it is a force that a plate measured; other forces are what a model says, and `gaitload.known_errors`
        says how far off.
    """

    name: str
    unit: str
    definition: str
    frame: str
    positive: str
    source: str
    muscle_group: str | None = None
    group: str = ""
    measured: bool = False

    @property
    def modelled_load(self) -> bool:
        """Whether it is a force that nobody measured."""
        return self.unit == "n" and not self.measured


@dataclass(frozen=True)
class TrialLoads:
    """Everything labels are made from; all arrays share axis 0 with `time_s`, NaN where nothing was solved.

    Attributes
    ----------
    time_s : ndarray, shape (T,)
    coordinates : mapping of str to ndarray, shape (T,)
        Generalized coordinates (rad or m).
    generalized_forces : mapping of str to ndarray, shape (T,)
        Inverse dynamics (N m or N); forces on dependent coordinates already added to the ones that drive them.
    tendon_forces_n, passive_forces_n : mapping of str to ndarray, shape (T,)
        Along the tendon, by muscle; and the part of it that stretched fibres bear without activation.
    reactions : mapping of (joint, side) to (ndarray, ndarray), shapes (T, 3)
        Force (N) and moment (N m) on the child body about the joint centre, in the child's frame.
    foot_force_ground_n, foot_cop_ground_m : ndarray, shape (T, 2, 3)
        Axis 1 runs over the sides; centre of pressure NaN while unloaded.
    foot_free_moment_nm : ndarray, shape (T, 2)
    condylar_spacing_m : mapping of side to float
    knee_centre_aside_m : mapping of side to float
        Where the knee centre was measured, from where the model has it, along z of the tibia; 0 where it is not said.
    knee_resultant_n : mapping of side to ndarray, shape (T, 3)
        Force on the tibia as it would be if no muscle pulled, in its frame; needed where the centre is beside.
    mass_kg : float
    family : Family
    """

    time_s: np.ndarray
    coordinates: Mapping[str, np.ndarray]
    generalized_forces: Mapping[str, np.ndarray]
    tendon_forces_n: Mapping[str, np.ndarray]
    passive_forces_n: Mapping[str, np.ndarray]
    reactions: Mapping[tuple[str, str], tuple[np.ndarray, np.ndarray]]
    foot_force_ground_n: np.ndarray
    foot_cop_ground_m: np.ndarray
    foot_free_moment_nm: np.ndarray
    condylar_spacing_m: Mapping[str, float]
    mass_kg: float
    family: Family
    knee_centre_aside_m: Mapping[str, float] = field(default_factory=dict)
    knee_resultant_n: Mapping[str, np.ndarray] = field(default_factory=dict)


def in_every_unit(label: Label, columns: Columns, mass_kg: float) -> dict[str, tuple[np.ndarray, str]]:
    """Columns under their full names, with their units, in every unit the label comes in."""
    divisors = {"n": {"n": 1.0, "bw": body_weight_n(mass_kg)}, "nm": {"nm": 1.0, "nm_per_kg": mass_kg}}
    return {
        f"{stem}_{unit}": (values / divisor, unit)
        for stem, values in columns.items()
        for unit, divisor in divisors.get(label.unit, {label.unit: 1.0}).items()
    }


def vector_columns(name: str, side: str, values: np.ndarray) -> Columns:
    """Components and norm of vectors of shape (T, 3)."""
    columns = {column_stem(name, side, axis): values[:, index] for index, axis in enumerate(AXES)}
    return columns | {column_stem(name, side, "norm"): np.linalg.norm(values, axis=1)}


def contact_columns(name: str, loads: TrialLoads, joint: str) -> Columns:
    """Reaction force of a joint on its child body, in the child's frame (N), both sides."""
    columns: Columns = {}
    for side in SIDES:
        columns |= vector_columns(name, side, loads.reactions[joint, side][0])
    return columns
