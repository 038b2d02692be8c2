"""Undamaged recordings: made here, so that nothing else is needed, and the beginnings of published ones."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
from scipy.io import savemat

from gaitload.io.forces import write_forces
from gaitload.io.sto import Table, write_sto
from gaitload.io.trc import write_trc
from gaitload.trial import FootForces, Markers
from tests.c3d_bytes import c3d_bytes, plate_parameters
from tests.fuzz.cases import Seed
from tests.fuzz.naive_c3d import with_frames

_C3D = [f"c3d_cases/{name}.c3d" for name in ("walking2", "walking5", "BTS", "Qualisys", "Vicon", "FP_Type3")]
_C3D.append("fukuchi2017/RBDS001/RBDS001static.c3d")
_TRC = ("Eformat", "NaNsOfDifferentCases", "BlanksForMissingMarkers", "NaNsWithSpaces")
_CORNERS_MM = np.array([[400.0, 600.0, 0.0], [0.0, 600.0, 0.0], [0.0, 0.0, 0.0], [400.0, 0.0, 0.0]])


def c3d(shared: Path | None) -> list[Seed]:
    """Floats and integers, plates of all four types; of published files the first frames."""
    random = np.random.default_rng(1)
    frames, labels = 6, ["LASI", "RASI", "LHEE"]
    points = np.concatenate((random.normal(0, 500, (frames, 3, 3)), np.zeros((frames, 3, 1))), axis=2)
    whole = np.concatenate((np.rint(points[..., :3]), points[..., 3:]), axis=2)
    matrix = {"CAL_MATRIX": np.diag([2.0] * 6).astype(np.float32)[np.newaxis]}
    units = {"ANALOG": {"UNITS": ["N", "N", "N", "Nmm", "Nmm", "Nmm"]}}
    made = {"markers": c3d_bytes(points, labels=labels), "integers": c3d_bytes(whole, labels=labels, scale=0.5)}
    for kind in (1, 2, 3, 4):
        analog = np.rint(random.normal(0, 300, (frames, 4, 8 if kind == 3 else 6)))
        plate = plate_parameters(kind, _CORNERS_MM, [200.0, 300.0, -40.0], **(matrix if kind == 4 else {}))
        plate |= {} if kind in (1, 3) else units
        made[f"type{kind}"] = c3d_bytes(points, labels=labels, analog=analog, parameters=plate)
        made[f"type{kind}_integers"] = c3d_bytes(whole, labels=labels, analog=analog, parameters=plate, scale=0.5)
    seeds = [Seed(name, content, ".c3d") for name, content in made.items()]
    for path in published(shared, *_C3D):
        seeds.append(Seed(path.stem, with_frames(path.read_bytes(), 2), ".c3d"))
    return seeds


def mat(shared: Path | None) -> list[Seed]:
    """Markers as MATLAB saves them, packed and not, beside variables that are none."""
    random = np.random.default_rng(6)
    markers = {name: random.normal(0, 900, (12, 3)) for name in ("LASI", "RASI", "LHEE")}
    others = {"Root": np.ones((12, 6)), "about": "a walk", "cells": np.array([["a", 1]], dtype=object)}
    seeds = []
    for packed in (False, True):
        content = BytesIO()
        savemat(content, markers | others, do_compression=packed)
        seeds.append(Seed("packed" if packed else "plain", content.getvalue(), ".mat"))
    return seeds


def trc(shared: Path | None) -> list[Seed]:
    """Markers with gaps, as we write them; of published ones the first frames."""
    random = np.random.default_rng(2)
    positions = random.normal(0, 1, (12, 4, 3))
    positions[3:5, 1] = np.nan
    markers = Markers(("LASI", "RASI", "LHEE", "RHEE"), np.arange(12) / 100.0, positions)
    seeds = [Seed("made", written(lambda path: write_trc(path, markers)), ".trc")]
    files = (*(f"c3d_cases/dataWith{name}.trc" for name in _TRC), "rajagopal2016/motion_capture_walk.trc")
    for path in published(shared, *files):
        lines = path.read_bytes().splitlines(keepends=True)[:18]
        cells = lines[2].split()
        cells[2] = str(sum(bool(line.strip()) for line in lines[5:])).encode()
        lines[2] = b"\t".join(cells) + b"\n"
        seeds.append(Seed(path.stem, b"".join(lines), ".trc"))
    return seeds


def sto(shared: Path | None) -> list[Seed]:
    """A motion, as we write it; of published tables the first rows."""
    random = np.random.default_rng(3)
    table = Table(("knee_angle_r", "ankle_angle_r"), np.arange(12) / 100.0, random.normal(0, 1, (12, 2)))
    seeds = [Seed("made", written(lambda path: write_sto(path, table, name="made", in_degrees=False)), ".sto")]
    files = ("c3d_cases/std_walking2_analog.sto", "rajagopal2016/grf_walk.mot", "rajagopal2016/grf_run.mot")
    return [*seeds, *(Seed(path.stem, first_rows(path, 24), path.suffix) for path in published(shared, *files))]


def forces(shared: Path | None) -> list[Seed]:
    """Forces of two feet, as we write them; of published ones the first rows."""
    force = np.zeros((20, 2, 3))
    force[5:15] = [[10.0, 700.0, 5.0], [8.0, 650.0, -4.0]]
    point = np.array([[0.3, 0.0, 0.1], [0.2, 0.0, -0.1]])
    feet = FootForces(np.arange(20) / 100.0, force, np.cross(point, force), force[..., 1] > 0)
    seeds = [Seed("made", written(lambda path: write_forces(path, feet)), ".mot")]
    files = ("rajagopal2016/grf_walk.mot", "rajagopal2016/grf_run.mot")
    return [*seeds, *(Seed(path.stem, first_rows(path, 24), path.suffix) for path in published(shared, *files))]


def written(write: Callable[[Path], None]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made"
        write(path)
        return path.read_bytes()


def first_rows(path: Path, count: int) -> bytes:
    """The first lines of a file."""
    return b"".join(path.read_bytes().splitlines(keepends=True)[:count])


def published(shared: Path | None, *patterns: str) -> list[Path]:
    return [] if shared is None else [path for pattern in patterns for path in sorted(shared.glob(pattern))]
