"""Estimators stage: one estimator on one sensor set, over all variants, folds and seeds of a study.

`results/predictions/<study>[.<variant>]/<sensor set>/<estimator>/<fold>.parquet` holds the estimates on the frames of
the people tested, `<fold>.training.json` how they came about, and `results/models/...` the networks. A fold whose files
were made by the same code from the same settings and tables is kept; training goes on from its last checkpoint. Two
jobs never train the same estimator on the same sensor set at once.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Collection, Mapping
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
from gaitload.study import EVERY_SET, Study
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
    """Fit and test an estimator on a sensor set, in every variant of `config.study`; writes the manifest when all folds
    are there. With the sensor set `EVERY_SET` one network is tested on all sets.

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
    require_estimators(config.study.model_copy(update={"estimators": (estimator,)}))
    use_threads(threads)
    plans = _plans(config, cohorts, results, sensor_set, estimator)
    out = results / "predictions" / config.study.name / sensor_set / estimator
    log.parent.mkdir(parents=True, exist_ok=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    # After a kill, what was training may run on while the same is asked for again: it is waited for.
    with held(out.with_name(f".{estimator}.lock")), log.open("w", encoding="utf-8") as file:

        def say(line: str) -> None:
            print(f"{config.study.name} {sensor_set} {estimator} {line}", file=file, flush=True)

        bases: dict | None = {} if len(plans) > 1 or sensor_set == EVERY_SET else None
        made = [path for plan in plans for path in _run_plan(plan, bases, say)]
        folders = {path.parent for path in made}
        for folder in sorted(folders):
            _leave_only(folder, {path.name.partition(".")[0] for path in made})
        tables = [path for path in made if path.suffix == ".parquet"]
        products = {path.relative_to(results / "predictions").as_posix(): content_hash(path) for path in tables}
        folds = [fold.name for fold in plans[0].folds[config.study.seeds[0]]]
        document = {"stage": NAME, "folds": folds, "products": products}
        write_manifest(manifest, document, results=results, made=made)


@dataclass(frozen=True)
class _Plan:
    """One variant of a study for one estimator: its windows, folds by seed, records and places by sensor set."""

    study: Study
    variant: str
    estimator: str
    windows: Windows
    left_out: list[str]
    folds: dict[int, list[Fold]]
    records: dict[str, dict]
    folders: dict[str, tuple[Path, Path]]
    kept: dict[str, tuple[int, ...] | None]
    base_key: str


def _plans(
    config: Config, cohorts: Mapping[str, Cohort], results: Path, sensor_set: str, estimator: str
) -> list[_Plan]:
    """All variants, each with its folds, so that what is wrong with one of them is found first."""
    tables, absent = aligned_tables(config, cohorts, results)
    inputs = {where: content_hash(path) for where, path in tables.items()}
    covariates = participant_covariates(config.study, cohorts)
    # Hashed before they are read: a table that changes meanwhile must not pass for what was learnt from.
    trials = [with_covariates(read_trial(path), covariates) for path in tables.values()]
    refusals = [line.partition(":")[0] for line in absent if not line.endswith(_ON_PURPOSE)]
    people = sorted({where.rpartition("/")[0] for where in [*tables, *refusals]})
    sensors = config.study.sensors_of(sensor_set)
    sets = config.study.sensor_sets if sensor_set == EVERY_SET else {sensor_set: sensors}
    sliced: dict[tuple, tuple] = {}
    plans = []
    for variant, own in config.study.variants().items():
        study = own.as_estimator(estimator)
        seen = (study.features, study.covariates)
        if seen not in sliced:
            sliced[seen] = slice_trials(trials, study, sensors)
        windows, refused = sliced[seen]
        left_out = absent + [f"{reason} ({count} windows)" for reason, count in sorted(refused.items())]
        require_everybody(windows, people, study, left_out)
        folds = {seed: folds_of(windows, study, seed) for seed in study.seeds}
        require_scorable(windows, folds[study.seeds[0]], config)
        record = _record(config, study, estimator, covariates, inputs)
        base = {"settings": study.deciding_base(estimator), "sensors": sensors}
        place = {name: Path(study.name, name, estimator) for name in sets}
        plans.append(
            _Plan(
                study,
                variant,
                estimator,
                windows,
                left_out,
                folds,
                {name: _keyed(record | {"sensor_set": name, "sensors": worn}) for name, worn in sets.items()},
                {name: (results / "predictions" / place[name], results / "models" / place[name]) for name in sets},
                {
                    name: tuple(map(sensors.index, worn)) if sensor_set == EVERY_SET else None
                    for name, worn in sets.items()
                },
                _keyed({name: record[name] for name in ("code", "versions", "covariates", "inputs")} | base)["key"],
            )
        )
    return plans


def _run_plan(plan: _Plan, bases: dict | None, say: Callable[[str], None]) -> list[Path]:
    """Every fold of a variant on every sensor set that it serves; what is there already is kept."""
    trained = plan.study.seeds if estimator_of(plan.study.file_of(plan.estimator)).ABOUT.kind == "network" else ()
    names = [fold.name for fold in plan.folds[plan.study.seeds[0]]]
    counts = f"{len(plan.windows)} windows of {len(set(plan.windows.subjects))} people"
    say(" ".join(filter(None, [plan.variant, f"{counts}, {len(plan.left_out)} reasons to leave some out"])))
    made = []
    for number, name in enumerate(names):
        for sensor_set, (out, models) in plan.folders.items():
            begun, path = time.monotonic(), out / f"{name}.parquet"
            files = [path, path.with_name(f"{name}.training.json"), *(_model(models, name, seed) for seed in trained)]
            made += files
            progress = " ".join(filter(None, [plan.variant, f"{number + 1}/{len(names)}", name]))
            record = plan.records[sensor_set]
            if all(file.is_file() for file in files) and _is_good(path, record["key"]):
                say(f"{progress} unchanged")
                continue
            own = {seed: chosen[number] for seed, chosen in plan.folds.items()}
            outcomes = _outcomes(plan, own, sensor_set, bases, say)
            document = record | {"fold": name, "variant": plan.variant, "left_out": plan.left_out}
            _write(path, plan.windows, own, outcomes, document, seconds=time.monotonic() - begun)
            say(f"{progress} done {time.monotonic() - begun:.1f} s")
    return made


def _model(folder: Path, fold: str, seed: int) -> Path:
    """The trained network of a fold with its scales."""
    return folder / f"{fold}.seed{seed}.safetensors"


def _record(config: Config, study: Study, estimator: str, covariates: dict[str, dict], inputs: dict[str, str]) -> dict:
    """What the estimates depend on, their sensors aside."""
    modules = ["gaitload.stages.estimators", f"gaitload.estimators.{study.file_of(estimator)}"]
    return {
        "stage": NAME,
        "study": study.name,
        "estimator": estimator,
        "protocol": study.protocol,
        "seeds": study.seeds,
        "settings": study.deciding(estimator),
        "code": [code_fingerprint(name) for name in modules],
        "versions": {name: metadata.version(name) for name in VERSIONS},
        "covariates": covariates,
        "aligned": aligned_stage(config),
        "inputs": inputs,
    }


def _keyed(record: dict) -> dict:
    """A record with its own hash as `key`."""
    return record | {"key": hashlib.sha256(json_text(record).encode()).hexdigest()}


def _is_good(path: Path, key: str) -> bool:
    """Whether a table of predictions can be read, and was made with a key."""
    try:
        return read_table(path)[2]["key"] == key
    except (DataError, OSError, ValueError, KeyError):
        return False


def _outcomes(
    plan: _Plan, folds: dict[int, Fold], sensor_set: str, bases: dict | None, say: Callable[[str], None]
) -> dict[int, Outcome]:
    """One fold with every seed; a floor, which draws nothing, once for all seeds that give it the same windows."""
    module, outcomes = estimator_of(plan.study.file_of(plan.estimator)), {}
    fitted: dict[bytes, Outcome] = {}
    models = plan.folders[sensor_set][1]
    for seed, fold in folds.items():
        learnt = np.sort(np.concatenate([fold.train, fold.validation])).tobytes()
        if module.ABOUT.kind == "floor" and learnt in fitted:
            outcomes[seed] = fitted[learnt]
            continue
        outcomes[seed] = fit_fold(
            plan.windows,
            fold,
            module,
            plan.study,
            seed=seed,
            key=plan.base_key,
            checkpoints=next(iter(plan.folders.values()))[1],
            model=_model(models, fold.name, seed),
            kept=plan.kept[sensor_set],
            bases=bases,
            say=lambda line, seed=seed, fold=fold: say(f"{fold.name} seed {seed} {line}"),
        )
        fitted[learnt] = outcomes[seed]
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
    fields = ("study", "estimator", "sensor_set", "fold", "protocol", "variant", "key")
    training = {name: document[name] for name in fields} | {"seconds": seconds, "seeds": records}
    write_text_aside(
        path.with_name(f"{path.stem}.training.json"), json.dumps(training, indent=1, sort_keys=True) + "\n"
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
        "trials": [_identity(windows.trials[trial.trial].document) for trial in found],
    }
    write_table(path, columns, document)


def _identity(document: dict) -> dict:
    """Cohort, participant and trial of an aligned table."""
    return {
        "cohort": document["cohort"],
        "participant": document["participant"]["participant_id"],
        "trial": document["trial"]["trial_id"],
    }


def _leave_only(folder: Path, names: Collection[str]) -> None:
    """Remove what an earlier study of this name left of folds that are no more, and what killed runs were writing."""
    for path in folder.glob("*"):
        if path.name.partition(".")[0] not in names:
            path.unlink()
