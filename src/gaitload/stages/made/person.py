"""All recordings of somebody who does not exist, and beside each its truth."""

from __future__ import annotations

import tempfile
from pathlib import Path

from gaitload.cohorts.embedded import laboratory
from gaitload.cohorts.embedded.people import random_of
from gaitload.cohorts.embedded.sensors import draw_clock, draw_mountings
from gaitload.config import parse_config
from gaitload.models.family import load_family
from gaitload.models.markersets import load_marker_set
from gaitload.models.sensors import load_sensors, scaled_placements
from gaitload.opensim.virtual_person import build_person
from gaitload.stages.made.instruments import write_cameras, write_sensors
from gaitload.stages.made.performance import perform
from gaitload.stages.made.truth import write_truth


def record_person(
    *,
    model: str,
    family: str,
    sensors: str,
    marker_set: str,
    participant: dict,
    trials: list[dict],
    lab_axes: tuple[str, str],
    config: dict,
    where: str,
) -> dict:
    """Make somebody's recordings.

    Parameters
    ----------
    model, family, sensors, marker_set
        Files: the generic `.osim`, `family.yaml`, `sensors.yaml`, the marker set's table.
    participant
        Fields of `gaitload.cohorts.tables.Participant`; the height must be known.
    trials
        `trial_id` (of `gaitload.cohorts.embedded.trials`), `activity`, and the files to write: `recording` (C3D),
        `sensors` (text exports by sensor) and `motion` (Parquet: see `gaitload.stages.made.truth.write_truth`).
    lab_axes
        Lab axes that point forward and up.
    config
        Fields of `gaitload.config.Config`.
    where
        Cohort/participant, for messages.

    Returns
    -------
    dict
        Nothing: everything is in the files.

    Raises
    ------
    ConfigError
        MOTION_UNKNOWN, SENSOR_BODY, and those of `build_person`.
    SolverError
        POSTURE_UNSOLVED, GAIT_UNSOLVED.
    """
    settings = parse_config(config, where=where)
    embedded, name = settings.embedded, participant["participant_id"]
    markers = load_marker_set(Path(marker_set))
    with tempfile.TemporaryDirectory(prefix="gaitload-") as folder:
        person = build_person(
            model,
            load_family(Path(family)),
            markers,
            sex=participant["sex"],
            height_m=participant["height_m"],
            mass_kg=participant["mass_kg"],
            strength=settings.strength,
            strength_factor=settings.scaling.strength_factor,
            condylar_spacing_m=settings.scaling.condylar_spacing_m,
            settings=settings.loads.model_dump(mode="json"),
            random=random_of(embedded.seed, name),
            folder=Path(folder),
        )
    placements = scaled_placements(load_sensors(Path(sensors)), person.factors)
    mountings = draw_mountings(placements, embedded.sensors, random_of(embedded.seed, name, "sensors"))
    rotation = laboratory.lab_from_ground(*lab_axes)
    for trial in trials:
        trial_id = trial["trial_id"]
        in_trial, random = f"{where}/{trial_id}", random_of(embedded.seed, name, trial_id)
        performance = perform(person, trial_id, duration_s=embedded.duration_s, random=random, where=in_trial)
        write_cameras(
            Path(trial["recording"]),
            person.mechanism,
            markers,
            performance,
            trial_id=trial_id,
            rotation=rotation,
            settings=embedded,
            random=random,
        )
        clock = write_sensors(
            {sensor: Path(path) for sensor, path in trial["sensors"].items()},
            person.mechanism,
            performance,
            placements,
            mountings=mountings,
            clock=draw_clock(embedded.sensors, random),
            settings=embedded.sensors,
            random=random,
        )
        write_truth(
            Path(trial["motion"]),
            person,
            performance,
            mountings=mountings,
            clock=clock,
            activity=trial["activity"],
            settings=settings,
            where=in_trial,
        )
    return {}
