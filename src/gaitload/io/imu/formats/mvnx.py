"""Exports of Xsens MVN (.mvnx, XML): one file holds all sensors of a trial, on one clock.

After the MVN user manual, section on MVNX: a `subject` with `frameRate`, lists of `segments` and `sensors`, and
`frames`, of which those of type `normal` are the motion. Quaternions are scalar first and turn the sensor (or segment)
frame into the global frame, Z up. Some programs write the `frames` alone, without lists: then the numbers of sensors
and segments say which they are.

The sensors' specific force is not in the file. `sensorFreeAcceleration` (m/s2) is without gravity and in the global
frame; gravity is added and the sum is turned into the sensor frame. Angular velocities of sensors are not exported by
MVN of today. A file without sensors gives its segments instead: their orientation, acceleration and angular velocity.

Sensors are verified with one recording of MVN 2018 (11 sensors, the test file of andres-fr/blender-mvnx-io): turned by
its orientations, the magnetic field stands still. Segments without sensors, and frames without lists, are unverified:
they were tested with files that were made after the manual and after published readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from lxml import etree

from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.errors import DataError
from gaitload.imu.rotations import rotation_of
from gaitload.io.imu.channels import Channels, recording_of
from gaitload.io.imu.formats import ImuFormat
from gaitload.io.imu.packets import samples_by_counter_and_time
from gaitload.io.imu.text import is_number, number, text_error
from gaitload.io.xml import parse_xml
from gaitload.trial import ImuRecording

FORMAT = ImuFormat("Xsens MVNX", suffixes=(".mvnx",), sensors_per_file="all")
SENSORS = (
    "Pelvis", "T8", "Head", "RightShoulder", "RightUpperArm", "RightForeArm", "RightHand", "LeftShoulder",
    "LeftUpperArm", "LeftForeArm", "LeftHand", "RightUpperLeg", "RightLowerLeg", "RightFoot", "LeftUpperLeg",
    "LeftLowerLeg", "LeftFoot",
)  # fmt: skip
"""The 17 sensors of a full suit in MVN's order, for files that do not name them."""
SEGMENTS = (
    "Pelvis", "L5", "L3", "T12", "T8", "Neck", "Head", "RightShoulder", "RightUpperArm", "RightForeArm", "RightHand",
    "LeftShoulder", "LeftUpperArm", "LeftForeArm", "LeftHand", "RightUpperLeg", "RightLowerLeg", "RightFoot",
    "RightToe",
    "LeftUpperLeg", "LeftLowerLeg", "LeftFoot", "LeftToe",
)  # fmt: skip
_MILLISECOND_S = 1e-3
_HEAD_LINES = 40
_NO_WRAP = 1 << 53
_UP_M_PER_S2 = np.array([0.0, 0.0, STANDARD_GRAVITY_M_PER_S2])


def recognises(lines: Sequence[str]) -> bool:
    """Whether lines begin an XML file with MVN's root, or with its frames alone."""
    head = "\n".join(line[:2000] for line in lines[:_HEAD_LINES])
    return "<mvnx" in head or ("<frames" in head and "segmentCount" in head)


def read(paths: Sequence[Path], *, rate_hz: float | None = None) -> tuple[ImuRecording, ...]:
    """Read all sensors of the files, in their order, or all segments where a file has no sensors.

    Time begins at the first frame of each file. Frames that lack are rows of NaN. `rate_hz` counts where a file says no
    `frameRate` and its frames have no time.

    Raises
    ------
    DataError
        Those of `parse_xml`, of `packets` and of `channels`, `IMU_MVNX`, `IMU_CELLS`, `IMU_ROWS`, `IMU_RATE_UNKNOWN`.
    """
    return tuple(recording for path in paths for recording in _recordings(Path(path), rate_hz))


def _recordings(path: Path, rate_hz: float | None) -> list[ImuRecording]:
    where, root = str(path), parse_xml(path).getroot()
    frames = [each for each in _all(root, "frame") if each.get("type", "normal") == "normal"]
    if len(frames) < 2:
        raise text_error("IMU_ROWS", "two frames of type normal or more", f"{len(frames)}", where)
    samples, interval_s = _clock(root, frames, rate_hz, where)
    kind = "sensor" if frames[0].find("{*}sensorOrientation") is not None else "segment"
    orientation = _values(frames, "sensorOrientation" if kind == "sensor" else "orientation", 4, where)
    if orientation is None:
        raise _error("frames with sensorOrientation or orientation", "neither", where)
    names = _names(root, kind, orientation.shape[1], where)
    channels = _sensor_channels(frames, where) if kind == "sensor" else _segment_channels(frames, where)
    if any(values is not None and values.shape[1] != len(names) for values in channels.values()):
        raise _error(f"channels of {len(names)} {kind}s", "others", where)
    return [
        recording_of(
            name,
            _local(
                orientation[:, place], {key: values[:, place] for key, values in channels.items() if values is not None}
            ),
            samples,
            start_s=0.0,
            interval_s=interval_s,
            where=where,
        )
        for place, name in enumerate(names)
    ]


