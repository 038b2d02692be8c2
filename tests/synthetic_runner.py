"""The pelvis of a runner made of arcs: held for a quarter of a second, then in flight."""

from __future__ import annotations

import numpy as np

RATE_HZ, STEP_S, STANCE_S = 100.0, 0.36, 0.25
TIME_S = np.arange(800) / RATE_HZ
STARTS_S = 0.1 + STEP_S * np.arange(21)


def pelvis_of_runner(heading_rad: float, *, first: str = "r", leans: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Specific force and angular rate in an earth frame; `leans` is a roll rate that both feet share."""
    forward = np.array([np.cos(heading_rad), np.sin(heading_rad), 0.0])
    acc, gyr = np.zeros((len(TIME_S), 3)), np.zeros((len(TIME_S), 3))
    weight = 9.81 * STEP_S / (STANCE_S * 2 / np.pi)
    for number, start_s in enumerate(STARTS_S):
        phase = (TIME_S - start_s) / STANCE_S
        held = (phase >= 0) & (phase <= 1)
        towards = 1.0 if (number % 2 == 0) == (first == "r") else -1.0
        acc[held] += weight * np.sin(np.pi * phase[held])[:, None] * [0, 0, 1]
        acc[held] -= 3.0 * np.sin(2 * np.pi * phase[held])[:, None] * forward
        gyr[held] += (0.5 * towards + leans) * forward
    return acc, gyr
