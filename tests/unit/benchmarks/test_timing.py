"""What is told from spans of two lengths, and what watching a call adds up."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

import isolated_tasks
from benchmarks.timing import WHOLE, Run, medians, processes, steady, timed


def test_steady_cost_is_that_of_frames_without_the_start():
    # A start of 2 s, half of it in `part`, and 0.1 s a frame, of which 0.04 in `part`.
    short = Run(10, {WHOLE: 3.0, "part": 1.4})
    long = Run(110, {WHOLE: 13.0, "part": 5.4})
    per_frame, start_s = steady(short, long)
    assert per_frame == pytest.approx({WHOLE: 0.1, "part": 0.04})
    assert start_s == pytest.approx(2.0)


def test_median_leaves_out_a_round_that_was_disturbed():
    assert medians([{"a": 1.0, "b": 5.0}, {"a": 90.0, "b": 4.0}, {"a": 2.0, "b": 6.0}]) == {"a": 2.0, "b": 5.0}


def test_parts_are_watched_and_left_as_they_were():
    def busy():
        end = time.process_time() + 0.02
        while time.process_time() < end:
            pass
        return 7

    owner = SimpleNamespace(busy=busy)
    run, result = timed(lambda: owner.busy() + owner.busy(), 5, {"busy": (owner, "busy")})
    assert result == 14 and owner.busy is busy
    assert 0.04 <= run.seconds["busy"] <= run.seconds[WHOLE]


def test_sleep_is_no_processor_time():
    run, _ = timed(lambda: time.sleep(0.05), 1, {})
    assert run.seconds[WHOLE] < 0.02


@pytest.fixture
def tasks(monkeypatch):
    """Processes find the tasks of the tests."""
    folders = [str(Path(isolated_tasks.__file__).parent), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, folders)))


def test_processes_tell_their_own_time_and_memory(tasks):
    ballast = bytearray(400 << 20)
    ballast[::4096] = b"x" * len(ballast[::4096])
    wall_s, usages = processes(isolated_tasks.add, [{"a": 1.0, "b": 2.0}, {"a": 3.0, "b": 4.0}])
    assert len(usages) == 2
    for usage in usages:
        assert 0 < usage.processor_s <= wall_s
        # An interpreter takes some 20 MB; the memory of the parent, 400 MB and more, does not count.
        assert 5 < usage.peak_mb < 200


def test_a_process_that_fails_is_told(tasks):
    with pytest.raises(RuntimeError, match="REFUSED_HERE"):
        processes(isolated_tasks.refuse, [{}])
