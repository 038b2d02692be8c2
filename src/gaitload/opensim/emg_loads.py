"""Muscle forces that follow electromyograms: with all channels, with none, and with each left out."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from gaitload.io.forces import read_foot_forces
from gaitload.io.sto import Table, write_sto
from gaitload.io.tables import read_table
from gaitload.mechanics.sharing import Followed
from gaitload.models.family import load_family
from gaitload.opensim.engines.compiled import coordinates_of, solve_arrays
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.label_modes import physics_of


def solve_followed(
    *,
    model: str,
    family: str,
    motion: str,
    wanted: str,
    variants: dict[str, list[str]],
    spans_s: list[tuple[float, float]],
    uncertainty: float,
    settings: dict,
    folder: str,
    where: str,
) -> dict[str, list[float]]:
    """Solve the motion of a trial once for every set of channels that is followed.

    Parameters
    ----------
    model : str
        Actuated model.
    family : str
        `family.yaml`.
    motion : str
        Folder with `coordinates.mot` and `forces.mot`, both filtered.
    wanted : str
        Table of `time_s` and, for each muscle, the activation by its channel.
    variants
        Name -> muscles that follow their channels.
    spans_s
        Parts that are solved, ends included.
    uncertainty : float
        Standard deviation of an activation about its channel.
    settings : dict
        Settings of an engine, see `gaitload.opensim.engines`.
    folder : str
        A folder for each variant is made in it, with the tables of an engine and the motion.

    Returns
    -------
    dict
        Times (s) left unsolved by each variant.

    Raises
    ------
    ConfigError
        Those of `export_mechanism`.
    """
    mechanism, names = export_mechanism(model), load_family(Path(family))
    time_s, q = coordinates_of(Path(motion) / "coordinates.mot", mechanism, where)
    forces = read_foot_forces(Path(motion) / "forces.mot")
    activations = read_table(Path(wanted))[0]
    physics = physics_of(settings["label_mode"], settings["muscles"], names, exponent=settings["activation_exponent"])
    unsolved = {}
    for variant, muscles in variants.items():
        followed = _followed(activations, muscles, mechanism.muscle_names, time_s, uncertainty)
        tables, unsolved[variant] = solve_arrays(
            mechanism, names, time_s, q, forces, spans_s=spans_s, physics=physics, where=where, followed=followed
        )
        _write(Path(folder) / variant, tables, Path(motion))
    return unsolved


def _write(folder: Path, tables: dict[str, Table], motion: Path) -> None:
    """Tables of an engine and the motion that they belong to, in a new folder."""
    folder.mkdir(parents=True)
    for name in ("coordinates.mot", "forces.mot"):
        shutil.copyfile(motion / name, folder / name)
    for name, table in tables.items():
        write_sto(folder / f"{name}.sto", table, name=name, in_degrees=False)


def _followed(
    activations: dict[str, np.ndarray],
    muscles: list[str],
    every: tuple[str, ...],
    time_s: np.ndarray,
    uncertainty: float,
) -> Followed:
    """Activations of some of all muscles at times; none is followed where its channel is missing."""
    wanted = np.full((len(time_s), len(every)), np.nan)
    for muscle in muscles:
        there = np.interp(time_s, activations["time_s"], activations[muscle], left=np.nan, right=np.nan)
        wanted[:, every.index(muscle)] = there
    known = np.isfinite(wanted)
    return Followed(np.where(known, np.clip(wanted, 0.0, 1.0), 0.0), np.where(known, uncertainty**-2, 0.0))
