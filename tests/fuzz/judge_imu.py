"""Recordings of inertial sensors held against a literal reading of the damaged text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

import numpy as np

from gaitload.trial import ImuRecording
from tests.fuzz import naive_text
from tests.fuzz.cases import Seed
from tests.fuzz.naive_text import Rows, Unreadable

Literal = dict[str, tuple[np.ndarray, dict[str, np.ndarray]]]
"""Sensor -> (clock of each row in samples or seconds, channels as written)."""

DELIMITERS = ("\t", ",", ";", "|", " ")
AXES = {kind: [f"{kind}_{axis}" for axis in "XYZ"] for kind in ("Acc", "Gyr", "Mag")}
_NORAXON_GYROSCOPE = "Noraxon MyoMotion-Segments-Pelvis-Gyroscope-{0} (deg/s)"
_SHIMMER = "Shimmer_8665"
_DEGREES = np.pi / 180.0
_GRAVITY = 9.80665
_UNITS = {"acc": (1.0, _GRAVITY, 1e-3 * _GRAVITY), "gyr": (1.0, _DEGREES), "mag": (1.0,)}


def invariants(recordings: Sequence[ImuRecording]) -> str | None:
    """What no recording can be, whatever was in the file."""
    for recording in recordings:
        rows = len(recording.time_s)
        channels = {"acc": recording.acc_sensor_m_per_s2, "gyr": recording.gyr_sensor_rad_per_s}
        channels |= {"mag": recording.mag_sensor, "quat": recording.orientation_wxyz}
        for kind, values in channels.items():
            if values is not None and (values.shape != (rows, 4 if kind == "quat" else 3) or np.isinf(values).any()):
                return f"{kind} of another shape, or infinite"
        steps = np.diff(recording.time_s)
        rising = rows > 1 and np.isfinite(recording.time_s).all() and (steps > 0).all()
        if not rising or np.ptp(steps) > 1e-3 * steps[0]:
            return "times that do not rise uniformly"
        if recording.orientation_wxyz is not None:
            size = np.linalg.norm(recording.orientation_wxyz, axis=1)
            if not np.allclose(size[np.isfinite(size)], 1.0, atol=1e-9) or (recording.orientation_wxyz[:, 0] < 0).any():
                return "quaternions that are not canonical unit ones"
    return None


def same_sensors(
    seed: Seed, content: bytes, result: Sequence[ImuRecording], whole: Sequence[ImuRecording]
) -> str | None:
    """A sensor table of our own is what was written, or refused: it carries its own checksum."""
    if [each.name for each in result] != [each.name for each in whole]:
        return "other sensors"
    channels = ("time_s", "acc_sensor_m_per_s2", "gyr_sensor_rad_per_s", "orientation_wxyz")
    for found, known in zip(result, whole, strict=True):
        if not all(np.array_equal(getattr(found, name), getattr(known, name), equal_nan=True) for name in channels):
            return f"other values of {known.name}"
    return None


def imu(literal_reading):
    """A judge that holds recordings against `literal_reading(content, seed)`."""

    def judge(seed: Seed, content: bytes, result: Sequence[ImuRecording], whole: Sequence[ImuRecording]) -> str | None:
        wrong = invariants(result) or _cut(seed, content, result, whole)
        if wrong or literal_reading is None:
            return wrong
        try:
            literal = literal_reading(content, seed)
        except (Unreadable, LookupError, ValueError) as error:
            return f"read, though {type(error).__name__}: {error}"
        if len(literal) != len(result):
            return f"{len(result)} sensors of {len(literal)}"
        for recording, (clock, channels) in zip(result, literal.values(), strict=True):
            wrong = _against(recording, clock, channels)
            if wrong:
                return f"{recording.name}: {wrong}"
        return None

    return judge


def _against(recording: ImuRecording, clock: np.ndarray, channels: dict[str, np.ndarray]) -> str | None:
    interval = (clock[-1] - clock[0]) / (len(recording.time_s) - 1)
    rows = np.rint((clock - clock[0]) / interval).astype(int)
    if np.abs((clock - clock[0]) / interval - rows).max() > 0.5 or len(set(rows.tolist())) != len(rows):
        return "rows that are not where their clock puts them"
    found = {"acc": recording.acc_sensor_m_per_s2, "gyr": recording.gyr_sensor_rad_per_s, "mag": recording.mag_sensor}
    for kind, factors in _UNITS.items():
        values, written = found[kind], channels.get(kind)
        if values is None or not np.isfinite(values).any():
            continue
        if written is None:
            return f"{kind}, which is not written"
        if not any(_near(values[rows], written * factor) for factor in factors):
            return f"{kind} other than written"
        if np.isfinite(np.delete(values, rows, axis=0)).any():
            return f"{kind} in lost packets"
    return _orientation(recording.orientation_wxyz, rows, channels)


def _near(values: np.ndarray, expected: np.ndarray) -> bool:
    return np.allclose(values, expected, rtol=1e-9, atol=1e-12, equal_nan=True)


def _orientation(found: np.ndarray | None, rows: np.ndarray, channels: dict[str, np.ndarray]) -> str | None:
    if found is None:
        return None
    matrix = _matrices(found[rows])
    if "quat" in channels:
        size = np.linalg.norm(channels["quat"], axis=1, keepdims=True)
        expected = _matrices(channels["quat"] / size)
    elif "mat" in channels:
        expected = channels["mat"].reshape(-1, 3, 3).swapaxes(1, 2)
    elif "euler" in channels:
        expected = _of_euler(channels["euler"] * _DEGREES)
    else:
        return "an orientation that is not written"
    seen = np.isfinite(expected).all(axis=(1, 2))
    if (np.isfinite(matrix).all(axis=(1, 2)) != seen).any():
        return "orientations where none is written, or none where one is"
    off = np.abs(matrix - expected)[seen].max(initial=0.0)
    return f"orientations {off:.3g} off" if off > (0.03 if "mat" in channels else 1e-9) else None


def _matrices(q: np.ndarray) -> np.ndarray:
    w, x, y, z = q.T
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def _of_euler(roll_pitch_yaw: np.ndarray) -> np.ndarray:
    half = roll_pitch_yaw / 2.0
    (cr, cp, cy), (sr, sp, sy) = np.cos(half).T, np.sin(half).T
    w, x = cr * cp * cy + sr * sp * sy, sr * cp * cy - cr * sp * sy
    y, z = cr * sp * cy + sr * cp * sy, cr * cp * sy - sr * sp * cy
    return _matrices(np.column_stack((w, x, y, z)))


def _cut(seed: Seed, content: bytes, result: Sequence[ImuRecording], whole: Sequence[ImuRecording]) -> str | None:
    if len(content) >= len(seed.content) or not seed.content.startswith(content) or len(result) != len(whole):
        return None
    for found, known in zip(result, whole, strict=True):
        for name in ("acc_sensor_m_per_s2", "gyr_sensor_rad_per_s", "mag_sensor", "orientation_wxyz"):
            values, expected = getattr(found, name), getattr(known, name)
            if values is None:
                continue
            if len(values) > len(expected):
                return f"cut off, and more {name} than in the whole file"
            # The last of sixteen digits may be lost unseen.
            same = np.isclose(values, expected[: len(values)], rtol=1e-12, atol=1e-12, equal_nan=True)
            # Cut behind its last delimiter, the last row has lost a number: it is missing, which is true.
            same[-1] |= np.isnan(values[-1])
            if not same.all():
                return f"cut off, and another {name} than the whole file's"
    return None


def xsens(content: bytes, seed: Seed) -> Literal:
    """Comments, a line of names that begins with the counter, rows."""
    lines = _lines(content)
    first = next(place for place, line in enumerate(lines) if not line.startswith("//"))
    rows = _rows(lines, first)
    counter = rows.column("PacketCounter")
    if not (counter == np.floor(counter)).all():
        raise Unreadable("a counter that is none")
    steps = np.diff(counter) % 65536
    clock = np.concatenate(([0.0], np.cumsum(steps)))
    channels = _channels(rows, ("Quat_q0", "Quat_q1", "Quat_q2", "Quat_q3"), ("Roll", "Pitch", "Yaw"))
    matrix = [f"Mat[{row}][{column}]" for column in (1, 2, 3) for row in (1, 2, 3)]
    if "quat" not in channels and set(matrix) <= set(rows.names):
        channels["mat"] = np.column_stack([rows.column(name) for name in matrix])
    return {"sensor": (clock, channels)}


def dot(content: bytes, seed: Seed) -> Literal:
    """A preamble, names with a counter and a fine time, rows."""
    lines = _lines(content)
    first = next(place for place, line in enumerate(lines) if "PacketCounter" in line and "SampleTimeFine" in line)
    rows = _rows(lines, first)
    ticks = rows.column("SampleTimeFine")
    steps = (np.diff(ticks) + 2.0**31) % 2.0**32 - 2.0**31
    clock = np.concatenate(([0.0], np.cumsum(steps))) * 1e-6
    euler = ("Euler_X", "Euler_Y", "Euler_Z")
    return {"sensor": (clock, _channels(rows, tuple(f"Quat_{part}" for part in "WXYZ"), euler))}


def apdm(content: bytes, seed: Seed) -> Literal:
    """Both versions: every sensor's columns by what the lines of names say above them."""
    lines = _lines(content)
    heads = [[cell.strip() for cell in line.split(",")] for line in lines[:4]]
    literal: Literal = {}
    if lines[0].startswith("Format=7"):
        names = list(heads[1])
        while not names[-1]:
            names.pop()
        starts = [place for place, name in enumerate(names) if name == "Accelerometer"]
        values = _loose(lines[3:], len(heads[1]))
        for start in starts:
            places = {kind: range(start + 3 * at, start + 3 * at + 3) for at, kind in enumerate(("acc", "gyr", "mag"))}
            places["quat"] = range(start + 10, start + 14)
            clock = _numbers(values, [0])[:, 0]
            literal[str(start)] = ((clock - clock[0]) * 1e-6, _known(values, places))
        return literal
    names = heads[2]
    values = _loose(lines[4:], len(names))
    kinds = {"acc": "Acceleration", "gyr": "Angular Velocity", "mag": "Magnetic Field"}
    for sensor in dict.fromkeys(name.partition("/")[0] for name in names if name.count("/") == 2):
        wanted = {kind: [f"{sensor}/{group}/{axis}" for axis in "XYZ"] for kind, group in kinds.items()}
        wanted["quat"] = [f"{sensor}/Orientation/{axis}" for axis in ("Scalar", "X", "Y", "Z")]
        known = {kind: group for kind, group in wanted.items() if set(group) <= set(names)}
        places = {kind: [names.index(name) for name in group] for kind, group in known.items()}
        clock = _numbers(values, [0])[:, 0]
        literal[sensor] = (clock - clock[0], _known(values, places))
    return literal


