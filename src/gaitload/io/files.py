"""Files as whole things: written aside and renamed, so that a product is there complete or not at all."""

from __future__ import annotations

import errno
import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from gaitload.errors import DataError


@contextmanager
def write_aside(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place once the block has succeeded.

    The folder is made when it is missing. When the block raises, the temporary file is removed and whatever stood at
    `path` stays. The temporary name keeps the suffix, as some writers choose a format by it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.stem}.{uuid.uuid4().hex}{path.suffix}")
    try:
        yield aside
        with aside.open("rb+") as written:
            os.fsync(written.fileno())
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def write_text_aside(path: Path, text: str) -> None:
    """Write UTF-8 text to `path`, complete or not at all."""
    with write_aside(path) as aside:
        aside.write_text(text, encoding="utf-8", newline="\n")


_NO_LOCKS = frozenset({errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP})


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Wait until nobody else holds `path`, and hold it during the block; whoever is killed holds it no longer.

    Yields whether that was possible: some network file systems are mounted without locks. The file is made when it is
    missing and removed in the end.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with path.open("w") as file:
            locked = _locked(file)
            if locked and not _is_at(file.fileno(), path):
                continue  # Whoever held it before has removed the file that was waited for.
            try:
                yield locked
            finally:
                path.unlink(missing_ok=True)
            return


def _locked(file: TextIO) -> bool:
    """Wait for a file's lock; False where there are none."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        return False
    return True


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def require_file(path: Path) -> Path:
    """The path of a file that is there.

    Raises
    ------
    DataError
        `FILE_MISSING`.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(
            expected="a file",
            found="a folder" if path.is_dir() else "nothing",
            where=str(path),
            do="Check the path, in a cohort that of its tables, and that the file was copied.",
            code="FILE_MISSING",
        )
    return path


def require_content(path: Path) -> Path:
    """The path of a file that is there and is not empty.

    Raises
    ------
    DataError
        `FILE_MISSING` or `FILE_EMPTY`.
    """
    path = require_file(path)
    if path.stat().st_size == 0:
        raise DataError(
            expected="a recording",
            found="an empty file (0 bytes)",
            where=str(path),
            do="Copy or export the recording again.",
            code="FILE_EMPTY",
        )
    return path
