"""Writes what was measured: JSON with everything, Markdown with what matters."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "benchmarks"
PACKAGES = ("opensim", "numpy", "numba", "gaitload")


def differences(ours: np.ndarray, theirs: np.ndarray) -> dict[str, float]:
    """Greatest and root mean square difference."""
    difference = np.abs(ours - theirs)
    return {"max": float(difference.max()), "rms": float(np.sqrt(np.mean(difference**2)))}


def machine() -> dict[str, str]:
    """What the numbers depend on beside the code."""
    here = {"cores": str(os.cpu_count()), "load at the end": f"{os.getloadavg()[0]:.1f}"}
    return here | {name: version(name) for name in PACKAGES}


def figures(value: float) -> str:
    """Three figures, without an exponent where that is short."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return f"{value:.1e}"


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; numbers with three figures, and an empty cell for None."""
    cells = [
        ["" if cell is None else figures(cell) if isinstance(cell, float) else str(cell) for cell in row]
        for row in rows
    ]
    lines = [columns, ["---"] * len(columns), *cells]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def document(title: str, here: Mapping[str, str], sections: Sequence[tuple[str, str]]) -> str:
    """A Markdown text: title, the machine, and sections of a sentence and a table."""
    what = ", ".join(f"{name} {value}" for name, value in here.items())
    parts = [f"# {title}", f"Measured on: {what}.", *(f"{sentence}\n\n{body.rstrip()}" for sentence, body in sections)]
    return "\n\n".join(parts) + "\n"


def write(name: str, measured: dict, text: str, folder: Path = FOLDER) -> None:
    """Write `<name>.json` and `<name>.md`; the order of rows is kept, as a report can be made from what was read."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(measured, indent=1) + "\n")
    (folder / f"{name}.md").write_text(text)
