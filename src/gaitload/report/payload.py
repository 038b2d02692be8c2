"""Numbers as the page holds them: whole numbers of two bytes with a scale, each array once."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict

import numpy as np

from gaitload.plots.figure import Bars, Boxes, Figure, Heat, Line, Mark, Panel, Points, Strips

STEPS = 65534
"""Steps between the least and the greatest value of an array; the page is off by half a step at most."""
MISSING = -32768
DIGITS = 6


class Pool:
    """Arrays of one part of the page, told by their place; equal ones share it."""

    def __init__(self) -> None:
        self._places: dict[bytes, int] = {}
        self.arrays: list[dict] = []

    def place(self, values: np.ndarray) -> int:
        """Place of an array of numbers of any shape, which is put flat; NaN where missing."""
        flat = np.ascontiguousarray(values, dtype=np.float64).ravel()
        digest = hashlib.sha256(flat.tobytes()).digest()
        if digest not in self._places:
            self._places[digest] = len(self.arrays)
            self.arrays.append(packed(flat))
        return self._places[digest]


def packed(values: np.ndarray) -> dict:
    """An array, shape (N,), as base64 of little-endian int16 with `low` and `step`; `MISSING` stands for NaN."""
    known = np.isfinite(values)
    low = float(values[known].min()) if known.any() else 0.0
    high = float(values[known].max()) if known.any() else 0.0
    step = (high - low) / STEPS or 1.0
    whole = np.full(len(values), MISSING, dtype="<i2")
    whole[known] = np.rint((values[known] - low) / step) - (STEPS // 2)
    return {"low": low, "step": step, "data": base64.b64encode(whole.tobytes()).decode()}


def unpacked(array: Mapping) -> np.ndarray:
    """Inverse of `packed`, to within half a step."""
    whole = np.frombuffer(base64.b64decode(array["data"]), dtype="<i2")
    values = array["low"] + array["step"] * (whole.astype(np.float64) + STEPS // 2)
    return np.where(whole == MISSING, np.nan, values)


def figure_payload(figure: Figure, pool: Pool, files: str) -> dict:
    """A figure for the page; `files` is the path of its drawings and numbers beside the page, without a suffix."""
    panels = [_panel(panel, pool) for panel in figure.panels]
    return {"key": figure.key, "title": figure.title, "caption": figure.caption, "files": files, "panels": panels}


def page_json(document: object) -> str:
    """JSON that may stand inside a script element: no NaN, and nothing that ends the element."""
    text = json.dumps(_rounded(document), separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def _panel(panel: Panel, pool: Pool) -> dict:
    plain = {key: value for key, value in asdict(panel).items() if key != "marks" and value}
    return plain | {"marks": [_mark(mark, pool) for mark in panel.marks]}


def _mark(mark: Mark, pool: Pool) -> dict:
    match mark:
        case Line(name, x, y, role, low, high):
            bounds = {} if low is None else {"low": pool.place(low), "high": pool.place(high)}
            return {"kind": "line", "name": name, "role": role, "x": pool.place(x), "y": pool.place(y)} | bounds
        case Points(name, x, y, role, texts):
            return {"kind": "points", "name": name, "role": role, "x": list(x), "y": list(y), "texts": texts}
        case Bars(name, names, values, role):
            return {"kind": "bars", "name": name, "role": role, "names": names, "values": list(values)}
        case Strips(rows, spans):
            return {"kind": "strips", "rows": rows, "spans": spans}
        case Boxes(name, groups, values, role):
            return {"kind": "boxes", "name": name, "role": role, "groups": groups, "values": list(values)}
        case Heat(rows, columns, values, unit, low, high):
            told = {"rows": rows, "columns": columns, "values": values.tolist(), "unit": unit}
            return {"kind": "heat", "low": low, "high": high} | told


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None
    return value
