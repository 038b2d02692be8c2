"""The modelling assumptions, as they stand in the code where they enter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]
_MARK = re.compile(r"^\s*# ASSUME:\s*(.*)$")
_MORE = re.compile(r"^\s*# (.*)$")


@dataclass(frozen=True)
class Assumption:
    """One assumption in words, and the module in which it is made."""

    text: str
    module: str


def assumptions(source: Path = SOURCE) -> list[Assumption]:
    """Every `# ASSUME:` comment of a package with the lines that continue it, each once, by module."""
    found: dict[str, Assumption] = {}
    for path in sorted(source.rglob("*.py")):
        module = ".".join(path.relative_to(source.parent).with_suffix("").parts)
        for text in _assumptions_in(path.read_text(encoding="utf-8").splitlines()):
            found.setdefault(text, Assumption(text, module))
    return list(found.values())


def _assumptions_in(lines: list[str]) -> list[str]:
    texts: list[str] = []
    open_comment = False
    for line in lines:
        if begun := _MARK.match(line):
            texts.append(begun.group(1).strip())
            open_comment = True
        elif open_comment and (more := _MORE.match(line)):
            texts[-1] += f" {more.group(1).strip()}"
        else:
            open_comment = False
    return texts
