"""TRC marker files, as OpenSim and motion-capture software write them."""

from __future__ import annotations

from codecs import BOM_UTF8
from pathlib import Path

import numpy as np

from gaitload.errors import DataError
from gaitload.io.cells import end_of_column, plain_number, with_points
from gaitload.io.clock import rows_on_grid, uniform_time
from gaitload.io.files import require_content, write_text_aside
from gaitload.io.marker_table import is_marker_table, read_marker_table
from gaitload.io.points import choose_points
from gaitload.io.units import metres_per
from gaitload.trial import Markers, Recording

TEXT_SUFFIX = ".txt"
"""A suffix that some exports give to TRC files."""
_HEADER_LINES = 5
_RATE_MISMATCH_MAX = 0.02


def read_trc(path: Path, *, subject: str | None = None) -> Recording:
    """Read one TRC file.

    A marker is missing where any of its cells is blank or NaN in any spelling, and where it lies at exactly 0 0 0.
    Quotes are passed over, and decimal commas are read.
    Times are those of the file, put on an exactly uniform grid between its first and its last. The last frame is left
    out where its time alone misses the grid of the others. Points that are no markers are left out, and names of
    subjects are taken off, as in C3D files (`points.choose_points`). A table of OpenSim's C3D reader that was written
    under such a name is read as what it is (`marker_table`).

    Parameters
    ----------
    path : Path
    subject : str, optional
        Whose markers are wanted, where names of several people or objects stand before them.

    Returns
    -------
    Recording
        Without forces.

    Raises
    ------
    DataError
        `FILE_MISSING`, `FILE_EMPTY`, `TRC_HEADER`, `UNITS_UNKNOWN`, `TRC_MARKERS`, `TRC_COLUMNS`, `TRC_NUMBER`,
        `TRC_TRUNCATED`, `TRC_TIME`, `SUBJECT_UNKNOWN`.
    """
    path = require_content(path)
    text = path.read_text(encoding="utf-8-sig", errors="replace").replace('"', "")
    lines = text.splitlines()
    if is_marker_table(lines):
        names, time_s, position, notes = read_marker_table(path)
        notes = (f"{path.name} is a table of OpenSim and no TRC file; its markers were read", *notes)
        rows, rate_hz, first_frame = rows_on_grid(time_s), 0.0, None
    else:
        names, values, rate_hz, metres = _cells(lines, path, ends=text.endswith(("\n", "\r")))
        time_s, position, notes = values[:, 1], _positions(values[:, 2:]) * metres, ()
        rows, first_frame = rows_on_grid(time_s), int(values[0, 0]) if np.isfinite(values[0, 0]) else None
    if rows < len(time_s):
        odd = f"{path.name}: the last frame, at {time_s[-1]:g} s, is off the grid of the others; left out"
        time_s, position, notes = time_s[:rows], position[:rows], (*notes, odd)
    markers = choose_points(names, subject=subject, where=str(path)).without_bones(position)
    if not markers.kept:
        raise _error("TRC_MARKERS", path, "markers", f"{len(names)} points, none a marker")
    return Recording(
        source=path.name,
        marker_names=markers.names,
        marker_time_s=_time(time_s, rate_hz, path),
        marker_lab_m=position[:, markers.kept],
        force_time_s=np.empty(0),
        plates=(),
        notes=(*notes, *markers.notes),
        first_frame=first_frame,
    )


def is_trc(path: Path) -> bool:
    """Whether a file begins as a TRC file, whatever its name says."""
    with path.open("rb") as handle:
        return handle.read(40).removeprefix(BOM_UTF8).lstrip(b'"').startswith(b"PathFileType")


def read_markers(path: Path) -> Markers:
    """Read a TRC file that is in the ground frame already, as `write_trc` leaves them; errors as in `read_trc`."""
    recording = read_trc(path)
    return Markers(recording.marker_names, recording.marker_time_s, recording.marker_lab_m)


def write_trc(path: Path, markers: Markers) -> None:
    """Write markers in millimetres, blank where missing, to a file that OpenSim reads; rounded to 1e-9 m and 1 ns.

    Rows end in a tab: OpenSim loses a last cell that is blank, unless one more tab follows it.
    """
    frames, count = markers.position_ground_m.shape[:2]
    rate = f"{markers.rate_hz:.6f}"
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{Path(path).name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        "\t".join((rate, rate, str(frames), str(count), "mm", rate, "1", str(frames))),
        "Frame#\tTime\t" + "\t\t\t".join(markers.names) + "\t\t",
        "\t\t" + "\t".join(f"{axis}{index}" for index in range(1, count + 1) for axis in "XYZ"),
        "",
    ]
    millimetres = markers.position_ground_m.reshape(frames, -1) * 1e3
    for number, (time_s, row) in enumerate(zip(markers.time_s, millimetres.tolist(), strict=True), start=1):
        cells = ("" if value != value else f"{value:.6f}" for value in row)
        lines.append(f"{number}\t{time_s:.9f}\t" + "\t".join(cells) + "\t")
    write_text_aside(path, "\n".join(lines) + "\n")


