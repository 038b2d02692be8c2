"""From a folder of recordings to the tables of a cohort, and to the questions they leave open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from gaitload.cohorts.tables import Participant, TrialRow
from gaitload.discovery.axes import forward_axis, up_axis, up_of, with_own_axes
from gaitload.discovery.bodies import bodies_said, describe_bodies
from gaitload.discovery.copies import without_copies
from gaitload.discovery.files import Found, counted, fault_of, find_files, tables_above
from gaitload.discovery.findings import Draft, Fault, Question
from gaitload.discovery.looks import Look, Study, choose_subject, look_at, read_markers_file, study
from gaitload.discovery.marker_sets import Match
from gaitload.discovery.masses import people_rows, stated_of
from gaitload.discovery.own_sets import own_sets
from gaitload.discovery.pairing import candidates_for
from gaitload.discovery.people import people_of
from gaitload.discovery.reader_notes import describe_reader_notes
from gaitload.discovery.sensors import MAPPING_SUFFIX, sensors_of
from gaitload.discovery.sensors_alone import draft_of_sensors
from gaitload.discovery.set_draft import draft_text, meanings
from gaitload.discovery.sheets import describe_sheets, people_in, sheets_in
from gaitload.discovery.strangers import find_strangers
from gaitload.discovery.trials import trials_of_person
from gaitload.discovery.upright import with_stand_ins
from gaitload.discovery.worn import about_segments, sets_worn
from gaitload.errors import ConfigError, GaitloadError
from gaitload.models.markersets import MarkerSet
from gaitload.trial import Recording

_SAY_EVERY = 25


def draft_cohort(
    folder: Path, name: str, marker_sets: Sequence[MarkerSet], *, say: Callable[[str], None] = lambda line: None
) -> Draft:
    """Look through a folder of recordings.

    Parameters
    ----------
    folder : Path
    name : str
        Name of the cohort.
    marker_sets : sequence of MarkerSet
        Known sets; the first one counts of two that fit equally well.
    say : callable
        Receives lines on how far the reading is.

    Raises
    ------
    ConfigError
        FOLDER_MISSING, RECORDINGS_NONE; RECORDINGS_UNREADABLE: no file with markers could be read.
    """
    found = find_files(folder)
    say(f"{len(found.markers)} files with markers, {len(found.forces)} of forces, {len(found.sensors)} of sensors")
    if not found.markers:
        unmarked = _spec(folder, name, (None, None), on_belt=None, imu_files={})
        drafted = draft_of_sensors(folder, unmarked, found)
        return replace(drafted, questions=(*drafted.questions, _about_source()))
    looks, faults = _looks(folder, found, marker_sets, say)
    say(f"force plates in {sum(bool(look.plates) for look in looks.values())} of {len(looks)} files with markers")
    ids, doubts = people_of(list(looks), {file: look.best_set for file, look in looks.items()})
    looks, copies = without_copies(looks, ids)
    up, up_questions, up_note = up_axis(looks)
    worn, set_faults, set_questions = sets_worn(looks, ids, marker_sets)
    kept = [file for file in looks if file not in {fault.where for fault in set_faults}]
    studies = _studies(folder, found, kept, {file: worn[ids[file]] for file in kept}, looks, up, say)
    usual = {file: one for file, one in studies.items() if up_of(looks[file], up) == up}
    forward, forward_questions, forward_note = forward_axis(usual or studies, up)
    rows, trial_questions = _trials(looks, studies, ids)
    mappings = [file for file in found.others if file.lower().endswith(MAPPING_SUFFIX)]
    sensors = sensors_of(folder, found.sensors, [row.file for row in rows], [*mappings, *found.tables])
    rows = [
        row.model_copy(update={"imu_dir": sensors.imu_dirs.get(row.file), "subject": looks[row.file].subject})
        for row in with_own_axes(rows, looks, studies, (forward, up))
    ]
    sets = _sets(folder, name, looks, ids, worn, rows, marker_sets)
    people, people_questions, people_notes, suggested = _people(folder, found, ids, sets, studies, sensors.mappings)
    rows, on_belt = _belts(sets.rows, studies)
    plate_faults, unit_questions, read_notes = describe_reader_notes(looks)
    asked = (people_questions, doubts, _whose(looks), unit_questions, up_questions, forward_questions, set_questions)
    asked = (*asked, sets.questions, trial_questions, sets.stand_in_questions, sensors.questions, (_about_source(),))
    counts = _notes(looks, rows, found, sensors.mappings)
    notes = (counts, copies, read_notes, (up_note, forward_note), people_notes, sets.notes)
    return Draft(
        spec=_spec(folder, name, (forward, up), on_belt=on_belt, imu_files=sensors.imu_files),
        people=tuple(people),
        trials=tuple(rows),
        questions=tuple(chain.from_iterable(asked)),
        faults=(*found.faults, *faults, *plate_faults, *set_faults, *sensors.faults),
        notes=tuple(chain.from_iterable(notes)),
        set_drafts=sets.drafts,
        marker_sets=sets.tables,
        suggested=frozenset(suggested),
    )


@dataclass(frozen=True)
class _Sets:
    """Marker sets of a cohort, and the trials with parts of walks that stand in for static trials.

    Attributes
    ----------
    names : dict of str to str
        Names of the marker sets that fit, by participant.
    tables, drafts : dict of str to str
        Sets of the cohort's own by name, and drafts for participants whom no set fits.
    rows : list of TrialRow
    questions, stand_in_questions : list of Question
    notes : list of str
    """

    names: dict[str, str]
    tables: dict[str, str]
    drafts: dict[str, str]
    rows: list[TrialRow]
    questions: list[Question]
    stand_in_questions: list[Question]
    notes: list[str]


def _sets(
    folder: Path,
    name: str,
    looks: dict[str, Look],
    ids: dict[str, str],
    worn: dict[str, Match],
    rows: list[TrialRow],
    marker_sets: Sequence[MarkerSet],
) -> _Sets:
    def read(file: str) -> Recording:
        return read_markers_file(folder, file, looks[file].subject)

    own = own_sets(name, worn, rows, read, {file: look.duration_s for file, look in looks.items()})
    fitting = {who: one for who, one in worn.items() if one.fits}
    segments = [about_segments(who, one, own.placed.get(who, {})) for who, one in fitting.items()]
    drafts = _set_drafts(looks, ids, worn, rows, marker_sets, read)
    rows, stand_in_questions = with_stand_ins(rows, {who: one.marker_set for who, one in fitting.items()}, read)
    return _Sets(
        names={who: own.worn.get(who, one.marker_set.name) for who, one in fitting.items()},
        tables=own.tables,
        drafts=drafts,
        rows=rows,
        questions=[*(question for questions, _ in segments for question in questions), *own.questions],
        stand_in_questions=stand_in_questions,
        notes=[*own.notes, *(note for _, notes in segments for note in notes)],
    )


def _people(
    folder: Path,
    found: Found,
    ids: dict[str, str],
    sets: _Sets,
    studies: dict[str, Study],
    mappings: tuple[str, ...],
) -> tuple[list[Participant], list[Question], list[str], list[tuple[str, str]]]:
    """Participants with questions, notes, and what is only suggested of them; `mappings` are tables of sensors."""
    sheets = sheets_in(folder, [*found.tables, *tables_above(folder)])
    stated = stated_of(sets.rows, people_in(sheets))
    recorded = bodies_said(folder, ids, found.others, {sheet.name: sheet.form for sheet in sheets})
    people, questions, suggested = people_rows(sets.rows, studies, stated, recorded, sets.names)
    about_people = [sheet for sheet in sheets if sheet.name not in mappings]
    return people, questions, [*describe_bodies(recorded), *describe_sheets(about_people, stated)], suggested


def _about_source() -> Question:
    return Question("cohort.yaml, title, source, licence", "Who recorded this, where is it from, under which licence?")


def _spec(
    folder: Path, name: str, axes: tuple[str | None, str | None], *, on_belt: bool | None, imu_files: dict[str, str]
) -> dict:
    """Keys of cohort.yaml; title, source and licence that the folder does not say are marked `not said`."""
    return {
        "name": name,
        "title": f"Recordings of the folder {folder.name}",
        "source": "not said",
        "licence": "not said",
        "raw_dir": folder.as_posix(),
        "lab_forward": axes[0],
        "lab_up": axes[1],
        "treadmill": on_belt,
        "imu_files": imu_files,
    }


def _counted(files: Sequence[str], what: str, say: Callable[[str], None]) -> Iterator[str]:
    for number, file in enumerate(files):
        if number and number % _SAY_EVERY == 0:
            say(f"{what}: {number} of {len(files)}")
        yield file


def _looks(
    folder: Path, found: Found, marker_sets: Sequence[MarkerSet], say: Callable[[str], None]
) -> tuple[dict[str, Look], list[Fault]]:
    looks, faults = {}, []
    for file in _counted(found.markers, "read", say):
        try:
            subject, subjects = choose_subject(folder, file, marker_sets)
            look = look_at(file, read_markers_file(folder, file, subject), marker_sets)
            looks[file] = replace(look, subject=subject, subjects=subjects)
        except (GaitloadError, OSError) as error:
            faults.append(fault_of(file, error))
    if not looks:
        raise ConfigError(
            expected="recordings with markers that can be read",
            found="; ".join(f"{fault.where}: {fault.what}" for fault in faults),
            where=str(folder),
            do=" ".join(dict.fromkeys(fault.do for fault in faults)),
            code="RECORDINGS_UNREADABLE",
        )
    return looks, faults


def _studies(
    folder: Path,
    found: Found,
    files: list[str],
    worn: dict[str, Match],
    looks: dict[str, Look],
    up: str,
    say: Callable[[str], None],
) -> dict[str, Study]:
    """Second looks by file; `worn` is the marker set of each file."""
    studies = {}
    for file in _counted(files, "looked at what people do", say):
        recording = read_markers_file(folder, file, looks[file].subject)
        up_here = up_of(looks[file], up)
        forces = candidates_for(file, files, found.forces)
        studies[file] = study(folder, file, recording, worn[file].marker_set, forces, up_here)
    return studies


def _whose(looks: dict[str, Look]) -> list[Question]:
    """Questions about files that hold markers of several people or objects."""
    questions = []
    for file, look in looks.items():
        if look.subject is not None:
            counts = ", ".join(f"{name} ({count})" for name, count in look.subjects.items())
            taken = f"those of {look.subject} fit a marker set best and were taken"
            text = f"Markers of {counts}: {taken}. Is that the person?"
            questions.append(Question(f"trials.tsv, subject of {file}", text))
    return questions


def _trials(looks: dict[str, Look], studies: dict[str, Study], ids: dict[str, str]):
    rows: list[TrialRow] = []
    questions: list[Question] = []
    for who in dict.fromkeys(ids[file] for file in studies):
        own = {file: one for file, one in studies.items() if ids[file] == who}
        found, asked = trials_of_person(who, {file: looks[file] for file in own}, own)
        rows += found
        questions += asked
    return rows, questions


def _set_drafts(
    looks: dict[str, Look],
    ids: dict[str, str],
    worn: dict[str, Match],
    rows: list[TrialRow],
    marker_sets: Sequence[MarkerSet],
    read: Callable[[str], Recording],
) -> dict[str, str]:
    """Drafts of marker sets by participant, for participants whom no known set fits."""
    drafts = {}
    for who in (who for who, match in worn.items() if not match.fits):
        names = dict.fromkeys(name for file, look in looks.items() if ids[file] == who for name in look.names)
        own = [row for row in rows if row.participant_id == who]
        statics, motions = ([row.file for row in own if row.role == role] for role in ("static", "motion"))
        moving = {name for file in motions for name in looks[file].names}
        meant = meanings(tuple(names), marker_sets)
        findings = find_strangers(
            [read(file) for file in statics],
            [read(file) for file in motions[:1]],
            {name: one.landmark for name, one in meant.items() if one.landmark},
            {name: one.body for name, one in meant.items()},
            [name for name in names if name not in meant],
        )
        drafts[who] = draft_text(tuple(names), names.keys() - moving, meant, findings)
    return drafts


def _belts(rows: list[TrialRow], studies: dict[str, Study]) -> tuple[list[TrialRow], bool]:
    """Rows that say which of them are not as most are, and whether most motions are on a belt."""
    moving = {row.file: studies[row.file].progress.treadmill for row in rows if row.role == "motion"}
    most = sum(moving.values()) * 2 > len(moving)
    other = {file for file, belt in moving.items() if belt != most}
    return [row.model_copy(update={"treadmill": not most}) if row.file in other else row for row in rows], most


def _notes(looks: dict[str, Look], rows: list[TrialRow], found: Found, mappings: tuple[str, ...]) -> list[str]:
    kinds = {kind: sum(row.activity == kind for row in rows) for kind in ("static", "walk", "run", "other")}
    rates = sorted({round(look.rate_hz, 3) for look in looks.values()})
    force_rates = sorted({round(look.force_rate_hz, 3) for look in looks.values() if look.force_rate_hz})
    plates = sorted({plate for look in looks.values() for plate in look.plates})
    lines = [
        f"people: {len({row.participant_id for row in rows})}; trials: "
        + ", ".join(f"{count} {kind}" for kind, count in kinds.items() if count),
        f"markers at {', '.join(f'{rate:g}' for rate in rates)} Hz",
    ]
    if plates:
        lines.append(f"plates in the recordings: {', '.join(plates)} at {', '.join(f'{r:g}' for r in force_rates)} Hz")
    if found.forces:
        lines.append(f"files of forces: {len(found.forces)}")
    if found.sensors:
        systems = sorted(set(found.sensors.values()))
        lines.append(f"files of inertial sensors: {len(found.sensors)} ({', '.join(systems)})")
    if mappings:
        lines.append(f"bodies that carry the sensors are from: {', '.join(mappings)}")
    aside = [file for file in found.others if file not in mappings]
    if aside:
        lines.append(f"files left aside: {counted(aside)}")
    return lines
