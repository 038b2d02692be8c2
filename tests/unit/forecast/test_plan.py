"""Jobs of a cohort as the workflow cuts them, with the frames that they label."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import synthetic_person as person
from gaitload.cohorts.reader import load_cohort
from gaitload.cohorts.tables import Cohort
from gaitload.config import parse_config
from gaitload.forecast.costs import shipped_costs
from gaitload.forecast.plan import forecast, labelled_frames, works_of
from gaitload.forecast.report import forecast_cohorts, table_text
from gaitload.io.imu.xsens_write import write_xsens
from gaitload.trial import ImuRecording
from recorded_folders import write_moving, write_standing

TRIALS = """participant_id	trial_id	role	activity	file	start_s	end_s
p1	stand	static	static	stand.trc		
p1	walk	motion	walk	walk.trc		
p1	part	motion	walk	walk.trc	0.5	1.5
p1	gone	motion	walk	gone.trc		
"""
VIRTUAL = {"aligned": {"sensors": "virtual"}}
ALONE = {"study": {"protocol": "user_individualised"}}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_standing(tmp_path / "raw/stand.trc")
    write_moving(tmp_path / "raw/walk.trc", person.WALK)
    folder = tmp_path / "workflow/cohorts/lab"
    folder.mkdir(parents=True)
    (folder / "cohort.yaml").write_text(
        "name: lab\ntitle: A lab\nsource: here\nlicence: CC0\nraw_dir: raw\n"
        "lab_forward: +x\nlab_up: +y\nmarker_set: x\n"
    )
    (folder / "participants.tsv").write_text("participant_id\tmass_kg\np1\t70\n")
    (folder / "trials.tsv").write_text(TRIALS)
    return tmp_path


@pytest.fixture
def cohort(root: Path) -> Cohort:
    return load_cohort(root / "workflow/cohorts/lab", root=root)


def test_frames_are_those_of_the_labelled_part_and_of_unread_trials_the_median(cohort: Cohort) -> None:
    frames, unread = labelled_frames(cohort, parse_config({}))
    assert unread == ["p1/gone"]
    assert frames["p1", "part"] == pytest.approx(100)
    assert frames["p1", "walk"] == pytest.approx(100 * (person.WALK.duration_s - 0.4), abs=1.0)
    assert frames["p1", "gone"] == pytest.approx((frames["p1", "part"] + frames["p1", "walk"]) / 2)


def test_trials_are_cut_into_shards_and_stages_left_out_as_in_the_workflow(cohort: Cohort) -> None:
    config = parse_config({"shard_trials": 2})
    works = works_of(cohort, config, labelled_frames(cohort, config)[0])
    counts = {stage: sum(work.stage == stage for work in works) for stage in {work.stage for work in works}}
    assert counts == {
        "ingest_static": 1,
        "scale": 1,
        "ingest": 2,
        "kinematics": 2,
        "loads": 2,
        "labels": 2,
        "quality": 1,
    }
    virtual = parse_config({"aligned": {"sensors": "virtual"}, "uncertainty": {"samples": 10}})
    stages = {work.stage for work in works_of(cohort, virtual, labelled_frames(cohort, virtual)[0])}
    assert stages - counts.keys() == {"aligned_virtual", "uncertainty"}


def test_samples_of_the_uncertainty_multiply_the_time_of_its_frames_and_not_the_disk(cohort: Cohort) -> None:
    lines = []
    for samples in (100, 200):
        config = parse_config({"uncertainty": {"samples": samples}})
        works = works_of(cohort, config, {key: 1e4 for key in labelled_frames(cohort, config)[0]})
        lines += [line for line in forecast(works, shipped_costs("compiled"), config) if line.stage == "uncertainty"]
    assert lines[1].core_s == pytest.approx(2 * lines[0].core_s, rel=0.01)
    assert lines[1].disk_bytes == lines[0].disk_bytes


def test_the_table_ends_with_the_sums_and_says_where_costs_are_from(root: Path) -> None:
    text = forecast_cohorts(["lab"], parse_config({}), root=root, results=root / "results")
    assert "lab: 3 motion trials" in text
    assert "shipped medians" in text
    assert "the length of p1/gone cannot be read" in text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "study embedded is not asked for: too few of its people wear sensors."),
        (VIRTUAL | {"evaluation": {"learned": False}}, "not asked for"),
        (VIRTUAL | ALONE, "trains in 5 jobs more and compares in one, none of them in the table; none has run here"),
    ],
    ids=["nobody wears sensors", "one person, nobody beside", "one person, held out in part"],
)
def test_a_study_is_spoken_of_as_the_workflow_asks_for_it(root: Path, settings: dict, said: str) -> None:
    assert said in forecast_cohorts(["lab"], parse_config(settings), root=root, results=root / "results")


def test_a_study_that_learns_nothing_is_one_job(root: Path) -> None:
    spec = root / "workflow/cohorts/lab/cohort.yaml"
    spec.write_text(spec.read_text() + "imu_files: {pelvis: pelvis.csv}\n")
    settings = parse_config({"evaluation": {"learned": False}})
    text = forecast_cohorts(["lab"], settings, root=root, results=root / "results")
    assert "study embedded compares baselines in one job more" in text


def test_earlier_trainings_tell_what_those_to_come_take(root: Path) -> None:
    folder = root / "results/benchmarks/estimators/embedded/pelvis+tibia"
    folder.mkdir(parents=True)
    (folder / "cnn.tsv").write_text("s\tmax_rss\tcpu_time\n9.0\t640.0\t720\n")
    text = forecast_cohorts(["lab"], parse_config(VIRTUAL | ALONE), root=root, results=root / "results")
    assert "1.00 core-hours by the mean of 1 earlier jobs" in text


def test_the_largest_job_decides_memory_and_time(cohort: Cohort) -> None:
    config = parse_config({})
    lines = forecast(works_of(cohort, config, labelled_frames(cohort, config)[0]), shipped_costs("tools"), config)
    *_, last = table_text(lines).splitlines()
    assert last.split()[:2] == ["all", str(sum(line.jobs for line in lines))]
    assert f"{max(line.longest_s for line in lines) / 60:.1f}" in last


def test_sensors_alone_are_as_long_as_they_recorded_and_cost_nothing_elsewhere(root: Path) -> None:
    (root / "raw/imu").mkdir()
    still = np.tile([0.0, 0.0, 9.81], (400, 1))
    level = np.tile([1.0, 0.0, 0.0, 0.0], (400, 1))
    write_xsens(root / "raw/imu/pelvis.txt", ImuRecording("00B4", np.arange(400) / 100, still, 0 * still, None, level))
    folder = root / "workflow/cohorts/lab"
    spec = (folder / "cohort.yaml").read_text().partition("lab_forward")[0]
    (folder / "cohort.yaml").write_text(f"{spec}imu_files: {{pelvis: pelvis.txt}}\nimu_forward: {{pelvis: +z}}\n")
    (folder / "trials.tsv").write_text(
        "participant_id\ttrial_id\trole\tactivity\timu_dir\np1\twalk\tmotion\twalk\timu\n"
    )
    alone = load_cohort(folder, root=root)
    frames, unread = labelled_frames(alone, parse_config({}))
    assert unread == []
    # The filter's ends of 0.2 s stay outside.
    assert list(frames.values()) == [pytest.approx(360, abs=3)]
    counted = {work.stage: (work.trials, work.frames) for work in works_of(alone, parse_config({}), frames)}
    assert counted["imu_kinematics"][0] == 1 and counted["imu_kinematics"][1] > 300
    assert counted["kinematics"] == counted["labels"] == (0, 0.0)
