"""The check at the end of a cohort that was made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitload.config import Config
from gaitload.conventions import body_weight_n
from gaitload.errors import ContractError
from gaitload.io.tables import write_table
from gaitload.io.trials import SUFFIX, write_trial
from gaitload.stages.truth import write_truth_table
from gaitload.trial import Markers, Step, Trial, Validity
from gaitload.truth import ANGLES, BOUNDS, MOMENTS

TIME_S = np.arange(301) / 100.0


@pytest.fixture
def made(cohort, jobs, tmp_path: Path):
    """A made cohort with one walk, labelled as truly as `off_nm` says at the knee."""
    walk = cohort.motions_of("p1")[0]
    small = replace(cohort, trials=(*cohort.statics_of("p1"), walk))
    weight_n = body_weight_n(small.by_id["p1"].mass_kg)

    def label(off_nm: float | None) -> None:
        columns = {"time_s": TIME_S}
        for side in "rl":
            columns |= {f"{name}_{side}_rad": TIME_S for name in ANGLES}
            columns |= {f"{name}_{side}_nm": 1.0 + TIME_S for name in MOMENTS}
            columns |= {f"{name}_{side}_bw": TIME_S for name in ("atf", "ptf")}
            columns |= {f"{name}_{side}_norm_bw": TIME_S for name in ("acf", "kcf", "hcf")}
            columns |= {f"cop_{side}_{axis}_m": TIME_S for axis in "xyz"}
            columns |= {f"grf_{side}_{axis}_n": np.full(301, weight_n / 2) for axis in "xyz"}
            columns[f"contact_{side}"] = TIME_S % 1.0 < 0.6
        meant = {name: (values, {}) for name, values in columns.items()}
        write_table(small.truth_of(walk), meant, {"residual_bw": 0.001})
        job = jobs("labels", "walk1")[0]
        steps = tuple(Step("belt", side, 0.0, 3.1, 700.0, -0.02, 0.2, 0.0, 1.0, True, "") for side in "rl")
        markers = Markers(("RASI",), TIME_S, np.zeros((301, 1, 3)))
        validity = Validity(TIME_S, np.zeros((301, 2), dtype=np.uint8))
        job.product("ingest", SUFFIX).parent.mkdir(parents=True, exist_ok=True)
        write_trial(job.product("ingest", SUFFIX), Trial(markers, None, validity, (0.0, 3.0), steps=steps))
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
    assert set(table["quantity"]) == BOUNDS.keys() - {"sync"}
    assert table["ok"].all()


def test_a_quantity_that_misses_fails_the_check_by_name_and_the_log_keeps_the_table(made):
    label, check = made
    label(1.0)
    with pytest.raises(ContractError) as caught:
        check()
    assert caught.value.code == "TRUTH_MISSED"
    assert "p1/walk1 knee_moment 0.2703 share of peak (bound 0.05)" in caught.value.found
    assert "ankle" not in caught.value.found


def test_a_trial_that_was_refused_has_not_met_the_truth(made):
    label, check = made
    label(None)
    with pytest.raises(ContractError, match="p1/walk1 labels nan"):
        check()
