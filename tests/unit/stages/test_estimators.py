"""The stage writes estimates on the frames of people left out, goes on where it was, and leaves nothing half done."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import synthetic_study
from added_files import example_of
from gaitload.config import Config
from gaitload.errors import ConfigError, DataError
from gaitload.estimators import require_estimators
from gaitload.io.tables import read_table
from gaitload.provenance import content_hash, version_of
from gaitload.stages import estimators, verify
from gaitload.stages.manifests import note_losses
from gaitload.stages.verify import mismatches
from gaitload.study import EVERY_SET, Study
from gaitload.training import fold as training
from gaitload.training.checkpoints import read_weights
from synthetic_aligned import SENSORS, unmeasured_loads, write_aligned, write_people
from synthetic_study import STUDY, cohort_of
from synthetic_study import run_estimator as run


def table(results: Path, estimator: str, fold: str):
    return read_table(results / f"predictions/small/pelvis+tibia/{estimator}/{fold}.parquet")


@pytest.fixture
def results(tmp_path: Path) -> Path:
    write_people(tmp_path, 3)
    return tmp_path


def test_estimates_are_on_the_frames_of_those_left_out(results):
    manifest = run(results, "ridge")
    assert manifest["folds"] == ["made-p1", "made-p2", "made-p3"]
    values, meanings, document = table(results, "ridge", "made-p2")
    assert document["trials"] == [{"cohort": "made", "participant": "p2", "trial": f"run{n}"} for n in (1, 2)]
    labels, said, _ = read_table(results / "aligned/made/p2/run2.parquet")
    own = values["trial_index"] == 1
    np.testing.assert_array_equal(values["time_s"][own], labels["time_s"])
    for side in "rl":
        estimate, label = values[f"atf_{side}_bw"][own], labels[f"atf_{side}_bw"]
        seen = np.isfinite(estimate)
        assert seen.any() and not seen[~labels[f"contact_{side}"]].any()
        assert np.corrcoef(estimate[seen], label[seen])[0, 1] > 0.95
        assert meanings[f"atf_{side}_bw"]["unit"] == said[f"atf_{side}_bw"]["unit"]
    assert document["parts"]["0"]["test"]["subjects"] == ["made/p2"]
    assert document["parts"]["0"]["normaliser"] == document["parts"]["0"]["train"]


def test_a_network_is_the_mean_of_its_seeds_and_tells_how_it_was_trained(results):
    run(results, "tcn")
    values, _, _ = table(results, "tcn", "made-p1")
    both = np.stack([values[f"atf_r_bw__seed{seed}"] for seed in (0, 1)])
    np.testing.assert_allclose(values["atf_r_bw"], both.mean(axis=0))
    assert np.nanmax(np.abs(np.diff(both, axis=0))) > 1e-4
    folder = results / "predictions/small/pelvis+tibia/tcn"
    record = json.loads((folder / "made-p1.training.json").read_text())
    for seed in ("0", "1"):
        assert [entry["epoch"] for entry in record["seeds"][seed]["history"]] == [1, 2]
        assert record["seeds"][seed]["windows_per_s"] > 0
    models = results / "models/small/pelvis+tibia/tcn"
    assert len(list(models.iterdir())) == 6, "no checkpoint is left"
    keys = {read_weights(path)[1]["key"] for path in models.iterdir()}
    assert len(keys) == 6, "what decides a network differs by fold and seed"


def test_a_floor_is_fitted_anew_where_a_seed_draws_other_people(results):
    write_people(results, 4)
    run(results, people=4)
    everybody = table(results, "phase_mean", "made-p1")[0]
    np.testing.assert_array_equal(everybody["atf_r_bw__seed0"], everybody["atf_r_bw__seed1"])
    run(results, people=4, split={"training_subjects": 2}, seeds=[0, 1, 2])
    some, _, document = table(results, "phase_mean", "made-p1")
    parts = {
        seed: {*each["train"]["subjects"], *each["validation"]["subjects"]} for seed, each in document["parts"].items()
    }
    assert len({frozenset(people) for people in parts.values()}) > 1
    for seed in ("1", "2"):
        same = np.array_equal(some["atf_r_bw__seed0"], some[f"atf_r_bw__seed{seed}"], equal_nan=True)
        assert same == (parts[seed] == parts["0"])


def test_equal_seeds_give_equal_bytes(results, tmp_path_factory):
    other = tmp_path_factory.mktemp("again")
    write_people(other, 3)
    run(results, "cnn")
    run(other, "cnn")
    for fold in ("made-p1", "made-p2", "made-p3"):
        ours, theirs = table(results, "cnn", fold)[0], table(other, "cnn", fold)[0]
        for name, column in ours.items():
            np.testing.assert_array_equal(column, theirs[name], err_msg=name)


def test_what_is_done_is_kept_and_what_changed_is_done_again(results, monkeypatch):
    log = results / "logs/phase_mean.log"
    run(results)
    calls = []
    monkeypatch.setattr(estimators, "fit_fold", lambda *a, **k: calls.append(a[1].name) or pytest.fail())
    run(results)
    first = table(results, "phase_mean", "made-p1")[2]["key"]
    assert log.read_text().count("unchanged") == 3 and not calls
    monkeypatch.undo()
    write_aligned(results, "made", "p2", "run1", seed=77)
    run(results)
    assert table(results, "phase_mean", "made-p1")[2]["key"] != first
    (results / "predictions/small/pelvis+tibia/phase_mean/made-p3.parquet").unlink()
    run(results)
    said = log.read_text()
    assert said.count("unchanged") == 2 and "made-p3 done" in said


def test_people_that_are_left_out_have_no_fold_and_stand_in_the_document(results):
    run(results)
    manifest = run(
        results, without=["made/p3", "made/p2/run1"], split={"validation_share": 0.3}, protocol="user_generalised"
    )
    assert manifest["folds"] == ["made-p1", "made-p2"]
    folder = results / "predictions/small/pelvis+tibia/phase_mean"
    assert not list(folder.glob("made-p3*"))
    assert "made/p3/run2: study.without" in table(results, "phase_mean", "made-p1")[2]["left_out"]


@pytest.mark.parametrize(
    ("study", "code"),
    [
        ({"sensor_sets": {"pelvis+tibia": ["head"]}}, "STUDY_SENSOR_UNKNOWN"),
        ({"targets": ["kcf_norm_bw"]}, "STUDY_COLUMN_MISSING"),
        ({"activities": ["walk"]}, "STUDY_EMPTY"),
        ({"covariates": ["mass_kg"], "split": {"validation_subjects": 2}}, "STUDY_FOLD_EMPTY"),
    ],
)
def test_what_is_wrong_stops_it_before_anything_is_written(results, study, code):
    with pytest.raises((ConfigError, DataError)) as caught:
        run(results, **study)
    assert caught.value.code == code
    assert not (results / "predictions").exists() and not (results / "manifests").exists()


def test_a_person_whose_trials_all_failed_stops_it(results):
    for trial in ("run1", "run2"):
        write_aligned(results, "made", "p2", trial, seed=1, verdict="failed")
    with pytest.raises(DataError, match="made/p2") as caught:
        run(results)
    assert caught.value.code == "STUDY_FOLD_EMPTY" and "atf_r_bw failed" in caught.value.found
    run(results, without=["made/p2"], protocol="user_generalised", split={"validation_share": 0.3})


def test_a_person_without_a_single_aligned_table_stops_it(results):
    for trial in ("run1", "run2"):
        (results / f"aligned/made/p2/{trial}.parquet").unlink()
    with pytest.raises(DataError, match="made/p2/run1: refused, no aligned table") as caught:
        run(results, protocol="user_generalised", split={"validation_share": 0.3})
    assert caught.value.code == "STUDY_FOLD_EMPTY"


def test_a_fold_that_fails_leaves_no_half_of_it(results, monkeypatch):
    real = estimators.fit_fold

    def failing(windows, fold, *arguments, **options):
        if fold.name == "made-p2":
            raise ZeroDivisionError("toy")
        return real(windows, fold, *arguments, **options)

    monkeypatch.setattr(estimators, "fit_fold", failing)
    with pytest.raises(ZeroDivisionError):
        run(results)
    folder = results / "predictions/small/pelvis+tibia/phase_mean"
    assert sorted(path.name for path in folder.iterdir()) == ["made-p1.parquet", "made-p1.training.json"]
    assert not (results / "manifests").exists()


@pytest.mark.parametrize("lost", ["predictions/{}/made-p2.parquet", "models/{}/made-p2.seed0.safetensors"])
def test_of_a_fold_that_lost_a_file_the_job_is_noted_and_the_fold_alone_is_made_again(results, lost: str) -> None:
    run(results, "cnn", seeds=[0])
    place = results / lost.format("small/pelvis+tibia/cnn")
    was, written = place.read_bytes(), _written(results)
    place.unlink()
    assert list(note_losses(results, write=True)) == ["estimators/small/pelvis+tibia/cnn.json"]
    run(results, "cnn", seeds=[0])
    assert place.read_bytes() == was
    again = {path.name for path, then in _written(results).items() if then != written[path]}
    assert again == {"made-p2.parquet", "made-p2.training.json", "made-p2.seed0.safetensors"}


def _written(results: Path) -> dict[Path, int]:
    paths = [*(results / "predictions").rglob("*.*"), *(results / "models").rglob("*.*")]
    return {path: path.stat().st_mtime_ns for path in paths if path.is_file()}


def test_covariates_are_those_of_participants_tsv_and_another_one_trains_again(results, monkeypatch) -> None:
    run(results, covariates=["sex"])
    before = table(results, "phase_mean", "made-p1")[2]
    assert before["covariates"] == {f"made/p{number}": {"sex": "F"} for number in (1, 2, 3)}
    other = cohort_of()
    persons = tuple(person.model_copy(update={"sex": "M"}) for person in other.participants)
    monkeypatch.setattr(synthetic_study, "cohort_of", lambda people=3: replace(other, participants=persons))
    config = Config(study=Study(**(STUDY | {"covariates": ["sex"]})))
    (mismatch,) = {
        each.found
        for each in mismatches(config, {"made": synthetic_study.cohort_of()}, results)
        if "p1" in each.found[:8]
    }
    assert "participants.tsv" in mismatch and '"M"' in mismatch
    run(results, covariates=["sex"])
    assert table(results, "phase_mean", "made-p1")[2]["covariates"]["made/p1"] == {"sex": "M"}


def test_estimates_of_other_tables_settings_packages_or_bytes_are_found(results, monkeypatch):
    run(results, "phase_mean")
    where = "manifests/estimators/small/pelvis+tibia/phase_mean"

    def found(**study) -> list[tuple[str, str]]:
        config = Config(study=Study(**(STUDY | study)))
        own = [each for each in mismatches(config, {"made": cohort_of()}, results) if each.where == where]
        return [(each.what, each.found) for each in own]

    assert found() == []
    assert found(seeds=[0])[0] == ("settings", "made-p1.parquet.seeds: made with [0, 1], now [0]")
    assert found(sensor_sets={"pelvis+tibia": ["pelvis"]})[0][1].endswith(
        'made with ["pelvis", "tibia"], now ["pelvis"]'
    )
    with monkeypatch.context() as patch:
        patch.setattr(verify, "version_of", lambda package: "0.1" if package == "torch" else version_of(package))
        assert {what for what, _ in found()} == {"code"} and found()[0][1].endswith("here is 0.1")
    write_aligned(results, "made", "p2", "run1", seed=99)
    assert found()[0] == ("input", "made-p1.parquet: aligned/made/p2/run1.parquet was changed, or is gone")
    (results / "predictions/small/pelvis+tibia/phase_mean/made-p3.parquet").unlink()
    assert ("product", "made-p3.parquet is missing") in found()


def test_of_two_jobs_for_the_same_the_second_waits_and_finds_it_done(results, monkeypatch):
    fitted, begun, may_end = [], threading.Event(), threading.Event()
    real = estimators.fit_fold

    def slow(windows, fold, *arguments, **options):
        fitted.append(fold.name)
        begun.set()
        assert may_end.wait(60)
        return real(windows, fold, *arguments, **options)

    monkeypatch.setattr(estimators, "fit_fold", slow)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(run, results)
        assert begun.wait(60)
        second = pool.submit(run, results)
        with pytest.raises(TimeoutError):
            second.result(timeout=1.0)
        may_end.set()
        assert first.result() == second.result()
    assert len(fitted) == 3, "a floor, which draws nothing, once a fold"


def test_what_killed_runs_and_earlier_studies_left_is_removed(results):
    run(results, "tcn", seeds=[0], training={"epochs": 1, "device": "cpu"})
    left = [
        results / "predictions/small/pelvis+tibia/tcn/.made-p1.0123.parquet",
        results / "models/small/pelvis+tibia/tcn/.made-p1.seed0.0123456789ab.safetensors",
        results / "models/small/pelvis+tibia/tcn/made-p9.seed0.safetensors",
    ]
    for path in left:
        path.write_bytes(b"half")
    run(results, "tcn", seeds=[0], training={"epochs": 1, "device": "cpu"})
    assert not [path for path in left if path.exists()]
    assert len(list(left[1].parent.iterdir())) == 3


def test_a_table_that_changes_while_it_is_read_does_not_pass_for_what_was_learnt_from(results, monkeypatch):
    changed, real = results / "aligned/made/p2/run1.parquet", estimators.slice_trials

    def late(trials, *arguments):
        write_aligned(results, "made", "p2", "run1", seed=77)
        return real(trials, *arguments)

    before = content_hash(changed)
    monkeypatch.setattr(estimators, "slice_trials", late)
    run(results)
    assert table(results, "phase_mean", "made-p1")[2]["inputs"]["made/p2/run1"] == before != content_hash(changed)


ADDED = """
from pathlib import Path

