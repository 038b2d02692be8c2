"""What moves in the page: the skeleton along the kinematics, forces on the feet, and the loads of every frame."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gaitload.conventions import AXES, SIDES, column_stem, sampling_rate_hz
from gaitload.opensim.process import run_isolated
from gaitload.opensim.skeleton import write_skeletons
from gaitload.plots.trial import LOADS
from gaitload.report.evidence import Evidence
from gaitload.report.payload import Pool
from gaitload.stages.job import Job

TIMEOUT_S = 600.0
RATE_HZ = 50.0
"""Poses a second in the page; it draws those between on straight lines."""

TIPS = {
    "toes_{side}": ("tip_{side}", (0.07, 0.0, 0.0)),
    "hand_{side}": ("fingers_{side}", (0.0, -0.10, 0.0)),
}
HEAD = {"neck": ("torso", (0.0, 0.40, 0.0)), "head": ("torso", (0.0, 0.58, 0.0))}
"""Where the drawing goes on beyond the last joint: points of the generic Rajagopal model (right side, m), by eye. They
are drawn and never computed with."""


def scenes_of(trials: Sequence[Evidence]) -> dict[str, dict]:
    """Skeletons of the trials that are shown of one participant: trial -> `points`, `bones`, `time_s`, `position_m`.

    Raises
    ------
    GaitloadError
        What the model's reader says, MODEL_FEATURE among them.
    """
    drawn = [trial for trial in trials if trial.is_shown and trial.motion.is_file()]
    if not drawn or not drawn[0].job.product("scale", ".osim").is_file():
        return {}
    first = drawn[0].job
    with tempfile.TemporaryDirectory(prefix="gaitload-") as folder:
        files = [str(Path(folder) / f"{trial.job.stem}.npz") for trial in drawn]
        skeleton = run_isolated(
            write_skeletons,
            {
                "model": str(first.product("scale", ".osim").resolve()),
                "coordinates_mots": [str(trial.motion.resolve()) for trial in drawn],
                "skeletons_npz": files,
                "tips": _tips(first),
                "where": f"{first.cohort.name}/{first.participant.participant_id}",
            },
            log=first.tool_log("report"),
            where=first.where,
            timeout_s=TIMEOUT_S,
            leaks=False,
        )
        read = [np.load(file) for file in files]
        return {
            trial.job.stem: skeleton | {"time_s": arrays["time_s"], "position_m": arrays["position_m"]}
            for trial, arrays in zip(drawn, read, strict=True)
        }


def scene_payload(evidence: Evidence, skeleton: dict, pool: Pool) -> dict:
    """A scene for the page: poses at `RATE_HZ`, forces and loads at the rate of the labels, by places in the pool."""
    start_s, end_s = evidence.window_s
    time_s = skeleton["time_s"]
    every = max(1, round(sampling_rate_hz(time_s) / RATE_HZ))
    rows = np.flatnonzero((time_s >= start_s - 1e-9) & (time_s <= end_s + 1e-9))[::every]
    values, sides = evidence.values, SIDES if evidence.forces_measured else ()
    grf = {side: [pool.place(values[f"grf_{side}_{axis}_bw"]) for axis in AXES] for side in sides}
    cop = {side: [pool.place(values[f"cop_{side}_{axis}_m"]) for axis in AXES] for side in sides}
    loads = [
        {"title": title, "label": label}
        | {side: pool.place(values[f"{column_stem(label, side, part)}_bw"]) for side in SIDES}
        for label, part, title in (LOADS if evidence.forces_measured else ())
    ]
    return {
        "points": skeleton["points"],
        "bones": skeleton["bones"],
        "pose_time": pool.place(time_s[rows]),
        "position": pool.place(skeleton["position_m"][rows]),
        "time": pool.place(values["time_s"]),
        "grf": grf,
        "cop": cop,
        "loads": loads,
    }


def _tips(job: Job) -> dict[str, dict]:
    scaled = job.product("scale", ".scaling.json").is_file()
    factors = job.document("scale", ".scaling.json").get("scale_factors", {}) if scaled else {}
    places = {
        name.format(side=side): (body.format(side=side), place)
        for body, (name, place) in TIPS.items()
        for side in SIDES
    } | HEAD
    return {
        name: {"body": body, "position_m": [p * f for p, f in zip(place, factors.get(body, (1, 1, 1)), strict=True)]}
        for name, (body, place) in places.items()
    }
