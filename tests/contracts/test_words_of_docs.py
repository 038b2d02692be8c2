"""Pages for users keep to plain words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "workflow").rglob("*.md"))]
DENIED = re.compile(
    r"\b(?:nobody|somebody|everybody|anybody|whoever|awry)\b|speaks? against|has no case|people who do not exist",
    re.IGNORECASE,
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_has_no_denied_words(page: Path) -> None:
    found = [
        f"line {number}: {match.group()}"
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1)
        for match in DENIED.finditer(line)
    ]
    assert not found, "say participant, missing, not known, reason, or not worth using"
