"""Reads the tables of a cohort, and says everything that is wrong with them at once."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from gaitload.cohorts.spec import CohortSpec
from gaitload.cohorts.tables import Cohort, Participant, TrialRow, raw_dir_of
from gaitload.config import Config
from gaitload.documents import read_yaml
from gaitload.errors import ConfigError
from gaitload.external.declaration import with_ids
from gaitload.validation import nearest, problems_in_words

INVALID = "COHORT_INVALID"
MASS_MISSING = "MASS_MISSING"
PATH_LEAVES_COHORT = "PATH_LEAVES_COHORT"

Row = TypeVar("Row", Participant, TrialRow)
_NAME_MAX_BYTES = 255
"""Of a file, on nearly every file system."""
_SHEETS = ("participants.tsv", "trials.tsv")
MARKER_SETS = "markersets"
"""Folder of a cohort that may hold marker sets of its own."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a cohort, with the reason code it has when it stands alone."""

    where: str
    what: str
    code: str = INVALID


def load_cohort(folder: Path, *, root: Path, results: Path = Path("results")) -> Cohort:
    """Read cohort.yaml, participants.tsv and trials.tsv of a folder; the recordings need not be there.

    Parameters
    ----------
    folder : Path
        A folder of workflow/cohorts/.
    root : Path
        Root of the repository, from which `raw_dir` is seen.
    results : Path
        Folder of all results, which holds the recordings that the workflow makes.

    Raises
    ------
    ConfigError
        Lists every problem with its file and line. Its code is that of the problems where they agree (MASS_MISSING,
        PATH_LEAVES_COHORT), else COHORT_INVALID.
    """
    folder = Path(folder)
    _require_known(folder)
    _stop(
        folder, [Problem(name, "no such file") for name in ("cohort.yaml", *_SHEETS) if not (folder / name).is_file()]
    )
    spec, problems = _spec(folder)
    people, people_problems = _rows(folder / "participants.tsv", Participant)
    trials, trial_problems = _rows(folder / "trials.tsv", TrialRow)
    _stop(folder, [*problems, *people_problems, *trial_problems, *_bare(trials, spec)])
    raw_dir = raw_dir_of(spec, root, results)
    _stop(
        folder,
        [
            *_identities(people, trials),
            *_people(people, trials, spec),
            *_recordings(trials, spec),
            *_external(trials, spec),
            *_paths(trials, spec, raw_dir),
        ],
    )
    return Cohort(spec, raw_dir, tuple(people.values()), tuple(trials.values()), folder / MARKER_SETS)


def chosen_people(cohort: Cohort, config: Config) -> Cohort:
    """The people of a cohort that the configuration asks for: of one that is made, the first few.

    Raises
    ------
    ConfigError
        PEOPLE_TOO_MANY.
    """
    return cohort.first(config.embedded.people) if cohort.spec.made_by else cohort


def load_cohorts(config: Config, *, root: Path, results: Path) -> dict[str, Cohort]:
    """The cohorts that the configuration asks for with the people it asks for, by name; raises `ConfigError`."""
    folder = root / "workflow" / "cohorts"
    return {
        name: chosen_people(load_cohort(folder / name, root=root, results=results), config) for name in config.cohorts
    }


def cohort_schemas() -> dict[str, str]:
    """JSON schemas by file name, as committed in workflow/schemas/; those of the sheets describe one row."""
    models = {"cohort": CohortSpec, "participants": Participant, "trials": TrialRow}
    return {
        f"{name}.schema.json": json.dumps(model.model_json_schema(), indent=1, sort_keys=True) + "\n"
        for name, model in models.items()
    }


def _require_known(folder: Path) -> None:
    if not folder.is_dir():
        known = sorted(path.parent.name for path in folder.parent.glob("*/cohort.yaml"))
        raise ConfigError(
            expected=f"one of the cohorts {', '.join(known)}",
            found=folder.name,
            where=f"cohorts, looked up in {folder.parent}",
            do="Correct the name, or make a folder with cohort.yaml, participants.tsv and trials.tsv there.",
            code="COHORT_UNKNOWN",
        )


def _spec(folder: Path) -> tuple[CohortSpec | None, list[Problem]]:
    try:
        spec = CohortSpec.model_validate(read_yaml(folder / "cohort.yaml"))
    except ValidationError as error:
        return None, _problems(error, "cohort.yaml", CohortSpec)
    except ValueError as error:
        return None, [Problem("cohort.yaml", str(error))]
    if spec.name != folder.name:
        return spec, [Problem("cohort.yaml", f"name {spec.name} is not the name of the folder, {folder.name}")]
    return spec, []


