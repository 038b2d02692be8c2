"""Estimators stage: one estimator on one sensor set, over all folds and seeds of a study.

`results/predictions/<study>/<sensor set>/<estimator>/<fold>.parquet` holds the estimates on the frames of the people
tested, `<fold>.training.json` how they came about, and `results/models/...` the networks. A fold whose files were made
by the same code from the same settings and tables is kept; training goes on from its last checkpoint. Two jobs never
train the same estimator on the same sensor set at once.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np

from gaitload.cohorts.tables import Cohort
from gaitload.config import Config
from gaitload.errors import DataError
from gaitload.estimators import require_estimators
from gaitload.io.files import held, write_text_aside
from gaitload.io.tables import read_table, write_table
from gaitload.protocols import Fold, folds_of, require_everybody
from gaitload.provenance import code_fingerprint, content_hash
from gaitload.stages.job import aligned_stage
from gaitload.stages.manifests import write_manifest
from gaitload.stages.products import json_text
from gaitload.stages.scorable import require_scorable
from gaitload.study import Study
from gaitload.training.fold import Outcome, estimator_of, fit_fold
from gaitload.training.loop import use_threads
from gaitload.windows.covariates import participant_covariates, with_covariates
from gaitload.windows.frames import onto_frames
from gaitload.windows.slicing import Windows, slice_trials
from gaitload.windows.tables import read_trial

NAME = "estimators"
VERSIONS = ("torch", "numpy", "scipy", "scikit-learn", "gaitload")
_ON_PURPOSE = "study.without"


def aligned_tables(config: Config, cohorts: Mapping[str, Cohort], results: Path) -> tuple[dict[str, Path], list[str]]:
    """Tables of the trials that a study takes, by `cohort/participant/trial`, and why others are not taken."""
    study, stage = config.study, aligned_stage(config)
    tables, left_out = {}, []
    for cohort in cohorts.values():
        for person in cohort.movers:
            for row in cohort.motions_of(person.participant_id):
                who = f"{cohort.name}/{person.participant_id}"
                where, path = f"{who}/{row.trial_id}", results / stage / who / f"{row.trial_id}.parquet"
                if row.activity not in study.activities:
                    continue
                if {who, where} & set(study.without):
                    left_out.append(f"{where}: {_ON_PURPOSE}")
                elif path.is_file():
                    tables[where] = path
                else:
                    left_out.append(f"{where}: refused, no aligned table")
    return tables, left_out


def run_estimator(
    config: Config,
    cohorts: Mapping[str, Cohort],
    results: Path,
    *,
    sensor_set: str,
    estimator: str,
    manifest: Path,
    log: Path,
    threads: int = 1,
) -> None:
    """Fit and test an estimator on a sensor set of `config.study`; writes the manifest when all folds are there.

    Everything that can be wrong with settings and data is found before the first fold is fitted.

    Raises
    ------
    ConfigError
        STUDY_ESTIMATOR_UNKNOWN, STUDY_OPTION_UNKNOWN, STUDY_SENSOR_UNKNOWN, STUDY_FLAG_UNKNOWN,
        CHECKPOINT_FOREIGN, DEVICE_MISSING.
    DataError
        STUDY_EMPTY, STUDY_COLUMN_MISSING, STUDY_COVARIATE_MISSING, STUDY_FOLD_EMPTY, STUDY_UNSCORABLE.
    ContractError
        LEAK_SUBJECTS, LEAK_FRAMES.
    SolverError
        TRAINING_DIVERGED.
    """
    study = config.study.as_estimator(estimator)
    require_estimators(study.model_copy(update={"estimators": (estimator,)}))
    use_threads(threads)
    tables, left_out = aligned_tables(config, cohorts, results)
    covariates = participant_covariates(study, cohorts)
    # Hashed before they are read: a table that changes meanwhile must not pass for what was learnt from.
    record = _record(config, sensor_set, estimator, tables, covariates)
    refusals = [line.partition(":")[0] for line in left_out if not line.endswith(_ON_PURPOSE)]
    people = sorted({where.rpartition("/")[0] for where in [*tables, *refusals]})
    trials = [with_covariates(read_trial(path), covariates) for path in tables.values()]
    windows, refused = slice_trials(trials, study, study.sensor_sets[sensor_set])
    left_out += [f"{reason} ({count} windows)" for reason, count in sorted(refused.items())]
    require_everybody(windows, people, study, left_out)
    folds = {seed: folds_of(windows, study, seed) for seed in study.seeds}
    require_scorable(windows, folds[study.seeds[0]], config)
    names = [fold.name for fold in folds[study.seeds[0]]]
    out = results / "predictions" / study.name / sensor_set / estimator
    places = _Places(results / "models" / study.name / sensor_set / estimator)
    trained = study.seeds if estimator_of(study.file_of(estimator)).ABOUT.kind == "network" else ()
    files = {name: _files(out, places, name, trained) for name in names}
    log.parent.mkdir(parents=True, exist_ok=True)
    # After a kill, what was training may run on while the same is asked for again: it is waited for.
    with held(out.with_name(f".{estimator}.lock")), log.open("w", encoding="utf-8") as file:

        def say(line: str) -> None:
            for stream in (file, sys.stderr):
                print(f"{study.name} {sensor_set} {estimator} {line}", file=stream, flush=True)

        say(f"{len(windows)} windows of {len(set(windows.subjects))} people, {sum(refused.values())} left out")
        for number, name in enumerate(names):
            begun, path = time.monotonic(), out / f"{name}.parquet"
            if all(file.is_file() for file in files[name]) and _is_good(path, record["key"]):
                say(f"{number + 1}/{len(names)} {name} unchanged")
                continue
            own = {seed: chosen[number] for seed, chosen in folds.items()}
            outcomes = _outcomes(windows, own, study, record["key"], estimator, places, say)
            document = record | {"fold": name, "left_out": left_out}
            _write(path, windows, own, outcomes, document, seconds=time.monotonic() - begun)
            say(f"{number + 1}/{len(names)} {name} done {time.monotonic() - begun:.1f} s")
        for folder in (out, places.folder):
            _leave_only(folder, names)
        products = {f"{name}.parquet": content_hash(out / f"{name}.parquet") for name in names}
        document = {"stage": NAME, "key": record["key"], "folds": names, "products": products}
        write_manifest(manifest, document, results=results, made=[path for own in files.values() for path in own])


@dataclass(frozen=True)
class _Places:
    """Where the networks of an estimator are kept while they are trained, and after."""

    folder: Path

    def model(self, fold: str, seed: int) -> Path:
        """The trained network with its scales."""
        return self.folder / f"{fold}.seed{seed}.safetensors"

    def checkpoint(self, fold: str, seed: int, key: str) -> Path:
        """Named by its key, so that another configuration finds none and starts anew."""
        return self.folder / f".{fold}.seed{seed}.{key[:12]}.safetensors"


def _record(
    config: Config, sensor_set: str, estimator: str, tables: dict[str, Path], covariates: dict[str, dict]
) -> dict:
    """What the estimates depend on, and as `key` the hash of all that."""
    study = config.study.as_estimator(estimator)
    modules = ["gaitload.stages.estimators", f"gaitload.estimators.{study.file_of(estimator)}"]
    record = {
        "stage": NAME,
        "study": study.name,
        "estimator": estimator,
        "sensor_set": sensor_set,
        "sensors": study.sensor_sets[sensor_set],
        "protocol": study.protocol,
        "seeds": study.seeds,
        "settings": study.deciding(estimator),
        "code": [code_fingerprint(name) for name in modules],
        "versions": {name: metadata.version(name) for name in VERSIONS},
        "covariates": covariates,
        "aligned": aligned_stage(config),
        "inputs": {where: content_hash(path) for where, path in tables.items()},
    }
    return record | {"key": hashlib.sha256(json_text(record).encode()).hexdigest()}


def _files(out: Path, places: _Places, fold: str, seeds: Sequence[int]) -> list[Path]:
    """Everything that is kept of a fold; `seeds` are those of its networks."""
    return [out / f"{fold}.parquet", out / f"{fold}.training.json", *(places.model(fold, seed) for seed in seeds)]


def _is_good(path: Path, key: str) -> bool:
    try:
        return read_table(path)[2]["key"] == key
    except (DataError, OSError, ValueError, KeyError):
        return False


def _outcomes(
    windows: Windows, folds: dict[int, Fold], study: Study, key: str, estimator: str, places: _Places, say
) -> dict[int, Outcome]:
    """One fold with every seed; a floor, which draws nothing, once for all seeds that give it the same windows."""
    module, outcomes = estimator_of(study.file_of(estimator)), {}
    fitted: dict[bytes, Outcome] = {}
    for seed, fold in folds.items():
        learnt = np.sort(np.concatenate([fold.train, fold.validation])).tobytes()
        if module.ABOUT.kind == "floor" and learnt in fitted:
            outcomes[seed] = fitted[learnt]
            continue
        checkpoint = places.checkpoint(fold.name, seed, key)
        outcomes[seed] = fit_fold(
            windows,
            fold,
            module,
            study,
            seed=seed,
            key=key,
            checkpoint=checkpoint,
            model=places.model(fold.name, seed),
            say=lambda line, seed=seed, fold=fold: say(f"{fold.name} seed {seed} {line}"),
        )
        fitted[learnt] = outcomes[seed]
        for path in places.folder.glob(f"{checkpoint.stem}.*"):
            path.unlink()
    return outcomes


def _write(
    path: Path,
    windows: Windows,
    folds: dict[int, Fold],
    outcomes: dict[int, Outcome],
    document: dict,
    *,
    seconds: float,
) -> None:
    """The training record, then the table: where it is, everything is. Times are in the record alone."""
    records = {str(seed): outcome.record | {"parts": outcome.evidence} for seed, outcome in outcomes.items()}
    told = {name: document[name] for name in ("study", "estimator", "sensor_set", "fold", "protocol", "key")}
    told["seconds"] = seconds
    write_text_aside(
        path.with_name(f"{path.stem}.training.json"),
        json.dumps(told | {"seeds": records}, indent=1, sort_keys=True) + "\n",
    )
    tested = windows.rows(next(iter(folds.values())).test)
    found = onto_frames(tested, np.stack([outcome.estimates for outcome in outcomes.values()]))
    names = list(dict.fromkeys(name for trial in found for name in trial.columns))
    clocks = [windows.trials[trial.trial].time_s for trial in found]
    columns: dict[str, tuple[np.ndarray, dict]] = {
        "trial_index": (
            np.concatenate([np.full(len(clock), number, np.int32) for number, clock in enumerate(clocks)]),
            {"definition": "row of `trials` in the metadata of the file"},
        ),
        "time_s": (np.concatenate(clocks), {"unit": "s", "definition": "time on the clock of the labels"}),
    }
    for name in names:
        empty = [np.full((len(clock), len(outcomes)), np.nan) for clock in clocks]
        values = np.concatenate([trial.columns.get(name, gap) for trial, gap in zip(found, empty, strict=True)])
        unit = next(windows.trials[trial.trial].meanings[name]["unit"] for trial in found if name in trial.columns)
        columns[name] = (values.mean(axis=1), {"of": name, "unit": unit, "definition": "mean over seeds"})
        for number, seed in enumerate(outcomes):
            columns[f"{name}__seed{seed}"] = (values[:, number], {"of": name, "unit": unit, "seed": seed})
    document = document | {
        "parts": {str(seed): outcome.evidence for seed, outcome in outcomes.items()},
        "trials": [_told(windows.trials[trial.trial].document) for trial in found],
    }
    write_table(path, columns, document)


def _told(document: dict) -> dict:
    return {
        "cohort": document["cohort"],
        "participant": document["participant"]["participant_id"],
        "trial": document["trial"]["trial_id"],
    }


def _leave_only(folder: Path, names: list[str]) -> None:
    """Remove what an earlier study of this name left of folds that are no more, and what killed runs were writing."""
    for path in folder.glob("*"):
        if path.name.partition(".")[0] not in names:
            path.unlink()
