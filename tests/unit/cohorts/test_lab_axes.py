"""Lab axes of single trials."""

import pytest
from pydantic import ValidationError

from gaitload.cohorts.spec import CohortSpec
from gaitload.cohorts.tables import Cohort, TrialRow

SPEC = CohortSpec(
    name="lab", title="t", source="s", licence="l", raw_dir="raw", lab_forward="-x", lab_up="+z", marker_set="m"
)


def _row(**fields) -> TrialRow:
    return TrialRow(participant_id="p", trial_id="t", role="static", activity="static", file="t.trc", **fields)


def _cohort(row: TrialRow) -> Cohort:
    return Cohort(SPEC, SPEC.raw_dir, (), (row,))


def test_trial_has_the_axes_of_its_cohort_unless_it_names_its_own():
    turned = _row(lab_forward="+x", lab_up="+y")
    assert _cohort(turned).lab_axes_of(turned) == ("+x", "+y")
    assert _cohort(_row()).lab_axes_of(_row()) == ("-x", "+z")


@pytest.mark.parametrize("axes", [{"lab_up": "+y"}, {"lab_forward": "+y"}, {"lab_forward": "-y", "lab_up": "+y"}])
def test_axes_of_a_trial_that_say_nothing_whole_are_refused(axes):
    with pytest.raises(ValidationError, match="lab_forward and lab_up"):
        _row(**axes)
