"""Somebody who does not exist, moving before cameras, on force plates and with sensors: the files, and the truth."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from gaitload.cohorts.embedded import laboratory
from gaitload.cohorts.embedded.gait import intention
from gaitload.cohorts.embedded.people import random_of
from gaitload.cohorts.embedded.possible import Mover, foot_wrenches, possible_motion
from gaitload.cohorts.embedded.sensors import BURST_SAMPLES, draw_clock, draw_mountings
from gaitload.cohorts.embedded.standing import carried, soles_z_m, standing
from gaitload.cohorts.embedded.templates import gait_template
from gaitload.cohorts.embedded.trials import STATIC, made_trial
from gaitload.config import Config, Embedded, parse_config
from gaitload.conventions import SIDES, body_weight_n
from gaitload.imu.noise import MTI_1, PacketLoss
from gaitload.imu.placement import Mounting, Placement
from gaitload.imu.virtual import SensorClock
from gaitload.io.c3d_write import write_c3d
from gaitload.io.imu.xsens_write import write_xsens
from gaitload.io.sto import Table
from gaitload.io.tables import write_table
from gaitload.labels import in_every_unit
from gaitload.mechanics.kinematics import body_poses
from gaitload.mechanics.whole_body import whole_body
from gaitload.models.family import load_family
from gaitload.models.markersets import MarkerSet, load_marker_set
from gaitload.models.sensors import load_sensors, scaled_placements
from gaitload.opensim.engines.compiled import solve_arrays
from gaitload.opensim.label_modes import physics_of
from gaitload.opensim.virtual_imu import measured_imus
from gaitload.opensim.virtual_person import VirtualPerson, build_person
from gaitload.registry import modules_of
from gaitload.signals.contact import loaded
from gaitload.signals.filters import lowpass
from gaitload.signals.foot_forces import filtered_foot_forces
from gaitload.stages.solution import on_clock, trial_loads
from gaitload.trial import FootForces

SENSOR_FRAMES_HZ = 200.0
"""At which sensors are told the motion; its splines have no more to say."""


@dataclass(frozen=True)
class Performance:
    """What really happened in a trial, on the clock of the cameras, which starts at 0.

    Attributes
    ----------
    marker_time_s, force_time_s : ndarray, shapes (T,), (N,)
    q : ndarray, shape (T, C)
        All coordinates (rad, m).
    phase : ndarray, shape (T,)
        Strides that have passed.
    force_n, moment_nm : ndarray, shape (N, 2, 3)
        On the feet, ground frame; moment about its origin; axis 1 runs over `SIDES`.
    residual_n : ndarray, shape (N, 3)
        What the motion demands and no foot gives.
    sensor_time_s, sensor_q : ndarray, shapes (K,), (K, C)
        Motion while the sensors run, who start before the cameras.
    """

    marker_time_s: np.ndarray
    force_time_s: np.ndarray
    q: np.ndarray
    phase: np.ndarray
    force_n: np.ndarray
    moment_nm: np.ndarray
    residual_n: np.ndarray
    sensor_time_s: np.ndarray
    sensor_q: np.ndarray


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
        `sensors` (text exports by sensor) and `truth` (Parquet: labels of the true motion; its document has the clocks,
        the mountings of the sensors and the contacts of the feet).
    lab_axes
        Lab axes that point forward and up.
    config
        Fields of `gaitload.config.Config`.
    where
        Cohort/participant, for messages.

    Raises
    ------
    ConfigError
        MOTION_UNKNOWN, SENSOR_BODY, and those of `build_person`.
    SolverError
        POSTURE_UNSOLVED, GAIT_UNSOLVED.
    """
    settings = parse_config(config, where=where)
    seed, name = settings.embedded.seed, participant["participant_id"]
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
            settings=settings.loads.model_dump(mode="json"),
            random=random_of(seed, name),
            folder=Path(folder),
        )
    placements = scaled_placements(load_sensors(Path(sensors)), person.factors)
    mountings = draw_mountings(placements, settings.embedded.sensors, random_of(seed, name, "sensors"))
    rotation = laboratory.lab_from_ground(*lab_axes)
    for trial in trials:
        random = random_of(seed, name, trial["trial_id"])
        performance = _performed(person, trial["trial_id"], settings.embedded, random, f"{where}/{trial['trial_id']}")
        _write_cameras(person, markers, performance, trial, rotation, settings.embedded, random)
        clock = draw_clock(settings.embedded.sensors, random)
        _write_sensors(person, performance, placements, mountings, clock, trial, settings.embedded, random)
        _write_truth(person, performance, mountings, clock, trial, settings, where)
    return {}


