"""Data flows one way: a room imports the rooms before it, never one after it or beside it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "gaitload"
FLOORS = (
    {"errors", "conventions", "validation", "section", "machine", "progress"},
    {"dependencies", "documents", "study"},
    {"config", "quality", "registry", "provenance"},
    {"trial", "known_errors"},
    {"signals", "mechanics", "imu"},
    {"io"},
    {"external"},
    {"cohorts", "models", "sync"},
    {"ingest", "opensim", "plots"},
    {"labels", "baselines"},
    {"windows"},
    {"estimators", "protocols"},
    {"training"},
    {"gates", "truth", "evaluation"},
    {"bundles"},
    {"stages"},
    {"discovery", "export", "forecast", "report"},
    {"cli"},
)
RANK = {room: rank for rank, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted(path.relative_to(SOURCE) for path in SOURCE.rglob("*.py"))


def _room(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse((SOURCE / path).read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}, line {node.lineno}: relative import"
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def _rooms_imported(path: Path) -> set[str]:
    names = {name.split(".")[1] for name in _imports(path) if name.startswith("gaitload.")}
    return {name for name in names if not name.startswith("_")} - {_room(path)}


def test_every_room_has_its_floor() -> None:
    assert {_room(path) for path in MODULES} - {"__init__"} == RANK.keys()


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_no_arrow_runs_back(path: Path) -> None:
    ceiling = RANK.get(_room(path), 0)
    backwards = {room for room in _rooms_imported(path) if RANK[room] >= ceiling}
    assert backwards == set(), f"{path} imports {backwards}"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_only_the_opensim_room_imports_opensim(path: Path) -> None:
    packages = {name.partition(".")[0] for name in _imports(path)}
    assert "opensim" not in packages or _room(path) == "opensim"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_only_estimators_training_and_the_export_of_graphs_import_torch(path: Path) -> None:
    packages = {name.partition(".")[0] for name in _imports(path)}
    assert "torch" not in packages or _room(path) in {"estimators", "training"} or path == Path("bundles/graph.py")


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_nothing_in_the_package_knows_snakemake(path: Path) -> None:
    assert "snakemake" not in {name.partition(".")[0] for name in _imports(path)}
