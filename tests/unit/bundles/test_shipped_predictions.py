"""Shipped estimators on the example recording: read by hand, estimated, and refused where something is wrong."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from typer.testing import CliRunner

import shipped
from gaitload.bundles import predict as predict_module
from gaitload.bundles.file import read_bundle
from gaitload.bundles.predict import predict
from gaitload.cli import app
from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.errors import GaitloadError
from gaitload.imu.judgement import judge_sensors
from gaitload.trial import ImuRecording

NAMES = sorted(shipped.WORN)
PHONE = shipped.EXAMPLE / "phone.csv"


@pytest.fixture(autouse=True)
def with_gates(without_gates, monkeypatch):
    """The sensors of the example do what real ones do."""
    monkeypatch.setattr(predict_module, "judge_sensors", judge_sensors)


def changed(worn: dict[str, ImuRecording], *, acc=1.0, gyr=1.0, every: int = 1, slower: float = 1.0) -> dict:
    """Signals times factors, every so manieth sample, on a clock that runs slower."""
    return {
        body: replace(
            each,
            time_s=each.time_s[::every] * slower,
            acc_sensor_m_per_s2=each.acc_sensor_m_per_s2[::every] * acc,
            gyr_sensor_rad_per_s=each.gyr_sensor_rad_per_s[::every] * gyr / slower,
        )
        for body, each in worn.items()
    }


def refusal(name: str, worn: dict, **known) -> GaitloadError:
    with pytest.raises(GaitloadError) as caught:
        predict(read_bundle(shipped.path_of(name)), worn, **known)
    return caught.value


def command(*words: object):
    return CliRunner().invoke(app, ["predict", *map(str, words)])


@pytest.mark.parametrize("name", NAMES)
def test_a_table_of_ones_own_becomes_a_page_within_a_minute(name, tmp_path):
    began_s = time.perf_counter()
    words = [f"{body}={PHONE}#{body}" for body in shipped.WORN[name]]
    said = command(
        shipped.path_of(name), *words, "--columns", shipped.EXAMPLE / "columns.yaml", "--out", tmp_path / "out"
    )
    assert said.exit_code == 0, said.output
    assert time.perf_counter() - began_s < 60
    assert (
        "Achilles tendon force (atf_bw): mean peak" in said.output
        and (tmp_path / "out/report.html").stat().st_size > 10_000
    )
    rows = (tmp_path / "out/curves.tsv").read_text().splitlines()
    assert rows[0].startswith("target\twindow") and sum(row.startswith("target") for row in rows) == 1


def test_an_export_of_a_dot_sensor_becomes_a_page(tmp_path):
    said = command(
        shipped.path_of("running_pelvis"), f"pelvis={shipped.EXAMPLE / 'waist_dot.csv'}", "--out", tmp_path / "out"
    )
    assert said.exit_code == 0, said.output
    assert (tmp_path / "out/report.html").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_the_example_is_estimated_with_plausible_peaks(name):
    prediction = predict(read_bundle(shipped.path_of(name)), shipped.example(shipped.WORN[name]))
    assert len(prediction.windows) > 6
    peaks = prediction.estimates.max(axis=1).mean(axis=0)
    assert (peaks > 3).all() and (peaks < 16).all()


def turned(each: ImuRecording, angle_deg: float) -> ImuRecording:
    """A sensor turned about its long axis."""
    turn = Rotation.from_euler("x", angle_deg, degrees=True)
    acc, gyr = turn.apply(each.acc_sensor_m_per_s2), turn.apply(each.gyr_sensor_rad_per_s)
    return replace(each, acc_sensor_m_per_s2=acc, gyr_sensor_rad_per_s=gyr)


@pytest.mark.parametrize("name", ["running_tibia", "running_pelvis+tibia"])
@pytest.mark.parametrize("bodies", [("tibia_r", "tibia_l"), ("tibia_r",)], ids=["both", "right"])
def test_a_shank_sensor_that_is_turned_by_40_deg_is_doubted(name, bodies):
    worn, bundle = shipped.example(shipped.WORN[name]), read_bundle(shipped.path_of(name))
    assert not predict(bundle, worn).doubts
    doubts = predict(bundle, worn | {body: turned(worn[body], 40.0) for body in bodies}).doubts
    assert any("the sensor on tibia faces" in doubt and "right foot" in doubt for doubt in doubts)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("spoil", "codes", "said"),
    [
        ({"every": 2}, {"PREDICTION_RATE"}, "30 Hz"),
        ({"acc": 1 / STANDARD_GRAVITY_M_PER_S2}, {"PREDICTION_CONTRADICTED"}, "IMU_GRAVITY_OFF"),
        ({"acc": np.array([-1, -1, 1]), "gyr": np.array([-1, -1, 1])}, {"PREDICTION_TURNED"}, "upside down"),
    ],
    ids=["slow", "g", "upside down"],
)
def test_what_is_wrong_with_the_sensors_is_named(name, spoil, codes, said):
    error = refusal(name, changed(shipped.example(shipped.WORN[name]), **spoil))
    assert error.code in codes and said in str(error)


@pytest.mark.parametrize("name", NAMES)
def test_an_inverted_gyroscope_is_refused_or_doubted(name):
    worn = changed(shipped.example(shipped.WORN[name]), gyr=-1.0)
    try:
        assert predict(read_bundle(shipped.path_of(name)), worn).doubts
    except GaitloadError as error:
        assert error.code in {"PREDICTION_CONTRADICTED", "PREDICTION_EMPTY", "PREDICTION_UNLIKE"}


@pytest.mark.parametrize("name", ["running_tibia", "running_pelvis+tibia"])
def test_a_sensor_on_the_thigh_is_no_shank(name):
    worn = shipped.example((*shipped.WORN[name], "femur_r"))
    thigh = worn.pop("femur_r")
    error = refusal(
        name,
        {body: thigh for body in worn if body != "tibia_l"} | ({"pelvis": worn["pelvis"]} if "pelvis" in worn else {}),
    )
    assert error.code in {"PREDICTION_EMPTY", "PREDICTION_UNLIKE", "PREDICTION_FACING", "PREDICTION_TURNED"}


@pytest.mark.parametrize("name", NAMES)
def test_a_child_is_named(name):
    """Motions of bodies of different size are alike at equal Froude numbers: time goes with the root of length."""
    worn, bundle = shipped.example(shipped.WORN[name]), read_bundle(shipped.path_of(name))
    assert refusal(name, worn, person={"height_m": 1.15}).code == "PREDICTION_PERSON"
    child = changed(worn, slower=np.sqrt(1.15 / 1.75))
    try:
        doubts = predict(bundle, child).doubts
    except GaitloadError as error:
        doubts = (error.found,)
    assert any("stride_s" in doubt or "score" in doubt or "turned" in doubt for doubt in doubts)


@pytest.mark.parametrize("name", NAMES)
def test_walking_is_named(name, shared):
    devices = {"pelvis": "00B40B91", "tibia_r": "00B40C35", "tibia_l": "00B40BA5"}
    folder, worn = shared / "neura_sparse01" / "rawimu", {}
    if not folder.is_dir():
        pytest.skip(f"no recording at {folder}")
    for body in shipped.WORN[name]:
        path = folder / f"S02-Trial-Walk-1-000_{devices[body]}.txt"
        values = np.genfromtxt(path, delimiter=",", skip_header=6)
        worn[body] = ImuRecording(body, np.arange(len(values)) / 100.0, values[:, 2:5], values[:, 5:8])
    assert refusal(name, worn).code in {"PREDICTION_EMPTY", "PREDICTION_TURNED", "PREDICTION_CONTRADICTED"}


def test_missing_sensors_and_empty_files_are_named(tmp_path):
    (tmp_path / "empty.csv").write_text("")
    said = command(shipped.path_of("running_pelvis"), f"pelvis={tmp_path / 'empty.csv'}")
    assert said.exit_code == 1 and "FILE_EMPTY" in said.output
    said = command(
        shipped.path_of("running_tibia"),
        f"pelvis={PHONE}#pelvis",
        "--columns",
        shipped.EXAMPLE / "columns.yaml",
    )
    assert said.exit_code == 1 and "PREDICTION_SENSOR_MISSING" in said.output


def test_missing_samples_are_left_out_or_named():
    worn = shipped.example(("tibia_r",))
    gaps = worn["tibia_r"].gyr_sensor_rad_per_s.copy()
    gaps[200:203] = np.nan
    bundle = read_bundle(shipped.path_of("running_tibia"))
    whole = predict(bundle, worn)
    some = predict(bundle, {"tibia_r": replace(worn["tibia_r"], gyr_sensor_rad_per_s=gaps)})
    assert 0 < len(some.windows) < len(whole.windows) and np.isfinite(some.estimates).all()
    nothing = replace(worn["tibia_r"], gyr_sensor_rad_per_s=gaps * np.nan)
    assert refusal("running_tibia", {"tibia_r": nothing}).code == "IMU_CHANNELS_MISSING"


def test_predict_works_where_torch_is_not_installed(tmp_path):
    code = f"""
import sys
class NoTorch:
    def find_spec(self, name, *rest):
        if name.partition(".")[0] == "torch":
            raise ImportError(name)
sys.meta_path.insert(0, NoTorch())
from pathlib import Path
from gaitload.bundles.command import predict_files
print(predict_files(Path({str(shipped.path_of("running_pelvis"))!r}),
                    ["pelvis={shipped.EXAMPLE / "waist_dot.csv"}"], Path({str(tmp_path / "out")!r})))
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Achilles tendon force (atf_bw): mean peak" in said.stdout
