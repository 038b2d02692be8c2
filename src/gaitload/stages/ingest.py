"""Ingest stage: a recording becomes markers and foot forces in the ground frame, in files that OpenSim opens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gaitload.cohorts.recordings import read_recording
from gaitload.cohorts.tables import Cohort, Participant, TrialRow
from gaitload.config.motion import INGEST_GATES, Window
from gaitload.conventions import SIDES
from gaitload.errors import DataError
from gaitload.ingest.build import build_trial
from gaitload.ingest.preflight import has_forces
from gaitload.io.forces import write_external_loads, write_forces
from gaitload.io.trc import read_markers, write_trc
from gaitload.io.trials import SUFFIX, write_trial
from gaitload.quality import Quality, Verdict
from gaitload.stages.job import Job
from gaitload.trial import Markers, Recording

NAME = "ingest"


def inputs(job: Job) -> list[Path]:
    """The recording, the marker set, and for a motion the static trial as it was worn."""
    return [*job.cohort.files_of(job.trial), *job.marker_set_files, *_reference_files(job)]


def settings(job: Job) -> dict:
    """Ingest settings, gates, the window, and what the cohort's tables say."""
    return {
        "ingest": job.config.ingest.model_dump(mode="json"),
        "gates": job.config.gates.model_dump(mode="json", include=set(INGEST_GATES)),
        "window": job.config.window.model_dump(mode="json"),
        "lab_axes": list(job.cohort.lab_axes_of(job.trial)),
        "treadmill": job.cohort.on_treadmill(job.trial),
        "marker_files": job.cohort.spec.model_dump(include={"marker_rate_hz", "marker_length_unit"}),
        "trial": job.trial.model_dump(mode="json"),
    }


def run(job: Job, out: Path) -> Quality:
    """Write the trial record `<trial>.trial.npz`, and what OpenSim reads of it.

    That is `<trial>.trc` and, for a motion, the foot forces `<trial>.mot` and their external loads `<trial>.xml`.
    """
    recording = read_recording(job.cohort, job.trial)
    require_mass(recording, job.trial, job.participant, where=job.where)
    source = job.model_source
    window_s = labelled_window(job.trial, job.config.window, recording)
    trial, quality = build_trial(
        recording,
        marker_set=job.marker_set,
        static=_reference(job),
        activity=job.trial.activity,
        settings=job.config.ingest,
        gates=job.config.gates,
        lab_axes=job.cohort.lab_axes_of(job.trial),
        treadmill=job.cohort.on_treadmill(job.trial),
        where=job.where,
        foot_of_plate=job.trial.plate_feet,
        window=window_s,
        free=free_ends(job.cohort, job.trial, job.config.window),
        longest_s=job.config.window.duration_s,
        pad_s=job.config.window.pad_s if job.trial.role == "motion" else 0.0,
    )
    write_trial(out / f"{job.stem}{SUFFIX}", trial)
    write_trc(out / f"{job.stem}.trc", trial.markers)
    if trial.forces:
        write_forces(out / f"{job.stem}.mot", trial.forces)
        bodies = {side: source.family.foot(side) for side in SIDES}
        write_external_loads(out / f"{job.stem}.xml", forces_file=Path(f"{job.stem}.mot"), bodies=bodies)
    return replace(quality, numbers=quality.numbers | {"window_s": list(trial.window_s)})


def require_mass(recording: Recording, trial: TrialRow, person: Participant, *, where: str) -> None:
    """Stop where forces were measured on somebody whose mass is not known; angles alone need none.

    Raises
    ------
    DataError
        MASS_MISSING.
    """
    if trial.role == "motion" and has_forces(recording) and person.mass_kg is None:
        raise DataError(
            expected="a body mass for a motion with ground reaction forces",
            found="none",
            where=where,
            do="Give mass_kg in participants.tsv; without a scale, it may be read from a static trial on a force "
            "plate: force / 9.80665.",
            code="MASS_MISSING",
        )


def free_ends(cohort: Cohort, trial: TrialRow, window: Window) -> tuple[bool, bool]:
    """Whether start and end of the labelled part follow from the data: overground, where neither table nor
    configuration says them."""
    overground = trial.role == "motion" and not cohort.on_treadmill(trial)
    return (
        overground and trial.start_s is None and window.start_s is None,
        overground and trial.end_s is None,
    )


def labelled_window(trial: TrialRow, window: Window, recording: Recording) -> tuple[float, float]:
    """`[start, end)` of the labelled part.

    What trials.tsv says is taken as it stands, as far as the recording goes. Otherwise a static trial is taken whole,
    and of a motion the configuration's window, with its padding inside the recording: the filter's ends stay outside
    the labelled part.
    """
    clocks = [clock for clock in (recording.marker_time_s, recording.force_time_s) if len(clock)]
    first_s, last_s = max(clock[0] for clock in clocks), min(clock[-1] for clock in clocks)
    if trial.role == "static":
        first_s, last_s = recording.marker_time_s[[0, -1]]
        window = Window(pad_s=0.0)
    just_after_s = float(last_s + 1 / recording.marker_rate_hz)
    if trial.start_s is not None:
        start_s = max(trial.start_s, float(first_s))
    else:
        start_s = max(float(first_s) + window.pad_s, window.start_s or 0.0)
    if trial.end_s is not None:
        return start_s, min(trial.end_s, just_after_s)
    end_s = just_after_s - window.pad_s
    return start_s, end_s if window.duration_s is None else min(start_s + window.duration_s, end_s)


def _reference_files(job: Job) -> list[Path]:
    """The last static trial, which shows the markers as the motions wear them; none for a static trial itself.

    Raises
    ------
    DataError
        STATIC_REFUSED: it could not be used, so nothing proves the names of the markers.
    """
    static = _reference_trial(job)
    if static is None:
        return []
    known = job.product(NAME, ".quality.json", static).is_file()
    quality = job.quality_of(NAME, static) if known else None
    if quality and quality.verdict is Verdict.REFUSED:
        raise DataError(
            expected=f"the static trial {static} to be usable",
            found=f"it was refused: {quality.gates[0].code}, {quality.gates[0].reason}",
            where=job.where,
            do=f"Mend {static}, or take it out of trials.tsv.",
            code="STATIC_REFUSED",
        )
    return [job.product(NAME, ".trc", static)]


def _reference(job: Job) -> Markers | None:
    static = _reference_trial(job)
    return read_markers(job.product(NAME, ".trc", static)) if static else None


def _reference_trial(job: Job) -> str | None:
    return None if job.trial.role == "static" or not job.marked_statics else job.marked_statics[-1].trial_id
