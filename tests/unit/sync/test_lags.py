"""The FFT search against the same sums written out, lag by lag."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.sync.lags import troughs, unexplained_at_all_lags
from gaitload.sync.quaternions import wahba


def by_hand(sensor: np.ndarray, segment: np.ndarray, lag: int) -> float:
    first, last = max(0, -lag), min(len(sensor), len(segment) - lag)
    ours, theirs = sensor[first:last], segment[first + lag : last + lag]
    seen = np.isfinite(ours).all(axis=1) & np.isfinite(theirs).all(axis=1)
    ours, theirs = ours[seen], theirs[seen]
    left = ours - theirs @ wahba(ours.T @ theirs).T
    return float(np.log((left**2).sum() / ((ours**2).sum() + (theirs**2).sum())))


@pytest.fixture
def streams():
    rng = np.random.default_rng(7)
    sensors, segments = rng.normal(size=(40, 2, 3)), rng.normal(size=(70, 2, 3))
    sensors[5:9, 0] = np.nan
    segments[30:33, 1] = np.nan
    return sensors, segments


def test_every_lag_and_pair_is_what_the_sums_say(streams):
    sensors, segments = streams
    found = unexplained_at_all_lags(sensors, segments, overlap_min=20, overlap_share=0.0, pairs=True)
    known = np.argwhere(np.isfinite(found.log_unexplained))
    assert len(known) > 100
    for sensor, segment, place in known[::7]:
        expected = by_hand(sensors[:, sensor], segments[:, segment], int(found.frames[place]))
        assert found.log_unexplained[sensor, segment, place] == pytest.approx(expected, abs=1e-9)


def test_short_overlaps_are_left_out(streams):
    found = unexplained_at_all_lags(*streams, overlap_min=20, overlap_share=0.0, pairs=False)
    shared = np.minimum(40, 70 - found.frames) - np.maximum(0, -found.frames)
    assert np.isnan(found.matched[shared < 20]).all()
    assert np.isfinite(found.matched[shared >= 30]).all()


def test_an_overlap_without_motion_explains_nothing():
    rng = np.random.default_rng(8)
    sensors, segments = rng.normal(size=(60, 1, 3)), rng.normal(size=(60, 1, 3))
    sensors[30:] *= 1e-3
    segments[:30] *= 1e-3
    found = unexplained_at_all_lags(sensors, segments, overlap_min=10, overlap_share=0.5, pairs=False)
    assert np.isnan(found.matched[found.frames == -30]).all()
    assert np.isfinite(found.matched[found.frames == 30]).all()


def test_troughs_come_lowest_first():
    curve = np.log(1.5 + np.cos(np.linspace(0, 6 * np.pi, 301)) + np.linspace(0, 0.3, 301))
    assert list(troughs(curve, 2) // 100) == [0, 1]
    curve[:100] = np.nan
    assert list(troughs(curve, 1) // 100) == [1]
