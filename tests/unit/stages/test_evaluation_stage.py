"""A whole evaluation of a study whose answers are known."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from gaitload.config import parse_config
from gaitload.errors import DataError
from gaitload.evaluation.labelled import Choice
from gaitload.io.tables import read_table, write_table
from gaitload.stages.closing import describe_comparison
from gaitload.stages.evaluation import evaluate_study, write_evaluation
from small_study import BASELINE_ERROR_RAD, SmallStudy

NAMES = {
    "small.parquet",
    "small.subjects.parquet",
    "small.curves.parquet",
    "small.summary.tsv",
    "small.conditions.tsv",
    "small.statistics.json",
    "small.sets.tsv",
}


def _evaluate(
    study: SmallStudy, labels: tuple[str, ...] = ("atf_bw", "knee_angle_rad"), out: str = "out", **settings
) -> Path:
    folder = study.folder / out
    write_evaluation(
        parse_config({"evaluation": settings}),
        Choice(labels=labels),
        study="small",
        aligned=study.aligned,
        predictions=study.predictions,
        floors=("ridge",),
        out=folder,
        log=study.folder / "log.txt",
    )
    return folder


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ridge is a tenth too small; the network is right up to a bias of its own for each person."""
    study = SmallStudy(tmp_path_factory.mktemp("study"))
    study.write_aligned()
    study.write_predictions("ridge", lambda label, person: 0.9 * label)
    bias = {"p1": 0.02, "p2": -0.01, "p3": 0.03, "p4": -0.02}
    study.write_predictions("lstm", lambda label, person: label + bias[person], seeds={0: 1.0, 7: 1.02})
    return _evaluate(study)


@pytest.fixture
def study(tmp_path: Path) -> SmallStudy:
    made = SmallStudy(tmp_path)
    made.write_aligned()
    return made


def _summary(folder: Path, name: str = "summary") -> pd.DataFrame:
    return pd.read_csv(folder / f"small.{name}.tsv", sep="\t", keep_default_na=False, na_values=[""])


def test_floors_baselines_and_networks_stand_in_one_table_best_first(finished: Path) -> None:
    table = _summary(finished)
    load = table[table["label"] == "atf_bw"]
    assert load["estimator"].tolist() == ["lstm", "ridge", "mean_curve"]
    assert load["kind"].tolist() == ["estimator", "floor", "floor"]
    assert load["rank"].tolist() == [1, 2, 3]
    knee = table[table["label"] == "knee_angle_rad"]
    assert knee["estimator"].tolist() == ["imu_ik", "mean_curve"] and set(knee["unit"]) == {"deg"}
    assert {path.name for path in finished.iterdir()} == NAMES


def test_the_mean_curve_explains_nothing_beyond_itself(finished: Path) -> None:
    floors = _summary(finished).query("estimator == 'mean_curve'")
    assert floors["pooled_r2_phase"].tolist() == [0.0, 0.0]
    assert (floors["pooled_r2"] > 0.8).all() and floors["rmse_mean"].min() > 0.1


def test_a_known_error_is_found(finished: Path) -> None:
    knee = _summary(finished).query("estimator == 'imu_ik'").iloc[0]
    error_deg = np.degrees(BASELINE_ERROR_RAD)
    assert knee[["rmse_mean", "bias_mean", "peak_bias_mean"]].tolist() == pytest.approx([error_deg] * 3, rel=1e-3)
    assert knee["rmse_sd"] == pytest.approx(0.0, abs=1e-6) and np.isnan(knee["impulse_error_mean"])
    ridge = _summary(finished).query("estimator == 'ridge'").iloc[0]
    assert ridge["impulse_share_mean"] == pytest.approx(-0.1)
    assert ridge["peak_bias_mean"] == pytest.approx(-0.1 * ridge["peak_label_mean"], rel=1e-3)


