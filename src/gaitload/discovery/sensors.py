"""Which files of inertial sensors belong to which trial, and which body carries each sensor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from gaitload.discovery.column_draft import drafts_of
from gaitload.discovery.findings import Fault, Question
from gaitload.discovery.nameless import END_MIN, whose_sensors
from gaitload.discovery.sheets import table_rows
from gaitload.discovery.words import body_of, by_word, meaningful
from gaitload.errors import GaitloadError
from gaitload.io.imu.formats import imu_formats
from gaitload.io.imu.reader import read_imu
from gaitload.io.xml import parse_xml

MAPPING_SUFFIX = ".xml"
_NO_SENSORS = ("IMU_MATLAB", "IMU_APDM_HDF5")
_MAP_COLUMNS = {"file", "sensor", "serial", "device"}
_BODY_COLUMNS = {"body", "segment", "tracked_point", "placement"}


@dataclass(frozen=True)
class Sensors:
    """Inertial sensors of a cohort.

    Attributes
    ----------
    imu_files : dict of str to str
        Body -> name of its file in the folder of a trial, as imu_files of cohort.yaml has it.
    imu_dirs : dict of str to str
        Folder by the file of markers of the trial; only of trials that have all of these files.
    questions : tuple of Question
    faults : tuple of Fault
    mappings : tuple of str
        Files that told which body carries a sensor.
    """

    imu_files: dict[str, str]
    imu_dirs: dict[str, str]
    questions: tuple[Question, ...] = ()
    faults: tuple[Fault, ...] = ()
    mappings: tuple[str, ...] = ()


def sensors_of(folder: Path, sensors: Mapping[str, str], trials: Sequence[str], mappings: Sequence[str]) -> Sensors:
    """Find what the tables of a cohort need to know about sensors.

    Parameters
    ----------
    folder : Path
        Of the cohort's recordings.
    sensors : mapping of str to str
        Files of sensors, seen from it, and their formats.
    trials : sequence of str
        Files of markers.
    mappings : sequence of str
        Files that may say which sensor is on which body: mappings of OpenSense (.xml) and tables; the last counts.
    """
    drafts = drafts_of(folder, mappings)
    if not sensors:
        return Sensors({}, {}, tuple(drafts))
    said = {key: (body, file) for file in mappings for key, body in _said(folder, file).items() if key}
    used: dict[str, None] = {}
    folders: dict[str, dict[str, str]] = {}
    strangers: dict[str, list[str]] = {}
    for file, system in sensors.items():
        path = PurePosixPath(file)
        for picked, name in _sensors_in(folder, path, system):
            body, mapping = _body(name, said)
            if mapping:
                used[mapping] = None
            if body is None or body in folders.get(str(path.parent), {}):
                strangers.setdefault(str(path.parent), []).append(picked)
            else:
                folders.setdefault(str(path.parent), {})[body] = picked
    questions = drafts + whose_sensors(strangers)
    if not folders:
        return Sensors({}, {}, tuple(questions))
    imu_files, ambiguous = _common_names(folders)
    faults = [_unlike(body, folders) for body in ambiguous]
    imu_dirs: dict[str, str] = {}
    for place, files in folders.items():
        lacking = imu_files.keys() - files.keys()
        if lacking:
            told = f"no sensor on {', '.join(sorted(lacking))}, which others have; left out"
            faults.append(Fault(place, told, "Add its file, or take the body out of imu_files in cohort.yaml."))
            continue
        trial = trial_of(place, trials)
        if trial is None or trial in imu_dirs:
            questions.append(Question("trials.tsv, imu_dir", f"Of which trial are the sensors in {place}?"))
        else:
            imu_dirs[trial] = place
    first = next(iter(imu_dirs.values()), None)
    if first:
        files = sorted({name.partition("#")[0] for name in folders[first].values()})
        asked, wrong = _read([folder / first / name for name in files], first)
        questions += asked
        faults += wrong
    return Sensors(imu_files, imu_dirs, tuple(questions), tuple(faults), tuple(used))


def trial_of(place: str, trials: Sequence[str]) -> str | None:
    """The file of markers that a folder of sensors goes with, by parts of both names; None where it is not clear."""
    words = set(meaningful(place))
    shares = {}
    for trial in trials:
        own = set(meaningful(PurePosixPath(trial).with_suffix("").as_posix()))
        shares[trial] = len(words & own) / len(words | own) if words | own else 0.0
    ordered = sorted(shares, key=lambda trial: -shares[trial])
    if not ordered or shares[ordered[0]] == 0.0:
        return ordered[0] if len(ordered) == 1 else None
    clear = len(ordered) == 1 or shares[ordered[0]] > shares[ordered[1]]
    return ordered[0] if clear else None


def _sensors_in(folder: Path, path: PurePosixPath, system: str) -> list[tuple[str, str]]:
    """`(what imu_files calls it, name)` of every sensor in a file; systems with a file a sensor are not opened."""
    if imu_formats()[system].FORMAT.sensors_per_file == "one":
        return [(path.name, path.stem)]
    try:
        return [(f"{path.name}#{sensor.name}", sensor.name) for sensor in read_imu(folder / path)]
    except GaitloadError as error:
        # Files of these formats may hold other things than sensors.
        return [] if error.code in _NO_SENSORS else [(path.name, path.stem)]


def _body(name: str, said: Mapping[str, tuple[str, str]]) -> tuple[str | None, str | None]:
    """What a mapping says about the sensor or the serial number in its name, and which; else what its name says."""
    for key, (body, mapping) in said.items():
        if PurePosixPath(key).stem == name or (len(key) > 3 and key.strip("_").lower() in name.lower()):
            return body, mapping
    return body_of(name), None


def _common_names(folders: Mapping[str, Mapping[str, str]]) -> tuple[dict[str, str], list[str]]:
    """What imu_files says for each body, and the bodies whose files have no name in common.

    A file whose name differs between trials is told by what its names end in, `*` standing for the rest, or by the word
    for the body where the ends differ or hold none: `Pelvis_*.csv`, `*_Pelvis_*.csv`.
    """
    bodies = dict.fromkeys(body for files in folders.values() for body in files)
    usual = {body: [files[body] for files in folders.values() if body in files] for body in bodies}
    most = max(len(names) for names in usual.values())
    found, ambiguous = {}, []
    for body, names in usual.items():
        if 2 * len(names) <= most:
            continue
        patterns = [pattern for pattern in (_by_end(body, names), by_word(body, names)) if pattern]
        fitting = [pattern for pattern in patterns if _is_clear(pattern, folders)]
        if len(set(names)) == 1:
            found[body] = names[0]
        elif fitting:
            found[body] = fitting[0]
        else:
            ambiguous.append(body)
    return found, ambiguous


def _by_end(body: str, names: Sequence[str]) -> str | None:
    """A pattern by what names end in, or None where that tells too little: words that agree by chance are no serial."""
    end = _common_end(names)
    told = end.partition("#")[0].rpartition(".")[0]
    if len(told) < END_MIN or (body_of(names[0].partition("#")[0]) == body and body_of(told) != body):
        return None
    return f"*{end}"


def _is_clear(pattern: str, folders: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether a pattern fits one file of each folder at most, or any number where `#name` picks a sensor."""
    most, file = _most(pattern), pattern.partition("#")[0]
    return all(
        sum(fnmatchcase(one.partition("#")[0], file) for one in {*files.values()}) <= most for files in folders.values()
    )


