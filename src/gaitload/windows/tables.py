"""Aligned trials: labels, contact and inertial sensors of a trial on one clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from gaitload.conventions import AXES, SIDES
from gaitload.errors import ConfigError, DataError
from gaitload.io.tables import read_table
from gaitload.quality import Verdict
from gaitload.trial import OF_CONTACT, Invalid
from gaitload.windows.worn import require_worn, worn_sensor

CONTACT_CODES = frozenset(reason.name for reason in Invalid if reason in OF_CONTACT)
"""Flags of frames in which contact, and not the motion, is in doubt."""
FORCE_CODES = CONTACT_CODES | {"OPTIMIZATION_UNSOLVED", "RESERVES", "MUSCLES_SATURATED", "KNEE_COMPARTMENT_CLAMPED"}
"""Flags that say nothing against joint angles."""
KINEMATIC_UNITS = ("rad",)
"""Units of labels that need no plate; moments do, but like angles they are looked at over whole cycles."""


@dataclass(frozen=True)
class AlignedTrial:
    """One table of the stage `aligned`.

    Attributes
    ----------
    values : dict of str to ndarray, shape (T,)
        Columns on one uniform clock, `time_s` among them.
    meanings : dict of str to dict
        What each column says about itself.
    document : dict
        `cohort`, `participant`, `trial` and the rest of the file's metadata.
    """

    values: dict[str, np.ndarray]
    meanings: dict[str, dict]
    document: dict

    @property
    def subject(self) -> str:
        """`cohort/participant`: who is held out as a whole."""
        return f"{self.document['cohort']}/{self.document['participant']['participant_id']}"

    @property
    def where(self) -> str:
        """`cohort/participant/trial`."""
        return f"{self.subject}/{self.document['trial']['trial_id']}"

    @property
    def time_s(self) -> np.ndarray:
        """Clock, shape (T,)."""
        return self.values["time_s"]

    @cached_property
    def sensors(self) -> tuple[str, ...]:
        """Names of the sensors there are columns of."""
        return tuple(dict.fromkeys(meaning["sensor"] for meaning in self.meanings.values() if "sensor" in meaning))

    def worn(self, sensor: str, side: str) -> str | None:
        """The sensor that a name means, seen from a side; None if unknown."""
        return worn_sensor(sensor, side, self.sensors)

    def signals(self, sensor: str, channel: str) -> np.ndarray:
        """A channel of a sensor: `acc` (m/s2) and `gyr` (rad/s), shape (T, 3), in its frame; `quat` (wxyz), (T, 4)."""
        return np.stack([self.values[name] for name in signal_columns(sensor, channel)], axis=1)

    def columns_of(self, stem: str, side: str) -> tuple[str, ...]:
        """Columns that a name without a side means: those of one side, or of both and itself where `side` is empty."""
        if not side and stem in self.values:
            return (stem,)
        wanted = (side,) if side else SIDES
        return tuple(name for each in wanted for name in self.values if without_side(name) == (stem, each))


def signal_columns(sensor: str, channel: str) -> tuple[str, ...]:
    """Names of the columns of a channel (`acc`, `gyr`, `quat`) of a sensor."""
    unit = {"acc": "_m_per_s2", "gyr": "_rad_per_s", "quat": ""}[channel]
    return tuple(f"{sensor}_{channel}_{axis}{unit}" for axis in ("wxyz" if channel == "quat" else AXES))


def without_side(column: str) -> tuple[str, str]:
    """A column's name without its side, and the side: `kcf_r_y_bw` is (`kcf_y_bw`, `r`); no side is an empty one."""
    parts = column.split("_")
    for place, part in enumerate(parts):
        if part in SIDES and 0 < place < len(parts) - 1:
            return "_".join(parts[:place] + parts[place + 1 :]), part
    return column, ""


def read_trial(path: Path) -> AlignedTrial:
    """Read one table; raises `DataError` where there is none."""
    return AlignedTrial(*read_table(path))