def _cells(lines: list[str], path: Path, *, ends: bool) -> tuple[tuple[str, ...], np.ndarray, float, float]:
    """Names, all numbers, shape (T, 2 + 3 M), the rate (Hz) and the metres of a unit of a TRC file.

    `ends` says whether the last line has an end.
    """
    lines = [*lines[:2], *with_points(lines[2:3]), *lines[3:_HEADER_LINES], *with_points(lines[_HEADER_LINES:])]
    header = _header(lines, path)
    names = _names(lines[3], header, path)
    width = 2 + 3 * len(names)
    if not ends and len(lines) > _HEADER_LINES and len(lines[-1].split("\t")) >= width:
        lines = _without_cut_cell(lines, path)
    values = _values(lines, width, path)
    promised = int(float(header["NumFrames"]))
    if len(values) < max(promised, 1):
        raise _error("TRC_TRUNCATED", path, f"the {promised} frames of its header", f"{len(values)} frames")
    return names, values, float(header["DataRate"]), metres_per(header["Units"], str(path))


def _header(lines: list[str], path: Path) -> dict[str, str]:
    needed = ("DataRate", "NumFrames", "NumMarkers", "Units")
    header = dict(zip(lines[1].split(), lines[2].split(), strict=False)) if len(lines) >= _HEADER_LINES else {}
    missing = [key for key in needed if key not in header]
    if missing or not lines[0].startswith("PathFileType"):
        raise _error("TRC_HEADER", path, f"a TRC header with {', '.join(needed)}", f"no {', '.join(missing) or 'TRC'}")
    try:
        plain_number(header["DataRate"])
        counts = [int(plain_number(header[key])) for key in ("NumFrames", "NumMarkers")]
        if min(counts) < 0:
            raise ValueError(f"a count of {min(counts)}")
    except (ValueError, OverflowError) as error:
        raise _error("TRC_HEADER", path, "numbers in the third line", str(error)) from error
    return header


def _names(line: str, header: dict[str, str], path: Path) -> tuple[str, ...]:
    # Exporters disagree on how many tabs follow a name, so names are counted and not their places.
    names = tuple(cell.strip() for cell in line.split("\t")[2:] if cell.strip())
    promised = int(float(header["NumMarkers"]))
    twice = sorted({name for name in names if names.count(name) > 1})
    if len(names) != promised or not names:
        raise _error("TRC_MARKERS", path, f"names of the {promised} markers of its header", f"{len(names)} names")
    if twice:
        raise _error("TRC_MARKERS", path, "every marker name once", f"{', '.join(twice)} more than once")
    return names


def _values(lines: list[str], width: int, path: Path) -> np.ndarray:
    rows = []
    for number, line in enumerate(lines[_HEADER_LINES:], start=_HEADER_LINES + 1):
        cells = [cell.strip() for cell in line.split("\t")]
        if not any(cells):
            continue
        if len(cells) < width or any(cells[width:]):
            raise _error("TRC_COLUMNS", path, f"{width} columns", f"{len(cells)} in line {number}")
        try:
            rows.append([plain_number(cell) if cell else np.nan for cell in cells[:width]])
        except ValueError as error:
            raise _error("TRC_NUMBER", path, "numbers, blanks or NaN", f"{error} in line {number}") from error
    return np.array(rows).reshape(len(rows), width)


def _without_cut_cell(lines: list[str], path: Path) -> list[str]:
    """Lines of a file without a last line end: refused where its last number is cut, missing where nobody can tell."""
    column = [line.split("\t")[-1] for line in [*(row.rstrip() for row in lines[_HEADER_LINES:-1]), lines[-1]]]
    end = end_of_column(column)
    if end == "cut":
        expected = f"a last number with as many decimals as the one above it, {column[-2]!r}, or the end of its line"
        raise _error("TRC_TRUNCATED", path, expected, f"{column[-1]!r}, with which the file ends")
    return lines if end == "whole" else [*lines[:-1], lines[-1].removesuffix(column[-1])]


def _positions(cells: np.ndarray) -> np.ndarray:
    position = cells.reshape(len(cells), -1, 3)
    position[~np.isfinite(position).all(axis=-1) | (position == 0.0).all(axis=-1)] = np.nan
    return position


def _time(time_s: np.ndarray, rate_hz: float, path: Path) -> np.ndarray:
    grid = uniform_time(time_s, str(path), "TRC_TIME")
    interval = (grid[-1] - grid[0]) / max(len(grid) - 1, 1)
    if rate_hz > 0.0 and interval > 0.0 and abs(rate_hz * interval - 1.0) > _RATE_MISMATCH_MAX:
        found = f"DataRate {rate_hz:g} Hz beside {1.0 / interval:g} frames a second in the time column"
        raise _error("TRC_TIME", path, "times in seconds at the rate of its header", found)
    return grid


def _error(code: str, path: Path, expected: str, found: str) -> DataError:
    do = "Export the recording again from the capture software, or leave it out of trials.tsv."
    return DataError(expected=expected, found=found, where=str(path), do=do, code=code)
