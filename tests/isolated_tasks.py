"""Tasks for the tests of process isolation; they run in processes of their own."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from pathlib import Path

from gaitload.errors import DataError


def add(*, a: float, b: float) -> dict:
    """Return a sum and what lies in the working directory, and leave a file there."""
    found = os.listdir()
    Path("results.sto").write_text("left behind")
    return {"sum": a + b, "folder": os.getcwd(), "found": found, "process": os.getpid()}


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


def write_and_hang(*, process: str) -> dict:
    """Leave the process and the working directory in a file, and take too long."""
    told = Path(process).with_suffix(".part")
    told.write_text(f"{os.getpid()} {os.getcwd()}")
    told.rename(process)
    return hang()


def fill_the_disk() -> dict:
    """Write more than there is room for."""
    with open("/dev/full", "w") as full:
        full.write("no room")
    return {}


def say_in_c(*, words: str, often: int) -> dict:
    """Print as C does, which keeps it until there is enough."""
    for _ in range(often):
        ctypes.CDLL(None).puts(words.encode())
    return {}


def say_and_crash(*, words: str) -> dict:
    """Print, and die."""
    print(words)
    return crash(name="SIGSEGV")
