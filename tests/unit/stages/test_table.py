"""One row a trial."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from gaitload.config import Config
from gaitload.errors import DataError
from gaitload.quality import Quality, judge, not_judged
from gaitload.stages.job import STAGES
from gaitload.stages.shard import run_shard
from gaitload.stages.table import cohort_table, summary_line, write_cohort_table


def _refuse(job, out: Path) -> None:
    raise DataError(expected="frames", found="none", where=job.where, do="Record again.", code="EMPTY")


def _poor(job, out: Path) -> Quality:
    gates = (
        judge("RESERVE", 0.3, unit="", reason="large", fail_above=0.1),
        judge("SATURATED", 0.06, unit="", reason="many", warn_above=0.05),
        not_judged("RESIDUAL", reason="no trunk markers"),
    )
    return Quality("loads", job.where, gates, {"achilles_peak_bw": 6.25, "muscles": ["soleus_r"]})


@pytest.fixture
def ran(jobs, toy, files) -> None:
    """All stages: walk1 fails in loads, walk2 is refused at the door, walk3 is fine."""
    acts = {"ingest": {"walk2": _refuse}, "loads": {"walk1": _poor}}
    for name in STAGES:
        trials = ("stand", "walk1", "walk2", "walk3") if name == "ingest" else ()
        run_shard(toy(name, acts.get(name, {})), jobs(name, *trials), files.manifest, files.log)


@pytest.fixture
def table(ran, cohort, tmp_path: Path) -> pd.DataFrame:
    """The table of that, by trial."""
    return cohort_table(Config(), cohort, tmp_path / "results").set_index("trial")


def test_every_trial_has_its_row_and_the_gravest_verdict(table: pd.DataFrame) -> None:
    assert table["verdict"].to_dict() == {"stand": "passed", "walk1": "failed", "walk2": "refused", "walk3": "passed"}
    assert table.loc["walk1", "verdict_loads"] == "failed"
    assert table.loc["walk1", "verdict_labels"] == "passed"
    assert table.loc["stand", "verdict_loads"] == ""


def test_reasons_stand_with_the_stage_they_came_from_once(table: pd.DataFrame) -> None:
    assert table["reasons"].to_dict() == {
        "stand": "",
        "walk1": "loads:RESERVE;loads:SATURATED",
        "walk2": "ingest:EMPTY",
        "walk3": "",
    }
    assert table.loc["walk1", "not_judged"] == "loads:RESIDUAL"
    assert table.loc["walk2", "refusal"] == "lab/p1/walk2: expected frames; found none. Record again."


def test_numbers_have_columns_and_lists_do_not(table: pd.DataFrame) -> None:
    assert table.loc["walk1", "loads_achilles_peak_bw"] == 6.25
    assert pd.isna(table.loc["walk3", "loads_achilles_peak_bw"])
    assert "loads_muscles" not in table


def test_the_file_reads_back_and_the_summary_counts(ran, table, cohort, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_cohort_table(
            Config(), cohort, tmp_path / "results", table=tmp_path / f"{name}.tsv", log=tmp_path / "log.txt"
        )
    assert (tmp_path / "one.tsv").read_bytes() == (tmp_path / "two.tsv").read_bytes()
    read = pd.read_csv(tmp_path / "one.tsv", sep="\t")
    assert len(read) == 4
    assert summary_line("lab", read) == "lab: 4 trials, 2 passed, 1 failed, 1 refused"
    assert (tmp_path / "log.txt").read_text() == "lab: 4 trials, 2 passed, 1 failed, 1 refused\n"


def test_a_stage_that_did_not_run_is_named(cohort, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="STAGE_NOT_RUN"):
        cohort_table(Config(), cohort, tmp_path / "results")
