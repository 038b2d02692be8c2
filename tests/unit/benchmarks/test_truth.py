"""Comparison with measurements: the arithmetic, on curves and recordings whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.truth_passive import measured_nm
from benchmarks.truth_patient import PERCENT, Cycle, compared, emg_agreement, read_cycle, read_envelopes, read_implant

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
    # Frame 611 is the first; the events stand at 5.1417, 5.8583 and 6.2333 s.
    assert (cycle.start_s, cycle.off_s, cycle.end_s) == pytest.approx((0.0583, 0.7750, 1.1500), abs=1e-4)
    total = read_implant(folder / "implant_knee_l.tsv")["ss1"]["total"]
    assert total.shape == PERCENT.shape
    assert 2.0 < total.max() / 735.5 < 2.5
    envelopes = read_envelopes(folder / "ps_ss1.c3d", cycle)
    # The soleus works in late stance, hamstrings around the strike.
    assert 30 < PERCENT[envelopes["soleus"].argmax()] < 60
    assert envelopes["semimem"][95] > 3 * envelopes["semimem"][75]
