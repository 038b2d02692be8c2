"""The small command line around the workflow."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
import yaml
from typer.core import TyperCommand

from gaitload.cohorts.reader import cohort_schemas, load_cohort
from gaitload.config import Config, config_schema, load_config, parse_config
from gaitload.config.motion import METHOD_VERSION
from gaitload.discovery.check import check_cohort, require_repository
from gaitload.discovery.make import known_marker_sets, make_cohort
from gaitload.discovery.words import identifier
from gaitload.discovery.writing import questions_text
from gaitload.errors import GaitloadError
from gaitload.forecast.report import forecast_cohorts
from gaitload.models.registry import find_model
from gaitload.stages.verify import mismatches, records_of

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
Root = Annotated[Path, typer.Option(help="Root of the repository.")]
Results = Annotated[Path | None, typer.Option(help="results_dir, seen from the root; by default as in config.yaml.")]
Model = Annotated[str | None, typer.Option(help="Model whose marker sets count; by default as in config.yaml.")]
ModelFamily = Annotated[str | None, typer.Option(help="Family of an .osim file; by default as in config.yaml.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--config", help="Settings as Snakemake takes them, several words behind one --config."),
]
CohortName = Annotated[str, typer.Argument(help="A folder of workflow/cohorts/.")]
BundleFile = Annotated[Path, typer.Argument(help="File of a trained estimator (.gaitload).")]
SensorFiles = Annotated[list[str], typer.Argument(help="body=FILE or body=FILE#NAME, one a sensor.")]
Speed = Annotated[float | None, typer.Option(help="Speed of running or walking (m/s), where the estimator takes it.")]
Mass = Annotated[float | None, typer.Option(help="Body mass (kg).")]
Height = Annotated[float | None, typer.Option(help="Body height (m): people unlike those of the training are refused.")]
Sex = Annotated[str | None, typer.Option(help="F or M, where the estimator takes it.")]
Rate = Annotated[float | None, typer.Option(help="Rate of files that do not say it (Hz).")]
ImuColumns = Annotated[Path | None, typer.Option(help="YAML with imu_columns, for tables of your own.")]


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gaitload {version('gaitload')}, method version {METHOD_VERSION}")
        raise typer.Exit


@app.callback()
def gaitload(
    _: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say the version and end.")
    ] = False,
) -> None:
    """Structure-specific loads from motion capture; the workflow itself runs with `snakemake`."""


class _WithSettings(TyperCommand):
    """A command whose `--config` takes several words, as Snakemake's does."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:
        """Give each setting a `--config` of its own."""
        told, within = [], False
        for word in args:
            if word.startswith("-"):
                within = word.partition("=")[0] == "--config"
            elif within and "=" in word and told[-1] != "--config":
                told.append("--config")
            told.append(word)
        return super().parse_args(ctx, told)


@app.command(cls=_WithSettings)
def check(
    cohort: CohortName,
    config: Settings = None,
    root: Root = Path("."),
    results: Results = None,
    model: Model = None,
    model_family: ModelFamily = None,
) -> None:
    """Say what is wrong with a cohort before anything runs: its tables, its files, and what these say.

    Each recording is read and held against the marker set, the units and the axes declared for it.
    """
    try:
        require_repository(root)
        settings = _config(root, config or [])
    except GaitloadError as error:
        raise _stop(str(error)) from error
    chosen, family = _chosen_model(settings, model, model_family)
    verdict = check_cohort(
        root / "workflow" / "cohorts" / cohort,
        settings,
        root=root,
        results=root / (results or settings.results_dir),
        model=chosen,
        model_family=family,
    )
    remarks = dict.fromkeys(verdict.remarks)
    for line in (*verdict.said, *verdict.plans, *(f"look again: {remark}" for remark in remarks)):
        typer.echo(line)
    for problem in verdict.problems:
        typer.echo(problem, err=True)
    if verdict.refused:
        raise _stop(f"{verdict.refused} of {verdict.trials} trials would be refused")
    if verdict.problems:
        raise _stop(f"problems: {len(verdict.problems)}; nothing should run before they are mended")
    typer.echo(f"all {verdict.trials} trials can be used")


