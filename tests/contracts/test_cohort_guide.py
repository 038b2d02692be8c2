"""What docs/cohorts.md says about tables and marker sets is what the code takes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from gaitload.cohorts.reader import load_cohort
from gaitload.cohorts.spec import CohortSpec
from gaitload.cohorts.tables import Participant, TrialRow, raw_dir_variable
from gaitload.config.motion import Activity, Window
from gaitload.models.anthropometry import HIP_DISAGREEMENT_MAX_M
from gaitload.models.landmarks import LANDMARKS, SIDED_LANDMARKS
from gaitload.models.markersets import load_marker_set

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "cohorts.md").read_text()
LANDMARKS_TABLE = Path(__file__).resolve().parents[2] / "opensim_models" / "rajagopal" / "landmarks.tsv"
EXAMPLES = re.findall(r"```(?:yaml|tsv)\n(.*?)```", GUIDE, re.DOTALL)
"""cohort.yaml, participants.tsv, trials.tsv and a marker set, in this order."""


def _cells(section: str) -> list[list[str]]:
    """Cells of the rows of the first table under a heading."""
    (text,) = re.findall(rf"^#+ {re.escape(section)}\n(.*?)(?=^#|\Z)", GUIDE, re.DOTALL | re.MULTILINE)
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize(
    ("section", "model"),
    [("cohort.yaml", CohortSpec), ("participants.tsv", Participant), ("trials.tsv", TrialRow)],
)
def test_every_column_is_described_and_rightly_called_needed(section: str, model: type[BaseModel]) -> None:
    _, _, *rows = _cells(section)
    assert {name.strip("`"): needed == "yes" for name, needed, _ in rows} == {
        name: field.is_required() for name, field in model.model_fields.items()
    }


def test_every_activity_is_named() -> None:
    (meaning,) = (meaning for name, _, meaning in _cells("trials.tsv")[2:] if name == "`activity`")
    assert set(re.findall(r"`(\w+)`", meaning)) == set(get_args(Activity))


def test_every_landmark_is_told_what_for() -> None:
    (table,) = re.findall(r"^\| landmark \|.*?(?=\n\n)", GUIDE, re.DOTALL | re.MULTILINE)
    first_cells = [line.split("|")[1] for line in table.splitlines()[2:]]
    named = [name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)]
    unsided = {name for cell in first_cells if "no side" in cell for name in re.findall(r"`(\w+)`", cell)}
    assert len(named) == len(set(named))
    assert set(named) - unsided == set(SIDED_LANDMARKS)
    assert unsided == LANDMARKS & unsided
    assert {name for name in LANDMARKS if not name.endswith(("_r", "_l"))} == unsided


def test_numbers_of_the_guide_are_the_defaults() -> None:
    assert Window().start_s is None and Window().duration_s is None
    assert "Without `start_s` and `end_s`, the whole trial is labelled on a treadmill" in GUIDE
    assert f"if {1e3 * HIP_DISAGREEMENT_MAX_M:g} mm off the regression" in GUIDE


def test_the_example_cohort_can_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "workflow/cohorts/mylab"
    folder.mkdir(parents=True)
    for name, text in zip(("cohort.yaml", "participants.tsv", "trials.tsv"), EXAMPLES, strict=False):
        (folder / name).write_text(text)
    cohort = load_cohort(folder, root=tmp_path)
    assert [row.trial_id for row in cohort.trials_of("p01")] == ["stand", "walk1", "walk2"]
    assert f"export {raw_dir_variable('mylab')}=" in GUIDE


def test_the_example_marker_set_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "mine.tsv").write_text(EXAMPLES[3])
    markers = load_marker_set(tmp_path / "mine.tsv", LANDMARKS_TABLE).markers
    columns = EXAMPLES[3].splitlines()[0].split("\t")
    assert len(markers) == 20
    assert all(f"`{column}`" in GUIDE for column in columns)
