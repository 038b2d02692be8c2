"""Bundle stage: an estimator of a study, fitted to everybody, in one file that is used without the study.

`results/bundles/<study>/<sensor set>/<estimator>.gaitload`. Errors and intervals are those of the study's folds: of
people that the estimator of their fold did not learn from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from types import ModuleType

import numpy as np

from gaitload.bundles.calibration import STEPS, calibrated_rows
from gaitload.bundles.card import card_of
from gaitload.bundles.file import Bundle, write_bundle
from gaitload.bundles.graph import export
from gaitload.bundles.intervals import PEOPLE_MIN, intervals_of
from gaitload.bundles.likeness import left_out_scores, likeness_of, refused_trials
from gaitload.bundles.mounting import facings_deg, training_facings, training_ups
from gaitload.cohorts.tables import Cohort
from gaitload.config import Config
from gaitload.conventions import sampling_rate_hz
from gaitload.errors import ConfigError, DataError
from gaitload.io.tables import read_table
from gaitload.protocols import whole_fold
from gaitload.provenance import code_fingerprint
from gaitload.signals.resample import resample
from gaitload.stages.estimators import aligned_tables
from gaitload.study import Study
from gaitload.training.composite import Composite
from gaitload.training.fold import estimator_of, fit_parts
from gaitload.training.loop import use_threads
from gaitload.windows.covariates import participant_covariates, with_covariates
from gaitload.windows.leakage import require_no_leak
from gaitload.windows.mirror import column_sign
from gaitload.windows.normaliser import Normaliser
from gaitload.windows.slicing import Windows, slice_trials
from gaitload.windows.tables import AlignedTrial, read_trial
from gaitload.windows.worn import sides_of

NAME = "bundle"
VERSIONS = ("gaitload", "torch", "numpy", "onnxruntime")


def make_bundle(
    config: Config,
    cohorts: Mapping[str, Cohort],
    results: Path,
    *,
    sensor_set: str,
    estimator: str,
    path: Path,
    log: Path,
    threads: int = 1,
) -> None:
    """Fit an estimator of `config.study` to all its people, and write the bundle.

    Raises
    ------
    ConfigError
        BUNDLE_NEEDS_PLATES, BUNDLE_NEEDS_COLUMNS: what the study takes is not to be had from sensors.
    DataError
        BUNDLE_LABELS_MIXED; BUNDLE_NO_ESTIMATES: none of held-out people; those of `slice_trials` and `whole_fold`.
    ContractError
        GRAPH_DIFFERS.
    """
    study = config.study.as_estimator(estimator)
    _require_sensors_suffice(study)
    use_threads(threads)
    tables, _ = aligned_tables(config, cohorts, results)
    covariates = participant_covariates(study, cohorts)
    trials = [with_covariates(read_trial(place), covariates) for place in tables.values()]
    sensors = study.sensor_sets[sensor_set]
    windows, _ = slice_trials(trials, study, sensors)
    module, log_lines = estimator_of(study.file_of(estimator)), []
    composite, record = _fitted(windows, study, module, log_lines.append)
    some = np.unique(np.linspace(0, len(windows) - 1, 200).round().astype(int))
    graph = export(composite, windows.inputs[some], windows.covariates[some])
    left_out = left_out_scores(windows.inputs, windows.subjects, windows.trial)
    held = _held_out(windows, results / "predictions" / study.name / sensor_set / estimator)
    document = {
        "name": f"{study.name}/{sensor_set}/{estimator}",
        "study": study.name,
        "sensor_set": sensor_set,
        "estimator": estimator,
        "source": module.ABOUT.source,
        "sensors": list(sensors),
        **_measured(windows, study, sensors, held, left_out, config.evaluation.interval_level),
        "training": _training(windows, record, config),
        "labels": _labels(windows),
        "command": "snakemake bundles --cores 2",
        "settings": study.model_dump(
            mode="json", exclude={"sensor_sets", "estimators", "estimator_settings", "without"}
        ),
        "versions": {name: metadata.version(name) for name in VERSIONS},
        "code": [
            code_fingerprint(name)
            for name in ("gaitload.stages.bundle", f"gaitload.estimators.{study.file_of(estimator)}")
        ],
    }
    arrays = {f"weights.{name}": value for name, value in _weights(composite).items()}
    arrays |= likeness_of(windows.inputs, left_out).arrays()
    bundle = Bundle(document, graph, arrays, card_of(document))
    write_bundle(path, bundle)
    people, size = document["training"]["people"], path.stat().st_size
    said = f"{document['name']}: {len(windows)} windows of {people} people, {size / 1000:.0f} kB"
    log.write_text("\n".join([*log_lines, said]) + "\n")


def _fitted(windows: Windows, study: Study, module: ModuleType, say: Callable[[str], None]) -> tuple[Composite, dict]:
    """An estimator fitted to all people, see `gaitload.training.fold.fit_parts`."""
    fold = whole_fold(windows, study, study.seeds[0])
    parts = {name: getattr(fold, name) for name in ("train", "validation", "calibration")}
    require_no_leak(windows, parts, apart=fold.apart, allowed=fold.allowed, where=f"{study.name}, bundle")
    normaliser = Normaliser.fitted(windows, fold.normaliser)
    return fit_parts(windows, parts, normaliser, module, study, seed=study.seeds[0], say=say)


def _measured(
    windows: Windows,
    study: Study,
    sensors: Sequence[str],
    held: np.ndarray,
    left_out: Mapping[int, float],
    level: float,
) -> dict:
    """Parts of the document that are measured on training windows and on the estimates of held-out people.

    `held` are these estimates, see `_held_out`; `left_out` are likeness scores by trial.
    """
    person = {int(one): windows.trials[one].subject for one in np.unique(windows.trial)}
    facings = _facings(windows, study, sensors)
    refused = refused_trials(left_out, facings, person)
    return {
        "covariates": {
            name: [float(column.min()), float(column.max())]
            for name, column in zip(windows.covariate_names, windows.covariates.T, strict=True)
        },
        "target_names": list(windows.target_names),
        "targets": {
            name: _target(windows, held[..., number], number, level, refused)
            for number, name in enumerate(windows.target_names)
        },
        "calibration_steps": round(2 * STEPS * len(person) / len(set(person.values()))),
        "refused": [windows.trials[one].where for one in refused],
        "facings_deg": training_facings(facings),
        "ups": training_ups([windows.trials[one] for one in person], sensors, sides_of(study.window)),
    }


def _require_sensors_suffice(study: Study) -> None:
    where = f"study {study.name}"
    if study.window.kind == "cycle" or (study.window.kind == "stance" and study.window.stance_times == "contact"):
        raise ConfigError(
            expected="windows that sensors alone can cut",
            found=f"window.kind {study.window.kind} with stance_times {study.window.stance_times}",
            where=where,
            do="Set window.stance_times to pelvis_sensor or shank_sensor (running), or window.kind to fixed.",
            code="BUNDLE_NEEDS_PLATES",
        )
    if study.features:
        raise ConfigError(
            expected="sensors and covariates as inputs",
            found=f"features {', '.join(study.features)}, which a laboratory measured",
            where=where,
            do="Take study.features out.",
            code="BUNDLE_NEEDS_COLUMNS",
        )


def _facings(windows: Windows, study: Study, sensors: Sequence[str]) -> dict[str, np.ndarray]:
    """Which way sensors face in each trial, where windows are stances in upright frames with the specific force."""
    if study.window.kind != "stance" or study.frame != "heading_free" or "acc" not in study.channels:
        return {}
    return facings_deg(windows, tuple(sensors), study.window.points)


def _held_out(windows: Windows, folder: Path) -> np.ndarray:
    """Estimates of the folds for the people each tested, and labels, shape (2, N, P, K); NaN where there is none.

    Estimates lie on the frames of trials: points of a window before its first frame and after its last, less than a
    frame away, take the time of that frame.
    """
    found = np.full((2, *windows.targets.shape), np.nan, np.float32)
    places = {trial.where: index for index, trial in enumerate(windows.trials)}
    for path in sorted(folder.glob("*.parquet")):
        values, _, document = read_table(path)
        for number, trial in enumerate(document["trials"]):
            index = places.get("/".join(trial[name] for name in ("cohort", "participant", "trial")))
            own = values["trial_index"] == number
            estimates = {name: column[own] for name, column in values.items()}
            for row in np.flatnonzero(windows.trial == index) if index is not None else ():
                found[:, row] = _pair(windows, row, estimates)
    if not np.isfinite(found).all(axis=(0, 2, 3)).any():
        raise DataError(
            expected=f"estimates of held-out people in {folder}",
            found="none for any window",
            where="bundle",
            do="Run `snakemake estimators` first, with a protocol that tests people (loso).",
            code="BUNDLE_NO_ESTIMATES",
        )
    return found


def _pair(windows: Windows, row: int, estimates: Mapping[str, np.ndarray]) -> np.ndarray:
    """Estimate and label of a window at its points, shape (2, P, K), seen from its side."""
    trial, time_s = windows.trials[windows.trial[row]], windows.time_s[row]
    pair = np.full((2, *windows.targets.shape[1:]), np.nan)
    within = (estimates["time_s"] >= time_s[0] - 1e-6) & (estimates["time_s"] <= time_s[-1] + 1e-6)
    for target, column in enumerate(windows.columns(row)):
        seen = within & np.isfinite(estimates[column])
        if seen.any():
            times = np.clip(time_s, *estimates["time_s"][seen][[0, -1]])
            sign = column_sign(column, str(windows.side[row]))
            pair[0, :, target] = sign * resample(estimates[column][within], estimates["time_s"][within], times)
            pair[1, :, target] = sign * resample(trial.values[column], trial.time_s, times)
    return pair


def _target(windows: Windows, held: np.ndarray, number: int, level: float, refused: Sequence[int]) -> dict:
    """Unit, errors on held-out people and intervals of one target; `held` has shape (2, N, P)."""
    rows = np.flatnonzero(np.isfinite(held).all(axis=(0, 2)))
    estimate, label = held[:, rows].astype(float)
    column = windows.columns(int(rows[0]))[number]
    meaning = windows.trials[windows.trial[rows[0]]].meanings[column]
    kept, moved = calibrated_rows(
        estimate, label, windows.subjects[rows], windows.trial[rows], windows.side[rows], windows.time_s[rows, 0]
    )
    return {
        "unit": meaning["unit"],
        "definition": meaning.get("definition", ""),
        **_errors_and_intervals(windows, rows, estimate, label, level, refused),
        "calibrated": _errors_and_intervals(windows, rows[kept], moved, label[kept], level, refused),
    }


def _errors_and_intervals(
    windows: Windows, rows: np.ndarray, estimate: np.ndarray, label: np.ndarray, level: float, refused: Sequence[int]
) -> dict:
    """Errors and intervals of the curves, shape (N, P), of some windows."""
    person, trial = windows.subjects[rows], windows.trial[rows]
    duration_s = windows.time_s[rows, -1] - windows.time_s[rows, 0]
    known = [windows.trials[one].document["trial"].get("speed_m_per_s") for one in trial]
    speed = np.array(["" if one is None else f"{one:g}" for one in known])
    intervals = intervals_of(
        estimate, label, duration_s, person, trial, level, refused=np.isin(trial, refused), speed=speed
    )
    people = len(np.unique(person))
    return {
        "errors": errors_of(estimate, label, person),
        "errors_by_speed": {
            at: errors_of(estimate[speed == at], label[speed == at], person[speed == at])
            for at in np.unique(speed).tolist()
            if at
        },
        "intervals": intervals.as_dict() if intervals else None,
        "no_intervals": "" if intervals else f"{people} held-out people; {PEOPLE_MIN} are needed",
    }


def errors_of(estimate: np.ndarray, label: np.ndarray, person: np.ndarray) -> dict:
    """Root mean square errors of curves, shape (N, P), and of their peaks, as means over people."""
    people = np.unique(person)
    squares = np.stack([((estimate - label)[person == one] ** 2).mean(axis=0) for one in people])
    peak = label.max(axis=1) - estimate.max(axis=1)
    rmse = np.sqrt(squares.mean(axis=1))
    return {
        "people": len(people),
        "windows": len(label),
        "rmse": float(rmse.mean()),
        "rmse_worst": float(rmse.max()),
        "rmse_curve": np.sqrt(squares.mean(axis=0)).tolist(),
        "peak_rmse": float(np.mean([np.sqrt((peak[person == one] ** 2).mean()) for one in people])),
        "peak_mean": float(label.max(axis=1).mean()),
    }


def _training(windows: Windows, record: dict, config: Config) -> dict:
    trials = [windows.trials[index] for index in np.unique(windows.trial)]
    speeds = [trial.document["trial"].get("speed_m_per_s") for trial in trials]
    rates = [sampling_rate_hz(trial.time_s) for trial in trials]
    return {
        "people": len(set(windows.subjects)),
        "windows": len(windows),
        "trials": len(trials),
        "cohorts": sorted({trial.document["cohort"] for trial in trials}),
        "activities": sorted({trial.document["trial"].get("activity", "") for trial in trials}),
        "speeds_m_per_s": sorted({speed for speed in speeds if speed is not None}),
        "rates_hz": [min(rates), max(rates)],
        "people_range": _people_range(trials),
        "sensors": config.aligned.sensors,
        "epochs": record["epochs"],
    }


def _people_range(trials: Sequence[AlignedTrial]) -> dict[str, list[float]]:
    """Smallest and largest mass (kg) and height (m) of the people, where they are known."""
    found = {}
    for name in ("mass_kg", "height_m"):
        known = [value for trial in trials if (value := trial.document["participant"].get(name)) is not None]
        if known:
            found[name] = [min(known), max(known)]
    return found


def _labels(windows: Windows) -> dict:
    """What the labels were, the same for all trials."""
    names = ("method_version", "label_mode", "model", "engine")
    found = {tuple(trial.document.get(name) for name in names) for trial in windows.trials}
    if len(found) > 1:
        raise DataError(
            expected="labels of one method, mode, model and engine",
            found="; ".join(map(str, sorted(found, key=str))),
            where="bundle",
            do="Label all cohorts again with the same settings.",
            code="BUNDLE_LABELS_MIXED",
        )
    return dict(zip(names, found.pop(), strict=True))


def _weights(composite: Composite) -> dict[str, np.ndarray]:
    """Everything a composite learnt, by name, in the precision of its graph."""
    modules = {name: getattr(composite, name) for name in ("below", "network", "beside")}
    return {
        f"{name}.{own}": value.detach().cpu().to(getattr(module, "graph_dtype", value.dtype)).numpy()
        for name, module in modules.items()
        if module is not None
        for own, value in module.state_dict().items()
    }
