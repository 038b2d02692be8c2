"""The report of somebody who was made and of somebody who was recorded, opened in a browser."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from matplotlib.image import imread

from chromium import Browser, find_chromium
from gaitload.cohorts.reader import load_cohort
from gaitload.cohorts.tables import Cohort
from gaitload.config import Config, parse_config
from gaitload.report.build import write_page
from gaitload.report.part import write_part
from gaitload.stages.job import RECORDING_STAGES, STAGES, jobs_of
from gaitload.stages.record import record_participant
from gaitload.stages.shard import run_shard, stage_module
from gaitload.stages.table import write_cohort_table
from study_by_hand import write_study

WIDTHS = (375, 1440)
SIZE_MAX_MB = 15.0
SECTIONS = ("cohorts", "trials-section", "sync", "estimators", "methods", "limitations", "record")

pytestmark = pytest.mark.slow


class Built(NamedTuple):
    """A page, the trial that it opens with, and another one."""

    page: Path
    first: str
    other: str


def build(config: Config, cohort: Cohort, results: Path, *, first: str, other: str) -> Built:
    """Everything that the rules of the report do, for a cohort of one participant."""
    name, (person,) = cohort.name, (each.participant_id for each in cohort.participants)
    (results / "quality").mkdir(exist_ok=True)
    log, home = results / "log", results / "report"
    write_cohort_table(config, cohort, results, table=results / "quality" / f"{name}.tsv", log=log)
    part = home / "parts" / name / f"{person}.json"
    folders = {folder: home / folder / name / person for folder in ("figures", "data")}
    write_part(config, cohort, person, results, shown_s=10.0, part=part, log=log, **folders)
    write_page(config, {name: cohort}, results, parts=[part], page=home / "index.html", log=log)
    return Built(home / "index.html", f"{name}/{person}/{first}", f"{name}/{person}/{other}")


def only(cohort: Cohort, person: str, trials: tuple[str, ...]) -> Cohort:
    """One participant of a cohort with some trials."""
    people = tuple(each for each in cohort.participants if each.participant_id == person)
    rows = tuple(row for row in cohort.trials if row.participant_id == person and row.trial_id in trials)
    return replace(cohort, participants=people, trials=rows)


@pytest.fixture(scope="module")
def made(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Somebody who does not exist: two seconds of walking with sensors, and a study that was evaluated."""
    results = tmp_path_factory.mktemp("made")
    config = parse_config({"results_dir": str(results), "embedded": {"people": 1, "duration_s": 2.0}})
    folder = repository / "workflow" / "cohorts" / "embedded"
    cohort = only(load_cohort(folder, root=repository, results=results), "p1", ("static", "walk"))
    record_participant(config, cohort, "p1", log=results / "log")
    statics = ((stage, ["static"]) for stage in STAGES if stage in RECORDING_STAGES)
    for stage, trials in (*statics, *((stage, ["walk"]) for stage in STAGES if stage != "uncertainty")):
        jobs = jobs_of(stage, trials, config=config, cohort=cohort, participant_id="p1", results=results)
        run_shard(stage_module(stage), jobs, manifest=results / f"{stage}.json", log=results / f"{stage}.log")
    write_study(results)
    return build(config, cohort, results, first="walk", other="static")


@pytest.fixture(scope="module")
def recorded(stages_of, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The published walker without sensors: late stance right and swing left."""
    stage = stages_of("walker", (0.6, 0.9), tmp_path_factory.mktemp("recorded"))
    job, _ = stage("ingest", ["static", "static_2"])
    for name in ("ingest", "scale", "kinematics", "loads", "labels"):
        job, _ = stage(name, ["walk"])
    return build(
        job.config,
        only(job.cohort, "walker", ("static", "static_2", "walk")),
        job.results,
        first="walk",
        other="static_2",
    )


@pytest.fixture(scope="module", params=["made", "recorded"])
def built(request) -> Built:
    """Both, one after the other."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser without a window."""
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium on this machine (`apt-get install chromium`)")
    with Browser(path) as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, built: Built) -> Iterator[Browser]:
    """The page, opened wide; whatever a test does there, nobody complains and nothing is fetched."""
    browser.open(built.page, width=1440)
    yield browser
    assert browser.complaints == []
    assert browser.requests == []


def figure(browser: Browser, key: str, place: int = 0) -> str:
    """JavaScript of the place-th plot of a figure."""
    return f"document.querySelectorAll('[data-figure=\"{key}\"] .plot')[{place}]"


def colours(png: bytes) -> int:
    """How many colours a picture has."""
    pixels = np.round(255 * imread(io.BytesIO(png))[..., :3]).astype(int)
    return len(np.unique(pixels @ [65536, 256, 1]))


def skeleton(browser: Browser) -> str:
    """The pixels of the moving picture, as text."""
    return browser.ask("document.querySelector('canvas').toDataURL()")


@pytest.mark.parametrize("width", WIDTHS)
def test_text_is_there_at_every_width_and_nothing_is_cut_off(page, built, width) -> None:
    page.open(built.page, width=width)
    for section in SECTIONS:
        assert len(page.ask(f"document.getElementById('{section}').innerText")) > 60, section
    assert page.ask("document.documentElement.scrollWidth") <= width
    assert page.ask("parseFloat(getComputedStyle(document.body).fontSize)") >= 15
    page.ask("drawEverything()")
    page.settle()
    assert (
        page.ask("Math.max(...[...document.querySelectorAll('.plot')].map(e => e.getBoundingClientRect().right))")
        <= width
    )


