"""The five errors this package raises on purpose.

Every one of them answers four questions: what was expected, what was found, where, and what to do about it.
"""

from __future__ import annotations


class GaitloadError(Exception):
    """Base of the five; carries the four answers and a machine-readable reason code.

    Parameters
    ----------
    expected, found : str
        What the code needed, and what it met instead.
    where : str
        Cohort/subject/trial, file, column or time span, as precise as known.
    do : str
        What the user can do about it.
    code : str, optional
        Reason code in upper snake case, as it stands in quality files; the class's own code by default.
    """

    default_code = "ERROR"

    def __init__(self, *, expected: str, found: str, where: str, do: str, code: str | None = None) -> None:
        self.expected = expected
        self.found = found
        self.where = where
        self.do = do
        self.code = code or self.default_code
        super().__init__(f"[{self.code}] {where}: expected {expected}; found {found}. {do}")

    def __reduce__(self):
        # Keyword-only arguments do not survive the default pickling, and errors cross process borders here.
        return (_rebuild, (type(self), self.expected, self.found, self.where, self.do, self.code))


def _rebuild(cls: type[GaitloadError], expected: str, found: str, where: str, do: str, code: str) -> GaitloadError:
    return cls(expected=expected, found=found, where=where, do=do, code=code)


class ConfigError(GaitloadError):
    """A setting or a cohort table says something that cannot be done."""

    default_code = "CONFIG"


class DataError(GaitloadError):
    """A recording is missing, broken, or does not hold what its cohort table promises."""

    default_code = "DATA"


class ConventionError(GaitloadError):
    """Data contradict the declared units, axes, signs or sides."""

    default_code = "CONVENTION"


class SolverError(GaitloadError):
    """A numerical tool failed, did not converge, or died."""

    default_code = "SOLVER"


class ContractError(GaitloadError):
    """A module of a registry breaks the registry's contract."""

    default_code = "CONTRACT"