def quaternions(content: bytes, seed: Seed) -> Literal:
    """A storage file whose cells are w,x,y,z."""
    lines = naive_text.text_of(content).splitlines()
    end = next(place for place, line in enumerate(lines) if line.strip().lower() == "endheader")
    named = lines[end + 1]
    names = [cell.strip() for cell in (named.split("\t") if "\t" in named else named.split()) if cell.strip()]
    cells = [line.split() for line in lines[end + 2 :] if line.strip()]
    if any(len(row) != len(names) for row in cells):
        raise Unreadable("rows of other lengths")
    if not content.endswith((b"\n", b"\r")) and _last_number(lines[-1]) != _last_number(lines[-2]):
        cells.pop()
    clock = np.array([naive_text.plain_number(row[0]) for row in cells])
    literal: Literal = {}
    for column, name in enumerate(names[1:], start=1):
        parts = [[naive_text.plain_number(part) for part in row[column].split(",")] for row in cells]
        literal[name] = (clock - clock[0], {"quat": np.array(parts).reshape(-1, 4)})
    return literal


def _last_number(line: str) -> str:
    """The last number of a line: a row in which it may lack digits is left out."""
    return line.split()[-1].rpartition(",")[2]


def plain(content: bytes, seed: Seed) -> Literal:
    """A table with one line of names: the columns that the seed declares."""
    rows = _rows(_lines(content), 0)
    literal: Literal = {}
    for name, columns in seed.options["columns"].items():
        groups = {"acc": columns.acc, "gyr": columns.gyr, "mag": columns.mag, "quat": columns.quaternion}
        channels = {k: np.column_stack([rows.column(each) for each in group]) for k, group in groups.items() if group}
        clock = rows.column(columns.time)
        literal[name] = (clock - clock[0], channels)
    return literal


