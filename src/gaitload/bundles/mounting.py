"""How sensors are worn: which way up, by gravity, and which way they face, by how legs brake and push.

Turning a sensor about the vertical changes little in a window as a whole, and nothing in the direction of gravity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from gaitload.bundles.recording import SIDE_WORDS
from gaitload.errors import DataError
from gaitload.windows.mirror import channel_signs
from gaitload.windows.slicing import Windows
from gaitload.windows.tables import AlignedTrial

TURNED_MAX_DEG = 90.0
"""Largest angle between up in a sensor's frame and up in training. Larger lets sensors that are upside down pass where
legs swing far; smaller refuses sensors on slanting straps. Quarter turns show in which way a sensor faces."""
FACING_MARGIN = 1.5
"""A sensor faces another way when it deviates by more than this factor times the largest deviation of a training
trial."""
FACING_LIMIT_MIN_DEG = 45.0
"""Smallest limit: a sensor that is turned by less is nearer to the right way than to a quarter turn."""
FACING_LIMIT_MAX_DEG = 80.0
"""A sensor with a larger limit is not judged: a quarter turn would pass."""


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
    """Mean direction of the specific force in the frame of a sensor; None where it is not worn."""
    name = trial.worn(sensor, side)
    if name is None:
        return None
    mean = np.nanmean(trial.signals(name, "acc"), axis=0) * channel_signs("acc", side)
    return mean / np.linalg.norm(mean)


def facings_deg(windows: Windows, sensors: tuple[str, ...], points: int) -> dict[str, np.ndarray]:
    """Heading of late less early specific force in stances, by sensor and trial (deg), in its upright frame.

    Legs brake early and push late, so that this difference points forward at the pelvis, and one way at every other
    body. Shape (R,) for the R trials that have windows, in their order.

    Parameters
    ----------
    windows
        Stances in the frame `heading_free`.
    sensors
        Sensors in the order of `windows.vectors`.
    points : int
        Points of a stance without its context.
    """
    found = {}
    for sensor, vectors in zip(sensors, windows.vectors, strict=True):
        first = dict(vectors)["acc"]
        force = windows.inputs[:, windows.before : windows.before + points, first : first + 2]
        change = force[:, points // 2 :].mean(axis=1) - force[:, : points // 2].mean(axis=1)
        means = np.stack([change[windows.trial == trial].mean(axis=0) for trial in np.unique(windows.trial)])
        found[sensor] = np.degrees(np.arctan2(means[:, 1], means[:, 0]))
    return found


def training_facings(facings: Mapping[str, np.ndarray]) -> dict[str, list[float]]:
    """Mean and limit (deg) of each sensor that can be judged."""
    known = {}
    for sensor, angles in facings.items():
        mean = float(np.degrees(np.angle(np.exp(1j * np.radians(angles)).mean())))
        limit = max(FACING_LIMIT_MIN_DEG, FACING_MARGIN * float(np.abs(deviation_deg(angles, mean)).max()))
        if limit <= FACING_LIMIT_MAX_DEG:
            known[sensor] = [mean, limit]
    return known


def require_facing(windows: Windows, sensors: tuple[str, ...], document: Mapping) -> None:
    """Refuse sensors that face another way than in training, in the mean of both feet (PREDICTION_FACING).

    Bundles whose windows are not stances know no facing, and refuse none.
    """
    if not document["facings_deg"]:
        return
    found = facings_deg(windows, sensors, document["settings"]["window"]["points"])
    for sensor, (mean, limit) in document["facings_deg"].items():
        turned = float(deviation_deg(found[sensor][0], mean))
        if abs(turned) > limit:
            raise DataError(
                expected=f"a sensor on {sensor} that faces as in training, to {limit:.0f} deg about the vertical",
                found=f"one that is turned by {turned:.0f} deg, by the way that the legs brake and push",
                where="sensors of the recording",
                do="Check which way its axes point (docs/predict.md), or turn it by that angle.",
                code="PREDICTION_FACING",
            )


def facing_doubts(windows: Windows, sensors: tuple[str, ...], document: Mapping) -> list[str]:
    """Doubts about sensors that deviate, in the stances of one foot, by more than two thirds of the limit for both.

    Sensors of both shanks that are turned the same way about their own axes deviate to opposite sides, seen from their
    feet: in the mean of both, which `require_facing` judges, nothing is left of it.
    """
    doubts, points = [], document["settings"]["window"]["points"]
    for side in np.unique(windows.side) if document["facings_deg"] else ():
        found = facings_deg(windows.rows(np.flatnonzero(windows.side == side)), sensors, points)
        for sensor, (mean, limit) in document["facings_deg"].items():
            turned, most = float(deviation_deg(found[sensor][0], mean)), limit / FACING_MARGIN
            if abs(turned) > most:
                doubts.append(
                    f"the sensor on {sensor} faces {turned:+.0f} deg from that in training in stances of the "
                    f"{SIDE_WORDS[str(side)]} foot (at most {most:.0f}): check how it is turned about the vertical"
                )
    return doubts


def deviation_deg(angle: np.ndarray | float, mean: float) -> np.ndarray:
    """Difference of angles, between -180 and 180 deg."""
    return (np.asarray(angle) - mean + 180.0) % 360.0 - 180.0
