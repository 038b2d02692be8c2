"""The folder is the registry."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gaitload.errors import ContractError
from gaitload.registry import module_with, modules_of


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Name of a package with two entries and a helper."""
    folder = tmp_path / "toy_registry"
    folder.mkdir()
    for name, text in {"__init__": "", "b": "UNIT = 'N'", "a": "UNIT = 'm'", "_helper": "x = 1"}.items():
        (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield "toy_registry"
    for name in [name for name in sys.modules if name.startswith("toy_registry")]:
        del sys.modules[name]


def test_every_file_is_an_entry_except_helpers(toys: str) -> None:
    assert list(modules_of(toys)) == ["a", "b"]
    assert modules_of(toys, required=["UNIT"])["a"].UNIT == "m"


def test_an_entry_that_breaks_the_contract_is_named(toys: str) -> None:
    with pytest.raises(ContractError) as caught:
        modules_of(toys, required=["UNIT", "compute"])
    assert caught.value.code == "CONTRACT_ATTRIBUTE_MISSING"
    assert caught.value.where == "toy_registry.a"
    assert caught.value.found == "no compute"


def test_one_module_can_be_held_to_a_contract(toys: str) -> None:
    assert module_with(f"{toys}.b", ["UNIT"]).UNIT == "N"
