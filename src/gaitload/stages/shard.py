"""Runs one stage over a shard of trials: finished ones are skipped, failures stay with the trial that has them."""

from __future__ import annotations

import shutil
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from gaitload.errors import ConfigError, ContractError, GaitloadError, SolverError
from gaitload.io.files import held, write_text_aside
from gaitload.provenance import code_fingerprint, content_hash
from gaitload.quality import Gate, Quality, Verdict
from gaitload.registry import module_with
from gaitload.stages.job import Job
from gaitload.stages.manifests import write_manifest
from gaitload.stages.products import (
    PROVENANCE,
    QUALITY,
    fresh_folder,
    good_record,
    publish,
    record_of,
    require_as_made,
    withdraw,
)

NOT_THE_TRIAL = frozenset(
    {
        *("PROCESS_KILLED", "TIMEOUT", "MACHINE_FAILED"),
        *("PRODUCT_DAMAGED", "QUALITY_DAMAGED", "TABLE_DAMAGED", "STAGE_NOT_RUN"),
    }
)
"""Codes of errors that say nothing about the trial: its process was killed, the machine too busy, a disk full; or what
earlier stages made of it was damaged since, or is gone."""
VANISHED = frozenset({"FILE_MISSING", "INPUT_NOT_FOUND"})
"""Codes of files that are not there. Where products of the trial lie already, they are kept: a share may be offline."""


def stage_module(name: str) -> ModuleType:
    """The module of a stage, held to the contract of `gaitload.stages`; raises `ContractError`."""
    return module_with(f"gaitload.stages.{name}", ("NAME", "inputs", "settings", "run"))


def run_shard(stage: ModuleType, jobs: Sequence[Job], manifest: Path, log: Path) -> None:
    """Run a stage for each job, and list in `manifest` what came of it.

    Each job ends as one of

    - *finished*: its products, a provenance record and, last, a quality file lie in place;
    - *unchanged*: they lay there already, made by the same code from the same settings and inputs;
    - *refused*: a quality file says what was expected, found, where, and what to do, and there are no products: the
      stage raised a data, convention or solver error, or an earlier stage refused the trial. Tried again each time;
    - *crashed*: the log has the traceback. The others go on; in the end the shard raises and writes no manifest.

    Parameters
    ----------
    stage : module
        Keeps the contract of `gaitload.stages`.
    jobs : sequence of Job
        Those whose trial has no part in the stage are left out.
    manifest : Path
        JSON by stem: verdict, SHA-256 of the products, and, unless refused, the key; and the files that lie in place.
    log : Path
        One line per job.

    Raises
    ------
    ConfigError, ContractError
        At once: they concern all trials.
    SolverError
        At the end, SHARD_INCOMPLETE: names the jobs that crashed.
    """
    code = code_fingerprint(stage.__name__)
    jobs = [job for job in jobs if stage.NAME in job.stages]
    results, crashed = {}, []
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as file:
        for number, job in enumerate(jobs, start=1):
            begun = time.monotonic()
            try:
                # After a kill, what was running may run on while the same is asked for again: it is waited for.
                with held(job.folder(stage.NAME) / f".{job.stem}.lock"):
                    results[job.stem], outcome = _settle(stage, job, code)
            except (ConfigError, ContractError):
                raise
            except Exception as error:  # Whatever kills one trial must not take the others with it.
                crashed.append(f"{job.where}: {error}")
                outcome = "crashed"
                file.write(traceback.format_exc())
            who = f"{number}/{len(jobs)} {job.participant.participant_id}/{job.stem} {stage.NAME}"
            print(f"{who} {outcome} {time.monotonic() - begun:.1f} s", file=file, flush=True)
    if crashed:
        raise SolverError(
            expected="every trial to end with a verdict",
            found=f"{len(crashed)} of {len(jobs)} crashed: {'; '.join(crashed)}",
            where=str(manifest),
            do=f"Read {log}. What was finished is kept; running again goes on from there.",
            code="SHARD_INCOMPLETE",
        )
    made = [path for job in jobs for path in _in_place(stage.NAME, job, results[job.stem])]
    document = {"stage": stage.NAME, "results": results}
    write_manifest(manifest, document, results=jobs[0].results if jobs else manifest.parent, made=made)


def _settle(stage: ModuleType, job: Job, code: str) -> tuple[dict, str]:
    """Entry of one job in the manifest, and how it ended in words."""
    try:
        refused_before = _refused_before(stage.NAME, job)
        if refused_before:
            return _refuse(stage.NAME, job, refused_before)
        record = record_of(stage, job, code)
        good = good_record(stage.NAME, job, record["key"])
        if good:
            quality = job.quality_of(stage.NAME)
            return _entry(quality, good), f"{quality.verdict} (unchanged)"
        require_as_made(stage, job, record)
        job.tool_log(stage.NAME).unlink(missing_ok=True)
        partial = fresh_folder(stage.NAME, job)
        try:
            quality = stage.run(job.reading_only(stage.inputs(job)), partial)
            return _entry(quality, publish(stage.NAME, job, partial, record, quality)), _in_words(quality)
        finally:
            shutil.rmtree(partial, ignore_errors=True)  # On a full disk, half a product is room for other trials.
    except (ConfigError, ContractError):
        raise
    except GaitloadError as error:
        if error.code in NOT_THE_TRIAL or (error.code in VANISHED and job.product(stage.NAME, PROVENANCE).is_file()):
            raise
        return _refuse(stage.NAME, job, _refusal(stage.NAME, job, error))


def _in_place(stage: str, job: Job, entry: dict) -> list[Path]:
    """Products of a job as its entry in the manifest names them, and its record unless it was refused."""
    names = [*entry["products"], *([f"{job.stem}{PROVENANCE}"] if "key" in entry else [])]
    return [job.folder(stage) / name for name in names]


def _entry(quality: Quality, record: dict) -> dict:
    return {"verdict": quality.verdict, "key": record["key"], "products": record["products"]}


def _refuse(stage: str, job: Job, quality: Quality) -> tuple[dict, str]:
    """Leave nothing but the quality file in place."""
    shutil.rmtree(fresh_folder(stage, job))
    withdraw(stage, job)
    path = job.product(stage, QUALITY)
    write_text_aside(path, quality.to_json())
    # The hash makes another reason another manifest, so that Snakemake carries it on to the later stages.
    return {"verdict": quality.verdict, "products": {path.name: content_hash(path)}}, _in_words(quality)


def _refusal(stage: str, job: Job, error: GaitloadError) -> Quality:
    gate = Gate(error.code, Verdict.REFUSED, None, None, "", f"expected {error.expected}; found {error.found}")
    answers = {"expected": error.expected, "found": error.found, "where": error.where, "do": error.do}
    return Quality(stage, job.where, (gate,), {"refusal": answers, "refused_in": stage})


def _refused_before(stage: str, job: Job) -> Quality | None:
    for name, earlier in job.before(stage):
        quality = earlier.quality_of(name)
        if quality.verdict is Verdict.REFUSED:
            gates = tuple(gate for gate in quality.gates if gate.verdict is Verdict.REFUSED)
            return Quality(stage, job.where, gates, {"refused_in": name} | quality.numbers)
    return None


def _in_words(quality: Quality) -> str:
    codes = [gate.code for gate in quality.gates if gate.verdict is quality.verdict is not Verdict.PASSED]
    return " ".join([quality.verdict, *codes])