def test_the_skeleton_moves_when_played_and_only_then(page) -> None:
    before = skeleton(page)
    page.settle()
    assert skeleton(page) == before
    page.click(".controls button")
    page.wait_for(f"document.querySelector('canvas').toDataURL() !== {json.dumps(before)}")
    page.click(".controls button")
    page.settle()
    stopped = skeleton(page)
    page.settle()
    assert skeleton(page) == stopped


def test_the_skeleton_is_scrubbed_turned_and_stepped_by_keys(page) -> None:
    page.ask("document.querySelector('canvas').focus()")
    pictures = [skeleton(page)]
    for key in (".", "ArrowRight"):
        page.press(key)
        page.settle()
        pictures.append(skeleton(page))
    page.ask("document.querySelector('input[type=range]').focus()")
    page.press("ArrowRight")
    page.settle()
    pictures.append(skeleton(page))
    assert len(set(pictures)) == 4


def test_a_trial_is_reached_by_click(page, built) -> None:
    assert page.ask("document.getElementById('chosen').value") == built.first
    page.click(f'a.chip[data-trial="{built.other}"]')
    page.wait_for(f"document.getElementById('chosen').value === {json.dumps(built.other)}")
    assert built.other.split("/")[-1] in page.ask("document.getElementById('trial-title').innerText")


def test_a_trial_is_reached_by_keys_alone(page, built) -> None:
    reached = f"document.activeElement.dataset.trial === {json.dumps(built.other)}"
    for _ in range(60):
        page.press("Tab")
        if page.ask(reached):
            break
    assert page.ask(reached)
    page.press("Enter", text="\r")
    page.wait_for(f"document.getElementById('chosen').value === {json.dumps(built.other)}")
    assert page.ask("document.activeElement.id") == "trial-title"


def test_figures_are_drawn(page, built) -> None:
    page.ask("drawEverything()")
    page.settle()
    for key in ("loads", "ground_reaction", "angles", "moments", "marker_errors", "residuals_reserves"):
        paths = page.ask(f"{figure(page, key)}.querySelectorAll('.scatterlayer path.js-line').length")
        assert paths >= 1, key
    page.ask(f"{figure(page, 'loads')}.scrollIntoView({{block: 'center'}})")
    page.settle()
    assert colours(page.picture()) > 50


def test_what_is_not_there_is_said(page, built, request) -> None:
    text = page.ask("document.body.innerText")
    sensors_told = "names no inertial sensors" in text
    study_told = "No study has been evaluated" in text
    assert (sensors_told, study_told) == ((False, False) if "embedded" in built.first else (True, True))


def test_the_figures_of_a_study_are_drawn(browser, made) -> None:
    browser.open(made.page, width=1440)
    browser.ask("drawEverything()")
    browser.settle()
    for key in ("curves", "agreement", "subjects", "sensor_sets", "training"):
        assert browser.ask(f"{figure(browser, f'{key}_small')}.querySelectorAll('.plot-container').length") == 1, key
    assert browser.complaints == []


def test_a_baseline_is_told_with_what_it_is_given(made) -> None:
    assert "<td>baseline, given the measured ground reaction</td>" in made.page.read_text()


def test_names_from_files_are_read_as_they_stand(page) -> None:
    name = '<a href="https://example.org">foot</a> & <b>heel</b>'
    bars = {"kind": "bars", "name": name, "role": "two", "names": [name], "values": [1.0]}
    strips = {"kind": "strips", "rows": [name], "spans": [[name, 0.0, 1.0, "two", name]]}
    panels = [{"title": name, "x_label": name, "y_label": name, "marks": [mark]} for mark in (bars, strips)]
    named = {"key": "named", "title": name, "caption": name, "files": "named", "panels": panels}
    page.ask(f"showFigure(document.getElementById('trial'), {json.dumps(named)}, {{arrays: []}}); drawEverything()")
    page.settle()
    box = "document.querySelector('[data-figure=named]')"
    assert page.ask(f"{box}.querySelectorAll('b, svg a, [style*=bold]').length") == 0
    for place in range(len(panels)):
        assert page.ask(f"{figure(page, 'named', place)}.textContent").count(name) == 3, "both axes and the mark"


def test_the_page_is_small_and_everything_lies_beside_it(built) -> None:
    assert built.page.stat().st_size < SIZE_MAX_MB * 1e6
    drawings = {
        path.relative_to(built.page.parent / "figures").with_suffix("")
        for path in (built.page.parent / "figures").rglob("*.*")
    }
    for folder, suffix in (("figures", ".svg"), ("figures", ".png"), ("data", ".csv")):
        home = built.page.parent / folder
        assert {path.relative_to(home).with_suffix("") for path in home.rglob(f"*{suffix}")} == drawings
    assert f"{built.first}/loads" in map(str, drawings)


def test_the_page_can_be_printed(page) -> None:
    page.ask("window.dispatchEvent(new Event('beforeprint'))")
    page.settle()
    assert page.printed().startswith(b"%PDF")
