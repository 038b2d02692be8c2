"""A finished run of a workflow whose stages are toys."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.toy_workflow import Project, make_project


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Project:
    """A finished run: not to be changed, `project` is a copy of it."""
    project = make_project(tmp_path_factory.mktemp("workflow") / "finished", repository)
    project.snakemake()
    return project


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    """A finished run of one's own, with all its time stamps."""
    shutil.copytree(finished.root, tmp_path / "project", symlinks=True)
    return replace(finished, root=tmp_path / "project")
