"""Which of the sensors that somebody wears a study means by a name."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from gaitload.conventions import SIDES
from gaitload.errors import ConfigError
from gaitload.study import StudyWindow

_OPPOSITE = {"r": "l", "l": "r"}


def sides_of(window: StudyWindow) -> tuple[str, ...]:
    """Sides that windows are seen from; one empty side where they are not."""
    return ("",) if window.kind == "fixed" else SIDES


def worn_sensor(sensor: str, side: str, there: Collection[str]) -> str | None:
    """The sensor among `there` that a name means, seen from a side; None if it means none of them.

    From `l`, `tibia_opposite` is `tibia_r`. Without a side (`""`) a name means itself.
    """
    if not side:
        return sensor if sensor in there else None
    part, opposite, _ = sensor.partition("_opposite")
    sided = f"{part}_{_OPPOSITE[side] if opposite else side}"
    if sided in there:
        return sided
    one_of_a_pair = sensor.endswith(tuple(f"_{each}" for each in SIDES))
    return sensor if sensor in there and not one_of_a_pair else None


def require_worn(cohort: str, worn: Iterable[Collection[str]], sensors: Iterable[str], sides: Collection[str]) -> None:
    """Make sure that a cohort has the sensors somewhere.

    Parameters
    ----------
    cohort : str
    worn : iterable of collection of str
        The sensors of each trial.
    sensors : iterable of str
        Names of a sensor set.
    sides : collection of str
        From which they are seen; `""` is none.

    Raises
    ------
    ConfigError
        STUDY_SENSOR_UNKNOWN: names the cohort, the sensors it lacks and those it has.
    """
    trials = list(worn)
    lost = [
        sensor
        for sensor in sensors
        if not any(all(worn_sensor(sensor, side, there) for side in sides) for there in trials)
    ]
    if lost:
        known = sorted({name for there in trials for name in there})
        means = "; seen from a side, tibia is the same side's and tibia_opposite the other's" if any(sides) else ""
        raise ConfigError(
            expected=f"sensors that {cohort} has ({', '.join(known) or 'none'}{means})",
            found=", ".join(lost),
            where="study.sensor_sets",
            do="Correct the names, or take a cohort that wears these.",
            code="STUDY_SENSOR_UNKNOWN",
        )
