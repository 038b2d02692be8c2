"""Comparison with measurements: the arithmetic, on curves and recordings whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import truth, truth_emg
from benchmarks.trials import Case
from benchmarks.truth_passive import measured_nm
from benchmarks.truth_patient import PERCENT, Cycle, compared, emg_agreement, read_cycle, read_envelopes, read_implant
from gaitload.io.sto import Table

BODY_WEIGHT_N = 700.0


def test_a_curve_agrees_with_itself():
    curve = 1000 + 400 * np.sin(PERCENT / 8)
    found = compared(curve, curve, 0.6, BODY_WEIGHT_N)
    assert found == {"rmse_bw": 0, "r": pytest.approx(1), "peak_1_bw": 0, "peak_2_bw": 0, "swing_bias_bw": 0}


def test_an_error_in_late_stance_is_one_of_the_second_peak_alone():
    measured = 1000 * np.exp(-(((PERCENT - 15) / 8) ** 2)) + 900 * np.exp(-(((PERCENT - 45) / 8) ** 2))
    ours = measured + 350 * np.exp(-(((PERCENT - 45) / 4) ** 2))
    found = compared(ours, measured, 0.6, BODY_WEIGHT_N)
    assert found["peak_1_bw"] == pytest.approx(0, abs=1e-3)
    assert found["peak_2_bw"] == pytest.approx(0.5, abs=1e-3)
    assert found["swing_bias_bw"] == pytest.approx(0, abs=0.01)


def test_a_cycle_is_cut_between_its_strikes():
    cycle = Cycle(1.0, 1.6, 2.0)
    time_s = np.linspace(0, 3, 3001)
    np.testing.assert_allclose(cycle.normalised(time_s, time_s), 1 + PERCENT / 100)
    assert cycle.stance_share == pytest.approx(0.6)


def test_a_muscle_that_is_on_when_its_electromyogram_is_off_has_no_agreement():
    on = (PERCENT < 50).astype(float)
    assert emg_agreement(on, on) == {"r": pytest.approx(1), "on_off": 1.0}
    assert emg_agreement(on, 1 - on) == {"r": pytest.approx(-1), "on_off": 0.0}
    assert emg_agreement(np.full(101, 0.01), on)["r"] == 0.0


def test_passive_moments_are_those_printed_with_the_equations():
    """As recomputed from Riener & Edrich 1999 for the truth issue."""
    ankle, knee, hip = measured_nm(10, 0, 0).values()
    assert (round(ankle, 1), round(knee, 1), round(hip, 1)) == (17.2, -14.0, 8.6)
    assert measured_nm(0, 10, -20)["hip flexion"] == pytest.approx(25.2, abs=0.05)


def test_the_events_of_the_patient_are_read_on_the_clock_of_the_recording(shared):
    folder = shared / "grandchallenge5_ps"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    cycle = read_cycle(folder / "ps_ss1.c3d")
    # Frame 611 is the first, at 5.0833 s.
    assert (cycle.start_s, cycle.off_s, cycle.end_s) == pytest.approx((5.1417, 5.8583, 6.2333), abs=1e-4)
    total = read_implant(folder / "implant_knee_l.tsv")["ss1"]["total"]
    assert total.shape == PERCENT.shape
    assert 2.0 < total.max() / 735.5 < 2.5
    envelopes = read_envelopes(folder / "ps_ss1.c3d", cycle)
    # The soleus works in late stance, hamstrings around the strike.
    assert 30 < PERCENT[envelopes["soleus"].argmax()] < 60
    assert envelopes["semimem"][95] > 3 * envelopes["semimem"][75]


def test_activations_that_follow_their_electromyogram_agree_with_it():
    rate_hz, at_s = 2000.0, np.arange(6000) / 2000.0
    burst = 0.5 + 0.5 * np.sin(2 * np.pi * at_s)
    noise = np.random.default_rng(0).normal(size=len(at_s))
    signals = truth_emg.Signals(rate_hz, {"SOL": 30 + burst * noise, "TA": 30 + (1 - burst) * noise})
    recording = truth_emg.Recording(
        Case("c", "p", "t", 0.5, 2.5), "emg", "r", {"SOL": "soleus", "TA": "tibant"}, note="One leg."
    )
    time_s = np.arange(0.5, 2.5, 0.01)
    activation = np.interp(time_s, at_s, burst)
    table = Table(("soleus_r", "tibant_r"), time_s, np.column_stack([activation, activation]))
    found = truth_emg.beside(table, signals, recording, "r")
    assert found["soleus"]["r"] > 0.9
    assert found["soleus"]["on_off"] > 0.8
    assert found["tibant"]["r"] < -0.9
    late = truth_emg.Signals(rate_hz, {name: np.roll(values, -100) for name, values in signals.channels.items()})
    delayed = truth_emg.beside(table, late, recording, "r", delay_s=0.05)
    assert delayed["soleus"]["r"] == pytest.approx(found["soleus"]["r"], abs=0.01)


def test_electromyograms_of_the_published_walk_and_run_are_read(shared):
    path = shared / "rajagopal2016" / truth_emg.RAW_FILE
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    for recording, rate_hz, seconds in zip(truth_emg.RECORDINGS.values(), (2000, 1000), (2.39, 5.59), strict=True):
        signals = truth_emg.read_raw(path, recording)
        assert signals.rate_hz == pytest.approx(rate_hz)
        assert set(recording.muscles) <= set(signals.channels)
        for raw in signals.channels.values():
            assert np.isfinite(raw).all()
            assert len(raw) / rate_hz == pytest.approx(seconds, abs=0.01)


def test_the_table_of_electromyograms_ends_with_the_means_of_both_legs():
    rows = {muscle: {"r": 0.5, "on_off": 0.75} for muscle in truth_emg.RECORDINGS["run"].muscles.values()}
    worse = {muscle: {"r": -0.25, "on_off": 0.25} for muscle in rows}
    ((sentence, table),) = truth_emg.sections({"run": {"`physical`": {"r": rows, "l": worse, "delayed": rows}}})
    assert "right leg, 0.6 to 2.6 s" in sentence
    assert table.splitlines()[-2:] == ["| mean | 0.50 (0.50) / 0.75 |", "| mean, left leg | -0.25 |"]


def test_dates_of_the_parts_stand_in_the_report():
    dates = {"knee": "2026-01-01", "passive": "2026-02-02", "runners": "2026-01-01"}
    assert truth._dates(dates) == "Measured on 2026-01-01 (knee, runners); 2026-02-02 (passive)."
