"""What several tests share."""

from __future__ import annotations

import os

# Tests run side by side, and threads of theirs that wait for each other's cores take minutes; before numpy is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from gaitload.models.registry import find_model

pytest_plugins = ["loads_by_hand"]

# How long an example takes is up to the machine and to whatever else it does. The examples are the same every time, so
# that a change is judged by itself; `python -m tests.fuzz --key` looks for others.
settings.register_profile("any machine", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

REPOSITORY = Path(__file__).resolve().parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the workflows: they are the slowest tests, and at the end one worker would be alone with them."""
    items.sort(key=lambda item: REPOSITORY / "tests" / "workflow" not in item.path.parents)


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of published recordings; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("GAITLOAD_SHARED", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"recordings not found at {folder}; set GAITLOAD_SHARED to the folder that holds them")
    return folder


@pytest.fixture(scope="session")
def model_of(request) -> Callable[[str], Path]:
    """Path of a model by its name; one that is not installed is looked for beside the recordings, or skipped."""

    def path(name: str) -> Path:
        if name == "rajagopal2015":
            return find_model(name).path
        shared = request.getfixturevalue("shared")
        places = [folder / "models" / f"{name}.osim" for folder in (shared, shared.parent)]
        found = next((place for place in places if place.is_file()), None)
        return found or pytest.skip(f"{name}.osim not found beside the recordings")

    return path
