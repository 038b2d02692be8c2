"""How much of the trials the page shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from gaitload.cohorts.reader import load_cohort
from gaitload.config import parse_config
from gaitload.report.extent import SHOWN_MIN_S, shown_s


@pytest.fixture(scope="module")
def cohort(repository: Path):
    return load_cohort(repository / "workflow" / "cohorts" / "embedded", root=repository)


def test_few_trials_are_shown_as_long_as_wanted(cohort) -> None:
    assert shown_s(parse_config({"report": {"trial_s": 7.5}}), {"embedded": cohort.first(1)}) == 7.5


def test_many_trials_share_the_room(cohort) -> None:
    shown = [shown_s(parse_config({"report": {"room_mb": room}}), {"embedded": cohort}) for room in (8.0, 4.0)]
    assert shown[0] == pytest.approx(2 * shown[1], abs=0.1)


def test_no_trial_is_cut_to_nothing(cohort) -> None:
    assert shown_s(parse_config({"report": {"room_mb": 0.001}}), {"embedded": cohort}) == SHOWN_MIN_S
