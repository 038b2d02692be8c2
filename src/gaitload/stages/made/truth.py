"""What is true of a recording: what really happened, and what synchronisation has to find.

Labels of it are made by `gaitload.stages.truth_labels`: another label must not make another recording.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from gaitload.cohorts.embedded import laboratory
from gaitload.config import Config
from gaitload.conventions import AXES, SIDES, body_weight_n
from gaitload.imu.placement import Mounting
from gaitload.imu.virtual import SensorClock
from gaitload.io.tables import write_table
from gaitload.opensim.label_modes import physics_of
from gaitload.opensim.virtual_person import VirtualPerson
from gaitload.signals.contact import feet_loaded
from gaitload.stages.chain import ENGINE_TABLES, Filtering, on_clock, solved_motion
from gaitload.stages.made.performance import Performance
from gaitload.trial import FootForces


def write_truth(
    path: Path,
    person: VirtualPerson,
    performance: Performance,
    *,
    mountings: Mapping[str, Mounting],
    clock: SensorClock,
    activity: str,
    settings: Config,
    where: str,
) -> None:
    """Write the truth of a trial, as Parquet; `clock` is that of `gaitload.stages.made.instruments.write_sensors`.

    Columns are those of the engine's tables (`<table>:<column>`, their units), and of the feet (N, N m, in the ground
    frame, moments about its origin); the document has what `gaitload.stages.chain.trial_loads` wants beside.
    """
    weight_n = body_weight_n(person.mass_kg)
    document = {
        "clock": {"offset_s": clock.offset_s, "skew": clock.skew},
        "mountings": {
            name: {
                "turn_sensor_rad": mounting.turn_sensor_rad.tolist(),
                "shift_body_m": mounting.shift_body_m.tolist(),
                "heading_rad": mounting.heading_rad,
            }
            for name, mounting in mountings.items()
        },
        "residual_bw": float(np.linalg.norm(performance.residual_n, axis=1).max() / weight_n),
        "mass_kg": person.mass_kg,
        "condylar_spacing_m": person.condylar_spacing_m,
    }
    write_table(path, _true_motion(person, performance, activity, settings, where), document)


def _true_motion(
    person: VirtualPerson, performance: Performance, activity: str, settings: Config, where: str
) -> dict[str, tuple[np.ndarray, dict]]:
    """The true motion under the true forces, and what the muscles do; no label yet.

    Motion and forces pass the same filter as those that are measured.
    """
    mechanism, time_s = person.mechanism, performance.marker_time_s
    threshold_n = settings.ingest.contact_threshold_n.of(activity)
    contact = feet_loaded(performance.force_n, laboratory.FORCE_RATE_HZ, threshold_n)
    solved = solved_motion(
        mechanism,
        person.family,
        time_s,
        performance.q,
        FootForces(performance.force_time_s, performance.force_n, performance.moment_nm, contact),
        spans_s=[(float(time_s[0]), float(time_s[-1]))],
        filtering=Filtering(settings.loads.cutoff_hz.of(activity), threshold_n),
        physics=physics_of(settings.label_mode, settings.physics.model_dump(mode="json"), person.family),
        where=where,
    )
    columns = {"time_s": (time_s, {"unit": "s"})}
    tables = {name: solved.tables[name] for name in ENGINE_TABLES} | {"coordinates": solved.coordinates}
    for name, table in tables.items():
        columns |= {f"{name}:{key}": (values, {"table": name}) for key, values in on_clock(table, time_s).items()}
    forces = solved.forces
    for number, side in enumerate(SIDES):
        columns[f"contact_{side}"] = (forces.contact[:, number], {"definition": "the foot is loaded"})
        for axis, letter in enumerate(AXES):
            columns[f"force_{side}_{letter}_n"] = (forces.force_ground_n[:, number, axis], {"unit": "n"})
            columns[f"moment_{side}_{letter}_nm"] = (forces.moment_ground_nm[:, number, axis], {"unit": "nm"})
    return columns
