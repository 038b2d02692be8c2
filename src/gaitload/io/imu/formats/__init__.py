"""One format of inertial sensors per file: adding a reader is adding a file here.

A module holds `FORMAT`, an `ImuFormat`, and

`recognises(lines)`
    Whether the lines of a text file, at least one, are of this format; of a binary file they are its first 512 bytes as
    one line, a character for each byte. Exactly one format may recognise a file, beside one that is `general`.
`read(paths, *, rate_hz)`
    The sensors in files of one trial, all of this format, as a tuple of `gaitload.trial.ImuRecording` in SI units, in
    the order of the paths and of the sensors in them. `rate_hz`, or None, is what the cohort says: it counts where the
    files do not say their rate. Raises `DataError` or `ConventionError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Literal

from gaitload.errors import ContractError
from gaitload.registry import modules_of


@dataclass(frozen=True)
class ImuFormat:
    """A format in words.

    Attributes
    ----------
    name : str
        Name of the format in messages; no two formats share one.
    suffixes : tuple of str
        Endings of its files, in lower case, by which a folder is searched for them: `.csv`.
    sensors_per_file : str
        `one`, or `all` those of a trial.
    general : bool
        Whether the format takes only files that no other recognises.
    """

    name: str
    suffixes: tuple[str, ...]
    sensors_per_file: Literal["one", "all"]
    general: bool = False


@cache
def imu_formats() -> Mapping[str, ModuleType]:
    """Modules of all formats by the format's name, in the order of their files.

    Raises
    ------
    ContractError
        CONTRACT_ATTRIBUTE_MISSING: a file of this folder lacks what the contract asks. CONTRACT_NAME_TWICE: two files
        give their formats one name.
    """
    formats: dict[str, ModuleType] = {}
    for module in modules_of("gaitload.io.imu.formats", required=("FORMAT", "recognises", "read")).values():
        name = module.FORMAT.name
        if name in formats:
            raise ContractError(
                expected="a name of its own for each format",
                found=f"{name!r}, which {formats[name].__name__} has",
                where=module.__name__,
                do="Change FORMAT.name in one of the two files.",
                code="CONTRACT_NAME_TWICE",
            )
        formats[name] = module
    return formats
