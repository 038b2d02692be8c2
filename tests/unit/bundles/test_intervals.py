"""Intervals hold new people as often as they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gaitload.bundles.file import read_bundle
from gaitload.bundles.intervals import half_width, intervals_of
from synthetic_study import PEOPLE

ROOT = Path(__file__).resolve().parents[3]


def test_intervals_are_of_people_held_out_and_are_told(results, bundle):
    document = read_bundle(bundle).document
    target = document["targets"]["atf_r_bw"]
    assert target["errors"]["people"] == PEOPLE
    assert (
        target["intervals"]["people"] == PEOPLE
        and min(own["mean"] for own in target["intervals"]["coverage"].values()) > 0.8
    )
    assert "interval" in read_bundle(bundle).card


@pytest.mark.parametrize("effect", ["normal", "heavy tails", "skewed"])
@pytest.mark.parametrize(("between", "within"), [(1.0, 0.3), (0.5, 1.0)])
def test_intervals_of_twelve_people_hold_new_people_as_often_as_they_say(effect, between, within):
    """2,000 new people, ten to each twelve that calibrate; 0.02 is twice the standard error over 200 such groups."""
    random = np.random.default_rng(0)
    draw = {
        "normal": random.standard_normal,
        "heavy tails": lambda size: random.standard_t(4, size) / np.sqrt(2),
        "skewed": lambda size: (random.gamma(2, 1, size) - 2) / np.sqrt(2),
    }[effect]
    person, held = np.repeat(np.arange(22), 20), []
    for _ in range(200):
        residual = between * draw(22)[person] + within * random.standard_normal(len(person))
        width = half_width(residual[person < 12], person[person < 12], 0.9)
        held.append((np.abs(residual[person >= 12]) <= width).mean())
    assert np.mean(held) == pytest.approx(0.9, abs=0.02)


def test_bands_hold_whole_curves():
    random, held = np.random.default_rng(1), []
    person = np.repeat(np.arange(24), 10)
    for _ in range(20):
        own = random.standard_normal(24)[person][:, None]
        label = own + 0.5 * random.standard_normal((len(person), 8)) * np.linspace(0.5, 2, 8)
        seen = person < 12
        found = intervals_of(label[seen] * 0, label[seen], np.ones(seen.sum()), person[seen], person[seen], 0.9)
        held.append((np.abs(label[~seen]) <= found.curve).all(axis=1).mean())
    assert 0.84 <= np.mean(held) <= 0.96


def test_refused_recordings_count_as_missed_once_more():
    person = np.repeat(np.arange(12), 10)
    label = 10.0 + np.random.default_rng(0).standard_normal((120, 5))
    speed = np.where(person % 2, "2.5", "3.5")
    found = intervals_of(0 * label + 10.0, label, np.ones(120), person, person, 0.9, person == 3, speed)
    both = np.mean([found.coverage_by_speed[at]["peak"] for at in ("2.5", "3.5")])
    assert both == pytest.approx(found.coverage["peak"].mean)
    for kind, held in found.coverage.items():
        assert held.mean > 0.8 and found.coverage_refused[kind] <= held.mean - 0.5 / 12


def test_too_few_people_give_no_interval():
    person = np.repeat(np.arange(9), 5)
    curves = np.random.default_rng(0).standard_normal((45, 6))
    assert intervals_of(curves * 0, curves, np.ones(45), person, person, 0.9) is None
