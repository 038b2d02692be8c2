"""One person recorded with force plates and, in the same files, without: equal angles, and loads not measured."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitload.cohorts.reader import load_cohort
from gaitload.cohorts.tables import Cohort
from gaitload.config import parse_config
from gaitload.conventions import SIDES
from gaitload.io.c3d import read_c3d
from gaitload.io.tables import read_table
from gaitload.quality import read_quality
from gaitload.stages.record import record_participant

pytestmark = pytest.mark.slow
COHORTS = ("plates", "bare")
TRIALS = ("static", "walk")
COLUMNS = "participant_id\ttrial_id\trole\tactivity\tfile\timu_dir\tfoot_of_plate"
USED_BYTE = 8
"""From the name USED of a C3D parameter of two bytes to its value: name 4, offset 2, type 1, dimensions 1."""


def without_plates(path: Path) -> None:
    """Let a C3D file say that it has no force plate; nothing else of it changes."""
    content = bytearray(path.read_bytes())
    used = content.find(b"USED", content.find(b"FORCE_PLATFORM"))
    content[used + USED_BYTE : used + USED_BYTE + 2] = bytes(2)
    path.write_bytes(content)
    assert read_c3d(path).plates == ()


def recorded(repository: Path, results: Path) -> Path:
    """Folder of somebody who stands and walks, with plates and sensors."""
    config = parse_config({"results_dir": str(results), "embedded": {"people": 1, "duration_s": 3}})
    whole = load_cohort(repository / "workflow/cohorts/embedded", root=repository, results=results).first(1)
    rows = tuple(row for row in whole.trials if row.trial_id in TRIALS)
    cohort = Cohort(whole.spec, whole.raw_dir, whole.participants, rows)
    record_participant(config, cohort, "p1", log=results / "log")
    return cohort.raw_dir / "p1"


def describe(root: Path, name: str, plates: str) -> None:
    """The tables of a cohort; a person without plates is not weighed."""
    folder = root / "workflow/cohorts" / name
    shutil.copytree(root / "workflow/cohorts/embedded", folder)
    text = (folder / "cohort.yaml").read_text()
    text = text.replace("name: embedded", f"name: {name}").replace("made_by: embedded", f"raw_dir: raw/{name}")
    (folder / "cohort.yaml").write_text(text)
    mass = "79.1" if plates else ""
    (folder / "participants.tsv").write_text(f"participant_id\tmass_kg\theight_m\np1\t{mass}\t1.7\n")
    rows = [
        "p1\tstatic\tstatic\tstatic\tstatic.c3d\tstatic_imu\t",
        f"p1\twalk\tmotion\twalk\twalk.c3d\twalk_imu\t{plates}",
    ]
    (folder / "trials.tsv").write_text("\n".join([COLUMNS, *rows]) + "\n")


@pytest.fixture(scope="module")
def root(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with both cohorts, run to the report."""
    root = tmp_path_factory.mktemp("without_plates")
    made = recorded(repository, root / "made")
    for folder in ("workflow", "opensim_models"):
        shutil.copytree(repository / folder, root / folder)
    for file in ("Snakefile", "config.yaml", "profiles"):
        shutil.copy(repository / file, root / file, follow_symlinks=False)
    for name, plates in zip(COHORTS, ("plate_1=r,plate_2=l", ""), strict=True):
        shutil.copytree(made, root / "raw" / name)
        describe(root, name, plates)
    for trial in TRIALS:
        without_plates(root / "raw/bare" / f"{trial}.c3d")
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", "--config", f"cohorts={','.join(COHORTS)}"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(repository / "src")},
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert done.returncode == 0, done.stderr[-5000:]
    return root


def labels(root: Path, cohort: str, stage: str = "labels") -> tuple[dict[str, np.ndarray], dict[str, dict]]:
    return read_table(root / f"results/{stage}/{cohort}/p1/walk.parquet")[:2]


def test_angles_and_their_verdicts_are_those_with_plates(root: Path) -> None:
    (values, meanings), (bare, of_bare) = (labels(root, name) for name in COHORTS)
    angles = [name for name, meaning in meanings.items() if meaning.get("label") == "angle"]
    assert len(angles) == 10
    for name in angles:
        np.testing.assert_array_equal(bare[name], values[name])
        assert of_bare[name]["verdict"] == meanings[name]["verdict"] != "not_judged"


def test_loads_are_not_measured_and_the_trial_is_no_worse_for_it(root: Path) -> None:
    bare, meanings = labels(root, "bare")
    loads = [name for name, meaning in meanings.items() if meaning.get("label") not in (None, "angle")]
    assert len(loads) > 100
    assert all(np.isnan(bare[name]).all() for name in loads)
    assert {meanings[name]["verdict"] for name in loads} == {"not_measured"}
    assert {tuple(meanings[name]["reasons"]) for name in loads} == {("FORCES_NOT_MEASURED",)}
    quality = read_quality(root / "results/labels/bare/p1/walk.quality.json")
    assert quality.verdict in ("passed", "warned")
    assert "not measured: " in quality.summary and "excluded" not in quality.summary
    table = pd.read_csv(root / "results/quality/bare.tsv", sep="\t", keep_default_na=False).set_index("trial")
    assert table.loc["walk", "not_measured"].startswith("ingest:FORCES_NOT_MEASURED")
    assert table.loc["walk", "verdict_loads"] == "not_measured" and table.loc["walk", "refusal"] == ""


def test_stances_are_told_by_the_markers(root: Path) -> None:
    (values, _), (bare, meanings) = (labels(root, name) for name in COHORTS)
    for side in SIDES:
        assert meanings[f"contact_{side}"]["source"] == "markers"
        # Frames that agree with the plates, as docs/method.md says of runners: 92 % and more.
        assert np.mean(values[f"contact_{side}"] == bare[f"contact_{side}"]) > 0.9


def test_sensors_are_synchronised_and_their_angles_are_those_with_plates(root: Path) -> None:
    assert read_quality(root / "results/sync/bare/p1/walk.quality.json").verdict == "passed"
    (values, _), (bare, _) = (labels(root, name, "aligned") for name in COHORTS)
    sensed = [name for name in values if name.startswith("imu_ik_")]
    assert len(sensed) == 20 and set(sensed) < set(bare)
    for name in sensed:
        np.testing.assert_array_equal(bare[name], values[name])
    assert not any(name.startswith("imu_id_") for name in bare)


def test_the_report_shows_angles_and_says_why_there_are_no_loads(root: Path) -> None:
    page = (root / "results/report/index.html").read_text()
    assert "the recording holds no force plates" in page
    drawn = {path.stem for path in (root / "results/report/figures/bare/p1/walk").glob("*.svg")}
    assert {"angles", "marker_errors", "imu_baselines"} <= drawn
    assert not drawn & {"loads", "moments", "ground_reaction", "residuals_reserves"}
