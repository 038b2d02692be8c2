"""A task that dies must be an error, not the end of everything."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import isolated_tasks
from gaitload.errors import DataError, SolverError
from gaitload.opensim.process import run_isolated


@pytest.fixture
def isolated(tmp_path):
    """Run a task of `isolated_tasks` with a log in `tmp_path`."""

    def run(task, timeout_s: float = 30.0, leaks: bool = False, **arguments) -> dict:
        of_call = {"log": tmp_path / "task.log", "where": "cohort/p1/t1", "timeout_s": timeout_s, "leaks": leaks}
        return run_isolated(task, arguments, **of_call)

    return run


@pytest.mark.parametrize("leaks", [True, False])
def test_the_result_of_a_task_comes_back_and_no_task_finds_what_another_left(isolated, leaks):
    for _ in range(2):
        result = isolated(isolated_tasks.add, a=1.5, b=2.0, leaks=leaks)
        assert result["sum"] == 3.5
        assert result["found"] == []
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


def test_a_task_that_hangs_is_stopped_and_the_next_one_is_not(isolated):
    with pytest.raises(SolverError, match="still running after 1 s") as caught:
        isolated(isolated_tasks.hang, timeout_s=1.0)
    assert caught.value.code == "TIMEOUT"
    assert isolated(isolated_tasks.add, a=1.0, b=1.0)["sum"] == 2.0


def test_an_unexpected_exception_is_told_and_leaves_its_traceback_in_the_log(isolated, tmp_path):
    with pytest.raises(SolverError, match="found AttributeError: ") as caught:
        isolated(isolated_tasks.crash, name="SIGNONSENSE")
    assert caught.value.code == "TASK_CRASHED"
    assert "Traceback" in (tmp_path / "task.log").read_text()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_not_the_fault_of_the_trial(isolated, tmp_path):
    with pytest.raises(SolverError, match="No space left on device") as caught:
        isolated(isolated_tasks.fill_the_disk)
    assert caught.value.code == "MACHINE_FAILED"
    (tmp_path / "task.log").unlink()
    (tmp_path / "task.log").symlink_to("/dev/full")
    with pytest.raises(SolverError, match="No space left on device") as caught:
        isolated(isolated_tasks.fill_the_disk)
    assert caught.value.code == "MACHINE_FAILED"


def test_a_task_that_prints_much_is_logged_whole(isolated, tmp_path):
    """More than a pipe holds, and past every buffer: what C keeps back must not stand in the log of the next task."""
    isolated(isolated_tasks.say_in_c, words="words", often=20_001)
    isolated(isolated_tasks.say, words="next")
    assert (tmp_path / "task.log").read_text() == 20_001 * "words\n" + "next\n"


def test_what_was_said_before_a_death_stands_in_the_log(isolated, tmp_path):
    with pytest.raises(SolverError, match="SIGSEGV"):
        isolated(isolated_tasks.say_and_crash, words="last words")
    assert (tmp_path / "task.log").read_text() == "last words\n"


def test_another_environment_is_another_interpreter(isolated, monkeypatch):
    before = isolated(isolated_tasks.add, a=1.0, b=1.0)["process"]
    assert isolated(isolated_tasks.add, a=1.0, b=1.0)["process"] == before
    monkeypatch.setenv("GAITLOAD_SOMETHING", "else")
    assert isolated(isolated_tasks.add, a=1.0, b=1.0)["process"] != before


def test_the_answer_to_an_interrupted_task_is_not_taken_for_the_next_one(isolated):
    """As Ctrl-C in a notebook, which goes on afterwards."""

    def interrupt(*_) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        with pytest.raises(KeyboardInterrupt):
            isolated(isolated_tasks.hang)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert isolated(isolated_tasks.add, a=1.0, b=1.0)["sum"] == 2.0


PARENT = """
import signal
import sys
from pathlib import Path
import isolated_tasks
from gaitload.opensim.process import run_isolated
signal.signal(signal.SIGINT, signal.default_int_handler)  # Who starts the tests in the background ignores it.
folder, leaks = Path(sys.argv[1]), sys.argv[2] == "True"
arguments = {"process": str(folder / "process")}
run_isolated(
    isolated_tasks.write_and_hang, arguments, log=folder / "log", where="here", timeout_s=60.0, leaks=leaks
)
"""


@pytest.mark.parametrize("leaks", [True, False])
@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_task_ends_with_its_parent_and_leaves_nothing(tmp_path, ended_by, leaks):
    """Ctrl-C goes to all processes of the terminal, another signal to the parent alone."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path), str(leaks)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert _soon(lambda: (tmp_path / "process").exists())
    process, folder = (tmp_path / "process").read_text().split()
    (os.killpg if ended_by == signal.SIGINT else os.kill)(parent.pid, ended_by)
    parent.wait(timeout=10)
    assert _soon(lambda: not _lives(int(process)) and not Path(folder).exists())
    assert (tmp_path / "log").read_text() == ""


def _soon(happened, within_s: float = 20.0) -> bool:
    until = time.monotonic() + within_s
    while not happened() and time.monotonic() < until:
        time.sleep(0.02)
    return happened()


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
