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
