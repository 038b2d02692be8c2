"""Files as whole things: written aside and renamed, so that a product is there complete or not at all."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
            do="Check the path in the cohort table and that the recording was copied.",
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
