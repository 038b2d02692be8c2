"""Columns of numbers by their names, out of any table: delimited text, lines of text, Parquet, MATLAB, C3D channels."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from csv import Error as CsvError
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gaitload.errors import DataError
from gaitload.io.c3d_analog import read_analog
from gaitload.io.delimited import cells_of, decoded_text, has_decimal_comma, numbers_of
from gaitload.io.files import require_content
from gaitload.io.imu.matlab_file import columns_of
from gaitload.io.sto import read_sto

_TEXT = (".csv", ".tsv", ".txt")
_OPENSIM = (".mot", ".sto")
SUFFIXES = (*_TEXT, ".parquet", ".mat", ".c3d", *_OPENSIM)
NUMBER_PLACE = re.compile(r"#([1-9]\d?)")
"""Name of a column in lines of text: `#3` is the third number of each line."""
_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?!\w)", re.ASCII)


def read_columns(
    path: Path,
    names: Sequence[str],
    rows: Mapping[str, str] | None = None,
    *,
    counted: bool = False,
    decimal: str = ".",
) -> dict[str, np.ndarray]:
    """Columns of a table by their names, each of shape (T,), NaN where a cell is empty.

    Parameters
    ----------
    path : Path
        `.csv`, `.tsv`, `.txt` (`.gz` behind it: compressed), `.parquet`, `.mat` (structures and tables; names parted by
        points, `data.knee_angle_r`; entries of an array of structures are numbered from 1, `data.3.force`), `.mot`,
        `.sto`, or `.c3d` (analog channels, beside which `time_s` is the capture clock). In delimited text, lines above
        the names and rows of units below them are passed over.
    names : sequence of str
        Names of the columns wanted; `name#2` is the second column of a name that stands several times. Where all are of
        the form `#3`, each line of a text is searched for numbers.
    rows : mapping of str to str, optional
        Only the rows in which each of these columns says this; for delimited text and Parquet.
    counted : bool
        The clock counts rows, so that none may be missing between the first and the last.
    decimal : str
        Mark before the decimals of numbers in delimited text, `.` or `,`.

    Raises
    ------
    DataError
        `COLUMNS_FORMAT`: another kind of file, or one without `rows`; `COLUMNS_MISSING`: names those that are there;
        `COLUMNS_TWICE`: a name stands over columns that differ; `COLUMNS_UNREADABLE`: a damaged table, or a counted
        line with too few or too many numbers; `COLUMNS_UNEVEN`: a line with more cells than names; `COLUMNS_CELL`: a
        cell that is no number; `COLUMNS_DECIMAL`: one with a comma before its decimals; `COLUMNS_EMPTY`: fewer than two
        rows; those of the readers of the formats.
    """
    path = require_content(path)
    suffix = Path(path.stem).suffix.lower() if path.suffix.lower() == ".gz" else path.suffix.lower()
    if suffix not in SUFFIXES:
        raise _error("COLUMNS_FORMAT", path, f"a table: {', '.join(SUFFIXES)}", suffix or "no suffix")
    wanted = list(dict.fromkeys(names))
    if suffix in _TEXT and not all(map(NUMBER_PLACE.fullmatch, wanted)):
        found = _delimited(path, wanted, rows or {}, decimal)
    else:
        found = _read(path, suffix, wanted, rows or {}, counted)
    if min((len(column) for column in found.values()), default=0) < 2:
        raise _error("COLUMNS_EMPTY", path, "two rows or more", _describe_rows(rows) if rows else "fewer")
    return found


def _read(path: Path, suffix: str, names: list[str], rows: Mapping[str, str], counted: bool) -> dict[str, np.ndarray]:
    if suffix == ".parquet":
        return _parquet(path, names, rows)
    if rows:
        kind = "lines of text" if suffix in _TEXT else suffix
        raise _error("COLUMNS_FORMAT", path, "delimited text or Parquet, as `rows` of cohort.yaml selects rows", kind)
    if suffix in _TEXT:
        return _numbers_of_lines(path, names, counted)
    if suffix == ".mat":
        columns = _matlab(path)
    elif suffix == ".c3d":
        columns = read_analog(path)
    else:
        table = read_sto(path)
        columns = {"time": table.time_s, **dict(zip(table.names, table.values.T, strict=True))}
    return {name: columns[key] for name, key in _keys(names, columns, path).items()}


def _matlab(path: Path) -> dict[str, np.ndarray]:
    try:
        return columns_of(path)[0]
    except DataError as error:
        if error.code != "IMU_MATLAB":
            raise
        raise _error("COLUMNS_UNREADABLE", path, "a MATLAB file with columns of numbers", error.found) from error


def _delimited(path: Path, names: list[str], rows: Mapping[str, str], decimal: str) -> dict[str, np.ndarray]:
    try:
        table = cells_of(_text(path), [*names, *rows])
    except (ValueError, CsvError) as error:
        raise _error("COLUMNS_UNEVEN", path, "as many cells in each line as there are names", _line(error)) from error
    keys = _keys([*names, *rows], table, path)
    for name, text in rows.items():
        table = table[table[keys[name]] == text]
    found = {}
    for name in names:
        numbers, wrong = numbers_of(table[keys[name]], decimal)
        if wrong is not None:
            comma = decimal == "." and has_decimal_comma(wrong[1])
            code = "COLUMNS_DECIMAL" if comma else "COLUMNS_CELL"
            expected = f"a number or nothing in column {name}"
            raise _error(code, path, expected, f"{wrong[1][:40]!r} in line {wrong[0]}")
        found[name] = numbers.to_numpy()
    return found


def _text(path: Path) -> str:
    """Text of a file, unpacked."""
    try:
        content = path.read_bytes()
        return decoded_text(gzip.decompress(content) if path.suffix.lower() == ".gz" else content)
    except (OSError, EOFError, ValueError) as error:
        raise _error("COLUMNS_UNREADABLE", path, "text", _line(error)) from error


def _numbers_of_lines(path: Path, names: list[str], counted: bool) -> dict[str, np.ndarray]:
    """Numbers by their place in the lines; lines with another count of numbers than most are passed over.

    Such a line between others is refused where rows are counted: all times after it would be wrong.
    """
    found = [numbers for line in _text(path).splitlines() if (numbers := _NUMBER.findall(line))]
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
        _keys(wanted, dict.fromkeys(pq.read_schema(path).names), path)
        table = pq.read_table(path, columns=wanted)
        for name, text in rows.items():
            table = table.filter(pc.equal(pc.utf8_trim_whitespace(table.column(name).cast(pa.string())), text))
        return {name: _numbers(table.column(name), path) for name in names}
    except DataError:
        raise
    # A damaged file makes the library raise nearly anything, a want of memory for sizes that are not true among it.
    except (pa.ArrowException, OSError, ValueError, TypeError, MemoryError, KeyError) as error:
        raise _error("COLUMNS_UNREADABLE", path, "a Parquet table of numbers", _line(error)) from error


def _numbers(column: pa.ChunkedArray, path: Path) -> np.ndarray:
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        raise _error("COLUMNS_CELL", path, "columns of numbers", f"a column of text, such as {column[0]}")
    return np.asarray(column.to_numpy(), dtype=float)


def _keys(names: Sequence[str], there: Mapping | pd.DataFrame, path: Path) -> dict[str, str]:
    """Name wanted -> key of its column; of columns that share a name and are alike, the first."""
    known = list(there)
    keys = {name: name if name in known else f"{name}#1" for name in names}
    missing = [name for name, key in keys.items() if key not in known]
    if missing:
        listed = f"{', '.join(known[:40])}{f' and {len(known) - 40} more' if len(known) > 40 else ''}"
        nearest = {name: near for name in missing if (near := _nearest(name, known))}
        hint = "".join(f"; {near} is the nearest to {name}" for name, near in nearest.items())
        found = f"{listed}{hint}" if any(known) else "no names of columns"
        raise _error("COLUMNS_MISSING", path, f"columns {', '.join(missing)}", found)
    for name, key in keys.items():
        alike = [each for each in known if each.startswith(f"{name}#")] if key != name else []
        if not all(pd.Series(there[key]).equals(pd.Series(there[each])) for each in alike):
            raise _error("COLUMNS_TWICE", path, f"one column {name}", f"{', '.join(alike)}, which differ")
    return keys


def _nearest(name: str, known: Sequence[str]) -> str | None:
    """The name most alike, whatever its capitals and blanks, or one within a structure; None where none is."""
    inner = [each for each in known if each.endswith(f".{name}")]
    if inner:
        return inner[0]
    plain = {"".join(each.casefold().split()): each for each in known}
    found = get_close_matches("".join(name.casefold().split()), plain, n=1, cutoff=0.8)
    return plain[found[0]] if found else None


def _describe_rows(rows: Mapping[str, str]) -> str:
    return "fewer in which " + " and ".join(f"{name} is {text}" for name, text in rows.items())


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]


def _error(code: str, path: Path, expected: str, found: str) -> DataError:
    do = {
        "COLUMNS_FORMAT": "Export the signals to such a file.",
        "COLUMNS_MISSING": "Correct the names in `external` of cohort.yaml, or export the channels that are missing.",
        "COLUMNS_TWICE": "Say in cohort.yaml which one is meant, by this name with its number.",
        "COLUMNS_UNREADABLE": "Copy the file again, or export it again.",
        "COLUMNS_UNEVEN": "A name or a number holds the mark that parts cells, such as a decimal comma: export the "
        "file with points, or with semicolons between the cells.",
        "COLUMNS_CELL": "Correct the cell, or empty it where nothing was recorded.",
        "COLUMNS_DECIMAL": 'The file has decimal commas: add decimal: "," to the source in cohort.yaml.',
        "COLUMNS_EMPTY": "Correct `rows` in cohort.yaml or external_key in trials.tsv, or take the source out of the "
        "trial (external in trials.tsv).",
    }[code]
    return DataError(expected=expected, found=found, where=str(path), do=do, code=code)
