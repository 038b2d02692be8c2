"""Each body has a file of its own, and what is not clear is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from gaitload.cohorts.sensor_files import not_told_apart, sensor_files
from gaitload.errors import DataError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("MT_1_00B42265.txt", "MT_1_00B42268.txt", "all.csv"):
        (tmp_path / name).touch()
    return tmp_path


def _refused(folder: Path, names: dict[str, str]) -> DataError:
    with pytest.raises(DataError) as caught:
        sensor_files(folder, names, where="lab/p1/walk")
    return caught.value


def test_a_pattern_stands_for_the_one_file_that_it_fits(folder: Path) -> None:
    found = sensor_files(folder, {"pelvis": "*_00B42265.txt", "torso": "MT_1_00B42268.txt"}, where="")
    assert found == {"pelvis": folder / "MT_1_00B42265.txt", "torso": folder / "MT_1_00B42268.txt"}


def test_what_no_file_fits_stays_as_it_is(folder: Path) -> None:
    assert sensor_files(folder, {"pelvis": "*_9.txt"}, where="") == {"pelvis": folder / "*_9.txt"}


def test_a_pattern_that_fits_several_files_names_them(folder: Path) -> None:
    error = _refused(folder, {"pelvis": "MT_*.txt", "torso": "all.csv"})
    assert error.code == "IMU_FILES_MANY"
    assert error.found == "'MT_*.txt' of pelvis fits MT_1_00B42265.txt, MT_1_00B42268.txt"


def test_patterns_of_two_bodies_must_not_fit_one_file(folder: Path) -> None:
    error = _refused(folder, {"pelvis": "*65.txt", "torso": "*00B42265.txt"})
    assert (error.code, error.found) == ("IMU_FILES_SHARED", "MT_1_00B42265.txt for pelvis and torso")


def test_sensors_picked_by_name_may_share_a_file(folder: Path) -> None:
    found = sensor_files(folder, {"pelvis": "*.csv#Lumbar", "torso": "all.csv#Chest"}, where="")
    assert set(found.values()) == {folder / "all.csv"}


@pytest.mark.parametrize(
    ("names", "alike"),
    [
        ({"pelvis": "a.txt", "torso": "b.txt"}, []),
        ({"pelvis": "a.txt", "torso": "a.txt"}, ["a.txt for pelvis and torso"]),
        ({"pelvis": "all.csv#a", "torso": "all.csv#b"}, []),
        ({"tibia_l": "left.csv#imu", "tibia_r": "right.csv#imu"}, ["#imu for tibia_l and tibia_r"]),
    ],
)
def test_two_bodies_may_not_be_told_alike(names: dict[str, str], alike: list[str]) -> None:
    assert not_told_apart(names) == alike
