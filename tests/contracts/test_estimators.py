"""What holds for every estimator, those added later included."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from gaitload.errors import ConfigError
from gaitload.estimators import Estimator, estimator_names, network_options, require_estimators
from gaitload.registry import modules_of
from gaitload.study import Study
from gaitload.training.fold import estimator_of

MODULES = {name: estimator_of(name) for name in modules_of("gaitload.estimators", required=("ABOUT",))}
NETWORKS = [name for name, module in MODULES.items() if module.ABOUT.kind == "network"]
FLOORS = [name for name, module in MODULES.items() if module.ABOUT.kind == "floor"]
ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("windows", "estimators", "training", "protocols.py", "study", "stages/estimators.py", "stages/scorable.py")


@pytest.mark.parametrize("name", MODULES)
def test_an_estimator_says_where_it_comes_from(name: str) -> None:
    about = MODULES[name].ABOUT
    assert isinstance(about, Estimator) and about.source


def test_those_that_are_wanted_are_there() -> None:
    assert set(NETWORKS) >= {"lstm", "cnn", "bilstm_mlp", "tcn", "rnn", "gru", "cnn2d_lstm"}
    assert set(FLOORS) >= {"phase_mean", "ridge", "knn"}
    assert set(estimator_names()) == set(MODULES)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize(("frames", "inputs", "outputs"), [(50, 72, 10), (51, 6, 1)])
def test_a_network_estimates_every_frame_and_can_learn(name: str, frames: int, inputs: int, outputs: int) -> None:
    torch.manual_seed(0)
    network = MODULES[name].build(inputs, outputs, frames)
    window = torch.randn(3, frames, inputs)
    estimate = network(window)
    assert estimate.shape == (3, frames, outputs)
    estimate.square().mean().backward()
    assert all(weights.grad is not None and weights.grad.isfinite().all() for weights in network.parameters())


@pytest.mark.parametrize("name", NETWORKS)
def test_windows_of_a_batch_do_not_see_each_other(name: str) -> None:
    torch.manual_seed(0)
    network = MODULES[name].build(6, 2, 20).eval()
    windows = torch.randn(4, 20, 6)
    with torch.inference_mode():
        torch.testing.assert_close(network(windows)[2:3], network(windows[2:3]), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", FLOORS)
def test_a_floor_gives_curves_for_people_unseen(name: str) -> None:
    random = np.random.default_rng(0)
    inputs, covariates = random.standard_normal((40, 11, 3)).astype(np.float32), np.zeros((40, 1), np.float32)
    targets, groups = random.standard_normal((40, 11, 2)).astype(np.float32), np.repeat(list("abcd"), 10)
    predict = MODULES[name].fit(inputs, covariates, targets, groups).estimate
    estimate = predict(inputs[:7], covariates[:7])
    assert estimate.shape == (7, 11, 2) and estimate.dtype == np.float32 and np.isfinite(estimate).all()
    assert predict(inputs[:0], covariates[:0]).shape == (0, 11, 2), "most protocols calibrate with nothing"
    alone = MODULES[name].fit(inputs[:10], covariates[:10], targets[:10], groups[:10]).estimate
    assert np.isfinite(alone(inputs[:2], covariates[:2])).all()


def test_options_of_networks_are_those_of_their_builders() -> None:
    for name in NETWORKS:
        signature = inspect.signature(MODULES[name].build).parameters.values()
        assert network_options(name) == {each.name for each in signature if each.kind is each.KEYWORD_ONLY} != set()
    assert all(network_options(name) == set() for name in FLOORS)


def test_the_published_cnn_has_as_many_weights_as_its_authors_say() -> None:
    """Hur et al. 2025: 72 inputs, 10 angles, windows of 50; about 12,600 parameters."""
    network = MODULES["cnn"].build(72, 10, 50, head="time")
    assert sum(values.numel() for values in network.parameters()) == 12_592


def test_planning_jobs_does_not_load_torch() -> None:
    planned = "import sys, gaitload.config, gaitload.estimators, gaitload.cohorts.reader; print('torch' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", planned], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


def test_a_misspelt_estimator_is_named() -> None:
    with pytest.raises(ConfigError, match="did you mean lstm") as caught:
        require_estimators(Study(estimators=("cnn", "lstmm")))
    assert caught.value.code == "STUDY_ESTIMATOR_UNKNOWN"


def codes_raised() -> set[str]:
    """Codes of errors of the rooms of estimators."""
    source = ROOT / "src/gaitload"
    places = [source / room for room in ROOMS]
    paths = [path for place in places for path in (sorted(place.glob("*.py")) if place.is_dir() else [place])]
    calls = [node for path in paths for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    words = [word.value for call in calls for word in call.keywords if word.arg == "code"]
    leaks = {"LEAK_SUBJECTS", "LEAK_FRAMES"}
    return leaks | {word.value for word in words if isinstance(word, ast.Constant) and isinstance(word.value, str)}


def test_every_code_and_estimator_is_explained() -> None:
    guide = (ROOT / "docs/estimators.md").read_text()
    codes = codes_raised()
    assert {"STUDY_EMPTY", "CHECKPOINT_FOREIGN"} <= codes
    assert {name for name in (*codes, *MODULES) if f"`{name}`" not in guide} == set()
    assert set(re.findall(r"`((?:STUDY|CHECKPOINT|LEAK)_[A-Z_]+)`", guide)) <= codes
