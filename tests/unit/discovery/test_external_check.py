"""What `gaitload check` says of external columns before anything runs."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from gaitload.config import parse_config
from gaitload.discovery.external_check import copied_files, external_of_trial
from gaitload.discovery.sensor_check import Seen
from gaitload.stages.job import jobs_of
from tests.external_laboratory import TIME_S, external_laboratory

NAN = float("nan")


def _seen(folder: Path, sensors_s: float = NAN, trial: str = "one", **given: object) -> Seen:
    cohort = external_laboratory(folder, **given)
    results = {"results": folder / "results"}
    (job,) = jobs_of("external", (trial,), config=parse_config({}), cohort=cohort, participant_id="p1", **results)
    return external_of_trial(job, sensors_s)


def test_sound_columns_are_told_by_source_rate_and_time(tmp_path: Path) -> None:
    seen = _seen(tmp_path)
    at = "at 1000 Hz from 0.00 to 3.00 s"
    assert seen.said == f"external encoder: 1 column {at}; external emg: 2 columns {at}"
    assert (seen.remarks, seen.problems) == ([], [])


def test_a_file_that_is_a_copy_of_another_trial_is_named(tmp_path: Path) -> None:
    cohort = external_laboratory(tmp_path)
    assert list(copied_files(cohort)) == []
    shutil.copy(tmp_path / "raw/three.csv", tmp_path / "raw/one.csv")
    found = list(copied_files(cohort))
    assert [text.split(":")[0] for text in found] == ["p1/three", "p1/three"]
    assert "three.csv is that of p1/one, one.csv" in found[0]


def test_a_source_that_would_be_refused_hides_no_other_doubt(tmp_path: Path) -> None:
    dead = {"spoil": lambda columns: columns | {"tibant": np.full(len(TIME_S), 0.013)}}
    seen = _seen(tmp_path, encoder={"unit": "rad"}, **dead)
    (problem,), (remark,) = seen.problems, seen.remarks
    assert "EXTERNAL_UNIT" in problem and "in deg it would fit" in problem
    assert remark.startswith("EMG_DEAD: emg_tibant_r_share (0)")
    assert seen.said == ""


def test_doubts_that_differ_in_the_column_alone_are_one_line(tmp_path: Path) -> None:
    (remark,) = _seen(tmp_path, trial="three").remarks
    assert remark.startswith("EMG_SCALE: emg_soleus_r_share (1.") and "emg_tibant_r_share (1." in remark


def test_columns_that_share_no_time_with_the_sensors_would_be_refused(tmp_path: Path) -> None:
    clock = {"clock": "own"}
    (problem,) = _seen(tmp_path, 3.0, source=clock, emg=clock, cells={"external_offset_s": "9"}).problems
    assert "EXTERNAL_CLOCK" in problem and "Correct external_offset_s" in problem