def _performed(
    person: VirtualPerson, trial_id: str, settings: Embedded, random: np.random.Generator, where: str
) -> Performance:
    if trial_id == STATIC:
        return _stood(person, random, where)
    made = made_trial(trial_id)
    lead_s = float(random.uniform(*laboratory.LEAD_S))
    duration_s = lead_s + settings.duration_s
    meant = intention(
        gait_template(made.template),
        duration_s,
        leg_length_m=person.leg_length_m,
        mass_kg=person.mass_kg,
        random=random,
    )
    mover = Mover(
        person.mechanism, person.family.pelvis_body, person.feet, person.factors[person.feet[0]], person.mass_kg
    )
    motion = possible_motion(mover, meant, duration_s, where)
    return _performance(
        lead_s, settings.duration_s, motion.coordinates, meant.phase, partial(foot_wrenches, meant, motion)
    )


def _stood(person: VirtualPerson, random: np.random.Generator, where: str) -> Performance:
    foot = dict(zip(SIDES, person.feet, strict=True))
    scale = person.factors[person.feet[0]]
    q = standing(person.mechanism, foot, scale, where)
    still = np.zeros((1, len(q)))
    body = whole_body(person.mechanism.tree, np.empty(0), q[None], still, still)
    given = carried(body.force_n[0], body.moment_nm[0], soles_z_m(person.mechanism, q, foot, scale))

    def wrenches(time_s: np.ndarray):
        return *(np.tile(values, (len(time_s), 1, 1)) for values in given), np.zeros((len(time_s), 3))

    lead_s = float(random.uniform(*laboratory.LEAD_S))
    return _performance(
        lead_s, laboratory.STATIC_S, lambda time_s: np.tile(q, (len(time_s), 1)), np.zeros_like, wrenches
    )


def _performance(lead_s: float, duration_s: float, coordinates, phase, wrenches) -> Performance:
    frames = round(duration_s * laboratory.MARKER_RATE_HZ)
    marker_time_s = np.arange(frames) / laboratory.MARKER_RATE_HZ
    samples = frames * round(laboratory.FORCE_RATE_HZ / laboratory.MARKER_RATE_HZ)
    force_time_s = np.arange(samples) / laboratory.FORCE_RATE_HZ
    force, moment, residual = wrenches(lead_s + force_time_s)
    sensor_time_s = np.arange(round((lead_s + duration_s) * SENSOR_FRAMES_HZ)) / SENSOR_FRAMES_HZ
    return Performance(
        marker_time_s=marker_time_s,
        force_time_s=force_time_s,
        q=coordinates(lead_s + marker_time_s),
        phase=phase(lead_s + marker_time_s),
        force_n=force,
        moment_nm=moment,
        residual_n=residual,
        sensor_time_s=sensor_time_s - lead_s,
        sensor_q=coordinates(sensor_time_s),
    )


def _write_cameras(
    person: VirtualPerson,
    marker_set: MarkerSet,
    performance: Performance,
    trial: dict,
    rotation: np.ndarray,
    settings: Embedded,
    random: np.random.Generator,
) -> None:
    """Markers and force plates, as a C3D file."""
    mechanism, static = person.mechanism, trial["trial_id"] == STATIC
    landmarks = [marker_set.by_name[name].landmark for name in mechanism.marker_names]
    worn = laboratory.worn(landmarks, static=static)
    bodies = [mechanism.bodies[index] for index in mechanism.marker_body]
    skin_m = laboratory.skin_motion_m(performance.phase, bodies, 0.0 if static else settings.skin_motion_m, random)
    places = marker_places_m(person, performance.q, skin_m)
    observed = laboratory.seen(
        places[:, worn],
        np.array([landmark is None for landmark in landmarks])[worn],
        noise_m=settings.marker_noise_m,
        gaps=0 if static else settings.gaps,
        random=random,
    )
    under = laboratory.belts if static or made_trial(trial["trial_id"]).two_belts else laboratory.wide_belt
    plates = under(performance.force_n, performance.moment_nm, rotation)
    channels = np.stack([plate.channels for plate in plates])
    write_c3d(
        Path(trial["recording"]),
        marker_names=[name for name, on in zip(mechanism.marker_names, worn, strict=True) if on],
        marker_rate_hz=laboratory.MARKER_RATE_HZ,
        marker_lab_m=observed @ rotation.T,
        force_rate_hz=laboratory.FORCE_RATE_HZ,
        channels=channels + laboratory.plate_noise(channels.shape, settings.force_noise_n, random),
        corners_lab_m=np.stack([plate.corners_lab_m for plate in plates]),
        origins_plate_m=np.stack([plate.origin_plate_m for plate in plates]),
    )


