"""Which way up sensors are worn: the mean direction of gravity in their frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from gaitload.errors import DataError
from gaitload.windows.mirror import channel_signs
from gaitload.windows.tables import AlignedTrial

TURNED_MAX_DEG = 90.0
"""Largest angle between up in a sensor's frame and up in training. Larger lets sensors that are upside down pass where
legs swing far; smaller refuses sensors on slanting straps. Quarter turns show in which way a sensor faces."""


def training_ups(
    trials: Iterable[AlignedTrial], sensors: Iterable[str], sides: Iterable[str]
) -> dict[str, list[float]]:
    """Mean direction of up in the frame of each sensor, seen from the right, shape (3,)."""
    trials, sides = list(trials), tuple(sides)
    found = {}
    for sensor in sensors:
        ups = [up for trial in trials for side in sides if (up := _up(trial, sensor, side)) is not None]
        mean = np.mean(ups, axis=0)
        found[sensor] = (mean / np.linalg.norm(mean)).tolist()
    return found


def require_up(trial: AlignedTrial, ups: Mapping[str, list[float]], sides: Iterable[str]) -> None:
    """Refuse sensors that are worn another way up than in training (PREDICTION_TURNED)."""
    for side in sides:
        for sensor, wanted in ups.items():
            up = _up(trial, sensor, side)
            if up is None:
                continue
            turned_deg = float(np.degrees(np.arccos(np.clip(up @ np.array(wanted), -1.0, 1.0))))
            if turned_deg > TURNED_MAX_DEG:
                axes = ", ".join(f"{axis} {value:+.1f}" for axis, value in zip("xyz", up, strict=True))
                raise DataError(
                    expected=f"up in the frame of {trial.worn(sensor, side)} within {TURNED_MAX_DEG:g} deg of that in "
                    f"training ({', '.join(f'{a} {v:+.1f}' for a, v in zip('xyz', wanted, strict=True))})",
                    found=f"{axes}, turned by {turned_deg:.0f} deg: the sensor is worn upside down",
                    where="sensors of the recording",
                    do="Declare the columns of its axes as docs/predict.md says, or wear it the other way.",
                    code="PREDICTION_TURNED",
                )


def _up(trial: AlignedTrial, sensor: str, side: str) -> np.ndarray | None:
    """Mean direction of the specific force in the frame of a sensor; None where nobody wears it."""
    name = trial.worn(sensor, side)
    if name is None:
        return None
    mean = np.nanmean(trial.signals(name, "acc"), axis=0) * channel_signs("acc", side)
    return mean / np.linalg.norm(mean)
