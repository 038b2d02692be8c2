"""Of a Motion-BIDS folder positions and sensors are converted, and the rest is refused with reasons."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import synthetic_person as person
from gaitload.discovery.bids import convert_motion_bids, is_motion_bids
from gaitload.discovery.make import make_cohort
from gaitload.errors import ConfigError
from gaitload.io.imu.reader import read_imu
from gaitload.io.trc import read_trc
from imu_files import swing
from recorded_folders import write_forces_file

SET = person.marker_set()


def _write(folder: Path, stem: str, values: np.ndarray, channels: list[tuple[str, ...]], rate_hz: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows = ("\t".join("n/a" if value != value else f"{value:.9g}" for value in row) for row in values)
    (folder / f"{stem}_motion.tsv").write_text("\n".join(rows) + "\n")
    lines = ["name\tcomponent\ttype\ttracked_point\tunits", *("\t".join(channel) for channel in channels)]
    (folder / f"{stem}_channels.tsv").write_text("\n".join(lines) + "\n")
    (folder / f"{stem}_motion.json").write_text(json.dumps({"SamplingFrequency": rate_hz, "TaskName": "walk"}))


def _write_markers(folder: Path, stem: str, recording) -> None:
    values = recording.marker_lab_m.reshape(len(recording.marker_time_s), -1) * 1e3
    channels = [(f"{name}_{axis}", axis, "POS", name, "mm") for name in recording.marker_names for axis in "xyz"]
    _write(folder, stem, values, channels, 100.0)


def _write_sensors(folder: Path, stem: str) -> None:
    motion = swing()
    values = np.hstack((motion.acc / 9.80665, np.degrees(motion.gyr), motion.acc[:, :1]))
    channels = [(f"acc_{axis}", axis, "ACCEL", "RightFoot", "g") for axis in "xyz"]
    channels += [(f"gyr_{axis}", axis, "GYRO", "RightFoot", "deg/s") for axis in "xyz"]
    _write(folder, stem, values, [*channels, ("clock", "n/a", "LATENCY", "n/a", "s")], motion.rate_hz)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    motion = tmp_path / "study/sub-01/motion"
    _write_markers(motion, "sub-01_task-stand_tracksys-omc", person.static_recording())
    walk = person.recording(person.WALK, plates="per_foot")
    _write_markers(motion, "sub-01_task-walk_tracksys-omc_run-1", walk)
    _write_sensors(motion, "sub-01_task-walk_tracksys-imu_run-1")
    write_forces_file(tmp_path / "study/sub-01/forces/walk_1.mot", walk)
    (tmp_path / "study/participants.tsv").write_text(
        "participant_id\tage\tsex\tweight\theight\nsub-01\t30\tM\t110\t178\n"
    )
    return tmp_path / "study"


def test_a_motion_bids_folder_becomes_tables_of_converted_files(study: Path, tmp_path: Path) -> None:
    assert is_motion_bids(study)
    made = make_cohort(study, "lab", [SET], root=tmp_path)
    rows = {row.trial_id: row for row in made.draft.trials}
    assert rows["walk_1"].file == "sub-01/walk_1.trc"
    assert rows["walk_1"].forces_file == "sub-01/forces/walk_1.mot"
    assert rows["walk_1"].imu_dir == "sub-01/walk_1_imu"
    assert rows["stand"].role == "static"
    assert made.draft.spec["imu_files"] == {"calcn_r": "calcn_r.txt"}
    assert made.draft.spec["raw_dir"] == "study_converted"
    (someone,) = made.draft.people
    assert (someone.participant_id, someone.mass_kg, someone.height_m) == ("sub-01", 110.0, 1.78)


def test_converted_files_say_the_same_in_si_units(study: Path, tmp_path: Path) -> None:
    faults = convert_motion_bids(study, tmp_path / "out")
    walk = person.recording(person.WALK)
    assert read_trc(tmp_path / "out/sub-01/walk_1.trc").marker_lab_m == pytest.approx(walk.marker_lab_m, abs=1e-6)
    (sensor,) = read_imu(tmp_path / "out/sub-01/walk_1_imu/calcn_r.txt")
    motion = swing()
    assert sensor.acc_sensor_m_per_s2 == pytest.approx(motion.acc, abs=1e-5)
    assert sensor.gyr_sensor_rad_per_s == pytest.approx(motion.gyr, abs=1e-5)
    assert "LATENCY were not converted" in faults[0].what


def test_what_cannot_be_converted_is_refused_with_its_reason(tmp_path: Path) -> None:
    motion = tmp_path / "study/sub-01/motion"
    _write(motion, "sub-01_task-a", np.zeros((20, 3)), [("x", axis, "POS", "p", "inch") for axis in "xyz"], 100.0)
    _write(motion, "sub-01_task-b", np.zeros((20, 3)), [("x", axis, "ACCEL", "p", "g") for axis in "xyz"], 100.0)
    _write(motion, "sub-01_task-c", np.zeros((20, 2)), [("x", "x", "POS", "p", "m")], 100.0)
    _write(motion, "sub-01_task-d", np.zeros((20, 1)), [("x", "x", "POS", "p", "m")], 100.0)
    (motion / "sub-01_task-d_channels.tsv").unlink()
    _write(motion, "nobodys", np.zeros((20, 1)), [("x", "x", "VEL", "p", "m/s")], 100.0)
    (motion / "nobodys_motion.json").write_text('{"SamplingFrequency": null}')
    told = [fault.what for fault in convert_motion_bids(tmp_path / "study", tmp_path / "out")]
    assert told == [
        "not converted: float() argument must be a string or a real number, not 'NoneType'",
        "positions in inch",
        "p: not both acceleration and angular velocity",
        "not converted: 2 columns, and 1 rows in channels.tsv",
        "not converted: no channels.tsv describes it",
    ]


@pytest.mark.parametrize(
    ("suffix", "text", "said"),
    [
        ("motion.json", '{"SamplingFrequency": 0}', "a SamplingFrequency of 0"),
        ("motion.json", '{"SamplingFrequency": NaN}', "NaN is no number of JSON"),
        ("motion.json", "[" * 100_000, "is nested too deep"),
        ("channels.tsv", f"name\t{'x' * 200_000}\n", "field larger than field limit (131072)"),
    ],
    ids=["no_rate", "nan", "deep", "large"],
)
def test_a_damaged_sidecar_costs_its_recording_alone(
    study: Path, tmp_path: Path, suffix: str, text: str, said: str
) -> None:
    motion = study / "sub-02/motion"
    _write(motion, "sub-02_task-a", np.zeros((20, 1)), [("x", "x", "POS", "p", "m")], 100.0)
    (motion / f"sub-02_task-a_{suffix}").write_text(text)
    (motion / "folder.c3d").mkdir()
    faults = {fault.where: fault.what for fault in convert_motion_bids(study, tmp_path / "out")}
    assert faults["sub-02/motion/sub-02_task-a_motion.tsv"] == f"not converted: {said}"
    assert list((tmp_path / "out").rglob("*.trc"))


def test_sidecars_are_inherited_from_folders_above(study: Path, tmp_path: Path) -> None:
    motion = study / "sub-01/motion"
    (motion / "sub-01_task-stand_tracksys-omc_motion.json").rename(study / "task-stand_motion.json")
    convert_motion_bids(study, tmp_path / "out")
    assert (tmp_path / "out/sub-01/stand.trc").is_file()


def test_a_folder_with_conversions_is_not_written_into(study: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.txt").write_text("mine")
    with pytest.raises(ConfigError, match="CONVERTED_EXISTS"):
        convert_motion_bids(study, tmp_path / "out")


def test_other_folders_are_no_motion_bids(tmp_path: Path) -> None:
    (tmp_path / "sub-01").mkdir()
    assert not is_motion_bids(tmp_path)
