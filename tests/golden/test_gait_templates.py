"""The table of gait templates says what the recorded walk says."""

from __future__ import annotations

import numpy as np
import pytest

from derivations.gait_templates import PELVIS_TILT_RAD, walking
from derivations.strides import PHASES, SHARES
from gaitload.cohorts.embedded.templates import SIDED, TRANSLATIONS, gait_template
from gaitload.cohorts.tables import raw_dir_variable

pytestmark = pytest.mark.slow


def test_the_walk_is_the_recorded_one(shared, tmp_path, monkeypatch):
    monkeypatch.setenv(raw_dir_variable("rajagopal2016"), str(shared / "rajagopal2016"))
    template = gait_template("walk")
    recorded = walking(tmp_path / "results", forearm_rad=template.series["pro_sup"][1, 0])
    assert abs(template.series["pelvis_tilt"][1, 0] - PELVIS_TILT_RAD) < 1e-6
    said = template.coordinates(PHASES, leg_length_m=1.0)
    for name in SIDED:
        # 0.3 deg: what twelve harmonics leave out of one person's two strides (0.13 deg), and rounding.
        miss = np.sqrt(np.mean((said[f"{name}_r"] - recorded.cycles[name]) ** 2))
        assert np.degrees(miss) < 0.3, name
    for name in TRANSLATIONS:
        # 4 mm of a leg: right and left steps of one person are not quite each other's mirror image.
        assert np.sqrt(np.mean((said[name] - recorded.cycles[name]) ** 2)) < 0.004, name
    force = template.ground_force(SHARES, "r")
    for axis, name in enumerate(("force_x", "force_y", "force_z")):
        # 2 % of body weight: fourteen sines do not follow the first and last hundredth of a stance.
        assert np.sqrt(np.mean((force[:, axis] - recorded.stances[name]) ** 2)) < 0.02, name
    assert template.stride_time_s == pytest.approx(recorded.scalars["stride_time"], rel=1e-4)
    assert template.duty_factor == pytest.approx(recorded.scalars["duty_factor"], rel=1e-4)
