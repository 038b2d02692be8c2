"""Loads with numbers chosen by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from gaitload.conventions import SIDES
from gaitload.labels import TrialLoads
from gaitload.models.family import load_family
from gaitload.models.registry import MODELS_DIR


@pytest.fixture
def loads() -> TrialLoads:
    """Four frames in which every muscle pulls with 100 N and every joint bears 1000 N straight down."""
    family = load_family(MODELS_DIR / "rajagopal" / "family.yaml")
    frames = 4
    muscles = [name for group in family.muscle_groups for side in SIDES for name in family.muscles(group, side)]
    coordinates = [f"{name}_{side}" for name in family.side_coordinates for side in SIDES]
    down = np.tile([0.0, -1000.0, 0.0], (frames, 1))
    return TrialLoads(
        time_s=np.arange(frames) / 100,
        coordinates={name: np.full(frames, 0.1) for name in coordinates},
        generalized_forces={name: np.full(frames, 50.0) for name in coordinates},
        tendon_forces_n={name: np.full(frames, 100.0) for name in muscles},
        reactions={(joint, side): (down, np.zeros((frames, 3))) for joint in family.reactions for side in SIDES},
        foot_force_ground_n=np.tile([30.0, 400.0, 0.0], (frames, 2, 1)),
        foot_cop_ground_m=np.zeros((frames, 2, 3)),
        foot_free_moment_nm=np.zeros((frames, 2)),
        condylar_spacing_m={"r": 0.05, "l": 0.04},
        mass_kg=70.0,
        family=family,
    )


@pytest.fixture
def with_knee_moment(loads):
    """Loads whose knees also bear a frontal moment (N m) about the forward axis of the tibia."""

    def changed(frontal_nm: float) -> TrialLoads:
        moment = np.zeros((len(loads.time_s), 3))
        moment[:, 0] = frontal_nm
        reactions = dict(loads.reactions)
        for side in SIDES:
            reactions["knee", side] = (reactions["knee", side][0], moment)
        return dataclasses.replace(loads, reactions=reactions)

    return changed
