"""What several tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest_plugins = ["loads_by_hand"]

REPOSITORY = Path(__file__).resolve().parents[1]


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
