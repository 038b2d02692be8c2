"""A study evaluated on people who do not exist: small tables as docs/evaluation.md describes them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from gaitload.io.tables import write_table

STUDY = "small"
LABELS = {"atf_bw": ("bw", 7.0), "knee_angle_rad": ("rad", 0.8)}
ESTIMATORS = (
    ("lstm", "estimator", ("both", "pelvis"), 0.6),
    ("ridge", "floor", ("both", "pelvis"), 0.5),
    ("mean_curve", "floor", ("none",), 0.0),
    ("imu_id", "baseline", ("all",), -0.2),
)
PEOPLE = ("p1", "p2", "p3", "p4")
PHASE = np.arange(101.0)


def write_study(results: Path) -> None:
    """Write everything that the report reads of a study."""
    folder = results / "evaluation"
    folder.mkdir(parents=True)
    subjects = pd.DataFrame(_subject_rows())
    summary = pd.DataFrame(_summary_rows(subjects))
    summary.to_csv(folder / f"{STUDY}.summary.tsv", sep="\t", index=False)
    _write(folder / f"{STUDY}.subjects.parquet", subjects)
    _write(folder / f"{STUDY}.curves.parquet", pd.DataFrame(_curve_rows()))
    left_out = [{"where": "made/p4/run45", "reason": "RESERVE_ANKLE_ANGLE_R"}]
    told = {"label": "atf_bw", "metric": "rmse", "sensor_set": "both", "estimator": "lstm", "against": "ridge", "n": 4}
    made = told | {"difference": -0.1, "ci": [-0.3, 0.1], "p_holm": 0.4, "people_left_out": []}
    statistics = {"left_out": left_out, "alpha": 0.05, "comparisons": [made, told | {"not_made": "too few people"}]}
    (folder / f"{STUDY}.statistics.json").write_text(json.dumps(statistics))
    training = results / "predictions" / STUDY / "both" / "lstm" / "p1.training.json"
    training.parent.mkdir(parents=True)
    history = [{"epoch": epoch, "train": 1.0 / epoch, "validation": 1.2 / epoch} for epoch in range(1, 20)]
    training.write_text(json.dumps({"seeds": {"0": {"history": history}}}))


def _conditions():
    for estimator, kind, sets, skill in ESTIMATORS:
        for place, sensor_set in enumerate(sets):
            for label, (unit, peak) in LABELS.items():
                row = {"estimator": estimator, "kind": kind, "sensor_set": sensor_set, "label": label, "unit": unit}
                yield (
                    row | {"protocol": "leave_one_subject_out", "variant": "", "segments": "stance"},
                    skill - 0.1 * place,
                    peak,
                )


def _subject_rows():
    for row, skill, peak in _conditions():
        for number, person in enumerate(PEOPLE):
            for condition in ("all", "run 2.5 m/s", "run 3.5 m/s"):
                label = peak * (1 + 0.05 * number + 0.1 * (condition == "run 3.5 m/s"))
                estimate = label * (1 + (1 - skill) * 0.05 * (-1) ** number)
                yield row | {
                    "seed": -1,
                    "cohort": "made",
                    "participant": person,
                    "condition": condition,
                    "rmse": 0.1 * peak * (1.2 - skill) * (1 + 0.2 * number),
                    "peak_label": label,
                    "peak_estimate": estimate,
                }


def _summary_rows(subjects: pd.DataFrame):
    for row, skill, _ in _conditions():
        same = np.logical_and.reduce([subjects[key] == row[key] for key in ("estimator", "sensor_set", "label")])
        own = subjects[same & (subjects["condition"] == "all")]
        factor = np.degrees(1.0) if row["unit"] == "rad" else 1.0
        difference = factor * (own["peak_estimate"] - own["peak_label"])
        yield row | {
            "unit": {"rad": "deg"}.get(row["unit"], row["unit"]),
            "pooled_r2_phase": skill,
            "pooled_r2": 0.9 + 0.1 * skill,
            "rmse_mean": factor * own["rmse"].mean(),
            "rmse_sd": factor * own["rmse"].std(),
            "coverage": 0.98,
            "n_subjects": len(PEOPLE),
            "peak_loa_low": difference.mean() - 1.96 * difference.std(),
            "peak_loa_high": difference.mean() + 1.96 * difference.std(),
        }


def _curve_rows():
    for row, skill, peak in _conditions():
        for number, person in enumerate(PEOPLE):
            label = peak * (1 + 0.05 * number) * np.sin(np.pi * PHASE / 100)
            estimate = label * (1 + (1 - skill) * 0.05 * (-1) ** number)
            for phase, told, found in zip(PHASE, label, estimate, strict=True):
                curve = {"phase_percent": phase, "label_mean": told, "estimate_mean": found}
                yield row | {"side": "r", "participant": person, "activity": "run"} | curve


def _write(path: Path, table: pd.DataFrame) -> None:
    columns = {name: (np.array(table[name].to_numpy().tolist()), {"unit": ""}) for name in table}
    write_table(path, columns, {})
