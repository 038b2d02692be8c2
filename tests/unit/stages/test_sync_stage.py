"""What synchronisation writes down: numbers first, every key described."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from gaitload.stages.sync import document_text
from gaitload.sync.search import synchronise
from sync_motion import Motion, recorded


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Of one search, done twice."""
    motion, imu_s = Motion(2, 7), np.arange(0, 6, 1 / 60)
    imu, mocap = recorded(motion, imu_s, at_s=3.0 + imu_s), recorded(motion, np.arange(0, 20, 0.01))
    return [document_text(synchronise(imu, mocap)) for _ in range(2)]


def test_equal_results_are_equal_bytes(texts: list[str]) -> None:
    assert texts[0] == texts[1]


def test_numbers_come_before_curves(texts: list[str]) -> None:
    document = json.loads(texts[0])
    kinds = [type(value) for value in document.values()]
    assert kinds == sorted(kinds, key=(float, dict, list).index)
    assert next(iter(document)) == "offset_s"


def test_every_key_is_described(texts: list[str], repository: Path) -> None:
    page = (repository / "docs" / "sync.md").read_text()
    rows = re.findall(r"^\| (`.*?`) \|", page.partition("## What it writes")[2], flags=re.MULTILINE)
    described = [key for row in rows for key in re.findall(r"`(\w+)`", row)]
    document = json.loads(texts[0])
    whole, sensor = set(document), set(next(iter(document["sensors"].values())))
    assert set(described) == whole | sensor
    assert len(described) == len(whole) + len(sensor)
