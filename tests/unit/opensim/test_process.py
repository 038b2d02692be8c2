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

    def run(task, timeout_s: float = 30.0, leaks: bool = False, **arguments) -> dict:
        of_call = {"log": tmp_path / "task.log", "where": "cohort/p1/t1", "timeout_s": timeout_s, "leaks": leaks}
        return run_isolated(task, arguments, **of_call)

    return run


def test_the_result_of_a_task_that_leaks_comes_back_and_its_working_directory_is_gone(isolated):
    result = isolated(isolated_tasks.add, a=1.5, b=2.0, leaks=True)
    assert result["sum"] == 3.5
    assert not Path(result["folder"]).exists()


def test_tasks_that_leak_have_an_interpreter_each_and_the_others_share_one(isolated):
    def processes(leaks: bool) -> set[int]:
        return {isolated(isolated_tasks.add, a=1.0, b=number, leaks=leaks)["process"] for number in range(3)}

    assert len(processes(leaks=True)) == 3
    assert len(processes(leaks=False)) == 1


def test_after_a_death_or_a_refusal_the_next_task_finds_an_interpreter(isolated):
    for task, arguments in ((isolated_tasks.crash, {"name": "SIGSEGV"}), (isolated_tasks.refuse, {})):
        with pytest.raises((SolverError, DataError)):
            isolated(task, **arguments)
        assert isolated(isolated_tasks.add, a=1.0, b=1.0)["sum"] == 2.0


def test_each_task_has_the_log_it_asked_for(isolated, tmp_path):
    isolated(isolated_tasks.say, words="one")
    (tmp_path / "task.log").rename(tmp_path / "first.log")
    isolated(isolated_tasks.say, words="two")
    assert (tmp_path / "first.log").read_text() == "one\n"
    assert (tmp_path / "task.log").read_text() == "two\n"


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
