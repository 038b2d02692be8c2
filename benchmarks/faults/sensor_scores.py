"""Faults of inertial sensors, injected into published recordings: what readers and gates of the sensors report."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from benchmarks.faults.sensor_catalogue import FAULTS
from benchmarks.faults.sensor_signals import FILES, SensorFault, Sensors, reports, signals_of
from benchmarks.trials import ROOT
from gaitload.io.imu.reader import read_imu

NEURA = {"pelvis": "B91", "femur_l": "C45", "femur_r": "C3C", "tibia_l": "BA5", "tibia_r": "C35", "calcn_r": "C48"}
"""Sensors of neura_sparse01 by the end of their file's name; they have orientations."""
CAMARGO = {"calcn_r": "foot", "tibia_r": "shank", "femur_r": "thigh", "torso": "trunk"}
"""Sensors of camargo2021_ab06 by their name in the file; they have no orientations."""


def neura(folder: Path) -> Sensors:
    """Sensors of the walk of neura_sparse01."""
    return {body: signals_of(read_imu(sorted(folder.glob(f"*{end}.txt")))[0]) for body, end in NEURA.items()}


def camargo(path: Path) -> Sensors:
    """Sensors of one walk of camargo2021_ab06."""
    recordings = {recording.name: recording for recording in read_imu(path)}
    return {body: signals_of(recordings[name]) for body, name in CAMARGO.items()}


def sensor_scores() -> list[dict]:
    """Every fault that the files show, of every size, in both recordings: what is reported first, and by which code."""
    shared = Path(os.environ.get("GAITLOAD_SHARED", ROOT.parent / "shared" / "data"))
    recordings: Mapping[str, Sensors] = {
        "neura_sparse01": neura(shared / "neura_sparse01" / "rawimu"),
        "camargo2021_ab06": camargo(min((shared / "camargo2021_ab06" / "imu").glob("*.mat"))),
    }
    in_files = [fault for fault in FAULTS if fault.seen_by == FILES]
    return [
        score
        for fault in in_files
        for name, sensors in recordings.items()
        for size in fault.sizes
        if (score := _score(fault, size, name, sensors))
    ]


def _score(fault: SensorFault, size: float, name: str, sensors: Sensors) -> dict | None:
    """None where the recording lacks what the fault concerns."""
    try:
        found = reports(fault.inject(sensors, size))
    except KeyError:
        return None
    code, reason = found[0] if found else ("", "")
    return {
        "type": fault.name,
        "fault": fault.name.format(size=f"{size:g}"),
        "part": fault.part,
        "recording": name,
        "size": size,
        "unit": fault.unit,
        "code": code,
        "detected": bool(found),
        "named": any(re.search(cause, reason, re.IGNORECASE) for cause in fault.cause),
    }