def marker_places_m(person: VirtualPerson, q: np.ndarray, skin_m: np.ndarray) -> np.ndarray:
    """Where the markers are, shape (T, M, 3), ground frame; `skin_m`, same shape, is in the frames of their bodies."""
    mechanism, poses = person.mechanism, body_poses(person.mechanism, q)
    places = np.empty((len(q), len(mechanism.marker_names), 3))
    for index, (body, on_body) in enumerate(zip(mechanism.marker_body, mechanism.marker_position, strict=True)):
        rotation, origin = poses[mechanism.bodies[body]]
        places[:, index] = origin + np.einsum("tij,tj->ti", rotation, on_body + skin_m[:, index])
    return places


def _write_sensors(
    person: VirtualPerson,
    performance: Performance,
    placements: tuple[Placement, ...],
    mountings: Mapping[str, Mounting],
    clock: SensorClock,
    trial: dict,
    settings: Embedded,
    random: np.random.Generator,
) -> None:
    """One text file a sensor; the sensors' time zero is when the motion starts."""
    recordings = measured_imus(
        person.mechanism,
        performance.sensor_time_s - performance.sensor_time_s[0],
        performance.sensor_q,
        placements,
        noise=MTI_1.times(settings.sensors.noise),
        random=random,
        mountings=mountings,
        clock=clock,
        loss=PacketLoss(settings.sensors.loss_share, BURST_SAMPLES),
    )
    for name, path in trial["sensors"].items():
        write_xsens(Path(path), recordings[name])


def _write_truth(
    person: VirtualPerson,
    performance: Performance,
    mountings: Mapping[str, Mounting],
    clock: SensorClock,
    trial: dict,
    settings: Config,
    where: str,
) -> None:
    """Labels of the true motion under the true forces, through the same filter as those that are measured."""
    weight_n = body_weight_n(person.mass_kg)
    lead_s = -float(performance.sensor_time_s[0])
    document = {
        "clock": {"offset_s": clock.offset_s - lead_s, "skew": clock.skew},
        "mountings": {
            name: {
                "turn_sensor_rad": mounting.turn_sensor_rad.tolist(),
                "shift_body_m": mounting.shift_body_m.tolist(),
                "heading_rad": mounting.heading_rad,
            }
            for name, mounting in mountings.items()
        },
        "residual_bw": float(np.linalg.norm(performance.residual_n, axis=1).max() / weight_n),
    }
    columns = true_labels(person, performance, trial["activity"], settings, where)
    write_table(Path(trial["truth"]), columns, document)


def true_labels(
    person: VirtualPerson, performance: Performance, activity: str, settings: Config, where: str
) -> dict[str, tuple[np.ndarray, dict]]:
    """Columns of a label table, called like those of the labels they are held against."""
    mechanism, time_s = person.mechanism, performance.marker_time_s
    cutoff_hz, threshold_n = settings.loads.cutoff_hz.of(activity), settings.ingest.contact_threshold_n.of(activity)
    q = lowpass(performance.q, rate_hz=laboratory.MARKER_RATE_HZ, cutoff_hz=cutoff_hz)
    upward = performance.force_n[..., 1]
    contact = np.stack(
        [loaded(upward[:, side], laboratory.FORCE_RATE_HZ, threshold_n) for side in range(len(SIDES))], axis=1
    )
    whole = FootForces(performance.force_time_s, performance.force_n, performance.moment_nm, contact)
    forces = filtered_foot_forces(whole, cutoff_hz=cutoff_hz, time_s=time_s, contact_threshold_n=threshold_n)
    physics = physics_of(settings.label_mode, settings.physics.model_dump(mode="json"), person.family)
    span = (float(time_s[0]), float(time_s[-1]))
    tables, _ = solve_arrays(mechanism, person.family, time_s, q, forces, spans_s=[span], physics=physics, where=where)
    loads = trial_loads(
        time_s,
        Table(mechanism.coordinate_names, time_s, q),
        {name: on_clock(table, time_s) for name, table in tables.items()},
        forces,
        condylar_spacing_m=dict.fromkeys(SIDES, person.condylar_spacing_m),
        mass_kg=person.mass_kg,
        family=person.family,
    )
    columns = {"time_s": (time_s, {"unit": "s"})}
    for number, side in enumerate(SIDES):
        columns[f"contact_{side}"] = (forces.contact[:, number], {"definition": "the foot is loaded"})
    for module in modules_of("gaitload.labels", required=("LABEL", "compute")).values():
        for name, (values, unit) in in_every_unit(module.LABEL, module.compute(loads), person.mass_kg).items():
            columns[name] = (values, {"label": module.LABEL.name, "unit": unit})
    return columns
