"""Aligned tables of people who never walked: loads that follow from what the sensors show, known exactly.

The shin's specific force has a bump in stance whose size is the person's own times the step's own, and the load is that
bump: so sensors tell the load, and the mean curve does not.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gaitload.io.tables import write_table
from gaitload.trial import ImuRecording
from gaitload.windows.mirror import SENSOR_SIGNS
from gaitload.windows.tables import read_trial

RATE_HZ = 100.0
STANCE, CYCLE = 30, 80
"""Frames."""
FLAGS = {
    "1": "IK_MARKERS_MAX",
    "2": "OPTIMIZATION_UNSOLVED",
    "32": "CONTACT_UNMEASURED",
    "64": "PLATE_SHARED",
    "128": "CONTACT_OUTSIDE_PLATES",
    "256": "CONTACT_UNASSIGNED",
    "512": "SEGMENT_LOST",
}
SENSORS = ("pelvis", "tibia_r", "tibia_l")


def write_people(results: Path, people: int = 4, cohort: str = "made", **options) -> list[Path]:
    """Tables of several people with two trials each, below `results/aligned`."""
    return [
        write_aligned(results, cohort, f"p{person}", trial, seed=10 * person + number, size=1 + 0.1 * person, **options)
        for person in range(1, people + 1)
        for number, trial in enumerate(("run1", "run2"))
    ]


def write_aligned(
    results: Path,
    cohort: str,
    person: str,
    trial: str,
    *,
    seed: int,
    size: float = 1.0,
    cycles: int = 8,
    sensors: tuple[str, ...] = SENSORS,
    verdict: str = "passed",
    spoil=None,
) -> Path:
    """One table; `spoil` may change the columns before they are written."""
    columns = aligned_columns(np.random.default_rng(seed), size, cycles, sensors, verdict)
    if spoil is not None:
        spoil(columns)
    document = {
        "cohort": cohort,
        "participant": {"participant_id": person, "sex": "F", "mass_kg": 60.0 + 5 * size, "height_m": 1.6 + 0.1 * size},
        "trial": {"trial_id": trial, "activity": "run", "speed_m_per_s": 3.0},
    }
    path = results / "aligned" / cohort / person / f"{trial}.parquet"
    write_table(path, columns, document)
    return path


def aligned_columns(random: np.random.Generator, size: float, cycles: int, sensors, verdict: str) -> dict:
    """Columns as the stage `aligned` writes them, in its order."""
    frames = cycles * CYCLE
    columns = {"time_s": (np.arange(frames) / RATE_HZ, {"unit": "s"})}
    starts = {"r": 10 + CYCLE * np.arange(cycles), "l": 50 + CYCLE * np.arange(cycles)}
    loads = {}
    for side, first in starts.items():
        contact, loads[side] = np.zeros(frames, dtype=bool), np.zeros(frames)
        for start in first:
            stop = min(start + STANCE, frames)
            contact[start:stop] = True
            bump = np.sin(np.pi * np.arange(STANCE) / (STANCE - 1))
            loads[side][start:stop] = (size * (1 + 0.2 * random.standard_normal()) * bump)[: stop - start]
        columns[f"contact_{side}"] = (contact, {"definition": "the foot is loaded"})
    for side in "rl":
        columns[f"frame_flags_{side}"] = (np.zeros(frames, np.uint16), {"bits": FLAGS})
    for side in "rl":
        said = {"unit": "bw", "frame": "", "positive": "", "source": "", "verdict": verdict, "reasons": []}
        columns[f"atf_{side}_bw"] = (6.0 * loads[side], {"label": "atf"} | said)
        across = -1.0 if side == "l" else 1.0
        columns[f"grf_{side}_z_bw"] = (across * 0.1 * loads[side], {"label": "grf"} | said)
        columns[f"knee_angle_{side}_rad"] = (0.3 + 0.5 * loads[side], {"label": "angle"} | said | {"unit": "rad"})
    for sensor in sensors:
        side = sensor[-1] if sensor.endswith(("_r", "_l")) else "r"
        columns |= _sensor(sensor, side, loads, random)
    return columns


def _sensor(sensor: str, side: str, loads: dict, random: np.random.Generator) -> dict:
    """Signals that a right sensor would give, mirrored for one on the left; a pelvis sees both legs."""
    own = loads["r"] + loads["l"] if sensor == "pelvis" else loads[side]
    across = loads["r"] - loads["l"] if sensor == "pelvis" else loads[side]
    acc = np.stack([9.81 + 5 * own, 2 * across, 3 * own], axis=1)
    gyr = np.stack([0.5 * across, 2 * own, 0.3 * across], axis=1)
    quat = np.tile([np.sqrt(0.5), 0.0, -np.sqrt(0.5), 0.0], (len(own), 1))
    if side == "l":
        acc, gyr, quat = acc * SENSOR_SIGNS["acc"], gyr * SENSOR_SIGNS["gyr"], quat * SENSOR_SIGNS["quat"]
    columns = {}
    for channel, values, axes, unit in (
        ("acc", acc, "xyz", "_m_per_s2"),
        ("gyr", gyr, "xyz", "_rad_per_s"),
        ("quat", quat, "wxyz", ""),
    ):
        noise = 0.0 if channel == "quat" else 0.05
        for number, axis in enumerate(axes):
            meaning = {"sensor": sensor, "channel": channel, "axis": axis, "unit": unit, "source": "virtual"}
            noisy = values[:, number] + noise * random.standard_normal(len(own))
            columns[f"{sensor}_{channel}_{axis}{unit}"] = (noisy, meaning)
    return columns


def unmeasured_loads(columns: dict) -> None:
    """Make of a table what it is without force plates; for `spoil`."""
    for values, meaning in columns.values():
        if meaning.get("label") in ("atf", "grf"):
            values[:] = np.nan
            meaning |= {"verdict": "not_measured", "reasons": ["FORCES_NOT_MEASURED"]}


def sensors_of(results, where: str = "p3/run1") -> dict[str, ImuRecording]:
    """Sensors of a trial of `write_people`, by body, as a reader would give them."""
    trial = read_trial(results / f"aligned/made/{where}.parquet")
    channels = ("acc", "gyr", "quat")
    return {
        body: ImuRecording(
            body,
            trial.time_s,
            *(trial.signals(body, channel) for channel in channels[:2]),
            orientation_wxyz=trial.signals(body, "quat"),
        )
        for body in trial.sensors
    }
