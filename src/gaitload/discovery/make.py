"""A new folder of workflow/cohorts/ from a folder of recordings."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from gaitload.discovery.bids import convert_motion_bids, is_motion_bids
from gaitload.discovery.draft import draft_cohort
from gaitload.discovery.findings import Draft, Fault
from gaitload.discovery.writing import FILES, require_free, set_files, write_cohort
from gaitload.documents import read_yaml
from gaitload.models.markersets import MarkerSet, load_marker_set
from gaitload.models.registry import ModelSource


@dataclass(frozen=True)
class Made:
    """What was found, and the files that say so."""

    draft: Draft
    files: tuple[Path, ...]


def make_cohort(
    folder: Path,
    name: str,
    marker_sets: list[MarkerSet],
    *,
    root: Path,
    force: bool = False,
    converted: Path | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Made:
    """Draft a cohort from the recordings in a folder and write its tables below `root`, the repository.

    `say` is told how far the reading is. Recordings in Motion-BIDS are first converted into the folder `converted`, by
    default `<folder>_converted` beside.

    Raises
    ------
    ConfigError
        Those of `draft_cohort`, `convert_motion_bids` and `write_cohort`.
    """
    place = root / "workflow" / "cohorts" / name
    require_free(place, force=force)
    faults: tuple[Fault, ...] = ()
    if is_motion_bids(folder):
        converted = converted or folder.resolve().with_name(f"{folder.resolve().name}_converted")
        faults = convert_motion_bids(folder, converted)
        folder = converted
    draft = draft_cohort(folder, name, marker_sets, say=say)
    spec = draft.spec | {"raw_dir": _seen_from(folder, root)}
    draft = replace(draft, spec=spec, faults=(*faults, *draft.faults))
    write_cohort(draft, place, force=force)
    return Made(draft, tuple(place / file for file in (*set_files(draft), *FILES)))


def known_marker_sets(source: ModelSource, root: Path) -> list[MarkerSet]:
    """Marker sets of the family of a model; without those of synthetic participants."""
    specs = [_spec_of(path) for path in sorted((root / "workflow" / "cohorts").glob("*/cohort.yaml"))]
    made = {spec.get("marker_set") for spec in specs if "made_by" in spec}
    paths = sorted((source.family_dir / "markersets").glob("*.tsv"))
    return [load_marker_set(path) for path in paths if path.stem not in made]


def _spec_of(path: Path) -> dict:
    """What a cohort.yaml says; nothing where it is damaged, which whoever checks that cohort is told."""
    try:
        spec = read_yaml(path)
    except (ValueError, OSError):
        return {}
    return spec if isinstance(spec, dict) else {}


def _seen_from(folder: Path, root: Path) -> str:
    """Relative to the repository where the recordings lie in it or beside it, else absolute."""
    away = os.path.relpath(folder.resolve(), root.resolve())
    return away if away.count("..") <= 1 else folder.resolve().as_posix()
