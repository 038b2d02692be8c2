"""What a result depends on, as hashes: the code that makes it, and the content of files."""

from __future__ import annotations

import ast
import hashlib
import pkgutil
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from gaitload.errors import ContractError

SOURCE_ROOT = Path(__file__).resolve().parents[1]
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
    digest = hashlib.sha256()
    packages: set[str] = set()
    for name, path in sorted(_closure(module, root).items()):
        tree_hash, imports, _ = _facts(path.read_text(encoding="utf-8"), name, path.name == "__init__.py")
        digest.update(f"{name} {tree_hash}\n".encode())
        packages |= {imported.partition(".")[0] for imported in imports} & DECIDING_PACKAGES
    for package in sorted(packages):
        digest.update(f"{package} {version_of(package)}\n".encode())
    return digest.hexdigest()


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


def _closure(module: str, root: Path) -> dict[str, Path]:
    package = module.partition(".")[0]
    found: dict[str, Path] = {}
    if _path_of(module, root) is None:
        raise ContractError(
            expected="a module to take the fingerprint of",
            found="no such file",
            where=f"{module} in {root}",
            do="Correct the name.",
            code="CONTRACT_MODULE_MISSING",
        )
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = _path_of(name, root)
        if name in found or path is None or name.partition(".")[0] != package or _only_declares(name):
            continue
        found[name] = path
        _, imports, folders = _facts(path.read_text(encoding="utf-8"), name, path.name == "__init__.py")
        waiting += imports
        waiting += [name.rpartition(".")[0]]
        for folder in folders:
            waiting += [folder, *_modules_in(folder, root)]
    return found


def _only_declares(module: str) -> bool:
    return any(module == each or module.startswith(f"{each}.") for each in DECLARING_MODULES)


def _path_of(module: str, root: Path) -> Path | None:
    place = root.joinpath(*module.split("."))
    for path in (place / "__init__.py", place.with_suffix(".py")):
        if module and path.is_file():
            return path
    return None


def _modules_in(package: str, root: Path) -> list[str]:
    folder = root.joinpath(*package.split("."))
    return [f"{package}.{info.name}" for info in pkgutil.iter_modules([str(folder)])]


@cache
def _facts(source: str, module: str, is_package: bool) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Hash of the tree, names that may be imported modules, packages taken whole; cached by the text itself."""
    tree = ast.parse(source)
    base = module if is_package else module.rpartition(".")[0]
    imports = tuple(sorted({name for node in ast.walk(tree) for name in _imported(node, base)}))
    folders = tuple(sorted({name for node in ast.walk(tree) for name in _folders(node, module)}))
    stripped = ast.dump(_WithoutStrings().visit(tree))
    return hashlib.sha256(stripped.encode()).hexdigest(), imports, folders


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
