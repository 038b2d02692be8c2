"""Tables of the workflow in formats of other programs: CSV, Excel, MATLAB and OpenSim."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy.io import savemat

from gaitload.conventions import SIDES
from gaitload.errors import DataError
from gaitload.io.files import write_aside, write_text_aside
from gaitload.io.sto import Table, write_sto
from gaitload.io.tables import read_table
from gaitload.signals.events import stances_by_contact, time_normalised, usual_spans
from gaitload.windows.tables import without_side

Format = Literal["csv", "xlsx", "mat", "sto"]
Rows = Literal["frame", "stance"]
Layout = Literal["wide", "tidy"]
FORMATS, ROWS, LAYOUTS = (get_args(choice) for choice in (Format, Rows, Layout))
STANCE_POINTS = 101
"""0 to 100 % of a stance."""
EXCEL_ROWS_MAX = 1_048_576
_ABOUT = ("unit", "definition", "frame", "positive", "source", "verdict", "verdict_stance", "reasons", "known_error")
_KEYS = {"time_s", "side", "stance", "start_s", "end_s", "stance_percent"}


@dataclass(frozen=True)
class Export:
    """Content of the files that are written for one table.

    Attributes
    ----------
    values : DataFrame
        One row for each frame, or for each point of each stance.
    columns : DataFrame
        One row for each column of the table: `name`, unit, definition, frame, positive direction, source, verdicts.
    metadata : mapping
        Metadata of the table as a whole: participant, trial, settings, versions.
    """

    values: pd.DataFrame
    columns: pd.DataFrame
    metadata: Mapping


def export_table(path: Path, out: Path, *, to: Format, rows: Rows = "frame", layout: Layout = "wide") -> list[Path]:
    """Write a table of the workflow (labels, aligned, sensors) in another format.

    Parameters
    ----------
    path : Path
        A Parquet file with column metadata.
    out : Path
        Folder; the file goes to `<cohort>/<participant>/` below it.
    to : {'csv', 'xlsx', 'mat', 'sto'}
        `csv` comes with two companions (columns, metadata); `xlsx` has three sheets, `mat` (version 5) three
        variables; `sto` opens in the OpenSim GUI and holds frames in wide layout only, angles in radians.
    rows : {'frame', 'stance'}
        `stance`: whole stances of usual duration at 101 points; columns of a side lose it from their names.
    layout : {'wide', 'tidy'}
        `tidy`: one row for each value, with its column and unit.

    Returns
    -------
    list of Path
        Files written.

    Raises
    ------
    DataError
        EXPORT_FORMAT: the format cannot hold this. EXPORT_NO_STANCES: the table has no whole stance. And those of
        `gaitload.io.tables.read_table`.
    """
    values, column_metadata, metadata = read_table(path)
    if to == "sto" and (rows, layout) != ("frame", "wide"):
        raise _cannot_hold(path, "frames in wide layout in an OpenSim file", f"{rows} rows, {layout} layout", "csv")
    table = pd.DataFrame(values) if rows == "frame" else stance_rows(values, where=str(path))
    columns = pd.DataFrame([_about(name, about) for name, about in column_metadata.items()])
    exported = Export(tidy_rows(table, columns) if layout == "tidy" else table, columns, metadata)
    if to == "xlsx" and len(exported.values) >= EXCEL_ROWS_MAX:
        raise _cannot_hold(path, f"fewer than {EXCEL_ROWS_MAX} rows in a sheet", f"{len(exported.values)}", "csv")
    name = "".join((path.stem, ".stances" * (rows == "stance"), ".tidy" * (layout == "tidy")))
    target = _folder(out, metadata) / f"{name}.{to}"
    target.parent.mkdir(parents=True, exist_ok=True)
    return _WRITERS[to](target, exported)


def tables_below(paths: Iterable[Path]) -> list[Path]:
    """Parquet files as they are, and those below folders in the order of their names.

    Raises
    ------
    DataError
        FILE_MISSING: a path is not there, or a folder holds no table.
    """
    found = []
    for path in paths:
        below = sorted(path.rglob("*.parquet")) if path.is_dir() else [path] * path.is_file()
        if not below:
            raise DataError(
                expected="a Parquet file of results/, or a folder with some",
                found="no such file" if not path.exists() else "none below it",
                where=str(path),
                do="Name one, for example results/labels/embedded.",
                code="FILE_MISSING",
            )
        found += below
    return found


def stance_rows(values: Mapping[str, np.ndarray], *, where: str) -> pd.DataFrame:
    """Stances of both sides below each other at `STANCE_POINTS` points.

    Parameters
    ----------
    values : mapping of str to ndarray, shape (T,)
        With `time_s`, and `contact_r`, `contact_l` (bool).

    Returns
    -------
    DataFrame
        `side`, `stance` (from 1), `start_s`, `end_s`, `stance_percent`, and the columns of the side without it in their
        names; columns without a side keep theirs.
    """
    parts = []
    for side in SIDES:
        contact = values.get(f"contact_{side}")
        spans = usual_spans(stances_by_contact(contact.astype(bool))) if contact is not None else []
        for number, span in enumerate(spans, start=1):
            parts.append(_stance(values, side, number, span))
    if not parts:
        raise DataError(
            expected="a table with whole stances (contact_r, contact_l)",
            found="none that begins and ends within the trial",
            where=where,
            do="Export its frames: --rows frame.",
            code="EXPORT_NO_STANCES",
        )
    return pd.concat(parts, ignore_index=True)


def tidy_rows(table: pd.DataFrame, columns: pd.DataFrame) -> pd.DataFrame:
    """One row for each value: the keys of the row, `column`, `unit`, `value`."""
    keys = [name for name in table.columns if name in _KEYS]
    numbers = [name for name in table.columns if name not in keys and np.issubdtype(table[name].dtype, np.number)]
    units = dict(zip(columns["name"], columns["unit"], strict=True))
    units |= {without_side(name)[0]: unit for name, unit in units.items()}
    long = table.melt(id_vars=keys, value_vars=numbers, var_name="column", value_name="value")
    long.insert(len(keys) + 1, "unit", long["column"].map(units))
    return long


def _stance(values: Mapping[str, np.ndarray], side: str, number: int, span: slice) -> pd.DataFrame:
    time_s = values["time_s"]
    keys = {
        "side": side,
        "stance": number,
        "start_s": time_s[span.start],
        "end_s": time_s[span.stop - 1],
        "stance_percent": np.linspace(0.0, 100.0, STANCE_POINTS),
    }
    curves = {}
    for name, column in values.items():
        stem, own = without_side(name)
        if own in ("", side) and np.issubdtype(column.dtype, np.floating) and name != "time_s":
            curves[stem] = time_normalised(column, [span], STANCE_POINTS)[0]
    return pd.DataFrame({**keys, **curves})


def _about(name: str, about: Mapping) -> dict:
    return {"name": name, **{key: about.get(key, "") for key in _ABOUT}, "reasons": ", ".join(about.get("reasons", ()))}


def _folder(out: Path, metadata: Mapping) -> Path:
    participant = metadata.get("participant") or {}
    return out.joinpath(*filter(None, (metadata.get("cohort"), participant.get("participant_id"))))


def _write_csv(path: Path, exported: Export) -> list[Path]:
    columns, metadata = path.with_suffix(".columns.csv"), path.with_suffix(".metadata.json")
    write_text_aside(path, exported.values.to_csv(index=False, lineterminator="\n"))
    write_text_aside(columns, exported.columns.to_csv(index=False, lineterminator="\n"))
    write_text_aside(metadata, json.dumps(exported.metadata, indent=1, sort_keys=True) + "\n")
    return [path, columns, metadata]


def _write_xlsx(path: Path, exported: Export) -> list[Path]:
    metadata = pd.DataFrame([(name, json.dumps(value)) for name, value in sorted(exported.metadata.items())])
    with write_aside(path) as aside, pd.ExcelWriter(aside, engine="openpyxl") as book:
        exported.values.to_excel(book, sheet_name="values", index=False)
        exported.columns.to_excel(book, sheet_name="columns", index=False)
        metadata.to_excel(book, sheet_name="metadata", index=False, header=["name", "value"])
    return [path]


def _write_mat(path: Path, exported: Export) -> list[Path]:
    document = {
        "values": _structure(exported.values),
        "columns": _structure(exported.columns),
        "metadata": json.dumps(exported.metadata, sort_keys=True),
    }
    with write_aside(path) as aside, aside.open("wb") as file:
        savemat(file, document, format="5", long_field_names=True, oned_as="column")
    return [path]


def _write_sto(path: Path, exported: Export) -> list[Path]:
    numbers = exported.values.drop(columns="time_s").astype(float)
    table = Table(tuple(numbers.columns), exported.values["time_s"].to_numpy(), numbers.to_numpy())
    write_sto(path, table, name=path.stem, in_degrees=False)
    return [path]


_WRITERS: Mapping[str, Callable[[Path, Export], list[Path]]] = {
    "csv": _write_csv,
    "xlsx": _write_xlsx,
    "mat": _write_mat,
    "sto": _write_sto,
}


def _structure(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Columns as a MATLAB structure; texts become cells."""
    return {
        name: column.to_numpy(dtype=object) if column.dtype.kind not in "biuf" else column.to_numpy()
        for name, column in table.items()
    }


def _cannot_hold(path: Path, expected: str, found: str, other: str) -> DataError:
    do = f"Choose another format: --to {other}."
    return DataError(expected=expected, found=found, where=str(path), do=do, code="EXPORT_FORMAT")
