"""The labelled part of an overground recording: whole strikes, and the person in the volume."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import synthetic_person as person
from gaitload.ingest.extent import labelled_extent, why_not_whole
from gaitload.trial import Invalid, Step, Validity

TIME_S = np.arange(300) / 100.0
ASKED_S = (0.2, 2.79)
FREE = {"free": (True, True), "pad_s": 0.2}


def step(side: str | None, start_s: float, end_s: float, *, on_plates: float = 1.0, whole: bool = True) -> Step:
    return Step("plate_1", side, start_s, end_s, 800.0, -0.02, 0.3, -0.01, on_plates, whole, "" if side else "none")


def known(*unknown: tuple[str, float, float, Invalid]) -> Validity:
    mask = np.zeros((len(TIME_S), 2), dtype=np.uint8)
    for side, start_s, end_s, reason in unknown:
        mask[(start_s <= TIME_S) & (end_s > TIME_S), "rl".index(side)] |= np.uint8(reason)
    return Validity(TIME_S, mask)


BESIDE = Invalid.CONTACT_OUTSIDE_PLATES
STRIKES = (step("r", 0.9, 1.5), step("l", 1.4, 2.0))
OFF_PLATES = known(("l", 0.0, 1.05, BESIDE), ("r", 1.95, 3.0, BESIDE))
"""Feet beside the plates before the first and after the last strike."""


def test_the_labelled_part_goes_from_the_first_to_the_last_whole_strike() -> None:
    extent = labelled_extent(ASKED_S, OFF_PLATES, STRIKES)
    assert extent.window_s == pytest.approx((0.9, 2.0))
    assert "2 whole strikes" in extent.reason


def test_it_goes_on_while_no_foot_stands_where_nothing_is_measured() -> None:
    flight = known(("l", 0.0, 0.7, BESIDE), ("r", 2.3, 3.0, BESIDE))
    assert labelled_extent(ASKED_S, flight, STRIKES).window_s == pytest.approx((0.7, 2.3))
    assert labelled_extent(ASKED_S, known(), STRIKES).window_s == pytest.approx(ASKED_S)


def test_a_whole_strike_reaches_into_the_padding_at_the_ends() -> None:
    strikes = (step("r", 0.05, 0.6), step("l", 0.5, 1.1), step("r", 2.3, 2.95))
    assert labelled_extent(ASKED_S, known(), strikes).window_s == pytest.approx((0.05, 2.95))


@pytest.mark.parametrize(
    ("strange", "why"),
    [
        (step(None, 0.3, 0.8), "none"),
        (step("r", 0.3, 0.8, whole=False), "cut off by an end of the recording"),
        (step("r", 0.3, 0.8, on_plates=0.6), "60% of the sole over plates"),
    ],
)
def test_what_is_no_whole_strike_does_not_count(strange: Step, why: str) -> None:
    assert why_not_whole(strange) == why
    assert labelled_extent(ASKED_S, OFF_PLATES, (strange, *STRIKES)).window_s == pytest.approx((0.9, 2.0))


def test_a_strike_of_a_leg_that_is_not_seen_does_not_count() -> None:
    lost = known(("r", 0.0, 1.6, Invalid.SEGMENT_LOST))
    assert why_not_whole(STRIKES[0], lost) == "SEGMENT_LOST in 100% of its frames"
    assert labelled_extent(ASKED_S, lost, STRIKES).window_s[0] == pytest.approx(1.4)


def test_without_a_whole_strike_the_person_has_to_be_in_the_volume() -> None:
    outside = [(side, start, end, Invalid.SEGMENT_LOST) for side in "rl" for start, end in ((0.0, 0.5), (2.5, 3.0))]
    extent = labelled_extent(ASKED_S, known(*outside), (step("r", 0.9, 1.5, whole=False),))
    assert extent.window_s == pytest.approx((0.7, 2.29), abs=0.02)
    assert "no plate holds a whole strike" in extent.reason


def test_what_somebody_said_stays_as_it_is() -> None:
    assert labelled_extent((0.4, 2.79), OFF_PLATES, STRIKES, free=(False, True)).window_s == pytest.approx((0.4, 2.0))
    assert labelled_extent((0.2, 1.6), OFF_PLATES, STRIKES, free=(True, False)).window_s == pytest.approx((0.9, 1.6))
    assert labelled_extent(ASKED_S, OFF_PLATES, STRIKES, longest_s=0.5).window_s == pytest.approx((0.9, 1.4))


def test_a_trial_over_two_plates_is_labelled_over_their_strikes_and_says_which(build) -> None:
    walk = person.recording(person.WALK)
    stepped_on = [plate for plate in walk.plates if plate.force_lab_n[:, 1].any()]
    middle = tuple(sorted(stepped_on, key=lambda plate: np.flatnonzero(plate.force_lab_n[:, 1])[0])[3:5])
    trial, quality = build(replace(walk, plates=middle), window=(0.2, 3.1), **FREE)
    strikes = [one for one in quality.numbers["strikes"] if not one["why_not_whole"]]
    assert [one["plate"] for one in strikes] == [plate.name for plate in middle]
    assert trial.window_s == pytest.approx((strikes[0]["start_s"], strikes[-1]["end_s"]), abs=0.02)
    assert quality.numbers["window_chosen"].startswith("2 whole strikes")
    _, whole = build(replace(walk, plates=middle), window=(0.2, 3.1), pad_s=0.2)
    shares = [
        next(gate.value for gate in one.gates if gate.code == "CONTACT_OUTSIDE_PLATES_R") for one in (quality, whole)
    ]
    assert shares[0] < 0.3 < shares[1]
