"""What the documentation says to type can be typed.

Blocks marked `sh` are run as they stand, in a copy of the repository with small recordings and results in place; of `sh
slow`, and of commands within the text, settings and subcommands are checked. Blocks marked `python` are run likewise;
of `python fragment` the imports.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import yaml

import synthetic_person as person
from gaitload.cli import app, put_over
from gaitload.config import parse_config
from gaitload.io.imu.xsens_write import write_xsens
from gaitload.io.tables import write_table
from gaitload.trial import ImuRecording
from imu_files import swing
from recorded_folders import OTHER_NAMES, write_moving, write_standing

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "workflow/README.md", *sorted((ROOT / "docs").glob("*.md"))]
ENDINGS = {"HEE": "CAL", "MT1": "TOE", "KNL": "LFC", "KNM": "MFC", "ANL": "LMAL", "ANM": "MMAL"}
AS_IN_SET = {name: name[0] + ENDINGS.get(name[1:], name[1:]) for name in OTHER_NAMES}
PROGRAMS = ("snakemake", "gaitload")
QUICK = {*PROGRAMS, "cat", "grep", "export", "ls"}
COMMANDS = {command.name or command.callback.__name__ for command in app.registered_commands}


class Block(NamedTuple):
    """A fenced block: the page, its place in it, what stands behind the fence, and its text."""

    page: str
    number: int
    info: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.number}"


def _blocks(*infos: str) -> list[Block]:
    found = []
    for page in PAGES:
        fences = re.finditer(r"^```(\w[^\n]*)\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
        found += [Block(page.name, number, fence[1], fence[2]) for number, fence in enumerate(fences, start=1)]
    return [block for block in found if block.info in infos]


def _lines_of_text() -> list[tuple[str, str]]:
    """Commands within the text, without those with a gap to be filled."""
    return [
        (page.name, line)
        for page in PAGES
        for line in re.findall(r"`((?:snakemake|gaitload) [^`]+)`", page.read_text())
        if not re.search(r"<|\.\.\.|…| DIR", line)
    ]


def _words(text: str) -> list[list[str]]:
    """Words of every command."""
    lines = (shlex.split(line, comments=True) for line in re.split(r"\n|&&", text))
    return [line for line in lines if line]


def _commands(text: str) -> list[list[str]]:
    """Words of every command of a program of ours."""
    return [line for line in _words(text) if line[0] in PROGRAMS]


def _overrides(words: list[str]) -> dict:
    """What stands behind `--config`, as Snakemake takes it: nested values are put over those of config.yaml."""
    document = yaml.safe_load((ROOT / "config.yaml").read_text())
    if "--config" not in words:
        return document
    for pair in words[words.index("--config") + 1 :]:
        if "=" not in pair or pair.startswith("-"):
            break
        name, _, value = pair.partition("=")
        put_over(document, {name: yaml.safe_load(value)})
    return document


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository; recordings in it and in the home beside it, and results of one trial."""
    home = tmp_path_factory.mktemp("home")
    root = home / "gaitload"
    root.mkdir()
    shutil.copytree(ROOT / "workflow", root / "workflow")
    for name in ("src", "opensim_models", "docs", "Snakefile", "config.yaml", "profiles"):
        (root / name).symlink_to(ROOT / name)
    for folder in (root / "results/recordings/embedded/p1", home / "recordings/mylab/S1"):
        write_standing(folder / "static.trc", AS_IN_SET)
        write_moving(folder / "walk.trc", person.WALK, forces=folder / "walk_grf.mot", new_names=AS_IN_SET)
    _write_results(root / "results")
    return root


def _write_results(results: Path) -> None:
    motion = swing()
    sensor = ImuRecording("pelvis", np.arange(300) / 60.0, motion.acc, motion.gyr, None, motion.orientation_wxyz)
    write_xsens(results / "recordings/embedded/p1/walk_imu/pelvis.txt", sensor)
    told = {"unit": "bw", "verdict": "passed", "reasons": [], "definition": "a force"}
    columns = {name: (np.linspace(0.0, 3.0, 5), told) for name in ("atf_r_bw", "hcf_r_norm_bw")}
    document = {"model": "rajagopal2015", "label_mode": "physical", "verdict": "passed"}
    write_table(results / "labels/embedded/p1/walk.parquet", columns, document)
    row = {"label": "atf_bw", "estimator": "ridge", "sensor_set": "tibia", "n_subjects": 4, "pooled_r2_phase": 0.1}
    (results / "evaluation").mkdir()
    pd.DataFrame([row]).to_csv(results / "evaluation/embedded.summary.tsv", sep="\t", index=False)
    row = {"participant": "p1", "trial": "walk", "verdict": "passed", "summary": "", "reasons": ""}
    (results / "quality").mkdir()
    pd.DataFrame([row]).to_csv(results / "quality/embedded.tsv", sep="\t", index=False)


