"""Where points of a model's bodies are along a motion, for drawing a person."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.kinematics import body_poses
from gaitload.opensim.engines.compiled import coordinates_of
from gaitload.opensim.export import export_mechanism


def write_skeletons(
    *, model: str, coordinates_mots: list[str], skeletons_npz: list[str], tips: dict[str, dict], where: str
) -> dict:
    """Write, for each motion, where the bodies of a model and points on them are.

    Parameters
    ----------
    coordinates_mots, skeletons_npz
        A file to read and one to write for each motion; the latter with `time_s`, shape (T,), and `position_m`, shape
        (T, P, 3) in the ground frame.
    tips
        Name -> `body` and `position_m` in its frame; those on bodies that the model does not have are left out.

    Returns
    -------
    dict
        `points`, the P names: bodies by their origins, then tips; and `bones`, pairs of names: each body with the one
        that carries it, each tip with its body.

    Raises
    ------
    ConfigError
        MODEL_FEATURE.
    """
    mechanism = export_mechanism(model)
    bodies = mechanism.bodies[1:]
    known = {name: tip for name, tip in tips.items() if tip["body"] in bodies}
    for source, target in zip(coordinates_mots, skeletons_npz, strict=True):
        time_s, q = coordinates_of(Path(source), mechanism, where)
        poses = body_poses(mechanism, q)
        origins = [poses[body][1] for body in bodies]
        ends = [poses[tip["body"]][1] + poses[tip["body"]][0] @ tip["position_m"] for tip in known.values()]
        np.savez(target, time_s=time_s, position_m=np.stack([*origins, *ends], axis=1).astype(np.float32))
    return {
        "points": [*bodies, *known],
        "bones": [*_bones(mechanism), *([tip["body"], name] for name, tip in known.items())],
    }


def _bones(mechanism: Mechanism) -> list[list[str]]:
    return [
        [mechanism.bodies[parent], mechanism.bodies[joint + 1]]
        for joint, parent in enumerate(mechanism.tree.parent)
        if parent > 0
    ]
