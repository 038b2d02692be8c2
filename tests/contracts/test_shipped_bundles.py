"""Trained estimators of the repository are of today's labels, small, and say what they are not valid for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gaitload.bundles.file import read_bundle, run_graph, study_of
from gaitload.bundles.likeness import Likeness
from gaitload.stages.labels import METHOD_VERSION

FOLDER = Path(__file__).resolve().parents[2] / "workflow" / "bundles"
BUNDLES = sorted(FOLDER.glob("*.gaitload"))


def test_they_are_there_and_take_less_than_a_megabyte() -> None:
    assert len(BUNDLES) >= 2
    assert sum(path.stat().st_size for path in BUNDLES) < 1e6


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.stem)
def test_a_bundle_is_of_these_labels_and_has_intervals(path: Path) -> None:
    bundle = read_bundle(path)
    assert bundle.document["labels"]["method_version"] == METHOD_VERSION, "train it again: workflow/bundles/README.md"
    assert bundle.card.splitlines()[2].startswith("**Valid for")
    for target in bundle.document["targets"].values():
        assert target["intervals"]["people"] >= 10
        assert min(target["intervals"]["coverage"].values()) >= 0.85


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
