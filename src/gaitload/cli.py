"""The small command line around the workflow."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gaitload.cohorts.reader import cohort_schemas, load_cohort
from gaitload.cohorts.recordings import read_recording
from gaitload.config import config_schema
from gaitload.errors import GaitloadError
from gaitload.trial import Recording

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
Root = Annotated[Path, typer.Option(help="Root of the repository.")]
Results = Annotated[Path, typer.Option(help="results_dir of the configuration, seen from the root.")]
CohortName = Annotated[str, typer.Argument(help="A folder of workflow/cohorts/.")]


@app.callback()
def gaitload() -> None:
    """Structure-specific loads from motion capture; the workflow itself runs with `snakemake`."""


@app.command()
def check(cohort: CohortName, root: Root = Path("."), results: Results = Path("results")) -> None:
    """Say what is wrong with a cohort before anything runs: its tables, its files, whether they can be read."""
    try:
        loaded = load_cohort(root / "workflow" / "cohorts" / cohort, root=root, results=root / results)
        loaded.require_recordings()
    except GaitloadError as error:
        raise _stop(str(error)) from error
    if not loaded.raw_dir.is_dir():
        raise _stop(
            f"the recordings of {cohort} are made by the workflow; run `snakemake --cores 2 record_cohort` first"
        )
    unreadable = 0
    for trial in loaded.trials:
        where = f"{trial.participant_id}/{trial.trial_id}"
        try:
            typer.echo(f"{where}: {_in_words(read_recording(loaded, trial))}")
        except GaitloadError as error:
            unreadable += 1
            typer.echo(f"{where}: {error}", err=True)
    for person in loaded.movers:
        if not loaded.statics_of(person.participant_id):
            typer.echo(f"{person.participant_id}: no static trial; the model is scaled by stature alone")
    if unreadable:
        raise _stop(f"{unreadable} of {len(loaded.trials)} trials would be refused")


@app.command()
def schemas(root: Root = Path(".")) -> None:
    """Write the JSON schemas of the configuration and of the cohort tables to workflow/schemas/."""
    folder = root / "workflow" / "schemas"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"config.schema.json": config_schema(), **cohort_schemas()}.items():
        (folder / name).write_text(text)
        typer.echo(folder / name)


def _in_words(recording: Recording) -> str:
    markers = f"{len(recording.marker_names)} markers, {len(recording.marker_time_s)} frames"
    plates = ", ".join(plate.name for plate in recording.plates)
    return f"{markers} at {recording.marker_rate_hz:g} Hz, forces of {plates or 'nothing'}"


def _stop(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(1)
