"""Recordings of people who do not exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from gaitload.cohorts.reader import load_cohort
from gaitload.config import Config
from gaitload.errors import ConfigError
from gaitload.stages.record import record_participant


def test_nobody_is_made_without_a_height(cohort, tmp_path: Path):
    with pytest.raises(ConfigError, match=r"HEIGHT_MISSING\] lab/p1"):
        record_participant(Config(), cohort, "p1", log=tmp_path / "log")
    assert not (tmp_path / "log").exists()


def test_what_takes_minutes_is_said_before_it_begins(repository, monkeypatch, capsys, tmp_path: Path):
    said = []
    monkeypatch.setattr("gaitload.stages.record.run_isolated", lambda *_, **__: said.append(capsys.readouterr().err))
    embedded = load_cohort(repository / "workflow/cohorts/embedded", root=repository, results=tmp_path)
    record_participant(Config(), embedded, "p1", log=tmp_path / "log")
    assert said == ["embedded/p1: a minute or two; the first run of a checkout compiles kernels, too\n"]
