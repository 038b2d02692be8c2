"""What gates judge: the loads of a trial, and what was found on the way to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gaitload.conventions import SIDES
from gaitload.labels import TrialLoads
from gaitload.models.anatomy import Anatomy
from gaitload.signals.runs import true_runs


@dataclass(frozen=True)
class Solution:
    """Loads of a trial and what gates compare them with; arrays share axis 0 with `loads.time_s`.

    Attributes
    ----------
    loads : TrialLoads
    anatomy : Anatomy
    leg_marker_errors_m, other_marker_errors_m : mapping of str to ndarray, shape (T,)
        Markers of pelvis and legs, and those of trunk and arms.
    marker_body : mapping of str to str
        Body of the model that each marker sits on.
    activations : mapping of str to ndarray, shape (T,)
        Muscle -> its activation.
    reserves_nm : mapping of str to ndarray, shape (T,)
        Coordinate -> moment of its reserve actuator.
    contact : ndarray of bool, shape (T, 2)
        The foot is loaded; without force plates, it is on the floor by its markers.
    com_height_m : float
    unsolved : ndarray of bool, shape (T,)
        Frames that static optimization gave up.
    forces_measured : bool
        False for a motion without force plates, of which the angles alone are known: no gate judges its loads.
    """

    loads: TrialLoads
    anatomy: Anatomy
    leg_marker_errors_m: Mapping[str, np.ndarray]
    other_marker_errors_m: Mapping[str, np.ndarray]
    marker_body: Mapping[str, str]
    activations: Mapping[str, np.ndarray]
    reserves_nm: Mapping[str, np.ndarray]
    contact: np.ndarray
    com_height_m: float
    unsolved: np.ndarray
    forces_measured: bool = True

    @property
    def stance(self) -> np.ndarray:
        """Frames in which a foot is loaded, shape (T,)."""
        return self.contact.any(axis=1)

    def phases(self, side: str) -> dict[str, list[slice]]:
        """Runs of frames by phase: `stance` while the foot is loaded, `swing` between two stances."""
        loaded = self.contact[:, SIDES.index(side)]
        unloaded = [run for run in true_runs(~loaded) if run.start > 0 and run.stop < len(loaded)]
        return {"stance": true_runs(loaded), "swing": unloaded}
