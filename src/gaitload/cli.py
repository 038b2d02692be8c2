"""The small command line around the workflow."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gaitload.cohorts.reader import chosen_people, cohort_schemas, load_cohort
from gaitload.cohorts.tables import Cohort
from gaitload.config import Config, config_schema, load_config
from gaitload.discovery.make import known_marker_sets, make_cohort
from gaitload.discovery.words import identifier
from gaitload.discovery.writing import questions_text
from gaitload.errors import GaitloadError
from gaitload.models.registry import find_model
from gaitload.stages.job import marker_sets_of
from gaitload.stages.usable import describe_trial

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
Root = Annotated[Path, typer.Option(help="Root of the repository.")]
Results = Annotated[Path | None, typer.Option(help="results_dir, seen from the root; by default as in config.yaml.")]
Model = Annotated[str | None, typer.Option(help="Model whose marker sets count; by default as in config.yaml.")]
CohortName = Annotated[str, typer.Argument(help="A folder of workflow/cohorts/.")]


@app.callback()
def gaitload() -> None:
    """Structure-specific loads from motion capture; the workflow itself runs with `snakemake`."""


@app.command()
def check(cohort: CohortName, root: Root = Path("."), results: Results = None, model: Model = None) -> None:
    """Say what is wrong with a cohort before anything runs: its tables, its files, and what these say.

    Each recording is read and held against the marker set, the units and the axes declared for it.
    """
    _require_repository(root)
    try:
        config = _config(root)
        loaded = load_cohort(
            root / "workflow" / "cohorts" / cohort, root=root, results=root / (results or config.results_dir)
        )
        loaded = chosen_people(loaded, config)
        marker_sets = marker_sets_of(loaded, find_model(model or config.model))
        loaded.require_recordings()
    except GaitloadError as error:
        raise _stop(str(error)) from error
    if not loaded.raw_dir.is_dir():
        raise _stop(f"the recordings of {cohort} are made by the workflow; run `snakemake --cores 2 ingest` first")
    refused = 0
    for trial in loaded.trials:
        where = f"{trial.participant_id}/{trial.trial_id}"
        try:
            typer.echo(f"{where}: {describe_trial(loaded, trial, marker_sets, config.window)}")
        except GaitloadError as error:
            refused += 1
            typer.echo(f"{where}: {error}", err=True)
    _say_who_has_no_static(loaded)
    if refused:
        raise _stop(f"{refused} of {len(loaded.trials)} trials would be refused")
    typer.echo(f"all {len(loaded.trials)} trials can be used")


@app.command("new-cohort")
def new_cohort(
    folder: Annotated[Path, typer.Argument(help="Folder of the recordings.")],
    name: Annotated[str | None, typer.Option(help="Name of the cohort; by default that of the folder.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over tables that are there.")] = False,
    root: Root = Path("."),
    model: Model = None,
) -> None:
    """Look through a folder of recordings, and write the tables of a cohort and the questions they leave open."""
    _require_repository(root)
    try:
        config = _config(root)
        source = find_model(model or config.model)
        chosen = identifier(name or folder.resolve().name)
        written = make_cohort(folder, chosen, known_marker_sets(source, root), root=root, force=force)
    except GaitloadError as error:
        raise _stop(str(error)) from error
    typer.echo(questions_text(written.draft))
    for path in written.files:
        typer.echo(f"wrote {path}")
    typer.echo(f"next: answer {written.files[-1]}, then gaitload check {chosen}")


@app.command()
def schemas(root: Root = Path(".")) -> None:
    """Write the JSON schemas of the configuration and of the cohort tables to workflow/schemas/."""
    folder = root / "workflow" / "schemas"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"config.schema.json": config_schema(), **cohort_schemas()}.items():
        (folder / name).write_text(text)
        typer.echo(folder / name)


def _require_repository(root: Path) -> None:
    if not (root / "workflow" / "cohorts").is_dir():
        raise _stop("no workflow/cohorts here; run it in the repository or use --root")


def _config(root: Path) -> Config:
    return load_config(root / "config.yaml") if (root / "config.yaml").is_file() else Config()


def _say_who_has_no_static(cohort: Cohort) -> None:
    for person in cohort.movers:
        if not cohort.statics_of(person.participant_id):
            typer.echo(f"{person.participant_id}: no static trial; the model is scaled by stature alone")


def _stop(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(1)
