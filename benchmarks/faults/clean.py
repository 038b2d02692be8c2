"""Clean recordings by name: trials without known faults, chosen before anything was tuned."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.faults.situation import DEVELOPMENT, HELD_OUT, UNSEEN, Situation
from benchmarks.trials import ROOT
from gaitload.cohorts.reader import load_cohort
from gaitload.cohorts.recordings import read_recording
from gaitload.cohorts.spec import CohortSpec
from gaitload.cohorts.tables import Cohort, Participant, TrialRow
from gaitload.config import Config
from gaitload.models.registry import find_model
from gaitload.stages.job import marker_sets_of
from gaitload.trial import Recording

AROUND_S = 4.0
"""Kept of a recording on either side of the labelled part: what forces read unloaded, and how markers drift, need
more than two strides."""
CHILDREN = "pig_children"
_CHILDREN = {
    "HC002D": (32.1, "HC002D02.c3d", "HC002D06.c3d"),
    "HC030A": (45.8, "HC030A01.c3d", "HC030A05.c3d"),
    "HC033A": (51.5, "HC033A01.c3d", "HC033A10.c3d"),
    "HC038A": (56.8, "HC038A01.c3d", "HC038A11.c3d"),
    "HC040A": (25.0, "HC040A04.c3d", "HC040A14.c3d"),
}
"""Mass (kg, group PROCESSING of the files), static trial and walk."""


@dataclass(frozen=True)
class CleanTrial:
    """A clean trial.

    Attributes
    ----------
    cohort, participant, trial : str
    part : str
        One of `situation.PARTS`.
    start_s : float
    duration_s : float
        Labelled part.
    other : str
        Participant whose static trial stands in for the own one.
    """

    cohort: str
    participant: str
    trial: str
    part: str
    start_s: float
    duration_s: float = 2.0
    other: str = ""

    @property
    def name(self) -> str:
        """`cohort/participant/trial`."""
        return f"{self.cohort}/{self.participant}/{self.trial}"


CLEAN = (
    CleanTrial("fukuchi2017", "RBDS002", "runT35", DEVELOPMENT, 8.0, other="RBDS05"),
    CleanTrial("fukuchi2017", "RBDS013", "runT25", DEVELOPMENT, 8.0, other="RBDS010"),
    CleanTrial("rajagopal2016", "walker", "walk", DEVELOPMENT, 0.45, 1.45),
    CleanTrial("pig_children", "HC030A", "walk", DEVELOPMENT, 3.2, 1.2, other="HC038A"),
    CleanTrial("embedded", "p1", "walk", DEVELOPMENT, 3.0, other="p2"),
    CleanTrial("embedded", "p1", "run35", DEVELOPMENT, 3.0, other="p2"),
    CleanTrial("fukuchi2017", "RBDS08", "runT35", HELD_OUT, 8.0, other="RBDS017"),
    CleanTrial("fukuchi2017", "RBDS010", "runT45", HELD_OUT, 8.0, other="RBDS021"),
    CleanTrial("rajagopal2016", "runner", "run", HELD_OUT, 1.5),
    CleanTrial("pig_children", "HC033A", "walk", HELD_OUT, 1.3, 1.3, other="HC002D"),
    CleanTrial("embedded", "p2", "walk", HELD_OUT, 3.0, other="p1"),
    CleanTrial("embedded", "p2", "run25", HELD_OUT, 3.0, other="p1"),
    CleanTrial("fukuchi2017", "RBDS017", "runT35", UNSEEN, 8.0, other="RBDS08"),
    CleanTrial("fukuchi2017", "RBDS021", "runT25", UNSEEN, 8.0, other="RBDS011"),
    CleanTrial("pig_children", "HC038A", "walk", UNSEEN, 3.5, 1.2, other="HC030A"),
    CleanTrial("embedded", "p3", "walk", UNSEEN, 3.0, other="p1"),
    CleanTrial("embedded", "p3", "run35", UNSEEN, 3.0, other="p1"),
)
"""Every recording has a window of two seconds in which all steps are on plates. `RBDS001` and `RBDS03` are left out:
their markers of the feet are known to be exchanged in some trials; so is `RBDS05`, whose declared mass is 6 % off."""


@dataclass(frozen=True)
class Subject:
    """A clean trial with the tables that describe it.

    Attributes
    ----------
    clean : CleanTrial
    cohort : Cohort
        Of the participant alone.
    row : TrialRow
        Of the motion, with its labelled part.
    situation : Situation
    """

    clean: CleanTrial
    cohort: Cohort
    row: TrialRow
    situation: Situation


def subject_of(clean: CleanTrial, config: Config, results: Path) -> Subject:
    """Read a clean trial; raises the errors of `load_cohort` and `read_recording`."""
    whole = children() if clean.cohort == CHILDREN else load_cohort(_folder(clean), root=ROOT, results=results)
    person = whole.by_id[clean.participant]
    window_s = (clean.start_s, clean.start_s + clean.duration_s)
    motion = next(row for row in whole.motions_of(clean.participant) if row.trial_id == clean.trial)
    motion = motion.model_copy(update={"start_s": window_s[0], "end_s": window_s[1]})
    statics = whole.statics_of(clean.participant)
    cohort = replace(whole, participants=(person,), trials=(*statics, motion))
    model = find_model(config.model, config.model_family)
    situation = Situation(
        motion=cut(read_recording(whole, motion), window_s),
        statics={row.trial_id: read_recording(whole, row) for row in statics},
        others={row.trial_id: read_recording(whole, row) for row in whole.statics_of(clean.other)},
        marker_set=marker_sets_of(cohort, model)[whole.marker_set_of(person)],
        lab_axes=whole.lab_axes_of(motion),
        window_s=window_s,
        mass_kg=person.mass_kg,
        height_m=person.height_m,
    )
    return Subject(clean, cohort, motion, situation)


def _folder(clean: CleanTrial) -> Path:
    return ROOT / "workflow" / "cohorts" / clean.cohort


def children() -> Cohort:
    """The cohort of the children, which the workflow does not ship: Plug-in Gait, two plates, a walk each."""
    shared = Path(os.environ.get("GAITLOAD_SHARED", ROOT.parent / "shared" / "data"))
    spec = CohortSpec(
        name=CHILDREN,
        title="Children who walk straight",
        source="biomechZoo sample study, https://github.com/PhilD001/biomechZoo",
        licence="Apache-2.0",
        raw_dir=str(shared / CHILDREN),
        lab_forward="+y",
        lab_up="+z",
        treadmill=False,
        marker_set="plug_in_gait",
    )
    people = tuple(Participant(participant_id=name, mass_kg=mass_kg) for name, (mass_kg, *_) in _CHILDREN.items())
    rows = []
    for name, (_, static, walk) in _CHILDREN.items():
        who = {"participant_id": name}
        rows.append(
            TrialRow(**who, trial_id="static", role="static", activity="static", file=f"{name}/Static/{static}")
        )
        rows.append(TrialRow(**who, trial_id="walk", role="motion", activity="walk", file=f"{name}/Straight/{walk}"))
    return Cohort(spec, Path(spec.raw_dir), people, tuple(rows))


def cut(recording: Recording, window_s: tuple[float, float]) -> Recording:
    """The part of a recording around the labelled one."""
    first_s, last_s = window_s[0] - AROUND_S, window_s[1] + AROUND_S
    frames = (recording.marker_time_s >= first_s) & (recording.marker_time_s <= last_s)
    rows = (recording.force_time_s >= first_s) & (recording.force_time_s <= last_s)
    plates = tuple(
        replace(plate, force_lab_n=plate.force_lab_n[rows], moment_lab_nm=plate.moment_lab_nm[rows])
        for plate in recording.plates
    )
    return replace(
        recording,
        marker_time_s=recording.marker_time_s[frames],
        marker_lab_m=recording.marker_lab_m[frames],
        force_time_s=recording.force_time_s[rows],
        plates=plates,
    )
