"""Records the embedded cohort: C3D files of somebody's trials, and beside each the truth it was made from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.interpolate import CubicSpline

from gaitload.cohorts.embedded import laboratory
from gaitload.cohorts.embedded.people import random_of
from gaitload.cohorts.embedded.squat import halved
from gaitload.conventions import AXES, SIDES, column_stem
from gaitload.errors import ConfigError
from gaitload.io.c3d_write import write_c3d
from gaitload.io.sto import Table
from gaitload.io.tables import write_table
from gaitload.models.family import Family, load_family
from gaitload.models.markersets import MarkerSet, load_marker_set
from gaitload.opensim.virtual_motion import motion_of, soles_ground_m
from gaitload.opensim.virtual_person import VirtualPerson, build_person
from gaitload.opensim.virtual_recording import demanded_wrench, joint_forces, marker_trajectories
from gaitload.signals.plates import center_of_pressure


def record_person(
    *,
    model: str,
    family: str,
    marker_set: str,
    participant: dict,
    trials: list[dict],
    lab_axes: tuple[str, str],
    where: str,
) -> dict:
    """Make somebody's recordings.

    Parameters
    ----------
    model, family, marker_set
        Files: the generic `.osim`, `family.yaml`, the marker set's table.
    participant
        Fields of `gaitload.cohorts.tables.Participant`; the height must be known.
    trials
        `trial_id` (a motion of `virtual_motion.MOTIONS`), `role`, and the files to write: `recording` (C3D) and
        `truth` (Parquet: joint angles and moments, forces and centres of pressure per foot, by the names and in the
        units and frames of the labels).
    lab_axes
        Lab axes that point forward and up.
    where
        Cohort/participant, for messages.

    Raises
    ------
    ConfigError
        HEIGHT_MISSING, MOTION_UNKNOWN, and those of `build_person`.
    SolverError
        POSTURE_UNSOLVED.
    """
    name, height_m = participant["participant_id"], participant["height_m"]
    if height_m is None:
        raise ConfigError(
            expected="height_m, from which proportions follow",
            found="none",
            where=where,
            do="Give height_m in participants.tsv.",
            code="HEIGHT_MISSING",
        )
    markers = load_marker_set(Path(marker_set))
    person = build_person(
        model,
        load_family(Path(family)),
        markers,
        sex=participant["sex"],
        height_m=height_m,
        mass_kg=participant["mass_kg"],
        random=random_of(name),
    )
    for trial in trials:
        _record(person, markers, trial, lab_axes, random_of(name, trial["trial_id"]))
    return {}


def _record(
    person: VirtualPerson, markers: MarkerSet, trial: dict, lab_axes: tuple[str, str], random: np.random.Generator
) -> None:
    motion = motion_of(trial["trial_id"])(person)
    force_n, moment_nm = halved(
        *demanded_wrench(person.model, motion, person.family), soles_ground_m(person)[:, AXES.index("z")]
    )
    names, places_m = marker_trajectories(person.model, motion)
    worn = laboratory.worn([markers.by_name[name].landmark for name in names], static=trial["role"] == "static")
    names = tuple(np.array(names)[worn].tolist())
    rotation = laboratory.lab_from_ground(*lab_axes)
    plates = [
        laboratory.plate_under(side, *_at_force_rate(motion.time_s, force_n[:, index], moment_nm[:, index]), rotation)
        for index, side in enumerate(SIDES)
    ]
    write_c3d(
        Path(trial["recording"]),
        marker_names=names,
        marker_rate_hz=laboratory.MARKER_RATE_HZ,
        marker_lab_m=laboratory.seen(places_m[:, worn], motion.time_s, names, random) @ rotation.T,
        force_rate_hz=laboratory.FORCE_RATE_HZ,
        channels=np.stack([plate.channels for plate in plates]),
        corners_lab_m=np.stack([plate.corners_lab_m for plate in plates]),
        origins_plate_m=np.stack([plate.origin_plate_m for plate in plates]),
    )
    needed = joint_forces(person.model, motion, person.family, force_n, moment_nm)
    columns = truth_columns(motion, needed, force_n, moment_nm, person.family)
    write_table(Path(trial["truth"]), columns, {"foot_of_plate": laboratory.plate_names()})


def truth_columns(
    motion: Table, needed: Table, force_n: np.ndarray, moment_nm: np.ndarray, family: Family
) -> dict[str, tuple[np.ndarray, dict]]:
    """Columns of a truth table, called like those of the labels they are held against.

    Parameters
    ----------
    motion, needed
        Coordinates (rad, m), and the generalized forces they demand (N m, N).
    force_n, moment_nm : ndarray, shape (T, 2, 3)
        On the feet, ground frame; moment about its origin.
    family
    """
    columns = {"time_s": (motion.time_s, "s")}
    for number, side in enumerate(SIDES):
        for name in family.side_coordinates:
            moment = f"{name.removesuffix('_angle')}_moment"
            columns[f"{column_stem(name, side)}_rad"] = motion.column(f"{name}_{side}"), "rad"
            columns[f"{column_stem(moment, side)}_nm"] = needed.column(f"{name}_{side}"), "nm"
        point_m, _ = center_of_pressure(force_n[:, number], moment_nm[:, number], 0.0)
        for index, axis in enumerate(AXES):
            columns[f"{column_stem('grf', side, axis)}_n"] = force_n[:, number, index], "n"
            columns[f"{column_stem('cop', side, axis)}_m"] = point_m[:, index], "m"
    return {name: (values, {"unit": unit}) for name, (values, unit) in columns.items()}


def _at_force_rate(time_s: np.ndarray, *values: np.ndarray) -> list[np.ndarray]:
    samples = round(len(time_s) * laboratory.FORCE_RATE_HZ / laboratory.MARKER_RATE_HZ)
    return [CubicSpline(time_s, each)(np.arange(samples) / laboratory.FORCE_RATE_HZ) for each in values]
