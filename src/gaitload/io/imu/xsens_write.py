"""Writes what an inertial sensor recorded as Xsens MT Manager exports it: one text file a sensor."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gaitload.io.files import write_text_aside
from gaitload.io.imu.formats.xsens import ACC, COMMENT, COUNTER, COUNTER_WRAPS_AT, GYR, MAG, QUATERNION
from gaitload.trial import ImuRecording

COUNTER_FIRST = 4711
"""Of the packet counter at the sensor's time zero; receiving stations count from whenever they were switched on."""


def write_xsens(path: Path, recording: ImuRecording) -> None:
    """Write one sensor; lost packets have no row, channels that were not recorded no column.

    Equal content gives equal bytes.

    Parameters
    ----------
    path : Path
    recording : ImuRecording
        Its times are multiples of its period; a file does not hold the first, whoever reads it begins at 0.
    """
    groups = [
        (ACC, recording.acc_sensor_m_per_s2),
        (GYR, recording.gyr_sensor_rad_per_s),
        (MAG, recording.mag_sensor),
        (QUATERNION, recording.orientation_wxyz),
    ]
    present = [(names, values) for names, values in groups if values is not None]
    channels = np.column_stack([values for _, values in present])
    counter = (COUNTER_FIRST + np.round(recording.time_s * recording.rate_hz).astype(int)) % COUNTER_WRAPS_AT
    header = "\t".join([COUNTER, *(name for names, _ in present for name in names)])
    rows = [
        "\t".join([f"{count:05d}", *(f"{value:.6f}" for value in row)])
        for count, row in zip(counter.tolist(), channels.tolist(), strict=True)
        if not np.isnan(row).any()
    ]
    comments = [
        f"{COMMENT} Start Time: Unknown",
        f"{COMMENT} Update Rate: {round(recording.rate_hz, 6)}Hz",
        f"{COMMENT} Coordinate system: ENU",
        f"{COMMENT} DeviceId: {recording.name}",
    ]
    write_text_aside(path, "\n".join([*comments, header, *rows]) + "\n")
