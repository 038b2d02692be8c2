"""What somebody asked for by its path: there after its job, or the reason why it is not."""

from __future__ import annotations

import json
from pathlib import Path

from gaitload.errors import DataError
from gaitload.quality import Verdict, read_quality
from gaitload.stages.manifests import FOLDER
from gaitload.stages.products import QUALITY


def require_requested(path: Path, manifest: Path, results: Path, *, log: Path) -> None:
    """Make sure that a job has made a file.

    Parameters
    ----------
    path : Path
        The file.
    manifest : Path
        Manifest of the job.
    results : Path
        Folder of all results.
    log : Path
        Says that the file is there, or what the error says.

    Raises
    ------
    DataError
        PRODUCT_NOT_MADE: its trial was refused, with the reason; or the job makes other files, with their names.
    """
    if path.is_file():
        log.write_text(f"{path} is there\n")
        return
    job = manifest.relative_to(results / FOLDER)
    files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    name = path.relative_to(results).as_posix()
    stem = name.rpartition("/")[2].partition(".")[0]
    own = [file for file in files if file.rpartition("/")[2].partition(".")[0] == stem]
    error = DataError(
        expected=name,
        found=_refusal([results / file for file in own]) or _others(own or files),
        where=job.as_posix(),
        do="Mend what was refused, or ask for one of the files that there are.",
        code="PRODUCT_NOT_MADE",
    )
    log.write_text(f"{error}\n")
    raise error


def _refusal(files: list[Path]) -> str:
    qualities = [read_quality(file) for file in files if file.name.endswith(QUALITY)]
    gates = [gate for quality in qualities for gate in quality.gates if gate.verdict is Verdict.REFUSED]
    return "; ".join(f"the trial was refused: {gate.code}, {gate.reason}" for gate in gates)


def _others(files: list[str]) -> str:
    names = [file.rpartition("/")[2] for file in files]
    return f"{', '.join(names[:5])}{' and others' if len(names) > 5 else ''}" if names else "no files"
