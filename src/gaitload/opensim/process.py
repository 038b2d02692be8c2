"""Interpreters apart from ours for whatever opens a model.

OpenSim's tools leak, keep global state, write `opensim.log` into the working directory and can take the interpreter
down with them. So they run in an interpreter of their own, with a working directory and a log of its own, and its death
is an error like any other. What only reads models and computes leaks nothing, and shares one interpreter from task to
task: starting one takes longer than such a task.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
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
        The interpreter died (`PROCESS_DIED`; `PROCESS_KILLED` if the system killed it) or ran too long (`TIMEOUT`).
    """
    interpreter = _Interpreter() if leaks else _shared_interpreter()
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        return interpreter.call(task, arguments, log=log, where=where, timeout_s=timeout_s)
    finally:
        if leaks:
            interpreter.close()


class _Interpreter:
    """A process that calls tasks one after another until it dies or its input ends."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="gaitload-")
        self._environment = dict(os.environ)
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__], cwd=self._folder.name, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    @property
    def usable(self) -> bool:
        """Whether it lives, in surroundings that have not changed since it was started."""
        return self._process.poll() is None and self._environment == dict(os.environ)

    def call(self, task: Callable, arguments: dict, *, log: Path, where: str, timeout_s: float) -> dict:
        """See `run_isolated`."""
        request, answer = (Path(self._folder.name, name) for name in ("request.json", "answer.json"))
        answer.unlink(missing_ok=True)
        request.write_text(
            json.dumps({"task": [task.__module__, task.__name__], "arguments": arguments, "log": str(log.resolve())})
        )
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], timeout_s)[0]:
            self.close()
            raise _died("TIMEOUT", where, task, f"still running after {timeout_s:.0f} s", log)
        self._process.stdout.readline()
        if not answer.is_file():
            code = self._process.wait()
            killed = code == -signal.SIGKILL
            found = f"ended by signal {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
            raise _died("PROCESS_KILLED" if killed else "PROCESS_DIED", where, task, found, log)
        return _result(json.loads(answer.read_text()))

    def close(self) -> None:
        """End the process, whatever it is doing, and remove its folder."""
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()


_shared: list[_Interpreter] = []
"""The interpreter that tasks share, once there is one."""


def _shared_interpreter() -> _Interpreter:
    if _shared and not _shared[0].usable:
        _shared.pop().close()
    if not _shared:
        _shared.append(_Interpreter())
    return _shared[0]


def _died(code: str, where: str, task: Callable, found: str, log: Path) -> SolverError:
    return SolverError(
        expected=f"{task.__module__.rsplit('.', 1)[-1]}.{task.__name__} to finish",
        found=found,
        where=where,
        do=f"See {log}; a process that was killed has usually run out of memory.",
        code=code,
    )


def _result(answer: dict) -> dict:
    if "error" in answer:
        error = answer["error"]
        raise getattr(errors, error.pop("class"))(**error)
    return answer["result"]


def _serve() -> None:
    """Body of the other process: a task for every line that comes in, and a line back when its answer is written."""
    told = os.dup(1)
    while sys.stdin.buffer.readline():
        document = json.loads(Path("request.json").read_text())
        with open(document["log"], "a") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        partial = Path("answer.part")
        partial.write_text(json.dumps(_reply(document)))
        sys.stdout.flush()
        partial.rename("answer.json")
        os.write(told, b"\n")
    os._exit(0)  # OpenSim's own clean-up at exit can crash; everything that matters is written.


def _reply(document: dict) -> dict:
    """Result of a task, or its error; an unexpected one ends the process with a traceback in the log."""
    module, name = document["task"]
    try:
        return {"result": getattr(importlib.import_module(module), name)(**document["arguments"])}
    except GaitloadError as error:
        fields = {key: getattr(error, key) for key in ("expected", "found", "where", "do", "code")}
        return {"error": {"class": type(error).__name__, **fields}}
    except Exception:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)


if __name__ == "__main__":
    _serve()
