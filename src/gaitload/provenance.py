"""What a result depends on, as hashes: the code that makes it, and the content of files."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import sys
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from gaitload.errors import ContractError

SOURCE_ROOT = Path(__file__).resolve().parents[1]
_READER = sys.version.encode() + Path(__file__).read_bytes()
"""The interpreter and this file: what they read from a text is kept for themselves alone."""
DECIDING_PACKAGES = frozenset({"c3d", "h5py", "numba", "numpy", "opensim", "pandas", "scipy", "statsmodels", "vqf"})
"""Packages whose version can change a number; a fingerprint holds the versions of those it meets."""

DECLARING_MODULES = frozenset(
    {"gaitload.cohorts.tables", "gaitload.config", "gaitload.section", "gaitload.stages.job", "gaitload.validation"}
)
"""What these say, packages with all their modules, reaches a result through its settings and inputs alone, and those
are hashed as values: a setting added, described or refused in other words must not solve a whole cohort again."""


def code_fingerprint(module: str, *, root: Path = SOURCE_ROOT) -> str:
    """Hash of everything a module's results can depend on in code.

    That is the module and all modules of its own top-level package that it imports, directly or not, each as a syntax
    tree without comments and docstrings (but not the `DECLARING_MODULES`), and the versions of the `DECIDING_PACKAGES`
    among what they import. Imports are found by reading, not by importing: inside functions too, and through
    `registry.modules_of("package")`.

    Parameters
    ----------
    module : str
        Dotted name, for example `"gaitload.stages.kinematics"`.
    root : Path
        Folder that holds the top-level package.

    Raises
    ------
    ContractError
        The module does not exist, or calls `modules_of` with anything but a literal.
    """
    facts = _closure(module, root)
    lines = [f"{name} {found.tree}\n" for name, found in sorted(facts.items())]
    packages = {imported.partition(".")[0] for found in facts.values() for imported in found.imports}
    lines += [f"{package} {version_of(package)}\n" for package in sorted(packages & DECIDING_PACKAGES)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@cache
def version_of(package: str) -> str:
    """Version of an installed package, `absent` where it is not."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def content_hash(path: Path) -> str:
    """SHA-256 of a file, or of a folder: the names and contents of everything in it."""
    if not path.is_dir():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    digest = hashlib.sha256()
    for item in sorted(item for item in path.rglob("*") if item.is_file()):
        digest.update(f"{item.relative_to(path).as_posix()} {content_hash(item)}\n".encode())
    return digest.hexdigest()


class _Facts(NamedTuple):
    """What the text of a module says of its place in the code."""

    text: str
    """Hash of the text and of what reads it."""
    tree: str
    """Hash of the syntax tree without comments and docstrings."""
    imports: tuple[str, ...]
    """Names that may be imported modules."""
    folders: tuple[str, ...]
    """Packages that are taken whole."""


def _closure(module: str, root: Path) -> dict[str, _Facts]:
    """Facts of a module and of all modules of its package that it imports, directly or not."""
    package = module.partition(".")[0]
    paths = {_module_name(path, root): path for path in (root / package).rglob("*.py")}
    if module not in paths:
        raise ContractError(
            expected="a module to take the fingerprint of",
            found="no such file",
            where=f"{module} in {root}",
            do="Correct the name.",
            code="CONTRACT_MODULE_MISSING",
        )
    kept, is_new = _kept_facts(root / package), False
    found: dict[str, _Facts] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in found or name not in paths or _only_declares(name):
            continue
        text = _text_hash(paths[name])
        if name not in kept or kept[name].text != text:
            kept[name], is_new = _facts(paths[name], name, text), True
        found[name] = kept[name]
        waiting += [*found[name].imports, name.rpartition(".")[0]]
        for folder in found[name].folders:
            waiting += [each for each in paths if each == folder or each.rpartition(".")[0] == folder]
    if is_new:
        _keep_facts(root / package)
    return found


def _module_name(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def _only_declares(module: str) -> bool:
    return any(module == each or module.startswith(f"{each}.") for each in DECLARING_MODULES)


@cache
def _kept_facts(package: Path) -> dict[str, _Facts]:
    """Facts by module, from the file that an earlier process left; empty where it can't be read."""
    try:
        kept = json.loads(_facts_file(package).read_text(encoding="utf-8"))
        return {
            name: _Facts(text, tree, tuple(imports), tuple(folders)) for name, (text, tree, imports, folders) in kept
        }
    except (OSError, ValueError, TypeError):
        return {}


def _keep_facts(package: Path) -> None:
    """Leave the facts for later processes; where nothing can be written these parse the code again."""
    file = _facts_file(package)
    aside = file.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        file.parent.mkdir(exist_ok=True)
        aside.write_text(json.dumps(list(_kept_facts(package).items())), encoding="utf-8")
        os.replace(aside, file)


def _facts_file(package: Path) -> Path:
    return package / "__pycache__" / "facts.json"


def _text_hash(path: Path) -> str:
    return hashlib.sha256(_READER + path.name.encode() + b"\n" + path.read_bytes()).hexdigest()


def _facts(path: Path, module: str, text: str) -> _Facts:
    tree = ast.parse(path.read_bytes())
    base = module if path.name == "__init__.py" else module.rpartition(".")[0]
    imports = tuple(sorted({name for node in ast.walk(tree) for name in _imported(node, base)}))
    folders = tuple(sorted({name for node in ast.walk(tree) for name in _folders(node, module)}))
    stripped = ast.dump(_WithoutStrings().visit(tree))
    return _Facts(text, hashlib.sha256(stripped.encode()).hexdigest(), imports, folders)


def _imported(node: ast.AST, base: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    parts = base.split(".")[: len(base.split(".")) - node.level + 1] if node.level else []
    origin = ".".join([*parts, *([node.module] if node.module else [])])
    return [origin, *(f"{origin}.{alias.name}" for alias in node.names)]


def _folders(node: ast.AST, module: str) -> list[str]:
    if not (isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "modules_of"):
        return []
    if node.args and isinstance(node.args[0], ast.Constant):
        return [node.args[0].value]
    raise ContractError(
        expected="modules_of with the package's name as a literal, so that its modules can be found by reading",
        found=ast.unparse(node),
        where=f"{module}, line {node.lineno}",
        do="Write the name of the package into the call.",
        code="CONTRACT_REGISTRY_NOT_LITERAL",
    )


class _WithoutStrings(ast.NodeTransformer):
    """Drops statements that are a bare string: docstrings of modules, classes, functions and attributes."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        return None if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str) else node
