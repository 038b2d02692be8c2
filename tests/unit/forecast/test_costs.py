"""Costs of jobs: shipped ones for every stage and engine, and what earlier runs make of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from gaitload.config import Config
from gaitload.forecast.costs import STATIC, Measured, costs_here, earlier_jobs, shipped_costs, training_jobs
from gaitload.stages.job import STAGES, STATIC_STAGES

ENGINES = get_args(Config.model_fields["engine"].annotation)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_stage_has_a_cost_with_every_engine(engine: str) -> None:
    static = {f"{stage}_{STATIC}" for stage in STATIC_STAGES}
    assert {*STAGES, *static, "recordings", "recordings_truth", "quality", "truth"} == shipped_costs(engine).keys()


def test_the_tools_cost_a_thousand_times_as_much_a_frame() -> None:
    tools, compiled = (shipped_costs(engine)["loads"].frame_s for engine in ("tools", "compiled"))
    assert 1000 < tools / compiled < 5000


def test_earlier_jobs_scale_what_is_shipped_by_their_median() -> None:
    shipped = shipped_costs("compiled")
    usual = shipped["loads"].seconds(3, 9000)
    jobs = [Measured("loads", factor * usual, 900.0, 3, 9000) for factor in (2.0, 2.0, 40.0)]
    here = costs_here(shipped, jobs)
    assert here["loads"].seconds(1, 100) == pytest.approx(2.0 * shipped["loads"].seconds(1, 100))
    assert (here["loads"].memory_mb, here["loads"].measured) == (900.0, 3)
    assert here["labels"] == shipped["labels"]


def _write_job(results: Path, stage: str, shard: str, engine: str, cpu: str = "5.0") -> None:
    place = Path("lab/p1")
    files = {
        results / "benchmarks" / stage / place / f"{shard}.tsv": f"s\tmax_rss\tcpu_time\n9.0\t640.0\t{cpu}\n",
        results / "manifests" / stage / place / f"{shard}.json": json.dumps({"results": {"walk": {}}}),
        results / stage / place / "walk.provenance.json": json.dumps({"settings": {"engine": engine}}),
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_earlier_jobs_are_read_with_their_trials_and_frames_and_only_those_of_the_engine(tmp_path: Path) -> None:
    _write_job(tmp_path, "loads", "1", "compiled")
    _write_job(tmp_path, "kinematics", "1", "tools")
    _write_job(tmp_path, "labels", "1", "compiled", cpu="NA")
    folder = tmp_path / "ingest/lab/p1"
    folder.mkdir(parents=True)
    (folder / "walk.quality.json").write_text(json.dumps({"numbers": {"window_s": [0.5, 2.5]}}))
    (folder / "walk.provenance.json").write_text(json.dumps({"settings": {"ingest": {"rate_hz": 50.0}}}))
    assert earlier_jobs(tmp_path, "compiled") == [Measured("loads", 5.0, 640.0, 1, 100.0)]


def test_earlier_trainings_of_a_study_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "benchmarks/estimators/mine/pelvis"
    folder.mkdir(parents=True)
    (folder / "cnn.tsv").write_text("s\tmax_rss\tcpu_time\n9.0\t640.0\t50\n")
    (folder / "knn.tsv").write_text("s\tmax_rss\tcpu_time\n9.0\t640.0\tNA\n")
    assert training_jobs(tmp_path, "mine") == [50.0]
    assert training_jobs(tmp_path, "other") == []


def test_a_folder_without_runs_has_no_earlier_jobs(tmp_path: Path) -> None:
    assert earlier_jobs(tmp_path, "compiled") == []
