"""The page: one file with everything inside, that opens without a network."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import plotly.offline
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gaitload.cohorts.tables import Cohort
from gaitload.config import Config
from gaitload.io.files import write_text_aside
from gaitload.known_errors import known_errors
from gaitload.plots.cohort import clocks_figure, peaks_figure
from gaitload.plots.drawing import draw
from gaitload.plots.figure import Figure
from gaitload.plots.palette import STYLES
from gaitload.plots.tables import write_table_of
from gaitload.report import record
from gaitload.report.estimators import studies_in, study_view
from gaitload.report.evidence import Evidence
from gaitload.report.extent import PAGE, shown_s
from gaitload.report.limitations import assumptions
from gaitload.report.methods import methods
from gaitload.report.overview import cohort_view, read_truth
from gaitload.report.payload import Pool, figure_payload, page_json
from gaitload.stages.job import Job

SCRIPTS = ("data.js", "plots.js", "skeleton.js", "player.js", "trials.js")
WHOLE = "all"
"""Folder of the figures of whole cohorts and studies."""


def write_page(
    config: Config, cohorts: Mapping[str, Cohort], results: Path, *, parts: Sequence[Path], page: Path, log: Path
) -> None:
    """Write the page, and beside it the drawings and numbers of the figures of cohorts and studies.

    Parameters
    ----------
    parts
        What `gaitload.report.part.write_part` wrote, one a participant.
    page
        `index.html`; drawings go to `figures/all` beside it, numbers to `data/all`.
    """
    for folder in ("figures", "data"):
        (page.parent / folder / WHOLE).mkdir(parents=True, exist_ok=True)
    documents = [document for path in parts for document in json.loads(path.read_text())]
    studies = [study_view(results, study) for study in studies_in(results)]
    trials = _trials(config, cohorts, results)
    figures = {f"study_{study['name']}": study["figures"] for study in studies}
    for name, cohort in cohorts.items():
        figures |= _cohort_figures(config, cohort, results / "quality" / f"{name}.tsv")
    scripts = _trial_scripts(documents) | {key: page_json(_figures(made, page.parent)) for key, made in figures.items()}
    scripts |= {"palette": page_json(STYLES)}
    told = record.facts(trials, evaluated=bool(studies))
    html = _template().render(
        cohorts=[
            cohort_view(
                cohort,
                [document for document in documents if document["cohort"] == name],
                read_truth(results / "quality" / f"{name}.truth.tsv"),
            )
            for name, cohort in cohorts.items()
        ],
        figures={key: bool(made) for key, made in figures.items()},
        clocks=_clocks(trials),
        studies=studies,
        methods=methods(config, told),
        assumptions=assumptions(),
        known_errors=known_errors(),
        versions=record.versions(),
        labels=record.label_records(trials),
        other_settings=record.other_settings(config, trials),
        costs=record.costs(results, cohorts),
        settings=yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False),
        shown_s=shown_s(config, cohorts),
        made_at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        scripts={key: Markup(text) for key, text in scripts.items()},
        style=Markup((PAGE / "style.css").read_text()),
        library=Markup(plotly.offline.get_plotlyjs()),
        code=Markup("\n".join((PAGE / name).read_text().replace('"use strict";\n', "") for name in SCRIPTS)),
    )
    write_text_aside(page, html)
    log.write_text(f"{page}: {len(documents)} trials, {page.stat().st_size / 1e6:.1f} MB\n")


def _trials(config: Config, cohorts: Mapping[str, Cohort], results: Path) -> list[Evidence]:
    return [
        Evidence(Job(config, cohort, person, row, results), 0.0)
        for cohort in cohorts.values()
        for person in cohort.movers
        for row in cohort.trials_of(person.participant_id)
    ]


def _trial_scripts(documents: Sequence[dict]) -> dict[str, str]:
    """One script a trial, so that each is parsed when it is shown, and a short list of all."""
    short = ("id", "role", "verdict")
    listed = [
        {key: document[key] for key in short} | {"element": f"trial-{place}"}
        for place, document in enumerate(documents)
    ]
    return {"trials": page_json(listed)} | {
        f"trial-{place}": page_json(document) for place, document in enumerate(documents)
    }


def _cohort_figures(config: Config, cohort: Cohort, table: Path) -> dict[str, list[Figure]]:
    rows = pd.read_csv(table, sep="\t", dtype={"participant": str, "trial": str})
    peaks = peaks_figure(rows, cohort.name)
    clocks = clocks_figure(rows, cohort.name, preference_min=config.sync.preference_min)
    return {f"peaks_{cohort.name}": [peaks] if peaks else [], f"clocks_{cohort.name}": [clocks] if clocks else []}


def _figures(figures: Sequence[Figure], folder: Path) -> dict:
    """Figures of a part of the page, which are drawn and written beside it."""
    pool, shown = Pool(), []
    for figure in figures:
        draw(figure, folder / "figures" / WHOLE)
        write_table_of(figure, folder / "data" / WHOLE / f"{figure.key}.csv")
        shown.append(figure_payload(figure, pool, f"{WHOLE}/{figure.key}"))
    return {"figures": shown, "arrays": pool.arrays}


def _clocks(trials: Sequence[Evidence]) -> list[dict]:
    """A row for the table of synchronisation for each trial with sensors."""
    return [
        {
            "trial": trial.job.where,
            "cohort": trial.job.cohort.name,
            "verdict": trial.qualities["sync"].verdict,
            "found": trial.clock,
        }
        for trial in trials
        if "sync" in trial.qualities
    ]


def _template():
    environment = Environment(
        loader=FileSystemLoader(PAGE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("index.html.j2")
