"""Published recordings through the stages, as the workflow runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from gaitload.cohorts.reader import load_cohort
from gaitload.cohorts.tables import raw_dir_variable
from gaitload.config import parse_config
from gaitload.quality import Verdict
from gaitload.stages.job import Job, jobs_of
from gaitload.stages.shard import run_shard, stage_module


@pytest.fixture(scope="session")
def stages_of(shared, repository) -> Callable:
    """`stages_of(participant, window_s, results, **settings)` gives a function that runs one stage for some trials.

    That returns the last job and what the log of the shard says.
    """

    def made(participant: str, window_s: tuple[float, float], results: Path, **settings) -> Callable:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(raw_dir_variable("rajagopal2016"), str(shared / "rajagopal2016"))
            whole = load_cohort(repository / "workflow" / "cohorts" / "rajagopal2016", root=repository)
        window = {"start_s": window_s[0], "end_s": window_s[1]}
        cohort = replace(whole, trials=tuple(row.model_copy(update=window) for row in whole.trials))
        config = parse_config({"cohorts": "rajagopal2016", "results_dir": str(results), **settings})

        def stage(name: str, trials: Iterable[str]) -> tuple[Job, str]:
            jobs = jobs_of(name, trials, config=config, cohort=cohort, participant_id=participant, results=results)
            log = results / f"{name}.log"
            run_shard(stage_module(name), jobs, manifest=results / f"{name}.json", log=log)
            for job in (job for job in jobs if name in job.stages):
                quality = job.quality_of(name)
                assert quality.verdict is not Verdict.REFUSED, quality.numbers["refusal"]
            return jobs[-1], log.read_text()

        return stage

    return made


@pytest.fixture(scope="session")
def stance_of(stages_of, model_of, tmp_path_factory) -> Callable:
    """`stance_of(who, model, **settings)`: a tenth of a second of a trial, late stance right and swing left.

    That gives a function that runs stages by name and returns the last job, its static trials read before. Whoever asks
    for one person, model and label mode shares a folder: what holds there is not done again.
    """
    trials = {"walker": (["static", "static_2"], "walk", (0.70, 0.80)), "runner": (["static"], "run", (0.92, 1.02))}
    places: dict[str, Path] = {}

    def made(who: str, model: str, *, label_mode: str = "opensim", **settings) -> Callable[..., Job]:
        key = f"{who}-{model}-{label_mode}"
        results = places.get(key) or places.setdefault(key, tmp_path_factory.mktemp(key))
        known = model if model == "rajagopal2015" else str(model_of(model))
        statics, trial, window_s = trials[who]
        stage = stages_of(who, window_s, results, model=known, label_mode=label_mode, **settings)
        stage("ingest", statics)
        return lambda *names: [stage(name, [trial])[0] for name in names][-1]

    return made
