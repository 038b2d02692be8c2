"""EMG loads stage: muscle forces that follow electromyograms, and the change of each label by that.

The labels stay as they are. Loads that follow electromyograms stand beside them as `emg_informed_<label column>`.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from gaitload.baselines import EMG_INFORMED
from gaitload.errors import ConfigError
from gaitload.io.sto import Table, read_sto
from gaitload.io.tables import read_table, write_table
from gaitload.io.trials import SUFFIX
from gaitload.opensim.emg_loads import solve_followed
from gaitload.opensim.process import run_isolated
from gaitload.quality import Gate, Quality, Verdict, gravest, judge, reasons
from gaitload.signals.clock import frames_within
from gaitload.stages import loads
from gaitload.stages.catalogue import label_columns
from gaitload.stages.chain import on_clock
from gaitload.stages.imu_loads import MEASURED, TIME
from gaitload.stages.job import Job
from gaitload.stages.products import json_text
from gaitload.stages.solution import SOLVED, read_loads, trial_of

NAME = "emg_loads"
ALL, NONE, WITHOUT = "informed", "uninformed", "without_"
"""Variants that are solved: with all channels, with none, and without one each."""
_READ = ("loads", "external")
"""Stages whose products of other motions scale the envelopes."""
Labels = dict[str, np.ndarray]


def inputs(job: Job) -> list[Path]:
    """Motion, forces, model and external columns, and activations of the other motions, which scale the envelopes."""
    return [
        job.product("loads", ""),
        job.product("scale", ".osim"),
        job.product("scale", ".scaling.json"),
        job.product("ingest", SUFFIX),
        job.product("external", ".parquet"),
        job.product("external", ".quality.json"),
        *(job.product(stage, ".quality.json", trial) for trial in _candidates(job) for stage in _READ),
        *(job.product(*of, trial) for trial in _others(job) for of in (("loads", ""), ("external", ".parquet"))),
        job.model_source.family_path,
    ]


def settings(job: Job) -> dict:
    """Settings of the loads stage, the mass, the limits of reserves, and those of electromyograms."""
    emg = job.config.emg.model_dump(mode="json", include={"informed", "uncertainty"})
    gates = job.config.gates.model_dump(mode="json", include={"reserve_warn_share", "reserve_fail_share"})
    return loads.settings(job) | {"emg": emg, "gates": gates, "mass_kg": job.participant.mass_kg}


def run(job: Job, out: Path) -> Quality:
    """Write `<trial>.parquet`, labels as `emg_informed_<label column>`, and `<trial>.json`, changes by each channel."""
    channels = _channels(job)
    if trial_of(job).forces is None or not channels:
        why = "no force plate measured this motion" if channels else "no electromyogram that did not fail"
        return _nothing(job, out, why)
    _require_muscles(job, channels)
    gains = _gains(job, channels)
    muscles = {name: own for name, of in channels.items() if (own := [each for each in _muscles(of) if each in gains])}
    lost = [name for name in channels if name not in muscles]
    if not muscles:
        return _nothing(job, out, f"no other motion scales {', '.join(lost)}")
    wanted, folder = _wanted(job, channels, gains), out / job.stem
    every = [muscle for own in muscles.values() for muscle in own]
    without = {f"{WITHOUT}{name}": [each for each in every if each not in own] for name, own in muscles.items()}
    _solve(job, folder, wanted, {ALL: every, NONE: [], **without})
    found, time_s = _labels_of(job, folder, [ALL, NONE, *without])
    unscaled = [_not_followed(f"no other motion scales {name}") for name in lost]
    gates = (*_residuals(job, folder, muscles, wanted), *_reserves(job, folder), *unscaled)
    report = {"gains": gains, "labels": _changes(found[NONE], found[ALL])}
    report["without"] = {name: _changes(found[ALL], found[f"{WITHOUT}{name}"]) for name in muscles}
    (out / f"{job.stem}.json").write_text(json_text(report))
    trust = {"verdict": gravest(gates), "reasons": list(reasons(gates))}
    write_table(out / f"{job.stem}.parquet", _columns(found[ALL], time_s, trust), {"baseline": EMG_INFORMED})
    for variant in (NONE, *without):
        shutil.rmtree(folder / variant)
    return Quality(NAME, job.where, gates, {"channels": list(muscles), "gains": gains})


def informed_at(job: Job, time_s: np.ndarray) -> dict[str, tuple[np.ndarray, dict]]:
    """Columns of the stage at the times of the labels, shape (T,), with their meaning."""
    values, meanings, _ = read_table(job.product(NAME, ".parquet"))
    names = tuple(name for name in values if name != "time_s")
    if not names:
        return {}
    table = Table(names, values["time_s"], np.stack([values[name] for name in names], axis=1), in_degrees=False)
    return {name: (column, meanings[name]) for name, column in on_clock(table, time_s).items()}


def _solve(job: Job, folder: Path, wanted: Labels, variants: Mapping[str, list[str]]) -> None:
    """Solve the trial for every variant, into a folder each below `folder`."""
    spare = folder.with_name(f"{job.stem}.wanted.parquet")
    write_table(spare, {name: (values, {}) for name, values in wanted.items()}, {})
    run_isolated(
        solve_followed,
        {
            "model": str(job.product("loads", "") / "actuated.osim"),
            "family": str(job.model_source.family_path),
            "motion": str(job.product("loads", "")),
            "wanted": str(spare),
            "variants": variants,
            "spans_s": job.document("loads", "", SOLVED)["spans_s"],
            "uncertainty": job.config.emg.uncertainty,
            "settings": loads.engine_settings(job),
            "folder": str(folder),
            "where": job.where,
        },
        log=job.tool_log(NAME),
        where=job.where,
        timeout_s=job.config.loads.timeout_s,
        leaks=False,
    )
    spare.unlink()


def _nothing(job: Job, out: Path, why: str) -> Quality:
    """Products of a trial that has no forces, or no channel that can be followed."""
    time_s = read_sto(job.product("loads", "") / "coordinates.mot").time_s
    write_table(out / f"{job.stem}.parquet", {"time_s": (time_s, TIME)}, {"baseline": EMG_INFORMED})
    (out / f"{job.stem}.json").write_text(json_text({"gains": {}, "labels": {}, "without": {}}))
    return Quality(NAME, job.where, (_not_followed(why),))


def _not_followed(why: str) -> Gate:
    return Gate("EMG_NOT_FOLLOWED", Verdict.NOT_MEASURED, None, None, "", why)


def _channels(job: Job) -> dict[str, dict]:
    """Meanings of the electromyograms that did not fail, by name."""
    _, meanings, _ = read_table(job.product("external", ".parquet"))
    return {
        name: meaning
        for name, meaning in meanings.items()
        if meaning.get("muscles") and meaning["verdict"] != Verdict.FAILED
    }


def _muscles(meaning: Mapping) -> list[str]:
    return [f"{muscle}_{meaning['side']}" for muscle in meaning["muscles"]]


def _require_muscles(job: Job, channels: Mapping[str, Mapping]) -> None:
    every = read_sto(job.product("loads", "") / "activations.sto").names
    strange = sorted({muscle for of in channels.values() for muscle in _muscles(of)}.difference(every))
    if strange:
        raise ConfigError(
            expected=f"muscles of the model: {', '.join(every)}",
            found=", ".join(strange),
            where=f"{job.where}, muscles of an external column",
            do="Correct `muscles` in cohort.yaml; names are without their side, soleus.",
            code="EMG_MUSCLE_UNKNOWN",
        )


def _candidates(job: Job) -> list[str]:
    """Other motions of the participant with markers and external columns, whose stages in `_READ` have run."""
    rows = [row for row in job.cohort.motions_of(job.participant.participant_id) if row != job.trial and row.file]
    own = [row.trial_id for row in rows if job.cohort.has_external(row)][: job.config.emg.reference_trials]
    return [trial for trial in own if all((job.folder(stage) / f"{trial}.quality.json").is_file() for stage in _READ)]


def _others(job: Job) -> list[str]:
    """Candidates that were not refused, by their ids."""
    return [
        trial
        for trial in _candidates(job)
        if all(job.quality_of(stage, trial).verdict is not Verdict.REFUSED for stage in _READ)
    ]


def _gains(job: Job, channels: Mapping[str, Mapping]) -> dict[str, float]:
    """Activation per unit of each channel's raw envelope, by muscle: by least squares over the other motions.

    Electrodes give no scale. The scale is that of the activations by the criterion of sharing in the other motions.
    Electromyograms then give the shape, and the difference of a motion from the others. The tested motion has no part.
    A muscle has no gain where none of the other motions has its channel and its activation at one time.
    """
    sums: dict[str, np.ndarray] = {}
    for trial in _others(job):
        activations = read_sto(job.product("loads", "", trial) / "activations.sto")
        raw = _raw(job, trial)
        for name, meaning in channels.items():
            for muscle in _muscles(meaning) if name in raw else ():
                there = np.interp(activations.time_s, raw["time_s"], raw[name], left=np.nan, right=np.nan)
                own = activations.column(muscle) if muscle in activations.names else np.full_like(there, np.nan)
                both = np.isfinite(there) & np.isfinite(own)
                more = np.array([there[both] @ own[both], there[both] @ there[both]])
                sums[muscle] = sums.get(muscle, np.zeros(2)) + more
    return {muscle: float(product / square) for muscle, (product, square) in sums.items() if square > 0.0}


def _raw(job: Job, trial: str | None = None) -> dict[str, np.ndarray]:
    """Envelopes that did not fail, in the unit of their file: those of trials differ in their references."""
    values, meanings, _ = read_table(job.product("external", ".parquet", trial))
    references = job.quality_of("external", trial).numbers["references"]
    sound = {name: size for name, size in references.items() if meanings[name]["verdict"] != Verdict.FAILED}
    return {"time_s": values["time_s"]} | {name: values[name] * size for name, size in sound.items()}


def _wanted(job: Job, channels: Mapping[str, Mapping], gains: Mapping[str, float]) -> Labels:
    """Activation of each muscle by its channel, and the times."""
    raw = _raw(job)
    activations = {
        muscle: gains[muscle] * raw[name] for name, of in channels.items() for muscle in _muscles(of) if muscle in gains
    }
    return {"time_s": raw["time_s"]} | activations


def _labels_of(job: Job, folder: Path, variants: list[str]) -> tuple[dict[str, Labels], np.ndarray]:
    """Modelled label columns of each variant, and their times."""
    record, trial = job.document("scale", ".scaling.json"), trial_of(job)
    time_s = read_sto(folder / ALL / "coordinates.mot").time_s
    time_s = time_s[frames_within(time_s, trial.window_s)]
    return {
        variant: {
            label.name: label
            for label in label_columns(read_loads(job, trial, folder / variant, time_s, record).loads)
            if label.meaning["label"] not in MEASURED and label.module.LABEL.modelled_load
        }
        for variant in variants
    }, time_s


def _columns(found: Mapping, time_s: np.ndarray, trust: Mapping) -> dict[str, tuple[np.ndarray, dict]]:
    columns = {"time_s": (time_s, TIME)}
    for label in found.values():
        meaning = {"baseline": EMG_INFORMED, "of": label.name, "unit": label.unit, **trust}
        columns[f"{EMG_INFORMED}_{label.name}"] = (label.values, meaning)
    return columns


def _changes(before: Mapping, after: Mapping) -> dict[str, dict[str, float]]:
    """Root mean square difference of each label between two variants, and its peak in either."""
    changes = {}
    for name, label in before.items():
        one, other = label.values, after[name].values
        both = np.isfinite(one) & np.isfinite(other)
        if both.any():
            rms = float(np.sqrt(np.mean((other[both] - one[both]) ** 2)))
            changes[name] = {"rms": rms, "peak": float(one[both].max()), "peak_after": float(other[both].max())}
    return changes


def _residuals(job: Job, folder: Path, muscles: Mapping[str, list[str]], wanted: Labels) -> list[Gate]:
    """Gates on the difference of activations from their channels."""
    found = read_sto(folder / ALL / "activations.sto")
    gates = []
    for name, own in muscles.items():
        off = [
            found.column(muscle) - np.clip(np.interp(found.time_s, wanted["time_s"], wanted[muscle]), 0.0, 1.0)
            for muscle in own
            if muscle in wanted
        ]
        rms = float(np.sqrt(np.nanmean(np.square(off)))) if off else float("nan")
        reason = f"{name}: root mean square difference of activation and envelope; more than its uncertainty"
        gates.append(judge("EMG_RESIDUAL", rms, unit="", reason=reason, warn_above=job.config.emg.uncertainty))
    return gates


def _reserves(job: Job, folder: Path) -> list[Gate]:
    """Gates on the largest reserve of each joint coordinate of a leg, as a share of the peak moment."""
    limits, gates = job.config.gates, []
    reserves = read_sto(folder / ALL / "reserves.sto")
    moments = read_sto(folder / ALL / "inverse_dynamics.sto")
    for name in reserves.names:
        if name in moments.names and name.rpartition("_")[2] in ("r", "l"):
            peak = float(np.nanmax(np.abs(moments.column(name))))
            share = float(np.nanmax(np.abs(reserves.column(name)))) / peak if peak > 0.0 else float("nan")
            reason = f"{name}: largest reserve as a share of the peak moment, with activations that follow channels"
            code = f"EMG_RESERVE_{name.upper()}"
            shares = {"warn_above": limits.reserve_warn_share, "fail_above": limits.reserve_fail_share}
            gates.append(judge(code, share, unit="", reason=reason, **shares))
    return gates
