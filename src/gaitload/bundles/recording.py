"""Sensors that somebody wore, as a trial without labels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gaitload.imu.clock import on_common_clock
from gaitload.imu.columns import sensor_columns
from gaitload.imu.orientation import with_orientation
from gaitload.trial import ImuRecording
from gaitload.windows.tables import AlignedTrial

NAME = "recording"

SIDE_WORDS = {"r": "right", "l": "left", "": "both"}


def oriented(sensors: Mapping[str, ImuRecording]) -> dict[str, ImuRecording]:
    """Sensors by body, each with an orientation, on one clock.

    Raises
    ------
    DataError
        Those of `with_orientation` and of `on_common_clock`.
    """
    return dict(zip(sensors, on_common_clock([with_orientation(each) for each in sensors.values()]), strict=True))


def trial_of(
    sensors: Mapping[str, ImuRecording], *, speed_m_per_s: float | None = None, person: Mapping | None = None
) -> AlignedTrial:
    """A trial of sensors alone.

    Parameters
    ----------
    sensors : mapping of str to ImuRecording
        By body, as `oriented` returns them.
    speed_m_per_s : float, optional
    person : mapping, optional
        What is known of the person, by the columns of participants.tsv.
    """
    time_s = next(iter(sensors.values())).time_s
    columns = {"time_s": (time_s, {"unit": "s"})}
    for body, recording in sensors.items():
        columns |= sensor_columns(body, recording, {"source": "measured"})
    document = {
        "cohort": NAME,
        "participant": {"participant_id": NAME, **(person or {})},
        "trial": {"trial_id": NAME, "speed_m_per_s": speed_m_per_s},
    }
    return AlignedTrial(
        {name: np.asarray(values) for name, (values, _) in columns.items()},
        {name: meaning for name, (_, meaning) in columns.items()},
        document,
    )
