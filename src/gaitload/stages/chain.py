"""The one chain from a motion and foot forces to what labels are made from: filter, solve, gather, leave out.

Pure functions. The stages `loads` and `labels` keep files in between, because engines may be OpenSim's tools;
uncertainty and the truth of synthetic participants go through `solved_motion`. The last link, which names the labels,
is `gaitload.stages.catalogue`, apart from this module so that a label that is added solves nothing again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from gaitload.conventions import SIDES, sampling_rate_hz
from gaitload.io.sto import Table
from gaitload.labels import TrialLoads
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.physics import Physics
from gaitload.models.anatomy import Anatomy
from gaitload.models.family import Family
from gaitload.opensim.engines.compiled import solve_arrays
from gaitload.signals.filters import lowpass
from gaitload.signals.foot_forces import filtered_foot_forces
from gaitload.signals.plates import center_of_pressure
from gaitload.trial import OF_CONTACT, FootForces, Invalid, Validity

FILTER_REACH_PERIODS = 0.25
"""How far what is not known is smeared into its neighbours, in periods of the cut-off: a step is within 5 % of its
height a quarter of a period away."""

ENGINE_TABLES = ("inverse_dynamics", "muscle_forces", "passive_forces", "joint_reactions")
"""What `trial_loads` takes, of the tables of an engine."""


@dataclass(frozen=True)
class Filtering:
    """The low-pass filter of a trial.

    Attributes
    ----------
    cutoff_hz : float
        The same for motion and forces: different ones make spikes in the joint forces.
    contact_threshold_n : float
        Vertical force above which a foot is loaded.
    """

    cutoff_hz: float
    contact_threshold_n: float

    @property
    def reach_s(self) -> float:
        """How far the filter smears what is not known (s)."""
        return FILTER_REACH_PERIODS / self.cutoff_hz

    def motion(self, time_s: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Coordinates after the filter; both shapes (T, C)."""
        return lowpass(values, rate_hz=sampling_rate_hz(time_s), cutoff_hz=self.cutoff_hz)

    def forces(self, forces: FootForces, time_s: np.ndarray) -> FootForces:
        """Foot forces after the filter, at times (T,) inside their own."""
        return filtered_foot_forces(
            forces, cutoff_hz=self.cutoff_hz, time_s=time_s, contact_threshold_n=self.contact_threshold_n
        )


@dataclass(frozen=True)
class Body:
    """Whose loads they are.

    Attributes
    ----------
    family : Family
    mass_kg : float
    condylar_spacing_m, knee_centre_aside_m : mapping of side to float
        See `TrialLoads`.
    """

    family: Family
    mass_kg: float
    condylar_spacing_m: Mapping[str, float]
    knee_centre_aside_m: Mapping[str, float] = field(default_factory=dict)


class Solved(NamedTuple):
    """A motion, and what the kernels made of it under its forces.

    Attributes
    ----------
    coordinates : Table
        Filtered (rad, m).
    tables : mapping of str to Table
        Of the engine, by name; they lack the times that were not solved.
    forces : FootForces
        Filtered.
    unsolved : int
        Frames without muscle forces.
    """

    coordinates: Table
    tables: Mapping[str, Table]
    forces: FootForces
    unsolved: int

    def loads(self, wanted_s: np.ndarray, body: Body) -> TrialLoads:
        """What labels are made from at times, shape (N,), that the motion and the forces hold."""
        tables = {name: on_clock(table, wanted_s) for name, table in self.tables.items()}
        return trial_loads(wanted_s, self.coordinates, tables, self.forces, body)


def solved_motion(
    mechanism: Mechanism,
    family: Family,
    time_s: np.ndarray,
    q: np.ndarray,
    forces: FootForces,
    *,
    spans_s: list[tuple[float, float]],
    filtering: Filtering,
    physics: Physics,
    where: str,
) -> Solved:
    """Filter and solve with the compiled kernels.

    Parameters
    ----------
    mechanism : Mechanism
        Scaled, with its actuators.
    family : Family
    time_s, q : ndarray, shapes (T,), (T, C)
        Motion (rad, m), not filtered.
    forces : FootForces
        At the rate of the plates, not filtered.
    spans_s : list of tuple of float
        Parts that are solved, ends included.
    filtering : Filtering
    physics : Physics
    where : str
    """
    q = filtering.motion(time_s, q)
    forces = filtering.forces(forces, time_s)
    tables, unsolved_s = solve_arrays(
        mechanism, family, time_s, q, forces, spans_s=spans_s, physics=physics, where=where
    )
    return Solved(Table(mechanism.coordinate_names, time_s, q), tables, forces, len(unsolved_s))


