"""Columns that nobody understands are asked about, with what their numbers look like."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gaitload.discovery.column_draft import Draft, draft_of, drafts_of
from imu_files import delimited, swing

MOTION = swing(300, 60.0)
NOISE = np.random.default_rng(4).normal(0.0, 0.01, (2, 300, 3))
TIME_MS = 1000.0 * np.arange(300) / 60.0
SIGNALS = [*(MOTION.acc + NOISE[0]).T, *(MOTION.gyr + NOISE[1]).T]
NAMES = ["k", "c1", "c2", "c3", "c4", "c5", "c6"]


@pytest.mark.parametrize("above", ["", "Logger 3\nsomething\n"])
def test_columns_are_drafted_by_their_numbers(tmp_path: Path, above: str) -> None:
    (tmp_path / "walk.csv").write_text(above + delimited(NAMES, [TIME_MS, *SIGNALS], ";"))
    channels = {"acc": ("c1", "c2", "c3"), "gyr": ("c4", "c5", "c6")}
    assert draft_of(tmp_path / "walk.csv") == Draft("k", "ms", channels, "m/s2")


def test_an_orientation_alone_is_drafted(tmp_path: Path) -> None:
    (tmp_path / "walk.csv").write_text(delimited(NAMES[:5], [TIME_MS, *MOTION.orientation_wxyz.T]))
    assert draft_of(tmp_path / "walk.csv") == Draft("k", "ms", {"quaternion": ("c1", "c2", "c3", "c4")}, None)


@pytest.mark.parametrize(
    "columns",
    [
        [np.arange(300), *SIGNALS],
        [TIME_MS, *(1e5 * column for column in SIGNALS)],
        [TIME_MS[::-1], *SIGNALS],
        [column[:20] for column in (TIME_MS, *SIGNALS)],
    ],
    ids=["frames instead of times", "other quantities", "no clock", "few rows"],
)
def test_tables_of_other_things_are_not_drafted(tmp_path: Path, columns: list[np.ndarray]) -> None:
    (tmp_path / "walk.csv").write_text(delimited(NAMES, columns))
    assert draft_of(tmp_path / "walk.csv") is None


def test_files_of_the_same_columns_are_one_question(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv", "notes.txt", "other.md"):
        (tmp_path / name).write_text("hello" if name == "notes.txt" else delimited(NAMES, [TIME_MS, *SIGNALS]))
    (question,) = drafts_of(tmp_path, ["a.csv", "b.csv", "notes.txt", "other.md"])
    assert question.where == "cohort.yaml, imu_columns"
    assert "a.csv, b.csv may be" in question.text and 'acc: ["c1", "c2", "c3"]' in question.text
