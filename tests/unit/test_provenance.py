"""Fingerprints change with what decides a number, and with nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gaitload import provenance
from gaitload.errors import ContractError
from gaitload.provenance import code_fingerprint, content_hash

PACKAGE = {
    "toy/__init__.py": "",
    "toy/stages/__init__.py": "",
    "toy/stages/loads.py": "import numpy\n\nfrom toy.filters import smooth\n",
    "toy/stages/labels.py": "from toy.registry import modules_of\n\nLABELS = modules_of('toy.labels')\n",
    "toy/stages/scale.py": "from .. import masses\n\n\ndef run():\n    return masses.TOTAL\n",
    "toy/registry.py": "def modules_of(package):\n    return package\n",
    "toy/filters.py": "from toy.deep import kernels\n\n\ndef smooth():\n    return kernels.ORDER\n",
    "toy/deep/__init__.py": "",
    "toy/deep/kernels.py": (
        '"""Kernels."""\n\nORDER = 4\n"""Of the filter."""\n\n\ndef f():\n    """Do."""\n    return 1\n'
    ),
    "toy/masses.py": "TOTAL = 1.0\n\n\ndef late():\n    from toy.late import SHARE\n\n    return SHARE\n",
    "toy/late.py": "SHARE = 0.5\n",
    "toy/labels/__init__.py": "",
    "toy/labels/achilles.py": "MUSCLES = 3\n",
    "toy/unused.py": "NUMBER = 1\n",
}
STAGES = ("loads", "labels", "scale")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Folder that holds the package `toy` with three stages."""
    for name, text in PACKAGE.items():
        _write(tmp_path / name, text)
    return tmp_path


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    if old not in text:
        raise AssertionError(f"{old!r} is not in {path}")
    path.write_text(text.replace(old, new))


def _fingerprints(root: Path) -> dict[str, str]:
    return {name: code_fingerprint(f"toy.stages.{name}", root=root) for name in STAGES}


