"""The files of a drafted cohort: its three tables, and the questions beside them."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from gaitload.cohorts.reader import MARKER_SETS
from gaitload.cohorts.tables import Participant, TrialRow
from gaitload.discovery.findings import Draft
from gaitload.errors import ConfigError
from gaitload.io.files import write_text_aside
from gaitload.io.subject_files import LENGTH_SPANS_M

FILES = ("cohort.yaml", "participants.tsv", "trials.tsv", "questions.md")


_ESTIMATE = "an estimate from forces, not a statement of anybody"
_HINT = re.compile(rf"# (?P<who>\S+), (?P<column>\w+): {_ESTIMATE}.*")


def estimates_in(folder: Path) -> list[tuple[str, str]]:
    """`(participant_id, column)` of cells of participants.tsv that are still marked as estimates."""
    table = folder / "participants.tsv"
    lines = table.read_text(encoding="utf-8", errors="replace").splitlines() if table.is_file() else []
    return [(hint["who"], hint["column"]) for line in lines if (hint := _HINT.fullmatch(line.strip()))]


def write_cohort(draft: Draft, folder: Path, *, force: bool = False) -> None:
    """Write `FILES` into a folder of workflow/cohorts/, and drafts of marker sets that are not known.

    Raises
    ------
    ConfigError
        COHORT_EXISTS: one of them is there already, and `force` is not set; nothing was written.
    """
    require_free(folder, force=force)
    for name, text in documents(draft).items():
        write_text_aside(folder / name, text)
    for name, text in set_files(draft).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_text_aside(folder / name, text)


def set_files(draft: Draft) -> dict[str, str]:
    """Texts of the marker sets of a cohort by file: those in use, and drafts that are called after their wearer."""
    return {f"{MARKER_SETS}/{name}.tsv": text for name, text in (draft.set_drafts | draft.marker_sets).items()}


def require_free(folder: Path, *, force: bool) -> None:
    """Raise `ConfigError` (COHORT_EXISTS) where one of `FILES` is in a folder, unless `force` is set."""
    there = [name for name in FILES if (folder / name).exists()]
    if there and not force:
        raise ConfigError(
            expected="a new name for the cohort",
            found=f"{', '.join(there)} there already",
            where=str(folder),
            do="Give another --name, or --force to write over what is there.",
            code="COHORT_EXISTS",
        )


def documents(draft: Draft) -> dict[str, str]:
    """Texts of `FILES` by name."""
    texts = (_spec(draft), _people(draft), _trials(draft), questions_text(draft))
    return dict(zip(FILES, texts, strict=True))


def questions_text(draft: Draft) -> str:
    """What has to be answered, what was taken for granted, what is wrong, and what was recognised, in Markdown."""
    needed = [f"- [ ] **{one.where}**: {one.text}" for one in draft.questions if one.needed]
    taken = [f"- [ ] **{one.where}**: {one.text}" for one in draft.questions if not one.needed]
    wrong = [f"- **{one.where}**: {one.what}. {one.do}" for one in draft.faults]
    parts = [
        f"# Questions about {draft.spec['name']}",
        "Answers go into the file and column named in bold, in this folder. Then: `gaitload check "
        f"{draft.spec['name']}`.",
        *_part("Needed before it runs", needed),
        *_part("Taken for granted; correct what is wrong", taken),
        *_part("Wrong, and left out", wrong),
        *_part("Recognised", [f"- {note}" for note in draft.notes if note]),
    ]
    return "\n\n".join(parts) + "\n"


def _part(title: str, lines: list[str]) -> list[str]:
    return [f"## {title}", "\n".join(lines)] if lines else []


def _spec(draft: Draft) -> str:
    spec = {key: value for key, value in draft.spec.items() if value not in (None, {})}
    common = _common_set(draft)
    if common:
        spec["marker_set"] = common
    return yaml.safe_dump(spec, sort_keys=False, allow_unicode=True, width=120)


def _common_set(draft: Draft) -> str | None:
    sets = {person.marker_set for person in draft.people}
    return sets.pop() if len(sets) == 1 else None


def _people(draft: Draft) -> str:
    hints = [
        f"# {who}, {column}: {_ESTIMATE}; correct it (questions.md), and delete this line once it is right"
        for who, column in sorted(draft.suggested)
    ]
    columns = ["participant_id", "sex", "mass_kg", "height_m"] + ([] if _common_set(draft) else ["marker_set"])
    columns += [name for name in LENGTH_SPANS_M if any(getattr(person, name) for person in draft.people)]
    return "\n".join([*hints, *_table(draft.people, columns)]) + "\n"


def _trials(draft: Draft) -> str:
    columns = ["participant_id", "trial_id", "role", "activity", "file"]
    optional = [name for name in TrialRow.model_fields if name not in columns]
    used = [
        name
        for name in optional
        if any(getattr(row, name) != TrialRow.model_fields[name].default for row in draft.trials)
    ]
    return "\n".join(_table(draft.trials, [*columns, *used])) + "\n"


def _table(rows: tuple[Participant, ...] | tuple[TrialRow, ...], columns: list[str]) -> list[str]:
    return ["\t".join(columns), *("\t".join(_cell(getattr(row, name)) for name in columns) for row in rows)]


def _cell(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
