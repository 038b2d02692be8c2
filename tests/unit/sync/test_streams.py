"""Orientations on a clock: what is refused, and what a stream's own rotation does not depend on."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.errors import DataError
from gaitload.sync.quaternions import from_rotation_vector
from gaitload.sync.streams import Orientations, continuous, orientation_spline, own_turns, splined_turns
from sync_motion import Motion, recorded

TIME_S = np.arange(0, 4, 0.01)
MOTION = Motion(2, 3)


def code_of(**changes) -> str:
    stream = recorded(MOTION, TIME_S)
    given = {"names": stream.names, "time_s": stream.time_s, "orientation_wxyz": stream.orientation_wxyz} | changes
    with pytest.raises(DataError) as caught:
        Orientations(**given)
    return caught.value.code


def test_streams_that_cannot_be_right_are_refused():
    q = recorded(MOTION, TIME_S).orientation_wxyz
    assert code_of(names=("one",)) == "ORIENTATIONS_SHAPE"
    assert code_of(orientation_wxyz=q * 1.1) == "ORIENTATIONS_NOT_UNIT"
    assert code_of(orientation_wxyz=q * 0) == "ORIENTATIONS_NOT_UNIT"
    assert code_of(time_s=np.delete(np.arange(0, 4.01, 0.01), 100)) == "ORIENTATIONS_CLOCK"


def test_own_turns_do_not_depend_on_the_earth_frame():
    before = from_rotation_vector(np.array([0.3, -1.0, 2.0]))
    turned = own_turns(recorded(MOTION, TIME_S, before=before), 5)
    np.testing.assert_allclose(turned, own_turns(recorded(MOTION, TIME_S), 5), atol=1e-12)


def test_the_mounting_turns_their_axes_and_leaves_their_angles():
    after = from_rotation_vector(np.array([0.3, -1.0, 2.0]))
    turned, plain = (
        own_turns(stream, 5) for stream in (recorded(MOTION, TIME_S, after=after), recorded(MOTION, TIME_S))
    )
    np.testing.assert_allclose(np.linalg.norm(turned, axis=-1), np.linalg.norm(plain, axis=-1), atol=1e-12)
    assert np.abs(turned - plain).max() > 0.1


def test_splined_turns_meet_own_turns_and_stay_away_from_gaps():
    stream = recorded(MOTION, TIME_S)
    own, middles = own_turns(stream, 5), TIME_S[:-5] + 0.025
    spline = splined_turns(orientation_spline(stream), TIME_S, 0.05)
    inside = spline.valid(middles).all(axis=1)
    # A thousandth of the largest turn: beside the ends, where the kink to what was not recorded still rings.
    np.testing.assert_allclose(spline(middles)[inside], own[inside], atol=1e-3 * np.abs(own).max())
    assert np.median(np.abs(spline(middles)[inside] - own[inside])) < 1e-6
    holed = stream.orientation_wxyz.copy()
    holed[100:110] = np.nan
    spline = splined_turns(orientation_spline(Orientations(stream.names, TIME_S, holed)), TIME_S, 0.05)
    seen = spline.valid(middles)
    assert not seen[(middles > 0.98) & (middles < 1.11)].any()
    assert seen[(middles > 1.2) & (middles < 3.9)].all()


def test_signs_run_on_across_gaps():
    q = recorded(MOTION, TIME_S).orientation_wxyz.copy()
    q[::3] *= -1
    q[50:60] = np.nan
    runs_on = continuous(q)
    assert np.nanmin(np.sum(runs_on[1:] * runs_on[:-1], axis=-1)) > 0.99
