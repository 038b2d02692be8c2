"""Moments and loads by the sensors' angles and the measured ground reaction, of the embedded cohort."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.embedded_imu_kinematics import TRIALS
from gaitload.conventions import SIDES
from gaitload.io.tables import read_table

MOMENTS = ("ankle_moment", "knee_moment", "hip_flexion_moment", "hip_adduction_moment", "hip_rotation_moment")
LOADS = {"atf": "", "acf": "_norm", "ptf": "", "kcf": "_norm", "kcf_med": "", "kcf_lat": "", "hcf": "_norm"}
"""Load -> what stands behind the side in the name of its column."""
COLUMNS = {name: f"{name}_{{side}}_nm_per_kg" for name in MOMENTS} | {
    name: f"{name}_{{side}}{behind}_bw" for name, behind in LOADS.items()
}


def measured(results: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Trial -> moment or load -> root mean square error against the label, and the label's range.

    N m/kg and body weights; medians over people and sides. `results` holds the aligned tables of the cohort.
    """
    found: dict[str, dict] = {}
    for trial in TRIALS:
        tables = [read_table(path)[0] for path in sorted((results / "aligned" / "embedded").glob(f"*/{trial}.parquet"))]
        found[trial] = {name: _error(tables, column) for name, column in COLUMNS.items()}
    return found


def _error(tables: list[dict[str, np.ndarray]], column: str) -> dict[str, float]:
    pairs = [(values[f"imu_id_{of}"], values[of]) for values in tables for of in _of_sides(column)]
    errors = [np.sqrt(np.nanmean((ours - theirs) ** 2)) for ours, theirs in pairs]
    return {
        "rmse": float(np.median(errors)),
        "range": float(np.median([np.nanmax(theirs) - np.nanmin(theirs) for _, theirs in pairs])),
    }


def _of_sides(column: str) -> list[str]:
    return [column.format(side=side) for side in SIDES]
