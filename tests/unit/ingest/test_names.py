"""Names against the marker set."""

from __future__ import annotations

import pytest

import synthetic_person as person
from gaitload.errors import DataError
from gaitload.ingest.names import name_faults, require_match

MARKERS = person.marker_set()


def test_no_common_name_is_an_error_that_lists_both_sides():
    with pytest.raises(DataError, match=r"RASI.*found A1, A2") as caught:
        require_match(("A1", "A2"), MARKERS, where="c/s/t")
    assert caught.value.code == "NO_MATCHING_MARKER"


def test_one_common_name_is_enough_to_go_on():
    require_match(("A1", "RASI"), MARKERS, where="c/s/t")


def test_an_unknown_name_is_told_with_the_missing_one_it_looks_like():
    faults = name_faults(("RASI_1", "LASI"), ("RASI", "LASI"), MARKERS)
    assert [(fault.kind.value, fault.markers) for fault in faults] == [("extra", ("RASI_1",)), ("missing", ("RASI",))]
    assert "is it the missing RASI?" in faults[0].reason


def test_an_unknown_name_unlike_any_missing_one_gets_no_guess():
    (fault,) = name_faults(("C7", "RASI"), ("RASI",), MARKERS)
    assert "is it" not in fault.reason
