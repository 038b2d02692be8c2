"""Which stances and cycles are looked at: those of a usual duration, the same for windows and for evaluation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaitload.evaluation.segments import find_segments
from gaitload.study import StudyWindow
from gaitload.windows.cuts import cuts_of
from gaitload.windows.tables import AlignedTrial

RATE_HZ = 100.0


def contact_of(stances: Sequence[int], swing: int = 40) -> np.ndarray:
    """Contact of a foot that stands for some numbers of samples, shape (T,), bool."""
    return np.concatenate([np.zeros(swing, bool), *[np.repeat([True, False], [stance, swing]) for stance in stances]])


def evaluated(kind: str, contact: np.ndarray, **options) -> list[tuple[int, int]]:
    """First and last samples of the segments that evaluation looks at."""
    spans, _ = find_segments(kind, contact, None, RATE_HZ, **options)
    return [(span.start, span.stop - 1) for span in spans]


def cut(kind: str, contact: np.ndarray) -> tuple[list[tuple[int, int]], int]:
    """First and last samples of the windows of the right foot, and how many were left out."""
    values = {"time_s": 3.0 + np.arange(len(contact)) / RATE_HZ, "contact_r": contact, "contact_l": 0 * contact}
    cuts, left_out = cuts_of(AlignedTrial(values, {}, {}), StudyWindow(kind=kind))
    ends = [np.rint((each.time_s[[0, -1]] - 3.0) * RATE_HZ).astype(int).tolist() for each in cuts]
    return [(first, last) for first, last in ends], left_out


@pytest.mark.parametrize("kind", ["stance", "cycle"])
@given(stances=st.lists(st.integers(1, 90), max_size=12), swing=st.integers(2, 60))
def test_windows_and_evaluation_look_at_the_same_segments(kind: str, stances: list[int], swing: int) -> None:
    contact = contact_of(stances, swing)
    kept, left_out = cut(kind, contact)
    assert kept == evaluated(kind, contact)
    assert len(kept) + left_out == max(len(stances) - (kind == "cycle"), 0)


def test_the_mean_decides_and_not_the_median() -> None:
    """Stances of 60 intervals six times and 160 five times: about the median six are usual, about the mean none is."""
    contact = contact_of([61, 161] * 5 + [61])
    assert evaluated("stance", contact) == []
    assert cut("stance", contact) == ([], 11)


@pytest.mark.parametrize(("odd", "kept"), [(69, False), (70, True), (130, True), (131, False)])
def test_both_limits_are_inside(odd: int, kept: bool) -> None:
    """Intervals; another stance keeps the mean at 100."""
    contact = contact_of([1 + each for each in (100, 100, odd, 200 - odd)])
    lengths = [last - first for first, last in evaluated("stance", contact)]
    assert (odd in lengths) is kept
    assert lengths[:2] == [100, 100]


def test_the_limits_are_those_of_the_settings_for_stances_too() -> None:
    contact = contact_of([101, 101, 61, 141])
    assert len(evaluated("stance", contact)) == 2
    assert len(evaluated("stance", contact, keep_share=(0.5, 1.35))) == 3
    assert len(evaluated("stance", contact, keep_share=(0.5, 1.5))) == 4


@pytest.mark.parametrize(("fragment", "kept"), [(4, 0), (5, 1)])
def test_a_fragment_is_no_segment_and_moves_no_mean(fragment: int, kept: int) -> None:
    assert len(evaluated("stance", contact_of([fragment]))) == kept
    # Nine fragments would pull the mean of six whole stances down to where none of these is usual.
    assert len(evaluated("stance", contact_of([61] * 6 + [4] * 9))) == 6


def test_a_fragment_is_none_beside_short_segments_either() -> None:
    assert [last - first for first, last in evaluated("stance", contact_of([5, 5, 4]))] == [4, 4]
