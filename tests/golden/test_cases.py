"""Inputs of other laboratories that failed once become what they should; the table is docs/benchmarks/cases.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.cases import CASES, ELSEWHERE, Case


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.folder)
def test_a_case_becomes_what_is_right(shared: Path, case: Case) -> None:
    folder = shared / "cases" / case.folder
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    right, said = case.tried(folder)
    assert right, said


def test_every_case_is_tried_or_says_where_it_is(shared: Path) -> None:
    if not (shared / "cases").is_dir():
        pytest.skip(f"no {shared / 'cases'}")
    folders = {path.name for path in (shared / "cases").iterdir() if path.is_dir()}
    assert folders <= {case.folder for case in CASES} | ELSEWHERE.keys()
