"""Ingest stage: a recording becomes markers and foot forces in the ground frame, in files that OpenSim opens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gaitload.cohorts.recordings import read_recording
from gaitload.config import Window
from gaitload.conventions import SIDES
from gaitload.ingest.build import build_trial
from gaitload.io.forces import write_external_loads, write_forces
from gaitload.io.trc import read_markers, write_trc
from gaitload.models.markersets import load_marker_set
from gaitload.models.registry import find_model
from gaitload.quality import Quality
from gaitload.stages.job import Job
from gaitload.trial import Markers, Recording

NAME = "ingest"


def inputs(job: Job) -> list[Path]:
    """The recording, the marker set, and for a motion the static trial as it was worn."""
    return [*job.cohort.files_of(job.trial), _marker_set_file(job), *_reference_files(job)]


def settings(job: Job) -> dict:
    """Ingest settings, gates, the window, and what the cohort's tables say."""
    spec = job.cohort.spec
    return {
        "ingest": job.config.ingest.model_dump(mode="json"),
        "gates": job.config.gates.model_dump(mode="json"),
        "window": job.config.window.model_dump(mode="json"),
        "lab_axes": [spec.lab_forward, spec.lab_up],
        "treadmill": job.cohort.on_treadmill(job.trial),
        "trial": job.trial.model_dump(mode="json"),
    }


def run(job: Job, out: Path) -> Quality:
    """Write `<trial>.trc` and, for a motion, the foot forces `<trial>.mot` and their external loads `<trial>.xml`."""
    recording = read_recording(job.cohort, job.trial)
    source = find_model(job.config.model)
    start_s, end_s = labelled_window(job, recording)
    motion = job.trial.role == "motion"
    pad_s = job.config.window.pad_s
    trial, quality = build_trial(
        recording,
        marker_set=load_marker_set(_marker_set_file(job)),
        static=_reference(job),
        activity=job.trial.activity,
        settings=job.config.ingest,
        gates=job.config.gates,
        lab_axes=(job.cohort.spec.lab_forward, job.cohort.spec.lab_up),
        treadmill=job.cohort.on_treadmill(job.trial),
        where=job.where,
        foot_of_plate=job.trial.plate_feet,
        window=(start_s - pad_s, end_s + pad_s) if motion else None,
    )
    write_trc(out / f"{job.stem}.trc", trial.markers)
    if trial.forces:
        write_forces(out / f"{job.stem}.mot", trial.forces)
        bodies = {side: source.family.foot(side) for side in SIDES}
        write_external_loads(out / f"{job.stem}.xml", forces_file=Path(f"{job.stem}.mot"), bodies=bodies)
    return replace(quality, numbers=quality.numbers | {"window_s": [start_s, end_s]})


def labelled_window(job: Job, recording: Recording) -> tuple[float, float]:
    """`[start, end)` of the labelled part: from trials.tsv, else from the configuration, inside the recording."""
    window: Window = job.config.window
    first_s, last_s = float(recording.marker_time_s[0]), float(recording.marker_time_s[-1])
    chosen = job.trial.start_s if job.trial.start_s is not None else window.start_s
    start_s = first_s if chosen is None else max(chosen, first_s)
    if job.trial.end_s is not None:
        return start_s, min(job.trial.end_s, last_s)
    return start_s, last_s if window.duration_s is None else min(start_s + window.duration_s, last_s)


def _reference_files(job: Job) -> list[Path]:
    """The last static trial, which shows the markers as the motions wear them; none for a static trial itself."""
    if job.trial.role == "static" or not job.statics:
        return []
    return [job.product("ingest", ".trc", job.statics[-1].trial_id)]


def _reference(job: Job) -> Markers | None:
    return next((read_markers(path) for path in _reference_files(job)), None)


def _marker_set_file(job: Job) -> Path:
    return find_model(job.config.model).marker_set_path(job.cohort.marker_set_of(job.participant))
