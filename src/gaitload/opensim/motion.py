"""Coordinates of a model along a motion, differentiated as OpenSim's tools do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import opensim

from gaitload.errors import DataError
from gaitload.io.sto import read_sto
from gaitload.signals.derivatives import derivative


@dataclass(frozen=True)
class Motion:
    """T frames of C coordinates in the model's order (rad or m).

    Attributes
    ----------
    time_s : ndarray, shape (T,)
    value, speed : ndarray, shape (T, C)
    acceleration : ndarray, shape (T, C)
        Second derivative of the spline through the values, as the inverse dynamics tool has it.
    speed_rate : ndarray, shape (T, C)
        First derivative of a spline through the speeds, as static optimization has it; in running the two make up to
        0.3 N at the pelvis.
    """

    time_s: np.ndarray
    value: np.ndarray
    speed: np.ndarray
    acceleration: np.ndarray
    speed_rate: np.ndarray


def read_motion(path: Path, model: opensim.Model, followers: Mapping[str, str], where: str) -> Motion:
    """Read a file of coordinates for a model.

    Parameters
    ----------
    path
        Needs a column for every coordinate that follows no other.
    followers
        Coordinate -> the one it equals.
    where
        Cohort/subject/trial, for messages.

    Raises
    ------
    DataError
        STO_NAMES: a coordinate has no column.
    """
    table = read_sto(path)
    coordinates = list(model.getCoordinateSet())
    sources = [followers.get(coordinate.getName(), coordinate.getName()) for coordinate in coordinates]
    missing = sorted(set(sources) - set(table.names))
    if missing:
        raise DataError(
            expected="a column for every coordinate of the model",
            found=f"no {', '.join(missing)}",
            where=f"{where}, {path.name}",
            do="Solve inverse kinematics with this model again.",
            code="STO_NAMES",
        )
    turning = {
        coordinate.getName()
        for coordinate in coordinates
        if coordinate.getMotionType() == opensim.Coordinate.Rotational
    }
    columns = (
        np.radians(table.column(name)) if table.in_degrees and name in turning else table.column(name)
        for name in sources
    )
    value = np.column_stack(list(columns))
    speed = derivative(value, table.time_s)
    return Motion(
        time_s=table.time_s,
        value=value,
        speed=speed,
        acceleration=derivative(value, table.time_s, order=2),
        speed_rate=derivative(speed, table.time_s),
    )


def within_limits(value: np.ndarray, model: opensim.Model, followers: Mapping[str, str]) -> np.ndarray:
    """Coordinates, shape (T, C), held within the ranges of those that are clamped, as AnalyzeTool does."""
    lower, upper = {}, {}
    for coordinate in model.getCoordinateSet():
        leader = followers.get(coordinate.getName(), coordinate.getName())
        if coordinate.getDefaultClamped():
            lower[leader] = max(lower.get(leader, -np.inf), coordinate.getRangeMin())
            upper[leader] = min(upper.get(leader, np.inf), coordinate.getRangeMax())
    leaders = [followers.get(coordinate.getName(), coordinate.getName()) for coordinate in model.getCoordinateSet()]
    return np.clip(value, [lower.get(name, -np.inf) for name in leaders], [upper.get(name, np.inf) for name in leaders])
