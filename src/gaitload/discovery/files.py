"""Which files of a folder are recordings, and of what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gaitload.discovery.findings import Fault
from gaitload.discovery.sheets import TABLE_SUFFIXES
from gaitload.errors import ConfigError, GaitloadError
from gaitload.io.force_columns import plate_columns
from gaitload.io.forces import read_forces
from gaitload.io.imu.formats import imu_formats, matlab
from gaitload.io.imu.reader import format_of
from gaitload.io.trc import TEXT_SUFFIX, is_trc
from gaitload.trial import PlateWrench

_OF_PEOPLE = ("participant", "subject", "demograph", "anthropo", "people", "patient")
MARKER_SUFFIXES = (".c3d", ".trc")


@dataclass(frozen=True)
class ForceFile:
    """A file of forces: its name seen from the folder, and its clock."""

    file: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Found:
    """Files by what they hold; names are seen from the folder, with `/`.

    Attributes
    ----------
    markers : tuple of str
        C3D and TRC files; whether they can be read is not known yet.
    forces : tuple of ForceFile
    sensors : dict of str to str
        Files of inertial sensors and their formats.
    tables : tuple of str
        Other tables, which may tell about people or sensors.
    others : tuple of str
        Files of other kinds; mappings of OpenSense (.xml) are among them.
    faults : tuple of Fault
    """

    markers: tuple[str, ...]
    forces: tuple[ForceFile, ...]
    sensors: dict[str, str]
    tables: tuple[str, ...]
    others: tuple[str, ...]
    faults: tuple[Fault, ...]


def find_files(folder: Path) -> Found:
    """Look through a folder and all folders in it.

    Raises
    ------
    ConfigError
        FOLDER_MISSING; RECORDINGS_NONE: no file with markers or of sensors is in it.
    """
    if not folder.is_dir():
        raise ConfigError(
            expected="a folder of recordings",
            found="a file" if folder.exists() else "nothing",
            where=str(folder),
            do="Give the folder that holds the recordings of the cohort.",
            code="FOLDER_MISSING",
        )
    markers, forces, sensors, tables, others, faults = [], [], {}, [], [], []
    sensor_suffixes = {suffix for module in imu_formats().values() for suffix in module.FORMAT.suffixes}
    for path in _files(folder):
        name, suffix = path.relative_to(folder).as_posix(), path.suffix.lower()
        if not name.isprintable() or name != name.strip():
            what = "a name that tables cannot hold: blanks at an end, or characters that cannot be printed"
            faults.append(Fault(ascii(name), what, "Rename it."))
        elif suffix in MARKER_SUFFIXES or (suffix == TEXT_SUFFIX and _is_trc(path)):
            markers.append(name)
        elif suffix in (".mot", ".sto") and _names_forces(path):
            try:
                time_s, _ = read_forces(path)
                forces.append(ForceFile(name, float(time_s[0]), float(time_s[-1])))
            except (GaitloadError, OSError) as error:
                faults.append(fault_of(name, error))
        elif suffix in sensor_suffixes and (system := _sensor_format(path)):
            sensors[name] = system
        elif suffix in TABLE_SUFFIXES:
            tables.append(name)
        else:
            others.append(name)
    if not (markers or sensors):
        raise ConfigError(
            expected="C3D or TRC files with the markers of at least one person, or files of inertial sensors",
            found=f"none among {len(forces)} files of forces and others ({counted([*tables, *others])})"
            if forces or tables or others
            else "an empty folder",
            where=str(folder),
            do="Give the folder that holds the recordings; export them as .c3d (markers and plates) or .trc and .mot.",
            code="RECORDINGS_NONE",
        )
    return Found(tuple(markers), tuple(forces), sensors, tuple(tables), tuple(others), tuple(faults))


def tables_above(folder: Path) -> list[str]:
    """Tables in the folder above that are called after participants, seen from the folder: `../participants.tsv`."""
    try:
        above = sorted(folder.resolve().parent.iterdir())
    except OSError:
        return []
    return [
        f"../{path.name}"
        for path in above
        if path.suffix.lower() in TABLE_SUFFIXES and any(word in path.stem.lower() for word in _OF_PEOPLE)
    ]


def counted(files: Iterable[str]) -> str:
    """How many files there are of each kind: `1 .pdf, 2 .xml`."""
    kinds = Counter(PurePosixPath(file).suffix.lower() or PurePosixPath(file).name for file in files)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))


def fault_of(name: str, error: GaitloadError | OSError) -> Fault:
    """What the reader of a file, or the machine, said about it."""
    if isinstance(error, OSError):
        return Fault(name, f"cannot be read: {error.strerror}", "Mend its permissions, or copy it again.")
    return Fault(name, f"[{error.code}] expected {error.expected}; found {error.found}", error.do)


def forces_of(folder: Path, file: str, *, length_unit: str = "m") -> tuple:
    """`(time_s, plates)` of a file of forces, as `read_forces` gives them."""
    return read_forces(folder / file, length_unit=length_unit)


def vertical_n(plate: PlateWrench, up: str):
    """Force of a plate along a signed lab axis, shape (N,)."""
    return plate.force_lab_n[:, "xyz".index(up[1])] * (1.0 if up[0] == "+" else -1.0)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path


def _is_trc(path: Path) -> bool:
    try:
        return is_trc(path)
    except OSError:
        return False


def _names_forces(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            head = [line for line, _ in zip(lines, range(60), strict=False)]
    except OSError:
        return True  # Whoever reads it says why it cannot be read.
    return any(plate_columns(line.split()) for line in head)


def _sensor_format(path: Path) -> str | None:
    try:
        system = format_of(path)
        return None if system == matlab.FORMAT.name and not matlab.names_sensors(path) else system
    except (GaitloadError, OSError):
        return None
