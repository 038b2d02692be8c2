"""Muscle forces that follow electromyograms: with all channels, with none, and with each left out."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from gaitload.io.forces import read_foot_forces
from gaitload.io.sto import write_sto
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
        Table of `time_s` and, for each muscle, the activation that its channel tells.
    variants
        Name -> muscles that follow their channels.
    spans_s
        Parts that are solved, ends included.
    uncertainty : float
        Standard deviation of an activation about its channel.
    settings : dict
        As for an engine.
    folder : str
        Gets a folder for each variant, with the tables of an engine and the motion.

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
    told = read_table(Path(wanted))[0]
    physics = physics_of(settings["label_mode"], settings["muscles"], names, exponent=settings["activation_exponent"])
    unsolved = {}
    for variant, muscles in variants.items():
        followed = _followed(told, muscles, mechanism.muscle_names, time_s, uncertainty)
        tables, unsolved[variant] = solve_arrays(
            mechanism, names, time_s, q, forces, spans_s=spans_s, physics=physics, where=where, followed=followed
        )
        place = Path(folder) / variant
        place.mkdir(parents=True)
        for name in ("coordinates.mot", "forces.mot"):
            shutil.copyfile(Path(motion) / name, place / name)
        for name, table in tables.items():
            write_sto(place / f"{name}.sto", table, name=name, in_degrees=False)
    return unsolved


def _followed(
    told: dict[str, np.ndarray], muscles: list[str], every: tuple[str, ...], time_s: np.ndarray, uncertainty: float
) -> Followed:
    """Activations of some muscles at times; none is followed where its channel is missing."""
    wanted = np.full((len(time_s), len(every)), np.nan)
    for muscle in muscles:
        wanted[:, every.index(muscle)] = np.interp(time_s, told["time_s"], told[muscle], left=np.nan, right=np.nan)
    known = np.isfinite(wanted)
    return Followed(np.where(known, np.clip(wanted, 0.0, 1.0), 0.0), np.where(known, uncertainty**-2, 0.0))
