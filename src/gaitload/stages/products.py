"""Products of one job: what they depend on, whether they are still good, and how they get into place.

Beside its products a job has `<stem>.provenance.json` (key, code fingerprint, settings, hashes of inputs and products)
and `<stem>.quality.json`. Products are good while the key is that of today and all their hashes are right. The quality
file is written last: where it is, everything is.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from types import ModuleType

from gaitload.documents import parse_json
from gaitload.errors import ContractError, DataError, SolverError
from gaitload.provenance import content_hash
from gaitload.quality import REMEDY, Quality
from gaitload.stages.job import Job

PROVENANCE = ".provenance.json"
QUALITY = ".quality.json"


def record_of(stage: ModuleType, job: Job, code: str) -> dict:
    """What the result of a job depends on, and as `key` the hash of all that.

    Raises
    ------
    DataError
        FILE_MISSING: names every file that is missing.
    """
    paths = stage.inputs(job)
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise DataError(
            expected="all input files",
            found=f"no {', '.join(missing)}",
            where=job.where,
            do="Put the files there, or take the trial out of trials.tsv.",
            code="FILE_MISSING",
        )
    inputs = [{"file": _shown(path, job), "sha256": content_hash(path)} for path in paths]
    record = {"stage": stage.NAME, "code": code, "settings": stage.settings(job), "inputs": inputs}
    return record | {"key": key_of(record)}


def require_as_made(stage: ModuleType, job: Job, record: dict) -> None:
    """Hold the inputs in a record that earlier stages made against the records of these.

    Raises
    ------
    SolverError
        PRODUCT_DAMAGED: one of them was changed since, which says nothing about the trial.
    """
    for path, item in zip(stage.inputs(job), record["inputs"], strict=True):
        made = read_record(path.with_name(f"{path.name.partition('.')[0]}{PROVENANCE}"))
        if made and made["products"].get(path.name, item["sha256"]) != item["sha256"]:
            raise SolverError(
                expected="products of earlier stages as they were made",
                found=f"{path} was changed",
                where=job.where,
                do=REMEDY,
                code="PRODUCT_DAMAGED",
            )


def key_of(record: dict) -> str:
    """SHA-256 of everything that a result depends on: of a record without its key and its products."""
    depends_on = {name: value for name, value in record.items() if name not in ("key", "products")}
    return hashlib.sha256(json_text(depends_on).encode()).hexdigest()


def good_record(stage: str, job: Job, key: str) -> dict | None:
    """The provenance record in place, if it has this key and all products are as it says; else None."""
    record = read_record(job.product(stage, PROVENANCE))
    if record is None or record["key"] != key:
        return None
    folder = job.folder(stage)
    good = all(
        (folder / name).exists() and content_hash(folder / name) == sha for name, sha in record["products"].items()
    )
    return record if good else None


def read_record(path: Path) -> dict | None:
    """A provenance record, or None where there is none or a damaged one."""
    try:
        record = parse_json(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    whole = isinstance(record, dict) and "key" in record and isinstance(record.get("products"), dict)
    return record if whole else None


def fresh_folder(stage: str, job: Job) -> Path:
    """An empty folder for a run, on the file system of the products; what a killed run left in it is gone."""
    partial = job.folder(stage) / f".{job.stem}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    return partial


def publish(stage: str, job: Job, partial: Path, record: dict, quality: Quality) -> dict:
    """Move products into place, replacing older ones; returns the record with their hashes.

    Raises
    ------
    ContractError
        A product is not named after the job's stem.
    """
    foreign = sorted(path.name for path in partial.iterdir() if path.name.partition(".")[0] != job.stem)
    if foreign:
        raise ContractError(
            expected=f"products named {job.stem} or {job.stem}.<ext>",
            found=", ".join(foreign),
            where=f"stage {stage}, {job.where}",
            do="Name them after the job's stem.",
            code="CONTRACT_PRODUCT_NAME",
        )
    (partial / f"{job.stem}{QUALITY}").write_text(quality.to_json())
    record = record | {"products": {path.name: content_hash(path) for path in sorted(partial.iterdir())}}
    (partial / f"{job.stem}{PROVENANCE}").write_text(json_text(record))
    withdraw(stage, job)
    for path in sorted(partial.iterdir(), key=lambda path: path.name.endswith(QUALITY)):
        path.replace(job.folder(stage) / path.name)
    partial.rmdir()
    return record


def withdraw(stage: str, job: Job) -> None:
    """Remove whatever a job has in place, its quality file first."""
    stale = [path for path in job.folder(stage).glob(f"{job.stem}*") if path.name.partition(".")[0] == job.stem]
    for path in sorted(stale, key=lambda path: not path.name.endswith(QUALITY)):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def json_text(document: dict, *, sort_keys: bool = True) -> str:
    """JSON with sorted keys, so that equal documents are equal bytes; unsorted where their order is always the same."""
    return json.dumps(document, indent=1, sort_keys=sort_keys) + "\n"


def _shown(path: Path, job: Job) -> str:
    """A name that does not depend on the machine."""
    for label, base in (("results", job.results), ("raw", job.cohort.raw_dir)):
        if path.is_relative_to(base):
            return f"{label}/{path.relative_to(base).as_posix()}"
    return path.name