def test_rows_are_trials_and_people_are_n(finished: Path) -> None:
    values, meanings, document = read_table(finished / "small.parquet")
    rows = pd.DataFrame(values)
    final = rows.query("estimator == 'lstm' and seed == -1")
    assert len(final) == 4 * 2 * 2  # people, trials, sides
    assert set(rows.query("estimator == 'lstm'")["seed"]) == {-1, 0, 7}
    assert meanings["r2_phase"]["definition"] and document["study"] == "small"
    assert set(final["fold"]) == {f"made-p{number}" for number in (1, 2, 3, 4)}
    people = pd.DataFrame(read_table(finished / "small.subjects.parquet")[0])
    assert set(people["condition"]) == {"all", "run", "run 2.5 m/s", "run 3.5 m/s"}
    assert len(people.query("estimator == 'lstm' and condition == 'all'")) == 4
    row = _summary(finished).query("estimator == 'lstm'").iloc[0]
    assert (row["n_subjects"], row["n_segments"], row["coverage"]) == (4, 4 * 2 * 12, 1.0)
    assert row["seeds"] == 2 and all(row[f"{name}_seed_sd"] > 0 for name in ("pooled_r2_phase", "rmse", "peak_error"))


def test_the_best_is_named_with_what_it_was_given(study: SmallStudy) -> None:
    def give_plates(person: str, trial: str, columns: dict) -> None:
        for side in "rl":
            load, meaning = columns[f"atf_{side}_bw"][0], {"baseline": "imu_id", "of": f"atf_{side}_bw", "unit": "bw"}
            columns[f"imu_id_atf_{side}_bw"] = (load, meaning | {"verdict": "passed", "reasons": []})

    study.write_aligned(give_plates)
    told = describe_comparison("small", _evaluate(study))
    assert "atf_bw imu_id (all, given the measured ground reaction) 1.00" in told
    assert "knee_angle_rad imu_ik (all) " in told


def test_conditions_have_tables_of_their_own(finished: Path) -> None:
    table = _summary(finished, "conditions").query("estimator == 'ridge'")
    peaks = table.set_index("condition")["peak_label_mean"]
    assert peaks["run 3.5 m/s"] - peaks["run 2.5 m/s"] == pytest.approx(1.0, abs=1e-3)
    assert table.set_index("condition")["n_segments"].to_dict()["run 2.5 m/s"] == 48


def test_curves_are_the_means_of_segments(finished: Path) -> None:
    curves = pd.DataFrame(read_table(finished / "small.curves.parquet")[0])
    one = curves.query("estimator == 'ridge' and side == 'r' and participant == 'p2'")
    assert one["phase_percent"].tolist() == list(range(101))
    assert one["estimate_mean"].to_numpy() == pytest.approx(0.9 * one["label_mean"].to_numpy())
    floor = curves.query("estimator == 'mean_curve' and label == 'atf_bw' and side == 'r' and participant == 'p2'")
    assert floor["phase_mean"].to_numpy() == pytest.approx(floor["estimate_mean"].to_numpy())
    assert floor["estimate_sd"].max() < 1e-12


def test_the_network_is_tested_against_ridge_over_people(finished: Path) -> None:
    statistics = json.loads((finished / "small.statistics.json").read_text())
    rows = {(row["label"], row["metric"], row["estimator"], row["against"]): row for row in statistics["comparisons"]}
    found = rows["atf_bw", "rmse", "lstm", "ridge"]
    assert found["n"] == 4 and found["difference"] < 0 and found["p"] < 0.05 and found["p_holm"] >= found["p"]
    assert rows["knee_angle_rad", "rmse", "imu_ik", "mean_curve"]["n"] == 4
    parts = ("agreement", "comparisons", "anova", "mixed", "waveforms", "intervals")
    assert all(statistics[part] for part in parts) and statistics["n_subjects"] == 4
    assert all("4 people" in row["not_made"] for row in statistics["waveforms"])


