"""The notebook runs from its first cell to its last, and is small."""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib
import pytest

from gaitload.bundles import predict as predict_module
from gaitload.imu.judgement import judge_sensors

ROOT = Path(__file__).resolve().parents[3]
NOTEBOOK = ROOT / "docs" / "notebooks" / "predict.ipynb"


def test_every_cell_of_the_notebook_runs(without_gates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(predict_module, "judge_sensors", judge_sensors)
    matplotlib.use("Agg")
    names: dict = {}
    cells = [cell for cell in json.loads(NOTEBOOK.read_text())["cells"] if cell["cell_type"] == "code"]
    for cell in cells:
        exec(compile("".join(cell["source"]), str(NOTEBOOK), "exec"), names)
    assert len(names["prediction"].windows) > 12 and names["loads"]
    assert NOTEBOOK.stat().st_size < 100_000
