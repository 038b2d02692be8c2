"""Labels of the shipped cohorts are those of the table beside this file, to the digits in which machines differ.

Where a change of the method is meant, run this file (`python tests/golden/test_unchanged.py`): it writes the table
anew, and the difference goes into CHANGELOG.md with the reason.
"""

from __future__ import annotations

import csv
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gaitload.cohorts.reader import load_cohort
from gaitload.cohorts.tables import Cohort, raw_dir_variable
from gaitload.config import Config, parse_config
from gaitload.io.tables import read_table
from gaitload.stages.job import jobs_of
from gaitload.stages.record import record_participant
from gaitload.stages.shard import run_shard, stage_module

REPOSITORY = Path(__file__).resolve().parents[2]
TABLE = Path(__file__).with_suffix(".tsv")
CASES = {
    ("embedded", "p1", "walk"): (1.0, 1.3),
    ("fukuchi2017", "RBDS001", "runT35"): (2.0, 2.3),
    ("rajagopal2016", "walker", "walk"): (0.7, 1.0),
    ("rajagopal2016", "runner", "run"): (0.9, 1.2),
}
"""Cohort, participant and trial, and the part that is labelled (s)."""
TOLERANCE_SHARE = 2e-3
"""Tolerance as a share of the span of a column: solvers stop at 1e-4 of it."""
_STAGES = ("scale", "kinematics", "loads", "labels")

pytestmark = pytest.mark.slow


def labelled(case: tuple[str, str, str], results: Path) -> dict[str, tuple[float, float, float]]:
    """Smallest, mean and largest value of every label column of a case, by column."""
    name, who, trial = case
    settings = {"cohorts": name, "results_dir": str(results), "embedded": {"people": 1, "duration_s": 2.0}}
    config = parse_config(settings)
    cohort = load_cohort(REPOSITORY / "workflow" / "cohorts" / name, root=REPOSITORY, results=results)
    statics = [row.trial_id for row in cohort.statics_of(who)]
    window = dict(zip(("start_s", "end_s"), CASES[case], strict=True))
    rows = [
        row.model_copy(update=window if row.trial_id == trial else {})
        for row in cohort.trials
        if row.participant_id == who and row.trial_id in {trial, *statics}
    ]
    people = tuple(person for person in cohort.participants if person.participant_id == who)
    cohort = replace(cohort, participants=people, trials=tuple(rows))
    if cohort.spec.made_by:
        record_participant(config, cohort, who, log=results / "record.log")
    _run("ingest", statics, config, cohort, results)
    for stage in ("ingest", *_STAGES):
        job = _run(stage, [trial], config, cohort, results)
    values, _, _ = read_table(job.product("labels", ".parquet"))
    kept = {column: np.asarray(series) for column, series in values.items() if column != "time_s"}
    return {
        column: (float(np.nanmin(series)), float(np.nanmean(series)), float(np.nanmax(series)))
        for column, series in kept.items()
        if np.isfinite(series).any()
    }


def _run(stage: str, trials: list[str], config: Config, cohort: Cohort, results: Path):
    (who,) = (person.participant_id for person in cohort.participants)
    jobs = jobs_of(stage, trials, config=config, cohort=cohort, participant_id=who, results=results)
    run_shard(stage_module(stage), jobs, manifest=results / f"{stage}.json", log=results / f"{stage}.log")
    return jobs[-1]


def committed() -> dict[tuple[str, str, str], dict[str, tuple[float, float, float]]]:
    """The table, by case and column."""
    found: dict = {}
    with TABLE.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            case = row["cohort"], row["participant_id"], row["trial_id"]
            found.setdefault(case, {})[row["column"]] = tuple(float(row[one]) for one in ("least", "mean", "most"))
    return found


@pytest.mark.parametrize("case", CASES, ids="/".join)
def test_labels_are_those_of_the_table(case, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if case[0] != "embedded":
        monkeypatch.setenv(raw_dir_variable(case[0]), str(shared / case[0]))
    known, found = committed()[case], labelled(case, tmp_path)
    assert found.keys() == known.keys()
    changed = {
        column: (known[column], found[column])
        for column in known
        if np.abs(np.subtract(known[column], found[column])).max()
        > TOLERANCE_SHARE * max(known[column][2] - known[column][0], 0.05)
    }
    assert not changed, f"{len(changed)} of {len(known)} columns: {dict(list(changed.items())[:5])}"


def main() -> None:
    """Write the table anew; the first argument is the folder of the recordings."""
    shared = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("GAITLOAD_SHARED", "../shared/data"))
    lines = ["cohort\tparticipant_id\ttrial_id\tcolumn\tleast\tmean\tmost"]
    for case in CASES:
        if case[0] != "embedded":
            os.environ[raw_dir_variable(case[0])] = str(shared.resolve() / case[0])
        with tempfile.TemporaryDirectory() as results:
            for column, values in labelled(case, Path(results)).items():
                lines.append("\t".join((*case, column, *(f"{value:.6g}" for value in values))))
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
