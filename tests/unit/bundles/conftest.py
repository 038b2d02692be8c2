"""One bundle of synthetic people, made once."""

from __future__ import annotations

import pytest

from gaitload.bundles import predict as predict_module
from gaitload.bundles.file import METHOD_OLDEST
from gaitload.config import Config
from gaitload.io.tables import read_table, write_table
from gaitload.stages.bundle import make_bundle
from gaitload.study import Study
from synthetic_aligned import write_people
from synthetic_study import FIXED, PEOPLE, cohort_of, run_estimator


@pytest.fixture(autouse=True)
def without_gates(monkeypatch):
    """Synthetic sensors hold still by their orientation while their gyroscopes turn, which gates would refuse."""
    monkeypatch.setattr(predict_module, "judge_sensors", lambda worn: [])


@pytest.fixture(scope="package")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    for path in write_people(folder, PEOPLE):
        values, meanings, document = read_table(path)
        labels = {"method_version": METHOD_OLDEST, "label_mode": "physical", "model": "m", "engine": "compiled"}
        write_table(path, {name: (values[name], meanings[name]) for name in values}, document | labels)
    return folder


@pytest.fixture(scope="package")
def bundle(results):
    sets = {"pelvis+tibia": ["pelvis", "tibia_r", "tibia_l"]}
    run_estimator(results, "ridge", people=PEOPLE, sensor_sets=sets, **FIXED)
    study = Study(**(FIXED | {"name": "small", "sensor_sets": sets}))
    path = results / "ridge.gaitload"
    make_bundle(
        Config(study=study),
        {"made": cohort_of(PEOPLE)},
        results,
        sensor_set="pelvis+tibia",
        estimator="ridge",
        path=path,
        log=results / "log",
    )
    return path
