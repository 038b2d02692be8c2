"""An estimator in a file says what it says inside, with intervals that hold, and refuses what it does not know."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitload.bundles import predict as predict_module
from gaitload.bundles.command import predict_files
from gaitload.bundles.facing import deviation_deg, facings_deg, training_facings
from gaitload.bundles.file import Bundle, read_bundle, write_bundle
from gaitload.bundles.graph import export
from gaitload.bundles.intervals import intervals_of
from gaitload.bundles.likeness import Likeness, likeness_of
from gaitload.bundles.outcome import Outcome, cadence_per_min, loading_rate, outcome_of
from gaitload.bundles.page import _table
from gaitload.bundles.predict import predict, run
from gaitload.config import Config
from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.errors import ConfigError, ContractError, DataError
from gaitload.estimators import estimator_names
from gaitload.imu.judgement import judge_sensors
from gaitload.io.tables import read_table, write_table
from gaitload.protocols import whole_fold
from gaitload.stages.bundle import make_bundle
from gaitload.study import Study
from gaitload.training.fold import estimator_of, fit_parts
from gaitload.trial import ImuRecording
from gaitload.windows.normaliser import Normaliser
from gaitload.windows.slicing import slice_trials
from gaitload.windows.tables import read_trial
from synthetic_aligned import write_people
from unit.stages.test_estimators import cohort_of
from unit.stages.test_estimators import run as run_estimator

PEOPLE = 12
ROOT = Path(__file__).resolve().parents[3]
FIXED = {
    "window": {"kind": "fixed", "length": 40, "stride": 20},
    "targets": ["knee_angle_rad", "atf_bw"],
    "frame": "sensor",
    "seeds": [0],
    "training": {"epochs": 2, "device": "cpu"},
}


@pytest.fixture(autouse=True)
def without_gates(monkeypatch):
    """Synthetic sensors hold still by their orientation while their gyroscopes turn, which gates would refuse."""
    monkeypatch.setattr(predict_module, "judge_sensors", lambda worn: [])


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    for path in write_people(folder, PEOPLE):
        values, meanings, document = read_table(path)
        labels = {"method_version": 2, "label_mode": "physical", "model": "m", "engine": "compiled"}
        write_table(path, {name: (values[name], meanings[name]) for name in values}, document | labels)
    return folder


@pytest.fixture(scope="module")
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


def sensors_of(results, where: str = "p3/run1") -> dict[str, ImuRecording]:
    trial = read_trial(results / f"aligned/made/{where}.parquet")
    channels = ("acc", "gyr", "quat")
    return {
        body: ImuRecording(
            body,
            trial.time_s,
            *(trial.signals(body, channel) for channel in channels[:2]),
            orientation_wxyz=trial.signals(body, "quat"),
        )
        for body in trial.sensors
    }


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
    found = run(Bundle({}, graph, {}, ""), windows)
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


def test_a_prediction_is_what_the_study_would_say_of_the_same_recording(results, bundle):
    read = read_bundle(bundle)
    prediction = predict(read, sensors_of(results))
    trial = read_trial(results / "aligned/made/p3/run1.parquet")
    study = Study.model_validate(read.document["settings"])
    windows, _ = slice_trials([trial], study, read.document["sensors"])
    np.testing.assert_allclose(prediction.windows.inputs, windows.inputs)
    residual = prediction.estimates - windows.targets
    assert np.sqrt(np.mean(residual**2)) < 0.3 * windows.targets.std()
    for number, name in enumerate(prediction.targets):
        own, wanted = prediction.estimates[..., number], windows.targets[..., windows.target_names.index(name)]
        assert (
            np.corrcoef(own.ravel(), wanted.ravel())[0, 1] > 0.9
            and abs(own.mean() - wanted.mean()) < 0.3 * wanted.std()
        )
    assert prediction.score < 2 and not any("training data" in doubt for doubt in prediction.doubts)


def test_intervals_are_of_people_held_out_and_are_told(results, bundle):
    document = read_bundle(bundle).document
    target = document["targets"]["atf_r_bw"]
    assert target["errors"]["people"] == PEOPLE
    assert target["intervals"]["people"] == PEOPLE and min(target["intervals"]["coverage"].values()) > 0.8
    assert "interval" in read_bundle(bundle).card


def test_intervals_hold_new_people_as_often_as_they_say():
    random, held = np.random.default_rng(0), {"curve": [], "peak": [], "impulse": []}
    for _ in range(200):
        people = 20
        person, steps = np.repeat(np.arange(people + 1), 10), 10 * (people + 1)
        own = random.standard_normal(people + 1)[person][:, None]
        label = own + 0.5 * random.standard_normal((steps, 8)) * np.linspace(0.5, 2, 8)
        estimate, duration_s, last = np.zeros((steps, 8)), np.full(steps, 0.3), person == people
        seen = ~last
        found = intervals_of(estimate[seen], label[seen], duration_s[seen], person[seen], person[seen], 0.9)
        held["curve"].append((np.abs(label[last]) <= found.curve).all(axis=1).mean())
        held["peak"].append((np.abs(label[last].max(axis=1)) <= found.peak).mean())
        held["impulse"].append((np.abs(label[last].mean(axis=1)) <= found.impulse).mean())
    for shares in held.values():
        assert 0.87 <= np.mean(shares) <= 0.97


def test_too_few_people_give_no_interval():
    person = np.repeat(np.arange(9), 5)
    curves = np.random.default_rng(0).standard_normal((45, 6))
    assert intervals_of(curves * 0, curves, np.ones(45), person, person, 0.9) is None


@pytest.mark.parametrize(
    ("spoil", "cause"),
    [
        (
            lambda worn: worn | {"tibia_r": worn["pelvis"], "pelvis": worn["tibia_r"]},
            "pelvis and tibia_r are exchanged",
        ),
        (
            lambda worn: {
                body: replace(each, acc_sensor_m_per_s2=each.acc_sensor_m_per_s2 / STANDARD_GRAVITY_M_PER_S2)
                for body, each in worn.items()
            },
            "in g, not in m/s2",
        ),
        (
            lambda worn: (
                worn
                | {
                    "pelvis": replace(
                        worn["pelvis"],
                        acc_sensor_m_per_s2=worn["pelvis"].acc_sensor_m_per_s2 * [-1, 1, -1],
                        gyr_sensor_rad_per_s=worn["pelvis"].gyr_sensor_rad_per_s * [-1, 1, -1],
                    )
                }
            ),
            "pelvis is turned by 180 deg about its y axis",
        ),
    ],
    ids=["exchanged", "g", "upside down"],
)
def test_what_is_unlike_all_training_is_refused_with_its_cause(results, bundle, spoil, cause):
    with pytest.raises(DataError, match=cause) as caught:
        predict(read_bundle(bundle), spoil(sensors_of(results)))
    assert caught.value.code == "PREDICTION_UNLIKE"


def test_likeness_survives_a_file():
    inputs = np.random.default_rng(0).standard_normal((60, 9, 2)).astype(np.float32)
    fitted = likeness_of(inputs, np.repeat(list("abc"), 20), np.repeat(np.arange(6), 10))
    again = Likeness.from_arrays(fitted.arrays())
    assert again.score(inputs) == pytest.approx(fitted.score(inputs), rel=1e-5)
    assert again.refuse == fitted.refuse > again.doubt > 0
    assert fitted.score(inputs[:0]) == np.inf


def test_sensors_that_contradict_themselves_are_refused(results, bundle, monkeypatch):
    monkeypatch.setattr(predict_module, "judge_sensors", judge_sensors)
    with pytest.raises(DataError, match="IMU_") as caught:
        predict(read_bundle(bundle), sensors_of(results))
    assert caught.value.code == "PREDICTION_CONTRADICTED"


def test_a_sensor_that_faces_another_way_shows_in_how_legs_brake_and_push(results):
    study = Study(targets=("atf_bw",), window={"points": 11}, frame="sensor")
    trials = [read_trial(results / f"aligned/made/p{person}/run1.parquet") for person in range(1, 5)]
    windows, _ = slice_trials(trials, study, ("pelvis",))
    slope = np.linspace(-1, 1, 11)[None, :, None] * [2.0, 0.5]
    random = np.random.default_rng(0)
    windows.inputs[:, :, :2] = slope + 0.01 * random.standard_normal((len(windows), 11, 2))
    known = training_facings(facings_deg(windows, ("pelvis",), 11))
    mean, limit = known["pelvis"]
    assert mean == pytest.approx(np.degrees(np.arctan2(0.5, 2.0)), abs=0.5) and limit < 5
    windows.inputs[:, :, :2] = windows.inputs[:, :, :2] @ np.array([[0.0, 1.0], [-1.0, 0.0]])
    turned = deviation_deg(facings_deg(windows, ("pelvis",), 11)["pelvis"], mean)
    np.testing.assert_allclose(turned, 90.0, atol=2.0)
    assert training_facings({"pelvis": np.array([0.0, 60.0, -60.0])}) == {}, "a quarter turn would pass"


@pytest.mark.parametrize(
    ("sensors", "code"),
    [({"pelvis": None}, "PREDICTION_SENSOR_MISSING"), ({}, "PREDICTION_SENSOR_MISSING")],
)
def test_a_missing_sensor_is_named(results, bundle, sensors, code):
    worn = {body: sensors_of(results)[body] for body in sensors}
    with pytest.raises(ConfigError, match="tibia_r") as caught:
        predict(read_bundle(bundle), worn)
    assert caught.value.code == code


def test_slow_sensors_are_refused(results, bundle):
    slow = {
        body: replace(
            each,
            time_s=each.time_s[::4],
            acc_sensor_m_per_s2=each.acc_sensor_m_per_s2[::4],
            gyr_sensor_rad_per_s=each.gyr_sensor_rad_per_s[::4],
            orientation_wxyz=each.orientation_wxyz[::4],
        )
        for body, each in sensors_of(results).items()
    }
    with pytest.raises(DataError, match="25 Hz"):
        predict(read_bundle(bundle), slow)


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


def test_sensor_files_become_tables_and_a_page(results, bundle, tmp_path):
    trial = read_trial(results / "aligned/made/p3/run1.parquet")
    trial_columns = {}
    header, columns = ["t"], [trial.time_s]
    for body in ("pelvis", "tibia_r", "tibia_l"):
        names = {c: [f"{body}.{c}{axis}" for axis in axes] for c, axes in (("a", "xyz"), ("g", "xyz"), ("q", "wxyz"))}
        header += [name for group in names.values() for name in group]
        columns += [*trial.signals(body, "acc").T, *trial.signals(body, "gyr").T, *trial.signals(body, "quat").T]
        trial_columns[body] = {
            "time": "t", "acc": names["a"], "gyr": names["g"], "quaternion": names["q"],
            "acc_unit": "m/s2", "gyr_unit": "rad/s",
        }  # fmt: skip
    np.savetxt(tmp_path / "phone.csv", np.column_stack(columns), delimiter=",", header=",".join(header), comments="")
    (tmp_path / "columns.yaml").write_text(json.dumps({"imu_columns": trial_columns}))
    words = [f"{body}={tmp_path / 'phone.csv'}#{body}" for body in trial_columns]
    said = predict_files(bundle, words, tmp_path / "out", columns=tmp_path / "columns.yaml")
    assert "atf_r_bw: mean peak" in said and "report.html" in said
    page = (tmp_path / "out/report.html").read_text()
    assert page.count("<svg") == 4
    assert not re.findall(r"(?:src|href|url)\s*[=(]\s*.?https?:", page), "the page opens offline"
    assert len((tmp_path / "out/windows.tsv").read_text().splitlines()) > 10
    with pytest.raises(ConfigError, match="PREDICTION_SENSORS"):
        predict_files(bundle, ["phone.csv"], tmp_path / "out")


def test_impulses_peaks_and_loading_rates_are_those_of_the_curve(results, bundle):
    read = read_bundle(bundle)
    prediction = predict(read, sensors_of(results))
    outcome = outcome_of(prediction, read.document["targets"])
    first = outcome.windows.iloc[0]
    curve, time_s = prediction.estimates[0, :, 0], prediction.windows.time_s[0]
    assert first["peak"] == pytest.approx(curve.max()) and first["impulse_s"] == pytest.approx(
        np.trapezoid(curve, time_s)
    )
    assert outcome.summary["windows"].sum() == len(prediction.targets) * len(prediction.windows)
    ramp = np.linspace(0, 2, 21)
    assert loading_rate(np.linspace(0, 0.5, 21), ramp) == pytest.approx(4.0)
    assert np.isnan(loading_rate(np.linspace(0, 0.5, 21), ramp[::-1]))


@pytest.mark.parametrize(
    ("covariate", "person", "do"),
    [
        ("sex", {"sex": "female"}, "--sex F"),
        ("mass_kg", {}, "--mass"),
        ("knee_alignment_deg", {"knee_alignment_r_deg": 1.0}, "knee_alignment_l_deg"),
    ],
)
def test_a_covariate_that_lacks_or_is_misspelled_is_asked_for(bundle, covariate, person, do):
    read = read_bundle(bundle)
    settings = read.document["settings"] | {"covariates": [covariate], "window": {"kind": "stance"}}
    asking = replace(read, document=read.document | {"settings": settings, "sensors": ["pelvis"]})
    with pytest.raises(ConfigError, match="PREDICTION_COVARIATE_MISSING") as caught:
        predict(asking, {"pelvis": None}, person=person)
    assert do in caught.value.do


def test_a_foot_that_was_not_seen_is_a_dash_on_the_page():
    row = {"target": "atf_bw", "unit": "bw", "windows": 3, "peak_mean": 5.0, "peak_right": 5.0, "peak_left": np.nan}
    row |= {"asymmetry_percent": np.nan, "total_s": 4.0, "total_half_width_s": np.nan, "level": np.nan}
    page = _table(Outcome(pd.DataFrame(), pd.DataFrame(), pd.DataFrame([row]), np.nan))
    assert "nan" not in page and page.count("<td>-</td>") == 2


def test_cadence_counts_steps_whichever_feet_are_seen():
    start_s, side = np.arange(12) * 0.36, np.array(["r", "l"] * 6)
    right = side == "r"
    assert cadence_per_min(start_s, side) == pytest.approx(60 / 0.36)
    assert cadence_per_min(start_s[right], side[right]) == pytest.approx(60 / 0.36)
    assert np.isnan(cadence_per_min(start_s, np.full(12, "")))


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
