"""The folder is the registry: adding a label or a stage is adding one file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from types import ModuleType

from gaitload.errors import ContractError


def modules_of(package: str, *, required: Iterable[str] = ()) -> dict[str, ModuleType]:
    """Import every public module of a package.

    Call it with the package's name as a literal: `provenance.code_fingerprint` finds such a call by reading, and takes
    all modules of that package as imported by the caller.

    Parameters
    ----------
    package : str
        Dotted name, for example `"gaitload.labels"`. Modules whose name starts with an underscore are helpers of the
        others and no entries.
    required : iterable of str
        Attributes every module must have.

    Returns
    -------
    dict of str to module
        By file name, in alphabetical order.

    Raises
    ------
    ContractError
        A module lacks a required attribute.
    """
    folder = importlib.import_module(package).__path__
    names = sorted(info.name for info in pkgutil.iter_modules(folder) if not info.name.startswith("_"))
    return {name: module_with(f"{package}.{name}", required) for name in names}


def module_with(name: str, required: Iterable[str]) -> ModuleType:
    """Import one module by its dotted name and hold it to its contract; raises `ContractError`."""
    module = importlib.import_module(name)
    missing = sorted(attribute for attribute in required if not hasattr(module, attribute))
    if missing:
        raise ContractError(
            expected=f"a module that defines {', '.join(sorted(required))}",
            found=f"no {', '.join(missing)}",
            where=name,
            do="Add what is missing, or move the file out of the registry's folder.",
            code="CONTRACT_ATTRIBUTE_MISSING",
        )
    return module
