"""A study whose answers are known: aligned tables of people whose loads are half sines, and estimates of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gaitload.io.tables import read_table, write_table
from synthetic_aligned import FLAGS

RATE_HZ = 100.0
CYCLE, STANCE = 100, 60
"""Frames."""
BASELINE_ERROR_RAD = 0.05
SIDES = {"r": 20, "l": 70}
"""Frame of the first strike."""


def amplitude(person: str, trial: str) -> float:
    """Peak Achilles tendon force (BW)."""
    return 3.0 + 0.5 * int(person[1:]) + (1.0 if trial == "fast" else 0.0)


def aligned_columns(person: str, trial: str, *, steps: int = 6) -> dict[str, tuple[np.ndarray, dict]]:
    """Columns of one trial: `atf` of both feet in stance, both knees and hips, and the knees by an IMU baseline."""
    frames = steps * CYCLE + 70
    time_s = np.arange(frames) / RATE_HZ
    columns: dict[str, tuple[np.ndarray, dict]] = {
        "time_s": (time_s, {"unit": "s"}),
        **{f"frame_flags_{side}": (np.zeros(frames, dtype=np.uint16), {"bits": FLAGS}) for side in SIDES},
    }
    for side, first in SIDES.items():
        phase = (np.arange(frames) - first) % CYCLE
        stance = (phase < STANCE) & (np.arange(frames) >= first)
        step = np.maximum(np.arange(frames) - first, 0) // CYCLE
        peak = amplitude(person, trial) + 0.2 * np.sin(3 * step + len(side))
        columns[f"contact_{side}"] = (stance, {})
        load = np.where(stance, peak * np.sin(np.pi * phase / (STANCE - 1)), 0.0)
        knee = 0.3 + 0.1 * int(person[1:]) - 0.6 * np.cos(2 * np.pi * phase / CYCLE)
        columns[f"atf_{side}_bw"] = (load, _label("bw"))
        columns[f"hip_flexion_{side}_rad"] = (0.5 * np.cos(2 * np.pi * (phase + 15) / CYCLE), _label("rad"))
        columns[f"knee_angle_{side}_rad"] = (knee, _label("rad"))
        meaning = {"baseline": "imu_ik", "of": f"knee_angle_{side}_rad", "unit": "rad", "verdict": "passed"}
        columns[f"imu_ik_knee_angle_{side}_rad"] = (knee + BASELINE_ERROR_RAD, meaning)
    return columns


def _label(unit: str) -> dict:
    return {"label": "some", "unit": unit, "verdict": "passed", "reasons": []}


@dataclass
class SmallStudy:
    """Tables of a study in a folder."""

    folder: Path
    people: tuple[str, ...] = ("p1", "p2", "p3", "p4")
    trials: Mapping[str, float] = field(default_factory=lambda: {"slow": 2.5, "fast": 3.5})

    def write_aligned(self, change: Callable[[str, str, dict], None] = lambda person, trial, columns: None) -> None:
        """Write the aligned tables, each after `change(person, trial, columns)`."""
        for person in self.people:
            for trial, speed in self.trials.items():
                columns = aligned_columns(person, trial)
                change(person, trial, columns)
                document = {
                    "cohort": "made",
                    "participant": {"participant_id": person},
                    "trial": {"trial_id": trial, "activity": "run", "speed_m_per_s": speed},
                }
                write_table(self.folder / "aligned" / person / f"{trial}.parquet", columns, document)

    @property
    def aligned(self) -> list[Path]:
        """Paths of the aligned tables."""
        return sorted((self.folder / "aligned").rglob("*.parquet"))

    @property
    def predictions(self) -> list[Path]:
        """Paths of the predictions."""
        return sorted((self.folder / "predictions").rglob("*.parquet"))

    def write_predictions(
        self,
        estimator: str,
        estimate: Callable[[np.ndarray, str], np.ndarray],
        *,
        sensor_set: str = "pelvis",
        labels: tuple[str, ...] = ("atf_r_bw", "atf_l_bw"),
        seeds: Mapping[int, float] | None = None,
        shift_s: float = 0.0,
        variant: str = "",
        until_s: float = np.inf,
    ) -> None:
        """Write one fold a person: `estimate(label, person)` of each label, and single runs scaled by `seeds`; nothing
        is estimated after a time."""
        for person in self.people:
            tables = [read_table(path)[0] for path in sorted((self.folder / "aligned" / person).glob("*.parquet"))]
            names = sorted(path.stem for path in (self.folder / "aligned" / person).glob("*.parquet"))
            frames = [len(values["time_s"]) for values in tables]
            columns: dict[str, tuple[np.ndarray, dict]] = {
                "trial_index": (np.repeat(np.arange(len(tables), dtype=np.int32), frames), {}),
                "time_s": (np.concatenate([values["time_s"] for values in tables]) + shift_s, {}),
            }
            for label in labels:
                whole = estimate(np.concatenate([values[label] for values in tables]), person)
                whole = np.where(columns["time_s"][0] < until_s, whole, np.nan)
                columns[label] = (whole, {"of": label})
                for seed, factor in (seeds or {}).items():
                    columns[f"{label}__seed{seed}"] = (factor * whole, {"of": label, "seed": seed})
            document = {
                "study": "small",
                "estimator": estimator,
                "sensor_set": sensor_set,
                "protocol": "loso",
                "variant": variant,
                "fold": f"made-{person}",
                "trials": [{"cohort": "made", "participant": person, "trial": name} for name in names],
            }
            path = self.folder / "predictions" / variant / sensor_set / estimator / f"made-{person}.parquet"
            write_table(path, columns, document)