from gaitload.config import parse_config
from synthetic_study import STUDY, run_estimator

names = ("floor", "network")
asked = parse_config({"study": STUDY | {"estimators": names}}).study.estimators
for name in asked:
    run_estimator(Path("results"), name, estimators=asked)
"""


def test_one_file_adds_an_estimator(repository, tmp_path):
    """The files of docs/extend.md in a copy of the package, nothing else: named by a study, trained, and written."""
    names = ("floor", "network")
    for name in names:
        with pytest.raises(ConfigError, match=name):
            require_estimators(Study(estimators=(name,)))
    ignored = shutil.ignore_patterns("__pycache__")
    package = shutil.copytree(repository / "src/gaitload", tmp_path / "src/gaitload", ignore=ignored)
    for name in names:
        (package / "estimators" / f"{name}.py").write_text(example_of(f"python {name}"))
    write_people(tmp_path / "results", 3)
    tests = repository / "tests"
    path = os.pathsep.join(map(str, (package.parent, repository, tests, tests / "unit/stages")))
    command = [sys.executable, "-c", ADDED]
    done = subprocess.run(command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for name in names:
        values, _, document = table(tmp_path / "results", name, "made-p1")
        assert document["estimator"] == name
        labels, _, _ = read_table(tmp_path / "results/aligned/made/p1/run1.parquet")
        rows = values["trial_index"] == 0
        estimated = np.isfinite(values["atf_r_bw"][rows])
        assert estimated.sum() > 100 and not estimated[~labels["contact_r"]].any()


@pytest.mark.parametrize("estimator", ["ridge", "cnn"])
def test_without_force_plates_a_study_of_loads_and_angles_goes_on_with_the_angles(tmp_path, estimator):
    write_people(tmp_path, 3, spoil=unmeasured_loads)
    run(tmp_path, estimator, targets=["atf_bw", "knee_angle_rad"])
    values, _, document = table(tmp_path, estimator, "made-p1")
    assert "knee_angle_r_rad" in values and not any(name.startswith("atf_") for name in values)
    assert any("atf_bw was measured in no trial" in line for line in document["left_out"])


def test_of_a_mixed_study_somebody_without_force_plates_has_no_part(results):
    write_people(results, 4)
    for trial in ("run1", "run2"):
        write_aligned(results, "made", "p4", trial, seed=7, spoil=unmeasured_loads)
    assert run(results, "ridge", people=4)["folds"] == ["made-p1", "made-p2", "made-p3"]


def test_test_parts_without_a_whole_stance_stop_before_anything_is_trained(results, monkeypatch):
    monkeypatch.setattr(estimators, "fit_fold", lambda *a, **k: pytest.fail("trained"))
    short, legs = {"kind": "fixed", "length": 10, "stride": 200}, {"pelvis+tibia": ["pelvis", "tibia_r"]}
    with pytest.raises(DataError, match=r"test windows of 0\.09 s") as caught:
        run(results, "ridge", window=short, frame="sensor", sensor_sets=legs)
    assert caught.value.code == "STUDY_UNSCORABLE"


def test_one_file_serves_under_several_names_each_with_its_settings(results):
    own = {"small": {"file": "cnn", "training": {"epochs": 1, "options": {"widths": [4, 3]}}}}
    run(results, "small", estimators=["small", "cnn"], estimator_settings=own)
    run(results, "cnn", estimators=["small", "cnn"], estimator_settings=own)
    records = [
        json.loads((results / f"predictions/small/pelvis+tibia/{name}/made-p1.training.json").read_text())["seeds"]["0"]
        for name in ("small", "cnn")
    ]
    assert [one["epochs"] for one in records] == [1, 2]
    assert records[0]["parameters"] < records[1]["parameters"]
    assert table(results, "small", "made-p1")[2]["settings"]["training"]["options"] == {"widths": [4, 3]}


VARIED = {
    "protocol": "user_generalised",
    "participants": {"train": ["made/p1"], "validation": ["made/p2"]},
    "vary": {"protocol": ["user_individualised", "user_generalised", "user_adaptive"], "calibration_share": [0.3, 0.5]},
}


def test_variants_of_a_study_share_one_base_model(results, monkeypatch):
    trained, real = [], training.train
    monkeypatch.setattr(training, "train", lambda *a, **k: trained.append(k["epochs"]) or real(*a, **k))
    manifest = run(results, "cnn", seeds=[0], training={"epochs": 2, "adapt_epochs": 3, "device": "cpu"}, **VARIED)
    variants = ["user_individualised", "user_generalised", "user_adaptive-30", "user_adaptive-50"]
    assert {name.partition("/")[0] for name in manifest["products"]} == {f"small.{variant}" for variant in variants}
    # Each person alone, one model for all strangers, and that model tuned twice to the one stranger.
    assert sorted(trained) == [2, 2, 2, 2, 3, 3]
    path = results / "predictions/small.user_adaptive-30/pelvis+tibia/cnn/made-p3.parquet"
    document = read_table(path)[2]
    assert (document["variant"], document["protocol"]) == ("user_adaptive-30", "user_adaptive")
    assert not list((results / "models").rglob(".*.safetensors"))


def test_a_variant_gives_the_estimates_of_a_study_of_its_own(results):
    run(results, "cnn", seeds=[0], **VARIED)
    varied = results / "predictions/small.user_adaptive-50/pelvis+tibia/cnn/made-p3.parquet"
    alone = VARIED | {"protocol": "user_adaptive", "vary": {}, "split": {"calibration_share": 0.5}}
    run(results, "cnn", seeds=[0], **alone)
    single = results / "predictions/small/pelvis+tibia/cnn/made-p3.parquet"
    np.testing.assert_array_equal(*(read_table(path)[0]["atf_r_bw"] for path in (varied, single)))


def test_one_network_serves_every_sensor_set(results, monkeypatch):
    trained, real = [], training.train
    monkeypatch.setattr(training, "train", lambda *a, **k: trained.append(1) or real(*a, **k))
    vary = {"sensor_sets": {"subsets_of": ["pelvis", "tibia"]}}
    own = {"cnn": {"training": {"sensor_dropout": 0.5, "epochs": 30}}}
    asked = {"estimators": ["cnn"], "estimator_settings": own, "vary": vary, "seeds": [0]}
    run(results, "cnn", sensor_set=EVERY_SET, **asked)
    assert len(trained) == 3, "one a fold"
    label = read_table(results / "aligned/made/p1/run1.parquet")[0]["atf_r_bw"]
    found = {}
    for worn in ("pelvis", "tibia", "pelvis+tibia"):
        values, _, document = read_table(results / f"predictions/small/{worn}/cnn/made-p1.parquet")
        assert (document["sensor_set"], document["sensors"]) == (worn, worn.split("+"))
        found[worn] = values["atf_r_bw"][values["trial_index"] == 0]
        seen = np.isfinite(found[worn])
        assert np.corrcoef(found[worn][seen], label[seen])[0, 1] > 0.5, worn
    assert np.nanmax(np.abs(found["pelvis"] - found["tibia"])) > 0.01


def sweep(results) -> dict[str, str]:
    """Twelve sensor sets by ridge; bytes of everything that is kept, by path."""
    vary = {
        "sensor_sets": {"subsets_of": ["pelvis", "torso", "tibia", "calcn"], "exclude": ["pelvis", "torso", "tibia"]}
    }
    asked = Study(**(STUDY | {"estimators": ["ridge"], "vary": vary, "sensor_sets": {}}))
    assert len(asked.trainings()) == 12
    for sensor_set, estimator in asked.trainings():
        run(results, estimator, sensor_set=sensor_set, estimators=["ridge"], vary=vary, sensor_sets={}, seeds=[0])
    kept = [*(results / "predictions").rglob("*.parquet"), *(results / "manifests").rglob("*.json")]
    return {path.relative_to(results).as_posix(): content_hash(path) for path in kept}


def test_a_sweep_of_twelve_sets_with_a_killed_job_equals_one_without(tmp_path, monkeypatch):
    sensors = (*SENSORS, "torso", "calcn_r", "calcn_l")
    for name in ("whole", "killed"):
        write_people(tmp_path / name, 3, sensors=sensors)
    calls, real = [], estimators.fit_fold

    def killed(*arguments, **options):
        calls.append(1)
        if len(calls) == 20:
            raise KeyboardInterrupt
        return real(*arguments, **options)

    monkeypatch.setattr(estimators, "fit_fold", killed)
    with pytest.raises(KeyboardInterrupt):
        sweep(tmp_path / "killed")
    monkeypatch.undo()
    done = list((tmp_path / "killed/predictions").rglob("*.parquet"))
    assert len(done) == 19
    before = {path: path.stat().st_mtime_ns for path in done}
    found = sweep(tmp_path / "killed")
    assert {path: path.stat().st_mtime_ns for path in done} == before, "nothing is done twice"
    assert found == sweep(tmp_path / "whole") and len(found) == 12 * 4
