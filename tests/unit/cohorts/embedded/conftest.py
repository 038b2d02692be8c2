"""A body of the generic model's size, as kernels know it."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.cohorts.embedded.possible import Mover
from gaitload.cohorts.embedded.standing import leg_length_m
from gaitload.conventions import SIDES
from gaitload.models.registry import find_model
from gaitload.opensim.export import export_mechanism


@pytest.fixture(scope="session")
def mover() -> Mover:
    """The generic model's own person."""
    source = find_model("rajagopal2015")
    mechanism = export_mechanism(source.path)
    feet = tuple(source.family.foot(side) for side in SIDES)
    return Mover(mechanism, source.family.pelvis_body, feet, np.ones(3), float(mechanism.tree.mass_kg.sum()))


@pytest.fixture(scope="session")
def leg_m(mover: Mover) -> float:
    """Their leg length."""
    return leg_length_m(mover.mechanism, "femur_r", "calcn_r", np.ones(3))
