"""OpenSim's tables of orientations: storage files (.sto) with `DataType=Quaternion` and cells `w,x,y,z`, one column a
sensor. OpenSim names a sensor's column by the frame of the model it belongs to, such as `pelvis_imu`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gaitload.errors import DataError
from gaitload.imu.clock import on_common_clock
from gaitload.io.files import write_aside
from gaitload.io.imu.channels import Channels, recording_of
from gaitload.io.imu.packets import samples_by_time
from gaitload.io.imu.text import is_number, number, text_error
from gaitload.io.sto import StoText, read_sto_text
from gaitload.trial import ImuRecording

DATA_TYPE = "datatype=quaternion"
"""Entry of the header, in lower case and without blanks."""


def read_quaternion_sto(path: Path) -> tuple[ImuRecording, ...]:
    """Read all sensors of a table, in its order; acceleration and angular velocity are missing (NaN).

    The earth frame is that of the file: of tables that OpenSim's readers wrote it has Z up, of tables that were already
    turned into OpenSim's ground frame Y.

    Raises
    ------
    DataError
        Those of `read_sto_text`, `IMU_FORMAT_UNKNOWN`, `IMU_COLUMNS`, `IMU_CELLS`, `IMU_ROWS`, `IMU_TIME`,
        `IMU_PACKETS_LOST`, `IMU_CHANNELS_MISSING`, `IMU_QUATERNIONS_NOT_UNIT`.
    """
    text, where = read_sto_text(path), str(path)
    if DATA_TYPE not in (entry.replace(" ", "") for entry in text.header):
        raise text_error("IMU_FORMAT_UNKNOWN", "a header with DataType=Quaternion", "none", where)
    time_s, quaternions = _cells(text, where)
    samples, interval_s = samples_by_time(time_s, where=where)
    return tuple(
        recording_of(
            name,
            Channels(orientation_wxyz=quaternions[:, sensor]),
            samples,
            start_s=float(time_s[0]),
            interval_s=interval_s,
            where=where,
        )
        for sensor, name in enumerate(text.names[1:])
    )


def write_quaternion_sto(path: Path, recordings: Sequence[ImuRecording]) -> None:
    """Write the orientations of sensors so that OpenSim and `read_quaternion_sto` read them.

    Parameters
    ----------
    path : Path
    recordings : sequence of ImuRecording
        Each with an orientation, on one clock; lost packets, and what one sensor recorded longer than another, are
        written as NaN.

    Raises
    ------
    DataError
        `IMU_CHANNELS_MISSING`, when a sensor has no orientation; `IMU_CLOCKS_DIFFER`.
    """
    without = [recording.name for recording in recordings if recording.orientation_wxyz is None]
    if without or not recordings:
        raise DataError(
            expected="sensors with an orientation",
            found=f"none of {', '.join(without)}" if without else "no sensor",
            where=str(path),
            do="Estimate their orientation first.",
            code="IMU_CHANNELS_MISSING",
        )
    together = on_common_clock(recordings)
    header = [f"DataRate={together[0].rate_hz:.6f}", "DataType=Quaternion", "version=3", "endheader"]
    header.append("\t".join(("time", *(recording.name for recording in together))))
    orientations = np.stack([recording.orientation_wxyz for recording in together], axis=1).tolist()
    with write_aside(path) as aside, aside.open("w", encoding="utf-8", newline="\n") as handle:
        handle.writelines(f"{line}\n" for line in header)
        for time_s, row in zip(together[0].time_s.tolist(), orientations, strict=True):
            # The shortest text that reads back to the same bits is what Python writes for a float.
            cells = (",".join(map(repr, quaternion)) for quaternion in row)
            handle.write("\t".join((repr(time_s), *cells)) + "\n")


def _cells(text: StoText, where: str) -> tuple[np.ndarray, np.ndarray]:
    """Times, shape (T,), and quaternions, shape (T, sensors, 4)."""
    sensors = len(text.names) - 1
    rows = []
    for line_number, line in enumerate(text.rows, start=text.first_line):
        if not line or line.isspace():
            continue
        time, *cells = line.split()
        parts = [time, *(part for cell in cells for part in cell.split(","))]
        if len(cells) != sensors or any(cell.count(",") != 3 for cell in cells):
            found = f"{len(cells)} cells, {len(parts) - 1} numbers in line {line_number}"
            raise text_error("IMU_COLUMNS", f"a time and {sensors} cells w,x,y,z in each line", found, where)
        bad = next((part for part in parts if not is_number(part)), None)
        if bad is not None:
            raise text_error("IMU_CELLS", "numbers or NaN", f"{bad[:40]!r} in line {line_number}", where)
        rows.append([number(part) for part in parts])
    if len(rows) < 2 or not sensors:
        raise text_error("IMU_ROWS", "two samples or more of one sensor or more", f"{len(rows)} of {sensors}", where)
    values = np.array(rows)
    return values[:, 0], values[:, 1:].reshape(len(rows), sensors, 4)