def named(content: bytes, seed: Seed) -> Literal:
    """A table of one sensor with names of its maker, below lines of other things and above a row of units or none."""
    lines = _lines(content)
    clock_name, scale, acc, gyr, axes = _NAMED[seed.name]
    whole = max((naive_text.cells_of(line, ",") for line in _lines(seed.content)[:5]), key=len)
    # The line of names is the one that holds most of them, wherever damage has put it.
    first = max(range(len(lines)), key=lambda place: sum(name in lines[place] for name in whole))
    # A row of units, unless damage has moved it.
    if first + 1 < len(lines) and "deg/s" in lines[first + 1]:
        del lines[first + 1]
    # Names hold blanks.
    delimiter = max(DELIMITERS[:-1], key=lambda each: len(lines[first].split(each)))
    rows = naive_text.table(lines[first + 1 :], delimiter, naive_text.cells_of(lines[first], delimiter))

    def column(name: str) -> np.ndarray:
        # The reader understands other spellings of a name too: where the name is damaged, its place tells.
        place = whole.index(name)
        return rows.column(name) if name in rows.names else rows.column(rows.names[place])

    clock = column(clock_name) * scale
    channels = {"acc": np.column_stack([column(acc.format(axis)) for axis in axes])}
    channels["gyr"] = np.column_stack([column(gyr.format(axis.lower(), axis)) for axis in axes])
    # A row without a time is a lost packet, and one that is there twice is one.
    known = np.isfinite(clock)
    every = np.column_stack([clock, *channels.values()])[known]
    known[known] = np.concatenate(([True], (np.diff(every, axis=0) != 0.0).any(axis=1)))
    clock = clock[known]
    return {"sensor": (clock - clock[0], {kind: values[known] for kind, values in channels.items()})}


