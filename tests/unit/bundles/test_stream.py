"""A stream says of every stance what a prediction of the whole recording says, a stated time later."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from typer.testing import CliRunner

import shipped
from gaitload.bundles.file import read_bundle
from gaitload.bundles.live import Shown, play
from gaitload.bundles.predict import predict
from gaitload.bundles.stream import Load, Stream
from gaitload.cli import app
from gaitload.errors import ConfigError, DataError
from synthetic_aligned import sensors_of


def streamed(bundle, worn) -> tuple[Stream, list[Load]]:
    first = next(iter(worn.values()))
    stream = Stream(bundle, list(worn), first.rate_hz)
    loads = []
    for frame in range(len(first.time_s)):
        loads += stream.push(
            {b: (each.acc_sensor_m_per_s2[frame], each.gyr_sensor_rad_per_s[frame]) for b, each in worn.items()}
        )
    return stream, loads


@pytest.mark.parametrize("name", sorted(shipped.WORN))
def test_stances_come_once_and_soon_and_are_those_of_the_whole_recording(name):
    bundle, worn = read_bundle(shipped.path_of(name)), shipped.example(shipped.WORN[name])
    _, loads = streamed(bundle, worn)
    whole = predict(bundle, worn)
    assert len(loads) >= 0.7 * len(whole.windows) and not any(load.reason or load.doubt for load in loads)
    assert max(load.delay_s for load in loads[4:]) < 0.7
    middles_s = whole.windows.time_s.mean(axis=1)
    for load in loads:
        own = np.flatnonzero(whole.windows.side == load.side)
        nearest = own[np.abs(middles_s[own] - load.time_s.mean()).argmin()]
        assert abs(middles_s[nearest] - load.time_s.mean()) < 0.03
        peaks = load.estimates.max(axis=0), whole.estimates[nearest].max(axis=0)
        np.testing.assert_allclose(*peaks, rtol=0.15)
    keys = sorted((load.side, float(load.time_s.mean())) for load in loads)
    apart_s = [b[1] - a[1] for a, b in pairwise(keys) if a[0] == b[0]]
    assert min(apart_s) > 0.4


def test_fixed_windows_are_estimated_point_by_point(results, bundle):
    read, worn = read_bundle(bundle), sensors_of(results)
    _, loads = streamed(read, worn)
    whole = predict(read, worn)
    times_s = np.concatenate([load.time_s for load in loads])
    assert (np.diff(times_s) > 0).all() and len(times_s) > 0.8 * (len(worn["pelvis"].time_s) - 40)
    assert all(load.delay_s == pytest.approx(0.0, abs=1e-9) for load in loads)
    last = {round(time_s[-1], 6): curve for time_s, curve in zip(whole.windows.time_s, whole.estimates, strict=True)}
    shared = [load for load in loads if round(load.time_s[-1], 6) in last]
    assert len(shared) > 5
    for load in shared:
        np.testing.assert_allclose(load.estimates[-1], last[round(load.time_s[-1], 6)][-1], rtol=1e-4, atol=1e-4)


def test_unlike_signals_give_a_reason_and_no_number():
    bundle, worn = read_bundle(shipped.path_of("running_tibia")), shipped.example(("tibia_r",))
    stream, loads = Stream(bundle, ["tibia_r"], worn["tibia_r"].rate_hz), []
    each = worn["tibia_r"]
    for acc, gyr in zip(each.acc_sensor_m_per_s2, each.gyr_sensor_rad_per_s, strict=True):
        loads += stream.push({"tibia_r": (4.0 * acc, gyr)})
    assert loads and all(load.reason and np.isnan(load.estimates).all() for load in loads[3:])


def test_a_stream_refuses_what_a_prediction_refuses():
    bundle = read_bundle(shipped.path_of("running_pelvis"))
    with pytest.raises(ConfigError, match="PREDICTION_SENSOR_MISSING"):
        Stream(bundle, ["tibia_r"], 100.0)
    with pytest.raises(DataError, match="PREDICTION_RATE"):
        Stream(bundle, ["pelvis"], 25.0)
    with pytest.raises(ConfigError, match="PREDICTION_PERSON"):
        Stream(bundle, ["pelvis"], 100.0, person={"mass_kg": 25.0})
    covariates = [*bundle.document["settings"]["covariates"], "speed_m_per_s"]
    settings = bundle.document["settings"] | {"covariates": covariates}
    fast = replace(bundle, document=bundle.document | {"settings": settings})
    with pytest.raises(ConfigError, match="PREDICTION_COVARIATE_MISSING"):
        Stream(fast, ["pelvis"], 100.0)


@pytest.mark.parametrize("name", sorted(shipped.WORN))
def test_sensors_upside_down_give_a_reason_and_no_number(name):
    flip = np.array([-1.0, -1.0, 1.0])
    worn = {
        body: replace(
            each,
            acc_sensor_m_per_s2=each.acc_sensor_m_per_s2 * flip,
            gyr_sensor_rad_per_s=each.gyr_sensor_rad_per_s * flip,
        )
        for body, each in shipped.example(shipped.WORN[name]).items()
    }
    _, loads = streamed(read_bundle(shipped.path_of(name)), worn)
    assert loads and all("upside down" in load.reason and np.isnan(load.estimates).all() for load in loads)


def test_a_turned_shank_sensor_is_doubted_live():
    turn = Rotation.from_euler("x", 40.0, degrees=True)
    each = shipped.example(("tibia_r",))["tibia_r"]
    acc, gyr = turn.apply(each.acc_sensor_m_per_s2), turn.apply(each.gyr_sensor_rad_per_s)
    worn = {"tibia_r": replace(each, acc_sensor_m_per_s2=acc, gyr_sensor_rad_per_s=gyr)}
    _, loads = streamed(read_bundle(shipped.path_of("running_tibia")), worn)
    assert loads and all("right foot" in load.doubt or "turned by" in load.reason for load in loads)


def test_a_person_who_is_too_light_is_refused_live():
    words = [str(shipped.path_of("running_pelvis")), f"pelvis={shipped.EXAMPLE / 'waist_dot.csv'}", "--mass", "25"]
    said = CliRunner().invoke(app, ["live", *words])
    assert said.exit_code == 1 and "PREDICTION_PERSON" in said.output


def test_the_sum_of_a_constant_load_is_its_value_times_the_time():
    shown = Shown(0.01)
    for hop in range(10):
        time_s = 0.01 * (25 * hop + np.arange(25))
        shown.take(Load("", time_s, np.ones((25, 1)), 0.0, ""))
    np.testing.assert_allclose(shown.sums, 2.5)


def test_a_recording_plays_to_lines_and_a_page(tmp_path):
    said: list[str] = []
    bundle = read_bundle(shipped.path_of("running_pelvis"))
    count = play(bundle, shipped.example(["pelvis"]), tmp_path / "live.html", times_as_fast=np.inf, say=said.append)
    page = (tmp_path / "live.html").read_text()
    assert count == len(said) > 8 and "peaks atf_bw" in said[-1]
    assert page.count("<svg") == 4 and "http:" not in page and "https:" not in page
