"""Sensors whose names tell no body are asked about with a line that can be completed."""

from __future__ import annotations

from pathlib import Path

import yaml

from gaitload.cohorts.sensor_files import sensor_files
from gaitload.discovery.nameless import whose_sensors

SERIALS = ("00B42265", "00B42268")


def _line(text: str) -> list[str]:
    """Files of the line offered, with bodies put in as somebody would who answers."""
    line = text.partition("`imu_files: ")[2].partition("`")[0]
    for number in range(line.count("BODY")):
        line = line.replace("BODY", f"body_{number}", 1)
    return list(yaml.safe_load(line).values())


def _exports(*trials: str) -> list[str]:
    return [f"MT_0120_{trial}_{serial}.txt" for trial in trials for serial in SERIALS]


def test_one_line_is_offered_for_all_trials_of_a_makers_export() -> None:
    places = {f"p1/walk{number}": _exports(f"00{number}-000") for number in range(5)}
    (question,) = whose_sensors(places)
    assert question.where == "cohort.yaml, imu_files"
    assert "in p1/walk0, p1/walk1, p1/walk2 and 2 more?" in question.text
    assert _line(question.text) == ["*_00B42265.txt", "*_00B42268.txt"]


def test_trials_in_one_folder_are_to_be_parted() -> None:
    (question,) = whose_sensors({"imu": _exports("walk1", "walk2", "walk3")})
    assert "files of 3 trials in one folder" in question.text
    assert _line(question.text) == ["*_00B42265.txt", "*_00B42268.txt"]


def test_names_without_a_serial_number_are_offered_as_they_are() -> None:
    for names in (
        ["a.txt", "b.txt"],
        ["a_raw.txt", "b_raw.txt"],
        ["s_1.txt", "s_2.txt"],
        ["x_all.sto#a", "x_all.sto#b"],
    ):
        (question,) = whose_sensors({"imu": names})
        assert _line(question.text) == names
        assert "trials in one folder" not in question.text


def test_folders_with_other_sensors_are_asked_about_apart() -> None:
    assert len(whose_sensors({"p1": _exports("1"), "p2": ["a.txt"], "p3": _exports("2")})) == 2


def test_what_is_offered_for_published_exports_fits_each_file_once(shared: Path) -> None:
    for folder, sensors in ((shared / "opensense_example/IMUData", 8), (shared / "neura_sparse01/rawimu", 11)):
        names = [path.name for path in folder.glob("*.txt")]
        (question,) = whose_sensors({"imu": names})
        found = sensor_files(folder, {f"body_{n}": name for n, name in enumerate(_line(question.text))}, where="")
        assert {path.name for path in found.values()} == set(names)
        assert len(found) == sensors
