"""The check at the end of a cohort that was made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitload.config import Config
from gaitload.errors import ContractError
from gaitload.io.tables import write_table
from gaitload.quality import Quality
from gaitload.stages.truth import write_truth_table
from gaitload.truth import ANGLES, MOMENTS

TIME_S = np.arange(10) / 100.0


@pytest.fixture
def made(cohort, jobs, tmp_path: Path):
    """A made cohort with one walk, labelled as truly as `off_nm` says at the knee."""
    walk = cohort.motions_of("p1")[0]
    small = replace(cohort, trials=(*cohort.statics_of("p1"), walk))

    def label(off_nm: float | None) -> None:
        columns = {"time_s": TIME_S}
        for side in "rl":
            columns |= {f"{name}_{side}_rad": TIME_S for name in ANGLES}
            columns |= {f"{name}_{side}_nm": 1.0 + TIME_S for name in MOMENTS}
            columns |= {
                f"{kind}_{side}_{axis}_{unit}": TIME_S for kind, unit in (("grf", "n"), ("cop", "m")) for axis in "xyz"
            }
        document = {"foot_of_plate": {"plate_1": "r"}}
        write_table(small.truth_of(walk), {name: (values, {}) for name, values in columns.items()}, document)
        job = jobs("labels", "walk1")[0]
        steps = [{"plate": "plate_1", "side": "r", "start_s": 0.0, "end_s": 0.1}]
        job.product("ingest", ".quality.json").parent.mkdir(parents=True, exist_ok=True)
        job.product("ingest", ".quality.json").write_text(Quality("ingest", job.where, (), {"steps": steps}).to_json())
        if off_nm is not None:
            columns["knee_moment_r_nm"] = columns["knee_moment_r_nm"] + off_nm
            write_table(job.product("labels", ".parquet"), {name: (values, {}) for name, values in columns.items()}, {})

    def check() -> pd.DataFrame:
        table, log = tmp_path / "truth.tsv", tmp_path / "truth.log"
        try:
            write_truth_table(Config(), small, tmp_path / "results", table=table, log=log)
        finally:
            assert log.read_text() == table.read_text()
        return pd.read_csv(table, sep="\t", keep_default_na=False)

    return label, check


def test_true_labels_have_a_row_per_quantity_and_pass(made):
    label, check = made
    label(0.0)
    table = check()
    assert list(table.columns) == ["participant", "trial", "quantity", "unit", "error", "bound", "ok"]
    assert len(table) == 9
    assert table["ok"].all()


def test_a_quantity_that_misses_fails_the_check_by_name_and_the_log_keeps_the_table(made):
    label, check = made
    label(0.5)
    with pytest.raises(ContractError) as caught:
        check()
    assert caught.value.code == "TRUTH_MISSED"
    assert "p1/walk1 knee_moment 0.4587 share of peak (bound 0.02)" in caught.value.found
    assert "ankle" not in caught.value.found


def test_a_trial_that_was_refused_has_not_met_the_truth(made):
    label, check = made
    label(None)
    with pytest.raises(ContractError, match="p1/walk1 labels nan"):
        check()
