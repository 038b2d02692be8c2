"""Signals of the sensors of a trial, what a fault of them is, and what the readers and gates report of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from gaitload.errors import GaitloadError
from gaitload.imu.judgement import judge_sensors
from gaitload.imu.orientation import with_orientation
from gaitload.io.imu.channels import Channels, recording_of
from gaitload.quality import Verdict
from gaitload.trial import ImuRecording

FILES, MARKERS, TRIALS = "the files of the trial", "markers, by synchronisation", "the participant's other trials"
"""What a fault can be seen by."""


@dataclass(frozen=True)
class Signals:
    """What a sensor recorded, as its file holds it.

    Attributes
    ----------
    time_s : ndarray, shape (T,)
        Uniform, as declared.
    acc, gyr : ndarray, shape (T, 3)
        Sensor frame; in m/s2 and rad/s unless a fault changed the unit, which stays declared as these.
    orientation_wxyz : ndarray, shape (T, 4), or None
    """

    time_s: np.ndarray
    acc: np.ndarray
    gyr: np.ndarray
    orientation_wxyz: np.ndarray | None = None

    @property
    def rate_hz(self) -> float:
        """Declared sampling rate (Hz)."""
        return (len(self.time_s) - 1) / float(self.time_s[-1] - self.time_s[0])

    def changed(self, change: Callable[[np.ndarray], np.ndarray]) -> Signals:
        """All channels with the same change of their rows, on a clock of the same rate."""
        turned = None if self.orientation_wxyz is None else change(self.orientation_wxyz)
        acc = change(self.acc)
        time_s = self.time_s[0] + np.arange(len(acc)) / self.rate_hz
        return Signals(time_s, acc, change(self.gyr), turned)


Sensors = Mapping[str, Signals]
"""Body -> its sensor."""


@dataclass(frozen=True)
class SensorFault:
    """A type of fault of sensors.

    Attributes
    ----------
    name : str
        As the page tells it; `{size}` is replaced.
    part : str
        One of `situation.PARTS`.
    sizes : tuple of float
        The smallest first, in `unit`.
    unit : str
    inject : callable
        `(sensors, size)` to faulty sensors; raises `KeyError` where the trial lacks what the fault concerns.
    cause : tuple of str
        Regular expressions, one of which the first reason has to match (case does not count).
    codes : tuple of str
        Codes of refusals or gates that may report it.
    seen_by : str
        `FILES`, `MARKERS` or `TRIALS`.
    """

    name: str
    part: str
    sizes: tuple[float, ...]
    unit: str
    inject: Callable[[Sensors, float], dict[str, Signals]]
    cause: tuple[str, ...]
    codes: tuple[str, ...]
    seen_by: str = FILES


def signals_of(recording: ImuRecording) -> Signals:
    """Signals of a recording that was read."""
    return Signals(
        recording.time_s, recording.acc_sensor_m_per_s2, recording.gyr_sensor_rad_per_s, recording.orientation_wxyz
    )


def reports(sensors: Sensors) -> list[tuple[str, str]]:
    """`(code, reason)` of what the files show: the first refusal, or else every gate that warns or fails."""
    try:
        read = {body: _read(body, signals) for body, signals in sensors.items()}
    except GaitloadError as error:
        return [(error.code, f"expected {error.expected}; found {error.found}. {error.do}")]
    gates = judge_sensors(read)
    return [(gate.code, gate.reason) for gate in gates if gate.verdict in (Verdict.WARNED, Verdict.FAILED)]


def _read(body: str, signals: Signals) -> ImuRecording:
    channels = Channels(signals.acc, signals.gyr, None, signals.orientation_wxyz, acc_unit="m/s2", gyr_unit="rad/s")
    recording = recording_of(
        body,
        channels,
        np.arange(len(signals.time_s)),
        start_s=float(signals.time_s[0]),
        interval_s=1.0 / signals.rate_hz,
        where="injected",
    )
    return with_orientation(recording)
