"""Makes the recordings of a person who does not exist: no stage of the data, but where the data come from."""

from __future__ import annotations

from pathlib import Path

from gaitload.cohorts.tables import Cohort
from gaitload.config import Config
from gaitload.errors import ConfigError
from gaitload.io.files import held
from gaitload.models.registry import find_model
from gaitload.opensim.process import run_isolated
from gaitload.stages.made.person import record_person

TIMEOUT_S = 1800.0
"""For all trials of a person: the default four of 6 s take less than a minute, the longest allowed (60 s) ten times as
long."""


def record_participant(config: Config, cohort: Cohort, participant_id: str, *, log: Path) -> list[Path]:
    """Write every recording of a person of a cohort that is made, and beside each what it was made from.

    The person is made of the model they will be analysed with. A line goes to standard error, what OpenSim has to say
    to the log.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ConfigError
        HEIGHT_MISSING.
    GaitloadError
        Those of `gaitload.stages.made.person.record_person`.
    """
    person, where = cohort.by_id[participant_id], f"{cohort.name}/{participant_id}"
    if person.height_m is None:
        raise ConfigError(
            expected="height_m, from which proportions follow",
            found="none",
            where=where,
            do="Give height_m in participants.tsv.",
            code="HEIGHT_MISSING",
        )
    log.unlink(missing_ok=True)
    source, trials = find_model(config.model, config.model_family), cohort.trials_of(participant_id)
    written = [
        path
        for trial in trials
        for path in (cohort.files_of(trial)[0], *cohort.imu_files_of(trial).values(), cohort.motion_of(trial))
    ]
    # After a kill, whoever was making them may still be at it.
    with held(cohort.raw_dir / f".{participant_id}.lock"):
        run_isolated(
            record_person,
            {
                "model": str(source.path),
                "family": str(source.family_path),
                "sensors": str(source.sensors_path),
                "marker_set": str(source.marker_set_path(cohort.marker_set_of(person))),
                "participant": person.model_dump(mode="json"),
                "trials": [
                    {
                        "trial_id": trial.trial_id,
                        "activity": trial.activity,
                        "recording": str(cohort.files_of(trial)[0].resolve()),
                        "sensors": {name: str(path.resolve()) for name, path in cohort.imu_files_of(trial).items()},
                        "motion": str(cohort.motion_of(trial).resolve()),
                    }
                    for trial in trials
                ],
                "lab_axes": [cohort.spec.lab_forward, cohort.spec.lab_up],
                "config": config.model_dump(mode="json"),
                "where": where,
            },
            log=log,
            where=where,
            timeout_s=TIMEOUT_S,
            leaks=False,
        )
    return written
