"""Whether the last number of a file without a last line end is all there."""

from __future__ import annotations

import pytest

from gaitload.io.cells import end_of_column, with_points


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


@pytest.mark.parametrize(
    ("rows", "points"),
    [
        (["0,01\t1,5", "0,02\t2"], ["0.01\t1.5", "0.02\t2"]),
        (["0.01\t1,234"], ["0.01\t1,234"]),
        (["1\t0,0,0,1"], ["1\t0,0,0,1"]),
    ],
)
def test_commas_are_decimal_where_they_part_no_numbers_and_no_point_stands(rows, points):
    assert with_points(rows) == points
