"""Tasks for the tests of process isolation; they run in processes of their own."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from gaitload.errors import DataError


def add(*, a: float, b: float) -> dict:
    """Return a sum, and leave a file in the working directory."""
    Path("opensim.log").write_text("left behind")
    return {"sum": a + b, "folder": os.getcwd(), "process": os.getpid()}


def say(*, words: str) -> dict:
    """Print, as OpenSim does: past Python, by the file descriptor."""
    os.write(1, f"{words}\n".encode())
    return {}


def refuse() -> dict:
    """Raise one of our errors."""
    raise DataError(expected="a", found="b", where="c", do="d", code="REFUSED_HERE")


def crash(*, name: str) -> dict:
    """Die of a signal."""
    os.kill(os.getpid(), getattr(signal, name))
    return {}


def hang() -> dict:
    """Take too long."""
    time.sleep(60)
    return {}
