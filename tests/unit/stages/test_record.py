"""Recordings of people who do not exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from gaitload.config import Config
from gaitload.errors import ConfigError
from gaitload.stages.record import record_participant


def test_nobody_is_made_without_a_height(cohort, tmp_path: Path):
    with pytest.raises(ConfigError, match=r"HEIGHT_MISSING\] lab/p1"):
        record_participant(Config(), cohort, "p1", log=tmp_path / "log")
    assert not (tmp_path / "log").exists()
