"""Interpreters apart from ours for whatever opens a model.

OpenSim's tools leak, keep global state, write `opensim.log` into the working directory and can take the interpreter
down with them. So they run in an interpreter of their own, with a working directory and a log of its own, and its death
is an error like any other. What only reads models and computes leaks nothing, and shares one interpreter from task to
task: starting one takes longer than such a task.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import queue
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from contextlib import chdir, suppress
from pathlib import Path

from gaitload import errors
from gaitload.errors import GaitloadError, SolverError


def run_isolated(task: Callable, arguments: dict, *, log: Path, where: str, timeout_s: float, leaks: bool) -> dict:
    """Call `task(**arguments)` in another interpreter.

    Parameters
    ----------
    task
        A module-level function; its keyword arguments and the dict it returns must survive JSON (paths as strings).
    arguments
        Absolute paths only: the task runs in a temporary working directory that is gone afterwards.
    log
        Everything the task and OpenSim print is appended here.
    where
        Cohort/subject/trial, for messages.
    timeout_s
        The process is killed after this time.
    leaks
        The task calls a tool of OpenSim's that leaks: it gets an interpreter of its own. The others share one, which
        lives as long as this process and is started anew after a death.

    Raises
    ------
    GaitloadError
        Whatever the task itself raised.
    SolverError
        The interpreter died (`PROCESS_DIED`; `PROCESS_KILLED` if the system killed it) or ran too long (`TIMEOUT`); the
        task raised what nobody expected (`TASK_CRASHED`), or wanted what the machine does not have: room on a disk,
        memory (`MACHINE_FAILED`).
    """
    interpreter = _Interpreter() if leaks else _shared_interpreter()
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        return interpreter.call(task, arguments, log=log, where=where, timeout_s=timeout_s)
    finally:
        if leaks:
            interpreter.close()


class _Interpreter:
    """A process that calls tasks one after another: a request and an answer are a line of JSON each."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="gaitload-")
        self._environment = _environment()
        # Unbuffered, so that what a task printed before it died stands in its log.
        command = [sys.executable, "-u", "-m", __name__, self._folder.name]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen(command, cwd=self._folder.name, env=self._environment, **pipes)

    @property
    def usable(self) -> bool:
        """Whether it lives, in surroundings that have not changed since it was started."""
        return self._process.poll() is None and self._environment == _environment()

    def call(self, task: Callable, arguments: dict, *, log: Path, where: str, timeout_s: float) -> dict:
        """See `run_isolated`."""
        request = {"task": [task.__module__, task.__name__], "arguments": arguments, "log": str(log.resolve())}
        try:
            answer = self._answer(json.dumps(request).encode(), timeout_s)
        except TimeoutError:
            self.close()
            raise _failed("TIMEOUT", where, task, f"still running after {timeout_s:.0f} s", log) from None
        except BaseException:
            self.close()  # Ctrl-C: the answer to this task must not be taken for that to the next.
            raise
        if answer is None:
            code = self._process.wait()
            killed = code == -signal.SIGKILL
            found = f"ended by signal {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
            raise _failed("PROCESS_KILLED" if killed else "PROCESS_DIED", where, task, found, log)
        if "crash" in answer:
            self.close()
            raise _failed(answer["code"], where, task, answer["crash"], log)
        if "error" in answer:
            error = answer["error"]
            raise getattr(errors, error.pop("class"))(**error)
        return answer["result"]

    def _answer(self, request: bytes, timeout_s: float) -> dict | None:
        """Answer to a request, None where the process died; raises `TimeoutError`."""
        with suppress(BrokenPipeError):  # It has died since; its output then ends at once.
            self._process.stdin.write(request + b"\n")
            self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], timeout_s)[0]:
            raise TimeoutError
        line = self._process.stdout.readline()
        return json.loads(line) if line.endswith(b"\n") else None

    def close(self) -> None:
        """End the process, whatever it is doing, and remove its folder."""
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()


_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""A job has one core; the linear algebra of several jobs with threads on all of them takes twice as long."""
_shared: list[_Interpreter] = []
"""The interpreter that tasks share, once there is one."""


def _shared_interpreter() -> _Interpreter:
    if _shared and not _shared[0].usable:
        _shared.pop().close()
    if not _shared:
        _shared.append(_Interpreter())
    return _shared[0]


def _environment() -> dict[str, str]:
    """Our environment; modules are found where we find them, so that both run the same code."""
    return {**os.environ, **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def _failed(code: str, where: str, task: Callable, found: str, log: Path) -> SolverError:
    return SolverError(
        expected=f"{task.__module__.rsplit('.', 1)[-1]}.{task.__name__} to finish",
        found=found,
        where=where,
        do=f"See {log}; a process that was killed has usually run out of memory.",
        code=code,
    )


def _serve(folder: str) -> None:
    """Body of the other process: an answer to every request, until nobody can ask any more; then its folder goes."""
    # Ctrl-C reaches parent and child; the parent decides what becomes of the child.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.dup(1)
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, folder), daemon=True).start()
    while True:
        answer = _reply(json.loads(requests.get()), folder)
        ctypes.CDLL(None).fflush(None)  # What C has printed belongs into this task's log, not into the next one's.
        with os.fdopen(os.dup(answers), "wb") as out:
            out.write(answer.encode() + b"\n")


def _listen(requests: queue.SimpleQueue, folder: str) -> None:
    """Pass requests on; end the process with its parent, whose death ends the requests.

    A task that computes is ended too; a call of OpenSim's holds Python's lock, so it is ended after that call.
    """
    for request in sys.stdin.buffer:
        requests.put(request)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)  # OpenSim's own clean-up at exit can crash; everything that matters is written.


def _reply(request: dict, folder: str) -> str:
    """Result of a task, or what it raised; it finds no file of the tasks before it."""
    module, name = request["task"]
    try:
        with open(request["log"], "a") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        with tempfile.TemporaryDirectory(dir=folder) as own, chdir(own):
            return json.dumps({"result": getattr(importlib.import_module(module), name)(**request["arguments"])})
    except GaitloadError as error:
        fields = {key: getattr(error, key) for key in ("expected", "found", "where", "do", "code")}
        return json.dumps({"error": {"class": type(error).__name__, **fields}})
    except Exception as error:
        with suppress(OSError):  # The disk of the log may be what is full.
            traceback.print_exc()
        code = "MACHINE_FAILED" if isinstance(error, (OSError, MemoryError)) else "TASK_CRASHED"
        return json.dumps({"crash": f"{type(error).__name__}: {error}", "code": code})


if __name__ == "__main__":
    _serve(sys.argv[1])
