"""Every published study of workflow/studies runs from aligned tables to its tables of comparison, made small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from snakemake.utils import update_config

from gaitload.config import parse_config
from gaitload.estimators import require_estimators
from gaitload.stages.estimators import run_estimator
from gaitload.stages.evaluation import evaluate_study
from synthetic_aligned import write_people
from synthetic_study import cohort_of

ROOT = Path(__file__).resolve().parents[3]
SENSORS = ("torso", "pelvis", *(f"{body}_{side}" for body in ("femur", "tibia", "calcn") for side in "rl"))
SMALL = {"epochs": 2, "epochs_first": 1, "epochs_step": 1, "adapt_epochs": 1, "device": "cpu"}
OPTIONS = {
    "lstm": {"layers": 1, "width": 8},
    "rnn": {"layers": 1, "width": 8},
    "bilstm_mlp": {"layers": 1, "width": 8},
    "tcn": {"width": 8, "blocks": 1},
    "cnn2d_lstm": {"maps": 2, "width": 8},
    "resnet": {"blocks": [1], "maps": 2},
    "inception": {"modules": 1, "maps": 2},
    "cnn": {"widths": [4, 4, 4], "head": "time"},
}
PUBLISHED = {
    "bogaert2026": {"sets": 2, "variants": [""]},
    "hur2025": {"sets": 1, "variants": ["user_individualised", "user_generalised", "user_adaptive"]},
    "lee2026": {"sets": 2, "variants": [""]},
    "derungs2026": {"sets": 1, "variants": ["whole", "without_kinematics", "without_grf"]},
    "sugiarto2025": {"sets": 1, "variants": ["whole", "without_participant"]},
}


def add_labels(columns: dict) -> None:
    """Every label that a published study estimates, as a multiple of the load that sensors tell."""
    for side in "rl":
        load = columns[f"atf_{side}_bw"][0] / 6.0
        said = {**columns[f"atf_{side}_bw"][1]}
        names = {f"{stem}_{side}{tail}_bw": "load" for stem, tail in STEMS}
        names |= {
            f"{joint}_{side}_rad": "angle" for joint in ("hip_flexion", "hip_adduction", "hip_rotation", "ankle_angle")
        }
        names |= {f"{joint}_moment_{side}_nm_per_kg": "moment" for joint in ("hip_flexion", "knee", "ankle")}
        for number, (name, label) in enumerate(names.items()):
            unit = {"load": "bw", "angle": "rad", "moment": "nm_per_kg"}[label]
            sway = 0.3 * np.cos(2 * np.pi * (columns["time_s"][0] / 0.8 + (side == "l") / 2))
            columns.setdefault(name, ((1 + 0.1 * number) * load + sway, {**said, "label": label, "unit": unit}))


STEMS = (
    *(("ptf", ""), ("acf", "_norm"), ("kcf", "_norm"), ("kcf_med", ""), ("kcf_lat", "")),
    *(("grf", "_x"), ("grf", "_y"), ("grf", "_z")),
)


def settings_of(name: str) -> dict:
    """config.yaml with a study file, on the made people, with networks and trainings as small as can be."""
    settings, own = (yaml.safe_load(path.read_text()) for path in (ROOT / "config.yaml", study_file(name)))
    update_config(settings, own)
    study = settings["study"]
    study["activities"], study["seeds"] = ["run"], [0]
    study["training"] |= SMALL
    for estimator, chosen in study["estimator_settings"].items():
        training = {key: value for key, value in chosen["training"].items() if key not in SMALL}
        study["estimator_settings"][estimator] = {**chosen, "training": training}
    for estimator in study["estimators"]:
        if estimator in OPTIONS:
            chosen = study["estimator_settings"].setdefault(estimator, {"training": {}})
            chosen["training"]["options"] = OPTIONS[estimator]
    return settings | {"cohorts": ["made"], "aligned": {"sensors": "measured"}}


def study_file(name: str) -> Path:
    return ROOT / f"workflow/studies/{name}.yaml"


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_study_runs_to_its_tables(name: str, tmp_path: Path) -> None:
    config, cohorts = parse_config(settings_of(name)), {"made": cohort_of(3)}
    study = config.study
    write_people(tmp_path, 3, sensors=SENSORS, spoil=add_labels)
    require_estimators(study)
    for sensor_set, estimator in study.trainings():
        place = f"{study.name}/{sensor_set}/{estimator}"
        manifest, log = tmp_path / f"manifests/estimators/{place}.json", tmp_path / "log" / place.replace("/", "-")
        run_estimator(config, cohorts, tmp_path, sensor_set=sensor_set, estimator=estimator, manifest=manifest, log=log)
    evaluate_study(config, cohorts, tmp_path, log=tmp_path / "log.txt")
    table = pd.read_csv(tmp_path / f"evaluation/{name}.summary.tsv", sep="\t", keep_default_na=False)
    learned = table[table["estimator"].isin(study.estimators)]
    assert set(learned["label"]) == set(study.targets) and set(learned["estimator"]) == set(study.estimators)
    assert set(learned["variant"]) == set(PUBLISHED[name]["variants"])
    assert learned["sensor_set"].nunique() == PUBLISHED[name]["sets"]
    assert learned.groupby("label")["n_segments"].nunique().max() == 1, "all are scored on the same segments"
    best = learned[learned["estimator"] == "ridge"].groupby("label")["r_mean"].max()
    assert (best.astype(float) > 0.8).all(), "ridge finds a load that sensors tell"