def _rows(path: Path, model: type[Row]) -> tuple[dict[str, Row], list[Problem]]:
    """Rows by where they stand (`trials.tsv line 3`); empty cells are absent, lines that begin with # are comments."""
    try:
        lines = enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1)
    except UnicodeDecodeError as error:
        return {}, [Problem(path.name, f"is not UTF-8: {error}")]
    filled = [(number, line) for number, line in lines if line.strip() and not line.startswith("#")]
    if not filled:
        return {}, [Problem(path.name, "has no header")]
    strange = [number for number, line in filled if not line.replace("\t", "").isprintable()]
    if strange:
        return {}, [Problem(f"{path.name} line {strange[0]}", "holds characters that cannot be printed")]
    header, *table = [line.split("\t") for _, line in filled]
    if len(header) == 1 and header[0] not in model.model_fields:
        return {}, [Problem(path.name, f"one column, {header[0]!r}: separate the columns by tabs")]
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        return {}, [Problem(path.name, f"columns that stand twice: {', '.join(twice)}")]
    unknown = [name for name in header if name not in model.model_fields]
    if unknown:
        said = ", ".join(f"{name} ({nearest(name, list(model.model_fields))})" for name in unknown)
        return {}, [Problem(path.name, f"unknown columns {said}")]
    rows, problems = {}, []
    for (number, _), values in zip(filled[1:], table, strict=True):
        where = f"{path.name} line {number}"
        if len(values) > len(header):
            problems.append(Problem(where, f"{len(values)} cells under {len(header)} columns"))
            continue
        try:
            cells = zip(header, values, strict=False)
            rows[where] = model.model_validate({name: text.strip() for name, text in cells if text.strip()})
        except ValidationError as error:
            problems += _problems(error, where, model)
    return rows, problems


def _identities(people: dict[str, Participant], trials: dict[str, TrialRow]) -> list[Problem]:
    """Ids that stand twice, and trials of nobody."""
    ids = {where: row.participant_id for where, row in people.items()}
    keys = {where: f"{row.participant_id}/{row.trial_id}" for where, row in trials.items()}
    return [
        *(Problem(where, f"participant {name} stands twice") for where, name in _repeated(ids)),
        *(Problem(where, f"trial {name} stands twice") for where, name in _repeated(keys)),
        *(
            Problem(where, f"participant {row.participant_id} is not in participants.tsv")
            for where, row in trials.items()
            if row.participant_id not in ids.values()
        ),
    ]


def _repeated(names: dict[str, str]) -> list[tuple[str, str]]:
    counts = Counter(names.values())
    first = set({name: where for where, name in reversed(names.items())}.values())
    return [(where, name) for where, name in names.items() if counts[name] > 1 and where not in first]


def _people(people: dict[str, Participant], trials: dict[str, TrialRow], spec: CohortSpec) -> list[Problem]:
    # The run, and `gaitload check`, look into the other recordings for forces, which need a mass.
    motions = [row for row in trials.values() if row.role == "motion"]
    moving = {row.participant_id for row in motions if row.forces_file or spec.made_by}
    weightless = [where for where, row in people.items() if row.participant_id in moving and row.mass_kg is None]
    marked = {row.participant_id for row in trials.values() if row.file}
    unmarked = [
        where
        for where, row in people.items()
        if row.participant_id in marked and row.marker_set is None and spec.marker_set is None
    ]
    advice = "no mass_kg; without a scale, body mass may be read from a static trial on a force plate: force / 9.80665"
    return [
        *(Problem(where, f"{people[where].participant_id} has {advice}", MASS_MISSING) for where in weightless),
        *(Problem(where, "no marker_set, neither here nor in cohort.yaml") for where in unmarked),
    ]


def _recordings(trials: dict[str, TrialRow], spec: CohortSpec) -> list[Problem]:
    """What cohort.yaml has to say of recordings with markers, and of those with inertial sensors alone."""
    problems = []
    marked = [row for row in trials.values() if row.file]
    if spec.lab_up is None and any(row.lab_up is None for row in marked):
        problems.append(Problem("cohort.yaml", "no lab_forward and lab_up, which trials with markers need"))
    alone = [where for where, row in trials.items() if row.file is None and row.imu_dir is not None]
    if alone and not spec.imu_files:
        problems.append(Problem(alone[0], "no file, so sensors alone; cohort.yaml says in imu_files what they sit on"))
    elif any(trials[where].role == "motion" for where in alone) and not (spec.imu_forward or spec.external):
        advice = "no imu_forward, for example {pelvis: +z}: without markers it says which way people face"
        problems.append(Problem("cohort.yaml", advice))
    return problems


