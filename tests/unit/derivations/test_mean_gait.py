"""What is changed in a mean stride leaves the rest where it was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from derivations.mean_gait import (
    MeanGait,
    mean_of_people,
    residuals,
    with_bent_knee,
    with_pelvis_tilt,
    with_trunk_and_arms,
)
from derivations.strides import PHASES
from gaitload.cohorts.embedded.templates import ANTISYMMETRIC, SIDED, SYMMETRIC, Variation

HIP = np.array([-0.065, -0.091])


@pytest.fixture
def gait() -> MeanGait:
    random = np.random.default_rng(1)
    turned = 2 * np.pi * np.outer(np.arange(1, 4), PHASES)
    cycles = {
        name: 0.1 + random.normal(0, 0.1, 3) @ np.sin(turned) + random.normal(0, 0.1, 3) @ np.cos(turned)
        for name in (*SYMMETRIC, *ANTISYMMETRIC, *SIDED)
    }
    unknown = Variation(0.01, float("nan"), float("nan"))
    return MeanGait(cycles, {}, {"stride_time": 0.7}, dict.fromkeys((*cycles, "stride_time"), unknown), 1, 10)


def _hip_height(gait: MeanGait) -> np.ndarray:
    tilt = gait.cycles["pelvis_tilt"]
    return gait.cycles["pelvis_ty"] + np.sin(tilt) * HIP[0] + np.cos(tilt) * HIP[1]


def test_another_pelvis_tilt_moves_neither_hips_nor_thighs_nor_trunk(gait):
    tilted = with_pelvis_tilt(gait, -0.08, HIP)
    assert tilted.cycles["pelvis_tilt"].mean() == pytest.approx(-0.08)
    np.testing.assert_allclose(_hip_height(tilted), _hip_height(gait), atol=1e-12)
    for name in ("hip_flexion", "lumbar_extension"):
        before, after = (each.cycles["pelvis_tilt"] + each.cycles[name] for each in (gait, tilted))
        np.testing.assert_allclose(after, before, atol=1e-12)


def test_a_knee_that_is_less_straight_bends_as_far_and_keeps_the_foot_level(gait):
    bent = with_bent_knee(gait, 0.03)
    assert bent.cycles["knee_angle"].min() == pytest.approx(0.03)
    assert bent.cycles["knee_angle"].max() == pytest.approx(gait.cycles["knee_angle"].max())
    before, after = (
        each.cycles["hip_flexion"] - each.cycles["knee_angle"] + each.cycles["ankle_angle"] for each in (gait, bent)
    )
    np.testing.assert_allclose(after, before, atol=1e-12)


def test_a_borrowed_trunk_keeps_its_orientation_in_the_ground_frame(gait):
    pelvis = {name: 1.3 * gait.cycles[name] for name in ("pelvis_tilt", "pelvis_list", "pelvis_rotation")}
    other = with_trunk_and_arms(replace(gait, cycles=gait.cycles | pelvis), gait)

    def trunk(of: MeanGait) -> Rotation:
        names = (
            ("pelvis_tilt", "pelvis_list", "pelvis_rotation"),
            ("lumbar_extension", "lumbar_bending", "lumbar_rotation"),
        )
        below, above = (Rotation.from_euler("ZXY", np.column_stack([of.cycles[n] for n in some])) for some in names)
        return below * above

    assert (trunk(other).inv() * trunk(gait)).magnitude().max() < 1e-12


def test_people_differ_in_their_means_and_in_their_shapes(gait):
    moved = replace(gait, cycles=gait.cycles | {"knee_angle": gait.cycles["knee_angle"] + 0.2})
    both = mean_of_people([gait, moved])
    assert both.variation["knee_angle"].people_mean == pytest.approx(0.2 / np.sqrt(2))
    assert both.variation["knee_angle"].people_shape == pytest.approx(0.0, abs=1e-12)
    assert both.variation["knee_angle"].strides == pytest.approx(0.01)
    assert both.people == 2


def test_three_harmonics_leave_nothing_out(gait):
    assert max(residuals(gait).values()) < 1e-12