def _changed(root: Path, before: dict[str, str]) -> set[str]:
    after = _fingerprints(root)
    return {name for name in STAGES if after[name] != before[name]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""Kernels."""', '"""Other words."""'),
        ('"""Of the filter."""', '"""Of the low-pass filter."""'),
        ('    """Do."""\n', ""),
        ("ORDER = 4", "ORDER = 4  # as in the paper"),
        ("return 1", "return (\n        1\n    )"),
    ],
)
def test_words_and_layout_change_no_fingerprint(package: Path, old: str, new: str) -> None:
    before = _fingerprints(package)
    _edit(package / "toy/deep/kernels.py", old, new)
    assert _changed(package, before) == set()


@pytest.mark.parametrize(
    ("file", "old", "new", "users"),
    [
        ("toy/deep/kernels.py", "ORDER = 4", "ORDER = 2", {"loads"}),
        ("toy/deep/__init__.py", "", "import sys\n", {"loads"}),
        ("toy/late.py", "0.5", "0.6", {"scale"}),
        ("toy/labels/achilles.py", "3", "2", {"labels"}),
        ("toy/__init__.py", "", "import sys\n", set(STAGES)),
        ("toy/unused.py", "1", "2", set()),
    ],
)
def test_a_change_reaches_exactly_the_stages_that_use_it(
    package: Path, file: str, old: str, new: str, users: set[str]
) -> None:
    before = _fingerprints(package)
    _edit(package / file, old, new)
    assert _changed(package, before) == users


def test_a_file_added_to_a_registry_reaches_its_users_only(package: Path) -> None:
    before = _fingerprints(package)
    _write(package / "toy/labels/knee.py", "MUSCLES = 4\n")
    assert _changed(package, before) == {"labels"}


def test_a_deciding_package_counts_where_it_is_imported(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _fingerprints(package)
    monkeypatch.setattr(provenance, "version_of", lambda name: f"{name} of tomorrow")
    assert _changed(package, before) == {"loads"}


def test_a_registry_that_cannot_be_read_is_refused(package: Path) -> None:
    _edit(package / "toy/stages/labels.py", "'toy.labels'", "NAME")
    with pytest.raises(ContractError, match=r"CONTRACT_REGISTRY_NOT_LITERAL.*modules_of\(NAME\)"):
        code_fingerprint("toy.stages.labels", root=package)


def test_a_module_that_does_not_exist_is_refused(package: Path) -> None:
    with pytest.raises(ContractError, match="CONTRACT_MODULE_MISSING"):
        code_fingerprint("toy.stages.absent", root=package)


def test_the_table_depends_on_verdicts_but_not_on_the_command_line() -> None:
    modules = provenance._closure("gaitload.stages.table", provenance.SOURCE_ROOT)
    assert {"gaitload", "gaitload.quality"} <= modules.keys()
    assert "gaitload.cli" not in modules


def test_another_process_reads_no_text_again_that_has_not_changed(package: Path, monkeypatch) -> None:
    before = _fingerprints(package)
    provenance._kept_facts.cache_clear()
    read = []
    facts = provenance._facts
    monkeypatch.setattr(provenance, "_facts", lambda path, *given: read.append(path.name) or facts(path, *given))
    assert _fingerprints(package) == before
    assert read == []
    _edit(package / "toy/late.py", "0.5", "0.6")
    assert _changed(package, before) == {"scale"}
    assert read == ["late.py"]


def test_damaged_facts_are_read_again(package: Path) -> None:
    before = _fingerprints(package)
    provenance._kept_facts.cache_clear()
    provenance._facts_file(package / "toy").write_text('[["toy", 1]]')
    assert _fingerprints(package) == before


@pytest.mark.parametrize(
    ("files", "same"),
    [
        ({"a": "1", "inner/b": "2"}, True),
        ({"a": "1", "inner/c": "2"}, False),
        ({"a": "1", "b": "2"}, False),
        ({"a": "2", "inner/b": "1"}, False),
        ({"a": "1"}, False),
    ],
)
def test_a_folder_is_its_names_and_contents(tmp_path: Path, files: dict[str, str], same: bool) -> None:
    for folder, content in {"one": {"a": "1", "inner/b": "2"}, "two": files}.items():
        for name, text in content.items():
            _write(tmp_path / folder / name, text)
    assert (content_hash(tmp_path / "one") == content_hash(tmp_path / "two")) is same


def test_a_module_that_only_declares_counts_for_nothing(package: Path, monkeypatch) -> None:
    monkeypatch.setattr(provenance, "DECLARING_MODULES", frozenset({"toy.masses"}))
    before = _fingerprints(package)
    _edit(package / "toy/masses.py", "TOTAL = 1.0", "TOTAL = 2.0")
    assert _changed(package, before) == set()


def test_so_do_the_modules_of_a_package_that_only_declares(package: Path, monkeypatch) -> None:
    monkeypatch.setattr(provenance, "DECLARING_MODULES", frozenset({"toy.deep"}))
    before = _fingerprints(package)
    _edit(package / "toy/deep/kernels.py", "ORDER = 4", "ORDER = 2")
    assert _changed(package, before) == set()


def test_modules_that_only_declare_exist() -> None:
    for name in provenance.DECLARING_MODULES:
        place = provenance.SOURCE_ROOT.joinpath(*name.split("."))
        assert place.is_dir() or place.with_suffix(".py").is_file()


def test_every_package_that_stages_import_decides_numbers_or_is_known_to_decide_none() -> None:
    """A new one must be put in one of two places: forgotten, its next version would change results unseen."""
    beside = {"lxml", "matio", "pooch", "pyarrow", "pydantic", "safetensors", "threadpoolctl", "yaml"}
    # Of these the stages of estimators and bundles themselves record the versions.
    trained = {"onnxruntime", "sklearn", "torch"}
    root = provenance.SOURCE_ROOT
    found = set()
    for path in [*(root / "gaitload/stages").rglob("*.py"), *(root / "gaitload/estimators").glob("*.py")]:
        module = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        for facts in provenance._closure(module, root).values():
            found |= {imported.partition(".")[0] for imported in facts.imports}
    assert found - set(sys.stdlib_module_names) - {"gaitload"} == provenance.DECIDING_PACKAGES | beside | trained
