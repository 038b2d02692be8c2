"""How the signals of an inertial sensor are called in tables."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gaitload.conventions import AXES
from gaitload.trial import ImuRecording


def sensor_columns(name: str, recording: ImuRecording, meaning: Mapping) -> dict[str, tuple[np.ndarray, dict]]:
    """Columns of one sensor, each with its meaning, to which `meaning` is added.

    `<sensor>_acc_<axis>_m_per_s2` is the specific force and `<sensor>_gyr_<axis>_rad_per_s` the angular velocity, both
    in the sensor's frame; `<sensor>_quat_<component>` turns its frame into the earth frame.
    """
    channels = {
        "acc": (recording.acc_sensor_m_per_s2, AXES, "m_per_s2", "sensor"),
        "gyr": (recording.gyr_sensor_rad_per_s, AXES, "rad_per_s", "sensor"),
        "quat": (recording.orientation_wxyz, "wxyz", "", "sensor to earth, Z up, heading the sensor's own"),
    }
    columns = {}
    for channel, (signals, axes, unit, frame) in channels.items():
        for index, axis in enumerate(axes):
            own = {"sensor": name, "channel": channel, "axis": axis, "unit": unit, "frame": frame}
            column = "_".join(part for part in (name, channel, axis, unit) if part)
            columns[column] = (signals[:, index], own | meaning)
    return columns