_NAMED = {
    "noraxon": ("time", 1.0, "Pelvis Accel Sensor {} (mG)", _NORAXON_GYROSCOPE, "XYZ"),
    "trident": ("time_s", 1.0, "a{}_m/s/s", "g{}_deg/s", "xyz"),
    "shimmer": (
        f"{_SHIMMER}_Timestamp_Unix_CAL",
        1e-3,
        f"{_SHIMMER}_Accel_WR_{{}}_CAL",
        f"{_SHIMMER}_Gyro_{{1}}_CAL",
        "XYZ",
    ),
    "x_imu3": ("Timestamp (us)", 1e-6, "Accelerometer {} (g)", "Gyroscope {1} (deg/s)", "XYZ"),
    "delsys": ("X[s]", 1.0, "Trigno IM sensor 3: ACC.{} 3[g]", "Trigno IM sensor 3: GYRO.{1} 3[deg/s]", "XYZ"),
}
"""Clock, its seconds, names of acceleration and angular velocity with places for their axis, and the axes, by seed."""


def _lines(content: bytes) -> list[str]:
    return naive_text.text_of(content).replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _rows(lines: list[str], first: int) -> Rows:
    delimiter = max(DELIMITERS, key=lambda each: len(lines[first].split(each)))
    return naive_text.table(lines[first + 1 :], delimiter, naive_text.cells_of(lines[first], delimiter))


def _loose(lines: list[str], width: int) -> list[list[str]]:
    # Cells of other columns, a barometer's say, may hold anything.
    return [line.split(",")[:width] for line in lines if line.strip()]


def _known(rows: list[list[str]], places: Mapping[str, Sequence[int]]) -> dict[str, np.ndarray]:
    """Channels by kind, without those that cannot be read: a recording that has them all the same is a finding."""
    channels = {}
    for kind, columns in places.items():
        with suppress(Unreadable):
            channels[kind] = _numbers(rows, columns)
    return channels


def _numbers(rows: list[list[str]], places: Sequence[int]) -> np.ndarray:
    return np.array([[naive_text.plain_number(row[place]) for place in places] for row in rows])


def _channels(rows: Rows, quaternion: tuple[str, ...], euler: tuple[str, ...]) -> dict[str, np.ndarray]:
    turned = {"quat": quaternion} if set(quaternion) <= set(rows.names) else {"euler": euler}
    groups = turned | {kind.lower(): tuple(names) for kind, names in AXES.items()}
    return {
        kind: np.column_stack([rows.column(name) for name in names])
        for kind, names in groups.items()
        if set(names) <= set(rows.names)
    }
