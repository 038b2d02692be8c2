"""Numbers as the page holds them."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gaitload.plots.figure import Figure, Line, Panel
from gaitload.report.payload import STEPS, Pool, figure_payload, packed, page_json, unpacked

NUMBERS = st.floats(-1e6, 1e6, allow_subnormal=False) | st.just(float("nan"))


@given(arrays(np.float64, st.integers(0, 50), elements=NUMBERS))
def test_numbers_come_back_to_half_a_step_and_gaps_as_gaps(values: np.ndarray) -> None:
    found = unpacked(packed(values))
    np.testing.assert_array_equal(np.isnan(found), np.isnan(values))
    known = values[np.isfinite(values)]
    width = np.ptp(known) if len(known) else 0.0
    assert np.all(np.abs(found[np.isfinite(values)] - known) <= 0.51 * width / STEPS + 1e-9 * np.abs(known))


def test_equal_arrays_are_held_once() -> None:
    pool, time_s = Pool(), np.arange(5.0)
    lines = (Line("a", time_s, time_s**2, "one"), Line("b", time_s.copy(), time_s**3, "two"))
    payload = figure_payload(Figure("f", "F", "", (Panel("p", "x", "y", lines),)), pool, "a/b")
    first, second = payload["panels"][0]["marks"]
    assert first["x"] == second["x"]
    assert len(pool.arrays) == 3


def test_nothing_in_the_page_ends_its_script() -> None:
    text = page_json({"reason": "</script><script>alert(1)</script>", "value": float("nan"), "n": np.int64(3)})
    assert "<" not in text
    assert json.loads(text) == {"reason": "</script><script>alert(1)</script>", "value": None, "n": 3}
