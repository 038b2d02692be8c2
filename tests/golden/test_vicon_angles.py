"""Angles of children beside those that Plug-in Gait wrote into the same files, with the shipped marker set alone."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.vicon_angles import ANGLES, children, compared

RMS_MEDIAN_DEG = {"hip_flexion": 1.5, "knee_angle": 2.2, "ankle_angle": 3.5}
"""Bounds of the median over children and legs, without the mean difference. Differences are those of two models:
Plug-in Gait places hips by Davis' regression, lets knees bend sideways, and shanks change their length by 10 to 27 mm;
measured 1.3, 1.8 and 2.9 deg."""
RMS_WORST_DEG = 4.5


def test_angles_agree_with_those_of_plug_in_gait(shared) -> None:
    folder = shared / "pig_children"
    if not folder.is_dir():
        pytest.skip(f"no recordings in {folder}")
    found = {name: compared(static, walk) for name, static, walk in children(folder)}
    assert len(found) == 5, "the sixth child has no static trial"
    for angle in ANGLES:
        rms = [one[f"{angle}_{side}"]["rms_deg"] for one in found.values() for side in "rl"]
        assert np.median(rms) <= RMS_MEDIAN_DEG[angle], (angle, rms)
        assert max(rms) <= RMS_WORST_DEG, (angle, rms)
    for name, one in found.items():
        assert one["scaling"]["method"] == "joint_centres", name
        assert not one["scaling"]["rarely_seen"], name
        knees = [one["scaling"]["static_angles_deg"][f"knee_angle_{side}"] for side in "rl"]
        assert max(np.abs(knees)) < 12.0, f"{name} stands with straight knees"
