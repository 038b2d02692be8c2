"""What is true of a recording: the labels of what really happened, and what synchronisation has to find."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from gaitload.cohorts.embedded import laboratory
from gaitload.config import Config
from gaitload.conventions import SIDES, body_weight_n
from gaitload.imu.placement import Mounting
from gaitload.imu.virtual import SensorClock
from gaitload.io.tables import write_table
from gaitload.opensim.label_modes import physics_of
from gaitload.opensim.virtual_person import VirtualPerson
from gaitload.signals.contact import feet_loaded
from gaitload.stages.chain import Body, Filtering, labels_of_motion
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
    """Write the truth of a trial, as Parquet; `clock` is that of `gaitload.stages.made.instruments.write_sensors`."""
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
    }
    write_table(path, _true_labels(person, performance, activity, settings, where), document)


def _true_labels(
    person: VirtualPerson, performance: Performance, activity: str, settings: Config, where: str
) -> dict[str, tuple[np.ndarray, dict]]:
    """Labels of the true motion under the true forces, called like those they are held against.

    Motion and forces pass the same filter as those that are measured.
    """
    mechanism, time_s = person.mechanism, performance.marker_time_s
    threshold_n = settings.ingest.contact_threshold_n.of(activity)
    contact = feet_loaded(performance.force_n, laboratory.FORCE_RATE_HZ, threshold_n)
    labels, loaded, _ = labels_of_motion(
        mechanism,
        Body(person.family, person.mass_kg, dict.fromkeys(SIDES, person.condylar_spacing_m)),
        time_s,
        performance.q,
        FootForces(performance.force_time_s, performance.force_n, performance.moment_nm, contact),
        wanted_s=time_s,
        spans_s=[(float(time_s[0]), float(time_s[-1]))],
        filtering=Filtering(settings.loads.cutoff_hz.of(activity), threshold_n),
        physics=physics_of(settings.label_mode, settings.physics.model_dump(mode="json"), person.family),
        where=where,
    )
    columns = {"time_s": (time_s, {"unit": "s"})}
    for number, side in enumerate(SIDES):
        columns[f"contact_{side}"] = (loaded[:, number], {"definition": "the foot is loaded"})
    return columns | {one.name: (one.values, {key: one.meaning[key] for key in ("label", "unit")}) for one in labels}
