"""Loads with numbers chosen by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from gaitload.conventions import SIDES
from gaitload.labels import TrialLoads
from gaitload.models.anatomy import Anatomy
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
        passive_forces_n={name: np.full(frames, 10.0) for name in muscles},
        reactions={(joint, side): (down, np.zeros((frames, 3))) for joint in family.reactions for side in SIDES},
        foot_force_ground_n=np.tile([30.0, 400.0, 0.0], (frames, 2, 1)),
        foot_cop_ground_m=np.zeros((frames, 2, 3)),
        foot_free_moment_nm=np.zeros((frames, 2)),
        condylar_spacing_m={"r": 0.05, "l": 0.04},
        mass_kg=70.0,
        family=family,
    )


JOINTS = {
    "pelvis": ("ground", "ground_pelvis", ("pelvis_tilt", "pelvis_ty")),
    "torso": ("pelvis", "back", ("lumbar_extension",)),
    "femur_{side}": ("pelvis", "hip_{side}", ("hip_flexion_{side}", "hip_adduction_{side}", "hip_rotation_{side}")),
    "tibia_{side}": ("femur_{side}", "walker_knee_{side}", ("knee_angle_{side}",)),
    "patella_{side}": ("femur_{side}", "patellofemoral_{side}", ("knee_angle_{side}_beta",)),
    "talus_{side}": ("tibia_{side}", "ankle_{side}", ("ankle_angle_{side}",)),
    "calcn_{side}": ("talus_{side}", "subtalar_{side}", ("subtalar_angle_{side}",)),
    "toes_{side}": ("calcn_{side}", "mtp_{side}", ("mtp_angle_{side}",)),
}
"""Body -> parent, joint, its coordinates."""
SHARES = {
    "ankle_angle": {"soleus": 0.51, "gasmed": 0.27, "gaslat": 0.14, "tibant": 0.61, "tibpost": 0.03},
    "knee_angle": {"gasmed": 0.23, "gaslat": 0.15, "recfem": 0.2, "vaslat": 0.4, "vasmed": 0.23, "vasint": 0.15},
    "hip_flexion": {"recfem": 0.3, "iliacus": 0.14},
    "hip_adduction": {"glmed1": 0.2, "recfem": 0.11},
    "hip_rotation": {"glmed1": 0.33, "iliacus": 0.22},
}
"""Coordinate -> muscle -> share of the capacity, as in the Rajagopal model, rounded."""


@pytest.fixture
def anatomy() -> Anatomy:
    """Two legs with the muscles that tell the coordinates apart."""
    family = load_family(MODELS_DIR / "rajagopal" / "family.yaml")
    bodies = {
        body.format(side=side): {
            "parent": parent.format(side=side),
            "joint": joint.format(side=side),
            "coordinates": [name.format(side=side) for name in coordinates],
        }
        for side in SIDES
        for body, (parent, joint, coordinates) in JOINTS.items()
    }
    joint_of = {name: row["joint"] for row in bodies.values() for name in row["coordinates"]}
    crossed: dict[str, list[str]] = {}
    for coordinate, shares in SHARES.items():
        for side in SIDES:
            for muscle in shares:
                joints = crossed.setdefault(f"{muscle}_{side}", [])
                if joint_of[f"{coordinate}_{side}"] not in joints:
                    joints.append(joint_of[f"{coordinate}_{side}"])
    record = {
        "bodies": bodies,
        "crossed_joints": crossed,
        "capacity_share": {
            f"{coordinate}_{side}": {f"{muscle}_{side}": share for muscle, share in shares.items()}
            for coordinate, shares in SHARES.items()
            for side in SIDES
        },
        "range": {name: [-0.7, 0.7] for name in joint_of},
    }
    return Anatomy.from_record(record, family)


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
