"""A cohort of which every tenth recording is broken: all the others are labelled, and the broken ones say why."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from gaitload.cohorts.reader import load_cohort
from gaitload.cohorts.tables import Cohort
from gaitload.config import parse_config
from gaitload.stages.record import record_participant

TRIALS = 20
COLUMNS = "participant_id\ttrial_id\trole\tactivity\tfile\tstart_s\tend_s"


def _record(repository: Path, results: Path) -> Path:
    """Folder with somebody who stands and runs."""
    config = parse_config({"results_dir": str(results), "embedded": {"people": 1, "duration_s": 2}})
    whole = load_cohort(repository / "workflow/cohorts/embedded", root=repository, results=results).first(1)
    rows = tuple(row for row in whole.trials if row.trial_id in {"static", "run35"})
    cohort = Cohort(whole.spec, whole.raw_dir, whole.participants, rows)
    record_participant(config, cohort, "p1", log=results / "log")
    return cohort.raw_dir / "p1"


@pytest.fixture(scope="module")
def root(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a cohort of twenty runs, one of which is cut in half and one missing."""
    root = tmp_path_factory.mktemp("broken")
    made = _record(repository, root / "made")
    for folder in ("workflow", "opensim_models"):
        shutil.copytree(repository / folder, root / folder)
    for file in ("Snakefile", "config.yaml", "profiles"):
        shutil.copy(repository / file, root / file, follow_symlinks=False)
    (root / "raw").mkdir()
    shutil.copy(made / "static.c3d", root / "raw")
    names = [f"run{number}" for number in range(1, TRIALS + 1)]
    for name in names:
        shutil.copy(made / "run35.c3d", root / f"raw/{name}.c3d")
    whole = (root / "raw/run7.c3d").read_bytes()
    (root / "raw/run7.c3d").write_bytes(whole[: len(whole) // 2])
    (root / "raw/run13.c3d").unlink()
    folder = root / "workflow/cohorts/broken"
    shutil.copytree(root / "workflow/cohorts/embedded", folder)
    text = (folder / "cohort.yaml").read_text().partition("imu_files:")[0]
    text = text.replace("name: embedded", "name: broken").replace("made_by: embedded", "raw_dir: raw")
    (folder / "cohort.yaml").write_text(text)
    runs = [f"p1\t{name}\tmotion\trun\t{name}.c3d\t0.6\t1.2" for name in names]
    rows = [COLUMNS, "p1\tstatic\tstatic\tstatic\tstatic.c3d\t\t", *runs]
    (folder / "trials.tsv").write_text("\n".join(rows) + "\n")
    return root


def test_the_others_are_labelled_and_the_broken_ones_listed_with_reasons(root: Path, repository: Path) -> None:
    settings = ("--config", "cohorts=broken", f"shard_trials={TRIALS}")
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", "results/quality/broken.tsv", *settings],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(repository / "src")},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-5000:]
    table = pd.read_csv(root / "results/quality/broken.tsv", sep="\t", keep_default_na=False).set_index("trial")
    refused = table[table["verdict"] == "refused"]
    assert dict(refused["reasons"]) == {"run7": "ingest:C3D_TRUNCATED", "run13": "ingest:FILE_MISSING"}
    assert all(refused["refusal"].str.contains("expected .* found .*"))
    labelled = {path.stem for path in (root / "results/labels/broken/p1").glob("*.parquet")}
    assert labelled == set(table.index) - {"static", "run7", "run13"}