def _most(end: str) -> float:
    """How many sensors may end so: any number where `#name` picks one out of a file."""
    return float("inf") if "#" in end else 1


def _common_end(names: Sequence[str]) -> str:
    shortest = min(names, key=len)
    ends = (shortest[start:] for start in range(len(shortest)))
    return next((end for end in ends if all(name.endswith(end) for name in names)), "")


def _unlike(body: str, folders: Mapping[str, Mapping[str, str]]) -> Fault:
    names = sorted({files[body] for files in folders.values() if body in files})
    what = f"the sensor on {body} is in files whose names have nothing of their own in common: {', '.join(names[:4])}"
    return Fault("inertial sensors", what, "Call the file of a body alike in every trial.")


def _read(paths: Sequence[Path], place: str) -> tuple[list[Question], list[Fault]]:
    try:
        read_imu(paths)
    except GaitloadError as error:
        if error.code == "IMU_RATE_UNKNOWN":
            text = "At what rate did the sensors record? Their files do not say."
            return [Question("cohort.yaml, imu_rate_hz", text, needed=True)], []
        return [], [Fault(place, f"[{error.code}] expected {error.expected}; found {error.found}", error.do)]
    return [], []


def _said(folder: Path, file: str) -> dict[str, str]:
    """Bodies by sensor, of a mapping of OpenSense or of a table with a column for sensors and one for bodies."""
    if file.lower().endswith(MAPPING_SUFFIX):
        try:
            root = parse_xml(folder / file).getroot()
        except GaitloadError:
            return {}
        named = {one.get("name", ""): one.findtext("name_in_model") or "" for one in root.iter("ExperimentalSensor")}
        return {sensor: body for sensor, name in named.items() if (body := body_of(name.removesuffix("_imu")))}
    rows = table_rows(folder / file)
    columns = [{*_MAP_COLUMNS} & rows[0].keys(), {*_BODY_COLUMNS} & rows[0].keys()] if rows else [set(), set()]
    if not all(columns):
        return {}
    sensor, body = (min(names) for names in columns)
    return {row[sensor]: found for row in rows if row.get(sensor) and (found := body_of(row.get(body, "")))}
