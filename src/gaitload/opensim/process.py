"""One process per task for OpenSim's tools.

The tools leak, keep global state, write `opensim.log` into the working directory and can take the interpreter down with
them. So every task gets an interpreter, a working directory and a log of its own, and its death is an error like any
other.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from gaitload import errors
from gaitload.errors import GaitloadError, SolverError


def run_isolated(task: Callable, arguments: dict, *, log: Path, where: str, timeout_s: float) -> dict:
    """Call `task(**arguments)` in an interpreter of its own.

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

    Raises
    ------
    GaitloadError
        Whatever the task itself raised.
    SolverError
        The interpreter died (`PROCESS_DIED`; `PROCESS_KILLED` if the system killed it) or ran too long (`TIMEOUT`).
    """
    with tempfile.TemporaryDirectory(prefix="gaitload-") as folder:
        request, answer = Path(folder, "request.json"), Path(folder, "answer.json")
        request.write_text(json.dumps({"task": [task.__module__, task.__name__], "arguments": arguments}))
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as stream:
            try:
                code = subprocess.run(
                    [sys.executable, "-m", __name__, str(request), str(answer)],
                    cwd=folder,
                    stdout=stream,
                    stderr=subprocess.STDOUT,
                    timeout=timeout_s,
                ).returncode
            except subprocess.TimeoutExpired as error:
                raise _died("TIMEOUT", where, task, f"still running after {timeout_s:.0f} s", log) from error
        if not answer.is_file():
            killed = code == -signal.SIGKILL
            found = f"ended by signal {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
            raise _died("PROCESS_KILLED" if killed else "PROCESS_DIED", where, task, found, log)
        return _result(json.loads(answer.read_text()))


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


def _serve(request: Path, answer: Path) -> None:
    """Body of the child process; an unexpected exception ends it with a traceback in the log and no answer."""
    document = json.loads(request.read_text())
    module, name = document["task"]
    try:
        reply = {"result": getattr(importlib.import_module(module), name)(**document["arguments"])}
    except GaitloadError as error:
        fields = {key: getattr(error, key) for key in ("expected", "found", "where", "do", "code")}
        reply = {"error": {"class": type(error).__name__, **fields}}
    answer.write_text(json.dumps(reply))
    sys.stdout.flush()
    os._exit(0)  # OpenSim's own clean-up at exit can crash; everything that matters is written.


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), Path(sys.argv[2]))