def test_the_same_study_gives_the_same_bytes(study: SmallStudy) -> None:
    study.write_predictions("ridge", lambda label, person: 0.9 * label)
    first, second = _evaluate(study, out="first"), _evaluate(study, out="second")
    for name in NAMES:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_baselines_alone_are_a_study(study: SmallStudy) -> None:
    table = _summary(_evaluate(study, ("knee_angle_rad",)))
    assert table["estimator"].tolist() == ["imu_ik", "mean_curve"]


def test_floors_and_baselines_are_those_of_the_people_tested(study: SmallStudy) -> None:
    study.people = ("p1", "p2", "p3")
    study.write_predictions("ridge", lambda label, person: 0.9 * label)
    table = _summary(_evaluate(study))
    assert set(table["n_subjects"]) == {3}


def test_a_baseline_that_says_nothing_is_listed(tmp_path: Path) -> None:
    def silence(person: str, trial: str, columns: dict) -> None:
        for side in "rl":
            columns[f"imu_ik_knee_angle_{side}_rad"][0][:] = np.nan

    study = SmallStudy(tmp_path)
    study.write_aligned(silence)
    folder = _evaluate(study)
    assert set(_summary(folder)["estimator"]) == {"mean_curve"}
    left_out = json.loads((folder / "small.statistics.json").read_text())["left_out"]
    assert left_out == [{"where": "imu_ik", "reason": "NO_ESTIMATE"}]


@pytest.mark.parametrize("common", [True, False])
def test_a_baseline_whose_synchronisation_failed_is_not_scored(tmp_path: Path, common: bool) -> None:
    """What the verdict keeps from estimators is kept from baselines, also where no estimator is evaluated."""

    def slip(person: str, trial: str, columns: dict) -> None:
        if (person, trial) == ("p3", "fast"):
            for side in "rl":
                values, meaning = columns[f"imu_ik_knee_angle_{side}_rad"]
                values += 0.5
                meaning["verdict"] = "failed"

    study = SmallStudy(tmp_path)
    study.write_aligned(slip)
    folder = _evaluate(study, ("knee_angle_rad",), common_segments=common)
    told = _summary(folder).set_index("estimator").loc["imu_ik"]
    assert told["rmse_mean"] == pytest.approx(np.degrees(BASELINE_ERROR_RAD), rel=1e-3)
    assert told["coverage"] == pytest.approx(7 / 8)
    left_out = json.loads((folder / "small.statistics.json").read_text())["left_out"]
    where = [f"made/p3/fast/imu_ik_knee_angle_{side}_rad" for side in "rl"]
    assert left_out == [{"where": each, "reason": "VERDICT_FAILED"} for each in where]


def test_all_are_scored_on_the_segments_that_all_cover(study: SmallStudy) -> None:
    """One estimator is silent about one person's peaks: the others are not asked about them either, and it shows."""
    study.write_predictions("ridge", lambda label, person: 0.9 * label)
    study.write_predictions("shy", lambda label, person: np.where((person == "p4") & (label > 2), np.nan, label))
    for common, counts in ((True, {72}), (False, {72, 96})):
        table = _summary(_evaluate(study, ("atf_bw",), out=f"common{common}", common_segments=common))
        assert set(table["n_segments"]) == counts
        shares = table.set_index("estimator")["coverage"].to_dict()
        assert shares == {"shy": 0.75, "ridge": 1.0, "mean_curve": 1.0}


def test_a_method_that_covers_little_takes_nothing_from_others(study: SmallStudy) -> None:
    study.write_predictions("ridge", lambda label, person: 0.9 * label)
    study.write_predictions("shy", lambda label, person: label if person == "p4" else np.full_like(label, np.nan))
    (study.folder / "predictions/pelvis/shy/made-p1.parquet").unlink()
    (study.folder / "predictions/pelvis/shy/made-p2.parquet").unlink()
    (study.folder / "predictions/pelvis/shy/made-p3.parquet").unlink()
    table = _summary(_evaluate(study, ("atf_bw",))).set_index("estimator")
    assert table["n_segments"].to_dict() == {"shy": 24, "ridge": 96, "mean_curve": 96}
    assert table["n_subjects"].to_dict() == {"shy": 1, "ridge": 4, "mean_curve": 4}


