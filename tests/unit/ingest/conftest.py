"""The synthetic person, standing and moving, and a short way to make trials of her."""

from __future__ import annotations

import pytest

import synthetic_person as person
from gaitload.config.motion import Gates, Ingest
from gaitload.ingest.build import build_trial


@pytest.fixture(scope="session")
def marker_set():
    return person.marker_set()


@pytest.fixture(scope="session")
def static():
    return person.static_markers()


@pytest.fixture(scope="session")
def walk():
    """Walking overground, a plate under every step."""
    return person.recording(person.WALK)


@pytest.fixture(scope="session")
def belt_run():
    """Running on a treadmill with one plate."""
    return person.recording(person.TREADMILL_RUN, plates="one")


@pytest.fixture
def build(marker_set, static):
    """`build_trial` with the settings everybody needs; each can be overridden."""

    def built(recording, **changes):
        settings = {
            "marker_set": marker_set,
            "static": static,
            "activity": "walk",
            "settings": Ingest(),
            "gates": Gates(),
            "lab_axes": ("+x", "+y"),
            "treadmill": False,
            "where": "cohort/subject/trial",
        }
        return build_trial(recording, **settings | changes)

    return built
