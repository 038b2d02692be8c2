"""Whether the last number of a file without a last line end is all there."""

from __future__ import annotations

import pytest

from gaitload.io.cells import end_of_column


@pytest.mark.parametrize(
    ("cells", "end"),
    [
        (["0", "0", "0"], "whole"),
        (["1.250", "1.375", "1.500"], "whole"),
        (["1.250", "1.375", "1.50"], "cut"),
        (["1.25e-03", "1.37e-03", "1.50e-0"], "cut"),
        (["1.25", "1.375", "1.5"], "unknown"),
        (["10", "100", "12"], "unknown"),
        (["1.25", "1.375", "1.5 "], "whole"),
        (["1.25", "1.375", "nan"], "whole"),
        (["1.25", "1.375", ""], "whole"),
        (["nan", "", "1.5"], "unknown"),
    ],
)
def test_the_end_of_a_column_is_judged_by_the_numbers_above_it(cells, end):
    assert end_of_column(cells) == end
