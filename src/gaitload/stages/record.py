"""Makes the recordings of a cohort that nobody recorded: not a stage of its own data, but where the data come from."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from gaitload.cohorts.reader import load_cohort
from gaitload.cohorts.tables import Cohort
from gaitload.config import Config
from gaitload.models.registry import find_model
from gaitload.opensim.process import run_isolated
from gaitload.opensim.virtual_cohort import record_person

TIMEOUT_S = 600.0


def record_cohorts(config: Config, names: Iterable[str], *, root: Path, results: Path, log: Path) -> None:
    """Write every recording of cohorts that are made, and beside each its truth.

    The people are made of the model they will be analysed with. One line a person goes to standard error, what OpenSim
    has to say to the log.

    Parameters
    ----------
    config : Config
    names : iterable of str
        Folders of workflow/cohorts/.
    root, results, log : Path
        Root of the repository, folder of all results, and what gets OpenSim's words.

    Raises
    ------
    GaitloadError
        Those of `gaitload.opensim.virtual_cohort.record_person`.
    """
    log.unlink(missing_ok=True)
    for name in names:
        _record(config, load_cohort(root / "workflow" / "cohorts" / name, root=root, results=results), log)


def _record(config: Config, cohort: Cohort, log: Path) -> None:
    source = find_model(config.model)
    for person in cohort.participants:
        trials = cohort.trials_of(person.participant_id)
        run_isolated(
            record_person,
            {
                "model": str(source.path),
                "family": str(source.family_path),
                "marker_set": str(source.marker_set_path(cohort.marker_set_of(person))),
                "participant": person.model_dump(mode="json"),
                "trials": [
                    {
                        "trial_id": trial.trial_id,
                        "role": trial.role,
                        "recording": str(cohort.files_of(trial)[0].resolve()),
                        "truth": str(cohort.truth_of(trial).resolve()),
                    }
                    for trial in trials
                ],
                "lab_axes": [cohort.spec.lab_forward, cohort.spec.lab_up],
                "where": f"{cohort.name}/{person.participant_id}",
            },
            log=log,
            where=f"{cohort.name}/{person.participant_id}",
            timeout_s=TIMEOUT_S,
            leaks=False,
        )
        print(f"{cohort.name}/{person.participant_id}: {len(trials)} recordings made", file=sys.stderr, flush=True)