def test_where_the_end_of_every_trial_is_tested_baselines_are_asked_about_the_end_alone(study: SmallStudy) -> None:
    def last_third(label: np.ndarray, person: str) -> np.ndarray:
        frames = np.arange(len(label)) % (len(label) // 2)
        return np.where(frames < len(label) // 3, np.nan, label)

    study.write_predictions("lstm", last_third, labels=("knee_angle_r_rad", "knee_angle_l_rad"))
    table = _summary(_evaluate(study, ("knee_angle_rad",))).set_index("estimator")
    assert table.loc["lstm", "coverage"] < 0.34 and table.loc["imu_ik", "coverage"] == 1.0
    assert table["n_segments"].nunique() == 1


def test_methods_without_a_segment_in_common_stop_it(study: SmallStudy) -> None:
    early = {"p1", "p2"}
    for name, chosen in (("one", early), ("other", {"p3", "p4"})):
        study.write_predictions(name, lambda label, person: label)
        for person in set(study.people) - chosen:
            (study.folder / f"predictions/pelvis/{name}/made-{person}.parquet").unlink()
    _stops(study, ("atf_bw",), "NO_COMMON_SEGMENT", "one, other")


def test_what_is_left_out_is_listed(tmp_path: Path) -> None:
    def fail(person: str, trial: str, columns: dict) -> None:
        if (person, trial) == ("p3", "fast"):
            columns["atf_r_bw"][1]["verdict"] = "failed"

    study = SmallStudy(tmp_path)
    study.write_aligned(fail)
    folder = _evaluate(study, ("atf_bw",))
    left_out = json.loads((folder / "small.statistics.json").read_text())["left_out"]
    assert left_out == [{"where": "made/p3/fast/atf_r_bw", "reason": "VERDICT_FAILED"}]
    assert "made/p3/fast/atf_r_bw" in (tmp_path / "log.txt").read_text()


def _without_contact(person: str, trial: str, columns: dict) -> None:
    if person == "p2":
        for side in "rl":
            columns[f"contact_{side}"][0][:] = False


def _without_labels(person: str, trial: str, columns: dict) -> None:
    for side in "rl":
        columns[f"atf_{side}_bw"][0][:] = np.nan


@pytest.mark.parametrize(
    ("change", "labels", "code", "words"),
    [
        (_without_contact, ("atf_bw",), "SUBJECT_WITHOUT_SEGMENTS", "made/p2"),
        (_without_labels, ("atf_bw",), "TARGET_WITHOUT_LABELS", "16 x NO_LABEL"),
        (None, ("atf_bw", "ptf_bw"), "TARGET_WITHOUT_LABELS", "ptf_bw"),
    ],
)
def test_labels_that_cannot_be_used_stop_it(tmp_path: Path, change, labels, code: str, words: str) -> None:
    study = SmallStudy(tmp_path)
    study.write_aligned(*([change] if change else []))
    _stops(study, labels, code, words)


@pytest.mark.parametrize(
    ("estimate", "options", "code", "words"),
    [
        (lambda label, person: np.full_like(label, np.nan), {}, "PREDICTIONS_EMPTY", "nothing but NaN in atf_r_bw"),
        (lambda label, person: np.where(label > 2, label, np.nan), {}, "PREDICTIONS_WITHOUT_LABELS", "lstm on pelvis"),
        (lambda label, person: label, {"labels": ("hip_flexion_r_rad",)}, "PREDICTIONS_WITHOUT_LABELS", "pelvis/lstm"),
        (lambda label, person: label, {"shift_s": 0.004}, "PREDICTIONS_OFF_CLOCK", "100 Hz"),
        (lambda label, person: label, {"shift_s": 9.0}, "PREDICTIONS_OFF_CLOCK", "made/p1/fast"),
    ],
)
def test_predictions_that_cannot_be_used_stop_it(study: SmallStudy, estimate, options, code: str, words: str) -> None:
    study.write_predictions("lstm", estimate, **options)
    _stops(study, ("atf_bw",), code, words)


def test_predictions_of_trials_that_are_no_more_stop_it(study: SmallStudy) -> None:
    study.write_predictions("lstm", lambda label, person: label)
    (study.folder / "aligned" / "p1" / "fast.parquet").unlink()
    _stops(study, ("atf_bw",), "PREDICTIONS_UNKNOWN_TRIAL", "made/p1/fast")


def test_two_predictions_for_a_frame_stop_it(study: SmallStudy) -> None:
    study.write_predictions("lstm", lambda label, person: label)
    path = study.predictions[0]
    values, meanings, document = read_table(path)
    values["time_s"] = np.delete(np.insert(values["time_s"], 6, values["time_s"][6]), 5)
    write_table(path, {name: (values[name], meanings[name]) for name in values}, document)
    _stops(study, ("atf_bw",), "PREDICTIONS_TWICE", "1 frames with several")


def test_no_trial_stops_it(tmp_path: Path) -> None:
    _stops(SmallStudy(tmp_path), ("atf_bw",), "NOTHING_TO_EVALUATE", "no aligned table")


def test_one_person_without_baselines_has_nothing_to_be_held_against(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path, people=("p1",))
    study.write_aligned()
    _stops(study, ("atf_bw",), "NOTHING_TO_EVALUATE", "one person alone")


def _stops(study: SmallStudy, labels: tuple[str, ...], code: str, words: str) -> None:
    """The evaluation raises, and leaves no table behind."""
    with pytest.raises(DataError) as caught:
        _evaluate(study, labels)
    assert caught.value.code == code and words in str(caught.value)
    assert not (study.folder / "out").exists()


def test_the_study_of_the_configuration_is_evaluated(tmp_path: Path) -> None:
    """What to evaluate, on whom and by which tables: from the settings, the cohorts and the estimators' manifests."""
    study = SmallStudy(tmp_path)
    study.write_aligned()
    study.write_predictions("ridge", lambda label, person: 0.9 * label)
    study.write_predictions("ridge", lambda label, person: 0.5 * label, sensor_set="no longer asked for")
    (tmp_path / "aligned").rename(tmp_path / "made")
    (tmp_path / "made").rename(_parent(tmp_path / "aligned" / "made"))
    (tmp_path / "predictions").rename(tmp_path / "small")
    (tmp_path / "small").rename(_parent(tmp_path / "predictions" / "small"))
    manifest = _parent(tmp_path / "manifests" / "estimators" / "small" / "pelvis" / "ridge.json")
    names = [path.name for path in (tmp_path / "predictions/small/pelvis/ridge").iterdir()]
    products = {f"small/pelvis/ridge/{name}": "" for name in names}
    manifest.write_text(json.dumps({"products": products}))
    cohort = SimpleNamespace(
        name="made",
        movers=[SimpleNamespace(participant_id=person) for person in study.people],
        motions_of=lambda person: [SimpleNamespace(trial_id=name, activity="run") for name in study.trials],
    )
    settings = {"name": "small", "targets": ["atf_bw"], "estimators": ["ridge"], "sensor_sets": {"pelvis": ["pelvis"]}}
    for learned, without, expected in (
        (True, [], {"ridge": 4, "mean_curve": 4}),
        (False, ["made/p1"], {"mean_curve": 3}),
    ):
        config = parse_config({"study": settings | {"without": without}, "evaluation": {"learned": learned}})
        evaluate_study(config, {"made": cohort}, tmp_path, log=tmp_path / "log.txt")
        table = _summary(tmp_path / "evaluation").set_index("estimator")
        assert table["n_subjects"].to_dict() == expected
        assert table["kind"].to_dict() == dict.fromkeys(expected, "floor")
    left_out = json.loads((tmp_path / "evaluation" / "small.statistics.json").read_text())["left_out"]
    assert {"where": "made/p1/fast", "reason": "study.without"} in left_out


def _parent(path: Path) -> Path:
    """The path, with the folder it is in made."""
    path.parent.mkdir(parents=True)
    return path


def _unmeasured(person: str, trial: str, columns: dict) -> None:
    for name, (values, meaning) in columns.items():
        if name.startswith("atf_"):
            columns[name] = np.full_like(values, np.nan), meaning | {"verdict": "not_measured"}


def test_without_force_plates_angles_are_compared_and_loads_are_listed_as_not_measured(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path)
    study.write_aligned(_unmeasured)
    folder = _evaluate(study)
    assert set(_summary(folder)["label"]) == {"knee_angle_rad"}
    left_out = json.loads((folder / "small.statistics.json").read_text())["left_out"]
    assert {row["reason"] for row in left_out if "atf_" in row["where"]} == {"VERDICT_NOT_MEASURED"}
    with pytest.raises(DataError) as caught:
        _evaluate(study, labels=("atf_bw",))
    assert caught.value.code == "TARGET_WITHOUT_LABELS" and "NOT_MEASURED" in caught.value.found


BIAS = {"p1": 0.2, "p2": -0.1, "p3": 0.3, "p4": -0.2}


def write_variants(study: SmallStudy) -> None:
    """Equal estimates in two variants, of which one tests the first half of every trial; worse ones in a third."""
    for variant, until_s, factor in (("long", np.inf, 1.0), ("short", 3.5, 1.0), ("worse", np.inf, 1.5)):
        for worn, size in (("pelvis", 1.0), ("tibia", 3.0), ("pelvis+tibia", 1.01)):
            study.write_predictions(
                "ridge",
                lambda label, person, size=size, factor=factor: label + factor * size * BIAS[person],
                variant=variant,
                sensor_set=worn,
                until_s=until_s,
            )


def test_the_same_estimates_score_the_same_in_every_variant(study: SmallStudy) -> None:
    write_variants(study)
    table = _summary(_evaluate(study)).query("estimator == 'ridge' and sensor_set == 'pelvis'").set_index("variant")
    told = [
        name for name in table.columns if name not in ("rank", "coverage", "n_segments") and table[name].dtype == float
    ]
    assert len(told) > 20 and table["n_segments"].nunique() == 1
    pd.testing.assert_series_equal(table.loc["long", told], table.loc["short", told], check_names=False)
    assert table.loc["short", "coverage"] < 0.6 < table.loc["long", "coverage"]
    assert table.loc["worse", "rmse_mean"] == pytest.approx(1.5 * table.loc["long", "rmse_mean"])


def test_variants_sensor_sets_and_labels_are_tested_against_each_other(study: SmallStudy) -> None:
    write_variants(study)
    folder = _evaluate(study, common_segments=True)
    statistics = json.loads((folder / "small.statistics.json").read_text())
    rows = {
        (row["variant"], row["against"]): row
        for row in statistics["variants"]
        if (row["metric"], row["sensor_set"], row["label"]) == ("rmse", "pelvis", "atf_bw")
    }
    assert rows["long", "short"]["not_made"] == "everybody differs by the same"
    assert rows["long", "worse"]["difference"] == pytest.approx(-0.5 * np.mean([abs(one) for one in BIAS.values()]))
    assert rows["long", "worse"]["n"] == 4 and rows["long", "worse"]["tost"]["equivalent"] is False
    best = pd.read_csv(folder / "small.sets.tsv", sep="\t").set_index(["variant", "label"]).loc[("long", "atf_bw")]
    assert (best["best"], best["worst"], best["sets"], best["n_subjects"]) == ("pelvis", "tibia", 3, 4)
    assert (best["not_worse"], best["fewest_sensors"]) == ("pelvis+tibia", "pelvis")
