"""Where a part of a walk stands in for a static trial, angles are those by the static trial, within bounds."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from gaitload.cohorts.spec import CohortSpec
from gaitload.cohorts.tables import Cohort
from gaitload.config import parse_config
from gaitload.discovery.draft import draft_cohort
from gaitload.io.sto import read_sto
from gaitload.models.markersets import load_marker_set
from gaitload.models.registry import find_model
from gaitload.stages.job import jobs_of
from gaitload.stages.shard import run_shard, stage_module

CHILD = "HC038A"
pytestmark = pytest.mark.slow


def angles_deg(folder: Path, results: Path) -> dict[str, np.ndarray]:
    """Angles of the walk in the draft of a folder, by coordinate; only a static trial that moves is warned of."""
    source = find_model("rajagopal2015")
    sets = [load_marker_set(source.marker_set_path("plug_in_gait"), source.landmarks_path)]
    draft = draft_cohort(folder, "children", sets)
    spec = CohortSpec(**draft.spec | {"marker_set": "plug_in_gait", "imu_files": {}})
    cohort = Cohort(spec, folder, draft.people, draft.trials)
    config = parse_config({"results_dir": str(results)})
    (static,) = (row.trial_id for row in draft.trials if row.role == "static")
    (walk,) = (row.trial_id for row in draft.trials if row.role == "motion")
    for stage, trial in (("ingest", static), ("ingest", walk), ("scale", walk), ("kinematics", walk)):
        jobs = jobs_of(stage, [trial], config=config, cohort=cohort, participant_id=CHILD, results=results)
        run_shard(stage_module(stage), jobs, manifest=results / f"{stage}.json", log=results / f"{stage}.log")
    codes = {gate.code for gate in jobs[0].quality_of("ingest", static).gates if gate.verdict == "warned"}
    assert ("NOT_STILL" in codes) == (static == "upright")
    table = read_sto(jobs[0].product("kinematics", ".mot"))
    return dict(zip(table.names, table.values.T, strict=True))


def test_angles_by_a_part_of_the_walk_are_those_by_the_static_trial(shared: Path, tmp_path: Path) -> None:
    found = {}
    for name, parts in (("whole", ("Static", "Straight")), ("walk", ("Straight",))):
        for part in parts:
            shutil.copytree(shared / "pig_children" / CHILD / part, tmp_path / name / CHILD / part)
        found[name] = angles_deg(tmp_path / name, tmp_path / f"{name}_results")
    for angle in ("hip_flexion", "knee_angle", "ankle_angle"):
        for side in "rl":
            apart = found["walk"][f"{angle}_{side}"] - found["whole"][f"{angle}_{side}"]
            assert abs(apart.mean()) < 3.0 and apart.std() < 1.5, (angle, side)
