"""Curves side by side: what is expected of a person comes from others, and scores from both sides of the body."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.evaluation.labelled import Choice, Labelled, labelled_columns
from gaitload.evaluation.pairs import METRICS, POOLED, joined, pairs_of, pooled_score, reference_of, score
from small_study import aligned_columns


def _labelled(person: str, trial: str = "slow", sign: float = 1.0) -> list[Labelled]:
    columns = aligned_columns(person, trial)
    columns["atf_l_bw"] = (sign * columns["atf_l_bw"][0], columns["atf_l_bw"][1])
    values = {name: item for name, (item, _) in columns.items()}
    meanings = {name: meaning for name, (_, meaning) in columns.items()}
    trial_row = {"trial_id": trial, "activity": "run"}
    document = {"cohort": "made", "participant": {"participant_id": person}, "trial": trial_row}
    return labelled_columns(values, meanings, document, Choice(labels=("atf_bw",)))[0]


def _everybody(sign: float = 1.0) -> list[Labelled]:
    trials = [(person, trial) for person in ("p1", "p2", "p3") for trial in ("slow", "fast")]
    return [item for person, trial in trials for item in _labelled(person, trial, sign)]


def test_nobody_is_expected_of_by_their_own_curves() -> None:
    labelled = _everybody()
    before = reference_of(labelled).curve["made/p1", "r", "run"]
    for item in labelled:
        if item.person == "made/p1":
            item.curves[:] = 1e6
    after = reference_of(labelled)
    assert after.curve["made/p1", "r", "run"] == pytest.approx(before)
    assert after.curve["made/p2", "r", "run"].max() > 1e5


def test_people_weigh_the_same_whatever_the_number_of_their_steps() -> None:
    labelled = _everybody()
    more = [*labelled, *[item for item in labelled if item.person == "made/p2"] * 5]
    expected = reference_of(labelled).curve["made/p1", "r", "run"]
    assert reference_of(more).curve["made/p1", "r", "run"] == pytest.approx(expected)


def test_one_person_alone_has_nothing_to_be_expected_by() -> None:
    labelled = _labelled("p1")
    reference = reference_of(labelled)
    pairs = joined(pairs_of(item, item.curves, reference) for item in labelled)
    assert np.isnan(score(pairs, "bw")["r2_phase"]) and score(pairs, "bw")["rmse"] == 0.0


def test_mirrored_frames_have_their_own_mean_and_their_own_direction() -> None:
    """A load whose sign changes with the side is no harder to estimate for that."""
    results = []
    for sign in (1.0, -1.0):
        labelled = _everybody(sign)
        reference = reference_of(labelled)
        assert reference.direction["l", "run"] == sign
        pairs = joined(pairs_of(item, 0.9 * item.curves, reference) for item in labelled)
        results.append((score(pairs, "bw"), pooled_score(pairs)))
    for name in ("rmse", "r2_phase", "peak_error", "peak_r2", "peak_bias"):
        assert results[1][0][name] == pytest.approx(results[0][0][name]), name
    assert results[1][1] == pytest.approx({**results[0][1], "pooled_r2": results[1][1]["pooled_r2"]})


def test_segments_that_are_not_covered_whole_do_not_count() -> None:
    (item, _) = _labelled("p1")
    estimate = item.curves.copy()
    estimate[2, 50] = np.nan
    pairs = pairs_of(item, estimate, reference_of(_everybody()))
    assert len(pairs) == len(item.curves) - 1


def test_an_estimate_that_is_a_tenth_too_small() -> None:
    labelled = _everybody()
    reference = reference_of(labelled)
    pairs = joined(pairs_of(item, 0.9 * item.curves, reference) for item in labelled)
    found = score(pairs, "bw")
    assert list(found) == list(METRICS)
    assert found["peak_estimate"] == pytest.approx(0.9 * found["peak_label"])
    assert found["peak_error"] == pytest.approx(-found["peak_bias"])
    assert found["impulse_share"] == pytest.approx(-0.1)
    assert found["impulse_label"] == pytest.approx(found["peak_label"] * 0.59 * 2 / np.pi, rel=1e-3)
    assert found["r"] == pytest.approx(1.0)
    assert list(pooled_score(pairs)) == list(POOLED)
    assert np.isnan(score(pairs, "rad")["impulse_error"])


def test_to_know_the_mean_peak_of_an_activity_earns_nothing() -> None:
    labelled = _everybody()
    mean = np.mean([item.curves.max(axis=1).mean() for item in labelled])
    alike = [mean * item.curves / item.curves.max(axis=1, keepdims=True) for item in labelled]
    reference = reference_of(labelled)
    found = pooled_score(joined(map(pairs_of, labelled, alike, [reference] * len(labelled))))
    assert found["pooled_peak_r2"] == pytest.approx(0.0, abs=1e-3)
    assert found["between_peak_r2"] == pytest.approx(0.0, abs=1e-3)


def test_nothing_covered_is_nan_everywhere() -> None:
    (item, _) = _labelled("p1")
    pairs = pairs_of(item, np.full_like(item.curves, np.nan), reference_of(_everybody()))
    assert np.isnan(list(score(pairs, "bw").values())).all() and np.isnan(list(pooled_score(pairs).values())).all()
