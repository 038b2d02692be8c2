"""What is made of estimates: stances, sums, tables and the page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitload.bundles.command import predict_files
from gaitload.bundles.file import read_bundle
from gaitload.bundles.outcome import Outcome, cadence_per_min, covered_share, loading_rate, outcome_of
from gaitload.bundles.page import _table
from gaitload.bundles.predict import predict
from gaitload.errors import ConfigError
from gaitload.windows.tables import read_trial
from synthetic_aligned import sensors_of

ROOT = Path(__file__).resolve().parents[3]


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
    assert "Achilles tendon force, right (atf_r_bw): mean peak" in said and "report.html" in said
    page = (tmp_path / "out/report.html").read_text()
    assert page.count("<svg") == 4
    assert page.index("Valid for") < page.index("<table>"), "limits come first"
    assert "<th>RMSE (held-out)</th>" in page and "|---" not in page, "the card is set as a page"
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
    assert outcome.summary["peak_half_width"].iloc[0] == first["peak_half_width"]
    assert outcome.summary["windows"].sum() == len(prediction.targets) * len(prediction.windows)
    ramp = np.linspace(0, 2, 21)
    assert loading_rate(np.linspace(0, 0.5, 21), ramp) == pytest.approx(4.0)
    assert np.isnan(loading_rate(np.linspace(0, 0.5, 21), ramp[::-1]))


def test_a_foot_that_was_not_seen_is_a_dash_on_the_page():
    row = {"target": "atf_bw", "unit": "bw", "windows": 3, "peak_mean": 5.0, "peak_right": 5.0, "peak_left": np.nan}
    row |= {"asymmetry_percent": np.nan, "total_s": 4.0, "total_half_width_s": np.nan, "level": np.nan}
    row |= {"peak_half_width": np.nan}
    page = _table(Outcome(pd.DataFrame(), pd.DataFrame([row]), {}, np.nan), "stances")
    assert "nan" not in page and page.count("<td>-</td>") == 3, "left, asymmetry and interval"
    assert "Achilles tendon force<br>" in page


def test_windows_that_overlap_count_once_in_the_sum_over_a_recording(results, bundle):
    read = read_bundle(bundle)
    prediction = predict(read, sensors_of(results))
    summary = outcome_of(prediction, read.document["targets"]).summary.set_index("target")
    for number, name in enumerate(prediction.targets):
        mean = prediction.estimates[..., number].mean()
        covered_s = prediction.windows.time_s.max() - prediction.windows.time_s.min()
        assert summary.loc[name, "total_s"] == pytest.approx(mean * covered_s, rel=0.05)
    apart = np.array([[0.0, 0.3], [0.7, 1.0], [0.2, 0.5]])
    assert covered_share(apart, np.array(["r", "r", "l"])) == pytest.approx(1.0)
    assert covered_share(apart, np.array(["r", "r", "r"])) == pytest.approx(0.8 / 0.9)


def test_cadence_counts_steps_whichever_feet_are_seen():
    start_s, side = np.arange(12) * 0.36, np.array(["r", "l"] * 6)
    right = side == "r"
    assert cadence_per_min(start_s, side) == pytest.approx(60 / 0.36)
    assert cadence_per_min(start_s[right], side[right]) == pytest.approx(60 / 0.36)
    assert np.isnan(cadence_per_min(start_s, np.full(12, "")))
