"""How much of the trials the page shows, and what it is made from; the workflow imports this, so it loads little."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gaitload.cohorts.tables import Cohort
from gaitload.config import Config

PAGE = Path(__file__).parent / "page"
"""Folder of its template, style and scripts."""
BYTES_PER_SECOND = 40_000
"""What a second of a trial takes in the page: some 140 arrays at 100 Hz, two bytes a number, as base64."""
SHOWN_MIN_S = 2.0


def shown_s(config: Config, cohorts: Mapping[str, Cohort]) -> float:
    """Longest part of a trial that the page shows: as set, or less where many trials share the room."""
    trials = sum(
        len(cohort.motions_of(person.participant_id)) for cohort in cohorts.values() for person in cohort.movers
    )
    room_s = config.report.room_mb * 1e6 / BYTES_PER_SECOND / max(1, trials)
    return round(max(SHOWN_MIN_S, min(config.report.trial_s, room_s)), 1)
