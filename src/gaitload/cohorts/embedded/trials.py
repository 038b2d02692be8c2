"""The trials of the embedded cohort by their ids: what is done, and on what."""

from __future__ import annotations

from dataclasses import dataclass

from gaitload.errors import ConfigError

STATIC = "static"


@dataclass(frozen=True)
class MadeTrial:
    """A motion trial: the name of its gait template, and whether each foot has a belt of its own."""

    template: str
    two_belts: bool


MOTIONS = {
    "walk": MadeTrial("walk", two_belts=True),
    "run25": MadeTrial("run_2.5", two_belts=False),
    "run35": MadeTrial("run_3.5", two_belts=False),
    "run45": MadeTrial("run_4.5", two_belts=False),
}


def made_trial(trial_id: str) -> MadeTrial:
    """The motion of a trial; raises `ConfigError` (MOTION_UNKNOWN)."""
    if trial_id not in MOTIONS:
        raise ConfigError(
            expected=f"{STATIC}, or one of the motions {', '.join(MOTIONS)}",
            found=trial_id,
            where="trial_id in trials.tsv of a cohort that is made",
            do="Correct the id, or add the motion to gaitload.cohorts.embedded.trials.",
            code="MOTION_UNKNOWN",
        )
    return MOTIONS[trial_id]
