"""A check goes on after each problem, so that all of them are told at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import synthetic_person as person
from gaitload.config import Config
from gaitload.discovery.check import Verdict, check_cohort
from gaitload.io.imu.xsens_write import write_xsens
from gaitload.trial import ImuRecording
from imu_files import swing
from recorded_folders import OTHER_NAMES, write_moving, write_standing

SPEC = """name: lab
title: A lab
source: here
licence: CC0
raw_dir: raw
lab_forward: +x
lab_up: +y
marker_set: rajagopal2016_run
"""
ROWS = ("p1\tstand\tstatic\tstatic\tstand.trc\t\t", "p1\twalk\tmotion\twalk\twalk.trc\twalk.mot\t")
COLUMNS = "participant_id\ttrial_id\trole\tactivity\tfile\tforces_file\timu_dir"
AS_IN_SET = {name: name.replace("HEE", "CAL") for name in OTHER_NAMES}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_standing(tmp_path / "raw/stand.trc", AS_IN_SET)
    write_moving(tmp_path / "raw/walk.trc", person.WALK, forces=tmp_path / "raw/walk.mot", new_names=AS_IN_SET)
    (tmp_path / "workflow/cohorts/lab").mkdir(parents=True)
    return tmp_path


def _check(root: Path, *, spec: str = SPEC, people: str = "p1\t110\t\t1.8", rows: tuple[str, ...] = ROWS) -> Verdict:
    folder = root / "workflow/cohorts/lab"
    (folder / "cohort.yaml").write_text(spec)
    (folder / "participants.tsv").write_text(f"participant_id\tmass_kg\tmarker_set\theight_m\n{people}\n")
    (folder / "trials.tsv").write_text("\n".join([COLUMNS, *rows]) + "\n")
    return check_cohort(folder, Config(), root=root, results=root / "results", model="rajagopal2015")


def test_a_sound_cohort_has_no_problem_and_no_remark(root: Path) -> None:
    verdict = _check(root)
    assert (verdict.problems, verdict.remarks, verdict.refused) == ([], [], 0)
    assert len(verdict.said) == verdict.trials == 2
    scaling, labelled = verdict.plans
    assert "scales the model by height" in scaling
    assert "labels " in labelled
    assert "markers on foot r" in labelled
    assert "a whole strike" in labelled


def test_a_static_trial_that_cannot_scale_the_model_is_told_before_a_run_refuses_it(root: Path) -> None:
    (problem,) = _check(root, people="p1\t110\t\t").problems
    assert "p1/stand: [SCALING_IMPOSSIBLE]" in problem


def test_problems_of_every_kind_are_told_at_once(root: Path) -> None:
    verdict = _check(
        root,
        spec=SPEC + "imu_files: {thigh: a.txt, pelvis: b.txt}\n",
        people="p1\t110\t\t1.8\np2\t70\tnobodys\t",
        rows=(*ROWS, "p1\tgone\tmotion\twalk\tgone.trc\t\timu", "p2\twalk\tmotion\twalk\twalk.trc\twalk.mot\t"),
    )
    told = " ".join(verdict.problems)
    for words in (
        "[MARKER_SET_UNKNOWN] marker_set of lab (p2)",
        "imu_files names bodies that no model has: thigh",
        "p1/gone: no a.txt, b.txt in",
        "p2: no static trial and no height_m",
        "p1/gone: [FILE_MISSING]",
    ):
        assert words in told
    assert len(verdict.said) == 2, "trials that are sound are told beside"
    assert verdict.refused == 1


def test_a_file_that_the_machine_does_not_give_ends_no_check(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_text = Path.read_text

    def denied(path: Path, **options) -> str:
        if path.name == "walk.trc":
            raise PermissionError(13, "Permission denied", str(path))
        return read_text(path, **options)

    monkeypatch.setattr(Path, "read_text", denied)
    verdict = _check(root)
    assert verdict.problems == [f"p1/walk: {root / 'raw/walk.trc'} cannot be read: Permission denied"]
    assert (len(verdict.said), verdict.refused) == (1, 1)


def test_a_foot_of_a_plate_that_is_not_there_would_be_refused(root: Path) -> None:
    folder = root / "workflow/cohorts/lab"
    _check(root)
    (folder / "trials.tsv").write_text(f"{COLUMNS}\tfoot_of_plate\n{ROWS[0]}\t\n{ROWS[1]}\tplate_9=r\n")
    verdict = check_cohort(folder, Config(), root=root, results=root / "results", model="rajagopal2015")
    assert "[PLATE_UNKNOWN]" in verdict.problems[0]


def test_a_file_that_two_people_share_is_a_remark(root: Path) -> None:
    rows = (*ROWS, "p2\tstand\tstatic\tstatic\tstand.trc\t\t")
    remarks = _check(root, people="p1\t110\t\t1.8\np2\t70\t\t", rows=rows).remarks
    assert remarks == ["p1/stand and p2/stand are recordings of two people in one file, stand.trc"]


def test_a_model_and_recordings_that_are_not_there_are_told_together(root: Path) -> None:
    (root / "raw").rename(root / "elsewhere")
    folder = root / "workflow/cohorts/lab"
    _check(root)
    verdict = check_cohort(folder, Config(), root=root, results=root / "results", model="rajagopal2051")
    assert [problem.partition("]")[0] for problem in verdict.problems] == ["[MODEL_UNKNOWN", "[RECORDINGS_NOT_FOUND"]


def test_what_looks_wrong_and_stops_nothing_is_a_remark(root: Path) -> None:
    verdict = _check(root, people="p1\t70\t\t1.8")
    assert verdict.problems == []
    assert "mass 70 kg is 0.64 times the mass measured by the plates" in verdict.remarks[0]


def test_a_sensor_file_in_no_known_format_is_a_problem(root: Path) -> None:
    (root / "raw/imu").mkdir()
    (root / "raw/imu/b.txt").write_text("hello\n")
    verdict = _check(root, spec=SPEC + "imu_files: {pelvis: b.txt}\n", rows=(ROWS[0], f"{ROWS[1]}imu"))
    assert "[IMU_FORMAT_UNKNOWN]" in verdict.problems[0]


def test_the_line_of_a_trial_tells_of_its_sensors(root: Path) -> None:
    motion = swing(300, 60.0)
    recording = ImuRecording("s1", np.arange(300) / 60.0, motion.acc, motion.gyr, None, motion.orientation_wxyz)
    write_xsens(root / "raw/imu/MT_1_s1.txt", recording)
    spec = SPEC + 'imu_files: {pelvis: "*_s1.txt"}\n'
    verdict = _check(root, spec=spec, rows=(ROWS[0], f"{ROWS[1]}imu"))
    assert verdict.problems == []
    assert verdict.said[0].endswith(", no sensors")
    assert verdict.said[1].endswith(", 1 sensor at 60 Hz for 5.0 s")
    (remark,) = _check(root, spec=spec).remarks
    assert "no trial of trials.tsv an imu_dir" in remark
