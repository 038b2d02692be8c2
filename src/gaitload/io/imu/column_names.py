"""Names of columns as makers and laboratories write them: whose they are, what they hold, which axis and unit.

`Shank RT Accel Sensor X (mG)`, `Shimmer_8665_Gyro_X_CAL`, `ax_m/s/s`, `thigh_Accel_X`, `Quat W` and
`Trigno IM sensor 3: GYRO.Z 3` are taken apart by one grammar: a word for the channel, one for the axis, a unit in
brackets or at the end, and what is left names the sensor. Sources of the spellings are in docs/imu.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from gaitload.io.imu.channels import Channels

ACC, GYR, MAG, QUATERNION = "acc", "gyr", "mag", "quaternion"
AXES = {ACC: "xyz", GYR: "xyz", MAG: "xyz", QUATERNION: "wxyz"}
_WORDS = {
    **dict.fromkeys(("acc", "accel", "accelerometer", "acceleration", "accelerations"), ACC),
    **dict.fromkeys(("gyr", "gyro", "gyroscope", "angularvelocity", "angvel", "gyroscopes"), GYR),
    **dict.fromkeys(("mag", "magn", "magnetometer", "magneticfield", "magnetic"), MAG),
    **dict.fromkeys(("quat", "quaternion", "quaternions", "orientation"), QUATERNION),
}
_SHORT = {"a": ACC, "g": GYR, "w": GYR, "m": MAG, "q": QUATERNION}
"""First letters of names of two letters, such as `ax`, `gy`, `mz` and `qw`."""
_UNWANTED = frozenset((
        "free", "linear", "lin", "user", "gravity", "euler", "roll", "pitch", "yaw", "course", "angle", "angles", "rms",
        "mean", "std", "bias", "offset", "range", "battery", "temp", "temperature", "status", "highg", "uncal", "norm",
        "magnitude", "resultant", "joint", "position", "pressure",
))  # fmt: skip
"""Words of columns that hold another quantity: free acceleration lacks gravity, so that it is no specific force."""
_NOISE = frozenset((
        "sensor", "sensors", "noraxon", "myo", "motion", "myomotion", "emg", "segments", "internal", "imu", "cal",
        "raw", "data", "channel", "value", "values", "calibrated", "the", "of", "ch", "im", "trigno", "avanti",
        "ultium", "deg", "rad",
))  # fmt: skip
"""Words that tell no sensor from another."""
_KINDS_OF_ACCELEROMETER = ("wr", "ln")
"""A Shimmer has two: the one of wide range is taken; the other (2 g) clips at every step."""
_TIME_WORDS = frozenset((
        "time", "timestamp", "timestamps", "t", "header", "seconds", "elapsed", "timesync", "timestampsync",
        "sampletime",
))  # fmt: skip
_COUNTER_WORDS = ({"packet", "number"}, {"packetcounter"}, {"packet", "counter"}, {"sample", "number"})
_UNITS = {
    "m/s2": "m/s2", "m/s^2": "m/s2", "m/s/s": "m/s2", "m/(s^2)": "m/s2", "m/s²": "m/s2", "m*s^-2": "m/s2",
    "ms-2": "m/s2", "m_s2": "m/s2", "m_s^2": "m/s2", "m_per_s2": "m/s2",
    "mg": "mg", "g": "g", "gs": "g",
    "rad/s": "rad/s", "rad/sec": "rad/s", "rads/s": "rad/s", "rad*s^-1": "rad/s", "rad_s": "rad/s", "rad_sec": "rad/s",
    "rad_per_s": "rad/s",
    "deg/s": "deg/s", "deg/sec": "deg/s", "dps": "deg/s", "°/s": "deg/s", "degrees/s": "deg/s", "degree/s": "deg/s",
    "deg_s": "deg/s", "deg_sec": "deg/s", "deg_per_s": "deg/s",
    "s": "s", "sec": "s", "seconds": "s", "ms": "ms", "msec": "ms", "us": "us", "µs": "us", "μs": "us", "usec": "us",
    "microsec": "us", "microseconds": "us", "ns": "ns",
    "ut": "uT", "µt": "uT", "μt": "uT", "microt": "uT", "gauss": "gauss", "mgauss": "mgauss",
    "local_flux": "local flux", "no_units": "", "a.u.": "", "n/a": "", "": "",
}  # fmt: skip
_UNITS_OF_TIME = frozenset({"s", "ms", "us", "ns"})
_BRACKETED = re.compile(r"[(\[]([^()\[\]]*(?:\([^()]*\)[^()\[\]]*)?)[)\]]\s*$")
_TRAILING = re.compile(
    r"_(m/s/s|m[/_]s\^?2|m_per_s2|(?:deg|rad)[/_]s(?:ec)?|(?:deg|rad)_per_s|microT|microsec|ms|us|ns|s|g|mg|dps)$",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True)
class Column:
    """What the name of one column says.

    Attributes
    ----------
    sensor : str
        Words that name the sensor, in lower case, parted by blanks; empty where there are none.
    kind : str
        `acc`, `gyr`, `mag`, `quaternion`, `time` or `counter`.
    axis : str
        One of `AXES[kind]`; empty for a clock.
    unit : str or None
        A key of the units that `io.imu` knows, as the name or the row of units says it; None where neither does.
    """

    sensor: str
    kind: str
    axis: str
    unit: str | None


@dataclass
class SensorColumns:
    """Places of the columns of one sensor.

    Attributes
    ----------
    name : str
        Of the sensor; empty where the columns name none.
    channels : dict of str to tuple of int
        Kind -> places in the order of `AXES`; complete triples (quaternions: four) only.
    units : dict of str to str or None
        Kind -> unit that all of its columns state.
    time : int or None
        Place of its clock.
    time_unit : str or None
    counter : int or None
        Place of its packet counter.
    """

    name: str
    channels: dict[str, tuple[int, ...]] = field(default_factory=dict)
    units: dict[str, str | None] = field(default_factory=dict)
    time: int | None = None
    time_unit: str | None = None
    counter: int | None = None


def column_of(name: str, unit: str | None = None) -> Column | None:
    """What a column holds, or None where its name says nothing of inertial sensors.

    Parameters
    ----------
    name : str
        As in the file.
    unit : str, optional
        Of a row of units below the names.
    """
    bare, stated = _without_unit(name)
    stated = _UNITS.get((unit or "").strip().lower()) or stated
    tokens = [token.lower() for token in _TOKEN.findall(bare)]
    tokens = _joined(tokens)
    words = set(tokens)
    if words & _UNWANTED:
        return None
    clock = _clock(tokens, words, stated)
    if clock is not None:
        return clock
    found = _channel(tokens)
    if found is None:
        return None
    kind, axis, rest = found
    stated = None if stated in _UNITS_OF_TIME else stated  # It is the end of a unit that is not known.
    return Column(" ".join(dict.fromkeys(token for token in rest if token not in _NOISE)), kind, axis, stated or None)


def sensors_of(names: Sequence[str], units: Sequence[str] = ()) -> list[SensorColumns]:
    """Sensors whose columns a line of names holds, in the order in which they begin.

    A sensor has an orientation, or an accelerometer and a gyroscope, each with all axes. The clock of a sensor is the
    one that names it, else the nearest on the left of its columns, else the only one.

    Parameters
    ----------
    names : sequence of str
    units : sequence of str, optional
        A row of units below the names, cell by cell.
    """
    columns = {
        place: column
        for place, name in enumerate(names)
        if (column := column_of(name, units[place] if place < len(units) else None)) is not None
    }
    places: dict[str, dict[str, dict[str, list[int]]]] = {}
    for place, column in columns.items():
        if column.kind in AXES:
            places.setdefault(column.sensor, {}).setdefault(column.kind, {}).setdefault(column.axis, []).append(place)
    _merge_ranges(places)
    sensors = [_sensor(name, kinds, columns) for name, kinds in places.items()]
    return [sensor for sensor in sensors if sensor is not None]


def channels_of(sensor: SensorColumns, values: Mapping[str, np.ndarray]) -> Channels:
    """Channels of a sensor by the values of its kinds, shape (T, 3) or (T, 4), in the units that its columns state."""
    return Channels(
        acc=values.get(ACC),
        gyr=values.get(GYR),
        mag=values.get(MAG),
        orientation_wxyz=values.get(QUATERNION),
        acc_unit=sensor.units.get(ACC),
        gyr_unit=sensor.units.get(GYR),
    )


def _sensor(
    name: str, kinds: Mapping[str, Mapping[str, Sequence[int]]], columns: Mapping[int, Column]
) -> SensorColumns | None:
    sensor = SensorColumns(name)
    for kind, axes in kinds.items():
        if set(axes) == set(AXES[kind]) and all(len(there) == 1 for there in axes.values()):
            sensor.channels[kind] = tuple(axes[axis][0] for axis in AXES[kind])
            stated = {columns[place].unit for place in sensor.channels[kind]}
            sensor.units[kind] = stated.pop() if len(stated) == 1 else None
    if QUATERNION not in sensor.channels and not {ACC, GYR} <= sensor.channels.keys():
        return None
    first = min(place for channel in sensor.channels.values() for place in channel)
    sensor.time = _nearest(name, "time", first, columns)
    sensor.counter = _nearest(name, "counter", first, columns)
    sensor.time_unit = None if sensor.time is None else columns[sensor.time].unit
    return sensor


def _nearest(name: str, kind: str, first: int, columns: Mapping[int, Column]) -> int | None:
    """Place of the clock of a sensor whose columns begin at `first`."""
    clocks = [place for place, column in columns.items() if column.kind == kind]
    named = [place for place in clocks if columns[place].sensor and columns[place].sensor == name]
    left = [place for place in (named or clocks) if place < first]
    if left:
        # Of clocks side by side, such as `unix_timestamp_microsec,time_s`, the finer one is as good as the other.
        return left[-1]
    return (named or clocks)[0] if (named or clocks) else None


def _clock(tokens: Sequence[str], words: set[str], stated: str | None) -> Column | None:
    if any(counter <= words for counter in _COUNTER_WORDS):
        return Column("", "counter", "", None)
    time_units = ("s", "ms", "us", "ns")
    bare_clock = tokens == ["x"] and stated in time_units
    if not bare_clock and not words & _TIME_WORDS:
        return None
    if stated is not None and stated not in time_units:
        return None
    rest = [token for token in tokens if token not in _TIME_WORDS | _NOISE and token not in ("unix", "formatted", "x")]
    return Column(" ".join(rest), "time", "", stated)


def _channel(tokens: Sequence[str]) -> tuple[str, str, list[str]] | None:
    """Kind, axis and the other words of a name, or None."""
    worded = [place for place, token in enumerate(tokens) if token in _WORDS]
    if worded:
        kind = _WORDS[tokens[worded[0]]]
        rest = [token for place, token in enumerate(tokens) if place not in worded]
        return _axis(kind, rest)
    for place, token in enumerate(tokens):
        short = _SHORT.get(token[0]) if len(token) == 2 else None
        if short and token[1] in AXES[short]:
            return short, token[1], [*tokens[:place], *tokens[place + 1 :]]
    for place, token in enumerate(tokens[:-1]):
        if token == "q" and tokens[place + 1] in ("0", "1", "2", "3"):
            return QUATERNION, AXES[QUATERNION][int(tokens[place + 1])], [*tokens[:place], *tokens[place + 2 :]]
    return None


def _axis(kind: str, rest: list[str]) -> tuple[str, str, list[str]] | None:
    axes = AXES[kind]
    found = [place for place, token in enumerate(rest) if token in axes and len(token) == 1]
    if not found and kind == QUATERNION:
        found = [place for place, token in enumerate(rest) if token in ("s", "scalar")]
        if found:
            return kind, "w", [token for place, token in enumerate(rest) if place != found[-1]]
        numbered = [place for place, token in enumerate(rest) if token in ("0", "1", "2", "3")]
        if numbered:
            place = numbered[-1]
            return kind, axes[int(rest[place])], [*rest[:place], *rest[place + 1 :]]
    if not found:
        # `Ax`, `Gy` and `Mz` behind the word for the channel, as Noraxon writes them.
        found = [
            place for place, token in enumerate(rest) if len(token) == 2 and token[0] in "agm" and token[1] in axes
        ]
        if not found:
            return None
        return kind, rest[found[-1]][1], [token for place, token in enumerate(rest) if place != found[-1]]
    return kind, rest[found[-1]], [token for place, token in enumerate(rest) if place != found[-1]]


def _joined(tokens: Sequence[str]) -> list[str]:
    """Tokens with `angular velocity`, `magnetic field` and names such as `accx` taken as they are meant."""
    joined: list[str] = []
    for token in tokens:
        if joined and joined[-1] + token in _WORDS:
            joined[-1] += token
        elif token not in _WORDS and token[:-1] in _WORDS and token[-1] in "wxyz":
            joined += [token[:-1], token[-1]]
        else:
            joined.append(token)
    return joined


def _merge_ranges(places: dict[str, dict[str, dict[str, list[int]]]]) -> None:
    """Put the accelerometers of two ranges (`ln`, `wr`) where the gyroscope of the same sensor is."""
    for wanted in _KINDS_OF_ACCELEROMETER:
        for name in [each for each in places if wanted in each.split()]:
            plain = " ".join(word for word in name.split() if word != wanted)
            kinds = places.pop(name)
            home = places.setdefault(plain, {})
            for kind, axes in kinds.items():
                home.setdefault(kind, axes)


def _without_unit(name: str) -> tuple[str, str | None]:
    """A name without the unit in it, and that unit."""
    name = name.strip()
    bracketed = _BRACKETED.search(name)
    if bracketed:
        return name[: bracketed.start()], _UNITS.get(bracketed[1].strip().lower())
    trailing = _TRAILING.search(name)
    if trailing:
        return name[: trailing.start()], _UNITS.get(trailing[1].lower())
    return name, None
