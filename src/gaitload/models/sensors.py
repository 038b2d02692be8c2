"""Where sensors are worn on the models of a family (opensim_models/<family>/sensors.yaml)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from gaitload.conventions import LATERAL_SIGN, SIDES
from gaitload.documents import read_yaml
from gaitload.errors import ConfigError
from gaitload.imu.placement import Placement
from gaitload.section import Section

_RIGHT_ANGLE_MAX = 0.01
"""Cosine of the angle between two axes of a table: half a degree off, from directions with two digits."""
_LONGEST_AXIS = 1e6
"""Directions are taken for unit vectors as far as they are none; longer ones are damage."""

Triple = tuple[float, float, float]


class _Sensor(Section):
    body: str
    position_m: Triple
    x_axis: Triple
    z_axis: Triple


class _Sensors(Section):
    sensors: dict[str, _Sensor]


def load_sensors(path: Path) -> tuple[Placement, ...]:
    """Placements on the generic model, in the order of the table, right before left.

    Raises
    ------
    ConfigError
        SENSORS_INVALID, naming what is wrong: a field, a sensor that stands twice, axes that are not at right angles.
    """
    try:
        table = _Sensors.model_validate(read_yaml(path))
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise _invalid("; ".join(problems), path) from error
    except ValueError as error:
        raise _invalid(str(error), path) from error
    placements = [
        _placement(name.replace("{side}", side), sensor.body.replace("{side}", side), sensor, LATERAL_SIGN[side], path)
        for name, sensor in table.sensors.items()
        for side in (SIDES if "{side}" in name else SIDES[:1])
    ]
    names = [placement.name for placement in placements]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _invalid(f"{', '.join(twice)} more than once", path)
    return tuple(placements)


def scaled_placements(placements: Iterable[Placement], factors: Mapping[str, Iterable[float]]) -> tuple[Placement, ...]:
    """Placements on a scaled model; their directions stay.

    Parameters
    ----------
    placements
        On the generic model.
    factors
        Body -> scale factors along its x, y and z, as `gaitload.opensim.scaling.scale_subject` records them.

    Raises
    ------
    ConfigError
        SENSOR_BODY: a body that has no factors.
    """
    placements = tuple(placements)
    require_bodies(placements, factors)
    return tuple(
        replace(one, position_body_m=one.position_body_m * np.asarray(factors[one.body])) for one in placements
    )


def require_bodies(placements: Iterable[Placement], bodies: Iterable[str]) -> None:
    """Raise `ConfigError` (SENSOR_BODY) naming the sensors whose bodies are not among `bodies`."""
    known = sorted(bodies)
    lost = [f"{one.name} on {one.body}" for one in placements if one.body not in known]
    if lost:
        raise ConfigError(
            expected=f"sensors on bodies of the model ({', '.join(known)})",
            found=", ".join(lost),
            where="placements of virtual sensors",
            do="Correct the body in sensors.yaml.",
            code="SENSOR_BODY",
        )


def _placement(name: str, body: str, sensor: _Sensor, lateral_sign: float, path: Path) -> Placement:
    mirror = np.array([1.0, 1.0, lateral_sign])
    x, z = (mirror * axis for axis in (sensor.x_axis, sensor.z_axis))
    lengths = math.hypot(*x), math.hypot(*z)
    if not 0 < min(lengths) <= max(lengths) < _LONGEST_AXIS or abs(x @ z) > _RIGHT_ANGLE_MAX * lengths[0] * lengths[1]:
        raise _invalid(f"sensors.{name}: x_axis and z_axis are not at right angles", path)
    z = z / lengths[1]
    y = np.cross(z, x)
    y /= np.linalg.norm(y)
    return Placement(name, body, mirror * sensor.position_m, np.array([np.cross(y, z), y, z]))


def _invalid(found: str, path: Path) -> ConfigError:
    return ConfigError(
        expected="sensors as described in opensim_models/rajagopal/sensors.yaml",
        found=found,
        where=str(path),
        do="Correct what is named.",
        code="SENSORS_INVALID",
    )
