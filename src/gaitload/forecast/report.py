"""A forecast in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from gaitload.cohorts.reader import chosen_people, load_cohort
from gaitload.cohorts.tables import Cohort
from gaitload.config import Config
from gaitload.forecast.costs import costs_here, earlier_jobs, shipped_costs, training_jobs
from gaitload.forecast.plan import Line, forecast, labelled_frames, works_of
from gaitload.stages.planned import enough_for_a_study, trainings_of

_HEADER = ("stage", "jobs", "core-hours", "longest job (min)", "memory of a job (MB)", "disk (MB)", "from")


def forecast_cohorts(names: Iterable[str], config: Config, *, root: Path, results: Path) -> str:
    """What it takes to label some cohorts with a configuration, as a table and sentences.

    Parameters
    ----------
    names : iterable of str
        Folders of workflow/cohorts/ below `root`, the repository.
    config : Config
    root : Path
    results : Path
        Folder of all results; what earlier jobs in it took is counted in.

    Raises
    ------
    ConfigError
        Those of the tables of cohorts.
    DataError
        RECORDINGS_NOT_FOUND.
    """
    works, unread, frames_of, cohorts = [], {}, {}, {}
    for name in names:
        cohort = load_cohort(root / "workflow" / "cohorts" / name, root=root, results=results)
        cohort = chosen_people(cohort, config)
        cohort.require_recordings()
        cohorts[name] = cohort
        frames, unread[name] = labelled_frames(cohort, config)
        works += works_of(cohort, config, frames)
        frames_of[name] = (len(frames), sum(frames.values()))
    costs = costs_here(shipped_costs(config.engine), earlier_jobs(results, config.engine))
    sums = [f"{name}: {trials} motion trials, {frames:.0f} frames" for name, (trials, frames) in frames_of.items()]
    table = table_text(forecast(works, costs, config))
    told = [
        *sums,
        "",
        table,
        "",
        *what_is_left_out(unread),
        _about_the_study(cohorts, config, training_jobs(results, config.study.name)),
    ]
    return "\n".join(told).rstrip()


def table_text(lines: Sequence[Line]) -> str:
    """A row a stage, and a last one with the sums; memory and the longest job are the largest."""
    rows = [_row(line.stage, line, _source(line.measured)) for line in lines]
    everything = Line(
        "all",
        sum(line.jobs for line in lines),
        sum(line.core_s for line in lines),
        max(line.longest_s for line in lines),
        max(line.memory_mb for line in lines),
        sum(line.disk_bytes for line in lines),
        0,
    )
    cells = [_HEADER, *rows, _row("all", everything, "")]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    aligned = ([cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in cells)
    return "\n".join("  ".join(row).rstrip() for row in aligned)


def what_is_left_out(unread: Mapping[str, Sequence[str]]) -> list[str]:
    """Sentences on trials whose length is not known."""
    return [
        f"{cohort}: the length of {', '.join(trials[:3])}{f' and {len(trials) - 3} more' if len(trials) > 3 else ''} "
        "cannot be read; taken as the median of the others"
        for cohort, trials in unread.items()
        if trials
    ]


def _about_the_study(cohorts: Mapping[str, Cohort], config: Config, seconds: Sequence[float]) -> str:
    """Training takes what windows, folds, seeds and epochs make of it: only jobs like those to come tell."""
    name, jobs = config.study.name, len(trainings_of(cohorts, config))
    if not enough_for_a_study(cohorts, config):
        return f"study {name} is not asked for: too few of its people wear sensors."
    if not jobs:
        return f"study {name} compares baselines in one job more, not in the table."
    said = f"study {name} trains in {jobs} jobs more and compares in one, none of them in the table"
    if not seconds:
        return f"{said}; none has run here that would tell their time."
    hours = sum(seconds) / len(seconds) * jobs / 3600
    return f"{said}: {hours:.2f} core-hours by the mean of {len(seconds)} earlier jobs of it here."


def _row(name: str, line: Line, source: str) -> tuple[str, ...]:
    return (
        name,
        str(line.jobs),
        f"{line.core_s / 3600:.2f}",
        f"{line.longest_s / 60:.1f}",
        f"{line.memory_mb:.0f}",
        f"{line.disk_bytes / 1e6:.0f}",
        source,
    )


def _source(measured: int) -> str:
    return f"{measured} earlier jobs here" if measured else "shipped medians"
