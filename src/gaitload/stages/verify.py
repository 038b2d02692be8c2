"""Holds every product against its provenance: is it still what was made, from what lies there now?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gaitload.cohorts.tables import Cohort
from gaitload.config import Config
from gaitload.documents import parse_json
from gaitload.errors import GaitloadError
from gaitload.io.tables import read_table
from gaitload.provenance import code_fingerprint, content_hash, version_of
from gaitload.quality import Quality, Verdict
from gaitload.stages.job import STAGES, SUBJECT_STAGES, Job, jobs_of
from gaitload.stages.products import PROVENANCE, QUALITY, json_text, key_of, read_record, record_of
from gaitload.stages.shard import stage_module
from gaitload.windows.covariates import participant_covariates

_WHOLE = "[!.]*.json"
"""Manifests, and not what a killed run was still writing aside."""


@dataclass(frozen=True)
class Mismatch:
    """One thing that is not as a provenance record or a manifest says.

    Attributes
    ----------
    where : str
        `stage/cohort/participant/trial`, or the path of a manifest among the results.
    what : str
        `product` (the file itself), `input`, `settings`, `code`, `manifest` or `tables` (nobody knows the trial).
    found : str
        Which one, and how it differs.
    """

    where: str
    what: str
    found: str


def records_of(results: Path) -> list[Path]:
    """Every provenance record among the results, sorted."""
    return sorted(path for stage in STAGES for path in results.glob(f"{stage}/*/*/*{PROVENANCE}"))


def mismatches(config: Config, cohorts: Mapping[str, Cohort], results: Path) -> Iterator[Mismatch]:
    """Everything among the results that does not match.

    Parameters
    ----------
    config : Config
        What the results should have been made with.
    cohorts : mapping of str to Cohort
        By name; products of others cannot be held against settings and recordings, and are named.
    results : Path
        Folder of all results.
    """
    for path in records_of(results):
        yield from _of_record(path, config, cohorts, results)
    for folder in sorted({path for stage in STAGES for path in results.glob(f"{stage}/*/*") if path.is_dir()}):
        yield from _without_record(folder, results)
    for path in sorted(path for stage in STAGES for path in results.glob(f"manifests/{stage}/*/*/{_WHOLE}")):
        yield from _of_manifest(path, results)
    for path in sorted(results.glob(f"manifests/estimators/*/*/{_WHOLE}")):
        yield from _of_estimates(path, config, cohorts, results)


def _of_record(path: Path, config: Config, cohorts: Mapping[str, Cohort], results: Path) -> Iterator[Mismatch]:
    stage, cohort, participant = path.relative_to(results).parts[:3]
    stem = path.name.removesuffix(PROVENANCE)
    where = f"{stage}/{cohort}/{participant}/{stem}"
    record = read_record(path)
    if record is None or record["key"] != key_of(record):
        yield Mismatch(where, "product", f"{path.name} is not as it was written")
        return
    for name, sha256 in record["products"].items():
        product = path.parent / name
        if not product.exists():
            yield Mismatch(where, "product", f"{name} is missing")
        elif content_hash(product) != sha256:
            yield Mismatch(where, "product", f"{name} was changed")
    job = _job(stage, stem, participant, config, cohorts.get(cohort), results)
    if job is None:
        yield Mismatch(where, "tables", "no such trial in the tables of the cohort")
        return
    try:
        module = stage_module(stage)
        today = json.loads(json_text(record_of(module, job, _code(module.__name__))))
    except GaitloadError as error:
        yield Mismatch(where, "input", f"{error.found} ({error.code})")
        return
    yield from (Mismatch(where, *difference) for difference in _differences(record, today))


def _differences(record: dict, today: dict) -> Iterator[tuple[str, str]]:
    made, now = ({item["file"]: item["sha256"] for item in each["inputs"]} for each in (record, today))
    for name in sorted(made.keys() | now.keys()):
        if made.get(name) != now.get(name):
            how = "was changed" if name in made and name in now else "is new" if name in now else "is no longer one"
            yield "input", f"{name} {how}"
    for name in sorted(record["settings"].keys() | today["settings"].keys()):
        old, new = (each["settings"].get(name) for each in (record, today))
        if old != new:
            yield "settings", _told(name, old, new)
    if record["code"] != today["code"]:
        yield "code", "made by another version of the stage or of what it imports"


def _told(name: str, old: object, new: object) -> str:
    """Where two settings differ, down to the innermost name."""
    if isinstance(old, dict) and isinstance(new, dict):
        differing = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
        return "; ".join(_told(f"{name}.{key}", old.get(key), new.get(key)) for key in differing)
    return f"{name}: made with {json.dumps(old)}, now {json.dumps(new)}"


def _without_record(folder: Path, results: Path) -> Iterator[Mismatch]:
    """Files that no record names; a refused trial has its quality file alone."""
    records = {path: read_record(path) or {"products": {}} for path in folder.glob(f"*{PROVENANCE}")}
    named = {path.name for path in records} | {name for record in records.values() for name in record["products"]}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in named or _is_refusal(path):
            continue
        where = f"{folder.relative_to(results).as_posix()}/{path.name.partition('.')[0]}"
        yield Mismatch(where, "product", f"{path.name} is in no provenance record")


def _is_refusal(path: Path) -> bool:
    if not path.name.endswith(QUALITY):
        return False
    try:
        return Quality.from_json(path.read_text()).verdict is Verdict.REFUSED
    except (ValueError, KeyError, TypeError):
        return False


def _of_manifest(path: Path, results: Path) -> Iterator[Mismatch]:
    where, entries = path.relative_to(results).as_posix(), _listed(path, "results")
    if entries is None or not all(isinstance(entry, dict) and "products" in entry for entry in entries.values()):
        yield Mismatch(where, "manifest", "is not as it was written")
        return
    folder = results / path.parent.relative_to(results / "manifests")
    for stem, entry in entries.items():
        record = read_record(folder / f"{stem}{PROVENANCE}") or {}
        if "key" in entry and record.get("key") != entry["key"]:
            yield Mismatch(where, "manifest", f"{stem} has been made anew, or is gone")
        elif "key" not in entry and any(_sha256(folder / name) != sha for name, sha in entry["products"].items()):
            yield Mismatch(where, "manifest", f"{stem} was refused for another reason, or is no longer")


def _of_estimates(path: Path, config: Config, cohorts: Mapping[str, Cohort], results: Path) -> Iterator[Mismatch]:
    """What one estimator made of one sensor set: a table a fold, each with its own record."""
    where, products = path.relative_to(results).with_suffix("").as_posix(), _listed(path, "products")
    if products is None:
        yield Mismatch(where, "manifest", "is not as it was written")
        return
    study, estimator = path.parts[-3], path.stem
    variants = {one.name: one for one in config.study.variants().values()}
    for product, sha256 in products.items():
        table, name = results / "predictions" / product, Path(product).name
        if _sha256(table) != sha256:
            yield Mismatch(where, "product", f"{name} {'was changed' if table.exists() else 'is missing'}")
            continue
        record = read_table(table)[2]
        for trial, sha in record["inputs"].items():
            if _sha256(results / record["aligned"] / f"{trial}.parquet") != sha:
                found = f"{name}: {record['aligned']}/{trial}.parquet was changed, or is gone"
                yield Mismatch(where, "input", found)
        file = config.study.file_of(estimator)
        if record["code"] != [_code("gaitload.stages.estimators"), _code(f"gaitload.estimators.{file}")]:
            yield Mismatch(where, "code", f"{name}: made by another version of the estimator or of what it imports")
        for package, made in record["versions"].items():
            if made != version_of(package):
                yield Mismatch(where, "code", f"{name}: made with {package} {made}, here is {version_of(package)}")
        variant = variants.get(record["study"], config.study)
        worn = list(config.study.sensor_sets.get(record["sensor_set"], record["sensors"]))
        old = record["settings"] | {"sensors": record["sensors"]}
        new = variant.deciding(estimator) | {"sensors": worn}
        if study == config.study.name and old != new:
            yield Mismatch(where, "settings", _told(name, old, new))
        known = participant_covariates(config.study, cohorts)
        if study == config.study.name and record["covariates"] != known:
            yield Mismatch(where, "settings", _told(f"{name}: participants.tsv", record["covariates"], known))


def _job(stage: str, stem: str, participant: str, config: Config, cohort: Cohort | None, results: Path) -> Job | None:
    if cohort is None or participant not in cohort.by_id:
        return None
    known = stage in SUBJECT_STAGES or stem in {row.trial_id for row in cohort.trials_of(participant)}
    arguments = {"config": config, "cohort": cohort, "participant_id": participant, "results": results}
    return jobs_of(stage, [stem], **arguments)[0] if known else None


def _listed(path: Path, name: str) -> dict | None:
    """What a manifest lists under a name; None where it cannot be read or is no manifest."""
    try:
        manifest = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    listed = manifest.get(name) if isinstance(manifest, dict) else None
    return listed if isinstance(listed, dict) else None


def _sha256(path: Path) -> str | None:
    return content_hash(path) if path.exists() else None


@cache
def _code(module: str) -> str:
    return code_fingerprint(module)
