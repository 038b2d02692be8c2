"""Loads stage: joint angles and ground reaction become joint moments, muscle forces and joint reactions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from gaitload.conventions import SIDES, sampling_rate_hz
from gaitload.errors import DataError
from gaitload.ingest.report import UNMEASURED
from gaitload.io.forces import write_external_loads, write_forces
from gaitload.io.sto import Table, read_sto, write_sto
from gaitload.io.trials import SUFFIX
from gaitload.opensim.loads import solve_loads
from gaitload.opensim.process import run_isolated
from gaitload.quality import Quality
from gaitload.signals.clock import frames_within
from gaitload.signals.runs import true_runs
from gaitload.stages.chain import known_frames
from gaitload.stages.force_lag import lag_inputs
from gaitload.stages.job import Job
from gaitload.stages.products import json_text
from gaitload.stages.solution import SOLVED, filtering_of, trial_of
from gaitload.trial import FootForces, Validity

NAME = "loads"
SPAN_FRAMES_MIN = 8
"""Shortest part that is solved on its own; a quintic spline through fewer frames says nothing about accelerations."""


def inputs(job: Job) -> list[Path]:
    """Scaled model, joint angles, forces, their window, and the family that names joints and residuals."""
    return [
        job.product("scale", ".osim"),
        job.product("kinematics", ".mot"),
        job.product("ingest", SUFFIX),
        job.model_source.family_path,
        *lag_inputs(job),
    ]


def settings(job: Job) -> dict:
    """Loads settings as they bear on this trial: one cut-off, one threshold."""
    return {
        "engine": job.config.engine,
        "label_mode": job.config.label_mode,
        "muscles": job.config.physics.model_dump(mode="json"),
        "loads": job.config.loads.model_dump(mode="json", exclude={"cutoff_hz", "timeout_s"}),
        "cutoff_hz": job.config.loads.cutoff_hz.of(job.trial.activity),
        "contact_threshold_n": job.config.ingest.contact_threshold_n.of(job.trial.activity),
        "force_lag": job.config.ingest.force_lag,
    }


def run(job: Job, out: Path) -> Quality:
    """Write the folder `<trial>/` of OpenSim files: filtered motion and forces, and what the tools made of them.

    Of a motion without force plates that is the filtered motion alone.
    """
    folder, motion = out / job.stem, job.product("kinematics", ".mot")
    if trial_of(job).forces is None:
        folder.mkdir()
        _filtered_motion(job, motion, folder)
        numbers = {"unsolved_s": [], "spans_s": []}
        (folder / SOLVED).write_text(json_text(numbers))
        return Quality(NAME, job.where, (UNMEASURED,), numbers)
    return Quality(NAME, job.where, numbers=solve_motion(job, motion, folder, log=job.tool_log(NAME)))


def solve_motion(job: Job, coordinates_mot: Path, folder: Path, *, log: Path) -> dict:
    """Write into a new folder what the measured forces and some motion of a trial make of it.

    Parameters
    ----------
    coordinates_mot
        Unfiltered; it may be shorter than the trial.

    Returns
    -------
    dict
        What the file `solved.json` of the folder says: `spans_s`: `(first, last)` times of the parts solved;
        `unsolved_s`: times without muscle forces.

    Raises
    ------
    DataError
        NO_STANCE: no foot is loaded.
    """
    folder.mkdir()
    trial, filtering, source = trial_of(job), filtering_of(job), job.model_source
    motion = _filtered_motion(job, coordinates_mot, folder)
    forces = filtering.forces(trial.forces, motion.time_s)
    write_forces(folder / "forces.mot", forces)
    write_external_loads(
        folder / "external_loads.xml",
        forces_file=Path("forces.mot"),
        bodies={side: source.family.foot(side) for side in SIDES},
    )
    spans_s = solved_spans(forces, trial.window_s, job.config.loads.phase)
    if not spans_s:
        raise DataError(
            expected="frames in which a foot is loaded",
            found=f"none between {trial.window_s[0]} and {trial.window_s[1]} s",
            where=job.where,
            do="Choose another window (start_s, end_s in trials.tsv), or loads.phase: whole.",
            code="NO_STANCE",
        )
    solved = run_isolated(
        solve_loads,
        {
            "engine": job.config.engine,
            "model": str(job.product("scale", ".osim")),
            "family": str(source.family_path),
            "folder": str(folder),
            "spans_s": spans_s,
            "known_s": known_spans(trial.validity, motion.time_s, spans_s, filtering.reach_s),
            "settings": engine_settings(job),
            "where": job.where,
        },
        log=log,
        where=job.where,
        timeout_s=job.config.loads.timeout_s,
        leaks=job.config.engine == "tools",
    )
    solved |= {"spans_s": spans_s}
    (folder / SOLVED).write_text(json_text(solved))
    return solved


def engine_settings(job: Job) -> dict:
    """Settings of an engine, see `gaitload.opensim.engines`."""
    modes = {"label_mode": job.config.label_mode, "muscles": job.config.physics.model_dump(mode="json")}
    return job.config.loads.model_dump(mode="json") | modes


def _filtered_motion(job: Job, coordinates_mot: Path, folder: Path) -> Table:
    """Write `coordinates.mot` into a folder, after the filter of the trial's activity."""
    motion = read_sto(coordinates_mot)
    motion = replace(motion, values=filtering_of(job).motion(motion.time_s, motion.values))
    write_sto(folder / "coordinates.mot", motion, name="coordinates", in_degrees=motion.in_degrees)
    return motion


def solved_spans(forces: FootForces, window_s: tuple[float, float], phase: str) -> list[tuple[float, float]]:
    """`(first, last)` times of the parts that are solved, ends included.

    With `phase` `whole` that is the window; with `stance`, every run of frames in it during which a foot is loaded and
    that is long enough for accelerations.
    """
    inside = frames_within(forces.time_s, window_s)
    wanted = inside if phase == "whole" else inside & forces.contact.any(axis=1)
    return [
        (float(forces.time_s[run.start]), float(forces.time_s[run.stop - 1]))
        for run in true_runs(wanted)
        if run.stop - run.start >= SPAN_FRAMES_MIN
    ]


def known_spans(
    validity: Validity, time_s: np.ndarray, spans_s: list[tuple[float, float]], reach_s: float
) -> list[tuple[float, float]]:
    """`(first, last)` times of the parts of spans in which pose and ground reaction of both legs are known.

    Parameters
    ----------
    time_s : ndarray, shape (T,)
        Times of the frames.
    spans_s
        `(first, last)` times, ends included.
    reach_s : float
        How far the filter smears what is not known.
    """
    half_frame_s = 0.5 / sampling_rate_hz(time_s)
    known = known_frames(validity, time_s, reach_s)
    inside = [(time_s >= first - half_frame_s) & (time_s <= last + half_frame_s) for first, last in spans_s]
    runs = [run for span in inside for run in true_runs(span & known)]
    return [(float(time_s[run.start]), float(time_s[run.stop - 1])) for run in runs]
