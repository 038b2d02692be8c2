"""The sensor table of a trial: all its inertial sensors, read, oriented and on one clock, in one Parquet file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from gaitload.errors import DataError
from gaitload.imu.columns import sensor_columns
from gaitload.io.tables import read_table, write_table
from gaitload.trial import ImuRecording


def write_sensors(path: Path, bodies: Sequence[str], recordings: Sequence[ImuRecording], document: Mapping) -> None:
    """Write sensors that share a clock, with the columns of `sensor_columns` by the bodies that carry them.

    The magnetic field is left out: its unit is not known, and it has done its part in the orientation.

    Parameters
    ----------
    bodies : sequence of str, length S
        Bodies of the model, in the order of the recordings.
    recordings : sequence of ImuRecording, length S
        On one clock, each with an orientation. Arrays of shape (T, 3) and (T, 4), NaN where missing.
    document
        JSON-able metadata of the file, to which `sensors` (body -> name of its sensor) is added. Equal content gives
        equal bytes.
    """
    clock = {"unit": "s", "definition": "time on the clock of the sensors"}
    columns = {"time_s": (recordings[0].time_s, clock)}
    for body, recording in zip(bodies, recordings, strict=True):
        columns |= sensor_columns(body, recording, {"source": "measured"})
    names = {body: recording.name for body, recording in zip(bodies, recordings, strict=True)}
    write_table(path, columns, {**document, "sensors": names})


def read_sensors(path: Path) -> tuple[ImuRecording, ...]:
    """Inverse of `write_sensors`: sensors in the order in which they were written, without a magnetic field.

    Returns
    -------
    tuple of ImuRecording
        On one clock, each called as in the recording, with specific force (m/s2) and angular velocity (rad/s) in the
        sensor's frame, shape (T, 3), and orientation, sensor to earth, shape (T, 4).

    Raises
    ------
    DataError
        Those of `read_table`, among them TABLE_DAMAGED, also for a table of another kind.
    """
    values, meanings, document = read_table(path)
    try:
        return tuple(_recording(body, name, values, meanings) for body, name in _sensors(meanings, document))
    except KeyError as error:
        raise DataError(
            expected="a table of inertial sensors",
            found=f"no {error}",
            where=str(path),
            do="Remove the results' manifests and run again.",
            code="TABLE_DAMAGED",
        ) from error


def _sensors(meanings: Mapping[str, Mapping], document: Mapping) -> list[tuple[str, str]]:
    """Body and name of each sensor in the order of the columns; metadata are sorted by name."""
    bodies = dict.fromkeys(meaning["sensor"] for column, meaning in meanings.items() if column != "time_s")
    return [(body, document["sensors"][body]) for body in bodies]


def _recording(body: str, name: str, values: Mapping[str, np.ndarray], meanings: Mapping[str, Mapping]) -> ImuRecording:
    channels: dict[str, list[np.ndarray]] = {"acc": [], "gyr": [], "quat": []}
    for column, meaning in meanings.items():
        if meaning.get("sensor") == body:
            channels[meaning["channel"]].append(values[column])
    acc, gyr, quat = (np.column_stack(parts) for parts in channels.values())
    return ImuRecording(name, values["time_s"], acc, gyr, orientation_wxyz=quat)
