"""Which files of inertial sensors belong to which trial, and which body carries each sensor."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gaitload.discovery.findings import Fault, Question
from gaitload.discovery.words import body_of, meaningful
from gaitload.errors import GaitloadError
from gaitload.io.xml import parse_xml

_MAP_COLUMNS = {"file", "sensor", "serial", "device"}
_BODY_COLUMNS = {"body", "segment", "tracked_point", "placement"}


@dataclass(frozen=True)
class Sensors:
    """Inertial sensors of a cohort.

    Attributes
    ----------
    imu_files : dict of str to str
        Body -> name of its file in the folder of a trial, the same for all trials.
    imu_dirs : dict of str to str
        Folder by the file of markers of the trial; only of trials that have all of these files.
    questions : tuple of Question
    faults : tuple of Fault
    """

    imu_files: dict[str, str]
    imu_dirs: dict[str, str]
    questions: tuple[Question, ...] = ()
    faults: tuple[Fault, ...] = ()


def sensors_of(folder: Path, sensors: Mapping[str, str], trials: Sequence[str], tables: Sequence[str]) -> Sensors:
    """Find what the tables of a cohort need to know about sensors.

    Parameters
    ----------
    folder : Path
        Of the cohort's recordings.
    sensors : mapping of str to str
        Files of sensors, seen from it, and their formats.
    trials : sequence of str
        Files of markers.
    tables : sequence of str
        Tables that may say which sensor is on which body.
    """
    if not sensors:
        return Sensors({}, {})
    said = _said(folder, tables)
    folders: dict[str, dict[str, str]] = {}
    strangers: dict[str, list[str]] = {}
    for file in sensors:
        path = PurePosixPath(file)
        body = _body(path, said)
        if body is None or body in folders.get(str(path.parent), {}):
            strangers.setdefault(str(path.parent), []).append(path.name)
        else:
            folders.setdefault(str(path.parent), {})[body] = path.name
    questions, faults = [], []
    for place, names in strangers.items():
        text = (
            f"Which body carries the sensors of {', '.join(sorted(names)[:8])} in {place}? Name the files after bodies "
            "(pelvis, torso, femur_r, tibia_l, calcn_r, ...), or list body and file there."
        )
        questions.append(Question("cohort.yaml, imu_files", text))
    if not folders:
        return Sensors({}, {}, tuple(questions))
    imu_files = max(folders.values(), key=lambda files: (sum(files == other for other in folders.values()), len(files)))
    imu_dirs: dict[str, str] = {}
    for place, files in folders.items():
        if any(files.get(body) != name for body, name in imu_files.items()):
            faults.append(
                Fault(
                    place,
                    f"files of sensors are called {', '.join(sorted(files.values()))}, elsewhere "
                    f"{', '.join(sorted(imu_files.values()))}",
                    "Call the file of a body the same in every trial: imu_files of cohort.yaml has one name for each.",
                )
            )
            continue
        trial = trial_of(place, trials)
        if trial is None or trial in imu_dirs:
            questions.append(Question("trials.tsv, imu_dir", f"Of which trial are the sensors in {place}?"))
        else:
            imu_dirs[trial] = place
    return Sensors(imu_files, imu_dirs, tuple(questions), tuple(faults))


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


def _body(path: PurePosixPath, said: Mapping[str, str]) -> str | None:
    """What a mapping says about the file or the serial number in its name, else what its name says."""
    for key, body in said.items():
        if key == path.name or (len(key) > 3 and key.strip("_").lower() in path.stem.lower()):
            return body
    return body_of(path.stem)


def _said(folder: Path, tables: Sequence[str]) -> dict[str, str]:
    """Bodies by sensor, of OpenSense mappings and of tables with a column for sensors and one for bodies."""
    said = {}
    for path in sorted(folder.rglob("*.xml")):
        try:
            root = parse_xml(path).getroot()
        except GaitloadError:
            continue
        for sensor in root.iter("ExperimentalSensor"):
            body = body_of((sensor.findtext("name_in_model") or "").removesuffix("_imu"))
            if body:
                said[sensor.get("name", "")] = body
    for name in tables:
        lines = (folder / name).read_text(encoding="utf-8-sig", errors="replace").splitlines()[:200]
        if not lines:
            continue
        rows = list(csv.DictReader(lines, delimiter=max("\t;,", key=lines[0].count)))
        keys = [key for key in (rows[0] if rows else {}) if key]
        sensor = next((key for key in keys if key.strip().lower() in _MAP_COLUMNS), None)
        body = next((key for key in keys if key.strip().lower() in _BODY_COLUMNS), None)
        if sensor and body:
            said |= {row[sensor]: found for row in rows if row[sensor] and (found := body_of(row[body] or ""))}
    return {key: body for key, body in said.items() if key}
