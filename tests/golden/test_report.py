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
from gaitload.stages.job import STAGES, STATIC_STAGES, jobs_of
from gaitload.stages.record import record_participant
from gaitload.stages.shard import run_shard, stage_module
from gaitload.stages.table import write_cohort_table
from study_by_hand import write_study

WIDTHS = (375, 1440)
SIZE_MAX_MB = 15.0
CONTROLS = "a, button, select, input, summary, form, [tabindex], [onclick], [role=button]"
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
    statics = ((stage, ["static"]) for stage in STAGES if stage in STATIC_STAGES)
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
    assert browser.departures == []


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


PREPARE = f"""
  drawEverything();
  following = true;  // A zoom of one plot is not made in all others, several hundred times.
  address = location.pathname;
  activated = new Set();
  nameOf = (each) => each.dataset.title || each.textContent || each.ariaLabel || each.tagName;
  // A trial that is shown again has the controls that it had.
  keyOfControl = (each) => each.closest("#trial")
    ? [chosen.value, [...document.querySelectorAll(".panel")].indexOf(each.closest(".panel")), nameOf(each)].join()
    : each;
  nextControl = () => [...document.querySelectorAll({json.dumps(CONTROLS)})]
    .find((each) => !activated.has(keyOfControl(each)) && !each.matches(".files a"));
  function change(each, kinds) {{ kinds.forEach((kind) => each.dispatchEvent(new Event(kind, {{ bubbles: true }}))); }}
  function activateNext() {{
    const next = nextControl();
    if (!next) return null;
    const name = nameOf(next);
    activated.add(keyOfControl(next));
    if (next.matches("select")) {{
      next.selectedIndex = (next.selectedIndex + 1) % next.length;
      change(next, ["change"]);
    }} else if (next.matches("input")) {{
      next.value = next.max || "1";
      change(next, ["input", "change"]);
    }} else if (next.matches("form")) next.submit();
    else next.dispatchEvent(new MouseEvent("click", {{ bubbles: true, cancelable: true }}));
    drawEverything();
    return name;
  }}
"""
"""Lets `activateNext()` activate the next control that was not yet, those that an activation brings among them."""


def test_no_control_leaves_the_page(browser, made) -> None:
    browser.open(made.page, width=1440)
    browser.ask(PREPARE)
    names = []
    while (name := browser.ask("activateNext()", by_user=True)) is not None:
        # A new window would stand before the page, which then draws no frame to wait for.
        browser.ask("new Promise(done => setTimeout(done, 10))")
        names.append(name)
        assert (name, browser.departures, browser.requests) == (name, [], [])
        assert browser.ask("location.pathname === address"), name
    assert {"Zoom", "Pan", "Reset axes"} <= {*names}, "the buttons of plots are among them"
    assert {"Next ›", "▶ Play", "Side", "time", "All settings"} <= {*names}


def test_files_of_figures_lie_beside_the_page(page, built) -> None:
    """The only links that leave the page: each is that of a file in its folder, and opens that."""
    page.ask("drawEverything()")
    links = page.ask("[...document.querySelectorAll('.files a')].map(each => decodeURI(new URL(each.href).pathname))")
    folder = built.page.resolve().parent
    assert links and all(Path(link).is_relative_to(folder) and Path(link).is_file() for link in links)
    page.ask("document.querySelector('.files a').click()", by_user=True)
    page.wait_for(f"location.pathname.endsWith({json.dumps(Path(links[0]).name)})")
    assert [address.partition("://")[0] for address in page.departures] == ["file"]
    page.departures.clear()


def test_a_form_cannot_be_sent_from_the_page(browser, made) -> None:
    browser.open(made.page, width=1440)
    browser.ask(
        "document.body.insertAdjacentHTML('beforeend', '<form action=\"http://127.0.0.1:9/\"><input></form>');"
        " document.forms[0].submit()",
        by_user=True,
    )
    browser.settle()
    assert browser.ask("document.body.innerText.length") > 1000
    assert browser.requests == []
    assert any("form-action" in complaint for complaint in browser.complaints)


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
