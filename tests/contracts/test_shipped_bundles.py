"""Trained estimators of the repository are of today's labels, small, and say what they are not valid for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gaitload.bundles.card import card_of
from gaitload.bundles.file import METHOD_OLDEST, read_bundle, run_graph, study_of, write_bundle
from gaitload.bundles.likeness import Likeness
from gaitload.errors import ConfigError
from gaitload.stages.labels import METHOD_VERSION

FOLDER = Path(__file__).resolve().parents[2] / "workflow" / "bundles"
BUNDLES = sorted(FOLDER.glob("*.gaitload"))


def test_they_are_there_and_take_less_than_a_megabyte() -> None:
    assert {path.stem for path in BUNDLES} == {"running_pelvis", "running_tibia", "running_pelvis+tibia"}
    assert sum(path.stat().st_size for path in BUNDLES) < 1e6


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.stem)
def test_a_bundle_is_of_these_labels_and_has_intervals(path: Path) -> None:
    bundle = read_bundle(path)
    assert bundle.document["labels"]["method_version"] == METHOD_VERSION, "train it again: workflow/bundles/README.md"
    assert bundle.card.splitlines()[2].startswith("**Valid for")
    command = bundle.document["command"]
    assert f"`{command}`" in bundle.card and command.startswith("snakemake bundles")
    assert not set("<>") & set(command), "a shell would read it as a file"
    assert bundle.card == card_of(bundle.document), "bundle and words of the card are of one version"
    assert len(bundle.document["refused"]) <= 0.05 * bundle.document["training"]["trials"]
    for target in bundle.document["targets"].values():
        for found in (target, target["calibrated"]):
            assert found["intervals"]["people"] >= 10
            for held in found["intervals"]["coverage"].values():
                assert held["low"] <= 0.9 <= held["high"], "the bootstrap interval over people holds the level"
        assert target["calibrated"]["errors"]["rmse"] < target["errors"]["rmse"]


def test_a_bundle_of_older_labels_is_refused_until_it_is_trained_again(tmp_path: Path) -> None:
    bundle = read_bundle(BUNDLES[0])
    older = bundle.document["labels"] | {"method_version": METHOD_OLDEST - 1}
    write_bundle(tmp_path / "older.gaitload", replace(bundle, document=bundle.document | {"labels": older}))
    with pytest.raises(ConfigError, match="BUNDLE_OUTDATED"):
        read_bundle(tmp_path / "older.gaitload")


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.stem)
def test_the_mean_window_gives_the_mean_loads(path: Path) -> None:
    bundle = read_bundle(path)
    study, likeness = study_of(bundle), Likeness.from_arrays(bundle.arrays)
    sensors, (before, after) = bundle.document["sensors"], study.window.context
    frames = before + study.window.points + after
    inputs = likeness.mean.reshape(1, frames, 6 * len(sensors)).astype(np.float32)
    middle = [[np.mean(bundle.document["covariates"][name]) for name in study.covariates]]
    peaks = run_graph(bundle.graph, inputs, np.array(middle, np.float32))[0].max(axis=0)
    for peak, name in zip(peaks, bundle.document["target_names"], strict=True):
        assert peak == pytest.approx(bundle.document["targets"][name]["errors"]["peak_mean"], rel=0.25), name
