"""A task that dies must be an error, not the end of everything."""

from __future__ import annotations

from pathlib import Path

import pytest

import isolated_tasks
from gaitload.errors import DataError, SolverError
from gaitload.opensim.process import run_isolated


@pytest.fixture
def isolated(tmp_path, monkeypatch):
    """Run a task of `isolated_tasks` with a log in `tmp_path`."""
    monkeypatch.setenv("PYTHONPATH", str(Path(isolated_tasks.__file__).parent))

    def run(task, timeout_s: float = 30.0, **arguments) -> dict:
        return run_isolated(task, arguments, log=tmp_path / "task.log", where="cohort/p1/t1", timeout_s=timeout_s)

    return run


def test_the_result_comes_back_and_the_working_directory_is_gone(isolated):
    result = isolated(isolated_tasks.add, a=1.5, b=2.0)
    assert result["sum"] == 3.5
    assert not Path(result["folder"]).exists()


def test_our_errors_come_back_as_themselves(isolated):
    with pytest.raises(DataError, match="expected a; found b") as caught:
        isolated(isolated_tasks.refuse)
    assert caught.value.code == "REFUSED_HERE"


@pytest.mark.parametrize(("name", "code"), [("SIGSEGV", "PROCESS_DIED"), ("SIGKILL", "PROCESS_KILLED")])
def test_a_death_is_told_by_its_signal(isolated, name, code):
    with pytest.raises(SolverError, match=name) as caught:
        isolated(isolated_tasks.crash, name=name)
    assert caught.value.code == code
    assert "cohort/p1/t1" in str(caught.value)


def test_a_task_that_hangs_is_stopped(isolated):
    with pytest.raises(SolverError, match="still running after 1 s") as caught:
        isolated(isolated_tasks.hang, timeout_s=1.0)
    assert caught.value.code == "TIMEOUT"


def test_an_unexpected_exception_leaves_its_traceback_in_the_log(isolated, tmp_path):
    with pytest.raises(SolverError, match="exit code 1"):
        isolated(isolated_tasks.crash, name="SIGNONSENSE")
    assert "AttributeError" in (tmp_path / "task.log").read_text()
