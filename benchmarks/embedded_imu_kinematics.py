"""Joint angles by the sensors of the embedded cohort, for every way to place them and to know their headings."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.agreement import angle_errors
from benchmarks.neura_opensense import ANGLES
from benchmarks.trials import ROOT
from gaitload.cohorts.reader import load_cohort
from gaitload.config import parse_config
from gaitload.io.sto import Table, read_sto
from gaitload.stages import imu_kinematics
from gaitload.stages.job import Job, jobs_of

NUMBERS = ("rmse_deg", "bias_deg", "max_deg")
TRIALS = ("walk", "run35")
PLACEMENTS = (("static", "markers"), ("static", "neutral"), ("markers", "markers"))
"""Placement, and pose in the static trial; a placement by markers knows no pose."""
HEADINGS = ("each", "common")
WEIGHTS = {"imu_ik": "distal 0.5", "imu_ik_equal": "equal"}


def measured(results: Path, say: Callable[[str], None]) -> list[dict]:
    """Errors of every angle against the labels' own (deg), median over people, by trial and way.

    `results` holds what the workflow made of the cohort up to synchronisation.
    """
    found = []
    for (placement, pose), heading in itertools.product(PLACEMENTS, HEADINGS):
        chosen = {"placement": placement, "pose": pose, "heading": heading}
        for trial in TRIALS:
            say(f"embedded {trial}: {chosen}")
            errors = [_errors(job) for job in _jobs(results, trial, chosen)]
            for baseline, weights in WEIGHTS.items():
                one = {angle: _medians([each[baseline][angle] for each in errors]) for angle in ANGLES}
                case = {"trial": trial, "people": len(errors), "weights": weights, "angles": one}
                found.append(chosen | case)
    return found


def _medians(people: list[dict[str, float]]) -> dict[str, float]:
    return {number: float(np.median([each[number] for each in people])) for number in NUMBERS}


def _jobs(results: Path, trial: str, chosen: dict) -> Iterator[Job]:
    config = parse_config({"cohorts": "embedded", "results_dir": str(results), "imu_kinematics": chosen})
    cohort = load_cohort(ROOT / "workflow" / "cohorts" / "embedded", root=ROOT, results=results)
    for participant in cohort.by_id:
        if Job(config, cohort, cohort.by_id[participant], None, results).product("scale", ".osim").is_file():
            yield from jobs_of(
                "imu_kinematics", [trial], config=config, cohort=cohort, participant_id=participant, results=results
            )


def _errors(job: Job) -> dict[str, dict]:
    seen = read_sto(job.product("kinematics", ".mot"))
    found = {}
    with tempfile.TemporaryDirectory(prefix="gaitload-") as folder:
        imu_kinematics.run(job, Path(folder))
        for baseline, infix in imu_kinematics.VARIANTS.items():
            sensed = read_sto(Path(folder) / f"{job.stem}{infix}.mot")
            rows = np.searchsorted(seen.time_s, sensed.time_s - 1e-6)
            found[baseline] = angle_errors(ANGLES, _angles(sensed), _angles(seen)[rows], ANGLES)
    return found


def _angles(table: Table) -> np.ndarray:
    """Shape (T, angles), rad."""
    values = np.stack([table.column(name) for name in ANGLES], axis=1)
    return np.radians(values) if table.in_degrees else values
