"""How kernels are compiled, and where compiled ones are kept."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numba

_ROOM = Path(__file__).resolve().parent


def _cache_dir() -> Path:
    """A folder of its own for every state of this room's sources.

    Numba compiles callees into their callers, but looks only at a caller's own file to see whether it is stale. Without
    this, a changed kernel would live on in those that call it.
    """
    sources = sorted(_ROOM.glob("*.py"))
    fingerprint = hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    base = os.environ.get("NUMBA_CACHE_DIR")
    if base is None and os.access(_ROOM, os.W_OK):
        base = _ROOM / "__pycache__"
    if base is None:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gaitload"
    return Path(base) / f"kernels-{fingerprint}"


_CACHE_DIR = str(_cache_dir())


def kernel(function: Callable) -> Callable:
    """Compile a function at its first call: kept on disk, dividing as numpy does, without Python's lock."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = _CACHE_DIR
    try:
        return numba.njit(cache=True, error_model="numpy", nogil=True)(function)
    finally:
        numba.config.CACHE_DIR = before
