"""External columns on the clock of a trial, and what is said against them."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.errors import ConventionError, DataError
from gaitload.external.declaration import ExternalColumn, ExternalSource
from gaitload.external.gates import judge_signal, require_unit
from gaitload.external.signals import (
    Signal,
    beyond_cycle,
    common_clock,
    missing_share,
    on_clock,
    rate_of,
    signals_of,
    times_of,
)
from gaitload.quality import Verdict

TIME_S = np.arange(500) / 100.0
SINE = 0.5 * np.sin(2.0 * np.pi * TIME_S)
ANGLE = {"column": "angle", "unit": "rad", "meaning": "an encoder"}


def _source(**of: object) -> ExternalSource:
    return ExternalSource(**{"time": "t", "columns": {"encoder_rad": ANGLE}, **of})


def _signal(values: np.ndarray, name: str = "encoder_rad", time_s: np.ndarray = TIME_S, **of: object) -> Signal:
    return Signal(name, "encoder", ExternalColumn(**(ANGLE | of)), time_s, values)


def _times(source: ExternalSource, ticks: np.ndarray | None, **of: object) -> np.ndarray:
    return times_of(source, ticks, len(TIME_S), **({"offset_s": None, "cycle_s": None, "where": "here"} | of))


def _verdicts(signal: Signal, flipped: bool = False) -> dict[str, str]:
    gates = judge_signal(signal, gap_max_s=0.1, missing_max=0.2, flipped=flipped)
    return {gate.code: gate.verdict for gate in gates}


def test_times_of_every_clock_are_those_of_the_trial() -> None:
    assert _times(_source(time_unit="ms"), 1000.0 * TIME_S + 5.0)[0] == pytest.approx(0.005)
    assert _times(_source(from_start=True), TIME_S + 13.8)[0] == 0.0
    assert _times(_source(clock="own"), TIME_S, offset_s=2.0)[0] == 2.0
    assert _times(_source(time=None, rate_hz=100.0), None)[-1] == pytest.approx(4.99)
    cycle = _source(clock="cycle", time_unit="%", side="r")
    found = times_of(cycle, np.array([0.0, 50.0, 100.0]), 3, offset_s=None, cycle_s=(1.0, 2.2), where="here")
    assert found == pytest.approx([1.0, 1.6, 2.2])


def test_another_rate_than_declared_is_refused_with_both() -> None:
    with pytest.raises(ConventionError, match=r"EXTERNAL_RATE.*200 Hz.*100 Hz"):
        _times(_source(rate_hz=200.0), TIME_S)
    assert len(_times(_source(rate_hz=101.0), TIME_S)) == 500


@pytest.mark.parametrize(
    ("unit", "ticks", "fits"), [("s", 1000.0 * TIME_S, "ms"), ("ms", TIME_S, "s"), ("ms", 1e6 * TIME_S, "us")]
)
def test_without_a_rate_times_that_no_device_has_are_refused(unit: str, ticks: np.ndarray, fits: str) -> None:
    with pytest.raises(ConventionError, match=rf"EXTERNAL_RATE.*in {fits} they would fit"):
        _times(_source(time_unit=unit), ticks)


def test_the_rate_of_rounded_times_with_missing_rows_is_that_of_the_device() -> None:
    time_s = np.round(np.arange(2000) / 1259.26, 4)
    assert rate_of(np.delete(time_s, slice(500, 900))) == pytest.approx(1259.26, rel=1e-3)


@pytest.mark.parametrize("ticks", [np.linspace(0.0, 1.0, 500), np.linspace(0.0, 5e3, 500)], ids=["share", "time"])
def test_what_is_no_per_cent_of_a_cycle_is_refused(ticks: np.ndarray) -> None:
    with pytest.raises(DataError, match=r"EXTERNAL_TIME.*per cent"):
        _times(_source(clock="cycle", time_unit="%", side="r"), ticks, cycle_s=(0.0, 1.0))


def test_a_missing_first_time_is_no_start() -> None:
    times = np.concatenate([[np.nan], TIME_S[1:] + 7.0])
    assert _times(_source(from_start=True), times)[1] == pytest.approx(0.0)


@pytest.mark.parametrize("samples", [250, 1200, 3000])
@pytest.mark.parametrize("fault", ["step", "spike"])
def test_an_angle_that_jumps_within_a_sample_warns_and_one_that_moves_does_not(fault: str, samples: int) -> None:
    time_s, at = np.arange(samples) / 100.0, samples // 2
    walk = 0.5 * np.sin(2.0 * np.pi * time_s)
    jumped = walk.copy()
    jumped[at : at + 1 if fault == "spike" else samples] += 0.1
    assert _verdicts(_signal(walk, time_s=time_s))["EXTERNAL_JUMP"] == Verdict.PASSED
    assert _verdicts(_signal(jumped, time_s=time_s))["EXTERNAL_JUMP"] == Verdict.WARNED


def test_a_clock_of_its_own_needs_its_offset() -> None:
    with pytest.raises(DataError, match="EXTERNAL_OFFSET"):
        _times(_source(clock="own"), TIME_S)


def test_times_that_do_not_rise_are_refused() -> None:
    with pytest.raises(DataError, match="EXTERNAL_TIME"):
        _times(_source(), TIME_S[::-1])


@pytest.mark.parametrize(
    ("name", "unit", "values", "words"),
    [
        ("encoder_rad", "rad", 40.0 * SINE, "in deg it would fit"),
        ("plate_n", "kN", 800.0 * np.abs(SINE) * 1000.0, "in N it would fit"),
        ("shank_m_per_s2", "m/s2", np.full(500, 9.81) + 1e4 * SINE, "EXTERNAL_UNIT"),
    ],
)
def test_a_wrong_unit_is_named_with_the_one_that_fits(name: str, unit: str, values: np.ndarray, words: str) -> None:
    with pytest.raises(ConventionError) as error:
        require_unit(_signal(values, name, unit=unit), "here")
    assert words in str(error.value)


def test_degrees_that_are_radians_span_too_little_for_the_range() -> None:
    with pytest.raises(ConventionError, match="in rad it would fit"):
        require_unit(_signal(np.radians(SINE), unit="deg", range=(-1.0, 1.0)), "here")
    require_unit(_signal(SINE, range=(-1.0, 1.0)), "here")


def test_a_sound_signal_passes_and_each_defect_has_its_name() -> None:
    assert set(_verdicts(_signal(SINE)).values()) == {Verdict.PASSED}
    gap = np.where((TIME_S > 2.0) & (TIME_S < 2.5), np.nan, SINE)
    assert _verdicts(_signal(gap))["EXTERNAL_GAPS"] == Verdict.WARNED
    assert _verdicts(_signal(np.where(TIME_S < 2.0, np.nan, SINE)))["EXTERNAL_GAPS"] == Verdict.FAILED
    assert _verdicts(_signal(np.where(TIME_S == 1.0, 9.0, SINE)))["EXTERNAL_RANGE"] == Verdict.WARNED
    assert _verdicts(_signal(np.full(500, 0.3)))["EXTERNAL_CONSTANT"] == Verdict.FAILED
    assert _verdicts(_signal(SINE - 1.0, mean_sign="+"))["EXTERNAL_SIGN"] == Verdict.FAILED
    assert _verdicts(_signal(SINE + 1.0, mean_sign="+"))["EXTERNAL_SIGN"] == Verdict.PASSED
    assert _verdicts(_signal(SINE), flipped=True)["EXTERNAL_FLIPPED"] == Verdict.WARNED


def test_a_flipped_sign_is_turned_and_the_share_at_the_end_of_the_range_is_counted() -> None:
    columns = {"shank_m_per_s2": {"column": "a", "unit": "g", "meaning": "x", "clips_at": 1.0, "mean_sign": "-"}}
    table, names = {"a": np.array([0.5, 1.0, 1.0, 0.2])}, {"shank_m_per_s2": "a"}
    source = ExternalSource(time="t", columns=columns)
    given = {"names": names, "mass_kg": None, "where": "here"}
    (turned,) = signals_of("s", source, table, np.arange(4.0), flipped=("shank_m_per_s2",), **given)
    assert turned.values == pytest.approx(-9.80665 * table["a"])
    assert turned.clipped_share == 0.5
    assert "EXTERNAL_CLIPPED" in {g.code for g in judge_signal(turned, gap_max_s=2, missing_max=0.2, flipped=True)}


def test_body_weights_need_a_mass() -> None:
    source = ExternalSource(time="t", columns={"plate_bw": {"column": "f", "unit": "N", "meaning": "x"}})
    given = {"names": {"plate_bw": "f"}, "flipped": (), "where": "here"}
    table = {"f": np.array([0.0, 980.665])}
    (signal,) = signals_of("s", source, table, np.arange(2.0), mass_kg=100.0, **given)
    assert signal.values == pytest.approx([0.0, 1.0])
    with pytest.raises(DataError, match="MASS_MISSING"):
        signals_of("s", source, table, np.arange(2.0), mass_kg=None, **given)


def test_a_faster_signal_loses_what_the_slower_clock_cannot_hold() -> None:
    fast_s = np.arange(5000) / 1000.0
    slow, hum = np.sin(2 * np.pi * fast_s), np.sin(2 * np.pi * 195.0 * fast_s)
    clock_s = np.arange(100, 900) / 200.0
    found = on_clock(fast_s, slow + hum, clock_s, 0.1)
    assert np.abs(found - np.sin(2 * np.pi * clock_s)).max() < 0.03


def test_long_gaps_stay_and_short_ones_are_bridged() -> None:
    values = np.where((TIME_S > 1.0) & (TIME_S < 1.5), np.nan, TIME_S)
    values[300:303] = np.nan
    clock_s = common_clock([_signal(values)], 200.0)
    found = on_clock(TIME_S, values, clock_s, 0.1)
    inside = (clock_s > 1.001) & (clock_s < 1.499)
    assert np.isnan(found[inside]).all()
    assert found[~inside] == pytest.approx(clock_s[~inside], abs=1e-9)
    assert missing_share(_signal(values), 0.1) == pytest.approx(0.1, abs=0.01)


def test_rows_at_uneven_times_go_along_a_line() -> None:
    time_s = np.cumsum(np.random.default_rng(0).choice([0.009, 0.010, 0.013], 400))
    clock_s = np.arange(10, 700) / 200.0
    assert on_clock(time_s, np.sin(time_s), clock_s, 0.1) == pytest.approx(np.sin(clock_s), abs=1e-4)


def test_a_cycle_goes_on_as_it_began() -> None:
    time_s = 1.0 + np.linspace(0.0, 1.2, 101)
    whole = beyond_cycle(_signal(np.cos(2 * np.pi * (time_s - 1.0) / 1.2), time_s=time_s), (1.0, 2.2))
    assert (np.diff(whole.time_s) > 0).all()
    assert whole.time_s[[0, -1]] == pytest.approx([0.94, 2.26])
    assert whole.values == pytest.approx(np.cos(2 * np.pi * (whole.time_s - 1.0) / 1.2))