@app.command("new-cohort")
def new_cohort(
    folder: Annotated[Path, typer.Argument(help="Folder of the recordings.")],
    name: Annotated[str | None, typer.Option(help="Name of the cohort; by default that of the folder.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over tables that are there.")] = False,
    converted: Annotated[
        Path | None, typer.Option(help="Where recordings in Motion-BIDS go as TRC and sensor files.")
    ] = None,
    root: Root = Path("."),
    model: Model = None,
    model_family: ModelFamily = None,
) -> None:
    """Look through a folder of recordings, and write the tables of a cohort and the questions they leave open."""
    try:
        require_repository(root)
        config = _config(root)
        source = find_model(*_chosen_model(config, model, model_family))
        chosen = identifier(name or folder.resolve().name)
        sets = known_marker_sets(source, root)
        written = make_cohort(
            folder, chosen, sets, root=root, force=force, converted=converted, say=partial(typer.echo, err=True)
        )
    except GaitloadError as error:
        raise _stop(str(error)) from error
    typer.echo(questions_text(written.draft))
    for path in written.files:
        typer.echo(f"wrote {path}")
    typer.echo(f"next: answer {written.files[-1]}, then gaitload check {chosen}")


@app.command("forecast", cls=_WithSettings)
def say_forecast(
    cohorts: Annotated[list[str] | None, typer.Argument(help="By default those of config.yaml.")] = None,
    config: Settings = None,
    root: Root = Path("."),
    results: Results = None,
) -> None:
    """Say how many jobs, core-hours, how much memory and disk cohorts take, by what jobs took here or elsewhere.

    It counts everything from the recordings on, whether done or not; `snakemake -n` says what is left to do.
    """
    try:
        require_repository(root)
        settings = _config(root, config or [])
        found = forecast_cohorts(
            cohorts or settings.cohorts, settings, root=root, results=root / (results or settings.results_dir)
        )
    except GaitloadError as error:
        raise _stop(str(error)) from error
    typer.echo(found)


@app.command(cls=_WithSettings)
def verify(
    config: Settings = None,
    root: Root = Path("."),
    results: Results = None,
) -> None:
    """Find every product that no longer matches its provenance: itself, its inputs, its settings, or its code.

    Prints what and why, and ends with 1 where there is any.
    """
    try:
        require_repository(root)
        settings = _config(root, config or [])
        folder = (root / (results or settings.results_dir)).resolve()
        records = records_of(folder)
        places = {path.parent.parent.name: root / "workflow" / "cohorts" / path.parent.parent.name for path in records}
        cohorts = {
            name: load_cohort(place, root=root, results=folder) for name, place in places.items() if place.is_dir()
        }
        found = list(mismatches(settings, cohorts, folder))
    except GaitloadError as error:
        raise _stop(str(error)) from error
    if not records:
        raise _stop(f"no results in {folder}")
    for mismatch in found:
        typer.echo(f"{mismatch.where}: {mismatch.what}: {mismatch.found}")
    if found:
        wheres = len({mismatch.where for mismatch in found})
        raise _stop(f"{len(found)} mismatches in {wheres} places, of {len(records)} records")
    typer.echo(f"{len(records)} records; all products, inputs, settings and code are as they say")


@app.command("predict")
def say_prediction(
    bundle: BundleFile,
    sensors: SensorFiles,
    out: Annotated[Path, typer.Option(help="Folder for the page and the tables.")] = Path("prediction"),
    speed: Speed = None,
    mass: Mass = None,
    height: Height = None,
    sex: Sex = None,
    rate: Rate = None,
    columns: ImuColumns = None,
    calibrate: Annotated[
        list[Path] | None, typer.Option(help="Aligned table of the same person with labelled steps; may be repeated.")
    ] = None,
) -> None:
    """Estimate loads from files of inertial sensors, with a trained estimator."""
    # Imported here: the other commands need neither a runtime for graphs nor figures.
    from gaitload.bundles.command import predict_files

    try:
        said = predict_files(
            bundle,
            sensors,
            out,
            speed_m_per_s=speed,
            person=_person(mass, height, sex),
            rate_hz=rate,
            columns=columns,
            calibrate=calibrate or (),
        )
    except GaitloadError as error:
        raise _stop(str(error)) from error
    typer.echo(said)


