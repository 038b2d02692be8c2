"""What synchronisation writes down: numbers first, every key described."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from gaitload.stages.sync import document_text, found_by
from gaitload.sync.search import synchronise
from gaitload.sync.streams import Orientations
from sync_motion import Motion, recorded


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Of one search, done twice."""
    motion, imu_s = Motion(2, 7), np.arange(0, 6, 1 / 60)
    imu, mocap = recorded(motion, imu_s, at_s=3.0 + imu_s), recorded(motion, np.arange(0, 20, 0.01))
    return [document_text(synchronise(imu, mocap)) for _ in range(2)]


def test_equal_results_are_equal_bytes(texts: list[str]) -> None:
    assert texts[0] == texts[1]


def test_what_was_not_found_is_read_back_as_missing(jobs) -> None:
    """Sensors that never turned: nothing to match, and a document that is JSON all the same."""
    time_s = np.arange(0, 6, 0.01)
    still = np.tile([1.0, 0.0, 0.0, 0.0], (len(time_s), 1, 1))
    found = synchronise(Orientations(("a",), time_s, still), Orientations(("pelvis",), time_s, still))
    (job,) = jobs("sync", "walk1")
    path = job.product("sync", ".json")
    path.parent.mkdir(parents=True)
    path.write_text(document_text(found))
    assert "NaN" not in path.read_text()
    read = found_by(job)
    assert np.isnan(read["offset_s"]) and np.isnan(read["sensors"]["a"]["heading_rad"])
    assert np.isnan(read["sensors"]["a"]["sensor_to_segment_wxyz"]).all()
    assert read["sensors"]["a"]["segment"] == "pelvis"


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
