"""Draws the gait templates."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from gaitload.cohorts.embedded.templates import GaitTemplate

ANGLES = {
    "hip_flexion_r": "hip flexion",
    "knee_angle_r": "knee flexion",
    "ankle_angle_r": "ankle dorsiflexion",
    "hip_adduction_r": "hip adduction",
    "pelvis_tilt": "pelvis tilt",
    "lumbar_rotation": "trunk rotation",
    "elbow_flex_r": "elbow flexion",
}
COLOURS = ("#555555", "#0072B2", "#009E73", "#E69F00")


def draw(templates: Mapping[str, GaitTemplate], path: Path) -> None:
    """Angles (deg) and vertical force (body weights) of the right side over the stride, as a PNG."""
    phase = np.linspace(0.0, 1.0, 201)
    figure, panels = plt.subplots(2, 4, figsize=(10.5, 4.4), sharex=True, layout="constrained")
    for template, colour in zip(templates.values(), COLOURS, strict=True):
        label = f"{template.activity}, {template.speed_m_per_s:.2f} m/s"
        angles = template.coordinates(phase, leg_length_m=1.0)
        for panel, (name, title) in zip(panels.flat, ANGLES.items(), strict=False):
            panel.plot(phase, np.degrees(angles[name]), color=colour)
            panel.set_title(f"{title} (deg)", fontsize="medium")
        force = template.ground_force(template.stance_share(phase, "r"), "r")
        panels.flat[-1].plot(phase, force[:, 1], color=colour, label=label)
    panels.flat[-1].set_title("vertical force (BW)", fontsize="medium")
    panels.flat[-1].legend(fontsize="small")
    for panel in panels.flat:
        panel.margins(x=0)
    for panel in panels[-1]:
        panel.set_xlabel("phase of the right foot's stride")
    figure.savefig(path, dpi=80)
    plt.close(figure)
