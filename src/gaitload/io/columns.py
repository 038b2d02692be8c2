"""Columns of numbers by their names, out of any table: delimited text, lines of text, Parquet, MATLAB, C3D channels."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gaitload.errors import DataError
from gaitload.io.c3d_analog import read_analog
from gaitload.io.files import require_content
from gaitload.io.imu.matlab_file import columns_of
from gaitload.io.sto import read_sto

_TEXT = {".csv": None, ".tsv": "\t", ".txt": None}
_OPENSIM = (".mot", ".sto")
SUFFIXES = (*_TEXT, ".parquet", ".mat", ".c3d", *_OPENSIM)
NUMBER_PLACE = re.compile(r"#([1-9]\d?)")
"""Name of a column in lines of text: `#3` is the third number of each line."""
_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?!\w)", re.ASCII)


def read_columns(
    path: Path, names: Sequence[str], rows: Mapping[str, str] | None = None, *, counted: bool = False
) -> dict[str, np.ndarray]:
    """Columns of a table by their names, each of shape (T,), NaN where a cell is empty.

    Parameters
    ----------
    path : Path
        `.csv`, `.tsv`, `.txt` (`.gz` behind it: compressed), `.parquet`, `.mat` (structures and tables; names parted by
        points, `data.knee_angle_r`; entries of an array of structures are numbered from 1, `data.3.force`), `.mot`,
        `.sto`, or `.c3d` (analog channels, beside which `time_s` is the capture clock).
    names : sequence of str
        Names of the columns wanted. Where all are of the form `#3`, each line of a text is searched for numbers.
    rows : mapping of str to str, optional
        Only the rows in which each of these columns says this; for delimited text and Parquet.
    counted : bool
        The clock counts rows, so that none may be missing between the first and the last.

    Raises
    ------
    DataError
        `COLUMNS_FORMAT`: another kind of file, or one without `rows`; `COLUMNS_MISSING`: names those that are there;
        `COLUMNS_UNREADABLE`: a damaged table, a cell that is no number, or a counted line with too few or too many
        numbers; `COLUMNS_EMPTY`: fewer than two rows; those of the readers of the formats.
    """
    path = require_content(path)
    suffix = Path(path.stem).suffix.lower() if path.suffix.lower() == ".gz" else path.suffix.lower()
    if suffix not in SUFFIXES:
        raise _error("COLUMNS_FORMAT", path, f"a table: {', '.join(SUFFIXES)}", suffix or "no suffix")
    found = _read(path, suffix, list(dict.fromkeys(names)), rows or {}, counted)
    if min((len(column) for column in found.values()), default=0) < 2:
        raise _error("COLUMNS_EMPTY", path, "two rows or more", _describe_rows(rows) if rows else "fewer")
    return found


def _read(path: Path, suffix: str, names: list[str], rows: Mapping[str, str], counted: bool) -> dict[str, np.ndarray]:
    lines = suffix in _TEXT and all(NUMBER_PLACE.fullmatch(name) for name in names)
    if suffix in _TEXT and not lines:
        return _delimited(path, _TEXT[suffix], names, rows)
    if suffix == ".parquet":
        return _parquet(path, names, rows)
    if rows:
        kind = "lines of text" if lines else suffix
        raise _error("COLUMNS_FORMAT", path, "delimited text or Parquet, as `rows` of cohort.yaml selects rows", kind)
    if lines:
        return _numbers_of_lines(path, names, counted)
    if suffix == ".mat":
        columns = columns_of(path)[0]
    elif suffix == ".c3d":
        columns = read_analog(path)
    else:
        table = read_sto(path)
        columns = {"time": table.time_s, **dict(zip(table.names, table.values.T, strict=True))}
    _require(names, columns, path)
    return {name: columns[name] for name in names}


def _delimited(path: Path, delimiter: str | None, names: list[str], rows: Mapping[str, str]) -> dict[str, np.ndarray]:
    try:
        table = pd.read_csv(
            path, sep=delimiter, engine=None if delimiter else "python", dtype=str, encoding="utf-8-sig"
        )
    except (ValueError, OSError, EOFError, pd.errors.ParserError) as error:
        raise _error("COLUMNS_UNREADABLE", path, "a table of delimited text", _line(error)) from error
    table.columns = [str(name).strip() for name in table.columns]
    _require([*names, *rows], table.columns, path)
    for name, text in rows.items():
        table = table[table[name].str.strip() == text]
    try:
        return {name: pd.to_numeric(table[name]).to_numpy(dtype=float) for name in names}
    except (ValueError, TypeError) as error:
        raise _error("COLUMNS_UNREADABLE", path, "numbers or empty cells", _line(error)) from error


def _numbers_of_lines(path: Path, names: list[str], counted: bool) -> dict[str, np.ndarray]:
    """Numbers by their place in the lines; lines with another count of numbers than most are passed over.

    Such a line between others is refused where rows are counted: all times after it would be wrong.
    """
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix.lower() == ".gz" else content).decode(errors="replace")
    except (OSError, EOFError, ValueError) as error:
        raise _error("COLUMNS_UNREADABLE", path, "lines of text", _line(error)) from error
    found = [numbers for line in text.splitlines() if (numbers := _NUMBER.findall(line))]
    count = Counter(map(len, found)).most_common(1)[0][0] if found else 0
    places = {name: int(NUMBER_PLACE.fullmatch(name)[1]) for name in names}
    if max(places.values()) > count:
        raise _error("COLUMNS_MISSING", path, f"{max(places.values())} numbers in each line", f"{count} in most")
    kept = [place for place, numbers in enumerate(found) if len(numbers) == count]
    if counted and (lost := kept[-1] - kept[0] + 1 - len(kept)):
        found_lines = f"{lost} lines between them with another count; rate_hz without a column of times counts lines"
        raise _error("COLUMNS_UNREADABLE", path, f"{count} numbers in each line", found_lines)
    table = np.array([numbers for numbers in found if len(numbers) == count], dtype=float)
    return {name: table[:, place - 1] for name, place in places.items()}


def _parquet(path: Path, names: list[str], rows: Mapping[str, str]) -> dict[str, np.ndarray]:
    try:
        wanted = list(dict.fromkeys([*names, *rows]))
        _require(wanted, pq.read_schema(path).names, path)
        table = pq.read_table(path, columns=wanted)
        for name, text in rows.items():
            table = table.filter(pc.equal(pc.utf8_trim_whitespace(table.column(name).cast(pa.string())), text))
        return {name: np.asarray(table.column(name).to_numpy(), dtype=float) for name in names}
    except DataError:
        raise
    # A damaged file makes the library raise nearly anything, a want of memory for sizes that are not true among it.
    except (pa.ArrowException, OSError, ValueError, TypeError, MemoryError, KeyError) as error:
        raise _error("COLUMNS_UNREADABLE", path, "a Parquet table of numbers", _line(error)) from error


def _require(names: Sequence[str], there: Sequence[str] | Mapping, path: Path) -> None:
    missing = [name for name in names if name not in there]
    if missing:
        known = list(there)
        listed = f"{', '.join(known[:40])}{f' and {len(known) - 40} more' if len(known) > 40 else ''}"
        raise _error("COLUMNS_MISSING", path, f"columns {', '.join(missing)}", listed or "no columns of numbers")


def _describe_rows(rows: Mapping[str, str]) -> str:
    return "fewer in which " + " and ".join(f"{name} is {text}" for name, text in rows.items())


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]


def _error(code: str, path: Path, expected: str, found: str) -> DataError:
    do = {
        "COLUMNS_FORMAT": "Export the signals to such a file.",
        "COLUMNS_MISSING": "Correct the names in `external` of cohort.yaml, or export the channels that are missing.",
        "COLUMNS_UNREADABLE": "Copy the file again, or export it again.",
        "COLUMNS_EMPTY": "Correct `rows` in cohort.yaml or external_key in trials.tsv, or take the source out of the "
        "trial (external in trials.tsv).",
    }[code]
    return DataError(expected=expected, found=found, where=str(path), do=do, code=code)