def trial_loads(
    time_s: np.ndarray,
    coordinates: Table,
    tables: Mapping[str, Mapping[str, np.ndarray]],
    forces: FootForces,
    body: Body,
) -> TrialLoads:
    """What labels are made from, of a motion, its forces, and what an engine made of them.

    Parameters
    ----------
    time_s : ndarray, shape (T,)
        Times wanted; those of `coordinates` and `forces` include them.
    coordinates
        As in a file of OpenSim's.
    tables
        Name of an engine's table, those of `ENGINE_TABLES` at least -> column -> values, shape (T,), NaN where nothing
        was solved.
    forces
        Filtered.
    body : Body
    """
    family, resultants = body.family, tables.get("joint_resultants")
    rows = rows_at(forces, time_s)
    cop, free_moment = _foot_points(forces)
    return TrialLoads(
        time_s=time_s,
        coordinates=in_radians(on_clock(coordinates, time_s), coordinates.in_degrees, family),
        generalized_forces=_with_dependents(tables["inverse_dynamics"], family),
        tendon_forces_n=tables["muscle_forces"],
        passive_forces_n=tables["passive_forces"],
        reactions={
            (joint, side): _reaction(tables["joint_reactions"], family, joint, side)
            for joint in family.reactions
            for side in SIDES
        },
        foot_force_ground_n=forces.force_ground_n[rows],
        foot_cop_ground_m=cop[rows],
        foot_free_moment_nm=free_moment[rows],
        condylar_spacing_m=body.condylar_spacing_m,
        mass_kg=body.mass_kg,
        family=family,
        knee_centre_aside_m=body.knee_centre_aside_m if resultants else {},
        knee_resultant_n={side: _reaction(resultants, family, "knee", side)[0] for side in SIDES} if resultants else {},
    )


def unmeasured_loads(time_s: np.ndarray, coordinates: Table, body: Body, anatomy: Anatomy) -> TrialLoads:
    """What labels are made from where no force was measured: the coordinates at times (T,), and NaN for all else."""
    family, blank = body.family, np.full(len(time_s), np.nan)
    vectors, feet = np.full((len(time_s), 3), np.nan), np.full((len(time_s), 2, 3), np.nan)
    muscles, names = dict.fromkeys(anatomy.crossed, blank), (*family.residual_forces, *family.residual_moments)
    return TrialLoads(
        time_s=time_s,
        coordinates=in_radians(on_clock(coordinates, time_s), coordinates.in_degrees, family),
        generalized_forces=dict.fromkeys((*coordinates.names, *names), blank),
        tendon_forces_n=muscles,
        passive_forces_n=muscles,
        reactions={(joint, side): (vectors, vectors) for joint in family.reactions for side in SIDES},
        foot_force_ground_n=feet,
        foot_cop_ground_m=feet,
        foot_free_moment_nm=feet[..., 0],
        condylar_spacing_m=body.condylar_spacing_m,
        mass_kg=body.mass_kg,
        family=family,
        knee_centre_aside_m={},
        knee_resultant_n={},
    )


def known_loads(loads: TrialLoads, validity: Validity, reach_s: float) -> TrialLoads:
    """Loads with NaN where the mask of the trial, widened by the reach of the filter, says that they are not known.

    The loads of a leg are missing with its ground reaction or its pose, its angles with its pose, and what belongs to
    no leg (the residuals of the pelvis) with either leg.
    """
    of_side = _sides(validity, loads.time_s, reach_s)
    unposed = _Sides(validity.invalid(Invalid.SEGMENT_LOST, loads.time_s, reach_s=reach_s))
    return replace(
        loads,
        coordinates=unposed.blank(loads.coordinates),
        generalized_forces=of_side.blank(loads.generalized_forces),
        tendon_forces_n=of_side.blank(loads.tendon_forces_n),
        passive_forces_n=of_side.blank(loads.passive_forces_n),
        reactions={
            (joint, side): tuple(np.where(of_side.lost(side)[:, None], np.nan, values) for values in reaction)
            for (joint, side), reaction in loads.reactions.items()
        },
        knee_resultant_n={
            side: np.where(of_side.lost(side)[:, None], np.nan, values)
            for side, values in loads.knee_resultant_n.items()
        },
        foot_force_ground_n=np.where(of_side.mask[..., None], np.nan, loads.foot_force_ground_n),
        foot_cop_ground_m=np.where(of_side.mask[..., None], np.nan, loads.foot_cop_ground_m),
        foot_free_moment_nm=np.where(of_side.mask, np.nan, loads.foot_free_moment_nm),
    )


