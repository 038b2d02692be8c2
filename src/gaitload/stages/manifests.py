"""Manifests: the only outputs that the rules of the stages declare, each with the files that its job has made.

A rule cannot declare the products of a shard: their names depend on the tables of the cohort, a refused trial has none,
and Snakemake removes what is declared before a job runs, finished trials among it. So it looks at manifests, and
`note_losses` holds them against what lies there before it does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from gaitload.documents import parse_json
from gaitload.io.files import write_text_aside

FOLDER = "manifests"
_LEDGER = "losses.json"
_LOSS = {"count", "lacks", "manifest_ns"}


def files_below(results: Path, paths: Iterable[Path]) -> list[str]:
    """Files among some paths and in the folders among them, sorted, relative to the folder of all results."""
    files = (file for path in paths for file in (path.rglob("*") if path.is_dir() else [path]) if not file.is_dir())
    return sorted(file.relative_to(results).as_posix() for file in files)


def incomplete_manifests(results: Path) -> Iterator[tuple[Path, str]]:
    """Manifests that name a file which is not there, with the first such file, or that cannot be read.

    Every folder is listed once, and no file is opened but the manifests (docs/benchmarks/workflow.md has the time).

    Parameters
    ----------
    results : Path
        Folder of all results.

    Yields
    ------
    Path
        A manifest.
    str
        What is missing, relative to `results`, or the manifest itself.
    """
    names_in = cache(lambda folder: _names_in(results / folder))
    for manifest in sorted((results / FOLDER).glob("*/**/[!.]*.json")):
        files = _files_of(manifest)
        if files is None:
            yield manifest, manifest.relative_to(results).as_posix()
            continue
        for file in files:
            folder, _, name = file.rpartition("/")
            if name not in names_in(folder):
                yield manifest, file
                break


def losses_noted(results: Path) -> dict[str, str]:
    """What was found missing so far, in words that differ each time, by manifest relative to the folder of manifests.

    It is a parameter of the job, which Snakemake compares with that of the last success. So a job whose products were
    deleted is planned, and what depends on it after it, and stays planned until it succeeds.
    """
    return {name: f"{loss['count']}: no {loss['lacks']}" for name, loss in _read_ledger(results).items()}


def note_losses(results: Path, *, write: bool) -> dict[str, str]:
    """Look for missing products, and note each loss once, in `manifests/losses.json`; see `losses_noted`.

    Parameters
    ----------
    results : Path
        Folder of all results.
    write : bool
        False: only say what would be noted, as for a dry run. Results that cannot be written to are not.

    Returns
    -------
    dict of str to str
        As `losses_noted`.
    """
    ledger, new = _read_ledger(results), {}
    for manifest, lacks in incomplete_manifests(results):
        name, written = manifest.relative_to(results / FOLDER).as_posix(), manifest.stat().st_mtime_ns
        before = ledger.get(name, {"count": 0, "manifest_ns": None})
        if before["manifest_ns"] != written:
            new[name] = {"count": before["count"] + 1, "manifest_ns": written, "lacks": lacks}
    ledger |= new
    if new and write:
        with suppress(OSError):
            write_text_aside(results / FOLDER / _LEDGER, json.dumps(ledger, indent=1, sort_keys=True) + "\n")
    return {name: f"{loss['count']}: no {loss['lacks']}" for name, loss in ledger.items()}


def write_manifest(manifest: Path, document: dict, *, results: Path, made: Iterable[Path]) -> None:
    """Write a manifest, complete or not at all.

    Parameters
    ----------
    manifest : Path
    document : dict
        What the job has to say, as plain JSON.
    results : Path
        Folder of all results.
    made : iterable of Path
        Files and folders that the job has made; listed as `files`, relative to `results`.
    """
    document = document | {"files": files_below(results, made)}
    write_text_aside(manifest, json.dumps(document, indent=1, sort_keys=True) + "\n")


def _names_in(folder: Path) -> frozenset[str]:
    try:
        return frozenset(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()


def _files_of(manifest: Path) -> list[str] | None:
    """The files that a manifest names; None where it is damaged, or was written before manifests named any."""
    try:
        document = parse_json(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    files = document.get("files") if isinstance(document, dict) else None
    return files if isinstance(files, list) and all(isinstance(file, str) for file in files) else None


def _read_ledger(results: Path) -> dict[str, dict]:
    """Losses by manifest: how many, what was missing last, and when the manifest was written (ns) that named it."""
    try:
        ledger = parse_json((results / FOLDER / _LEDGER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    losses = ledger.items() if isinstance(ledger, dict) else ()
    return {name: loss for name, loss in losses if isinstance(loss, dict) and loss.keys() == _LOSS}
