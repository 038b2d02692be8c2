"""A bundle is a file that says what it says inside, is refused where it is damaged or outdated, and needs no torch."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gaitload.bundles.file import read_bundle, run_graph, write_bundle
from gaitload.bundles.graph import export
from gaitload.bundles.predict import predict
from gaitload.config import Config
from gaitload.errors import ConfigError, ContractError, DataError
from gaitload.estimators import estimator_names
from gaitload.protocols import whole_fold
from gaitload.stages.bundle import make_bundle
from gaitload.study import Study
from gaitload.training.fold import estimator_of, fit_parts
from gaitload.windows.normaliser import Normaliser
from gaitload.windows.slicing import slice_trials
from gaitload.windows.tables import read_trial
from synthetic_aligned import sensors_of
from synthetic_study import FIXED

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("name", estimator_names())
@pytest.mark.parametrize("companions", [{}, {"residual_of": "ridge", "beside": "kernel_ridge"}])
def test_a_graph_estimates_as_what_it_was_made_from(results, name, companions):
    training = {"epochs": 1, "device": "cpu"} | companions
    study = Study(targets=("atf_bw", "knee_angle_rad"), window={"points": 11, "context_before": 0.5}, training=training)
    tables = [results / f"aligned/made/p{person}/run1.parquet" for person in range(1, 5)]
    windows, _ = slice_trials([read_trial(path) for path in tables], study, ("pelvis", "tibia"))
    fold = whole_fold(windows, study, 0)
    parts = {part: getattr(fold, part) for part in ("train", "validation", "calibration")}
    normaliser = Normaliser.fitted(windows, fold.normaliser)
    composite, _ = fit_parts(windows, parts, normaliser, estimator_of(name), study, seed=0)
    graph = export(composite, windows.inputs, windows.covariates)
    found = run_graph(graph, windows.inputs, windows.covariates)
    wanted = composite.estimate(windows.inputs, windows.covariates, study.training)
    np.testing.assert_allclose(found, wanted, atol=1e-5 * np.abs(wanted).max())
    wrong = replace(
        composite, normaliser=replace(normaliser, targets=replace(normaliser.targets, mean=np.array([9, 9])))
    )
    with pytest.raises(ContractError, match="GRAPH_DIFFERS"):
        export_against(composite, wrong, windows)


def export_against(composite, other, windows) -> None:
    from gaitload.bundles import graph

    told = export(composite, windows.inputs, windows.covariates)
    graph._require_parity(other, told, windows.inputs, windows.covariates)


def test_a_damaged_newer_or_outdated_bundle_is_refused(bundle, tmp_path):
    read = read_bundle(bundle)
    again = tmp_path / "again.gaitload"
    write_bundle(again, read)
    assert again.read_bytes() == bundle.read_bytes()
    damaged = tmp_path / "damaged.gaitload"
    damaged.write_bytes(bundle.read_bytes()[:-200])
    with pytest.raises(DataError, match="BUNDLE_DAMAGED"):
        read_bundle(damaged)
    with zipfile.ZipFile(bundle) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, change, code in (
        ("format", 99, "BUNDLE_NEWER"),
        ("labels", read.document["labels"] | {"method_version": 1}, "BUNDLE_OUTDATED"),
    ):
        with zipfile.ZipFile(tmp_path / code, "w") as archive:
            for part, content in parts.items():
                changed = json.dumps(read.document | {name: change}) if part == "bundle.json" else content
                archive.writestr(part, changed)
        with pytest.raises(ConfigError, match=code):
            read_bundle(tmp_path / code)


@pytest.mark.parametrize(
    ("study", "code"),
    [
        ({"window": {"kind": "stance"}}, "BUNDLE_NEEDS_PLATES"),
        ({"features": ["knee_angle_rad"]}, "BUNDLE_NEEDS_COLUMNS"),
    ],
)
def test_a_study_that_needs_a_laboratory_makes_no_bundle(tmp_path, study, code):
    with pytest.raises(ConfigError, match=code):
        make_bundle(
            Config(study=Study(**(FIXED | study))), {}, tmp_path, sensor_set="a", estimator="ridge",
            path=tmp_path / "b", log=tmp_path / "log",
        )  # fmt: skip


def test_a_bundle_is_used_without_torch(results, bundle, tmp_path):
    code = f"""
import sys
from pathlib import Path
from gaitload.bundles import predict as module
from gaitload.bundles.file import read_bundle
from gaitload.io.tables import read_table
from gaitload.windows.tables import AlignedTrial
from gaitload.trial import ImuRecording
trial = AlignedTrial(*read_table(Path({str(results / "aligned/made/p3/run1.parquet")!r})))
worn = {{
    body: ImuRecording(body, trial.time_s, trial.signals(body, "acc"), trial.signals(body, "gyr"), None,
                       trial.signals(body, "quat"))
    for body in trial.sensors
}}
module.judge_sensors = lambda worn: []
print(len(module.predict(read_bundle(Path({str(bundle)!r})), worn).estimates), "torch" in sys.modules)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count = len(predict(read_bundle(bundle), sensors_of(results)).estimates)
    assert said.stdout.split() == [str(count), "False"]


def test_every_code_is_explained():
    sources = [*(ROOT / "src/gaitload/bundles").glob("*.py"), ROOT / "src/gaitload/stages/bundle.py"]
    codes = {code for path in sources for code in re.findall(r'code="([A-Z_]+)"', path.read_text())}
    guide = (ROOT / "docs/predict.md").read_text()
    assert len(codes) > 10 and {code for code in codes if f"`{code}`" not in guide} == set()
