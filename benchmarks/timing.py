"""Processor time of calls and of processes, and what follows from spans of two lengths."""

from __future__ import annotations

import functools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks import child_usage
from gaitload.opensim import process

WHOLE = "whole"
"""Label of everything; the rest are parts of it."""


@dataclass(frozen=True)
class Run:
    """Frames of a run, and its processor time by label (s)."""

    frames: int
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class Usage:
    """Of a process: processor time (s), and greatest resident memory (MB)."""

    processor_s: float
    peak_mb: float


def timed(call: Callable[[], Any], frames: int, parts: Mapping[str, tuple[object, str]]) -> tuple[Run, Any]:
    """Call, and tell the processor time of the whole and of its parts; the result comes second.

    Processor time, because other work on the machine does not count in it.

    Parameters
    ----------
    parts
        Label -> owner and name of a function that is called inside, none of them within another.
    """
    with watched(parts) as seconds:
        begun = time.process_time()
        result = call()
        seconds[WHOLE] = time.process_time() - begun
    return Run(frames, seconds), result


@contextmanager
def watched(parts: Mapping[str, tuple[object, str]]) -> Iterator[dict[str, float]]:
    """Processor time that functions take while this is entered, by label."""
    seconds = dict.fromkeys(parts, 0.0)

    def watching(label: str, function: Callable) -> Callable:
        @functools.wraps(function)
        def call(*arguments, **options):
            begun = time.process_time()
            try:
                return function(*arguments, **options)
            finally:
                seconds[label] += time.process_time() - begun

        return call

    with ExitStack() as stack:
        for label, (owner, name) in parts.items():
            stack.enter_context(mock.patch.object(owner, name, watching(label, getattr(owner, name))))
        yield seconds


def steady(short: Run, long: Run) -> tuple[dict[str, float], float]:
    """Processor time per frame by label, and of the start (s).

    Both runs start alike, so their difference is that of their frames alone.
    """
    extra = long.frames - short.frames
    per_frame = {label: (long.seconds[label] - short.seconds[label]) / extra for label in short.seconds}
    return per_frame, short.seconds[WHOLE] - short.frames * per_frame[WHOLE]


def medians(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Median of every label over repeats."""
    return {label: statistics.median(row[label] for row in rows) for label in rows[0]}


def processes(task: Callable, requests: Sequence[dict]) -> tuple[float, list[Usage]]:
    """Run a task as the workflow isolates it, once per request and all at once.

    Returns
    -------
    wall_s : float
        Until the last was done.
    usages : list of Usage

    Raises
    ------
    RuntimeError
        A process gave no answer.
    """
    with tempfile.TemporaryDirectory(prefix="gaitload-") as folder:
        begun = time.perf_counter()
        running = [_started(task, arguments, Path(folder, str(index))) for index, arguments in enumerate(requests)]
        usages = [_ended(each) for each in running]
        return time.perf_counter() - begun, usages


def _started(task: Callable, arguments: dict, place: Path) -> subprocess.Popen:
    place.mkdir()
    request = {"task": [task.__module__, task.__name__], "arguments": arguments, "log": os.devnull}
    command = [sys.executable, "-S", child_usage.__file__, json.dumps(request)]
    command += [sys.executable, "-m", process.__name__, str(place)]
    return subprocess.Popen(command, cwd=place, stdout=subprocess.PIPE, text=True)


def _ended(running: subprocess.Popen) -> Usage:
    said, _ = running.communicate()
    found = json.loads(said)
    if "result" not in found["answer"]:
        raise RuntimeError(f"a measured process failed: {found['answer'] or 'no answer'}")
    return Usage(**found["usage"])