@app.command("export")
def export_tables(
    tables: Annotated[list[Path], typer.Argument(help="Parquet files of results/, or folders of them.")],
    to: Annotated[str, typer.Option(help="csv, xlsx (Excel), mat (MATLAB) or sto (OpenSim).")] = "csv",
    rows: Annotated[str, typer.Option(help="frame, or stance: whole stances at 101 points.")] = "frame",
    layout: Annotated[str, typer.Option(help="wide, or tidy: one row for each value.")] = "wide",
    out: Annotated[Path, typer.Option(help="Folder of the files.")] = Path("export"),
) -> None:
    """Write labels and other tables, with units and metadata, for Excel, MATLAB, OpenSim or whatever reads CSV."""
    # Imported here: no other command needs the writers of these formats.
    from gaitload.export import FORMATS, LAYOUTS, ROWS, export_table, tables_below

    for option, value, known in (("--to", to, FORMATS), ("--rows", rows, ROWS), ("--layout", layout, LAYOUTS)):
        if value not in known:
            raise _stop(f"{option} {value}: choose {', '.join(known)}")
    try:
        below, failed = tables_below(tables), 0
    except GaitloadError as error:
        raise _stop(str(error)) from error
    for path in below:
        try:
            for written in export_table(path, out, to=to, rows=rows, layout=layout):
                typer.echo(written)
        except GaitloadError as error:
            failed += 1
            typer.echo(str(error), err=True)
    if failed:
        raise _stop(f"{failed} of {len(below)} tables were not written")


@app.command("live")
def play_live(
    bundle: BundleFile,
    sensors: SensorFiles,
    page: Annotated[Path, typer.Option(help="Page that is written again with every estimate.")] = Path("live.html"),
    times_as_fast: Annotated[float, typer.Option(min=0.01, help="Pace of the playing.")] = 1.0,
    speed: Speed = None,
    mass: Mass = None,
    height: Height = None,
    sex: Sex = None,
    rate: Rate = None,
    columns: ImuColumns = None,
) -> None:
    """Play files of inertial sensors sample by sample, and say the loads of each stance as soon as it has passed."""
    from gaitload.bundles.command import play_files

    options = {
        "times_as_fast": times_as_fast,
        "rate_hz": rate,
        "columns": columns,
        "speed_m_per_s": speed,
        "person": _person(mass, height, sex),
    }
    try:
        play_files(bundle, sensors, page, say=typer.echo, **options)
    except GaitloadError as error:
        raise _stop(str(error)) from error


@app.command()
def schemas(root: Root = Path(".")) -> None:
    """Write the JSON schemas of the configuration and of the cohort tables to workflow/schemas/."""
    folder = root / "workflow" / "schemas"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"config.schema.json": config_schema(), **cohort_schemas()}.items():
        (folder / name).write_text(text)
        typer.echo(folder / name)


def _person(mass_kg: float | None, height_m: float | None, sex: str | None) -> dict:
    """Characteristics of the person that were given, by their names in bundles."""
    given = {"mass_kg": mass_kg, "height_m": height_m, "sex": sex}
    return {name: value for name, value in given.items() if value is not None}


def _chosen_model(config: Config, model: str | None, family: str | None) -> tuple[str, str | None]:
    """Model and family that were asked for, else those of the configuration; its family belongs to its own model."""
    return (model, family) if model else (config.model, family or config.model_family)


def _config(root: Path, overrides: Iterable[str] = ()) -> Config:
    """config.yaml below `root`, with settings such as `window={duration_s: 5}` put over it."""
    path = root / "config.yaml"
    config = load_config(path) if path.is_file() else Config()
    document = config.model_dump(mode="json")
    for override in overrides:
        name, _, value = override.partition("=")
        try:
            put_over(document, {name: yaml.safe_load(value)})
        except yaml.YAMLError as error:
            raise _stop(f"--config {override}: write name=value, the value as in config.yaml") from error
    return parse_config(document) if overrides else config


def put_over(document: dict, changes: dict) -> None:
    """Put settings over those of a document, mappings within mappings, as Snakemake merges them."""
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(document.get(name), dict):
            put_over(document[name], value)
        else:
            document[name] = value


def _stop(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(1)
