"""What a fault is, and what it changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from gaitload.ingest.axes import ground_rotation
from gaitload.models.markersets import MarkerSet
from gaitload.trial import PlateWrench, Recording

DEVELOPMENT, HELD_OUT, UNSEEN = "development", "held out", "unseen"
PARTS = (DEVELOPMENT, HELD_OUT, UNSEEN)
"""Checks are tuned on faults and trials of the first part. The second was held out until it was reported once, and
classes of faults were mended since. The third was written after the checks and is reported as it was first found."""


@dataclass(frozen=True)
class Situation:
    """A motion trial with everything that a laboratory recorded and declared for it.

    Attributes
    ----------
    motion : Recording
        In the lab frame.
    statics : mapping of str to Recording
        Static trials of the participant by their ids.
    others : mapping of str to Recording
        Static trials of another participant who wore the same marker set.
    marker_set : MarkerSet
    lab_axes : tuple of str
        `(forward, up)`, as the trial's row declares them.
    window_s : tuple of float
        Labelled part, half-open.
    participant : mapping
        Columns of participants.tsv that are declared otherwise.
    row : mapping
        Columns of trials.tsv that are declared otherwise, for the motion.
    cohort_lag_s : float
        By which the forces of every other trial of the cohort are delayed too.
    mass_kg, height_m : float
        As truly declared.
    """

    motion: Recording
    statics: Mapping[str, Recording]
    others: Mapping[str, Recording]
    marker_set: MarkerSet
    lab_axes: tuple[str, str]
    window_s: tuple[float, float]
    mass_kg: float
    height_m: float | None
    participant: Mapping[str, object] = field(default_factory=dict)
    row: Mapping[str, object] = field(default_factory=dict)
    cohort_lag_s: float = 0.0

    @property
    def rotation(self) -> np.ndarray:
        """Lab to ground as declared, shape (3, 3); the participant may face +X or -X."""
        return ground_rotation(*self.lab_axes)

    def name_of(self, landmark: str) -> str | None:
        """Marker of a landmark that the motion has."""
        name = self.marker_set.landmark(landmark)
        return name if name in self.motion.marker_names else None

    def column_of(self, landmark: str) -> int:
        """Trajectory of a landmark in the motion; raises `KeyError` where it has none."""
        name = self.name_of(landmark)
        if name is None:
            raise KeyError(landmark)
        return self.motion.marker_names.index(name)

    def with_markers(self, position_lab_m: np.ndarray) -> Situation:
        """The situation with other trajectories, shape (T, M, 3), in the lab frame."""
        return replace(self, motion=replace(self.motion, marker_lab_m=position_lab_m))

    def with_plates(self, change: Callable[[PlateWrench], PlateWrench]) -> Situation:
        """The situation with every plate changed."""
        return replace(self, motion=replace(self.motion, plates=tuple(map(change, self.motion.plates))))

    def with_wrenches(self, change: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]) -> Situation:
        """The situation with force and moment about the origin of every plate changed; ground frame, shapes (N, 3)."""
        rotation = self.rotation

        def changed(plate: PlateWrench) -> PlateWrench:
            force, moment = change(plate.force_lab_n @ rotation.T, plate.moment_lab_nm @ rotation.T)
            return replace(plate, force_lab_n=force @ rotation, moment_lab_nm=moment @ rotation)

        return self.with_plates(changed)

    def inside(self) -> np.ndarray:
        """Frames of the labelled part, shape (T,), bool."""
        time_s = self.motion.marker_time_s
        return (time_s >= self.window_s[0]) & (time_s < self.window_s[1])


@dataclass(frozen=True)
class Fault:
    """A type of fault.

    Attributes
    ----------
    name : str
        As the page tells it; `{size}` is replaced.
    group : str
    part : str
        One of `PARTS`, fixed before checks are tuned.
    sizes : tuple of float
        Up to three, the smallest first, in `unit`.
    unit : str
    inject : callable
        `(situation, size)` to the faulty situation; raises `KeyError` where the trial lacks what the fault concerns.
    cause : tuple of str
        Regular expressions, one of which the first reason has to match (case does not count).
    needs : str
        Trials that it applies to: `any`, `plates` (a foot on each), `two plates`, `others` (another participant's
        static), `static`.
    """

    name: str
    group: str
    part: str
    sizes: tuple[float, ...]
    unit: str
    inject: Callable[[Situation, float], Situation]
    cause: tuple[str, ...]
    needs: str = "any"