def flagged_frames(
    values: Mapping[str, np.ndarray], meanings: Mapping[str, Mapping], reasons: Collection[str], side: str = ""
) -> np.ndarray:
    """Whether a frame of a table carries one of some flags, for one leg or (without a side) for any; shape (T,).

    Raises
    ------
    ConfigError
        STUDY_FLAG_UNKNOWN: a flag that the table does not have.
    """
    columns = [f"frame_flags_{one}" for one in ([side] if side else SIDES)]
    if columns[0] not in values:  # A trial without labels has no frame that a label doubts.
        return np.zeros(len(values["time_s"]), dtype=bool)
    bits = {reason: int(bit) for bit, reason in meanings[columns[0]]["bits"].items()}
    unknown = sorted(set(reasons) - bits.keys())
    if unknown:
        raise ConfigError(
            expected=f"flags of {', '.join(sorted(bits))}",
            found=", ".join(unknown),
            where="study.verdicts.frame_flags",
            do="Correct the names.",
            code="STUDY_FLAG_UNKNOWN",
        )
    wanted = sum(bits[reason] for reason in reasons)
    return np.any([(values[column].astype(int) & wanted) != 0 for column in columns], axis=0)


def flags_against(unit: str, flags: Iterable[str]) -> set[str]:
    """Those of some flags that speak against a label of a unit: nothing about forces speaks against a joint angle."""
    return set(flags) - (FORCE_CODES if unit in KINEMATIC_UNITS else frozenset())


def unmeasured(trials: Iterable[AlignedTrial], stem: str, sides: Iterable[str]) -> bool:
    """Whether every column of a name, in every trial that has one, is `not_measured`."""
    sides = tuple(sides)
    verdicts = {
        trial.meanings[name].get("verdict")
        for trial in trials
        for side in sides
        for name in trial.columns_of(stem, side)
    }
    return verdicts == {Verdict.NOT_MEASURED}


def verdict_of(meaning: Mapping, kind: str) -> str:
    """Verdict on a label column where windows or segments are of some kind: gates of swing do not count in stances."""
    verdict = meaning.get("verdict", "not_judged")
    return meaning.get("verdict_stance", verdict) if kind == "stance" else verdict


def require_sensors(trials: Iterable[AlignedTrial], sensors: Iterable[str], sides: Collection[str]) -> None:
    """Make sure that every cohort has the sensors somewhere.

    Raises
    ------
    ConfigError
        STUDY_SENSOR_UNKNOWN: names the cohort, the sensors it lacks and those it has.
    """
    for cohort, members in by_cohort(trials).items():
        require_worn(cohort, [trial.sensors for trial in members], sensors, sides)


def require_columns(trials: Iterable[AlignedTrial], stems: Iterable[str], sides: Iterable[str], where: str) -> None:
    """Make sure that every cohort has columns of these names with numbers in them, but for what it did not measure.

    Raises
    ------
    DataError
        STUDY_COLUMN_MISSING: names the cohort and the columns.
    """
    for cohort, members in by_cohort(trials).items():
        lost = [
            stem
            for stem in stems
            if not any(_filled(trial, stem, sides) for trial in members) and not unmeasured(members, stem, sides)
        ]
        if lost:
            raise DataError(
                expected=f"columns of {cohort} that hold numbers",
                found=f"none of {', '.join(lost)}",
                where=where,
                do="Take names of label columns without their side (atf_bw, knee_angle_rad) that the cohort has.",
                code="STUDY_COLUMN_MISSING",
            )


def by_cohort(trials: Iterable[AlignedTrial]) -> dict[str, list[AlignedTrial]]:
    """Trials by the name of their cohort."""
    found: dict[str, list[AlignedTrial]] = {}
    for trial in trials:
        found.setdefault(trial.document["cohort"], []).append(trial)
    return found


def _filled(trial: AlignedTrial, stem: str, sides: Iterable[str]) -> bool:
    names = [name for side in sides for name in trial.columns_of(stem, side)]
    return bool(names) and any(np.isfinite(trial.values[name]).any() for name in names)
