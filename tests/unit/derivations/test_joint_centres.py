"""Knee centres of models are those that the derivation finds."""

from __future__ import annotations

import numpy as np
import pytest

from derivations.joint_centres import CENTRE, REFERENCE, knee_centre_m
from gaitload.models.registry import find_model


@pytest.mark.parametrize("model", ["rajagopal2015", "rajagopal2023"])
def test_the_knee_centre_of_a_model_is_that_of_its_description(model):
    source = find_model(model)
    described = source.family.joint_centres[CENTRE].position_m
    # Hundredths of a millimetre.
    np.testing.assert_allclose(knee_centre_m(source, find_model(REFERENCE)), described, atol=1e-5)
