"""Intervals hold new people as often as they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gaitload.bundles.file import read_bundle
from gaitload.bundles.intervals import intervals_of
from synthetic_study import PEOPLE

ROOT = Path(__file__).resolve().parents[3]


def test_intervals_are_of_people_held_out_and_are_told(results, bundle):
    document = read_bundle(bundle).document
    target = document["targets"]["atf_r_bw"]
    assert target["errors"]["people"] == PEOPLE
    assert target["intervals"]["people"] == PEOPLE and min(target["intervals"]["coverage"].values()) > 0.8
    assert "interval" in read_bundle(bundle).card


def test_intervals_hold_new_people_as_often_as_they_say():
    random, held = np.random.default_rng(0), {"curve": [], "peak": [], "impulse": []}
    for _ in range(200):
        people = 20
        person, steps = np.repeat(np.arange(people + 1), 10), 10 * (people + 1)
        own = random.standard_normal(people + 1)[person][:, None]
        label = own + 0.5 * random.standard_normal((steps, 8)) * np.linspace(0.5, 2, 8)
        estimate, duration_s, last = np.zeros((steps, 8)), np.full(steps, 0.3), person == people
        seen = ~last
        found = intervals_of(estimate[seen], label[seen], duration_s[seen], person[seen], person[seen], 0.9)
        held["curve"].append((np.abs(label[last]) <= found.curve).all(axis=1).mean())
        held["peak"].append((np.abs(label[last].max(axis=1)) <= found.peak).mean())
        held["impulse"].append((np.abs(label[last].mean(axis=1)) <= found.impulse).mean())
    for shares in held.values():
        assert 0.87 <= np.mean(shares) <= 0.97


def test_too_few_people_give_no_interval():
    person = np.repeat(np.arange(9), 5)
    curves = np.random.default_rng(0).standard_normal((45, 6))
    assert intervals_of(curves * 0, curves, np.ones(45), person, person, 0.9) is None