def _run(words: list[str], place: Path) -> subprocess.CompletedProcess:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "HOME": str(place.parent), "PATH": path, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(
        words, cwd=place, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300
    )


@pytest.mark.parametrize("block", _blocks("sh"), ids=str)
def test_a_block_of_commands_runs(block: Block, place: Path) -> None:
    programs = {words[0] for words in _words(block.text)}
    assert programs <= QUICK, f"mark the block `sh slow`: {programs - QUICK}"
    for words in _commands(block.text):
        assert words[0] != "snakemake" or "-n" in words, "it starts work: mark the block `sh slow`"
    done = _run(["bash", "-euo", "pipefail", "-c", block.text], place)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("block", _blocks("sh slow"), ids=str)
def test_a_block_that_is_not_run_says_what_there_is(block: Block) -> None:
    for words in _commands(block.text):
        _require_known(words)


@pytest.mark.parametrize(("page", "line"), _lines_of_text())
def test_a_command_within_the_text_says_what_there_is(page: str, line: str) -> None:
    for words in _commands(line):
        _require_known(words)


@pytest.mark.parametrize("block", _blocks("python"), ids=str)
def test_a_block_of_python_runs(block: Block, place: Path) -> None:
    done = _run([sys.executable, "-c", block.text], place)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("block", _blocks("python fragment"), ids=str)
def test_a_fragment_of_python_imports_what_there_is(block: Block) -> None:
    tree = ast.parse(block.text)
    imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    exec(compile(ast.Module(imports, []), str(block), "exec"), {})


@pytest.mark.parametrize("block", _blocks("python label"), ids=str)
def test_the_example_of_a_label_keeps_the_contract(block: Block, loads) -> None:
    module: dict = {}
    exec(block.text, module)
    columns = module["compute"](loads)
    assert {values.shape for values in columns.values()} == {loads.time_s.shape}
    assert all(name.startswith(module["LABEL"].name) for name in columns)


@pytest.mark.parametrize("block", _blocks("python floor"), ids=str)
def test_the_example_of_a_floor_keeps_the_contract(block: Block) -> None:
    pytest.importorskip("gaitload.estimators")
    module: dict = {}
    exec(block.text, module)
    random = np.random.default_rng(0)
    inputs, covariates, targets = (
        random.normal(size=size).astype(np.float32) for size in ((6, 5, 3), (6, 1), (6, 5, 2))
    )
    estimate = module["fit"](inputs, covariates, targets, np.arange(6)).estimate
    assert estimate(inputs[:4], covariates[:4]).shape == (4, 5, 2)
    assert module["ABOUT"].kind == "floor"


@pytest.mark.parametrize("block", _blocks("python network"), ids=str)
def test_the_example_of_a_network_keeps_the_contract(block: Block) -> None:
    pytest.importorskip("gaitload.estimators")
    torch = pytest.importorskip("torch")
    module: dict = {}
    exec(block.text, module)
    assert module["build"](3, 2, 5)(torch.zeros(4, 5, 3)).shape == (4, 5, 2)
    assert module["ABOUT"].kind == "network"


def test_every_fence_says_what_is_done_with_it() -> None:
    known = {
        "sh",
        "sh slow",
        "python",
        "python fragment",
        "python label",
        "python floor",
        "python network",
        "python reader",
        "yaml",
        "tsv",
        "text",
        "json",
    }
    for page in PAGES:
        fences = re.findall(r"^```(.*)$", page.read_text(), re.MULTILINE)[::2]
        assert set(fences) <= known | {""}, page.name


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs/README.md").read_text()
    pages = [page.name for page in PAGES if page.parent.name == "docs" and page.name != "README.md"]
    assert [name for name in pages if f"({name})" not in index] == []


def test_every_link_leads_somewhere() -> None:
    links = [(page, link) for page in PAGES for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())]
    assert [f"{page.name}: {link}" for page, link in links if not (page.parent / link).exists()] == []


def _require_known(words: list[str]) -> None:
    if words[0] == "gaitload":
        assert words[1] in COMMANDS
    else:
        config = parse_config(_overrides(words))
        known = {path.name for path in (ROOT / "workflow/cohorts").iterdir()} | {"mylab"}
        assert set(config.cohorts) <= known
