"""The known errors of labels: one table, quoted by the docs, from what the benchmark found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.truth import known_of
from benchmarks.truth_known import text_of
from gaitload.config import parse_config
from gaitload.known_errors import TABLE, known_error, known_errors, markdown

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_table_is_what_the_benchmark_found():
    found = json.loads((DOCS / "benchmarks" / "truth.json").read_text(encoding="utf-8"))
    assert TABLE.read_text(encoding="utf-8") == text_of(known_of(found))


def test_the_limits_quote_the_table():
    # Where it fails: put what `gaitload.known_errors.markdown` gives into docs/limits.md.
    assert markdown() in (DOCS / "limits.md").read_text(encoding="utf-8")


def test_the_readme_and_the_limits_say_the_same_of_the_knee():
    total = known_error("kcf_norm", parse_config({}), "walk")
    assert f"{total.rmse_bw:.2f} body weights off" in (DOCS.parent / "README.md").read_text(encoding="utf-8")


def test_of_the_defaults_in_walking_the_knee_is_known():
    names = {error.label for error in known_errors()}
    assert names == {"kcf_norm", "kcf_med", "kcf_lat"}
    for name in names:
        error = known_error(name, parse_config({}), "walk")
        assert (
            error.model == "rajagopal2023" and f"{error.rmse_bw:.2f} BW" in error.words and "people: 1" in error.words
        )


@pytest.mark.parametrize(
    ("settings", "activity", "label"),
    [
        ({}, "run", "kcf_norm"),
        ({}, "walk", "hcf_norm"),
        ({}, "walk", "kcf_y"),
        ({"model": "rajagopal2015"}, "walk", "kcf_norm"),
        ({"label_mode": "opensim"}, "walk", "kcf_norm"),
        ({"muscles": {"tendons": "rigid"}}, "walk", "kcf_norm"),
    ],
)
def test_of_what_nobody_measured_nothing_is_known(settings, activity, label):
    assert known_error(label, parse_config(settings), activity) is None


def test_mode_opensim_is_known_with_the_model_it_was_measured_with():
    config = parse_config({"label_mode": "opensim", "model": "rajagopal2015"})
    assert known_error("kcf_norm", config, "walk").rmse_bw > known_error("kcf_norm", parse_config({}), "walk").rmse_bw