def _sensor_channels(frames: Sequence[etree._Element], where: str) -> dict[str, np.ndarray | None]:
    return {
        "free": _values(frames, "sensorFreeAcceleration", 3, where),
        "acc": _values(frames, "sensorAcceleration", 3, where),
        "gyr": _values(frames, "sensorAngularVelocity", 3, where),
        "mag": _values(frames, "sensorMagneticField", 3, where),
    }


def _segment_channels(frames: Sequence[etree._Element], where: str) -> dict[str, np.ndarray | None]:
    return {
        "free": _values(frames, "acceleration", 3, where),
        "turn": _values(frames, "angularVelocity", 3, where),
    }


def _local(orientation: np.ndarray, channels: dict[str, np.ndarray]) -> Channels:
    """Channels of one sensor or segment in its own frame, shape (T, 3); global ones are turned into it."""
    acc, gyr = channels.get("acc"), channels.get("gyr")
    known = np.abs(np.linalg.norm(orientation, axis=1) - 1.0) < 0.1
    if acc is None and "free" in channels:
        acc = _turned(orientation, known, channels["free"] + _UP_M_PER_S2)
    if gyr is None and "turn" in channels:
        gyr = _turned(orientation, known, channels["turn"])
    return Channels(acc, gyr, channels.get("mag"), orientation, acc_unit="m/s2", gyr_unit="rad/s")


def _turned(orientation: np.ndarray, known: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    turned = np.full(vectors.shape, np.nan)
    turned[known] = rotation_of(orientation[known]).inv().apply(vectors[known])
    return turned


def _clock(
    root: etree._Element, frames: Sequence[etree._Element], rate_hz: float | None, where: str
) -> tuple[np.ndarray, float]:
    """Which sample each frame is, and the interval (s): by `index` and `time` (ms), and by the stated rate."""
    stated = [each.get("frameRate", "") for each in _all(root, "subject")]
    rates = [number(text) for text in stated if is_number(text) and text.strip()] or ([rate_hz] if rate_hz else [])
    interval_s = 1.0 / rates[0] if rates and rates[0] > 0.0 else None
    index = _attribute(frames, "index")
    time_s = _attribute(frames, "time") * _MILLISECOND_S
    if np.isnan(time_s).all():
        if interval_s is None:
            raise text_error("IMU_RATE_UNKNOWN", "frames with a time, or a frameRate", "neither", where)
        time_s = (np.arange(len(frames)) if np.isnan(index).any() else index - index[0]) * interval_s
    samples, found_s = samples_by_counter_and_time(
        index, time_s - time_s[0], wraps_at=_NO_WRAP, interval_s=interval_s, where=where
    )
    return samples, found_s if interval_s is None else interval_s


def _attribute(frames: Sequence[etree._Element], name: str) -> np.ndarray:
    cells = [each.get(name, "") for each in frames]
    return np.array([number(cell) if is_number(cell) else np.nan for cell in cells])


def _values(frames: Sequence[etree._Element], tag: str, size: int, where: str) -> np.ndarray | None:
    """Numbers of a tag of all frames, shape (T, sensors, size), or None where no frame has it."""
    texts = [each.findtext(f"{{*}}{tag}") for each in frames]
    if all(text is None for text in texts):
        return None
    rows = []
    for place, text in enumerate(texts):
        cells = (text or "").split()
        if not cells or len(cells) % size or (rows and len(cells) != len(rows[0])):
            raise _error(f"{tag} of all sensors in every frame", f"{len(cells)} numbers in frame {place}", where)
        bad = next((cell for cell in cells if not is_number(cell)), None)
        if bad is not None:
            raise text_error("IMU_CELLS", f"numbers in {tag}", f"{bad[:40]!r} in frame {place}", where)
        rows.append([number(cell) for cell in cells])
    return np.array(rows).reshape(len(frames), -1, size)


def _names(root: etree._Element, kind: str, count: int, where: str) -> list[str]:
    lists = [_all(each, kind) for each in _all(root, f"{kind}s")]
    names = [each.get("label", "") for each in lists[0]] if lists else []
    usual = SENSORS if kind == "sensor" else SEGMENTS
    if not names and count == len(usual):
        return list(usual)
    if len(names) != count or not all(names):
        raise _error(f"names of {count} {kind}s", f"{len(names)}", where)
    return names


def _all(root: etree._Element, tag: str) -> list[etree._Element]:
    return list(root.iter(f"{{*}}{tag}"))


def _error(expected: str, found: str, where: str) -> DataError:
    return DataError(
        expected=expected,
        found=found,
        where=where,
        do="Export the recording again from MVN with its sensor data.",
        code="IMU_MVNX",
    )
