"""What the inertial sensors of a cohort show before anything runs, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from gaitload.cohorts.sensor_recordings import read_sensor_files
from gaitload.cohorts.tables import Cohort
from gaitload.errors import GaitloadError
from gaitload.imu.judgement import judge_sensors, missing_shares
from gaitload.quality import Verdict
from gaitload.stages.job import Job
from gaitload.sync.result import Search
from gaitload.trial import ImuRecording

_MIDDLE_BODIES = frozenset({"pelvis", "torso"})
_SIDED_BODIES = frozenset({"femur", "tibia", "talus", "calcn", "toes", "humerus", "ulna", "radius", "hand"})
DURATION_MIN_S = Search.overlap_min_s
"""Least time for which sensors and markers have to record together."""
TURNED_MAX_DEG = 60.0
"""Largest angle between the mean directions of gravity in a sensor in two trials. A foot that stands and one that runs
differ by some 30 deg; a sensor that is put on anew, by a few; one that is upside down by 180."""
_WORTH_A_WORD = 0.005
"""Share of samples."""


def contradictions(cohort: Cohort) -> Iterator[str]:
    """Bodies that no model of the family has, and trials with sensors that no body carries."""
    strange = [body for body in cohort.spec.imu_files if not _is_body(body)]
    if strange:
        yield (
            f"cohort.yaml: imu_files names bodies that no model has: {', '.join(strange)}; known: "
            f"{', '.join(sorted(_MIDDLE_BODIES))}, and with _r or _l {', '.join(sorted(_SIDED_BODIES))}"
        )
    for row in cohort.trials:
        if row.imu_dir and not cohort.spec.imu_files:
            yield f"{row.participant_id}/{row.trial_id}: imu_dir is given, but cohort.yaml has no imu_files"


def unused(cohort: Cohort) -> Iterator[str]:
    """What tables say of sensors to no end; it stops nothing."""
    if cohort.spec.imu_files and not any(row.imu_dir for row in cohort.trials):
        yield "cohort.yaml has imu_files, but no trial of trials.tsv an imu_dir: nothing would be read of any sensor"


@dataclass(frozen=True)
class Seen:
    """What the sensors of a trial show.

    Attributes
    ----------
    said : str
        How many there are, at which rate and for how long; empty where not all of them can be used.
    remarks : list of str
        What looks wrong and stops nothing.
    problems : list of str
        What the stages would refuse them for.
    up_sensor : dict of str to ndarray, shape (3,)
        Body -> mean direction of specific force in the frame of its sensor: which of its axes is up.
    duration_s : float
        Duration of the recording; NaN where not all sensors can be used.
    """

    said: str = ""
    remarks: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    up_sensor: dict[str, np.ndarray] = field(default_factory=dict, compare=False)
    duration_s: float = float("nan")


def sensors_of_trial(job: Job) -> Seen:
    """Read the sensors of a trial as the stages do, and go on after each file that cannot be used."""
    try:
        files = job.cohort.imu_files_of(job.trial)
    except GaitloadError as error:
        return Seen(problems=[str(error)])
    lacking = [path.name for path in files.values() if not path.is_file()]
    if lacking:
        problems = [f"no {', '.join(lacking)} in {job.cohort.raw_dir / job.trial.imu_dir} (imu_dir, imu_files)"]
        return Seen(problems=problems + _faults(job, {body: path for body, path in files.items() if path.is_file()}))
    try:
        recordings = _read(job, job.cohort)
    except (GaitloadError, OSError) as error:
        # What is wrong with no file alone is wrong between them: their formats, rates, trials.
        return Seen(problems=_faults(job, files) or [told(error)])
    up = {body: up_of(recording) for body, recording in zip(files, recordings, strict=True)}
    known = {body: direction for body, direction in up.items() if direction is not None}
    doubts = list(_doubts(list(files), recordings))
    return Seen(_described(list(files), recordings), doubts, up_sensor=known, duration_s=_duration_s(recordings))


def worn_otherwise(trials: Mapping[str, Mapping[str, np.ndarray]]) -> Iterator[tuple[str, str]]:
    """Sensors that are turned against where the participant's other trials have them.

    Parameters
    ----------
    trials : mapping of str to mapping of str to ndarray, shape (3,)
        Trial -> `Seen.up_sensor`, of static trials, walks and runs of one participant.

    Yields
    ------
    tuple of str
        Trial, and what is wrong with a sensor in it.
    """
    for body in dict.fromkeys(body for up in trials.values() for body in up):
        own = {trial: up[body] for trial, up in trials.items() if body in up}
        angles_deg = {one: {other: _angle_deg(own[one], own[other]) for other in own} for one in own}
        usual = min(own, key=lambda trial: sum(angles_deg[trial].values()))
        for trial, angle_deg in angles_deg[usual].items():
            if angle_deg > TURNED_MAX_DEG:
                yield (
                    trial,
                    f"IMU_WORN_OTHERWISE: the sensor on {body} is turned by {angle_deg:.0f} deg against {usual} (limit "
                    f"{TURNED_MAX_DEG:g} deg). It was worn the other way up, or is the sensor of another body: correct "
                    "imu_files, or give this trial a static trial and sensors of its own",
                )


def up_of(recording: ImuRecording) -> np.ndarray | None:
    """Mean direction of specific force in the sensor frame, shape (3,), or None without an accelerometer."""
    acc = recording.acc_sensor_m_per_s2
    seen = np.isfinite(acc).all(axis=1)
    mean = acc[seen].mean(axis=0) if seen.any() else np.zeros(3)
    size = float(np.linalg.norm(mean))
    return mean / size if size > 0.0 else None


def _angle_deg(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(one, other)), one @ other)))


def _faults(job: Job, files: Mapping[str, Path]) -> list[str]:
    """What the readers say of each file alone."""
    spec, found = job.cohort.spec, []
    for path in dict.fromkeys(files.values()):
        bodies = {body: name for body, name in spec.imu_files.items() if files.get(body) == path}
        alone = replace(job.cohort, spec=spec.model_copy(update={"imu_files": bodies}))
        try:
            _read(job, alone)
        except (GaitloadError, OSError) as error:
            found.append(told(error))
    return found


def _read(job: Job, cohort: Cohort) -> tuple[ImuRecording, ...]:
    return read_sensor_files(cohort, job.trial, magnetometer=job.config.sync.magnetometer)


def told(error: GaitloadError | OSError) -> str:
    """What the reader of a file, or the machine, said of it."""
    return f"{error.filename} cannot be read: {error.strerror}" if isinstance(error, OSError) else str(error)


def _described(bodies: Sequence[str], recordings: Sequence[ImuRecording]) -> str:
    count = f"{len(bodies)} sensors" if len(bodies) > 1 else "1 sensor"
    missing = _missing(bodies, recordings)
    worst = max(missing, key=missing.__getitem__)
    lost = f" ({worst} lacks {100 * missing[worst]:.0f} % of it)" if missing[worst] > _WORTH_A_WORD else ""
    return f"{count} at {recordings[0].rate_hz:.4g} Hz for {_duration_s(recordings):.1f} s{lost}"


def _doubts(bodies: Sequence[str], recordings: Sequence[ImuRecording]) -> Iterator[str]:
    duration_s = _duration_s(recordings)
    if duration_s < DURATION_MIN_S:
        yield f"sensors recorded for {duration_s:.2f} s; synchronisation needs {DURATION_MIN_S:g} s of motion"
    gates = judge_sensors(dict(zip(bodies, recordings, strict=True)))
    yield from (f"{gate.code}: {gate.reason}" for gate in gates if gate.verdict in (Verdict.WARNED, Verdict.FAILED))


def _duration_s(recordings: Sequence[ImuRecording]) -> float:
    return float(recordings[0].time_s[-1] - recordings[0].time_s[0])


def _missing(bodies: Sequence[str], recordings: Sequence[ImuRecording]) -> dict[str, float]:
    """Share of the time of all sensors in which a sensor has no orientation, by the body that carries it."""
    return dict(zip(bodies, missing_shares(recordings), strict=True))


def _is_body(name: str) -> bool:
    body, _, side = name.rpartition("_")
    return name in _MIDDLE_BODIES or (body in _SIDED_BODIES and side in ("r", "l"))