def _bare(trials: dict[str, TrialRow], spec: CohortSpec | None) -> list[Problem]:
    """Trials for which the tables name no recording."""
    if spec and spec.external:
        return []
    what = "neither file (markers) nor imu_dir (inertial sensors), and cohort.yaml has no external columns"
    return [Problem(where, what) for where, row in trials.items() if row.file is None and row.imu_dir is None]


def _external(trials: dict[str, TrialRow], spec: CohortSpec) -> list[Problem]:
    """What trials.tsv says of external columns that cohort.yaml does not know, and the other way round."""
    columns, problems = {name for source in spec.external.values() for name in source.columns}, []
    for where, row in trials.items():
        problems += [
            Problem(where, f"external names {name}: no source of cohort.yaml")
            for name in sorted(set(row.sources_wanted or ()) - set(spec.external))
        ]
        strange = sorted(set(row.flipped) - columns)
        problems += [Problem(where, f"external_flipped names {name}: no column of external") for name in strange]
    problems += _shared_rows(trials, spec)
    for key, source in spec.external.items():
        wanting = [
            (where, row.file)
            for where, row in trials.items()
            if row.role == "motion" and (row.sources_wanted is None or key in row.sources_wanted)
        ]
        advice = f"external.{key} has no file, so that file of the trial has to be a C3D file; it is"
        problems += [
            Problem(where, f"{advice} {file}")
            for where, file in wanting
            if source.file is None and not (file or "").lower().endswith(".c3d")
        ]
    return problems


def _shared_rows(trials: dict[str, TrialRow], spec: CohortSpec) -> list[Problem]:
    """Motions for which a source reads the same columns of the same rows at the same times.

    Parts of one recording, which differ in start_s and end_s, may do so.
    """
    problems, first = [], {}
    for key, source in spec.external.items():
        for where, row in trials.items():
            if row.role != "motion" or not source.file or not (row.sources_wanted is None or key in row.sources_wanted):
                continue
            clock = (row.external_offset_s if source.clock == "own" else None, row.cycle_start_s, row.cycle_end_s)
            texts = [source.file, source.time or "", *source.rows.values(), *source.names(row.ids).values()]
            read = (key, *(with_ids(text, row.ids) for text in texts), clock)
            other = first.setdefault(read, row)
            parts = (row.file, row.imu_dir) == (other.file, other.imu_dir) and row.start_s != other.start_s
            if other is not row and not parts:
                what = f"external.{key} reads the same numbers of {read[1]} as for {other.trial_id}"
                advice = "let its file, rows or columns differ by {trial}, {participant} or {key}, or its clock"
                problems.append(Problem(where, f"{what}: {advice}"))
    return problems


def _paths(trials: dict[str, TrialRow], spec: CohortSpec, raw_dir: Path) -> list[Problem]:
    """Recordings that lie outside their folder, also by way of a link."""
    home = raw_dir.resolve()
    named = [
        (where, name)
        for where, row in trials.items()
        for name in (row.file, row.forces_file, row.imu_dir, *_sensor_files(row, spec), *_external_files(row, spec))
        if name
    ]
    long = [
        (where, name) for where, name in named if any(len(part.encode()) > _NAME_MAX_BYTES for part in Path(name).parts)
    ]
    return [
        *(Problem(where, f"{name[:20]}... is longer than the name of a file can be") for where, name in long),
        *(
            Problem(where, f"{name} lies outside {raw_dir}", PATH_LEAVES_COHORT)
            for where, name in named
            if (where, name) not in long and not (raw_dir / name).resolve().is_relative_to(home)
        ),
    ]


def _sensor_files(trial: TrialRow, spec: CohortSpec) -> list[str]:
    names = (name.partition("#")[0] for name in spec.imu_files.values())
    return [f"{trial.imu_dir}/{name}" for name in names] if trial.imu_dir else []


def _external_files(trial: TrialRow, spec: CohortSpec) -> list[str]:
    return [with_ids(source.file, trial.ids) for source in spec.external.values() if source.file]


def _problems(error: ValidationError, where: str, model: type[BaseModel]) -> list[Problem]:
    return [Problem(where, words) for words in problems_in_words(error, model)]


def _stop(folder: Path, problems: list[Problem]) -> None:
    if not problems:
        return
    codes = {problem.code for problem in problems}
    raise ConfigError(
        expected="cohort tables as described in workflow/schemas/",
        found="; ".join(f"{problem.where}: {problem.what}" for problem in problems),
        where=str(folder),
        do="Correct the lines named.",
        code=codes.pop() if len(codes) == 1 else INVALID,
    )
