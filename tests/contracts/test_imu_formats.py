"""What holds for every format of inertial sensors, those added later included; and that one file adds one."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from added_files import added, example_of
from gaitload.discovery.files import find_files
from gaitload.discovery.sensors import sensors_of
from gaitload.errors import ContractError, DataError
from gaitload.io.imu.formats import ImuFormat, imu_formats
from gaitload.io.imu.reader import format_of, read_imu
from gaitload.provenance import code_fingerprint
from gaitload.registry import modules_of
from imu_files import delimited, swing
from tests.fuzz import seeds_imu

PACKAGE = "gaitload.io.imu.formats"
MODULES = modules_of(PACKAGE, required=("FORMAT", "recognises", "read"))
ROOT = Path(__file__).resolve().parents[2]
STANDARD_GRAVITY_M_PER_S2 = 9.80665


@pytest.fixture
def fresh() -> Iterator[None]:
    """Formats are looked for anew, before and after."""
    imu_formats.cache_clear()
    yield
    imu_formats.cache_clear()


def logged(path: Path, motion) -> None:
    """Write a motion as the logger of docs/extend.md does."""
    names = ["time_s", *(f"{kind}_{axis}" for kind in ("acc", "gyr") for axis in "xyz")]
    time_s = np.arange(len(motion.acc)) / 60.0
    columns = [5.0 + time_s, *(motion.acc.T / STANDARD_GRAVITY_M_PER_S2), *np.degrees(motion.gyr).T]
    path.write_text("# logger 2\n" + delimited(names, columns, ";"))


@pytest.mark.parametrize("name", MODULES)
def test_a_format_says_what_it_is(name: str) -> None:
    about = MODULES[name].FORMAT
    assert isinstance(about, ImuFormat)
    assert about.suffixes and all(suffix.startswith(".") and suffix == suffix.lower() for suffix in about.suffixes)
    assert about.sensors_per_file in ("one", "all")
    assert f"| {about.name}" in (ROOT / "docs/imu.md").read_text(), "no row for it in docs/imu.md"


@pytest.mark.parametrize("name", MODULES)
def test_a_format_is_read_as_all_others_are(name: str) -> None:
    parameters = inspect.signature(MODULES[name].read).parameters
    assert list(parameters) == ["paths", "rate_hz"]
    assert parameters["rate_hz"].default is None
    assert parameters["rate_hz"].kind is inspect.Parameter.KEYWORD_ONLY


@pytest.mark.parametrize("name", MODULES)
def test_a_format_recognises_no_strange_file(name: str) -> None:
    for lines in ([""], ["time,x,y,z", "0,1,2,3"], ["\x00\x01"], ["// a comment"]):
        assert not MODULES[name].recognises(lines)


@pytest.mark.parametrize("name", sorted({*MODULES} & {*vars(seeds_imu)}))
def test_its_files_are_recognised_by_it_alone_and_read(name: str, tmp_path: Path) -> None:
    for seed in getattr(seeds_imu, name)(None):
        path = tmp_path / f"{seed.name}{seed.suffix}"
        path.write_bytes(seed.content)
        assert format_of(path) == MODULES[name].FORMAT.name
        recordings = read_imu(path, **seed.options)
        assert recordings and all(np.ptp(np.diff(each.time_s)) < 1e-6 for each in recordings)


def test_one_file_adds_a_reader(fresh: None, tmp_path: Path) -> None:
    """The file of docs/extend.md, nothing else: read by the front door, and found by `gaitload new-cohort`."""
    home, motion = tmp_path / "recordings", swing(200, 60.0)
    (tmp_path / "source").mkdir()
    (home / "p1/walk_imu").mkdir(parents=True)
    for body in ("pelvis", "tibia_r"):
        logged(home / f"p1/walk_imu/{body}.log", motion)
    (home / "p1/walk.trc").write_text("PathFileType\t4\t(X/Y/Z)\twalk.trc\n")
    paths = sorted((home / "p1/walk_imu").iterdir())
    assert format_of(paths[0]) == "CSV with named columns"
    imu_formats.cache_clear()
    with added(PACKAGE, "logger", example_of("python reader"), tmp_path / "source"):
        assert format_of(paths[0]) == "Logger text"
        pelvis, shank = read_imu(paths)
        found = find_files(home)
        sensors = sensors_of(home, found.sensors, found.markers, [])
    assert (pelvis.name, shank.name) == ("pelvis", "tibia_r")
    np.testing.assert_allclose(pelvis.time_s, np.arange(200) / 60.0, atol=1e-9)
    np.testing.assert_allclose(pelvis.acc_sensor_m_per_s2, motion.acc, atol=1e-6)
    np.testing.assert_allclose(pelvis.gyr_sensor_rad_per_s, motion.gyr, atol=1e-6)
    assert sensors.imu_files == {"pelvis": "pelvis.log", "tibia_r": "tibia_r.log"}
    assert sensors.imu_dirs == {"p1/walk.trc": "p1/walk_imu"}


def test_a_file_that_two_formats_recognise_is_refused(fresh: None, tmp_path: Path) -> None:
    text = example_of("python reader").replace('"Logger text"', '"Greedy text"').replace('"# logger"', '"Packet"')
    (tmp_path / "source").mkdir()
    path = tmp_path / "dot.csv"
    path.write_bytes(next(seed.content for seed in seeds_imu.dot(None) if seed.name == "wrapping"))
    with added(PACKAGE, "greedy", text, tmp_path / "source"), pytest.raises(DataError) as caught:
        format_of(path)
    assert caught.value.code == "IMU_FORMAT_AMBIGUOUS"
    assert "Movella DOT CSV and Greedy text" in caught.value.found


def test_two_formats_of_one_name_are_refused(fresh: None, tmp_path: Path) -> None:
    text = example_of("python reader").replace("Logger text", "APDM CSV")
    with added(PACKAGE, "logger", text, tmp_path), pytest.raises(ContractError, match="APDM CSV") as caught:
        imu_formats()
    assert caught.value.code == "CONTRACT_NAME_TWICE"


def test_a_new_format_is_seen_by_the_stages_that_read_sensors(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src/gaitload", tmp_path / "gaitload", ignore=shutil.ignore_patterns("__pycache__"))
    before = code_fingerprint("gaitload.stages.sensors", root=tmp_path)
    (tmp_path / "gaitload/io/imu/formats/logger.py").write_text(example_of("python reader"))
    assert code_fingerprint("gaitload.stages.sensors", root=tmp_path) != before