def known_columns(
    columns: Mapping[str, np.ndarray], validity: Validity, time_s: np.ndarray, reach_s: float
) -> dict[str, np.ndarray]:
    """Columns of muscles or coordinates, each of shape (T,), with NaN where the loads of their leg are not known."""
    return _sides(validity, time_s, reach_s).blank(columns)


def known_frames(validity: Validity, time_s: np.ndarray, reach_s: float) -> np.ndarray:
    """Whether pose and ground reaction of both legs are known at each time, shape (T,)."""
    return ~_sides(validity, time_s, reach_s).mask.any(axis=1)


@dataclass(frozen=True)
class _Sides:
    """Frames and legs of which something is not known, shape (T, 2)."""

    mask: np.ndarray

    def lost(self, name: str) -> np.ndarray:
        """Frames that are lost to what a name belongs to: its leg's, or any where it names none; shape (T,)."""
        sides = [number for number, side in enumerate(SIDES) if side in name.split("_")]
        return self.mask[:, sides or [0, 1]].any(axis=1)

    def blank(self, columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {name: np.where(self.lost(name), np.nan, values) for name, values in columns.items()}


def _sides(validity: Validity, time_s: np.ndarray, reach_s: float) -> _Sides:
    return _Sides(validity.invalid(OF_CONTACT | Invalid.SEGMENT_LOST, time_s, reach_s=reach_s))


def on_clock(table: Table, time_s: np.ndarray) -> dict[str, np.ndarray]:
    """Columns of a table at times it holds, NaN at those it does not; each of shape (T,)."""
    half_frame_s = 0.5 / sampling_rate_hz(time_s)
    rows = np.clip(np.searchsorted(table.time_s, time_s - half_frame_s), 0, len(table.time_s) - 1)
    held = np.abs(table.time_s[rows] - time_s) < half_frame_s
    values = np.where(held[:, None], table.values[rows], np.nan)
    return {name: values[:, column] for column, name in enumerate(table.names)}


def rows_at(forces: FootForces, time_s: np.ndarray) -> np.ndarray:
    """Rows of forces at times they hold, shape (T,)."""
    return np.searchsorted(forces.time_s, time_s - 0.5 / forces.rate_hz)


def _foot_points(forces: FootForces) -> tuple[np.ndarray, np.ndarray]:
    """Centre of pressure, shape (N, 2, 3), NaN while unloaded, and free moment, shape (N, 2), zero while unloaded."""
    found = [center_of_pressure(*forces.side(side)[:2], forces.surface_height_m) for side in SIDES]
    cop, free_moment = (np.stack(values, axis=1) for values in zip(*found, strict=True))
    return np.where(forces.contact[..., None], cop, np.nan), np.where(forces.contact, free_moment, 0.0)


def in_radians(columns: dict[str, np.ndarray], in_degrees: bool, family: Family) -> dict[str, np.ndarray]:
    """Coordinates in rad and m, out of columns as OpenSim's files have them."""
    # Dependent coordinates are coupled ones to OpenSim, which writes them in radians in any file.
    as_they_are = {*family.residual_forces, *family.drivers()}
    return {
        name: np.radians(values) if in_degrees and name not in as_they_are else values
        for name, values in columns.items()
    }


def _with_dependents(moments: dict[str, np.ndarray], family: Family) -> dict[str, np.ndarray]:
    """Generalized forces with those on dependent coordinates added to the coordinates that drive them."""
    total = dict(moments)
    for dependent, driver in family.drivers().items():
        # ASSUME: a dependent coordinate moves one to one with its driver, as the patella with the knee here.
        total[driver] = total[driver] + total.pop(dependent)
    return total


def _reaction(reactions: dict[str, np.ndarray], family: Family, joint: str, side: str) -> tuple[np.ndarray, np.ndarray]:
    """Force (N) and moment (N m) on the child in its frame, each (T, 3)."""
    names = family.reaction(joint, side)
    stem = f"{names.joint}_on_{names.body}_in_{names.body}"
    force, moment = (np.stack([reactions[f"{stem}_{kind}{axis}"] for axis in "xyz"], axis=1) for kind in ("f", "m"))
    return force, moment
