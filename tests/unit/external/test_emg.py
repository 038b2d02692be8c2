"""Envelopes of electromyograms, and channels that hold none."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.config.external import Emg
from gaitload.errors import DataError
from gaitload.external.declaration import ExternalColumn
from gaitload.external.emg import envelope, judge_channels, references
from gaitload.external.signals import Signal
from gaitload.quality import Verdict

RATE_HZ = 1000.0
TIME_S = np.arange(4000) / RATE_HZ
BURST = np.clip(np.sin(2.0 * np.pi * TIME_S), 0.02, None)
LIMITS = Emg().model_dump(
    include={"band_hz", "envelope_hz", "mains_max", "clipped_max", "modulation_min", "crosstalk_max"}
)


def _muscle(seed: int, burst: np.ndarray = BURST) -> np.ndarray:
    return burst * np.random.default_rng(seed).normal(size=len(TIME_S))


def _judged(**channels: np.ndarray) -> dict[tuple[str, ...], dict[str, str]]:
    signals = []
    for name, values in channels.items():
        column = ExternalColumn(column=name, unit="V", side="r", muscles=(name,), meaning="electrode")
        signals.append(Signal(f"emg_{name}_r_share", "emg", column, TIME_S, values))
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for names, gate in judge_channels(signals, **LIMITS):
        found.setdefault(names, {})[gate.code] = gate.verdict
    return found


def test_an_envelope_follows_the_burst_whatever_the_offset() -> None:
    found = envelope(_muscle(0) + 5.0, RATE_HZ, band_hz=(30.0, 400.0), envelope_hz=6.0)
    assert np.corrcoef(found, BURST)[0, 1] > 0.9
    assert (found >= 0.0).all()


def test_a_gap_is_a_gap_of_the_envelope_and_harms_nothing_far_from_it() -> None:
    raw = _muscle(0)
    holed = np.where((TIME_S > 1.5) & (TIME_S < 1.6), np.nan, raw)
    whole, found = (envelope(each, RATE_HZ, band_hz=(30.0, 400.0), envelope_hz=6.0) for each in (raw, holed))
    assert np.isnan(found[(TIME_S > 1.5) & (TIME_S < 1.6)]).all()
    assert found[TIME_S > 2.2] == pytest.approx(whole[TIME_S > 2.2], abs=2e-3)


def test_an_envelope_that_somebody_made_is_no_raw_signal() -> None:
    with pytest.raises(DataError, match="EMG_RATE"):
        envelope(BURST[::10], 100.0, band_hz=(30.0, 400.0), envelope_hz=6.0)


def test_references_are_the_largest_of_all_and_none_without_any() -> None:
    found = references({"a": [np.array([1.0, np.nan]), np.array([3.0, 2.0])], "b": []})
    assert found["a"] == 3.0
    assert np.isnan(found["b"])


def test_sound_channels_pass() -> None:
    found = _judged(soleus=_muscle(1), tibant=_muscle(2, BURST[::-1]))
    assert {verdict for gates in found.values() for verdict in gates.values()} == {Verdict.PASSED}


@pytest.mark.parametrize("dead", [np.zeros(4000), np.random.default_rng(9).normal(size=4000)], ids=["zero", "noise"])
def test_a_dead_channel_fails_and_is_not_judged_further(dead: np.ndarray) -> None:
    found = _judged(soleus=_muscle(1), tibant=dead)
    assert found[("emg_tibant_r_share",)] == {"EMG_DEAD": Verdict.FAILED}
    assert found[("emg_soleus_r_share",)]["EMG_DEAD"] == Verdict.PASSED


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
def test_hum_of_the_mains_warns(mains_hz: float) -> None:
    hum = 0.5 * np.sin(2 * np.pi * 3 * mains_hz * TIME_S)
    assert _judged(soleus=_muscle(1) + hum)[("emg_soleus_r_share",)]["EMG_MAINS"] == Verdict.WARNED


def test_clipping_warns() -> None:
    found = _judged(soleus=np.clip(_muscle(1), -1.0, 1.0))
    assert found[("emg_soleus_r_share",)]["EMG_CLIPPED"] == Verdict.WARNED


def test_cross_talk_warns_both_channels() -> None:
    gastrocnemius = _muscle(3)
    found = _judged(soleus=0.5 * _muscle(1) + np.roll(gastrocnemius, 3), gasmed=gastrocnemius, tibant=_muscle(5))
    assert found[("emg_soleus_r_share", "emg_gasmed_r_share")]["EMG_CROSSTALK"] == Verdict.WARNED
    assert found[("emg_soleus_r_share", "emg_tibant_r_share")]["EMG_CROSSTALK"] == Verdict.PASSED
