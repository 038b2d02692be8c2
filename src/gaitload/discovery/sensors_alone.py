"""A cohort from a folder that holds inertial sensors and no markers: a trial for each folder of sensors."""

from __future__ import annotations

from collections import Counter
from pathlib import Path, PurePosixPath

from gaitload.cohorts.tables import Participant, TrialRow
from gaitload.discovery.files import Found
from gaitload.discovery.findings import Draft, Question
from gaitload.discovery.people import people_of
from gaitload.discovery.sensors import MAPPING_SUFFIX, Sensors, sensors_of
from gaitload.discovery.words import identifier, kind_of, meaningful


def draft_of_sensors(folder: Path, spec: dict, found: Found) -> Draft:
    """Tables of a cohort of sensors alone.

    Nothing of such recordings tells which way people face, so that `imu_forward` is always asked for; nor what they do,
    if no name of a folder does.

    Parameters
    ----------
    folder : Path
    spec : dict
        Keys of cohort.yaml that are the same for all cohorts.
    found : Found
        With sensors and without markers.
    """
    # A name within each folder, as people and trials are told by the folders that recordings lie in.
    parents = sorted({str(PurePosixPath(file).parent) for file in found.sensors})
    places = {f"{place}/sensors": place for place in parents}
    mappings = [file for file in found.others if file.lower().endswith(MAPPING_SUFFIX)]
    sensors = sensors_of(folder, found.sensors, list(places), [*mappings, *found.tables])
    kept = sorted(sensors.imu_dirs) or list(places)
    ids, doubts = people_of(kept, dict.fromkeys(kept, ""))
    own = {who: [places[file] for file in kept if ids[file] == who] for who in dict.fromkeys(ids.values())}
    rows = tuple(row for who, folders in own.items() for row in _rows(who, folders))
    guessed = [row for row in rows if kind_of(row.imu_dir) is None]
    people = tuple(Participant(participant_id=who) for who in dict.fromkeys(row.participant_id for row in rows))
    return Draft(
        spec=spec | {"imu_files": sensors.imu_files},
        people=people,
        trials=rows,
        questions=(_forward(sensors), _no_markers(found), *_activities(guessed), *doubts, *sensors.questions),
        faults=(*found.faults, *sensors.faults),
        notes=(
            f"no file with markers: {len(rows)} trials of inertial sensors alone, which have angles and no labels",
            f"files of inertial sensors: {len(found.sensors)} ({', '.join(sorted(set(found.sensors.values())))})",
            *([f"bodies that carry the sensors are from: {', '.join(sensors.mappings)}"] if sensors.mappings else []),
        ),
    )


def _rows(who: str, places: list[str]) -> list[TrialRow]:
    """Static trials first."""
    names = _trial_ids(places)
    kinds = {place: kind_of(place) or "other" for place in places}
    return [
        TrialRow(
            participant_id=who,
            trial_id=names[place],
            role="static" if kinds[place] == "static" else "motion",
            activity=kinds[place],
            imu_dir=place,
        )
        for place in sorted(places, key=lambda place: (kinds[place] != "static", place))
    ]


def _trial_ids(places: list[str]) -> dict[str, str]:
    """The last part of a folder's path that does not only say what it holds; of like ones, the whole path."""
    ids = {}
    for place in places:
        parts = PurePosixPath(place).parts or ("sensors",)
        own = next((part for part in reversed(parts) if meaningful(part) or kind_of(part)), parts[-1])
        ids[place] = identifier(own)
    counts = Counter(ids.values())
    return {place: name if counts[name] == 1 else identifier(place.replace("/", "_")) for place, name in ids.items()}


def _forward(sensors: Sensors) -> Question:
    body = "pelvis" if "pelvis" in sensors.imu_files or not sensors.imu_files else next(iter(sensors.imu_files))
    text = (
        f"Which axis of the sensor on {body}, as it is drawn on it, points forward while the person stands? Write for "
        f"example `imu_forward: {{{body}: +z}}`. Without markers nothing else says which way people face."
    )
    return Question("cohort.yaml, imu_forward", text, needed=True)


def _no_markers(found: Found) -> Question:
    text = "No C3D or TRC file is there, so there are angles by the sensors and no labels. Were markers recorded?"
    tables = [file for file in (*found.others, *found.sensors) if file.lower().endswith(".mat")]
    if tables:
        text += (
            f" If {tables[0]} holds them, name it in `file`, and their rate and unit in cohort.yaml (docs/cohorts.md)."
        )
    return Question("trials.tsv, file", text)


def _activities(rows: list[TrialRow]) -> list[Question]:
    if not rows:
        return []
    told = ", ".join(f"{row.participant_id}/{row.trial_id}" for row in rows)
    text = f"No name says what is done in {told}: taken as other. A static trial of the sensors says how they are worn."
    return [Question("trials.tsv, activity", text)]
