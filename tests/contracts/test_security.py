"""Files of others are read, never obeyed: nothing they hold is run, unpickled, fetched or handed to a shell."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("src/gaitload", "workflow/scripts", "benchmarks", "derivations", "docs/figures")
MODULES = sorted(path.relative_to(ROOT) for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
RULES = sorted(path.relative_to(ROOT) for path in [*(ROOT / "workflow/rules").glob("*.smk"), ROOT / "Snakefile"])
MODELS = sorted((ROOT / "opensim_models").glob("*/model.yaml"))

UNPICKLING = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "pandas.read_pickle"}
RUNNING = {"eval", "exec", "compile", "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"}
LOADING = {"torch.load", "yaml.unsafe_load", "yaml.full_load", "yaml.load_all"}
FETCHING = {"urllib.request", "requests", "http.client", "ftplib", "urllib3", "httpx", "aiohttp"}
XML = {"xml.etree", "xml.dom", "xml.sax", "lxml.objectify"}
ENTITIES = {"lxml.etree.parse", "lxml.etree.fromstring", "lxml.etree.XML", "xml.parsers"}


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def _origins(tree: ast.Module) -> dict[str, str]:
    """Full name of everything imported, by the name it has in the module."""
    origins = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                origins[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom):
            origins |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return origins


@cache
def _calls(path: Path) -> list[tuple[str, ast.Call]]:
    """Every call of something imported or of Python's own, by its full name."""
    origins, found = _origins(_tree(path)), []
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Call):
            first, dot, rest = ast.unparse(node.func).partition(".")
            if first in origins or not dot:
                found.append((f"{origins.get(first, first)}{dot}{rest}", node))
    return found


@cache
def _used(path: Path) -> frozenset[str]:
    """Full name of everything imported or called."""
    names = {name for name, _ in _calls(path)}
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def _offences(path: Path, forbidden: Collection[str]) -> set[str]:
    return {name for name in _used(path) for bad in forbidden if name == bad or name.startswith(f"{bad}.")}


def _offenders(forbidden: Collection[str]) -> dict[str, set[str]]:
    """What the modules use of what is forbidden."""
    return {str(path): used for path in MODULES if (used := _offences(path, forbidden))}


def _said(path: Path, keyword: str, of: str = "") -> set[str | None]:
    """Sources of the values that a keyword has in the calls of a module."""
    calls = [call for name, call in _calls(path) if name.startswith(of)]
    return {next((ast.unparse(w.value) for w in call.keywords if w.arg == keyword), None) for call in calls}


def _all_said(keyword: str, of: str = "") -> set[str | None]:
    return set().union(*(_said(path, keyword, of) for path in MODULES))


def test_nothing_is_unpickled_or_run() -> None:
    assert _offenders(UNPICKLING | RUNNING | LOADING) == {}
    # numpy.load refuses pickles unless it is told to take them.
    assert _all_said("allow_pickle") <= {None, "False"}


def test_yaml_is_read_in_one_place_that_makes_plain_values_only() -> None:
    assert _offenders({"yaml.load"}).keys() == {"src/gaitload/documents.py"}
    assert all(loader and "safe" in loader.lower() for loader in _all_said("Loader", of="yaml.load"))
    # What is typed behind --config, as Snakemake reads it; and settings that a benchmark was asked for.
    typed = {"src/gaitload/cli.py", "benchmarks/learning_curve.py"}
    assert _offenders({"yaml.safe_load"}).keys() <= typed


def test_no_shell_is_started() -> None:
    assert _all_said("shell") == {None}


@pytest.mark.parametrize("path", RULES, ids=str)
def test_no_rule_runs_a_shell_command(path: Path) -> None:
    text = (ROOT / path).read_text()
    assert re.findall(r"^\s*(?:shell|run|wrapper|notebook|cwl):", text, re.MULTILINE) == []
    assert "shell(" not in text


def test_downloads_have_a_checksum() -> None:
    assert _offenders(FETCHING) == {}
    hashes = _all_said("known_hash", of="pooch.retrieve")
    assert hashes and not hashes & {None, "None"}


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.parent.name)
def test_models_come_by_https_and_with_a_checksum(path: Path) -> None:
    described = yaml.safe_load(path.read_text())
    if "based_on" in described:
        described = yaml.safe_load((path.parents[1] / described["based_on"] / path.name).read_text())
    source = described["source"]
    assert re.fullmatch("[0-9a-f]{64}", source["sha256"])
    assert "package" in source or source["url"].startswith("https://")


def test_xml_is_parsed_where_entities_are_refused() -> None:
    assert _offenders(XML) == {}
    assert _offenders(ENTITIES).keys() == {"src/gaitload/io/xml.py"}


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    module = tmp_path / "bad.py"
    module.write_text(
        "import pickle\nimport numpy as np\nimport xml.etree.ElementTree\nfrom torch import load\n"
        "from lxml import etree\nnp.load('x', allow_pickle=True)\nload('x')\netree.parse('x')\neval('x')\n"
    )
    found = _offences(module, UNPICKLING | RUNNING | LOADING | XML | ENTITIES)
    assert found == {"pickle", "torch.load", "lxml.etree.parse", "eval", "xml.etree.ElementTree"}
    assert "True" in _said(module, "allow_pickle")
