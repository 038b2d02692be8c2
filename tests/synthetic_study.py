"""Small studies of the people of `synthetic_aligned`: their cohort, settings, and one estimator run on them."""

from __future__ import annotations

import json
from pathlib import Path

from gaitload.cohorts.spec import CohortSpec
from gaitload.cohorts.tables import Cohort, Participant, TrialRow
from gaitload.config import Config
from gaitload.stages import estimators as stage
from gaitload.study import Study

STUDY = {
    "name": "small",
    "targets": ["atf_bw"],
    "window": {"points": 21},
    "seeds": [0, 1],
    "training": {"epochs": 2, "device": "cpu"},
}


def cohort_of(people: int = 3) -> Cohort:
    spec = {"name": "made", "title": "", "source": "", "licence": "", "raw_dir": "raw", "lab_forward": "+x"}
    ids = [f"p{number}" for number in range(1, people + 1)]
    rows = [
        TrialRow(participant_id=who, trial_id=trial, role="motion", activity="run", file=f"{who}/{trial}.c3d")
        for who in ids
        for trial in ("run1", "run2")
    ]
    persons = tuple(Participant(participant_id=who, sex="F", mass_kg=60, height_m=1.7) for who in ids)
    return Cohort(CohortSpec(**spec, lab_up="+y", marker_set="m"), Path("raw"), persons, tuple(rows))


def run_estimator(
    results: Path, estimator: str = "phase_mean", *, people: int = 3, sensor_set: str = "pelvis+tibia", **study
):
    config = Config(study=Study(**(STUDY | study)))
    manifest = results / f"manifests/estimators/small/{sensor_set}/{estimator}.json"
    stage.run_estimator(
        config,
        {"made": cohort_of(people)},
        results,
        sensor_set=sensor_set,
        estimator=estimator,
        manifest=manifest,
        log=results / "logs" / f"{estimator}.log",
    )
    return json.loads(manifest.read_text())


PEOPLE = 12
FIXED = {
    "window": {"kind": "fixed", "length": 40, "stride": 20},
    "targets": ["knee_angle_rad", "atf_bw"],
    "frame": "sensor",
    "seeds": [0],
    "training": {"epochs": 2, "device": "cpu"},
}
"""A study that needs no force plate, so that bundles can be made of it."""
