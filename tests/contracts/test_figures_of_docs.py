"""What draws the pictures of the documentation says in a sentence which labels it lacks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FIGURES = Path(__file__).resolve().parents[2] / "docs" / "figures"


@pytest.mark.parametrize("script", sorted(FIGURES.glob("*.py")), ids=lambda path: path.stem)
def test_labels_that_are_not_there_are_told_in_one_sentence(script: Path, tmp_path: Path) -> None:
    folder = tmp_path / "docs" / "figures"
    folder.mkdir(parents=True)
    shutil.copy(script, folder)
    command = [sys.executable, f"docs/figures/{script.name}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("No results/labels/") and "first run `snakemake labels" in sentence
    assert {path.name for path in folder.iterdir()} == {script.name}
